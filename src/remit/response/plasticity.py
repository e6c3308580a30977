"""Receptor drive to plasticity: what outlasts the session.

    dP/dt = k_in O(t) (1 - P) - k_out P,   P(first time) = 0,   P in [0, 1]

Between two grid times the drive is taken as a line with its mean over the step (Simpson's rule from both ends and the
middle) and its rise d, and that step is solved in closed form to first order in d: with kappa = k_in O + k_out at the
mean of O,

    P(t + dt) = P(t) exp(-kappa dt) + k_in (O + k_out d dt / 12) / kappa (1 - exp(-kappa dt))

A constant drive is solved exactly (docs/equations.md). `remit.response.plasticity_sum` writes the same steps as a sum.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def step_drive(drive: Float[Array, "... fine"], times_h: Float[Array, " times"]) -> tuple[Array, Array, Array]:
    """Mean of the drive over each step, d dt / 12 of its rise d [h], and how long the step is [h]."""
    ends, middle = drive[..., 0::2], drive[..., 1::2]
    steps = jnp.diff(times_h)
    mean = (ends[..., :-1] + 4.0 * middle + ends[..., 1:]) / 6.0
    return mean, (ends[..., 1:] - ends[..., :-1]) * (steps / 12.0), steps


def step_rates(mean: Array, tilt: Array, k_in: Array, k_out: Array, both: Array) -> tuple[Array, Array]:
    """Of a step: kappa, and the rate toward its end, k_in (O + k_out d dt / 12) [1/h].

    Args:
        mean, tilt: from `step_drive`.
        k_in, k_out, both: gain and loss [1/h], and their product.
    """
    gain = k_in * mean
    kappa = gain + k_out
    # the clip holds P in [0, 1] where a step is so long that the drive comes and goes within it
    return kappa, jnp.clip(gain + both * tilt, 0.0, kappa)


def plasticity(
    drive: Float[Array, "... fine"],
    times_h: Float[Array, " times"],
    k_in: Float[Array, "..."],
    k_out: Float[Array, "..."],
    at: Int[Array, " wanted"] | None = None,
) -> Float[Array, "... wanted"]:
    """Plasticity P [fraction] at the grid times, zero at the first.

    Args:
        drive: receptor drive O [fraction] at the grid times and the middle of each step (`grid.with_midpoints`): fine =
            2 times - 1.
        times_h: grid times, rising, fine after each dose [h].
        k_in: gain per unit of drive, one value a person [1/h].
        k_out: loss, one value a person [1/h].
        at: positions on the grid at which it is wanted, every one when None.
    """
    mean, tilt, steps = step_drive(drive, times_h)
    both = k_in * k_out

    def advance(state: Array, each: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        drawn, rising, step = each
        kappa, toward = step_rates(drawn, rising, k_in, k_out, both)
        kept = jnp.exp(-kappa * step)
        state = state * kept + toward / kappa * (1.0 - kept)
        return state, state

    # times come first: each step is then one pass over a row of people, and only P itself is kept of it
    people = jnp.broadcast_shapes(jnp.shape(k_in), jnp.shape(k_out), mean.shape[:-1])
    rows = (jnp.moveaxis(mean, -1, 0), jnp.moveaxis(tilt, -1, 0), steps)
    # for a derivative a step is run again, which takes less time than to keep its parts
    _, reached = jax.lax.scan(jax.checkpoint(advance, prevent_cse=False), jnp.zeros(people), rows)
    if at is None:
        return jnp.moveaxis(jnp.concatenate([jnp.zeros_like(reached[:1]), reached]), 0, -1)
    grown = jnp.where((at > 0).reshape(-1, *(1,) * len(people)), reached[jnp.maximum(at - 1, 0)], 0.0)
    return jnp.moveaxis(grown, 0, -1)
