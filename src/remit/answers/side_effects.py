"""Published side effects sorted into what may be counted together: same drug, route, effect and period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from remit.answers.shares import Share, difference, pooled_share
from remit.evidence.adverse_effects import AdverseEffect
from remit.evidence.appraisal import HALF, Witness, certainty_of
from remit.evidence.safety_studies import PERIODS, load_safety_studies
from remit.vocabulary.people import Diagnosis

DIRECT = frozenset(each.value for each in Diagnosis) - {Diagnosis.ANXIOUS_DEPRESSION.value}
"""Populations that have an anxiety disorder."""
NOT_COUNTED = frozenset({"anaesthetic_dose", "open_phase"})
"""Flags of rows that belong to another situation than the study they stand in."""
SPOKEN = {
    "blood_pressure_increase_event": "raised blood pressure (as reported)", "blurred_vision": "blurred vision",
    "dysgeusia": "changed taste", "paresthesia": "tingling or numbness", "pollakiuria": "frequent urination",
    "any_side_effect": "any side effect", "dropout_for_side_effects": "stopped for side effects",
    "dissociation_cadss_above_4": "dissociation by scale (CADSS above 4)", "severe_hypertension": "severe hypertension",
    "sedation_moaas_below_5": "sedation by scale (MOAA/S below 5)", "cadss": "dissociation scale CADSS",
    "systolic_bp": "systolic pressure", "diastolic_bp": "diastolic pressure", "euphoric_mood": "euphoria",
    "dissociation_over_24_h": "dissociation for more than 24 h", "interstitial_cystitis": "interstitial cystitis",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stratum:
    """What may be counted together."""

    treatment: str
    route: str | None
    measure: str
    period: str
    is_healthy: bool


def spoken(measure: str) -> str:
    """A side effect in words."""
    return SPOKEN.get(measure, measure.replace("_", " "))


def fate(row: AdverseEffect, rows: Sequence[AdverseEffect]) -> str:
    """Why a share of people cannot be counted; empty where it can."""
    study = load_safety_studies()[row.study_id]
    if row.flag in NOT_COUNTED:
        return "another situation than the study"
    if row.value is None:
        return "only a range is published"
    if row.bound is not None:
        return "only a bound is published"
    if row.n is None:
        return "number of people not stated"
    if study.kind == "pool":
        return "pool of a maker or a label, whose trials are counted themselves"
    if row.overlaps and any(
        other.study_id == row.overlaps and other.measure == row.measure and other.route == row.route for other in rows
    ):
        return "the same people are counted elsewhere"
    return ""


def _counts(rows: Sequence[AdverseEffect]) -> tuple[int, int]:
    """Events and people of one study over its dose arms."""
    events = sum(round((row.value or 0.0) / 100.0 * (row.n or 0)) for row in rows)
    return events, sum(row.n or 0 for row in rows)


def dose_spoken(row: AdverseEffect) -> str:
    """The dose of a row in words; empty where it is not stated."""
    if row.dose_low is None or row.dose_high is None:
        return ""
    span = f"{row.dose_low:g}" if row.dose_low == row.dose_high else f"{row.dose_low:g} to {row.dose_high:g}"
    over = f" over {row.infusion_min:g} min" if row.infusion_min else ""
    return f"{span} {row.dose_unit}{over}"


def counted(effects: Sequence[AdverseEffect], level: float) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Shares of people by stratum, and why rows were left out.

    Args:
        effects: rows of the drugs and routes asked about, with their controls.
        level: of the intervals [fraction].
    """
    shares = [row for row in effects if row.metric == "share_of_people"]
    left_out: Counter[str] = Counter()
    usable = []
    for row in shares:
        if row.treatment == "ect":
            continue
        why = fate(row, shares)
        if why:
            left_out[why] += 1
        else:
            usable.append(row)
    studies = load_safety_studies()
    strata: dict[Stratum, dict[str, list[AdverseEffect]]] = {}
    for row in usable:
        if row.treatment == "placebo":
            continue
        key = Stratum(row.treatment, row.route, row.measure, studies[row.study_id].period, row.population == "healthy")
        strata.setdefault(key, {}).setdefault(row.study_id, []).append(row)
    found = [_stratum(key, members, usable, level) for key, members in strata.items()]
    found.sort(
        key=lambda each: (
            each["treatment"], str(each["route"]), PERIODS.index(each["period"]), each["healthy"], -each["percent"],
        )
    )  # fmt: skip
    return found, left_out


def _stratum(
    key: Stratum, members: dict[str, list[AdverseEffect]], usable: Sequence[AdverseEffect], level: float
) -> dict[str, Any]:
    controls = {
        study: [
            row
            for row in usable
            if row.study_id == study and row.treatment == "placebo" and row.measure == key.measure
            and row.route == key.route
        ]
        for study in members
    }  # fmt: skip
    controls = {study: rows for study, rows in controls.items() if rows}
    share = pooled_share([_counts(rows) for rows in members.values()], level)
    control = pooled_share([_counts(rows) for rows in controls.values()], level) if controls else None
    studies = load_safety_studies()
    rows = [row for each in members.values() for row in each]
    witnesses = [
        Witness(
            study,
            _counts(each)[1],
            studies[study].design == "randomised" and study in controls,
            studies[study].blinding == "double_blind",
            all(row.population in DIRECT for row in each),
        )
        for study, each in members.items()
    ]
    certainty = certainty_of(witnesses, (share.inconsistency or 0.0) > HALF)
    same = control is not None and set(controls) == set(members)
    return {
        "treatment": key.treatment,
        "route": key.route,
        "measure": key.measure,
        "spoken": spoken(key.measure),
        "period": key.period,
        "period_spoken": studies[next(iter(members))].spoken,
        "healthy": key.is_healthy,
        "doses": sorted({dose for row in rows if (dose := dose_spoken(row))}),
        **_percent(share),
        "control": _percent(control) if control else None,
        "difference": _difference(share, control) if same and control else None,
        "by_study": [_one(study, each, controls.get(study), level) for study, each in members.items()],
        "studies": list(members),
        "populations": sorted({row.population for row in rows}),
        "certainty": certainty.level,
        "certainty_reasons": list(certainty.reasons),
        "source_ids": sorted({row.source_id for row in rows}),
    }


def _one(
    study: str, rows: Sequence[AdverseEffect], control: Sequence[AdverseEffect] | None, level: float
) -> dict[str, Any]:
    found = {"study_id": study, **_percent(pooled_share([_counts(rows)], level))}
    return {**found, "control": _percent(pooled_share([_counts(control)], level)) if control else None}


def _percent(share: Share) -> dict[str, Any]:
    return {
        "percent": 100 * share.value, "low_percent": 100 * share.low, "high_percent": 100 * share.high,
        "events": share.events, "people": share.people, "pooled_studies": share.studies,
        "spread_logit": share.spread, "inconsistency": share.inconsistency,
    }  # fmt: skip


def _difference(share: Share, control: Share) -> dict[str, float]:
    middle, low, high = difference(share, control)
    return {"percent": 100 * middle, "low_percent": 100 * low, "high_percent": 100 * high}
