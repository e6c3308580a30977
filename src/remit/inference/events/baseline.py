"""Distributions of the time to an event as functions of a few numbers, for models whose derivatives are differences.

Besides the four of `remit.inference.events.family`: gamma, T = exp(location) G with G a gamma time of shape exp(a), and
generalised gamma (Prentice 1974), log T = location + scale w, with w of shape q; q = 1 is Weibull, q -> 0 log-normal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv, gammaln

from remit.inference.events.family import FAMILIES, LOG_NORMAL, TINY, Family

Shape = np.ndarray
Ends = tuple[np.ndarray, np.ndarray]
ALMOST_NORMAL = 1e-3
"""Shape q nearer to 0 than which a generalised gamma time is log-normal in the digits of a float's differences."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A distribution of log time around its location.

    Attributes:
        name: as typed.
        title: as written.
        shape: names of its numbers besides location.
        start: where the search for them begins, from the SD of log times.
        ends: (log time - location, shape) -> log of the chances of a later and of an earlier event.
        density: the same -> log density of log time.
        quantile: (share, shape) -> log time - location by which a share has had the event.
    """

    name: str
    title: str
    shape: tuple[str, ...]
    start: Callable[[float], list[float]]
    ends: Callable[[np.ndarray, Shape], Ends]
    density: Callable[[np.ndarray, Shape], np.ndarray]
    quantile: Callable[[float, Shape], float]


def other(log_chance: np.ndarray) -> np.ndarray:
    """Log of 1 - exp(x) for x below 0, without loss of digits at either end."""
    small = np.minimum(log_chance, -TINY)
    near = np.log(np.maximum(-np.expm1(small), TINY))
    return np.where(small > -0.5, near, np.log1p(-np.exp(np.minimum(small, -1e-18))))


def _of_family(family: Family) -> Baseline:
    fixed = family.scale is not None

    def spread(shape: Shape) -> float:
        return float(family.scale) if family.scale is not None else float(np.exp(shape[0]))

    def ends(x: np.ndarray, shape: Shape) -> Ends:
        later = family.log_survival(x / spread(shape))
        return later, other(later)

    return Baseline(
        family.name,
        family.title,
        () if fixed else ("log scale",),
        lambda sd: [] if fixed else [float(np.log(sd / family.sd))],
        ends,
        lambda x, shape: family.density(x / spread(shape))[0] - np.log(spread(shape)),
        lambda share, shape: float(family.quantile(np.array(share))) * spread(shape),
    )


def _logs(later: np.ndarray, earlier: np.ndarray) -> Ends:
    return np.log(np.maximum(later, TINY)), np.log(np.maximum(earlier, TINY))


def _gamma_ends(x: np.ndarray, shape: Shape) -> Ends:
    k, u = np.exp(shape[0]), np.exp(np.minimum(x, 500.0))
    return _logs(gammaincc(k, u), gammainc(k, u))


def _gamma_density(x: np.ndarray, shape: Shape) -> np.ndarray:
    k = np.exp(shape[0])
    return k * x - np.exp(np.minimum(x, 500.0)) - gammaln(k)


def _general(x: np.ndarray, shape: Shape) -> tuple[float, np.ndarray]:
    """1 / q^2, and the gamma value of each time."""
    scale, q = np.exp(shape[0]), float(shape[1])
    return 1.0 / q**2, np.exp(np.clip(q * x / scale - 2.0 * np.log(abs(q)), -700.0, 500.0))


def _general_ends(x: np.ndarray, shape: Shape) -> Ends:
    if abs(shape[1]) < ALMOST_NORMAL:
        later = LOG_NORMAL.log_survival(x / np.exp(shape[0]))
        return later, other(later)
    k, u = _general(x, shape)
    later, earlier = gammaincc(k, u), gammainc(k, u)
    return _logs(later, earlier) if shape[1] > 0 else _logs(earlier, later)


def _general_density(x: np.ndarray, shape: Shape) -> np.ndarray:
    q = float(shape[1])
    if abs(q) < ALMOST_NORMAL:
        return LOG_NORMAL.density(x / np.exp(shape[0]))[0] - shape[0]
    k, u = _general(x, shape)
    return np.log(abs(q)) - shape[0] + k * np.log(u) - u - gammaln(k)


def _general_quantile(share: float, shape: Shape) -> float:
    scale, q = float(np.exp(shape[0])), float(shape[1])
    if abs(q) < ALMOST_NORMAL:
        return float(LOG_NORMAL.quantile(np.array(share))) * scale
    k = 1.0 / q**2
    u = gammaincinv(k, share) if q > 0 else gammainccinv(k, share)
    return float(scale / q * (np.log(u) + 2.0 * np.log(abs(q))))


GAMMA = Baseline(
    "gamma",
    "gamma",
    ("log shape",),
    # the SD of log times of shape k is about 1 / sqrt(k)
    lambda sd: [float(-2.0 * np.log(max(sd, 0.05)))],
    _gamma_ends,
    _gamma_density,
    lambda share, shape: float(np.log(gammaincinv(np.exp(shape[0]), share))),
)
GENERALISED_GAMMA = Baseline(
    "generalised-gamma",
    "generalised gamma",
    ("log scale", "q"),
    lambda sd: [float(np.log(max(sd, 0.05))), 0.3],  # choice: between log-normal and Weibull
    _general_ends,
    _general_density,
    _general_quantile,
)
BASELINES = {each.name: each for each in (*(_of_family(one) for one in FAMILIES.values()), GAMMA, GENERALISED_GAMMA)}
