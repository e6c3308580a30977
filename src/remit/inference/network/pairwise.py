"""Meta-analysis of one comparison at one time: the estimators of the textbooks, as metafor and RevMan have them.

Effects y_i with known variances v_i; y_i ~ N(theta + u_i, v_i), u_i ~ N(0, tau^2). Hedges and Olkin (1985), DerSimonian
and Laird (1986), Viechtbauer (2005), Paule and Mandel (1982), Hartung and Knapp (2001), Higgins et al. (2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.vocabulary.errors import InputRefused, NotConverged

METHODS = ("fixed", "DL", "REML", "PM")
MEASURES = ("MD", "SMD", "RR", "OR", "RD")
ITERATIONS = 1000


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled effect.

    Attributes:
        method: of tau^2; a key of `METHODS`.
        knapp_hartung: whether its interval is that of Hartung and Knapp.
        estimate, se, low, high, p: of the effect (the mean of effects, unless fixed).
        level: of intervals.
        tau2: variance between studies.
        q, q_p: Cochran's Q and its p value.
        i2, h2: share of variance that is between studies [%], and total over typical variance.
        prediction_low, prediction_high: where the effect of a new study lies; None for fixed effects or two studies.
        studies: how many.
    """

    method: str
    knapp_hartung: bool
    estimate: float
    se: float
    low: float
    high: float
    p: float
    level: float
    tau2: float
    q: float
    q_p: float
    i2: float
    h2: float
    prediction_low: float | None
    prediction_high: float | None
    studies: int


def pool(
    y: NDArray[np.float64],
    v: NDArray[np.float64],
    method: str = "REML",
    *,
    knapp_hartung: bool = False,
    level: float = 0.95,
) -> Pooled:
    """Pool effects.

    Args:
        y: effects (studies,).
        v: their variances (studies,), above zero.
        method: a key of `METHODS`.
        knapp_hartung: take the interval of Hartung and Knapp (t distribution, variance of the weighted residuals).
        level: of intervals.

    Raises:
        InputRefused: no studies, a variance that is not above zero, or an unknown method.
        NotConverged: tau^2 did not settle.
    """
    from scipy.stats import chi2, norm
    from scipy.stats import t as student

    y, v = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    if method not in METHODS:
        raise InputRefused(f"unknown method {method!r}", allowed=", ".join(METHODS), where="--method")
    if len(y) < 1 or y.shape != v.shape or not np.all(v > 0):
        raise InputRefused("effects need a variance above zero each", allowed="one or more studies")
    k = len(y)
    fixed = 1.0 / v
    mean_fixed = float(fixed @ y / fixed.sum())
    q = float(fixed @ np.square(y - mean_fixed))
    tau2 = 0.0 if method == "fixed" or k == 1 else _TAU2[method](y, v)
    w = 1.0 / (v + tau2)
    estimate = float(w @ y / w.sum())
    variance = 1.0 / w.sum()
    if knapp_hartung and k > 1:
        variance *= float(w @ np.square(y - estimate)) / (k - 1)
    se = float(np.sqrt(variance))
    outside = (1 + level) / 2
    reach = float(student.ppf(outside, k - 1) if knapp_hartung and k > 1 else norm.ppf(outside))
    ratio = abs(estimate) / se if se > 0 else np.inf
    p = float(2 * (student.sf(ratio, k - 1) if knapp_hartung and k > 1 else norm.sf(ratio)))
    typical = (k - 1) * fixed.sum() / (fixed.sum() ** 2 - np.square(fixed).sum()) if k > 1 else float(v[0])
    # fixed effects have no tau^2 of their own: I^2 and H^2 then follow from Q (Higgins and Thompson 2002)
    h2 = (q / (k - 1) if method == "fixed" else tau2 / typical + 1.0) if k > 1 else 1.0
    i2 = max(0.0, 100.0 * (h2 - 1.0) / h2) if h2 > 0 else 0.0
    wide = None
    if method != "fixed" and k > 2:
        # the t distribution with k - 2 degrees of freedom (Higgins et al. 2009), with k - 1 after Hartung and Knapp
        wide = float(student.ppf(outside, k - 1 if knapp_hartung else k - 2) * np.sqrt(tau2 + variance))
    return Pooled(
        method, knapp_hartung, estimate, se, estimate - reach * se, estimate + reach * se, p, level, float(tau2), q,
        float(chi2.sf(q, k - 1)) if k > 1 else 1.0, i2, float(h2),
        None if wide is None else estimate - wide, None if wide is None else estimate + wide, k,
    )  # fmt: skip


