"""remit forecast: one person's course from their own scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures
from remit.vocabulary.errors import InputRefused, OutOfRange

if TYPE_CHECKING:
    from remit.inference.clinic_population import ClinicPopulation

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EPILOG = (
    "FILE is CSV or JSON; two columns are enough: day,score. Without FILE: what people like this can expect before "
    "any score. docs/forecast.md describes the columns. Not medical advice, and no advice on dose for a person alone."
)


@app.command(name="forecast", epilog=EPILOG)
def forecast(
    file: Annotated[Path | None, typer.Argument(help="Visits: time, score, doses.", metavar="FILE")] = None,
    scale: Annotated[
        str | None, typer.Option(help="Scale of scores that name none, and of the answer: GAD-7, HAM-A, LSAS ...")
    ] = None,
    drug: Annotated[str | None, typer.Option(help="ketamine or esketamine; ketamine if left out.")] = None,
    route: Annotated[str | None, typer.Option(help="iv, im, sc, sl, buccal, in or po; iv if left out.")] = None,
    dose: Annotated[
        str, typer.Option(help="Of sessions whose dose the file does not say: 0.5mg/kg, 56mg.")
    ] = "0.5mg/kg",
    over: Annotated[str | None, typer.Option(help="Length of an infusion: 40min, 1h. Only for iv.")] = None,
    sessions: Annotated[int, typer.Option(help="Sessions of the whole series, given and to come.")] = 1,
    spacing: named.Spacing = "2d",
    daily: Annotated[str | None, typer.Option(help="A daily treatment in place of sessions: sertraline ...")] = None,
    diagnosis: Annotated[
        str | None, typer.Option(help="GAD, SAD, PD, PTSD, OCD, mixed_anxiety or anxious_depression.")
    ] = None,
    baseline: Annotated[float | None, typer.Option(help="Total that a response is counted from.")] = None,
    weight: Annotated[str | None, typer.Option(help="Body weight in kg.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same answer.")] = None,
    extrapolate: named.Extrapolate = False,
    posterior: named.PosteriorFolder = None,
    population: Annotated[
        Path | None,
        typer.Option(help="Your own people: folder of remit fit scores.csv response:SCALE --out.", metavar="FIT"),
    ] = None,
    blend: Annotated[
        float | None,
        typer.Option(help="How much your own people weigh before any score, 0 to 1; 0.5 if left out, 1 replaces."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the forecast as JSON.")] = False,
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
) -> None:
    """One person: their course under the planned and other schedules, given what was seen so far."""
    from remit.answers.typed_question import person_question
    from remit.evidence.instruments import find_scale, load_scales
    from remit.vocabulary.visit_file import read_history
    from remit.vocabulary.visits import History

    # everything a person typed or wrote is checked before anything slow begins
    pictures = chart or []
    check_pictures(pictures, theme)
    known = None if scale is None else find_scale(scale, where="--scale").name
    history = History() if file is None else read_history(file, load_scales(), known)
    question = person_question(
        history, scale=known, drug=drug, route=route, dose=dose, over=over, sessions=sessions, spacing=spacing,
        diagnosis=diagnosis, baseline=baseline, weight=weight, seed=seed, extrapolate=extrapolate,
    )  # fmt: skip
    clinic = _clinic(population, blend)

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.answers.this_person import Forecast
    from remit.answers.this_person import forecast as answered
    from remit.inference.fitted import load

    answer = answered(Forecast(history, question, daily or history.daily, clinic), load(posterior)).as_dict()
    if pictures:
        from remit.reports.answer_picture import save_answer

        for path in pictures:
            save_answer("forecast", answer, path, theme)
    print_answer(answer, "forecast_page", pictures, as_json=as_json)


def _clinic(folder: Path | None, blend: float | None) -> tuple[ClinicPopulation, float] | None:
    """A clinic's own people and their weight, as typed."""
    if folder is None:
        if blend is not None:
            raise InputRefused("a weight without people", remedy="Name their fit: --population FIT", where="--blend")
        return None
    # choice: with nothing said, neither side counts more
    weight = 0.5 if blend is None else blend
    if not 0.0 <= weight <= 1.0:
        raise OutOfRange(f"a weight of {weight:g}", allowed="0 (published people) to 1 (your own)", where="--blend")
    from remit.inference.clinic_population import read_population

    return read_population(folder), weight
