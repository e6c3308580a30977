"""Accelerated failure time: covariates stretch time. With or without a share of people who never have the event.

log T = x'b + exp(s) e; P(ever) = 1 / (1 + exp(-w'g)) in a mixture cure model (Boag 1949; Farewell 1982). A Weibull
model is one of proportional hazards, too: hazard ratios are exp(-b / scale).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remit.inference.events.beginning import line, middles, spread_around
from remit.inference.events.criteria import SubjectCriteria
from remit.inference.events.family import Family
from remit.inference.events.likelihood import Derivatives, Seen, pointwise, seen
from remit.inference.events.newton import Maximum, maximise
from remit.vocabulary.errors import NotConverged

SURE = 12.0
"""Logit of ever having the event beyond which a cured share of less than one in 100,000 is none."""


@dataclass(frozen=True, slots=True)
class Accelerated(SubjectCriteria):
    """A fitted model.

    Attributes:
        family: of the scatter.
        names: of the parameters, in order: location (intercept first), log scale where it is estimated, logit of ever.
        maximum: of the log-likelihood.
        design, ever: covariates of location and of ever having the event (subjects, columns); ever is None without a
            cured share.
        data: of the subjects.
        robust: sandwich covariance, which holds where weights are not numbers of people or the scatter is another.
    """

    family: Family
    names: tuple[str, ...]
    maximum: Maximum
    design: np.ndarray
    ever: np.ndarray | None
    data: Seen
    robust: np.ndarray

    @property
    def ratio(self) -> str:
        """What exp of a coefficient is."""
        return "time ratio"

    def value(self, point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Log-likelihood, gradient and Hessian at any point."""
        return objective(self.family, self.data, self.design, self.ever, point)

    def parts(self, point: np.ndarray | None = None) -> tuple[np.ndarray, float, np.ndarray | None]:
        """Coefficients of location, log scale, coefficients of ever; at the maximum unless said otherwise."""
        return split(self.family, self.design, self.ever, self.maximum.point if point is None else point)

    def survival(
        self, times: np.ndarray, row: np.ndarray, ever: np.ndarray | None = None, point: np.ndarray | None = None
    ) -> np.ndarray:
        """Chance of no event by each time for one row of covariates.

        Args:
            times: [unit of the table].
            row: of `design` (columns,).
            ever: of `ever`; the same as row if left out.
            point: other parameters than those at the maximum.
        """
        location, s, logit = self.parts(point)
        with np.errstate(divide="ignore"):
            z = (np.log(times) - row @ location) / np.exp(s)
        left = np.exp(self.family.log_survival(z))
        if logit is None:
            return left
        share = 1 / (1 + np.exp(-(row if ever is None else ever) @ logit))
        return 1 - share + share * left

    def time_by_which(
        self, share: float, row: np.ndarray, ever: np.ndarray | None = None, point: np.ndarray | None = None
    ) -> float:
        """Time by which a share of people like one row has had the event; inf for never [unit of the table]."""
        return float(np.exp(self.log_time_by_which(share, row, ever, point)))

    def log_time_by_which(
        self, share: float, row: np.ndarray, ever: np.ndarray | None = None, point: np.ndarray | None = None
    ) -> float:
        """Logarithm of that time."""
        location, s, logit = self.parts(point)
        if logit is not None:
            share = float(share * (1 + np.exp(-(row if ever is None else ever) @ logit)))
            if share >= 1:
                return float("inf")
        return float(row @ location + np.exp(s) * self.family.quantile(np.array(share)))


def split(
    family: Family, design: np.ndarray, ever: np.ndarray | None, point: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray | None]:
    """A point's coefficients of location, log scale, and coefficients of ever."""
    columns = design.shape[1]
    free = family.scale is None
    s = float(point[columns]) if free else float(np.log(family.scale or 1.0))
    return point[:columns], s, None if ever is None else point[columns + free :]


