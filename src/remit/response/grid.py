"""The times a course is computed at: fine after each dose, coarse later, and every time asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# choice: after a dose the drive changes within minutes, is gone within a day and then only the slow loss is left, which
# a step of any length solves exactly. A first step of 1/16 h that doubles keeps the error of plasticity against a tight
# ODE solution below 5e-4 for infusions and absorbed doses at gains up to 0.5/h, and below 2e-3 after a bolus
# (tests/agreement/test_course_ode.py)
FIRST_STEP_H = 0.0625
STEP_GROWTH = 2.0
LONGEST_H = 40_000.0
"""Offsets reach this far [h], beyond any follow-up."""


def _offsets() -> NDArray[np.float64]:
    offsets, step = [0.0], FIRST_STEP_H
    while offsets[-1] < LONGEST_H:
        offsets.append(offsets[-1] + step)
        step *= STEP_GROWTH
    return np.array(offsets)


OFFSETS_H = _offsets()
"""Grid times after a dose [h]."""


def course_grid(dose_times_h: ArrayLike, times_h: ArrayLike, duration_h: float = 0.0) -> NDArray[np.float64]:
    """Sorted grid [h] that starts at the first dose and holds every time asked for that is not before it.

    Args:
        dose_times_h: start of each dose [h].
        times_h: times asked for [h].
        duration_h: length of an infusion [h]; its end is a grid time, because concentration has a corner there.
    """
    doses = np.atleast_1d(np.asarray(dose_times_h, dtype=np.float64))
    asked = np.atleast_1d(np.asarray(times_h, dtype=np.float64))
    end = float(max(asked.max(initial=0.0), doses[0]))
    offsets = np.union1d(OFFSETS_H, [duration_h])
    nexts = np.append(doses[1:], np.inf)
    fine = [dose + offsets[dose + offsets < following] for dose, following in zip(doses, nexts, strict=True)]
    grid = np.unique(np.concatenate([*fine, asked[asked >= doses[0]]]))
    return grid[grid <= end]


def positions(grid_h: NDArray[np.float64], times_h: ArrayLike) -> NDArray[np.int64]:
    """Index of each time asked for in a grid that holds it."""
    return np.searchsorted(grid_h, np.asarray(times_h, dtype=np.float64))


def with_midpoints(grid_h: NDArray[np.float64]) -> NDArray[np.float64]:
    """The grid with the middle of each step put between its ends: (2 n - 1,) times for n grid times."""
    both = np.empty(2 * len(grid_h) - 1)
    both[0::2] = grid_h
    both[1::2] = 0.5 * (grid_h[1:] + grid_h[:-1])
    return both
