"""A published row beside what the calibrated model would have published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

LEVELS = (0.5, 0.8, 0.95)


@dataclass(frozen=True, slots=True)
class RowCheck:
    """One published row beside what the model would have published.

    Attributes:
        study, origin: its study, and file and line.
        what: kind of row, scale and time [h].
        observed: as published (counts: per cent).
        median: of the prediction.
        intervals: low and high at each of `LEVELS`.
    """

    study: str
    origin: str
    what: str
    observed: float
    median: float
    intervals: tuple[tuple[float, float], ...]

    def inside(self, level: float) -> bool:
        """Whether the published value lies in the interval of a level."""
        low, high = self.intervals[LEVELS.index(level)]
        return low <= self.observed <= high


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A row predicted by the trials other than its own.

    Attributes:
        row: the row with its predictive intervals.
        given: what was given in the study: ketamine by a route, a daily drug, or psychotherapy.
        people: diagnosis of those rated, or ``depression``.
        spread: whether the row is an SD, not an outcome.
        percentile: share of the prediction below the published value, ties counted half [fraction].
        refitted: whether the model was fitted again without the study.
        k: Pareto k of the study's weights.
    """

    row: RowCheck
    given: str
    people: str
    spread: bool
    percentile: float
    refitted: bool
    k: float


def coverage(checks: Iterable[RowCheck], level: float) -> float:
    """Share of rows inside their interval of a level [fraction]."""
    inside = [row.inside(level) for row in checks]
    return float(np.mean(inside)) if inside else float("nan")
