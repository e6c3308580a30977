"""Independence sampling: every proposal is drawn and weighed at once, then accepted or not, one after the other.

Once coefficients are integrated out, a network seldom has more than ten numbers left, and a frozen proposal close to
their posterior makes nearly independent draws (Tierney 1994): the density is evaluated for all of them in one batch,
without gradients. It is a Markov chain as any other, with the same diagnostics; and it says when it should not be
used: when weights are so uneven that their largest ones follow a Pareto tail with k above 0.7 (Vehtari et al. 2024).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.network.coefficient import draw_coefficients, noise_sizes
from remit.inference.network.marginal import Design, Model, log_density
from remit.inference.network.proposal import find
from remit.inference.network.settings import Sampled

MOST_DIMENSIONS = 12  # choice: beyond this a proposal seldom fits well enough
LEAST_EVEN = 0.2  # choice: share of even weights below which gradients (NUTS) do better
BATCH = 500  # choice: points evaluated at once; their blocks stay in the processor's cache
CANDIDATES = 500


class Evaluators(NamedTuple):
    """Compiled programs of a model."""

    batch: Any
    slope: Any
    coefficients: Any


@lru_cache(maxsize=64)
def evaluators(model: Model) -> Evaluators:
    """Log density of a batch, of one point with its slope, and draws of coefficients for a batch."""

    def coefficients(noise: Any, positions: Any, design: Design) -> Any:
        return jax.vmap(lambda own, position: draw_coefficients(model, position, design, own))(noise, positions)

    return Evaluators(
        jax.jit(jax.vmap(lambda position, design: log_density(model, position, design), (0, None))),
        jax.jit(jax.value_and_grad(lambda position, design: log_density(model, position, design))),
        jax.jit(coefficients),
    )


def in_batches(run: Any, *arrays: Any) -> Any:
    """A compiled program over rows, a batch of one size at a time; results in order.

    One batch after the other: on processors XLA runs programs that call linear algebra from several threads into a
    standstill.
    """
    count = len(arrays[0])
    padded = -(-count // BATCH) * BATCH
    index = np.minimum(np.arange(padded), count - 1)
    done = [
        jax.device_get(run(*[each[index[start : start + BATCH]] for each in arrays]))
        for start in range(0, padded, BATCH)
    ]
    return jax.tree.map(lambda *each: np.concatenate(each)[:count], *done)


def weigh(
    model: Model, design: Design, candidates: NDArray[np.float64], *, chains: int, draws: int, seed: int
) -> Sampled | None:
    """Chains of a model; None where no proposal fits well enough.

    Args:
        model, design: what is sampled; arrays on the device.
        candidates: (count, n) points spread over where the posterior may lie.
        chains, draws: how many.
        seed: of the only source of chance.
    """
    if model.size > MOST_DIMENSIONS:
        return None
    made = evaluators(model)
    rng = np.random.default_rng(seed)

    def batch(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return in_batches(lambda part: made.batch(jnp.asarray(part), design), points)

    def slope(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = made.slope(jnp.asarray(point), design)
        return float(value), np.asarray(gradient)

    found = find(batch, slope, candidates, rng)
    if found.evenness < LEAST_EVEN:
        return None
    points = found.mixture.draw(rng, chains * draws)
    density = batch(points)
    density = np.where(np.isfinite(density), density, -np.inf)
    weights = (density - found.mixture.log_density(points)).reshape(chains, draws)
    chance = np.log(rng.random((chains, draws)))
    which, accepted = _walk(weights, chance)
    shaped = points.reshape(chains, draws, -1)
    rows = np.arange(chains)[:, None]
    lp = density.reshape(chains, draws)[rows, which]
    return Sampled(
        "independence", shaped[rows, which], lp, accepted.astype(np.float64), np.zeros(lp.shape, dtype=bool), -lp,
        np.ones(lp.shape, dtype=np.int64), found.evenness, _pareto_k(weights.ravel()),
    )  # fmt: skip


def _pareto_k(log_weights: NDArray[np.float64]) -> float:
    """Shape of the Pareto tail of weights."""
    from arviz_stats.base.array import array_stats

    # it takes log likelihoods, whose negatives are the log weights of leaving one out
    _, shape = array_stats.psislw(-np.where(np.isfinite(log_weights), log_weights, -1e300))
    return float(shape)


def _walk(weights: NDArray[np.float64], chance: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Which proposal each draw is at, and whether it is a new one."""
    which = np.empty(weights.shape, dtype=np.int64)
    for chain, (row, coin) in enumerate(zip(weights.tolist(), chance.tolist(), strict=True)):
        at = 0
        for number, value in enumerate(row):
            if coin[number] < value - row[at]:
                at = number
            which[chain, number] = at
    accepted = which == np.arange(weights.shape[1])
    return which, accepted


def coefficients(
    model: Model, design: Design, position: NDArray[np.float64], seed: int
) -> dict[str, NDArray[np.float64]]:
    """Exact draws of the coefficients for positions (chains, draws, n): name to (chains, draws, ...)."""
    chains, draws = position.shape[:2]
    made = evaluators(model)
    noise = np.random.default_rng((seed, 1)).normal(size=(chains * draws, sum(noise_sizes(model, design))))
    flat = position.reshape(chains * draws, -1)
    found = in_batches(lambda own, part: made.coefficients(jnp.asarray(own), jnp.asarray(part), design), noise, flat)
    return {name: value.reshape(chains, draws, *value.shape[1:]) for name, value in found.items()}
