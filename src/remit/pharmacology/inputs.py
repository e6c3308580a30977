"""What one dose does to one exponential: bolus, infusion, first-order, and zero-then-first-order input.

Each function gives the convolution of a unit input (area 1) with exp(-rate t) at times since the dose, and 0 before
it. Nothing is subtracted that nearly cancels: with phi(x) = (1 - exp(-x)) / x and its divided difference, every
formula is exact to rounding at equal, nearly equal, very small and very different rates.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

# choice: 20 terms of the series below leave less than 1e-17 for arguments up to one
_TERMS = 20


def phi(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """(1 - exp(-x)) / x, with its limit 1 at 0, for x >= 0."""
    safe = jnp.where(x == 0.0, 1.0, x)
    return jnp.where(x == 0.0, 1.0, -jnp.expm1(-safe) / safe)


def phi_difference(x: Float[Array, "..."], y: Float[Array, "..."]) -> Float[Array, "..."]:
    """(phi(x) - phi(y)) / (y - x) for x, y >= 0, also at x = y and at 0.

    It is the divided difference of exp over 0, -x, -y (McCurdy, Ng and Parlett 1984): by the recurrence over the
    widest gap when that is above one, else by its series.
    """
    small, large = jnp.minimum(x, y), jnp.maximum(x, y)
    wide = jnp.where(large > 1.0, large, 1.0)
    recurrence = (phi(small) - jnp.exp(-small) * phi(large - small)) / wide
    low, high = jnp.minimum(small, 1.0), jnp.minimum(large, 1.0)
    power = total = jnp.ones_like(low)  # complete homogeneous sums of the two arguments
    series = total / 2.0
    sign = 1.0
    for term in range(1, _TERMS):
        power = power * low
        total = high * total + power
        sign = -sign
        series = series + sign * total / float(math.factorial(term + 2))
    return jnp.where(large > 1.0, recurrence, series)


def bolus(times_h: Float[Array, "..."], rate: Float[Array, "..."]) -> Float[Array, "..."]:
    """All at once: exp(-rate t)."""
    return jnp.where(times_h < 0.0, 0.0, jnp.exp(-rate * jnp.maximum(times_h, 0.0)))


def infusion(
    times_h: Float[Array, "..."], rate: Float[Array, "..."], duration_h: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Evenly over a duration [h]; 0 h is a bolus.

    During it t phi(rate t) / T, afterwards phi(rate T) exp(-rate (t - T)).
    """
    since = jnp.maximum(times_h, 0.0)
    on = jnp.minimum(since, duration_h)
    share = jnp.where(duration_h > 0.0, on / jnp.where(duration_h > 0.0, duration_h, 1.0), 1.0)
    value = share * phi(rate * on) * jnp.exp(-rate * (since - on))
    return jnp.where(times_h < 0.0, 0.0, value)


def first_order(
    times_h: Float[Array, "..."], rate: Float[Array, "..."], depot_rate: Float[Array, "..."]
) -> Float[Array, "..."]:
    """From a depot that empties at ``depot_rate`` [1/h]: k (exp(-rate t) - exp(-k t)) / (k - rate)."""
    since = jnp.maximum(times_h, 0.0)
    gap = jnp.abs(depot_rate - rate)
    return depot_rate * since * jnp.exp(-jnp.minimum(rate, depot_rate) * since) * phi(gap * since)


def zero_then_first_order(
    times_h: Float[Array, "..."],
    rate: Float[Array, "..."],
    depot_rate: Float[Array, "..."],
    duration_h: Float[Array, "..."],
) -> Float[Array, "..."]:
    """Evenly over a duration [h] into a depot that empties at ``depot_rate`` [1/h]; 0 h is `first_order`.

    It is also the effect-site concentration during and after an infusion, with the equilibration rate as
    ``depot_rate``.
    """
    since = jnp.maximum(times_h, 0.0)
    on = jnp.minimum(since, duration_h)
    off = since - on
    share = jnp.where(duration_h > 0.0, on / jnp.where(duration_h > 0.0, duration_h, 1.0), 1.0)
    in_depot = share * phi(depot_rate * on)
    passed = share * depot_rate * on * phi_difference(rate * on, depot_rate * on)
    return passed * jnp.exp(-rate * off) + in_depot * first_order(off, rate, depot_rate)
