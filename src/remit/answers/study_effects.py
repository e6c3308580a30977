"""What each usable trial of ketamine saw by itself at about a time, on the two measures of the answer.

Trials publish totals or responders, so there are two measures: what the drug takes from the total before the first
session beyond its control [% of that total], and how many more of 100 people respond than under its control. A study
without a control has neither: its whole change is told apart, and is no effect of the drug.

The interval of a difference of totals takes totals of the same people at two times as correlated as
``within_arm_correlation`` assumes (delta method for a ratio, Student t by Welch); that of responders comes from the
exact intervals of both shares. Arms of a crossover are taken as independent people, which makes intervals too wide
rather than too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remit.answers.basis import selection
from remit.answers.shares import difference, exact_share
from remit.evidence.assumptions import load_assumptions
from remit.evidence.trials import Outcome, Trial, load_trials
from remit.inference.selection import DIAGNOSES, POOLS, SYMPTOM_TOTALS, is_session_drug

TAKES, RESPONDS = "takes", "responds"
SPREADS = frozenset({"sd", "se"})
NEAREST, FARTHEST = 0.4, 2.2
"""choice: shares of a time within which a rating counts as one at about that time: 24 h is 10 h to 2.2 days, a week 3
to 15 days; one rating a study, the nearest."""


@dataclass(frozen=True, slots=True)
class StudyEffect:
    """One trial, one measure, at about one time.

    Attributes:
        study, arm, diagnosis, design, masking: of the trial and of the arm that got the drug.
        scale: how people were rated.
        fall: share of the total by which it must fall for a response [fraction]; None for totals.
        best: whether any rating so far counts, and not only the one at that time.
        measure: ``takes`` [% of the total before] or ``responds`` [of 100 people].
        after_h: when, after the last dose [h].
        value, low, high: the drug beyond its control, or the whole change where there is none; an end is None where no
            spread is published.
        people: in the arms that stand behind it.
        controlled: whether a control was taken off.
    """

    study: str
    arm: str
    diagnosis: str
    design: str
    masking: str
    scale: str
    fall: float | None
    best: bool
    measure: str
    after_h: float
    value: float
    low: float | None
    high: float | None
    people: int
    controlled: bool


def study_effects(at_h: float, level: float) -> tuple[list[StudyEffect], dict[str, str]]:
    """Every effect at about a time, and the studies in use that tell none then, with the reason.

    Args:
        at_h: time after the last dose [h].
        level: of the intervals [fraction].
    """
    trials, found, silent = load_trials(), [], {}
    for study, rows in sorted(selection().used.items()):
        trial = trials[study]
        if not any(is_session_drug(arm) for arm in trial.arms):
            continue
        if trial.kind in POOLS:
            silent[study] = "pools trials; its own are counted one by one"
            continue
        own = [row for row in rows if row.scale in SYMPTOM_TOTALS and DIAGNOSES.get(row.population)]
        mine = list(_of_study(trial, own, at_h, level))
        found += mine
        if not mine:
            silent[study] = _why_none(trial, own, at_h)
    return found, silent


def _of_study(trial: Trial, rows: list[Outcome], at_h: float, level: float) -> Iterator[StudyEffect]:
    for drug in _nearest(trial, rows, at_h).values():
        control = _control(trial, rows, drug)
        if drug.metric == "response_rate":
            made = _responds(drug, control, level)
        elif drug.metric == "pct_change":
            made = None if control else (-drug.value, None, None)
        else:
            made = _takes(rows, drug, control, level) if control else None
        if made is None:
            continue
        people = sum(round(row.n or 0) for row in (drug, control) if row is not None)
        yield StudyEffect(
            trial.study_id, drug.arm_id, DIAGNOSES[drug.population], trial.design, trial.masking, drug.scale,
            drug.event_fraction if drug.metric == "response_rate" else None, drug.event_window == "any_by",
            RESPONDS if drug.metric == "response_rate" else TAKES, hours_after_last(trial, drug) or 0.0, *made, people,
            control is not None,
        )  # fmt: skip


def hours_after_last(trial: Trial, row: Outcome) -> float | None:
    """Time of a row since the last dose of its arm [h]; None where it is not stated, or lies between doses."""
    if row.time_h is None or row.time_since_last_dose_h is not None:
        return row.time_since_last_dose_h
    times = trial.arm(row.arm_id).dose_times_h
    return None if not times or row.time_h < times[-1] else row.time_h - times[-1]


def _nearest(trial: Trial, rows: Sequence[Outcome], at_h: float) -> Mapping[tuple[str, str], Outcome]:
    """The drug's row nearest to a time (by ratio), by scale and metric."""
    chosen: dict[tuple[str, str], tuple[float, Outcome]] = {}
    for row in rows:
        after = hours_after_last(trial, row) if is_session_drug(trial.arm(row.arm_id)) else None
        if after is None or not NEAREST * at_h <= after <= FARTHEST * at_h:
            continue
        if row.metric in {"mean_score", "response_rate", "pct_change"}:
            away = abs(math.log(after / at_h))
            known = chosen.get((row.scale, row.metric))
            if known is None or away < known[0]:
                chosen[row.scale, row.metric] = (away, row)
    return {key: row for key, (_, row) in chosen.items()}


