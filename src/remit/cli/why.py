"""remit why: the chain from dose to symptoms, link by link."""

from __future__ import annotations

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EPILOG = (
    "Without options: one infusion of ketamine, 0.5 mg/kg over 40 minutes, in anxiety disorders, rated on the GAD-7. "
    "Not medical advice, and no advice on dose for a person alone."
)


@app.command(name="why", epilog=EPILOG)
def why(
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
    as_json: named.AsJson = False,
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
) -> None:
    """Why would it work: dose, plasma, receptor block, plasticity, symptoms, and how well each link is known."""
    # everything a person typed is checked before anything slow begins
    pictures = chart or []
    check_pictures(pictures, theme)
    question = named.question_of(
        drug=drug, route=route, dose=dose, over=over, sessions=sessions, spacing=spacing, diagnosis=diagnosis,
        scale=scale, baseline=baseline, weight=weight, level=level, extrapolate=extrapolate, seed=seed, draws=draws,
    )  # fmt: skip

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.answers.why import why as answered
    from remit.inference.fitted import load

    answer = answered(question, load(posterior)).as_dict()
    if pictures:
        from remit.reports.why_chart import save_why

        for path in pictures:
            save_why(answer, path, theme)
    print_answer(answer, "why_page", pictures, as_json=as_json)
