"""remit report: a page for a person, or a brief for a clinician."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remit.cli import course_options as named
from remit.reports.document import Reader
from remit.vocabulary.errors import InputRefused

app = typer.Typer(add_completion=False, rich_markup_mode=None)
EPILOG = (
    "The person's page fits one A4 page; the brief has three to five. Not medical advice, and no advice on dose for a "
    "person alone."
)


@app.command(name="report", epilog=EPILOG)
def report(
    files: Annotated[list[Path], typer.Argument(help="Where to: FILE.pdf or FILE.html; may be several.")],
    reader: Annotated[Reader, typer.Option("--for", help="One page in plain words, or a brief.")] = Reader.PERSON,
    drug: named.DrugName = "ketamine",
    route: named.RouteName = "iv",
    dose: named.DoseOf = "0.5mg/kg",
    over: named.Over = None,
    sessions: named.Sessions = 1,
    spacing: named.Spacing = "2d",
    diagnosis: named.DiagnosisName = "mixed_anxiety",
    scale: named.ScaleName = "GAD-7",
    baseline: named.Baseline = None,
    weight: named.Weight = None,
    level: named.Level = 0.9,
    seed: named.Seed = None,
    draws: named.Draws = None,
    extrapolate: named.Extrapolate = False,
    posterior: named.PosteriorFolder = None,
    contact: Annotated[
        list[str] | None,
        typer.Option(help="Whom to call in a crisis, as it stands on the person's page; may be given again."),
    ] = None,
) -> None:
    """A page for a person who weighs the treatment, or a brief for a clinician, as PDF or HTML."""
    _check(files)
    question = named.question_of(
        drug=drug, route=route, dose=dose, over=over, sessions=sessions, spacing=spacing, diagnosis=diagnosis,
        scale=scale, baseline=baseline, weight=weight, level=level, extrapolate=extrapolate, seed=seed, draws=draws,
    )  # fmt: skip
    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.answers.how_fast import how_fast
    from remit.answers.is_it_safe import is_it_safe
    from remit.answers.versus import versus
    from remit.inference.fitted import load
    from remit.reports.paper import SETTINGS, paper
    from remit.reports.picture import write_whole

    held = load(posterior)
    document = paper(
        reader, question, how_fast(question, held).as_dict(), versus(question, held).as_dict(),
        is_it_safe().as_dict(), tuple(contact or ()),
    )  # fmt: skip
    for path in files:
        write_whole(SETTINGS[path.suffix.lower().removeprefix(".")](document), path)
        typer.echo(f"Written: {path}")


def _check(files: list[Path]) -> None:
    """Refuse files that could not be written, before anything slow begins."""
    from remit.reports.picture import check_path

    for path in files:
        if path.suffix.lower() not in {".pdf", ".html"}:
            raise InputRefused(f"{path} is no report", allowed="a file that ends in .pdf or .html", where="FILE")
        check_path(path)
