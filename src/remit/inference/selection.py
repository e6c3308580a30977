"""Which published rows the calibration uses, and why the others are left out.

Rows about anxiety, PTSD and OCD say how large effects are and when they come. Rows about depression under ketamine or
esketamine are richer in times; the same rules pick them (`Selection.timing`), and the model borrows only their timing.

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
    published before it) speaks about the same window of time: the first 12 hours, up to 36 hours, up to three weeks,
    later. About depression, where only the timing is wanted, such trials give way to the pool when they hold fewer than
    a fifth of its people.
 9. Pools that could hold the same trials speak once: the one with rows at most times, then with most people.
10. A median time to an event needs the point from which it is counted, and people who were followed from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
DEPRESSION_TOTALS = frozenset({"MADRS", "HDRS", "QIDS-SR16", "PHQ-9", "HADS-D", "depression"})
SESSION_DRUGS = frozenset({"ketamine", "esketamine"})
SESSION_CONTROLS = frozenset({"midazolam", "saline"})
CONTROL_KINDS = {
    "placebo": "pill", "wait_list": "wait_list", "usual_care": "usual_care", "psychological_placebo": "attention",
    "other_control": "attention", "midazolam": "session", "saline": "session",
}  # fmt: skip
TALKED = frozenset({"cbt", "mbsr"})
"""Treatments that are practised with a therapist; their control arms got attention rather than tablets."""
DIAGNOSES = {
    **{diagnosis.value: diagnosis.value for diagnosis in Diagnosis},
    # depression rated on an anxiety scale, and clinics that treat both, inform the same group
    "TRD": Diagnosis.ANXIOUS_DEPRESSION.value,
    "MDD": Diagnosis.ANXIOUS_DEPRESSION.value,
    "clinic_mixed": Diagnosis.MIXED_ANXIETY.value,
}
DEPRESSED = frozenset({"TRD", "MDD", "suicidal", "anxious_depression"})
POOLED_POPULATIONS = frozenset({"other"})
POOLS = frozenset({"meta_analysis", "pooled"})
SMALL_SHARE = 0.2  # choice: below a fifth of its people, trials say less than the pool they may lie in
METRICS = ("mean_score", "mean_change", "pct_change", "mean_difference", "effect_size")
COUNTS = frozenset({"response_rate", "remission_rate"})
MEDIAN = "median_time_to_event"
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
        used: study id to its rows about anxiety, in the order of the evidence.
        left_out: the other rows that speak of anxiety, each with a reason.
        timing: study id to its rows about depression, of which only the timing is borrowed.
        timing_left_out: the other rows about depression under ketamine or esketamine, each with a reason.
    """

    used: Mapping[str, tuple[Outcome, ...]]
    left_out: tuple[LeftOut, ...]
    timing: Mapping[str, tuple[Outcome, ...]]
    timing_left_out: tuple[LeftOut, ...]


def window(time_h: float) -> int:
    """Number of the window of rule 8 a time falls into."""
    return sum(time_h > end for end in WINDOWS_H)


def symptoms(scale: str) -> str:
    """Kind of symptoms a scale totals: ``ptsd``, ``ocd``, ``depression`` or ``anxiety``."""
    if scale in DEPRESSION_TOTALS:
        return "depression"
    return "ptsd" if scale in PTSD_TOTALS else "ocd" if scale in OCD_TOTALS else "anxiety"


def is_session_drug(arm: Arm) -> bool:
    """Whether the arm got ketamine or esketamine and nothing with it."""
    return arm.treatment in SESSION_DRUGS


def is_control(arm: Arm) -> bool:
    """Whether the arm shows a control course."""
    return arm.treatment in CONTROL_KINDS


def _row_fault(trial: Trial, arm: Arm, row: Outcome, scales: Mapping[str, Scale]) -> str:
    if row.scale not in SYMPTOM_TOTALS or row.scale not in scales:
        return _study_fault(trial) or "not a symptom total of a known range"
    pooled = trial.kind in POOLS
    known = row.population in DIAGNOSES or (pooled and row.population in POOLED_POPULATIONS)
    return (
        _study_fault(trial)
        or ("" if known else "people without an anxiety diagnosis")
        or _arm_fault(arm)
        or _number_fault(trial, arm, row)
    )


def _timing_fault(trial: Trial, arm: Arm, row: Outcome, scales: Mapping[str, Scale]) -> str:
    """Why a row about depression is not used."""
    if row.population not in DEPRESSED:
        return _study_fault(trial) or "depression of people with another diagnosis"
    if not any(is_session_drug(other) for other in trial.arms):
        return _study_fault(trial) or "no arm that got only ketamine or esketamine"
    pooled = trial.kind in POOLS
    controls = arm.treatment in SESSION_CONTROLS or arm.treatment == "placebo"
    return (
        _study_fault(trial)
        or ("" if row.scale in scales else "not a symptom total of a known range")
        or _arm_fault(arm)
        or ("" if is_session_drug(arm) or controls else "neither ketamine, esketamine nor a control of a session")
        or ("pooled over unlike numbers of doses" if pooled and row.doses_given != 1 else "")
        or _number_fault(trial, arm, row)
    )


def _study_fault(trial: Trial) -> str:
    if trial.status == "retracted":
        return "retracted"
    return next((FLAGS_LEFT_OUT[flag.kind] for flag in trial.flags if flag.kind in FLAGS_LEFT_OUT), "")


