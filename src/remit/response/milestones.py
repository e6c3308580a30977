"""Events read off courses: the best point so far, when a threshold is first reached, how fast a gain is lost."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from remit.program import program


def best_so_far(values: Float[Array, "... times"]) -> Float[Array, "... times"]:
    """Lowest value of a course up to and at each time, so that an event that was once there stays counted."""

    def advance(lowest: Array, value: Array) -> tuple[Array, Array]:
        lowest = jnp.minimum(lowest, value)
        return lowest, lowest

    # a pass through the times, whole rows at once; the library's running minimum takes twice as long
    rows = jnp.moveaxis(values, -1, 0)
    return jnp.moveaxis(jax.lax.scan(advance, rows[0], rows)[1], 0, -1)


def first_at_or_below(
    values: Float[Array, "... times"], times_h: Float[Array, " times"], threshold: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Time [h] at which a course is first at or below a threshold, by linear interpolation; infinity where it never is.

    Args:
        values: the course at the times.
        times_h: rising times [h].
        threshold: one value a course.
    """
    below = values <= threshold[..., None]
    index = jnp.argmax(below, axis=-1)
    before = jnp.maximum(index - 1, 0)
    here = jnp.take_along_axis(values, index[..., None], axis=-1)[..., 0]
    there = jnp.take_along_axis(values, before[..., None], axis=-1)[..., 0]
    drop = there - here
    part = jnp.where(drop > 0, (there - threshold) / jnp.where(drop > 0, drop, 1.0), 1.0)
    time = times_h[before] + jnp.clip(part, 0.0, 1.0) * (times_h[index] - times_h[before])
    return jnp.where(below.any(axis=-1), jnp.where(index == 0, times_h[0], time), jnp.inf)


@program()
def half_of_those_who_reach(reached: Float[Array, "... times"], times_h: Float[Array, " times"]) -> Float[Array, "..."]:
    """Time [h] by which half of those who reach an event by the last time have reached it.

    Args:
        reached: share of people who have reached it by each time [fraction], never falling.
        times_h: rising times [h].
    """
    return first_at_or_below(-reached, times_h, -0.5 * reached[..., -1])


def half_life(k_out: Float[Array, "..."]) -> Float[Array, "..."]:
    """Time [h] until half of a gain is lost once the drug is gone: log(2) / k_out."""
    return jnp.log(2.0) / k_out
