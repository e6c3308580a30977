"""remit by-route: concentrations and the response by route."""

from __future__ import annotations

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EPILOG = (
    "Without options: 0.5 mg/kg by every route that a collected study gave, infused over 40 minutes where it goes into "
    "a vein. Not medical advice, and no advice on dose for a person alone."
)


@app.command(name="by-route", epilog=EPILOG)
def by_route(
    dose: named.DoseOf = "0.5mg/kg",
    over: named.Over = None,
    diagnosis: named.DiagnosisName = "mixed_anxiety",
    scale: named.ScaleName = "GAD-7",
    baseline: named.Baseline = None,
    weight: named.Weight = None,
    level: named.Level = 0.9,
    seed: named.Seed = None,
    draws: named.Draws = None,
    extrapolate: named.Extrapolate = False,
    posterior: named.PosteriorFolder = None,
    as_json: named.AsJson = False,
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
) -> None:
    """By which route: concentrations, how far people differ, and the response, route beside route."""
    # everything a person typed is checked before anything slow begins
    pictures = chart or []
    check_pictures(pictures, theme)
    question = named.question_of(
        drug="ketamine", route="iv", dose=dose, over=over, sessions=1, spacing="2d", diagnosis=diagnosis, scale=scale,
        baseline=baseline, weight=weight, level=level, extrapolate=extrapolate, seed=seed, draws=draws,
    )  # fmt: skip

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.answers.by_route import by_route as answered
    from remit.inference.fitted import load

    answer = answered(question, load(posterior)).as_dict()
    if pictures:
        from remit.reports.by_route_chart import save_by_route

        for path in pictures:
            save_by_route(answer, path, theme)
    print_answer(answer, "by_route_page", pictures, as_json=as_json)
