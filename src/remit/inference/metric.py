"""Which way a posterior is long and which way it is narrow: what lets the sampler take long steps.

A normal distribution with every covariance is fitted to the posterior (Kucukelbir et al. 2017, Automatic
differentiation variational inference, full rank). It is far from exact and never an answer: its covariance is the mass
matrix of the sampler, which is right for any mass matrix, and its draws are where chains start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from remit.inference.checkpoint import Kept

# choice: with eight draws a step and these steps the bound of a 350-dimensional calibration is flat to a few units;
# fewer steps leave the sampler a worse metric, never a wrong posterior
STEPS = ((0.02, 1200), (0.006, 800), (0.002, 500))
"""Learning rate and number of steps of each stage."""
PAIRS = 4
"""Draws of a step come in mirrored pairs, which takes the first-order noise out of the mean's gradient."""
STEEPEST = 1e3
"""Gradients are cut here: the first steps may stand on a cliff."""
SPREAD_RATE = 0.3
"""Covariances learn more slowly than the mean, or the early steps blow them up."""
_BLOCK = 100
"""Steps of one call.  # choice: of every stage a whole number of blocks; between two an interruption is heeded"""


class Normal(NamedTuple):
    """A normal distribution.

    Attributes:
        mean: shape (parameters,).
        covariance: shape (parameters, parameters).
    """

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]


def fit_normal(
    potential: Callable[[Float[Array, " parameters"]], Float[Array, ""]],
    start: Float[Array, " parameters"],
    key: Array,
    options: dict[str, Any] | None = None,
    report: Callable[[int, int], None] | None = None,
    kept: Kept | None = None,
) -> Normal:
    """The normal distribution nearest to exp(-potential), in the sense of the evidence lower bound.

    Args:
        potential: minus the log density, on all of the real line in each parameter.
        start: where the mean starts; the SDs start at a tenth.
        key: of the draws.
        options: of the compiler.
        report: called with the steps done and of how many.
        kept: where the search is kept on the way, so that an interrupted one goes on; nowhere when None.
    """
    size = len(start)
    value_and_slope = jax.value_and_grad(potential)

    def adam(state: tuple[Array, Array], slope: Array, count: Array) -> tuple[tuple[Array, Array], Array]:
        first, second = 0.9 * state[0] + 0.1 * slope, 0.999 * state[1] + 0.001 * slope**2
        step = (first / (1.0 - 0.9**count)) / (jnp.sqrt(second / (1.0 - 0.999**count)) + 1e-8)
        return (first, second), step

    def advance(carry: tuple, given: tuple[Array, Array]) -> tuple[tuple, None]:
        mean, root, mean_state, root_state, count = carry
        own, rate = given
        drawn = jax.random.normal(own, (PAIRS, size), dtype=jnp.float64)
        drawn = jnp.concatenate([drawn, -drawn])
        _, slope = jax.lax.map(value_and_slope, mean + drawn @ root.T)
        slope = jnp.nan_to_num(jnp.clip(slope, -STEEPEST, STEEPEST))
        count = count + 1.0
        mean_state, mean_step = adam(mean_state, slope.mean(axis=0), count)
        pull = jnp.tril(slope.T @ drawn / len(drawn)) - jnp.diag(1.0 / jnp.diag(root))
        root_state, root_step = adam(root_state, pull, count)
        return (mean - rate * mean_step, root - SPREAD_RATE * rate * root_step, mean_state, root_state, count), None

    rates = np.concatenate([np.full(steps, rate) for rate, steps in STEPS])
    keys = jax.random.split(key, len(rates)).reshape(-1, _BLOCK)
    nothing, flat = jnp.zeros(size), jnp.zeros((size, size))
    found = (jnp.asarray(start), 0.1 * jnp.eye(size), (nothing, nothing), (flat, flat), jnp.zeros(()))
    run = jax.jit(lambda state, given: jax.lax.scan(advance, state, given)[0], compiler_options=options)
    held = kept or Kept(None, "")
    before, found = held.load() or (0, found)
    for done, (own, rate) in enumerate(zip(keys, rates.reshape(-1, _BLOCK), strict=True), start=1):
        if done <= before:
            continue
        found = jax.block_until_ready(run(found, (own, jnp.asarray(rate))))
        held.keep((done, found))
        if report is not None:
            report(done * _BLOCK, len(rates))
    root = np.asarray(found[1])
    return Normal(np.asarray(found[0]), root @ root.T)


def blended(first: Normal, draws: NDArray[np.float64]) -> Normal:
    """The covariance of draws, steadied by a first guess that counts as much as one draw a parameter.

    Args:
        first: the first guess.
        draws: shape (draws, parameters).
    """
    count, size = draws.shape
    weight = count / (count + size)
    covariance = weight * np.cov(draws, rowvar=False) + (1.0 - weight) * first.covariance
    return Normal(draws.mean(axis=0), covariance)
