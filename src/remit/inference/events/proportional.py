"""Proportional hazards, or odds, over a curve without a model.

S(t | x) = exp(-H(t) e^(x'b)) or 1 / (1 + O(t) e^(x'b)), with H or O free to be any rising step function. Written in a =
log H (or log O), both are log (S0(a_left + x'b) - S0(a_right + x'b)) for an extreme-value (or logistic) S0, whose
density is log-concave: the log-likelihood is jointly concave in (a, b), so one maximum exists and first-order
conditions prove it. a is found by Newton steps with rises that may not be negative, as in
`remit.inference.events.turnbull`.

Standard errors of b come from the curvature of the profile likelihood (Murphy and van der Vaart 2000).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from remit.inference.events.family import LOG_LOGISTIC, WEIBULL, Family
from remit.inference.events.quadratic import bounded_step
from remit.inference.events.support import Support, support_of
from remit.inference.events.turnbull import most_likely
from remit.vocabulary.errors import InputRefused, NotConverged

LINKS = {"hazards": WEIBULL, "odds": LOG_LOGISTIC}
LARGEST_GAP = 1e-6
"""Of first-order conditions, for each subject."""
AIM = 1e-9
"""Gap at which steps end."""
MOST_STEPS = 200
Piece = tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]
Profile = tuple[np.ndarray, np.ndarray, float, float, int, np.ndarray]


@dataclass(frozen=True, slots=True)
class Proportional:
    """A fitted model.

    Attributes:
        link: ``hazards`` or ``odds``.
        names: of the coefficients.
        coefficients: log ratio of hazards or odds of each covariate.
        covariance: of the coefficients, from the profile likelihood.
        support: candidates of the baseline.
        level: log cumulative hazard or log odds after each candidate, at the mean of all covariates (candidates,); the
            last is inf.
        mean: of each covariate.
        log_likelihood: at the maximum.
        gap: largest first-order excess, for each subject; proves the maximum.
        steps: Newton steps.
    """

    link: str
    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    support: Support
    level: np.ndarray
    mean: np.ndarray
    log_likelihood: float
    gap: float
    steps: int

    def survival_after(self, row: np.ndarray) -> np.ndarray:
        """Chance of no event after each candidate for one row of covariates (candidates,)."""
        shift = float((row - self.mean) @ self.coefficients)
        return np.where(
            np.isinf(self.level), 0.0, np.exp(LINKS[self.link].log_survival(np.minimum(self.level, 500.0) + shift))
        )


class _Subjects:
    """Subjects by the candidates their ends stand at, and their derivatives."""

    def __init__(self, family: Family, support: Support, weight: np.ndarray, rows: np.ndarray, offset: np.ndarray):
        self.family, self.weight, self.rows, self.offset = family, weight, rows, offset
        self.size = support.size - 1
        """Levels that are free: after the last candidate nobody is without the event."""
        first, last = support.first[support.kind], support.last[support.kind]
        self.low, self.high = first - 1, last
        self.both = np.flatnonzero((first > 0) & (last < self.size))
        self.only_low = np.flatnonzero((first > 0) & (last >= self.size))
        self.only_high = np.flatnonzero((first == 0) & (last < self.size))

    def value(self, level: np.ndarray, b: np.ndarray) -> float:
        """Log-likelihood; minus infinity where somebody's event is impossible."""
        with np.errstate(all="ignore"):
            pieces = self._pieces(level, self.offset + self.rows @ b)
            found = sum(float(self.weight[rows] @ value) for rows, value, _, _ in pieces)
        return found if np.isfinite(found) else -np.inf

    def _pieces(self, level: np.ndarray, shift: np.ndarray) -> Iterator[Piece]:
        """Subjects, their log-likelihood and their ends, by which ends they have."""
        family = self.family
        rows = self.both
        low, high = level[self.low[rows]] + shift[rows], level[self.high[rows]] + shift[rows]
        yield rows, np.where(high > low, family.log_difference(low, np.maximum(high, low)), -np.inf), low, high
        rows = self.only_low
        low = level[self.low[rows]] + shift[rows]
        yield rows, family.log_survival(low), low, None
        rows = self.only_high
        high = level[self.high[rows]] + shift[rows]
        yield rows, np.log(np.maximum(-np.expm1(family.log_survival(high)), np.finfo(float).tiny)), None, high

    def derivatives(self, level: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
        """First and second derivatives by both ends of each subject (subjects,)."""
        count = len(self.weight)
        shift = self.offset + self.rows @ b
        by_low, by_high, low_low, high_high, across = (np.zeros(count) for _ in range(5))
        for rows, value, low, high in self._pieces(level, shift):
            weight = self.weight[rows]
            ends = []
            for z in (low, high):
                if z is None:
                    ends.append((0.0, 0.0))
                    continue
                density, slope = self.family.density(z)
                share = np.exp(np.minimum(density - value, 700.0))
                ends.append((share, share * slope))
            (left, left_bend), (right, right_bend) = ends
            by_low[rows], by_high[rows] = -weight * left, weight * right
            low_low[rows] = -weight * (left_bend + left**2)
            high_high[rows] = weight * (right_bend - right**2)
            across[rows] = weight * left * right
        return by_low, by_high, low_low, high_high, across


def fit_profile(subjects: _Subjects, level: np.ndarray, b: np.ndarray, total: float, what: str) -> Profile:
    """Levels, coefficients, log-likelihood, gap, steps, and minus the Hessian of b with levels taken out."""
    size, columns = subjects.size, subjects.rows.shape[1]
    value = subjects.value(level, b)
    schur = np.zeros((columns, columns))
    gap, step = np.inf, 0
    while step < MOST_STEPS:
        step += 1
        by_low, by_high, low_low, high_high, across = subjects.derivatives(level, b)
        at_low, at_high = subjects.low >= 0, subjects.high < size
        here = np.bincount(subjects.low[at_low], by_low[at_low], size) + np.bincount(
            subjects.high[at_high], by_high[at_high], size
        )
        tail = np.cumsum(here[::-1])[::-1]
        slope_b = subjects.rows.T @ (by_low + by_high)
        gap = max(float(tail.max()), abs(float(tail[0])), float(np.abs(slope_b).max(initial=0.0))) / total
        rise = np.diff(level)
        peak = np.concatenate([[False], (tail[1:] > 0) & (tail[1:] > tail[:-1]), [False]])[:-1]
        peak[:-1] &= tail[:-1] >= tail[1:]
        jumps = np.concatenate([[True], (rise > 0) | peak[1:]]) if size > 1 else np.ones(1, bool)
        starts = np.flatnonzero(jumps)
        count = len(starts)
        block = np.cumsum(jumps) - 1
        low, high = block[np.maximum(subjects.low, 0)], block[np.minimum(subjects.high, size - 1)]
        table = np.bincount(low[at_low], low_low[at_low], count) + np.bincount(high[at_high], high_high[at_high], count)
        square = np.diag(table)
        pair = at_low & at_high
        mixed = np.bincount(low[pair] * count + high[pair], across[pair], count * count).reshape(count, count)
        square = square + mixed + mixed.T
        square = np.cumsum(np.cumsum(square[::-1], axis=0)[:, ::-1], axis=1)[::-1, ::-1]
        hessian = np.zeros((count + columns, count + columns))
        hessian[:count, :count] = -square
        for column in range(columns):
            rows = subjects.rows[:, column]
            low_part, high_part = (low_low + across) * rows, (high_high + across) * rows
            side = np.bincount(low[at_low], low_part[at_low], count)
            side = side + np.bincount(high[at_high], high_part[at_high], count)
            hessian[:count, count + column] = hessian[count + column, :count] = -np.cumsum(side[::-1])[::-1]
        hessian[count:, count:] = -subjects.rows.T @ ((low_low + high_high + 2 * across)[:, None] * subjects.rows)
        hessian[np.diag_indices_from(hessian)] *= 1 + 1e-10
        if columns:
            try:
                inner = cho_solve(cho_factor(hessian[:count, :count]), hessian[:count, count:])
                schur = hessian[count:, count:] - hessian[count:, :count] @ inner
            except LinAlgError:
                schur = hessian[count:, count:]
        if gap <= AIM:
            break
        start = np.concatenate([level[:1], np.diff(level[starts]), b])
        bounded = np.concatenate([[False], np.ones(count - 1, bool), np.zeros(columns, bool)])
        slope = np.concatenate([tail[starts], slope_b])
        found = bounded_step(hessian, slope, start, bounded)
        if found is None:
            hessian[np.diag_indices_from(hessian)] *= 1 + 1e-4
            found = bounded_step(hessian, slope, start, bounded)
        if found is None:
            break
        share, change = 1.0, found - start
        while share > 1e-6:
            trial = start + share * change
            fresh = np.cumsum(trial[:count])[block]
            gained = subjects.value(fresh, trial[count:])
            if gained > value:
                break
            share *= 0.5
        else:
            break
        level, b, value = fresh, trial[count:], gained
    if not gap <= LARGEST_GAP:
        raise NotConverged(
            f"{what}: first-order conditions are not met (gap {gap:.1e}, allowed {LARGEST_GAP:g})",
            remedy="Leave out covariates that tell the event apart completely",
        )
    return level, b, value, gap, step, schur


def fit_proportional(
    left: np.ndarray,
    right: np.ndarray,
    rows: np.ndarray,
    *,
    link: str = "hazards",
    weight: np.ndarray | None = None,
    entry: np.ndarray | None = None,
    limit: np.ndarray | None = None,
    names: Sequence[str] = (),
    errors: bool = True,
) -> Proportional:
    """Fit by maximum likelihood.

    Args:
        left, right, weight: see `remit.inference.events.support.support_of`.
        rows: covariates, without a column of ones (subjects, columns).
        link: ``hazards`` or ``odds``.
        entry, limit: refused where anybody entered late, or had to have the event by a time.
        names: of the columns.
        errors: whether to find standard errors, which takes a fit for each pair of columns.

    Raises:
        InputRefused: anybody entered late, or had to have the event by a time.
        NotConverged: first-order conditions are not met.
    """
    if (entry is not None and np.any(entry > 0)) or (limit is not None and np.any(np.isfinite(limit))):
        raise InputRefused(
            f"proportional {link} over a free curve are not there for late entries and limits",
            remedy=f"Use --model piecewise or log-normal+{link}", where="--model",
        )  # fmt: skip
    family = LINKS[link]
    weights = np.ones(len(left)) if weight is None else weight
    support = support_of(left, right, None, weights)
    mean = np.average(rows, axis=0, weights=weights)
    centred = rows - mean
    total = float(weights.sum())
    what = f"the model of proportional {link}"
    below = np.clip(np.cumsum(most_likely(support).mass)[:-1], 1e-12, 1 - 1e-12)
    level = np.log(-np.log1p(-below)) if link == "hazards" else np.log(below) - np.log1p(-below)
    level = np.maximum.accumulate(level)
    if support.size == 1:
        raise NotConverged(f"{what}: all intervals share one stretch of time, so nothing can be told")
    subjects = _Subjects(family, support, weights, centred, np.zeros(len(left)))
    level, b, value, gap, steps, schur = fit_profile(subjects, level, np.zeros(rows.shape[1]), total, what)
    covariance = np.linalg.inv(schur) if rows.shape[1] else np.zeros((0, 0))
    if errors and rows.shape[1]:
        covariance = _profiled(family, support, weights, centred, level, b, value, schur, what)
    labels = tuple(names) or tuple(f"x{number}" for number in range(rows.shape[1]))
    return Proportional(link, labels, b, covariance, support, np.append(level, np.inf), mean, value, gap, steps)


def _profiled(
    family: Family,
    support: Support,
    weights: np.ndarray,
    rows: np.ndarray,
    level: np.ndarray,
    b: np.ndarray,
    value: float,
    schur: np.ndarray,
    what: str,
) -> np.ndarray:
    """Inverse curvature of the profile log-likelihood, by differences of about a standard error."""
    columns = len(b)
    # choice: a step of one standard error looks over kinks of the free curve and stays where the profile is a parabola
    size = 1.0 / np.sqrt(np.diag(schur))
    known: dict[tuple[float, ...], float] = {}

    def profile(move: np.ndarray) -> float:
        key = tuple(move)
        if key not in known:
            subjects = _Subjects(family, support, weights, rows[:, :0], rows @ (b + move * size))
            known[key] = fit_profile(subjects, level, np.zeros(0), float(weights.sum()), what)[2]
        return known[key]

    information = np.zeros((columns, columns))
    unit = np.eye(columns)
    for i in range(columns):
        up, down = profile(unit[i]), profile(-unit[i])
        information[i, i] = (2 * value - up - down) / size[i] ** 2
        for j in range(i):
            both = profile(unit[i] + unit[j]) + profile(-unit[i] - unit[j])
            single = up + down + profile(unit[j]) + profile(-unit[j])
            information[i, j] = information[j, i] = (single - both - 2 * value) / (2 * size[i] * size[j])
    covariance = np.linalg.inv(information)
    if np.any(np.diag(covariance) <= 0):
        raise NotConverged(f"{what}: the profile likelihood has no curvature", remedy="Leave out covariates")
    return covariance
