"""A mixture of t distributions that lies close to a posterior of few dimensions: found, sharpened, then frozen.

The mode and its curvature give a first shape. Importance weights of draws from it give a better one (adaptive
importance sampling, Cappé et al. 2008), until weights are nearly even. Its tails are heavier than those of the
posterior, so that independence sampling from it (`remit.inference.network.independence`) reaches every part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Batch = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Slope = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]
FREEDOM = 3.0  # choice: degrees of freedom; heavy enough for the exponential tails of log spreads
ROUND = 1000  # choice: draws of one round of sharpening
ROUNDS = 8
ENOUGH = 0.65  # choice: share of even weights at which sharpening stops
COMPONENTS = 4
DEFENCE = 0.1  # choice: share of the wide component that keeps weights bounded
WIDENED = 6.0  # choice: its variance beside that of the fitted ones


@dataclass(frozen=True, slots=True)
class Mixture:
    """A mixture of multivariate t distributions.

    Attributes:
        weights: (components,).
        means: (components, n).
        factors: (components, n, n) lower Cholesky factors of the scale matrices.
    """

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    factors: NDArray[np.float64]

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        """``count`` draws (count, n)."""
        which = rng.choice(len(self.weights), size=count, p=self.weights)
        normal = rng.normal(size=(count, self.means.shape[1]))
        stretch = np.sqrt(FREEDOM / rng.chisquare(FREEDOM, size=count))
        return self.means[which] + stretch[:, None] * np.einsum("nij,nj->ni", self.factors[which], normal)

    def log_density(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density at points (count, n), up to a constant."""
        return np.logaddexp.reduce(self._by_component(points), axis=0)

    def _by_component(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        size = points.shape[1]
        found = np.empty((len(self.weights), len(points)))
        for number, (mean, factor) in enumerate(zip(self.means, self.factors, strict=True)):
            inside = np.linalg.solve(factor, (points - mean).T)
            found[number] = (
                np.log(self.weights[number])
                - np.log(np.diagonal(factor)).sum()
                - 0.5 * (FREEDOM + size) * np.log1p(np.square(inside).sum(axis=0) / FREEDOM)
            )
        return found

    def responsibilities(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of each component in each point (components, count)."""
        each = self._by_component(points)
        return np.exp(each - np.logaddexp.reduce(each, axis=0))


@dataclass(frozen=True, slots=True)
class Found:
    """A proposal and how well it fits: the share of even weights, 1 when it is the posterior itself."""

    mixture: Mixture
    evenness: float


def evenness(log_weights: NDArray[np.float64]) -> float:
    """Effective share of importance draws: (sum w)^2 / (n sum w^2)."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (len(weights) * np.square(weights).sum()))


def find(batch: Batch, slope: Slope, candidates: NDArray[np.float64], rng: np.random.Generator) -> Found:
    """A proposal for a density.

    Args:
        batch: log density at points (count, n).
        slope: log density and gradient at one point.
        candidates: (count, n) points spread over where the density may have mass.
        rng: source of chance.
    """
    mixture = _of_modes(slope, _best(batch, candidates))
    best = Found(mixture, 0.0)
    for _ in range(ROUNDS):
        points = mixture.draw(rng, ROUND)
        weights = _finite(batch(points)) - mixture.log_density(points)
        even = evenness(weights)
        if even > best.evenness:
            best = Found(mixture, even)
        if even > ENOUGH:
            break
        mixture = _sharpened(points, weights, rng)
    return best


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(values), values, -1e300)


def _best(batch: Batch, candidates: NDArray[np.float64], count: int = 4) -> NDArray[np.float64]:
    return candidates[np.argsort(-_finite(batch(candidates)))[:count]]


def climb(slope: Slope, start: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The top next to a point, and the log density there (BFGS)."""
    from scipy.optimize import minimize

    def downhill(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = slope(point)
        usable = np.isfinite(value) and np.isfinite(gradient).all()
        return (-value, -gradient) if usable else (1e10, np.zeros_like(point))

    found: Any = minimize(downhill, start, jac=True, method="BFGS", options={"gtol": 1e-4, "maxiter": 200})
    return -float(found.fun), found.x


def _of_modes(slope: Slope, starts: NDArray[np.float64]) -> Mixture:
    """A component at each distinct mode, as wide as the curvature says."""
    modes: list[tuple[float, NDArray[np.float64]]] = []
    for start in starts:
        value, top = climb(slope, start)
        if not any(np.allclose(top, other, atol=0.05) for _, other in modes):
            modes.append((-value, top))
    lowest = min(value for value, _ in modes)
    kept = [(value, point) for value, point in modes if value < lowest + 10.0]
    factors = np.stack([_curvature_factor(slope, point) for _, point in kept])
    heights = np.array(
        [np.log(np.diagonal(factor)).sum() - value for (value, _), factor in zip(kept, factors, strict=True)]
    )
    weights = np.exp(heights - heights.max())
    return _defended(Mixture(weights / weights.sum(), np.stack([point for _, point in kept]), factors))


def _curvature_factor(slope: Slope, point: NDArray[np.float64], step: float = 1e-3) -> NDArray[np.float64]:
    """Cholesky factor of the inverse curvature, by differences of the gradient; flat directions get unit width."""
    size = len(point)
    hessian = np.empty((size, size))
    for i in range(size):
        move = np.zeros(size)
        move[i] = step
        hessian[i] = -(slope(point + move)[1] - slope(point - move)[1]) / (2 * step)
    values, vectors = np.linalg.eigh(0.5 * (hessian + hessian.T))
    widths = 1.0 / np.clip(np.where(np.isfinite(values), values, 1.0), 0.1, 1e8)
    return np.asarray(np.linalg.cholesky((vectors * widths) @ vectors.T), dtype=np.float64)


def _defended(mixture: Mixture) -> Mixture:
    """The mixture with a wide component in the place of its heaviest one added."""
    top = int(np.argmax(mixture.weights))
    return Mixture(
        np.append((1 - DEFENCE) * mixture.weights, DEFENCE),
        np.concatenate([mixture.means, mixture.means[top][None]]),
        np.concatenate([mixture.factors, np.sqrt(WIDENED) * mixture.factors[top][None]]),
    )


def _sharpened(points: NDArray[np.float64], log_weights: NDArray[np.float64], rng: np.random.Generator) -> Mixture:
    """The mixture fitted to weighted points: five steps of expectation and maximisation."""
    weights = np.exp(log_weights - log_weights.max())
    weights = np.minimum(weights, np.sqrt(len(weights)) * weights.mean())  # no point alone may pull a component
    weights /= weights.sum()
    size = points.shape[1]
    mean = weights @ points
    away = points - mean
    overall = np.einsum("n,ni,nj->ij", weights, away, away) + 1e-10 * np.eye(size)
    fitted = Mixture(
        np.full(COMPONENTS, 1.0 / COMPONENTS),
        points[rng.choice(len(points), COMPONENTS, p=weights)],
        np.repeat(np.linalg.cholesky(overall)[None], COMPONENTS, axis=0),
    )
    for _ in range(5):
        share = fitted.responsibilities(points) * weights
        mass = share.sum(axis=1) + 1e-12
        means = (share @ points) / mass[:, None]
        factors = []
        for number in range(COMPONENTS):
            away = points - means[number]
            spread = np.einsum("n,ni,nj->ij", share[number], away, away) / mass[number]
            # choice: a tenth of the overall spread keeps small components from collapsing
            factors.append(np.linalg.cholesky(0.9 * spread + 0.1 * overall))
        fitted = Mixture(mass / mass.sum(), means, np.stack(factors))
    widest = Mixture(np.ones(1), mean[None], np.linalg.cholesky(overall)[None])
    defence = _defended(widest)
    return Mixture(
        np.append((1 - DEFENCE) * fitted.weights, DEFENCE),
        np.concatenate([fitted.means, defence.means[-1:]]),
        np.concatenate([fitted.factors, defence.factors[-1:]]),
    )
