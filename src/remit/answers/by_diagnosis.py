"""The model's estimate by diagnosis, on one measure for all, with the studies that stand behind each.

Diagnoses are rated on different scales, so they are set beside each other as per cent of the total before the first
session: on a scale from 0 to 100 that starts at 100 and falls as anxiety itself does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from remit.answers.answer import estimate, percent
from remit.answers.basis import selection, spread_over_effect
from remit.answers.courses import Rating, Simulated, session_courses
from remit.answers.question import HowFast
from remit.evidence.appraisal import appraise, people_in
from remit.evidence.assumptions import load_assumptions
from remit.evidence.trials import Trial, load_trials
from remit.inference.fitted import Posterior
from remit.inference.selection import DIAGNOSES, POOLS, is_session_drug
from remit.vocabulary.clock import days
from remit.vocabulary.people import Diagnosis

WHOLE = 100.0
"""The total before the first session [% of itself]."""
HALVED = 50.0
"""A fall by half counts as a response [% of the total before]."""
LOOKS_H = (days(1.0), days(7.0))
"""When diagnoses are set beside each other [h]."""
PEOPLE = 64  # choice: one block; the same people stand for every diagnosis, so that differences are not their scatter


def by_diagnosis(question: HowFast, posterior: Posterior) -> list[dict[str, Any]]:
    """Every diagnosis: what the drug takes beyond a masked session, responders, studies, people and certainty.

    Args:
        question: the course and the seed; its own diagnosis and scale make no difference.
        posterior: its draws are those of the intervals.
    """
    noise = WHOLE * load_assumptions()["within_person_sd"].value
    rating = Rating(0.0, WHOLE, 1.0, WHOLE, noise, np.ones(posterior.size))
    times = np.array([0.0, *(question.last_dose_h + look for look in LOOKS_H)])
    rows = []
    for diagnosis in Diagnosis:
        run = session_courses(
            posterior, question.regimen(), diagnosis, question.weight_kg, rating, (HALVED,), times, times[1:], PEOPLE,
            question.seed,
        )  # fmt: skip
        rows.append({
            "diagnosis": diagnosis.value, "label": diagnosis.spoken,
            "at": _looks(run, question.level), "effect": _effect(posterior, diagnosis, question.level),
            **_studies(diagnosis, posterior),
        })  # fmt: skip
    return rows


def _looks(run: Simulated, level: float) -> list[dict[str, Any]]:
    found = []
    for place, look in enumerate(LOOKS_H):
        gain = run.typical_control[:, place + 1] - run.typical[:, place + 1]
        its = estimate(gain, level, "percent of baseline")
        at, without = run.at[:, 0, place], run.control_at[:, 0, place]
        found.append({
            "hours_after_last": look, "drug_takes_percent": its.value, "drug_takes_low": its.low,
            "drug_takes_high": its.high, "response": percent(at, level), "control": percent(without, level),
            "drug_adds": percent(at - without, level),
        })  # fmt: skip
    return found


def _effect(posterior: Posterior, diagnosis: Diagnosis, level: float) -> dict[str, Any]:
    """How far the drug's effect in a diagnosis lies from the average of all, on the logit scale; None where no row of
    it was used, so that it is drawn anew."""
    names = posterior.names["diagnosis"]
    if diagnosis.value not in names:
        return {"logit": None, "low": None, "high": None, "larger_than_average_percent": None}
    own = posterior.draws["diagnosis_drug"][:, names.index(diagnosis.value)]
    its = estimate(own, level, "logit")
    return {
        "logit": its.value, "low": its.low, "high": its.high,
        "larger_than_average_percent": 100.0 * float((own > 0).mean()),
    }  # fmt: skip


def ketamine_trials(diagnosis: Diagnosis) -> list[Trial]:
    """Studies with rows in use of ketamine or esketamine in a diagnosis, pooled analyses left out."""
    trials = load_trials()
    found = []
    for study, rows in selection().used.items():
        own = [row for row in rows if DIAGNOSES.get(row.population) == diagnosis.value]
        if trials[study].kind not in POOLS and any(is_session_drug(trials[study].arm(row.arm_id)) for row in own):
            found.append(trials[study])
    return found


def _studies(diagnosis: Diagnosis, posterior: Posterior) -> dict[str, Any]:
    own = ketamine_trials(diagnosis)
    codes = {row.population for trial in own for row in trial.outcomes if DIAGNOSES.get(row.population) == diagnosis}
    # the rule asks for the code of the rows; a clinic of several disorders stands for anxiety disorders together
    certainty = appraise(own, next(iter(sorted(codes)), diagnosis.value), spread_over_effect(posterior))
    return {
        "studies": [trial.study_id for trial in own], "people": sum(people_in(trial) for trial in own),
        "randomised": [trial.study_id for trial in own if trial.design.startswith("rct")],
        "certainty": certainty.level, "certainty_reasons": list(certainty.reasons),
    }  # fmt: skip
