"""remit how-fast: how fast does it work, for a regimen."""

from __future__ import annotations

from typing import Annotated

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EPILOG = (
    "Without options: one infusion of ketamine, 0.5 mg/kg over 40 minutes, in anxiety disorders, rated on the GAD-7. "
    "A clinic's course: --sessions 6 --spacing 2d. Not medical advice, and no advice on dose for a person alone."
)


@app.command(name="how-fast", epilog=EPILOG)
def how_fast(
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
    people: Annotated[int | None, typer.Option(help="Virtual people.")] = None,
    draws: named.Draws = None,
    extrapolate: named.Extrapolate = False,
    posterior: named.PosteriorFolder = None,
    as_json: named.AsJson = False,
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
) -> None:
    """How fast does ketamine work for anxiety: chances by time, beside what happens without the drug."""
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
    from remit.answers.how_fast import how_fast as answered
    from remit.inference.fitted import load

    answer = answered(question, load(posterior)).as_dict()
    if pictures:
        from remit.reports.charts import how_fast_chart
        from remit.reports.picture import save

        specification = how_fast_chart(answer, theme)
        for path in pictures:
            save(specification, answer, path)
    print_answer(answer, "how_fast_page", pictures, as_json=as_json)
