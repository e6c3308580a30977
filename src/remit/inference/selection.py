"""Which published rows the calibration uses, and why the others are left out.

The rules, in the order they are tried; the first that applies names the reason.

 1. A retracted study is kept in the evidence and never used.
 2. Children, and people chosen because they had already responded, answer another question.
 3. Only symptom totals of anxiety, PTSD or OCD whose range is known; only people with such a diagnosis, with depression
    rated on an anxiety scale, or of a clinic that treats both.
 4. Ketamine combined with a psychotherapy that the control arm did not have cannot be told apart from it.
 5. A row needs a time, a number of people or a standard error, and a metric with a likelihood. Falls from baseline
    divided by an unstated SD are not used.
 6. A session arm needs a dose, a route and dose times.
 7. One fact once: where a study gives the same arm, scale and time in several forms, the form nearest to the data is
    used (total, then change, then per cent change; a difference between arms only when the arms themselves are not
    given).
 8. A pooled result is used only where no trial that could be inside it (same treatment, same kind of symptoms,
    published before it) speaks
    about the same window of time: the first 12 hours, up to 36 hours, up to three weeks, later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remit.evidence.trials import Arm, Outcome, Trial
from remit.vocabulary.clock import HOURS_PER_DAY, HOURS_PER_WEEK
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.scales import Scale

SYMPTOM_TOTALS = frozenset(
    {
        "HAM-A",
        "GAD-7",
        "HADS-A",
        "HADS-total",
        "BAI",
        "STAI-S",
        "LSAS",
        "LSAS-SR",
        "SPIN",
        "PDSS",
        "PDSS-SR",
        "CAPS",
        "CAPS-2",
        "CAPS-5",
        "CAPS-SX17",
        "PCL",
        "PCL-5",
        "IES-R",
        "Y-BOCS",
        "VAS-anxiety",
        "FQ",
    }
) | {"anxiety (any scale)"}
SESSION_DRUGS = frozenset({"ketamine", "esketamine"})
SESSION_CONTROLS = frozenset({"midazolam", "saline"})
CONTROL_KINDS = {
    "placebo": "pill", "wait_list": "wait_list", "usual_care": "usual_care", "psychological_placebo": "attention",
    "other_control": "attention", "midazolam": "session", "saline": "session",
}  # fmt: skip
DIAGNOSES = {
    **{diagnosis.value: diagnosis.value for diagnosis in Diagnosis},
    # depression rated on an anxiety scale, and clinics that treat both, inform the same group
    "TRD": Diagnosis.ANXIOUS_DEPRESSION.value,
    "MDD": Diagnosis.ANXIOUS_DEPRESSION.value,
    "clinic_mixed": Diagnosis.MIXED_ANXIETY.value,
}
POOLED_POPULATIONS = frozenset({"other"})
METRICS = ("mean_score", "mean_change", "pct_change", "mean_difference", "effect_size")
COUNTS = frozenset({"response_rate", "remission_rate"})
WINDOWS_H = (0.5 * HOURS_PER_DAY, 1.5 * HOURS_PER_DAY, 3 * HOURS_PER_WEEK)
"""Ends of the windows of rule 8 [h]: the session's own hours, the day after, the weeks of a gain that may last, and
later."""
PTSD_TOTALS = frozenset({"CAPS", "CAPS-2", "CAPS-5", "CAPS-SX17", "PCL", "PCL-5", "IES-R"})
OCD_TOTALS = frozenset({"Y-BOCS"})
FLAGS_LEFT_OUT = {"children": "children", "enriched_responders": "only people who had already responded"}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not used, and the reason."""

    row: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows by study.

    Attributes:
        used: study id to its rows, in the order of the evidence.
        left_out: the other rows that speak of anxiety, each with a reason.
    """

    used: Mapping[str, tuple[Outcome, ...]]
    left_out: tuple[LeftOut, ...]


def window(time_h: float) -> int:
    """Number of the window of rule 8 a time falls into."""
    return sum(time_h > end for end in WINDOWS_H)


def symptoms(scale: str) -> str:
    """Kind of symptoms a scale totals: ``ptsd``, ``ocd`` or ``anxiety``."""
    return "ptsd" if scale in PTSD_TOTALS else "ocd" if scale in OCD_TOTALS else "anxiety"


def is_session_drug(arm: Arm) -> bool:
    """Whether the arm got ketamine or esketamine and nothing with it."""
    return arm.treatment in SESSION_DRUGS


def is_control(arm: Arm) -> bool:
    """Whether the arm shows a control course."""
    return arm.treatment in CONTROL_KINDS


def _row_fault(trial: Trial, arm: Arm, row: Outcome, scales: Mapping[str, Scale]) -> str:
    if trial.status == "retracted":
        return "retracted"
    for flag in trial.flags:
        if flag.kind in FLAGS_LEFT_OUT:
            return FLAGS_LEFT_OUT[flag.kind]
    if row.scale not in SYMPTOM_TOTALS or row.scale not in scales:
        return "not a symptom total of a known range"
    pooled = trial.kind in {"meta_analysis", "pooled"}
    if row.population not in DIAGNOSES and not (pooled and row.population in POOLED_POPULATIONS):
        return "people without an anxiety diagnosis"
    if "ketamine" in arm.treatment and not is_session_drug(arm):
        return "ketamine combined with something the control arm did not have"
    if arm.treatment.endswith("_class") or arm.treatment in {"all_medication", "all_psychotherapy", "mixed"}:
        return "a class, whose members are used"
    if row.metric not in METRICS and row.metric not in COUNTS:
        return "a metric without a likelihood"
    if row.metric in COUNTS and row.event_fraction is None and row.event_total is None:
        return "an event without a stated threshold"
    if row.time_h is None:
        return "no time"
    if row.metric in COUNTS and row.n is None:
        return "a rate without the number of people"
    if row.metric == "effect_size" and not (pooled and row.unit == "sd_units" and row.dispersion_kind == "ci95"):
        return "standardised by an unstated SD"
    if row.n is None and row.dispersion_kind not in {"se", "ci95"}:
        return "neither a number of people nor a standard error"
    if is_session_drug(arm) and not pooled and (arm.dose_value is None or not arm.dose_times_h or arm.route is None):
        return "no dose, route or dose times"
    return ""


def _preference(row: Outcome) -> int:
    return METRICS.index(row.metric)


def _one_fact_once(rows: list[Outcome]) -> tuple[list[Outcome], list[LeftOut]]:
    """Rule 7."""
    kept: list[Outcome] = []
    out: list[LeftOut] = []
    by_place: dict[tuple[object, ...], list[Outcome]] = {}
    for row in rows:
        if row.metric in COUNTS:
            kept.append(row)
        else:
            by_place.setdefault((row.arm_id, row.scale, row.time_h), []).append(row)
    arms_with_totals = {(row.scale, row.time_h) for row in rows if row.metric in METRICS[:3] and row.time_h}
    for group in by_place.values():
        best = min(group, key=_preference)
        for row in group:
            if row.metric == "mean_difference" and (row.scale, row.time_h) in arms_with_totals:
                out.append(LeftOut(row, "a difference of arms that are used themselves"))
            elif row is best:
                kept.append(row)
            else:
                out.append(LeftOut(row, "the same fact in another form"))
    seen: set[tuple[object, ...]] = set()
    single: list[Outcome] = []
    for row in kept:
        mark = (row.arm_id, row.scale, row.time_h, row.metric, row.event_fraction, row.event_total, row.event_window)
        if mark in seen:
            out.append(LeftOut(row, "the same fact in another form"))
        else:
            seen.add(mark)
            single.append(row)
    return sorted(single, key=rows.index), out


def _could_hold(pool: Trial, trial: Trial) -> bool:
    if pool.contains:
        return trial.study_id in pool.contains
    return trial.year < pool.year


def select(
    trials: Mapping[str, Trial], scales: Mapping[str, Scale], without: frozenset[str] = frozenset()
) -> Selection:
    """Rows the calibration uses.

    Args:
        trials: all studies of the evidence.
        scales: all scales of the evidence.
        without: ids of studies to leave out besides (for sensitivity analyses and held-out checks).
    """
    used: dict[str, list[Outcome]] = {}
    left_out: list[LeftOut] = []
    for trial in trials.values():
        good: list[Outcome] = []
        for row in trial.outcomes:
            fault = (
                "left out on request"
                if trial.study_id in without
                else _row_fault(trial, trial.arm(row.arm_id), row, scales)
            )
            if fault:
                if row.scale in SYMPTOM_TOTALS:
                    left_out.append(LeftOut(row, fault))
            else:
                good.append(row)
        kept, out = _one_fact_once(good)
        left_out += out
        # baselines alone say nothing about a course
        if any(row.time_h for row in kept):
            used[trial.study_id] = kept
        else:
            left_out += [LeftOut(row, "only a baseline") for row in kept]
    return Selection(*_without_pools_of_used_trials(trials, used, left_out))


def _without_pools_of_used_trials(
    trials: Mapping[str, Trial], used: dict[str, list[Outcome]], left_out: list[LeftOut]
) -> tuple[dict[str, tuple[Outcome, ...]], tuple[LeftOut, ...]]:
    """Rule 8."""
    spoken: list[tuple[str, int, str, Trial]] = []
    for study, rows in used.items():
        trial = trials[study]
        if trial.kind in {"meta_analysis", "pooled"} or not trial.design.startswith("rct"):
            continue
        spoken += [
            (trial.arm(row.arm_id).treatment, window(row.time_h), symptoms(row.scale), trial)
            for row in rows
            if row.time_h
        ]
    final: dict[str, tuple[Outcome, ...]] = {}
    for study, rows in used.items():
        pool = trials[study]
        if pool.kind not in {"meta_analysis", "pooled"}:
            final[study] = tuple(rows)
            continue
        kept = []
        for row in rows:
            treatment = pool.arm(row.arm_id).treatment
            inside = [
                trial.study_id
                for name, when, kind, trial in spoken
                if name == treatment
                and row.time_h
                and when == window(row.time_h)
                and kind == symptoms(row.scale)
                and _could_hold(pool, trial)
            ]
            if inside:
                left_out.append(
                    LeftOut(row, f"pools trials that are used themselves ({', '.join(sorted(set(inside))[:3])})")
                )
            else:
                kept.append(row)
        if any(row.time_h for row in kept):
            final[study] = tuple(kept)
    return final, tuple(left_out)
