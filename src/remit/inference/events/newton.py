"""Newton's method for a smooth log-likelihood, ended by a rule that is checked, and what it says of the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from remit.vocabulary.errors import NotConverged

AIM = 1e-12
"""Newton decrement at which steps end: twice what another step would gain [log-likelihood]."""
LARGEST_DECREMENT = 1e-8
"""Of an end that is accepted."""
LARGEST_STEP = 1e-3
"""That another step would take, beside the size of a parameter: where it is larger, a maximum lies at infinity."""
WORST_CONDITION = 1e14
"""Of the scaled Hessian; beyond, the data do not tell some mixture of the parameters."""
MOST_STEPS = 200
Function = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]
"""Log-likelihood, gradient and Hessian at a point."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a log-likelihood is largest.

    Attributes:
        point, value: of the maximum.
        gradient: there (parameters,).
        information: minus the Hessian there (parameters, parameters).
        covariance: its inverse.
        decrement: Newton decrement, g' I^-1 g.
        condition: of the information, scaled to a diagonal of one.
        steps: taken.
    """

    point: np.ndarray
    value: float
    gradient: np.ndarray
    information: np.ndarray
    covariance: np.ndarray
    decrement: float
    condition: float
    steps: int

    @property
    def diagnostics(self) -> dict[str, float]:
        """What shows that it is one."""
        return {
            "largest_gradient": float(np.abs(self.gradient).max()),
            "decrement": self.decrement,
            "hessian_condition": self.condition,
            "steps": float(self.steps),
        }


def maximise(function: Function, start: np.ndarray, what: str) -> Maximum:
    """The maximum near a start.

    Where minus the Hessian is not positive definite or a step gains nothing, its diagonal is raised (Levenberg and
    Marquardt).

    Args:
        function: value, gradient, Hessian.
        start: (parameters,).
        what: is fitted, for messages.

    Raises:
        NotConverged: no maximum was reached, or it is flat in some direction.
    """
    point = start.astype(float)
    value, gradient, hessian = function(point)
    raised, steps = 0.0, 0
    while steps < MOST_STEPS:
        steps += 1
        information = -hessian
        size = np.maximum(np.abs(np.diag(information)), 1e-10)
        try:
            step = cho_solve(cho_factor(information + raised * np.diag(size)), gradient)
        except LinAlgError:
            raised = max(10 * raised, 1e-4)
            continue
        if raised == 0.0 and gradient @ step <= AIM:
            # the last step is taken where it does not lose: it halves the digits that are wrong
            break
        fresh = point + step
        found = function(fresh) if np.all(np.isfinite(fresh)) else (-np.inf, gradient, hessian)
        gains = np.isfinite(found[0]) and np.all(np.isfinite(found[2])) and found[0] >= value
        if gains:
            point, (value, gradient, hessian) = fresh, found
            raised = 0.0 if raised < 1e-3 else raised / 10
        elif gradient @ step <= LARGEST_DECREMENT and raised == 0.0:
            break  # nothing left to gain in the digits of a float
        else:
            raised = max(10 * raised, 1e-4)
            if raised > 1e12:
                break
    return _checked(point, value, gradient, -hessian, steps, what)


def _checked(
    point: np.ndarray, value: float, gradient: np.ndarray, information: np.ndarray, steps: int, what: str
) -> Maximum:
    advice = "Leave out covariates that tell the event apart completely, or take a simpler model"
    try:
        covariance = cho_solve(cho_factor(information), np.eye(len(point)))
    except (LinAlgError, ValueError):
        raise NotConverged(
            f"{what}: no maximum was found (the Hessian has a direction upwards)", remedy=advice
        ) from None
    decrement = float(gradient @ covariance @ gradient)
    size = np.sqrt(np.diag(information))
    condition = float(np.linalg.cond(information / np.outer(size, size)))
    if not decrement <= LARGEST_DECREMENT:
        raise NotConverged(
            f"{what}: Newton's method did not come to an end (decrement {decrement:.1e}, allowed "
            f"{LARGEST_DECREMENT:g})",
            remedy=advice,
        )
    drift = float(np.max(np.abs(covariance @ gradient) / (1 + np.abs(point))))
    if not drift <= LARGEST_STEP:
        raise NotConverged(
            f"{what}: the likelihood rises without end as a parameter grows (a further step of {drift:.1g})",
            remedy=advice,
        )
    if not condition <= WORST_CONDITION:
        raise NotConverged(
            f"{what}: the data do not tell its parameters apart (condition {condition:.1e})", remedy=advice
        )
    return Maximum(point, value, gradient, information, covariance, decrement, condition, steps)
