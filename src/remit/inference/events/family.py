"""Standard distributions of the scatter of log time: what the likelihood needs of each, without cancellation.

log T = location + scale e. If e is the smallest extreme value, T is Weibull; normal, log-normal; logistic, log-logistic
(Kalbfleisch and Prentice 2002, section 2.2). S is the chance that e exceeds z, f its density.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_ndtr, ndtri

Curve = Callable[[np.ndarray], np.ndarray]
LOG_TWO_PI = float(np.log(2 * np.pi))
TINY = 1e-300
"""Keeps logarithms of differences that underflow finite; they then say "impossible", not "not a number"."""


@dataclass(frozen=True, slots=True)
class Family:
    """A distribution of log time.

    Attributes:
        name: as typed.
        title: as written.
        log_survival: log S(z).
        log_difference: log (S(low) - S(high)) for low < high, both finite.
        density: log f(z) and its first derivative.
        bend: second derivative of log f(z).
        quantile: z with S(z) = 1 - p.
        scale: fixed scale, or None where it is estimated.
        mean, sd: of z, to two digits: a search begins there.
    """

    name: str
    title: str
    log_survival: Curve
    log_difference: Callable[[np.ndarray, np.ndarray], np.ndarray]
    density: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    bend: Curve
    quantile: Curve
    scale: float | None = None
    mean: float = 0.0
    sd: float = 1.0


def _exp(z: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(z, 500.0))


def _extreme_difference(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    at = _exp(low)
    return -at + np.log(np.maximum(-np.expm1(at - _exp(high)), TINY))


def _extreme_density(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = _exp(z)
    return z - at, 1 - at


def _normal_difference(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    # both in the tail where the chances are small
    turned = low + high < 0
    near, far = np.where(turned, -high, low), np.where(turned, -low, high)
    big = log_ndtr(-near)
    return big + np.log(np.maximum(-np.expm1(log_ndtr(-far) - big), TINY))


def _logistic_density(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return z - 2 * np.logaddexp(0, z), 1 - 2 * expit(z)


def _logistic_difference(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    gap = np.log(np.maximum(-np.expm1(low - high), TINY))
    return -np.logaddexp(0, low) - np.logaddexp(0, -high) + gap


WEIBULL = Family(
    "weibull",
    "Weibull",
    log_survival=lambda z: -_exp(z),
    log_difference=_extreme_difference,
    density=_extreme_density,
    bend=lambda z: -_exp(z),
    quantile=lambda p: np.log(-np.log1p(-p)),
    mean=-0.58,
    sd=1.28,
)
EXPONENTIAL = Family(
    "exponential",
    "exponential",
    WEIBULL.log_survival,
    WEIBULL.log_difference,
    WEIBULL.density,
    WEIBULL.bend,
    WEIBULL.quantile,
    scale=1.0,
    mean=WEIBULL.mean,
)
LOG_NORMAL = Family(
    "log-normal",
    "log-normal",
    log_survival=lambda z: log_ndtr(-z),
    log_difference=_normal_difference,
    density=lambda z: (-0.5 * (z * z + LOG_TWO_PI), -z),
    bend=lambda z: -np.ones_like(z),
    quantile=ndtri,
)
LOG_LOGISTIC = Family(
    "log-logistic",
    "log-logistic",
    log_survival=lambda z: -np.logaddexp(0, z),
    log_difference=_logistic_difference,
    density=_logistic_density,
    bend=lambda z: -2 * expit(z) * expit(-z),
    quantile=lambda p: np.log(p) - np.log1p(-p),
    sd=1.81,
)
FAMILIES = {each.name: each for each in (EXPONENTIAL, WEIBULL, LOG_NORMAL, LOG_LOGISTIC)}
