"""remit session-plan: what to measure when, when to act, when to leave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remit.cli.output import print_json
from remit.cli.typed import check_page, check_pictures, page_console

app = typer.Typer(add_completion=False, rich_markup_mode=None)
EPILOG = (
    "Example: remit session-plan --drug esketamine --route in --dose 56mg --start '2026-12-01 09:30' --html plan.html. "
    "Published rules side by side, each with its source; nothing here is an order of treatment or advice on a dose."
)


@app.command(name="session-plan", epilog=EPILOG)
def session_plan(
    start: Annotated[str, typer.Option(help="Of the dose: 2026-12-01 09:30.")],
    drug: Annotated[str, typer.Option(help="ketamine or esketamine.")] = "ketamine",
    route: Annotated[str, typer.Option(help="iv, im, sc, sl, buccal, in (nasal) or po (oral).")] = "iv",
    dose: Annotated[str, typer.Option(help="As base: 0.5mg/kg, 56mg.")] = "0.5mg/kg",
    over: Annotated[
        str | None, typer.Option(help="Length of an infusion: 40min (what is taken if left out), 1h. Only for iv.")
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            help="as_published, cautious (if left out), us, eu, ketamine_service, or a file of your own .yaml."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    page: Annotated[Path | None, typer.Option("--html", help="Write a printable page.", metavar="FILE")] = None,
    ics: Annotated[Path | None, typer.Option(help="Write dates as a calendar file.", metavar="FILE.ics")] = None,
    chart: Annotated[
        list[Path] | None, typer.Option(help="Draw the timeline: FILE.svg, .png or .pdf.", metavar="FILE")
    ] = None,
) -> None:
    """The plan of a session: before, timeline, alarms, readiness to leave, driving, follow-up; printable."""
    from remit.vocabulary.errors import InputRefused

    if page is not None:
        check_page(page)
    if ics is not None and ics.suffix.lower() != ".ics":
        raise InputRefused(f"{ics} is no calendar file", allowed="a file that ends in .ics", where="--ics")
    pictures = chart or []
    check_pictures(pictures, "light")
    from remit.safety.typed_session import typed_session

    plan = typed_session(start, drug=drug, route=route, dose=dose, over=over, policy=policy).as_dict()
    from remit.reports import session_plan_page as faces
    from remit.reports.picture import drawn, write_whole
    from remit.reports.session_plan_chart import session_plan_chart

    if page is not None:
        write_whole(faces.page(plan), page)
    if ics is not None:
        write_whole(faces.calendar(plan), ics)
    for path in pictures:
        words = "What is looked at when, in minutes since the start of the dose."
        kind = path.suffix.lower()
        write_whole(drawn(session_plan_chart(plan), kind, faces.asked_for(plan), words, list), path)
    if as_json:
        print_json(plan)
        return
    console = page_console(faces.COLUMNS)
    faces.print_page(plan, console)
    for path in (*([page] if page else []), *([ics] if ics else []), *pictures):
        console.print(f"Written: {path}")