def _control(trial: Trial, rows: Sequence[Outcome], drug: Outcome) -> Outcome | None:
    for other in rows:
        same = (other.scale, other.metric, other.time_h) == (drug.scale, drug.metric, drug.time_h)
        if same and not is_session_drug(trial.arm(other.arm_id)):
            return other
    return None


def _responds(drug: Outcome, control: Outcome | None, level: float) -> tuple[float, float, float] | None:
    counted = [row for row in (drug, control) if row is not None]
    if any(not row.n for row in counted):
        return None
    shares = [exact_share(round((row.n or 0) * row.value / 100), round(row.n or 0), level) for row in counted]
    if control is None:
        return 100 * shares[0].value, 100 * shares[0].low, 100 * shares[0].high
    value, low, high = difference(*shares)
    return 100 * value, 100 * low, 100 * high


def _takes(rows: Sequence[Outcome], drug: Outcome, control: Outcome, level: float) -> tuple[float, float, float] | None:
    from scipy.special import stdtrit

    left = [_left(rows, row) for row in (drug, control)]
    if None in left:
        return None
    (of_drug, se_drug, n_drug), (of_control, se_control, n_control) = (each for each in left if each is not None)
    variances = (se_drug**2, se_control**2)
    freedom = sum(variances) ** 2 / (variances[0] ** 2 / (n_drug - 1) + variances[1] ** 2 / (n_control - 1))
    reach = float(stdtrit(freedom, 0.5 + level / 2)) * math.sqrt(sum(variances))
    value = of_control - of_drug
    return 100 * value, 100 * (value - reach), 100 * (value + reach)


def _left(rows: Sequence[Outcome], row: Outcome) -> tuple[float, float, float] | None:
    """What is left of the total before [fraction], its standard error and people; None where a number is missing."""
    same = (row.arm_id, row.scale, row.metric)
    before = next((each for each in rows if (each.arm_id, each.scale, each.metric) == same and each.time_h == 0), None)
    if before is None or not before.value or not row.n or row.n < 2:
        return None
    errors = []
    for each in (before, row):
        if each.dispersion_low is None or not each.n or each.dispersion_kind not in SPREADS:
            return None
        errors.append(each.dispersion_low / (math.sqrt(each.n) if each.dispersion_kind == "sd" else 1.0))
    share = row.value / before.value
    a, b = errors[1] / before.value, share * errors[0] / before.value
    correlation = load_assumptions()["within_arm_correlation"].value
    return share, math.sqrt(max(a * a + b * b - 2 * correlation * a * b, 0.0)), row.n


def _why_none(trial: Trial, rows: Sequence[Outcome], at_h: float) -> str:
    """Why a study in use tells no effect at about a time."""
    times = [hours_after_last(trial, row) for row in rows if is_session_drug(trial.arm(row.arm_id)) and row.time_h != 0]
    if not any(each is not None and NEAREST * at_h <= each <= FARTHEST * at_h for each in times):
        return "no rating in use at about that time"
    return "a difference in points without the total before or its spread"