def fit_accelerated(
    family: Family,
    left: np.ndarray,
    right: np.ndarray,
    design: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    limit: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    ever: np.ndarray | None = None,
    names: Sequence[str] = (),
    start: np.ndarray | None = None,
) -> Accelerated:
    """Fit by maximum likelihood.

    Args:
        family: of the scatter of log time.
        left, right, entry, limit, weight: see `remit.inference.events.support.support_of`.
        design: covariates of location, a column of ones among them (subjects, columns).
        ever: covariates of ever having the event; None for no cured share.
        names: of the columns of design.
        start: (parameters,), if another is wanted.

    Raises:
        NotConverged: there is no maximum with a gradient of zero and a definite Hessian.
    """
    data = seen(left, right, entry, weight, limit)
    title = f"the {family.title} model" + ("" if ever is None else " with a cured share")
    first = _start(family, data, design, ever) if start is None else start
    last = first

    def function(point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        nonlocal last
        last = point
        return objective(family, data, design, ever, point)

    try:
        maximum = maximise(function, first, title)
    except NotConverged:
        _refuse_none(title, ever, split(family, design, ever, last)[2])
        raise
    _refuse_none(title, ever, split(family, design, ever, maximum.point)[2])
    scores = scores_of(family, data, design, ever, maximum.point)
    meat = scores.T @ (scores * (data.weight**2)[:, None])
    columns = list(names) or [f"x{number}" for number in range(design.shape[1])]
    labels = [*columns, *(["log scale"] if family.scale is None else [])]
    if ever is not None:
        labels += [f"ever: {each}" for each in (columns if ever.shape[1] == len(columns) else ["intercept"])]
    return Accelerated(
        family, tuple(labels), maximum, design, ever, data, maximum.covariance @ meat @ maximum.covariance
    )


def _refuse_none(title: str, ever: np.ndarray | None, logit: np.ndarray | None) -> None:
    if ever is not None and logit is not None and np.min(ever @ logit) > SURE:
        raise NotConverged(
            f"{title}: the share that never has the event is estimated as none", remedy="Take the model without it"
        )


def objective(
    family: Family, data: Seen, design: np.ndarray, ever: np.ndarray | None, point: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log-likelihood, gradient and Hessian at a point."""
    value, first, second = _pointwise(family, data, design, ever, point)
    blocks = _blocks(family, design, ever)
    weight = data.weight
    gradient = np.concatenate([block.T @ (weight * first[number]) for number, block in blocks])
    size = len(gradient)
    hessian = np.zeros((size, size))
    at = np.cumsum([0, *(block.shape[1] for _, block in blocks)])
    for i, (one, left) in enumerate(blocks):
        for j, (two, right) in enumerate(blocks[i:], start=i):
            piece = left.T @ ((weight * second[one, two])[:, None] * right)
            hessian[at[i] : at[i + 1], at[j] : at[j + 1]] = piece
            hessian[at[j] : at[j + 1], at[i] : at[i + 1]] = piece.T
    return float(weight @ value), gradient, hessian


def scores_of(family: Family, data: Seen, design: np.ndarray, ever: np.ndarray | None, point: np.ndarray) -> np.ndarray:
    """Gradient of each subject's log-likelihood (subjects, parameters)."""
    first = _pointwise(family, data, design, ever, point)[1]
    return np.hstack([block * first[number][:, None] for number, block in _blocks(family, design, ever)])


def _blocks(family: Family, design: np.ndarray, ever: np.ndarray | None) -> list[tuple[int, np.ndarray]]:
    blocks = [(0, design)] + ([(1, np.ones((len(design), 1)))] if family.scale is None else [])
    return blocks if ever is None else [*blocks, (2, ever)]


def _pointwise(
    family: Family, data: Seen, design: np.ndarray, ever: np.ndarray | None, point: np.ndarray
) -> Derivatives:
    location, s, logit = split(family, design, ever, point)
    chance = None if ever is None or logit is None else ever @ logit
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return pointwise(family, data, design @ location, s, chance)


def _start(family: Family, data: Seen, design: np.ndarray, ever: np.ndarray | None) -> np.ndarray:
    """Least squares on times put in the middle of what is known."""
    times = middles(data, 0.2) if ever is not None else middles(data)  # choice: who was not seen may never have it
    location = line(data, design, times)
    scale = family.scale or spread_around(data, design, times, location) / family.sd
    if family.mean:
        location = location - line(data, design, np.full(len(times), family.mean * scale))
    parts = [location, *([np.array([np.log(scale)])] if family.scale is None else [])]
    if ever is not None:
        seen_share = np.clip(1 - data.weight[data.after].sum() / data.weight.sum(), 0.05, 0.95)
        parts.append(line(data, ever, np.full(len(times), np.log(seen_share / (1 - seen_share)))))
    return np.concatenate(parts)
