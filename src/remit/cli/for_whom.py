"""remit for-whom: what is known of who benefits."""

from __future__ import annotations

from typing import Annotated

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EPILOG = (
    "Without options: every diagnosis side by side and every trait people ask about. One kind of person more closely: "
    "--diagnosis SAD --scale LSAS --baseline 90. Not medical advice."
)


@app.command(name="for-whom", epilog=EPILOG)
def for_whom(
    drug: named.DrugName = "ketamine",
    route: named.RouteName = "iv",
    dose: named.DoseOf = "0.5mg/kg",
    over: named.Over = None,
    sessions: named.Sessions = 1,
    spacing: named.Spacing = "2d",
    diagnosis: Annotated[
        str | None,
        typer.Option(
            "--diagnosis", help="Look closer at GAD, SAD, PD, PTSD, OCD, mixed_anxiety or anxious_depression."
        ),
    ] = None,
    scale: Annotated[
        str | None, typer.Option("--scale", help="How that kind of person is rated: GAD-7, LSAS, PCL-5 ...")
    ] = None,
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
    """For whom does it work: by diagnosis, and by every trait people ask about, each with its evidence."""
    # everything a person typed is checked before anything slow begins
    pictures = chart or []
    check_pictures(pictures, theme)
    question = named.question_of(
        drug=drug, route=route, dose=dose, over=over, sessions=sessions, spacing=spacing, diagnosis=diagnosis,
        scale=scale, baseline=baseline, weight=weight, level=level, extrapolate=extrapolate, seed=seed, draws=draws,
    )  # fmt: skip
    narrow = not (diagnosis is None and scale is None and baseline is None)

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.answers.for_whom import for_whom as answered
    from remit.inference.fitted import load

    answer = answered(question, load(posterior), narrow=narrow).as_dict()
    if pictures:
        from remit.reports.for_whom_chart import save_for_whom

        for path in pictures:
            save_for_whom(answer, path, theme)
    print_answer(answer, "for_whom_page", pictures, as_json=as_json)
