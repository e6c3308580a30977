"""remit claims: is this claim true."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_page, check_pictures

app = typer.Typer(add_completion=False, rich_markup_mode=None)
EPILOG = (
    "Verdicts are computed by written rules from the engine and the evidence (docs/claims.md); none is typed in. "
    "Not medical advice."
)


@app.command(name="claims", epilog=EPILOG)
def claims(
    name: Annotated[
        str | None, typer.Argument(help="Id of one claim, to see it in full; all if left out.", metavar="CLAIM")
    ] = None,
    posterior: named.PosteriorFolder = None,
    as_json: named.AsJson = False,
    page: Annotated[Path | None, typer.Option("--html", help="Write a printable page.", metavar="FILE")] = None,
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
) -> None:
    """Is this claim true: a board of common claims with verdict, numbers and certainty, or one claim in full."""
    pictures = chart or []
    check_pictures(pictures, theme)
    if page is not None:
        check_page(page)
    if name is not None and pictures:
        from remit.vocabulary.errors import InputRefused

        raise InputRefused("a picture of one claim", remedy="Leave CLAIM out to draw the board", where="--chart")

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.answers.claims import board
    from remit.inference.fitted import load

    fitted = load(posterior)
    answer = (board.claims(fitted) if name is None else board.claim(name, fitted)).as_dict()
    if pictures:
        from remit.reports.claims_chart import claims_chart, described_board
        from remit.reports.frame import save_drawn

        for path in pictures:
            save_drawn(claims_chart(answer, theme), answer["question"], described_board(answer), (), path)
    if page is not None:
        from remit.reports.claims_page import page as written
        from remit.reports.picture import write_whole

        write_whole(written(answer), page)
    print_answer(answer, "claims_page", [*pictures, *([page] if page else [])], as_json=as_json)
