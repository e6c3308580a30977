"""remit exposure: concentrations after a dose, with population bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from remit.cli import course_options as named
from remit.cli.output import print_json
from remit.cli.typed import check_pictures, page_console
from remit.vocabulary.clock import days, parse_duration
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused, OutOfRange

if TYPE_CHECKING:
    from remit.answers.question import HowFast

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EPILOG = (
    "Example: remit exposure --route iv --dose 0.5mg/kg --over 40min --weight 70. Intramuscular, subcutaneous, and "
    "sublingual, nasal and oral doses of the racemate rest on assumed absorption, and the page says so. "
    "Not medical advice."
)
LATEST_D = 60.0
"""How long after the last session a curve may be asked for [d]."""


@app.command(name="exposure", epilog=EPILOG)
def exposure(
    drug: named.DrugName = "ketamine",
    route: named.RouteName = "iv",
    dose: named.DoseOf = "0.5mg/kg",
    over: Annotated[
        str | None,
        typer.Option(help="Length of an infusion: 40min (what is taken if left out), 0min for a bolus. Only for iv."),
    ] = None,
    weight: named.Weight = None,
    age: Annotated[float | None, typer.Option(help="Age in years; no effect of age if left out.")] = None,
    sessions: named.Sessions = 1,
    spacing: named.Spacing = "2d",
    model: Annotated[
        str | None, typer.Option(help="Published model of the parent; the one of routes.yaml if left out.")
    ] = None,
    people: Annotated[int, typer.Option(help="Virtual people behind the bands.")] = 499,
    level: Annotated[float, typer.Option(help="Share of people within the bands, as a fraction.")] = 0.9,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the virtual people; the same seed gives the same bands.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last time of the curves: 8h, 3d; a day after the last session if left out.")
    ] = None,
    extrapolate: named.Extrapolate = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the exposure as JSON.")] = False,
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
) -> None:
    """Concentrations after a dose: Cmax, Tmax, AUC and half-life of the drug and its metabolites."""
    from remit.vocabulary.people import Person

    # everything a person typed is checked before anything slow begins
    pictures = chart or []
    check_pictures(pictures, theme)
    question = named.question_of(
        drug=drug, route=route, dose=dose, over=over, sessions=sessions, spacing=spacing, weight=weight, level=level,
        extrapolate=extrapolate, seed=seed, people=people,
    )  # fmt: skip
    Person(question.weight_kg, question.diagnosis, age)
    until_h = _until(until, question)

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.pharmacology.chosen_records import kinetics
    from remit.pharmacology.exposure import exposure as exposed
    from remit.reports.exposure_record import Asked, record

    if model is not None:
        _known_model(model, question.drug)
    regimen = question.regimen()
    found = record(
        Asked(
            question.dose_spoken(), question.course_spoken(), regimen.doses[0].amount_mg, regimen.times_h,
            question.weight_kg, age, question.seed, _beyond(question),
        ),
        exposed(
            kinetics(question.drug, question.route, model), regimen, question.weight_kg,
            age_y=age, people=people, seed=question.seed, level=level, until_h=until_h,
        ),
    )  # fmt: skip
    if pictures:
        from remit.reports.exposure_chart import exposure_chart
        from remit.reports.exposure_picture import save

        specification = exposure_chart(found, theme)
        for path in pictures:
            save(specification, found, path)
    if as_json:
        print_json(found)
        return
    from remit.reports.exposure_page import COLUMNS, print_page

    console = page_console(COLUMNS)
    print_page(found, console, pictures)


def _beyond(question: HowFast) -> tuple[str, ...]:
    """Where the dose or the weight goes beyond the evidence, each in one line."""
    from remit.answers.question import largest_dose_mg
    from remit.evidence.assumptions import load_assumptions

    found = []
    name = f"{question.route.spoken} {question.drug}"
    amount = question.amount.in_mg(question.weight_kg)
    known = largest_dose_mg(question.drug, question.route, question.weight_kg)
    if known is None:
        found.append(f"route: no published trial here gave {name}, so the dose cannot be compared with one")
        known = largest_dose_mg(question.drug, None, question.weight_kg)
    if known is not None and amount > known * (1.0 + 1e-6):
        found.append(f"dose: {amount:.3g} mg is above the largest published one ({known:.3g} mg at this weight)")
    usual = load_assumptions()["default_weight"]
    if not usual.low <= question.weight_kg <= usual.high:
        found.append(
            f"weight: {question.weight_kg:g} kg lies outside the kinetic data ({usual.low:g} to {usual.high:g} kg)"
        )
    return tuple(found)


def _known_model(model_id: str, drug: Drug) -> None:
    from remit.pharmacology.chosen_records import models_of

    # the racemate may be asked of a model of one enantiomer, which the page then says
    known = [name for other in ([drug, *Drug] if drug.is_racemate else [drug]) for name in models_of(other)]
    if model_id not in known:
        raise InputRefused(
            f"{model_id!r} is no model of {drug} that can be run",
            allowed=", ".join(dict.fromkeys(known)),
            where="--model",
        )


def _until(text: str | None, question: HowFast) -> float | None:
    if text is None:
        return None
    hours = parse_duration(text, where="--until")
    last = question.last_dose_h
    if not last < hours <= last + days(LATEST_D):
        raise OutOfRange(
            f"a last time of {hours:g} h",
            allowed=f"after the start of the last session ({last:g} h) and within {LATEST_D:g} days of it",
            where="--until",
        )
    return hours
