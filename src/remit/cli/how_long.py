"""remit how-long: how long does it last, and for how many under further sessions."""

from __future__ import annotations

from typing import Annotated

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EPILOG = (
    "Without options: six infusions of ketamine, 0.5 mg/kg over 40 minutes, two days apart, in anxiety disorders, on "
    "the GAD-7; after one session alone: --sessions 1. Not medical advice, and no advice on dose for a person alone."
)


@app.command(name="how-long", epilog=EPILOG)
def how_long(
    drug: named.DrugName = "ketamine",
    route: named.RouteName = "iv",
    dose: named.DoseOf = "0.5mg/kg",
    over: named.Over = None,
    sessions: named.Sessions = 6,
    spacing: named.Spacing = "2d",
    diagnosis: named.DiagnosisName = "mixed_anxiety",
    scale: named.ScaleName = "GAD-7",
    baseline: named.Baseline = None,
    weight: named.Weight = None,
    keep: Annotated[
        float, typer.Option(help="Chance of still responding; the answer says when the model's falls below it.")
    ] = 0.5,
    level: named.Level = 0.9,
    seed: named.Seed = None,
    people: Annotated[int | None, typer.Option(help="Virtual people.")] = None,
    draws: named.Draws = None,
    extrapolate: named.Extrapolate = False,
    posterior: named.PosteriorFolder = None,
    as_json: named.AsJson = False,
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
) -> None:
    """How long does it last: after one session, after a series, and while sessions go on."""
    # everything a person typed is checked before anything slow begins
    pictures = chart or []
    check_pictures(pictures, theme)
    question = named.question_of(
        drug=drug, route=route, dose=dose, over=over, sessions=sessions, spacing=spacing, diagnosis=diagnosis,
        scale=scale, baseline=baseline, weight=weight, level=level, extrapolate=extrapolate, seed=seed, people=people,
        draws=draws,
    )  # fmt: skip

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.answers.how_long import how_long as answered
    from remit.inference.fitted import load

    answer = answered(question, load(posterior), keep=keep).as_dict()
    if pictures:
        from remit.reports.how_long_chart import save_how_long

        for path in pictures:
            save_how_long(answer, path, theme)
    print_answer(answer, "how_long_page", pictures, as_json=as_json)