def _der_simonian_laird(y: NDArray[np.float64], v: NDArray[np.float64]) -> float:
    w = 1.0 / v
    mean = w @ y / w.sum()
    q = w @ np.square(y - mean)
    return max(0.0, float((q - (len(y) - 1)) / (w.sum() - np.square(w).sum() / w.sum())))


def _reml(y: NDArray[np.float64], v: NDArray[np.float64]) -> float:
    """Fisher scoring, steps halved where they would go below zero (Viechtbauer 2005)."""
    tau2 = _der_simonian_laird(y, v)
    for _ in range(ITERATIONS):
        w = 1.0 / (v + tau2)
        total = w.sum()
        pull = w * (y - w @ y / total)
        trace = total - np.square(w).sum() / total
        information = np.square(w).sum() - 2 * (w**3).sum() / total + (np.square(w).sum() / total) ** 2
        step = float((pull @ pull - trace) / information)
        new = tau2 + step
        while new < 0 and abs(step) > 1e-12:
            step /= 2
            new = tau2 + step
        new = max(new, 0.0)
        if abs(new - tau2) < 1e-10 * (1.0 + tau2):
            return new
        tau2 = new
    raise NotConverged("tau^2 by REML did not settle", remedy="Use --method DL or PM")


def _paule_mandel(y: NDArray[np.float64], v: NDArray[np.float64]) -> float:
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        w = 1.0 / (v + tau2)
        return float(w @ np.square(y - w @ y / w.sum())) - (len(y) - 1)

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.var(y)) + 1e-12
    while excess(high) > 0:
        high *= 2
    root: Any = brentq(excess, 0.0, high, xtol=1e-14)
    return float(root)


_TAU2 = {"DL": _der_simonian_laird, "REML": _reml, "PM": _paule_mandel}


def effect_of_counts(
    events: float, n: float, events_versus: float, n_versus: float, measure: str
) -> tuple[float, float]:
    """Log risk ratio, log odds ratio or risk difference of two arms, and its variance.

    Half a person is added to every cell of a table with an empty one, unless for a risk difference that needs none.
    """
    a, b, c, d = events, n - events, events_versus, n_versus - events_versus
    if min(a, b, c, d) == 0:
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    if measure == "RR":
        return float(np.log(a / (a + b)) - np.log(c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    if measure == "OR":
        return float(np.log(a * d / (b * c))), 1 / a + 1 / b + 1 / c + 1 / d
    if measure == "RD":
        return a / (a + b) - c / (c + d), a * b / (a + b) ** 3 + c * d / (c + d) ** 3
    raise InputRefused(f"{measure!r} is no measure of counts", allowed="RR, OR, RD", where="--measure")


def standardised(
    mean: float, sd: float, n: float, mean_versus: float, sd_versus: float, n_versus: float
) -> tuple[float, float]:
    """Standardised mean difference with the exact small-sample correction (Hedges 1981), and its variance."""
    from scipy.special import gammaln

    freedom = n + n_versus - 2
    pooled = np.sqrt(((n - 1) * sd**2 + (n_versus - 1) * sd_versus**2) / freedom)
    shrink = np.exp(gammaln(freedom / 2) - 0.5 * np.log(freedom / 2) - gammaln((freedom - 1) / 2))
    g = float(shrink * (mean - mean_versus) / pooled)
    return g, float(1 / n + 1 / n_versus + g**2 / (2 * (n + n_versus)))
