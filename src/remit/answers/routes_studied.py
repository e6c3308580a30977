"""Which routes were studied, at which dose, and in how many people with anxiety: read from the collected evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from remit.answers.standing import session_arms
from remit.evidence.trials import Arm, Trial, load_trials
from remit.inference.selection import SESSION_DRUGS, SYMPTOM_TOTALS
from remit.pharmacology.published_models import choice
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.units import Amount, DoseUnit

Pair = tuple[Drug, Route]


@dataclass(frozen=True, slots=True)
class PublishedDose:
    """The dose of one session that most collected studies of a route gave.

    Attributes:
        amount: as base.
        infusion_min: length of an infusion [min]; None where not stated or not infused.
        studies: how many gave it.
    """

    amount: Amount
    infusion_min: float | None
    studies: int


def _arms(drug: Drug, route: Route) -> list[tuple[Trial, Arm]]:
    return [
        (trial, arm)
        for trial in load_trials().values()
        if not trial.is_retracted
        for arm in trial.arms
        if arm.treatment == drug.value and arm.route == route.value
    ]


def studied_pairs() -> tuple[Pair, ...]:
    """Every drug and route that a collected study gave and that kinetics cover, in the order of the vocabulary."""
    return tuple(
        (drug, route)
        for drug in Drug
        for route in Route
        if drug.value in SESSION_DRUGS and _arms(drug, route) and _is_covered(drug, route)
    )


def _is_covered(drug: Drug, route: Route) -> bool:
    try:
        choice(drug, route)
    except InputRefused:
        return False
    return True


def commonest_dose(drug: Drug, route: Route) -> PublishedDose | None:
    """The dose of one session that most studies of a route gave; of equals the one given to most people, then the
    larger one. None where no study states a single dose."""
    studies: Counter[tuple[float, str]] = Counter()
    people: Counter[tuple[float, str]] = Counter()
    lengths: dict[tuple[float, str], Counter[float]] = {}
    seen: set[tuple[str, float, str]] = set()
    for trial, arm in _arms(drug, route):
        if not arm.dose_value or arm.dose_unit not in set(DoseUnit):
            continue
        key = (arm.dose_value, str(arm.dose_unit))
        people[key] += arm.n or 0
        if arm.infusion_min:
            lengths.setdefault(key, Counter())[arm.infusion_min] += 1
        if (trial.study_id, *key) not in seen:
            seen.add((trial.study_id, *key))
            studies[key] += 1
    if not studies:
        return None
    best = max(studies, key=lambda key: (studies[key], people[key], key[0]))
    usual = lengths.get(best)
    return PublishedDose(
        Amount(best[0], DoseUnit(best[1])), usual.most_common(1)[0][0] if usual else None, studies[best]
    )


def compared_in_trials() -> list[str]:
    """Collected studies, about any condition, that gave a session drug by more than one route."""
    return sorted(
        trial.study_id
        for trial in load_trials().values()
        if not trial.is_retracted
        and len({arm.route for arm in trial.arms if arm.treatment in SESSION_DRUGS and arm.route}) > 1
    )


def studied(drug: Drug, route: Route) -> dict[str, Any]:
    """Collected studies of a drug and route: those in use for anxiety, PTSD and OCD, others that rated such symptoms,
    and those of something else, with people where they are stated."""
    arms = _arms(drug, route)
    used = {arm.study for arm in session_arms() if (arm.drug, arm.route) == (drug.value, route.value)}
    rated = {
        trial.study_id
        for trial, arm in arms
        if any(row.scale in SYMPTOM_TOTALS and row.arm_id == arm.arm_id for row in trial.outcomes)
    }
    known = {trial.study_id for trial, _ in arms}
    return {
        "in_use": _counted(used, arms), "rated_anxiety": _counted(rated - used, arms),
        "other": _counted(known - used - rated, arms),
    }  # fmt: skip


def _counted(studies: set[str], arms: list[tuple[Trial, Arm]]) -> dict[str, Any]:
    sizes: Counter[str] = Counter()
    for trial, arm in arms:
        # the same people may stand in several arms of a crossover or a dose range
        sizes[trial.study_id] = max(sizes[trial.study_id], arm.n or 0)
    return {"studies": sorted(studies), "people": sum(sizes[each] for each in studies)}
