"""remit screen: what published rules say about treating a person, before a session."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remit.cli.output import print_json

app = typer.Typer(add_completion=False, rich_markup_mode=None)
EPILOG = (
    "PERSON.json holds what is known; every field may be left out, and what is left out is unknown, never no. "
    "Exit code 0: no rule excludes and nothing is unknown; 20: contraindicated; 21: a requirement is not met; "
    "22: not excluded so far, things are unknown. Nothing here is a decision: a clinician decides."
)


@app.command(name="screen", epilog=EPILOG)
def screen(
    person: Annotated[Path | None, typer.Argument(help="Record of a person.", metavar="PERSON.json")] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            help="as_published, cautious (if left out), us, eu, ketamine_service, or a file of your own .yaml."
        ),
    ] = None,
    template: Annotated[bool, typer.Option("--template", help="Print an empty record and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the screening as JSON.")] = False,
    rules: Annotated[
        Path | None, typer.Option("--rules", help="Write the decision table of all rules and stop.", metavar="FILE.md")
    ] = None,
    page: Annotated[Path | None, typer.Option("--html", help="Write a printable page.", metavar="FILE")] = None,
) -> None:
    """Contraindications, cautions, open requirements and interactions of a person; what is unknown is said first."""
    from remit.vocabulary.errors import InputRefused

    if template:
        import json

        from remit.safety.person_record import template as empty

        typer.echo(json.dumps(empty(), indent=1))
        return
    if rules is not None:
        from remit.reports.picture import write_whole
        from remit.reports.rules_page import rules_page

        write_whole(rules_page().encode(), rules)
        return
    if person is None:
        raise InputRefused(
            "no record is given", remedy="Give PERSON.json; `remit screen --template` writes one", where="PERSON.json"
        )
    if page is not None:
        from remit.cli.typed import check_page

        check_page(page)
    from remit.safety.eligibility import screen as screened
    from remit.safety.person_record import read_record
    from remit.safety.policy import find_policy

    found = screened(read_record(person), find_policy(policy)).as_dict()
    from remit.reports import screen_page

    if page is not None:
        from remit.reports.picture import write_whole

        write_whole(screen_page.page(found), page)
    if as_json:
        print_json(found)
    else:
        from remit.cli.typed import page_console

        console = page_console(screen_page.COLUMNS)
        screen_page.print_page(found, console)
        if page is not None:
            console.print(f"Page: {page}")
    raise typer.Exit(screen_page.EXITS[found["verdict"]])
