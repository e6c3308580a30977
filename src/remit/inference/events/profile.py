"""Likelihood-ratio intervals of anything a model says: how far it can be pushed before the data object.

The ends of {h(x): 2 (l_max - l(x)) <= chi-square quantile} are where l(x) - K (h(x) - t)^2 / 2 is largest, for the
target t at which the drop is the quantile (Venzon and Moolgavkar 1988 solve the same conditions). A multiplier,
l + k h, would do where h is about straight; where it is bent, as a median over proportional hazards is, that has no
maximum.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import chi2

from remit.inference.events.newton import Function, Maximum, maximise
from remit.vocabulary.errors import NotConverged

STEP = 1e-4
"""Of central differences of h, whose error is the square of it."""
MOST_TRIES = 30
STIFF = 10.0
"""K in units of 1 / SE(h)^2.  # choice: bends of h that are ten times those of the likelihood are still held"""


def likelihood_interval(
    function: Function, maximum: Maximum, h: Callable[[np.ndarray], float], level: float
) -> tuple[float, float]:
    """Ends of the interval.

    Args:
        function: log-likelihood with gradient and Hessian.
        maximum: its maximum.
        h: what the interval is of; smooth and finite near the maximum.
        level: of the interval.

    Raises:
        NotConverged: an end was not found, for example because the likelihood never drops that far.
    """
    drop = 0.5 * float(chi2.ppf(level, 1))
    slope = _derivatives(h, maximum.point)[1]
    spread = float(np.sqrt(slope @ maximum.covariance @ slope))
    if spread == 0:
        return h(maximum.point), h(maximum.point)
    low, high = (_end(function, maximum, h, drop, sign * spread) for sign in (-1.0, 1.0))
    return low, high


def _end(function: Function, maximum: Maximum, h: Callable[[np.ndarray], float], drop: float, spread: float) -> float:
    """One end; the sign of ``spread``, the standard error of h, says which."""
    point, at, stiff = maximum.point, h(maximum.point), STIFF / spread**2

    def pushed(reach: float, start: np.ndarray) -> tuple[np.ndarray, float]:
        def together(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
            value, gradient, hessian = function(x)
            # far steps are tried and turned down: what overflows there is no fault
            with np.errstate(all="ignore"):
                now, slope, bend = _derivatives(h, x)
                off = now - at - reach
                return (
                    value - 0.5 * stiff * off**2,
                    gradient - stiff * off * slope,
                    hessian - stiff * (np.outer(slope, slope) + off * bend),
                )

        found = maximise(together, start, "an end of a likelihood interval").point
        return found, maximum.value - function(found)[0]

    # the drop grows about as the square of the reach
    known, reach = [(0.0, 0.0)], np.sqrt(2 * drop) * spread * (1 + 1 / STIFF)
    for _ in range(MOST_TRIES):
        point, fell = pushed(reach, point)
        if abs(fell - drop) <= 1e-6 * drop:
            return h(point)
        known.append((reach, fell))
        below = max((each for each in known if each[1] < drop), key=lambda each: abs(each[0]))
        above = min((each for each in known if each[1] > drop), key=lambda each: abs(each[0]), default=None)
        guess = reach * np.sqrt(drop / fell) if fell > 0 else 2 * reach
        if above is not None and not abs(below[0]) < abs(guess) < abs(above[0]):
            guess = 0.5 * (below[0] + above[0])
        reach = float(guess)
    raise NotConverged("an end of a likelihood interval was not found", remedy="Take a simpler model")


def _derivatives(h: Callable[[np.ndarray], float], point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Value, gradient and Hessian of h by central differences."""
    count = len(point)
    step = STEP * np.maximum(np.abs(point), 1.0)
    value = h(point)
    moves = np.diag(step)
    up, down = np.array([h(point + move) for move in moves]), np.array([h(point - move) for move in moves])
    slope = (up - down) / (2 * step)
    bend = np.diag((up - 2 * value + down) / step**2)
    for i in range(count):
        for j in range(i):
            corner = h(point + moves[i] + moves[j]) + h(point - moves[i] - moves[j])
            single = up[i] + down[i] + up[j] + down[j]
            bend[i, j] = bend[j, i] = (corner - single + 2 * value) / (2 * step[i] * step[j])
    return value, slope, bend
