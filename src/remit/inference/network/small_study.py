"""Do small studies find larger effects? A funnel and the regression of Egger et al. (1997), adjusted by comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 10
"""choice: below ten comparisons the test has next to no power (Sterne et al. 2011), and that is said."""


@dataclass(frozen=True, slots=True)
class Egger:
    """Regression of effect / se on 1 / se.

    Attributes:
        intercept, se: of the regression; away from zero, small studies differ from large ones.
        t, p, freedom: of its test.
        few: fewer comparisons than the test needs.
    """

    intercept: float
    se: float
    t: float
    p: float
    freedom: int
    few: bool


def egger(
    effects: Sequence[float] | NDArray[np.float64], errors: Sequence[float] | NDArray[np.float64]
) -> Egger | None:
    """The regression test; None with fewer than three comparisons or equal errors.

    Args:
        effects: of comparisons, minus the pooled effect of each comparison in a network.
        errors: their standard errors.
    """
    from scipy.stats import t as student

    y, se = np.asarray(effects, dtype=float), np.asarray(errors, dtype=float)
    if len(y) < 3 or np.ptp(se) < 1e-12 * se.max():
        return None
    table = np.column_stack([np.ones(len(y)), 1.0 / se])
    z = y / se
    inverse = np.linalg.inv(table.T @ table)
    estimate = inverse @ table.T @ z
    freedom = len(y) - 2
    variance = np.sum(np.square(z - table @ estimate)) / freedom
    error = float(np.sqrt(variance * inverse[0, 0]))
    if error == 0:
        return None
    value = float(estimate[0] / error)
    return Egger(float(estimate[0]), error, value, float(2 * student.sf(abs(value), freedom)), freedom, len(y) < LEAST)
