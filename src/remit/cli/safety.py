"""remit safety: side effects and vital signs by route, dose and time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remit.cli.output import print_json
from remit.cli.typed import check_page, check_pictures, page_console, read_drug
from remit.vocabulary.dosing import parse_route

app = typer.Typer(add_completion=False, rich_markup_mode=None)
EPILOG = (
    "Published numbers with exact intervals, controls beside them, and the certainty of each by a written rule "
    "(docs/safety.md). What the collected evidence does not hold is said; it may "
    "have been published elsewhere. Not medical advice."
)


@app.command(name="safety", epilog=EPILOG)
def safety(
    drug: Annotated[str | None, typer.Option(help="ketamine or esketamine; both if left out.")] = None,
    route: Annotated[str | None, typer.Option(help="iv, im, sc, sl, buccal, in or po; all if left out.")] = None,
    level: Annotated[float, typer.Option(help="Of the intervals, as a fraction.")] = 0.95,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    page: Annotated[Path | None, typer.Option("--html", help="Write a printable page.", metavar="FILE")] = None,
    chart: Annotated[
        Path | None, typer.Option(help="Draw the side effects: FILE.svg, .png or .pdf.", metavar="FILE")
    ] = None,
    pressure: Annotated[
        Path | None, typer.Option(help="Draw the blood pressure: FILE.svg, .png or .pdf.", metavar="FILE")
    ] = None,
    theme: Annotated[str, typer.Option(help="Of the pictures: light or dark.")] = "light",
) -> None:
    """Is it safe: side effects of 100 people beside placebo, blood pressure after a dose, and how long they last."""
    pictures = {"side-effects": chart, "pressure": pressure}
    check_pictures([path for path in pictures.values() if path is not None], theme)
    if page is not None:
        check_page(page)
    way = None if route is None else parse_route(route, where="--route").value
    from remit.answers.is_it_safe import is_it_safe

    answer = is_it_safe(None if drug is None else read_drug(drug).value, way, level).as_dict()
    from remit.reports import safety_page
    from remit.reports.picture import drawn, write_whole
    from remit.vocabulary.errors import InputRefused

    for name, path in pictures.items():
        if path is None:
            continue
        make, words = safety_page.CHARTS[name]
        picture = make(answer, theme)
        if picture is None:
            raise InputRefused(
                "there is nothing in the collected evidence to draw", remedy="Leave the picture out", where="--chart"
            )
        write_whole(drawn(picture, path.suffix.lower(), answer["question"], words, list), path)
    if page is not None:
        write_whole(safety_page.page(answer), page)
    if as_json:
        print_json(answer)
        return
    console = page_console(safety_page.COLUMNS)
    safety_page.print_page(answer, console)
    for path in (*pictures.values(), page):
        if path is not None:
            console.print(f"Written: {path}")
