"""One row of counts: its probability, its likelihood's normal tangent, and its mean over normal log odds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from remit.inference.network.marginal import Design

Array = NDArray[np.float64]
LEAST_CURVED = 0.01
"""choice: a row says at least a hundredth of one event, so that the error of its tangent stays finite."""
FURTHEST = 3.0
"""choice: how far from where it is taken a tangent may point [log odds]."""
NODES = 21
"""choice: of the quadrature over a row's log odds."""


def log_probability(events: Array, people: Array, log_odds: Array) -> Array:
    """Log probability of counts, binomial coefficients included (they cancel in comparisons)."""
    from scipy.special import gammaln

    ways = gammaln(people + 1) - gammaln(events + 1) - gammaln(people - events + 1)
    return np.asarray(
        ways - events * np.logaddexp(0.0, -log_odds) - (people - events) * np.logaddexp(0.0, log_odds), dtype=float
    )


def tangents(design: Design, log_odds: Array) -> tuple[Array, Array]:
    """Normal log odds and errors with the slope and curvature of each row's log likelihood (S, A, T each).

    Args:
        design: of a network of counts.
        log_odds: (S, A, T) where they are taken.
    """
    chance = 1.0 / (1.0 + np.exp(-log_odds))
    curvature = np.maximum(design.people * chance * (1.0 - chance), LEAST_CURVED)
    pull = np.clip((design.events - design.people * chance) / curvature, -FURTHEST, FURTHEST)
    seen = design.mask > 0
    return np.where(seen, log_odds + pull, 0.0), np.where(seen, 1.0 / np.sqrt(curvature), 1.0)


def log_of_mean(events: Array, people: Array, middle: Array, variance: Array, y: Array, se: Array) -> Array:
    """Log of the probability of each row, averaged over normal log odds (draws, rows).

    Gauss-Hermite nodes stand where the row's own tangent and what is known of it elsewhere meet.

    Args:
        events, people: (rows,).
        middle, variance: (draws, rows) of the log odds, the row itself left out; variances above zero.
        y, se: (rows,) the row's tangent.
    """
    from scipy.special import logsumexp

    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    share = variance / (variance + np.square(se))
    where = middle + share * (y - middle)
    wide = np.sqrt(share) * se
    terms = np.empty((NODES, *middle.shape))
    for number, (node, weight) in enumerate(zip(nodes, weights, strict=True)):
        at = where + wide * node
        known = -0.5 * np.square(at - middle) / variance + 0.5 * np.square(node)
        # N(at; middle, variance) over N(at; where, wide), both without 2 pi
        ratio = known + 0.5 * np.log1p(-share)
        terms[number] = np.log(weight / np.sqrt(2 * np.pi)) + ratio + log_probability(events, people, at)
    return np.asarray(logsumexp(terms, axis=0), dtype=float)
