"""What an answer rests on: studies, people, masking, certainty; and the baseline they typically started from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from remit.answers.answer import Basis
from remit.evidence.appraisal import MASKS, Certainty, appraise, people_in
from remit.evidence.instruments import load_scales
from remit.evidence.trials import Trial, load_trials
from remit.inference.entry_level import baseline_rows
from remit.inference.fitted import Posterior
from remit.inference.selection import DIAGNOSES, POOLS, Selection, is_session_drug, select
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.scales import Scale


@dataclass(frozen=True, slots=True)
class Baselines:
    """Baselines the evidence holds for a scale.

    Attributes:
        typical: their median [points].
        low, high: smallest and largest mean of an arm [points].
        count: how many arms.
        how: whose they are, in words.
    """

    typical: float
    low: float
    high: float
    count: int
    how: str


@cache
def selection() -> Selection:
    """The rows the calibration uses, today."""
    return select(load_trials(), load_scales())


def ketamine_studies(chosen: Selection) -> tuple[str, ...]:
    """Studies with a ketamine or esketamine arm among the rows used."""
    trials = load_trials()
    return tuple(
        study
        for study, rows in chosen.used.items()
        if any(is_session_drug(trials[study].arm(row.arm_id)) for row in rows)
    )


def basis_of(diagnosis: Diagnosis, posterior: Posterior) -> Basis:
    """What an answer about ketamine sessions in a diagnosis rests on."""
    return _basis(diagnosis, spread_over_effect(posterior))


# choice: every diagnosis, for a few posteriors
@lru_cache(maxsize=64)
def _basis(diagnosis: Diagnosis, spread: float) -> Basis:
    chosen, trials = selection(), load_trials()
    studies = ketamine_studies(chosen)
    certainty, people, designs = certainty_of_studies(studies, diagnosis, spread)
    return Basis(
        studies=studies,
        people=people,
        designs=designs,
        certainty=certainty.level,
        certainty_reasons=certainty.reasons,
        left_out=_left_out(chosen),
        retracted=tuple(study for study, trial in trials.items() if trial.is_retracted and is_about_ketamine(trial)),
    )


def certainty_of_studies(
    studies: tuple[str, ...], diagnosis: Diagnosis, spread: float
) -> tuple[Certainty, int, dict[str, int]]:
    """Certainty of what studies say about ketamine sessions in a diagnosis, people in them, and studies by design.

    Args:
        studies: their ids.
        diagnosis: whose people.
        spread: of the effect between studies, of `spread_over_effect`.
    """
    trials = load_trials()
    certainty = appraise([trials[study] for study in studies], diagnosis.value, spread)
    people = sum(people_in(trials[study]) for study in studies if trials[study].kind not in POOLS)
    return certainty, people, dict(Counter(_design_words(trials[study]) for study in studies).most_common())


def spread_over_effect(posterior: Posterior) -> float:
    """How far studies lie apart in the drug's effect, over that effect [ratio]: both as a fall, for the rule of
    certainty."""
    fall = 1.0 / (1.0 + np.exp(-posterior.draws["sustained_mean"]))
    return float(np.median(posterior.draws["study_drug_sd"] * fall * (1 - fall)) / np.median(fall))


def is_about_ketamine(trial: Trial) -> bool:
    """Whether a study has an arm of ketamine or esketamine."""
    return any("ketamine" in arm.treatment for arm in trial.arms)


def _design_words(trial: Trial) -> str:
    if trial.kind in POOLS:
        return "pooled analysis"
    name = "randomised" if trial.design.startswith("rct") else "not randomised"
    return f"{name}, {MASKS[trial.masking]}"


def _left_out(chosen: Selection) -> dict[str, int]:
    """Ketamine studies with rows left out, counted by reason; a study may count under several."""
    trials = load_trials()
    found: dict[str, set[str]] = {}
    for item in chosen.left_out:
        if "ketamine" in trials[item.row.study_id].arm(item.row.arm_id).treatment:
            found.setdefault(item.reason.split(" (")[0], set()).add(item.row.study_id)
    return {reason: len(studies) for reason, studies in sorted(found.items(), key=lambda pair: -len(pair[1]))}


def baselines(scale: Scale, diagnosis: Diagnosis) -> Baselines:
    """Baselines of the trials of a diagnosis on a scale, else of all.

    Raises:
        InputRefused: no trial gives one; the question needs its own.
    """
    rows = baseline_rows(scale)
    own = [row.value for row in rows if DIAGNOSES.get(row.population) == diagnosis.value]
    # choice: fewer than three baselines of the diagnosis are too few to speak for it
    enough = len(own) >= 3
    values = own if enough else [row.value for row in rows]
    if not values:
        raise InputRefused(
            f"no published trial gives a baseline on {scale.name}",
            remedy=f"Add --baseline with a total between {scale.low} and {scale.high}",
            where="--scale",
        )
    whose = f"in {diagnosis.spoken}" if enough else "in any diagnosis"
    arms = "arm" if len(values) == 1 else "arms"
    typical = round(float(np.median(values)) / scale.step) * scale.step
    return Baselines(
        typical, min(values), max(values), len(values), f"median of {len(values)} published {arms} {whose}"
    )
