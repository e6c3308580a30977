"""Exposure as one object of plain values: what `remit exposure --json` prints and what its page and picture show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from remit import __version__
from remit.evidence.fingerprint import fingerprint
from remit.pharmacology.chosen_records import Kinetics
from remit.pharmacology.exposure import AnalyteExposure, Exposure, Spread
from remit.pharmacology.published_models import choice
from remit.vocabulary.clock import MINUTES_PER_HOUR

SCHEMA = "remit.exposure/1"
EVIDENCE_PARTS = ("kinetics", "routes.yaml", "substances.csv")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, in words and numbers.

    Attributes:
        dose: of one session: ``intravenous ketamine 0.5 mg/kg over 40 minutes``.
        course: the sessions: ``one session``.
        dose_mg: of one session [mg of base].
        session_times_h: start of each session [h].
        weight_kg: body weight [kg].
        age_y: age [years]; None when not given.
        seed: of the only key.
        extrapolations: where the question goes beyond the evidence.
    """

    dose: str
    course: str
    dose_mg: float
    session_times_h: tuple[float, ...]
    weight_kg: float
    age_y: float | None
    seed: int
    extrapolations: tuple[str, ...]


def record(asked: Asked, found: Exposure) -> dict[str, Any]:
    """The exposure as plain values; units stand in the names of keys.

    Args:
        asked: the question.
        found: the exposure.
    """
    used = found.kinetics
    return {
        "schema": SCHEMA,
        "question": f"What concentrations does {asked.dose} ({asked.course}) reach?",
        "sentence": sentence(asked, found),
        "regimen": {
            "drug": used.drug.value,
            "route": used.route.value,
            "dose": asked.dose,
            "course": asked.course,
            "dose_mg_base": _digits(asked.dose_mg),
            "session_times_h": list(asked.session_times_h),
            "weight_kg": asked.weight_kg,
            "age_y": asked.age_y,
        },
        "level": found.level,
        "people": found.people,
        "analytes": [_analyte(each) for each in found.analytes],
        "time_h": [_digits(time) for time in found.times_h],
        "model": {
            "id": used.plasma.model_id,
            "citation": used.plasma.citation,
            "compound": used.plasma.compound,
            "sampling_site": used.plasma.sampling_site,
            "metabolites_from": used.metabolites[0][0].model_id if used.metabolites else None,
            "variability_from": used.variability.model_id if used.variability else None,
            "known_problems": list(used.plasma.known_problems),
        },
        "assumed": assumed(used, asked),
        "not_varied": list(found.not_varied),
        "extrapolations": list(asked.extrapolations),
        "seed": asked.seed,
        "version": __version__,
        "evidence_hash": fingerprint(*EVIDENCE_PARTS),
    }


def sentence(asked: Asked, found: Exposure) -> str:
    """The peak of the drug in one sentence."""
    parent = found.analytes[0]
    site = found.kinetics.plasma.sampling_site
    plasma = "plasma" if site == "not_stated" else f"{site} plasma"
    low, high = parent.peak.low, parent.peak.high
    peak_min = parent.peak_h.typical * MINUTES_PER_HOUR
    return (
        f"After {asked.dose}, {parent.analyte} in {plasma} peaks at about {parent.peak.typical:.3g} ng/mL in a typical "
        f"person of {asked.weight_kg:g} kg, {peak_min:.0f} minutes after the start of a "
        f"session; {100 * found.level:g} of 100 people lie between {low:.3g} and {high:.3g} ng/mL."
    )


def assumed(used: Kinetics, asked: Asked) -> list[str]:
    """What is assumed, borrowed or left out, each in a sentence."""
    lines = [f"{text[:1].upper()}{text[1:]}." for text in used.assumptions]
    if used.absorption is not None:
        lines.append(
            f"No published model of {used.route.spoken} {used.drug} could be read; people are spread evenly over the "
            "ranges of the assumed absorption, so the band is not one of measured people."
        )
        if used.metabolites:
            lines.append(
                "Metabolite formed before the drug reaches the blood is not counted; after a swallowed dose most of it "
                "is, so metabolites are too low here."
            )
    if not used.alone:
        lines.append(f"Why this model: {choice(used.drug, used.route).note}")
    if used.plasma.sampling_site == "not_stated":
        lines.append("Where blood was drawn is not stated for this model; arterial levels are higher in a session.")
    lines.append("Doses are masses of base.")
    rule = used.plasma.scaling
    if rule is None or (rule.volume == 0 and rule.flow == 0):
        lines.append("Body weight does not change the kinetics of this model.")
    elif rule.how == "assumed":
        lines.append("How the kinetics change with body weight is assumed.")
    if asked.age_y is not None and not any(name.startswith("age_on_") for name in used.plasma.parameters):
        lines.append("Age does not change the kinetics of this model.")
    if used.variability is None:
        lines.append("No differences between people are published for this model; its bands have no width.")
    else:
        lines.append("Bands hold differences between people and occasions, not errors of measurement.")
    return lines


def _digits(value: float) -> float | None:
    # choice: eight digits are more than any of these means and fewer than rounding on another machine disturbs
    return float(f"{value:.8g}") if math.isfinite(value) else None


def _spread(values: Spread) -> dict[str, float | None]:
    return {"typical": _digits(values.typical), "low": _digits(values.low), "high": _digits(values.high)}


def _analyte(each: AnalyteExposure) -> dict[str, Any]:
    return {
        "analyte": each.analyte,
        "cmax_ng_per_ml": _spread(each.peak),
        "tmax_h": _spread(each.peak_h),
        "auc_ng_h_per_ml": _spread(each.area),
        "half_life_h": _spread(each.half_life_h),
        "curve_ng_per_ml": {
            "typical": [_digits(value) for value in each.typical],
            "people_low": [_digits(value) for value in each.low],
            "people_high": [_digits(value) for value in each.high],
        },
    }
