"""Receptor drive to plasticity: what outlasts the session.

    dP/dt = k_in O(t) (1 - P) - k_out P,   P(first time) = 0,   P in [0, 1]

Between two grid times the drive is taken as constant at its mean over the step (Simpson's rule from both ends and the
middle), and that step is solved exactly: with kappa = k_in O + k_out,
P(t + dt) = P(t) exp(-kappa dt) + (k_in O / kappa) (1 - exp(-kappa dt)). The recursion is summed in closed form,
P_n = exp(-L_n) sum_j b_j exp(L_j), where L is the running sum of kappa dt and b_j the gain of step j. Every term is
positive, so nothing cancels; a running maximum is not needed while L stays below the exponent range of float64, about
700. A step forgets what was before it to exp(-25) at most, so long steps of people with a fast loss stay inside it.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

FORGOTTEN = 25.0
"""kappa dt beyond which a step keeps nothing of what was before it: exp(-25) is 1e-11."""


def plasticity(
    drive: Float[Array, "... fine"],
    times_h: Float[Array, " times"],
    k_in: Float[Array, "..."],
    k_out: Float[Array, "..."],
) -> Float[Array, "... times"]:
    """Plasticity P [fraction] at the grid times, zero at the first.

    Args:
        drive: receptor drive O [fraction] at the grid times and the middle of each step (`grid.with_midpoints`): fine =
            2 times - 1.
        times_h: grid times, rising, fine after each dose [h].
        k_in: gain per unit of drive, one value a person [1/h].
        k_out: loss, one value a person [1/h].
    """
    step = jnp.diff(times_h)
    ends, middle = drive[..., 0::2], drive[..., 1::2]
    simpson = (ends[..., :-1] + 4.0 * middle + ends[..., 1:]) / 6.0
    gain = k_in[..., None] * simpson
    kappa = gain + k_out[..., None]
    exponent = kappa * step
    added = -gain / kappa * jnp.expm1(-exponent)
    running = jnp.cumsum(jnp.minimum(exponent, FORGOTTEN), axis=-1)
    reached = jnp.exp(-running) * jnp.cumsum(added * jnp.exp(running), axis=-1)
    return jnp.concatenate([jnp.zeros_like(reached[..., :1]), reached], axis=-1)