def _arm_fault(arm: Arm) -> str:
    if "ketamine" in arm.treatment and not is_session_drug(arm):
        return "ketamine combined with something the control arm did not have"
    if arm.treatment.endswith("_class") or arm.treatment in {"all_medication", "all_psychotherapy", "mixed"}:
        return "a class, whose members are used"
    return ""


def counts_response(row: Outcome) -> bool:
    """Whether a row counts a response in depression without saying what that is; an assumption says it then."""
    return (
        row.metric == "response_rate"
        and row.event_fraction is None
        and row.event_total is None
        and symptoms(row.scale) == "depression"
        and (row.event or "").startswith(("response", "model-estimated response"))
    )


def _number_fault(trial: Trial, arm: Arm, row: Outcome) -> str:
    pooled = trial.kind in POOLS
    if row.metric not in METRICS and row.metric not in COUNTS and row.metric != MEDIAN:
        return "a metric without a likelihood"
    if row.metric in COUNTS and row.event_fraction is None and row.event_total is None and not counts_response(row):
        return "an event without a stated threshold"
    if row.time_h is None:
        return "no time"
    if row.metric in COUNTS and row.n is None:
        return "a rate without the number of people"
    if row.metric == MEDIAN and (row.n is None or row.time_h <= row.value or row.event_fraction is None):
        return "a median without its people, its start or its threshold"
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
        if row.metric in COUNTS or row.metric == MEDIAN:
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
    anxiety = _chosen(trials, SYMPTOM_TOTALS, without, lambda trial, arm, row: _row_fault(trial, arm, row, scales), 0.0)
    timing = _chosen(
        trials, DEPRESSION_TOTALS, without, lambda trial, arm, row: _timing_fault(trial, arm, row, scales), SMALL_SHARE
    )
    return Selection(*anxiety, *timing)


def _chosen(
    trials: Mapping[str, Trial],
    totals: frozenset[str],
    without: frozenset[str],
    fault_of: Callable[[Trial, Arm, Outcome], str],
    small_share: float,
) -> tuple[dict[str, tuple[Outcome, ...]], tuple[LeftOut, ...]]:
    """Rows on some scales by study, and the others with their reasons."""
    used: dict[str, list[Outcome]] = {}
    left_out: list[LeftOut] = []
    for trial in trials.values():
        good: list[Outcome] = []
        for row in trial.outcomes:
            if row.scale not in totals:
                continue
            asked = trial.study_id in without
            fault = "left out on request" if asked else fault_of(trial, trial.arm(row.arm_id), row)
            if fault:
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
    return _one_voice(trials, used, left_out, small_share)


Subject = tuple[str, int, str]
"""What a row speaks about: a treatment, a window of time, a kind of symptoms."""


def _subjects(trial: Trial, row: Outcome) -> frozenset[Subject]:
    """What a row speaks about, a control arm about every treatment it is the control of; nothing for a baseline."""
    if not row.time_h:
        return frozenset()
    treatments = {trial.arm(row.arm_id).treatment} - CONTROL_KINDS.keys()
    treatments = treatments or {arm.treatment for arm in trial.arms} - CONTROL_KINDS.keys()
    return frozenset((treatment, window(row.time_h), symptoms(row.scale)) for treatment in treatments)


def _one_voice(
    trials: Mapping[str, Trial], used: dict[str, list[Outcome]], left_out: list[LeftOut], small_share: float
) -> tuple[dict[str, tuple[Outcome, ...]], tuple[LeftOut, ...]]:
    """Rules 8 and 9: pooled results and the trials inside them are never both used.

    Args:
        trials, used, left_out: as they stand after the other rules.
        small_share: trials with fewer people than this share of the pool's give way to it [fraction].
    """
    pools = {study for study in used if trials[study].kind in POOLS}
    people: dict[Subject, dict[str, float]] = {}
    for study in used.keys() - pools:
        if trials[study].design.startswith("rct"):
            for row in used[study]:
                for subject in _subjects(trials[study], row):
                    counted = people.setdefault(subject, {})
                    counted[study] = max(counted.get(study, 0.0), row.n or 0.0)
    silent: dict[tuple[str, Subject], str] = {}
    speaking: dict[Subject, set[str]] = {}
    for study in sorted(pools):
        for row in used[study]:
            for subject in _subjects(trials[study], row):
                held = {one: n for one, n in people.get(subject, {}).items() if _could_hold(trials[study], trials[one])}
                if held and not sum(held.values()) < small_share * (row.n or 0.0):
                    names = ", ".join(sorted(held)[:3])
                    silent[study, subject] = f"a pool of trials that are used themselves ({names})"
                else:
                    silent |= {
                        (one, subject): f"may lie inside a much larger pool that is used ({study})" for one in held
                    }
                    speaking.setdefault(subject, set()).add(study)

    def weight(study: str) -> tuple[int, float, str]:
        return len({row.time_h for row in used[study]}), max((row.n or 0.0) for row in used[study]), study

    for subject, voices in speaking.items():
        first = max(voices, key=weight)
        silent |= {(one, subject): f"may pool the same trials as {first}" for one in voices - {first}}
    final: dict[str, tuple[Outcome, ...]] = {}
    for study, rows in used.items():
        kept = []
        for row in rows:
            reasons = [silent[study, one] for one in sorted(_subjects(trials[study], row)) if (study, one) in silent]
            if reasons:
                left_out.append(LeftOut(row, reasons[0]))
            else:
                kept.append(row)
        if any(row.time_h for row in kept):
            final[study] = tuple(kept)
    return final, tuple(left_out)
