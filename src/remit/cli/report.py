"""remit report: a page for a person, or a brief for a clinician."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from remit.cli import course_options as named
from remit.cli.course_command import COURSE, REQUIRED, Option, offering, question_typed
from remit.reports.document import Reader
from remit.vocabulary.errors import InputRefused

app = typer.Typer(add_completion=False, rich_markup_mode=None)
SAYS = "A page for a person who weighs the treatment, or a brief for a clinician, as PDF or HTML."
EPILOG = (
    "The person's page fits one A4 page; the brief has three to five. Not medical advice, and no advice on dose for a "
    "person alone."
)
Files = Annotated[list[Path], typer.Argument(help="Where to: FILE.pdf or FILE.html; may be several.")]
ForWhom = Annotated[Reader, typer.Option("--for", help="One page in plain words, or a brief.")]
Contacts = Annotated[
    list[str] | None,
    typer.Option(help="Whom to call in a crisis, as it stands on the person's page; may be given again."),
]
SHOWN: Mapping[str, Option] = {
    "files": (Files, REQUIRED),
    "reader": (ForWhom, Reader.PERSON),
    **{name: option for name, option in COURSE.items() if name != "people"},
    "posterior": (named.PosteriorFolder, None),
    "contact": (Contacts, None),
}


def _write(typed: dict[str, Any]) -> None:
    _check(typed["files"])
    question = question_typed(typed)
    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.answers.how_fast import how_fast
    from remit.answers.is_it_safe import is_it_safe
    from remit.answers.versus import versus
    from remit.inference.fitted import load
    from remit.reports.paper import SETTINGS, paper
    from remit.reports.picture import write_whole

    held = load(typed["posterior"])
    more = {}
    if typed["reader"] is Reader.CLINICIAN:
        from remit.answers.for_whom import for_whom
        from remit.answers.how_long import how_long

        more = {
            "how_long": how_long(question, held).as_dict(), "for_whom": for_whom(question, held, narrow=False).as_dict()
        }  # fmt: skip
    document = paper(
        typed["reader"], question, how_fast(question, held).as_dict(), versus(question, held).as_dict(),
        is_it_safe().as_dict(), tuple(typed["contact"] or ()), **more,
    )  # fmt: skip
    for path in typed["files"]:
        write_whole(SETTINGS[path.suffix.lower().removeprefix(".")](document), path)
        typer.echo(f"Written: {path}")


def _check(files: list[Path]) -> None:
    """Refuse files that could not be written, before anything slow begins."""
    from remit.reports.picture import check_path

    for path in files:
        if path.suffix.lower() not in {".pdf", ".html"}:
            raise InputRefused(f"{path} is no report", allowed="a file that ends in .pdf or .html", where="FILE")
        check_path(path)


app.command(name="report", epilog=EPILOG)(offering(SHOWN, SAYS, _write))
