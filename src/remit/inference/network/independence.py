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

from remit.inference.network import density
from remit.inference.network.binomial import put_right, steering
from remit.inference.network.marginal import Design, Model
from remit.inference.network.proposal import Found, evenness, find
from remit.inference.network.settings import Sampled

MOST_DIMENSIONS = 12  # choice: beyond this a proposal seldom fits well enough
LEAST_EVEN = 0.2  # choice: share of even weights below which gradients (NUTS) do better
BATCH = 500  # choice: points evaluated at once; their blocks stay in the processor's cache
CANDIDATES = 500
STRIDE = 5  # choice: proposals for each draw of exact counts, whose weights are less even


class Evaluators(NamedTuple):
    """Compiled programs of a model."""

    batch: Any
    slope: Any
    coefficients: Any
    correction: Any


@lru_cache(maxsize=64)
def evaluators(model: Model) -> Evaluators:
    """Log density of a batch, of one point with its slope, draws of coefficients and, of counts, what puts it right."""

    def coefficients(noise: Any, positions: Any, design: Design) -> Any:
        return jax.vmap(lambda own, position: density.coefficients(model, position, design, own))(noise, positions)

    def correction(positions: Any, design: Design) -> Any:
        drawn = jax.vmap(lambda position: density.coefficients(model, position, design, None)["log_odds"])(positions)
        return put_right(design, drawn)

    return Evaluators(
        jax.jit(jax.vmap(lambda position, design: density.log_density(model, position, design), (0, None))),
        jax.jit(jax.value_and_grad(lambda position, design: density.log_density(model, position, design))),
        jax.jit(coefficients),
        jax.jit(correction),
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
    steer = steering(model)
    if steer.size > MOST_DIMENSIONS:
        return None
    rng = np.random.default_rng(seed)
    stride = STRIDE if model.noise else 1
    count = chains * draws * stride
    points, proposed, even = np.zeros((count, 0)), np.zeros(count), 1.0
    if steer.size:
        found = _proposal(steer, design, candidates, rng)
        if found.evenness < LEAST_EVEN:
            return None
        points, even = found.mixture.draw(rng, count), found.evenness
        proposed = found.mixture.log_density(points)
    run = evaluators(steer).batch
    height = in_batches(lambda part: run(jnp.asarray(part), design), points)
    noise = rng.normal(size=(count, model.noise))
    if model.noise:
        points = np.concatenate([points, noise], axis=1)
        # exact over steering likelihood; the prior of the noise is its proposal
        height = height + in_batches(lambda part: evaluators(model).correction(jnp.asarray(part), design), points)
    height = np.where(np.isfinite(height), height, -np.inf)
    weights = height - proposed
    tail = pareto_k(weights)
    if model.noise:
        # the more rows with few events, the more uneven: then gradients do better
        even = evenness(weights)
        if even * stride < LEAST_EVEN or not tail < 0.7:
            return None
        height = height - 0.5 * np.square(noise).sum(axis=1)
    weights = weights.reshape(chains, draws * stride)
    which, accepted = _walk(weights, np.log(rng.random(weights.shape)))
    which, accepted = which[:, stride - 1 :: stride], accepted.reshape(chains, draws, stride).mean(axis=2)
    shaped = points.reshape(chains, draws * stride, -1)
    rows = np.arange(chains)[:, None]
    lp = height.reshape(weights.shape)[rows, which]
    return Sampled(
        "independence", shaped[rows, which], lp, accepted, np.zeros(lp.shape, dtype=bool), -lp,
        np.full(lp.shape, stride, dtype=np.int64), even, tail,
    )  # fmt: skip


def _proposal(model: Model, design: Design, candidates: NDArray[np.float64], rng: np.random.Generator) -> Found:
    made = evaluators(model)

    def batch(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return in_batches(lambda part: made.batch(jnp.asarray(part), design), points)

    def slope(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = made.slope(jnp.asarray(point), design)
        return float(value), np.asarray(gradient)

    return find(batch, slope, candidates, rng)


def pareto_k(log_weights: NDArray[np.float64]) -> float:
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
    return which, which == np.arange(weights.shape[1])


def coefficients(
    model: Model, design: Design, position: NDArray[np.float64], seed: int
) -> dict[str, NDArray[np.float64]]:
    """Exact draws of the coefficients for positions (chains, draws, n): name to (chains, draws, ...)."""
    chains, draws = position.shape[:2]
    made = evaluators(model)
    noise = np.random.default_rng((seed, 1)).normal(size=(chains * draws, density.fresh_noise(model, design)))
    flat = position.reshape(chains * draws, -1)
    found = in_batches(lambda own, part: made.coefficients(jnp.asarray(own), jnp.asarray(part), design), noise, flat)
    return {name: value.reshape(chains, draws, *value.shape[1:]) for name, value in found.items()}
