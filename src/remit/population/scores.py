"""Totals on a scale: bounded integers that scatter around the course.

    total = round(clip(baseline (Score / baseline) + e, low, high)),   e ~ N(0, within-person SD)

Rounding adds a variance of step^2 / 12, and the probability of an event is that of the integer, not of the continuous
value.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erfc
from jax.scipy.stats import norm
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import NDArray

from remit.program import program


def normal_cdf(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Standard normal distribution function, exact in both tails: erfc(-x / sqrt 2) / 2.

    The library's own evaluates both tails everywhere and takes five times as long.
    """
    return 0.5 * erfc(-x * (0.5**0.5))


@program()
def _many(x: Array) -> Array:
    return normal_cdf(x)


def normal_cdf_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same of numbers of the host.

    They are padded to a power of two, so that few programs serve every number of numbers; to load a library of special
    functions for them takes longer than a forecast.
    """
    flat = values.ravel()
    padded = np.zeros(max(_FEWEST, 1 << (flat.size - 1).bit_length()))
    padded[: flat.size] = flat
    return np.asarray(_many(padded))[: flat.size].reshape(values.shape)  # type: ignore[arg-type]


def expected_total(
    centre: Float[Array, "..."], sd: Float[Array, "..."], low: Float[Array, "..."], high: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Mean of a normal score clipped to its scale [points].

    Args:
        centre: score without scatter [points].
        sd: within-person SD [points].
        low, high: bounds of the scale [points].
    """
    a, b = (low - centre) / sd, (high - centre) / sd
    below, above = normal_cdf(a), normal_cdf(-b)
    inside = 1.0 - below - above
    return low * below + high * above + centre * inside + sd * (norm.pdf(a) - norm.pdf(b))


def expected_square(
    centre: Float[Array, "..."], sd: Float[Array, "..."], low: Float[Array, "..."], high: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Mean square of a normal score clipped to its scale [points^2]."""
    a, b = (low - centre) / sd, (high - centre) / sd
    below, above = normal_cdf(a), normal_cdf(-b)
    inside = 1.0 - below - above
    first = sd * (norm.pdf(a) - norm.pdf(b))
    second = sd**2 * (a * norm.pdf(a) - b * norm.pdf(b))
    return low**2 * below + high**2 * above + (centre**2 + sd**2) * inside + 2 * centre * first + second


def chance_at_or_below(
    cut: Float[Array, "..."],
    centre: Float[Array, "..."],
    sd: Float[Array, "..."],
    step: Float[Array, "..."] | float = 1.0,
) -> Float[Array, "..."]:
    """Probability that the integer total is at or below a cut that the scale can show [fraction].

    Args:
        cut: largest total that counts [points]; one below the scale's low end has no chance, which the caller sees to.
        centre: score without scatter [points].
        sd: within-person SD [points].
        step: smallest difference between two totals [points].
    """
    return normal_cdf((jnp.floor(cut / step) * step + 0.5 * step - centre) / sd)


def draw_total(
    key: PRNGKeyArray,
    centre: Float[Array, "..."],
    sd: Float[Array, "..."],
    low: float,
    high: float,
    step: Float[Array, "..."] | float = 1.0,
) -> Float[Array, "..."]:
    """Totals as a rater would write them [points]."""
    noisy = centre + sd * jax.random.normal(key, centre.shape, dtype=jnp.float64)
    return jnp.clip(jnp.round(noisy / step) * step, low, high)


def without_scatter(
    level: Float[Array, "..."], left: Float[Array, "..."], low: Float[Array, "..."], high: Float[Array, "..."]
) -> Float[Array, "..."]:
    """The total around which ratings scatter [points], kept inside its scale.

    Args:
        level: total without scatter before the first dose [points].
        left: share of the scale's total left (`remit.response.relief.on_scale`) [fraction].
        low, high: bounds of the scale [points].
    """
    return jnp.clip(low + (level - low) * left, low, high)


def log_chance(
    total: Float[Array, "..."],
    centre: Float[Array, "..."],
    sd: Float[Array, "..."],
    low: Float[Array, "..."],
    high: Float[Array, "..."],
    step: Float[Array, "..."] | float = 1.0,
) -> Float[Array, "..."]:
    """Log probability that a rater writes this total: that of the interval which is rounded to it.

    Below the lowest and above the highest total lies everything that is cut off there. The interval is turned to the
    right of the centre, where a difference of complementary error functions keeps its digits; beyond 30 SD the leading
    term of the tail stands in, so that no total of the scale has probability zero and a gradient always points home.

    Args:
        total: what was written [points].
        centre: score without scatter [points].
        sd: within-person SD [points].
        low, high: bounds of the scale [points].
        step: smallest difference between two totals [points].
    """
    below = jnp.where(total <= low, -_FAR, (total - 0.5 * step - centre) / sd)
    above = jnp.where(total >= high, _FAR, (total + 0.5 * step - centre) / sd)
    turned = below + above < 0.0
    near, far = jnp.where(turned, -above, below), jnp.where(turned, -below, above)
    reached = near < _TAIL
    inside = jnp.where(reached, near, 0.0)
    mass = 0.5 * (erfc(inside * _ROOT_HALF) - erfc(jnp.where(reached, far, 1.0) * _ROOT_HALF))
    beyond = jnp.where(reached, _TAIL, near)
    tail = -0.5 * beyond**2 - jnp.log(beyond) - _LOG_ROOT_TWO_PI
    return jnp.where(reached, jnp.log(jnp.where(reached, mass, 1.0)), tail)


_FEWEST = 1024
_FAR = 1e3
"""Stands for no limit [SD]."""
_TAIL = 30.0
"""Where the leading term of the tail takes over [SD]; there it is right to one part in a thousand."""
_ROOT_HALF = 0.5**0.5
_LOG_ROOT_TWO_PI = 0.9189385332046727
"""log sqrt(2 pi)."""
