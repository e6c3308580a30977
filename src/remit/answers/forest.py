"""What each trial saw by itself at a time, by how well it was masked, beside what the model says of the same.

The model is asked what the study was asked: the same sessions, diagnosis, scale, rule of response and time, without the
bias of studies in which everybody knew. It has seen these studies, together with all others, so that its interval is no
forecast of them: [trials held out](docs/validation/trials.md) are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from remit.answers.answer import Estimate, estimate
from remit.answers.courses import session_courses
from remit.answers.question import HowFast
from remit.answers.rating import rated
from remit.answers.study_effects import RESPONDS, StudyEffect, study_effects
from remit.evidence.appraisal import MASKS
from remit.evidence.trials import Arm, load_trials
from remit.inference.fitted import Posterior, load
from remit.vocabulary.clock import MINUTES_PER_HOUR, days, spoken
from remit.vocabulary.dosing import Dose, Regimen, Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused, OutOfRange
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.units import DoseUnit

GROUPS = {
    **{name: MASKS[name] for name in ("anaesthesia", "active_control", "inert_control")},
    "open": f"a control, {MASKS['open']}", "none": "no control: the whole change, not the drug's part",
}  # fmt: skip
"""Groups of rows from the best mask to none, in words."""
EARLIEST_H, LATEST_H = 1.0, days(28.0)
"""Ratings of sessions lie between these times [h]."""
LOOKED = (0.01, 0.07, 0.2, 0.5, 1.0)
"""choice: where any rating so far counts, people are looked at at these shares of the time; studies seldom say when."""
ROOM = 128
"""choice: room for the longest published series, so that all of them share one program."""


@dataclass(frozen=True, slots=True)
class Forest:
    """The forest at one time.

    Attributes:
        at_h: time after the last dose [h].
        level: of the intervals [fraction].
        rows: a study effect each, by group; ``model``, ``model_low`` and ``model_high`` are None where the model cannot
            be asked the same.
        silent: studies in use that tell no effect at about that time, with the reason.
        draws: of the posterior.
        evidence_hash: of the evidence the model saw.
    """

    at_h: float
    level: float
    rows: tuple[Mapping[str, Any], ...]
    silent: Mapping[str, str]
    draws: int
    evidence_hash: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values, with the sentence first."""
        return {"sentence": self.sentence(), **asdict(self), "rows": [dict(row) for row in self.rows]}

    def sentence(self) -> str:
        """What the forest comes to."""
        when = spoken(self.at_h)
        held = {each["study"]: each["people"] for each in self.rows if each["controlled"]}
        if not held:
            return f"No trial in use with a control tells an effect of its own at about {when} after the last session."
        own = [each for each in self.rows if each["controlled"] and each["low"] is not None]
        crossing = {each["study"] for each in own if each["low"] <= 0.0 <= each["high"]}
        asked = [each for each in own if each["model"] is not None]
        above = [each for each in asked if each["value"] > each["model_high"]]
        many = (
            f"1 trial with a control ({next(iter(held.values()))} people) tells an effect of its own"
            if len(held) == 1
            else f"{len(held)} trials with a control ({sum(held.values())} people) tell effects of their own"
        )
        compared = (
            f" {len(above)} of {len(asked)} such effects that the model can be asked about "
            f"{'lies' if len(above) == 1 else 'lie'} above its interval; it leans on all trials together."
        )
        return (
            f"{many} at about {when} after the last session; in {len(crossing)} of {len(held)} an interval also holds "
            f"no effect.{compared if asked else ''}"
        )


def forest(at_h: float = days(1.0), level: float = 0.9, posterior: Posterior | None = None) -> Forest:
    """The forest at a time.

    Args:
        at_h: time after the last dose [h], an hour to four weeks.
        level: of the intervals [fraction].
        posterior: the calibrated one when None.

    Raises:
        OutOfRange: a time at which sessions are not rated, or a level that is none.
        StalePosterior: there is no posterior, or it was fitted to other evidence than today's.
    """
    if not EARLIEST_H <= at_h <= LATEST_H:
        raise OutOfRange(f"a look at {spoken(at_h)}", allowed="1 h to 4 weeks after the last session", where="--at")
    usual = HowFast(level=level)
    full = posterior or load()
    thin = full.thinned(usual.draws)
    effects, silent = study_effects(at_h, level)
    rows = []
    for each in effects:
        found = _of_model(each, thin, usual)
        ends = (None, None, None) if found is None else (found.value, found.low, found.high)
        named = dict(zip(("model", "model_low", "model_high"), ends, strict=True))
        rows.append({"group": _group(each), **asdict(each), **named})
    order = list(GROUPS)
    rows.sort(key=lambda row: (order.index(row["group"]), row["study"], row["scale"], row["measure"]))
    return Forest(at_h, level, tuple(rows), silent, thin.size, full.manifest["evidence_hash"])


def _group(effect: StudyEffect) -> str:
    if not effect.controlled:
        return "none"
    return effect.masking if effect.masking in GROUPS else "open"


def _of_model(effect: StudyEffect, posterior: Posterior, usual: HowFast) -> Estimate | None:
    """What the model says of what a study saw; None where it has no kinetics or no baseline for that."""
    regimen = _regimen(load_trials()[effect.study].arm(effect.arm), usual)
    if regimen is None:
        return None
    asked = HowFast(diagnosis=Diagnosis(effect.diagnosis), scale=effect.scale, level=usual.level)
    try:
        _, rating = rated(asked, posterior)
    except InputRefused:
        return None
    fall = effect.fall if effect.fall is not None else asked.the_scale().response_fraction
    # a scale counts from its lowest total; a fall by a share is meant of the total as it is printed
    cut = rating.baseline * (1.0 - (0.5 if fall is None else fall))
    times = np.array([0.0, *(regimen.times_h[-1] + part * effect.after_h for part in LOOKED)])
    run = session_courses(
        posterior, regimen, asked.diagnosis, usual.weight_kg, rating, (cut,), times, times[-1:], usual.people,
        usual.seed, room=ROOM,
    )  # fmt: skip
    if effect.measure == RESPONDS:
        drug, without = (run.by, run.control_by) if effect.best else (run.at, run.control_at)
        across = 100.0 * (drug[:, 0, 0] - (without[:, 0, 0] if effect.controlled else 0.0))
        return estimate(across, usual.level, "of 100 people")
    before = run.typical_control[:, -1] if effect.controlled else run.typical[:, 0]
    return estimate(100.0 * (before - run.typical[:, -1]) / rating.baseline, usual.level, "percent of the total before")


def _regimen(arm: Arm, usual: HowFast) -> Regimen | None:
    """The sessions of an arm; None where a dose or a time of them is not stated."""
    if arm.dose_value is None or not arm.dose_times_h or arm.route is None:
        return None
    amount = arm.dose_value * (usual.weight_kg if arm.dose_unit == DoseUnit.MG_PER_KG else 1.0)
    lasts = (arm.infusion_min or 0.0) / MINUTES_PER_HOUR
    doses = tuple(Dose(time, amount, lasts) for time in arm.dose_times_h)
    return Regimen(Drug(arm.treatment), Route(arm.route), doses)
