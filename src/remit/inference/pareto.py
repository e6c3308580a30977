"""Whether importance weights can be trusted: the shape of their tail, and weights with that tail smoothed.

Vehtari, Simpson, Gelman, Yao, Gabry (2024), Pareto smoothed importance sampling, J Mach Learn Res 25(72). The shape k
of a generalised Pareto distribution is fitted to the largest weights (Zhang and Stephens 2009, Technometrics 51:316);
above 0.7 an estimate may not settle however many draws are taken. `arviz_stats` has the same rule for one set of
weights on the host; here it runs inside compiled loops and for many people at once, and a test holds the two together.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

K_LIMIT = 0.7
"""Largest shape at which estimates are to be trusted (the authors' rule)."""


def tail_length(count: Any, xp: ModuleType = np) -> Any:
    """How many of the largest weights make the tail: a fifth, or three times the root of the count.

    Args:
        count: of all weights.
        xp: NumPy for a number that a program is compiled for, JAX for one that it is given.
    """
    return xp.ceil(xp.minimum(0.2 * count, 3.0 * xp.sqrt(count))).astype(int)


def smoothed(
    log_weights: Float[Array, " draws"], count: Int[Array, ""] | int | None = None
) -> tuple[Float[Array, " draws"], Float[Array, ""]]:
    """Log weights whose largest are replaced by the quantiles of the fitted tail, and the shape k of that tail.

    Args:
        log_weights: up to a constant; minus infinity past ``count``.
        count: how many there are; all when None.

    Returns:
        Log weights that sum to one, and k.
    """
    whole = log_weights.shape[0]
    most = int(tail_length(whole))
    tail = tail_length(jnp.asarray(whole if count is None else count, log_weights.dtype), jnp)
    shifted = log_weights - log_weights.max()
    # which are the largest is told well enough, and six times sooner, by half as many digits
    _, places = jax.lax.top_k(shifted.astype(jnp.float32), most + 1)
    order = jnp.argsort(shifted[places])
    places, rising = places[order], shifted[places][order]
    cut = jnp.maximum(rising[most - tail], -700.0)
    largest, inside = rising[1:], jnp.arange(most) >= most - tail
    above = jnp.where(inside, jnp.exp(largest) - jnp.exp(cut), 0.0)
    k, scale = _generalised_pareto(above, tail)
    ranks = (jnp.arange(most) - (most - tail) + 0.5) / tail
    k_safe = jnp.where(jnp.abs(k) < 1e-8, 1e-8, k)
    grown = scale * jnp.expm1(-k_safe * jnp.log1p(-jnp.maximum(ranks, 0.0))) / k_safe
    quantiles = jnp.log(jnp.maximum(grown + jnp.exp(cut), 1e-300))
    # weights that are all alike have no tail to fit
    level = above[-1] < 1e-9
    k = jnp.where(level, -1.0, k)
    smooth = jnp.where(level | ~inside, largest, jnp.minimum(quantiles, 0.0))
    replaced = shifted.at[places[1:]].set(smooth)
    return replaced - _log_sum(replaced), k


def _log_sum(values: Float[Array, " draws"]) -> Float[Array, ""]:
    top = values.max()
    return top + jnp.log(jnp.exp(values - top).sum())


def _generalised_pareto(
    above: Float[Array, " most"], count: Int[Array, ""]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Shape and scale of a generalised Pareto distribution fitted to rising excesses, with a weak prior on the shape.

    The posterior mean of Zhang and Stephens, with ten prior observations at a shape of one half.

    Args:
        above: the excesses, rising, zero before the last ``count``.
        count: how many there are.
    """
    most = above.shape[0]
    points = 30 + jnp.floor(jnp.sqrt(count)).astype(int)
    quarter = jnp.maximum(above[most - count + jnp.floor(count / 4 + 0.5).astype(int) - 1], 1e-300)
    largest = jnp.maximum(above[-1], 1e-300)
    number = jnp.arange(1, 31 + int(math.sqrt(most)))
    used = number <= points
    # what is not used stands at the last that is
    steps = 1.0 - jnp.sqrt(points / (jnp.minimum(number, points) - 0.5))
    theta = 1.0 / largest + steps / (3.0 * quarter)
    # an excess of zero adds nothing to these sums
    shape = jnp.log1p(-theta[:, None] * above).sum(axis=1) / count
    profile = count * (jnp.log(-theta / shape) - shape - 1.0)
    weight = jnp.exp(profile - _log_sum(jnp.where(used, profile, -jnp.inf))) * used
    middle = (weight * theta).sum()
    k = jnp.log1p(-middle * above).sum() / count
    scale = -k / middle
    return (k * count + 0.5 * 10.0) / (count + 10.0), scale


def effective_draws(log_weights: Float[Array, " draws"]) -> Float[Array, ""]:
    """Kish's effective number of draws of weights, (sum w)^2 / sum w^2."""
    weights = jnp.exp(log_weights - log_weights.max())
    return weights.sum() ** 2 / (weights**2).sum()
