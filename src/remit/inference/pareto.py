"""Whether importance weights can be trusted: the shape of their tail, and weights with that tail smoothed.

Vehtari, Simpson, Gelman, Yao, Gabry (2024), Pareto smoothed importance sampling, J Mach Learn Res 25(72). The shape k
of a generalised Pareto distribution is fitted to the largest weights (Zhang and Stephens 2009, Technometrics 51:316);
above 0.7 an estimate may not settle however many draws are taken. `arviz_stats` has the same rule for one set of
weights on the host; here it runs inside compiled loops and for many people at once, and a test holds the two together.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

K_LIMIT = 0.7
"""Largest shape at which estimates are to be trusted (the authors' rule)."""


def tail_length(count: int) -> int:
    """How many of the largest weights make the tail: a fifth, or three times the root of the count."""
    return math.ceil(min(0.2 * count, 3.0 * math.sqrt(count)))


def smoothed(log_weights: Float[Array, " draws"]) -> tuple[Float[Array, " draws"], Float[Array, ""]]:
    """Log weights whose largest are replaced by the quantiles of the fitted tail, and the shape k of that tail.

    Args:
        log_weights: up to a constant.

    Returns:
        Log weights that sum to one, and k.
    """
    count = log_weights.shape[0]
    tail = tail_length(count)
    shifted = log_weights - log_weights.max()
    rising = jnp.sort(shifted)
    cut = jnp.maximum(rising[count - tail - 1], -700.0)
    largest = rising[count - tail :]
    above = jnp.exp(largest) - jnp.exp(cut)
    k, scale = _generalised_pareto(above)
    places = (jnp.arange(tail) + 0.5) / tail
    k_safe = jnp.where(jnp.abs(k) < 1e-8, 1e-8, k)
    quantiles = jnp.log(jnp.maximum(scale * jnp.expm1(-k_safe * jnp.log1p(-places)) / k_safe + jnp.exp(cut), 1e-300))
    # weights that are all alike have no tail to fit
    level = above[-1] < 1e-9
    k = jnp.where(level, -1.0, k)
    smooth = jnp.where(level, largest, jnp.minimum(quantiles, 0.0))
    # found again by size, which is quicker than carrying places through the sort
    replaced = jnp.where(shifted > cut, smooth[jnp.searchsorted(largest, shifted)], shifted)
    return replaced - _log_sum(replaced), k


def _log_sum(values: Float[Array, " draws"]) -> Float[Array, ""]:
    top = values.max()
    return top + jnp.log(jnp.exp(values - top).sum())


def _generalised_pareto(above: Float[Array, " tail"]) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Shape and scale of a generalised Pareto distribution fitted to rising excesses, with a weak prior on the shape.

    The posterior mean of Zhang and Stephens, with ten prior observations at a shape of one half.
    """
    count = above.shape[0]
    points = 30 + int(math.sqrt(count))
    quarter = jnp.maximum(above[int(count / 4 + 0.5) - 1], 1e-300)
    largest = jnp.maximum(above[-1], 1e-300)
    steps = 1.0 - jnp.sqrt(points / (jnp.arange(1, points + 1) - 0.5))
    theta = 1.0 / largest + steps / (3.0 * quarter)
    shape = jnp.log1p(-theta[:, None] * above).mean(axis=1)
    profile = count * (jnp.log(-theta / shape) - shape - 1.0)
    weight = jnp.exp(profile - _log_sum(profile))
    middle = (weight * theta).sum()
    k = jnp.log1p(-middle * above).mean()
    scale = -k / middle
    return (k * count + 0.5 * 10.0) / (count + 10.0), scale


def effective_draws(log_weights: Float[Array, " draws"]) -> Float[Array, ""]:
    """Kish's effective number of draws of weights, (sum w)^2 / sum w^2."""
    weights = jnp.exp(log_weights - log_weights.max())
    return weights.sum() ** 2 / (weights**2).sum()
