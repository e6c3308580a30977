"""Where the search for a distribution of log times begins: times put in the middle of what is known, and least squares
through them."""

from __future__ import annotations

import numpy as np

from remit.inference.events.likelihood import Seen

BEYOND = 0.7
"""How far beyond the end that is known a time is put [log time].  # choice: half or twice the time"""


def middles(data: Seen, after: float = BEYOND) -> np.ndarray:
    """Log of a time for each subject.

    Args:
        data: of the subjects.
        after: how far beyond the last visit events lie that were not seen so far.
    """
    times = 0.5 * (data.low + data.high)
    times[data.before] = data.high[data.before] - BEYOND
    times[data.after] = data.low[data.after] + after
    return times


def line(data: Seen, design: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Weighted least squares of values on covariates.

    Args:
        data: of the subjects.
        design: (subjects, columns).
        values: (subjects,).
    """
    weighed = design.T * data.weight
    return np.linalg.lstsq(weighed @ design, weighed @ values, rcond=None)[0]


def spread_around(data: Seen, design: np.ndarray, values: np.ndarray, location: np.ndarray) -> float:
    """SD of values around a line, never zero.

    Args:
        data, design, values: as for `line`.
        location: coefficients of the line (columns,).
    """
    left = values - design @ location
    return float(np.sqrt(max(np.average(left**2, weights=data.weight), 1e-4)))
