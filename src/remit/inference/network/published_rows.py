"""The published evidence of remit as a table for a meta-analysis: mean scores of one scale with their errors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from remit.evidence.tables import near_miss
from remit.evidence.trials import Outcome, Trial, load_trials
from remit.inference.network.table import Row, Table
from remit.vocabulary.errors import InputRefused

USABLE = ("mean_score", "mean_change")
Z = 1.959963984540054
"""Standard errors from a 95 % interval to its end (normal distribution)."""


def published_table(
    *,
    scale: str | None = None,
    populations: Sequence[str] | None = None,
    treatments: Sequence[str] | None = None,
    timeless: bool = False,
) -> Table:
    """Mean scores, or mean changes, of one scale in randomised parallel trials that are not retracted.

    A study enters with its scores where it reports them, else with its changes. Rows without a time, a number of
    people or a spread are left out and counted: missing is never zero.

    Args:
        scale: of the ratings; needed.
        populations: only these.
        treatments: only arms of these.
        timeless: only the last time of each arm, read as one time.

    Raises:
        InputRefused: no scale, one that is unknown, or nothing usable.
    """
    trials = [each for each in load_trials().values() if not each.is_retracted and each.design == "rct_parallel"]
    scales = Counter(row.scale for trial in trials for row in trial.outcomes if row.metric in USABLE)
    if scale is None or scale not in scales:
        said = "no scale was chosen" if scale is None else f"no mean scores on {scale!r}"
        common = ", ".join(name for name, _ in scales.most_common(12))
        raise InputRefused(
            said, allowed=f"--scale, for example {common}", remedy=near_miss(scale or "", scales), where="--scale"
        )
    known = {row.population for trial in trials for row in trial.outcomes if row.scale == scale}
    for name in populations or []:
        if name not in known:
            raise InputRefused(f"no {scale} of {name!r}", allowed=", ".join(sorted(known)), where="--population")
    left: Counter[str] = Counter()
    rows: list[Row] = []
    changes: list[str] = []
    for trial in trials:
        found = _usable(trial, scale, populations, treatments, left)
        metric = next((each for each in USABLE if len({row.arm_id for row in found if row.metric == each}) > 1), None)
        if metric is None:
            continue
        if metric == "mean_change":
            changes.append(trial.study_id)
        best: dict[tuple[str, float], Row] = {}
        for row in found:
            if row.metric == metric:
                best.setdefault((row.arm_id, row.time_h or 0.0), _row(trial, row))
        rows += _last_times(best) if timeless else best.values()
    if not rows:
        raise InputRefused(
            f"no usable rows of {scale}: {', '.join(f'{count} {why}' for why, count in left.items()) or 'none'}",
            remedy="Choose another --scale, --population or --treatment", where="evidence",
        )  # fmt: skip
    notes = [f"published rows left out: {count} {why}" for why, count in sorted(left.items())]
    if changes:
        notes.append(f"changes instead of scores from {', '.join(changes)}")
    if timeless:
        notes.append("last reported time of each arm")
    return Table(f"evidence ({scale})", "estimates", tuple(rows), "" if timeless else "w", tuple(notes))


def _usable(
    trial: Trial, scale: str, populations: Sequence[str] | None, treatments: Sequence[str] | None, left: Counter[str]
) -> list[Outcome]:
    found = []
    for row in trial.outcomes:
        if row.scale != scale or row.metric not in USABLE or row.unit != "points":
            continue
        if populations and row.population not in populations:
            continue
        if treatments and trial.arm(row.arm_id).treatment not in treatments:
            continue
        if row.time_h is None:
            left["without a time"] += 1
        elif standard_error(row) is None:
            left["without a spread or a number of people"] += 1
        elif row.flag:
            left["flagged in the evidence"] += 1
        else:
            found.append(row)
    return found


def standard_error(row: Outcome) -> float | None:
    """Standard error of a published mean; None where it cannot be had."""
    low, high = row.dispersion_low, row.dispersion_high
    if row.dispersion_kind == "sd" and low and row.n:
        return low / math.sqrt(row.n)
    if row.dispersion_kind == "se" and low:
        return low
    if row.dispersion_kind == "ci95" and low is not None and high is not None and high > low:
        return (high - low) / (2 * Z)
    return None


def _row(trial: Trial, row: Outcome) -> Row:
    arm = trial.arm(row.arm_id)
    from remit.vocabulary.clock import weeks

    week = weeks(1)
    doses = None if arm.dose_times_h is None else tuple(each / week for each in arm.dose_times_h)
    return Row(
        line=row.line, study=trial.study_id, arm=row.arm_id, treatment=arm.treatment, time=(row.time_h or 0.0) / week,
        y=row.value, se=standard_error(row) or math.nan, n=row.n, doses=doses,
    )  # fmt: skip


def _last_times(rows: dict[tuple[str, float], Row]) -> list[Row]:
    from dataclasses import replace

    last: dict[str, Row] = {}
    for (arm, time), row in rows.items():
        if arm not in last or time > last[arm].time:
            last[arm] = row
    return [replace(row, time=0.0) for row in last.values()]
