"""Proportional hazards over a baseline hazard that is constant between cut points (Holford 1976).

S(t | x) = exp(-e^(x'b) sum_k e^(a_k) o_k(t)), o_k(t) the part of (0, t] in piece k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remit.inference.events.criteria import Criteria
from remit.inference.events.newton import Maximum, maximise
from remit.inference.events.turnbull import turnbull
from remit.vocabulary.errors import InputRefused

PIECES = 4
MOST = 500.0
"""Cumulative hazard beyond which a chance of no event is zero in a float."""


@dataclass(frozen=True, slots=True)
class Piecewise(Criteria):
    """A fitted model.

    Attributes:
        cuts: ends of the pieces but the last [unit of the table].
        names: of the parameters: log hazards of the pieces, then coefficients.
        maximum: of the log-likelihood; hazards are those at the mean of all covariates.
        mean: of each covariate.
    """

    cuts: np.ndarray
    names: tuple[str, ...]
    maximum: Maximum
    mean: np.ndarray

    def survival(self, times: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Chance of no event by each time for one row of covariates (times,)."""
        pieces = len(self.cuts) + 1
        hazard = overlap(times, self.cuts) @ np.exp(self.maximum.point[:pieces])
        return np.exp(-hazard * np.exp((row - self.mean) @ self.maximum.point[pieces:]))


def overlap(times: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """The part of (0, t] that lies in each piece (times, pieces)."""
    edges = np.concatenate([[0.0], cuts, [np.inf]])
    return np.clip(times[:, None] - edges[:-1], 0.0, edges[1:] - edges[:-1])


def default_cuts(
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray | None,
    entry: np.ndarray | None = None,
    limit: np.ndarray | None = None,
) -> np.ndarray:
    """Cut points that part the events into pieces of one size, read off the curve without a model."""
    from remit.inference.events.step_curve import step_curve

    curve = step_curve(turnbull(left, right, entry, weight, limit))
    seen = float(curve.mass[np.isfinite(curve.right)].sum())
    times = [curve.quantile(seen * part / PIECES).high for part in range(1, PIECES)]
    return np.unique([time for time in times if 0 < time < np.inf])


def fit_piecewise(
    left: np.ndarray,
    right: np.ndarray,
    rows: np.ndarray,
    cuts: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    limit: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    names: Sequence[str] = (),
) -> Piecewise:
    """Fit by maximum likelihood.

    Args:
        left, right, entry, limit, weight: see `remit.inference.events.support.support_of`.
        rows: covariates, without a column of ones (subjects, columns).
        cuts: rising times above 0 (pieces - 1,).
        names: of the columns.

    Raises:
        InputRefused: cut points do not rise.
        NotConverged: there is no maximum, for example because a piece holds no event.
    """
    if np.any(np.diff(cuts) <= 0) or np.any(cuts <= 0):
        raise InputRefused("cut points do not rise", allowed="rising times above 0", where="--cuts")
    weights = np.ones(len(left)) if weight is None else weight
    mean = np.average(rows, axis=0, weights=weights)
    centred = rows - mean
    exact, ends = left == right, np.isfinite(right)
    low, high = overlap(left, cuts), overlap(np.where(ends, right, 0.0), cuts)
    started = np.zeros_like(low) if entry is None else overlap(entry, cuts)
    piece = np.searchsorted(cuts, left, side="left")
    pieces, between = len(cuts) + 1, ends & ~exact
    limited = np.zeros(len(left), bool) if limit is None else np.isfinite(limit)
    until = overlap(np.where(limited, limit, 0.0), cuts) if limit is not None else started
    stretches = [(between, high - low, 1.0)]
    if limited.any():
        # that the event had to come by a limit is divided out
        stretches.append((limited, until - started, -1.0))

    def function(point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        rates, shift = np.exp(np.minimum(point[:pieces], MOST)), centred @ point[pieces:]
        tilt = np.exp(np.minimum(shift, MOST))
        near = (low - started) * rates * tilt[:, None]
        value = -near.sum(axis=1) + np.where(exact, point[piece] + shift, 0.0)
        lead, hessian = -near, np.zeros((len(point), len(point)))
        for rows, stretch, sign in stretches:
            far = stretch * rates * tilt[:, None]
            gap = np.where(rows, far.sum(axis=1), 1.0)
            value += sign * np.where(rows, np.log(np.maximum(-np.expm1(-gap), 1e-300)), 0.0)
            # of log(1 - exp(-gap)): first and second derivative by the gap
            first = np.where(rows, 1 / np.expm1(np.minimum(gap, MOST)), 0.0)
            second = -first * (1 + first)
            by_far = np.hstack([far, far.sum(axis=1)[:, None] * centred])
            lead = lead + sign * first[:, None] * far
            hessian += by_far.T @ ((sign * weights * second)[:, None] * by_far)
        gradient = np.concatenate([weights @ lead, (weights * lead.sum(axis=1)) @ centred])
        gradient[:pieces] += np.bincount(piece[exact], weights[exact], pieces)
        gradient[pieces:] += weights[exact] @ centred[exact]
        hessian[:pieces, :pieces] += np.diag(weights @ lead)
        side = (lead * weights[:, None]).T @ centred
        hessian[:pieces, pieces:] += side
        hessian[pieces:, :pieces] += side.T
        hessian[pieces:, pieces:] += centred.T @ ((weights * lead.sum(axis=1))[:, None] * centred)
        return float(weights @ value), gradient, hessian

    middle = np.where(ends, 0.5 * (left + np.where(ends, right, 0.0)), left)
    at_risk = weights @ overlap(middle, cuts)
    events = np.bincount(np.searchsorted(cuts, middle), weights * ends, pieces)
    start = np.concatenate([np.log((events + 0.5) / np.maximum(at_risk, 1e-9)), np.zeros(rows.shape[1])])
    maximum = maximise(function, start, "the model of piecewise constant hazards")
    edges = [0.0, *cuts.tolist(), np.inf]
    labels = [f"log hazard {edges[k]:.4g} to {edges[k + 1]:.4g}" for k in range(pieces)]
    return Piecewise(cuts, (*labels, *(names or [f"x{k}" for k in range(rows.shape[1])])), maximum, mean)
