"""The delay between plasma and effect: a first-order equilibration, one more exponential.

dCe/dt = ke0 (C - Ce),   ke0 = log(2) / half-life of the equilibration
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from remit.pharmacology.disposition import Modes, delayed
from remit.pharmacology.superposition import course as plasma_course


def equilibration_rate(half_life_h: Float[Array, "..."]) -> Float[Array, "..."]:
    """ke0 [1/h] of a half-life [h]."""
    return jnp.log(2.0) / half_life_h


def effect_modes(plasma: Modes, ke0_per_h: Float[Array, "..."]) -> Modes:
    """What 1 mg does at the effect site, from what it does in plasma.

    Args:
        plasma: concentration in plasma, shape (..., modes).
        ke0_per_h: rate of equilibration [1/h], one value a person.
    """
    return delayed(plasma, jnp.asarray(ke0_per_h))


def course(
    plasma: Modes,
    ke0_per_h: Float[Array, "..."],
    amounts_mg: Float[Array, "... doses"],
    starts_h: ArrayLike,
    durations_h: ArrayLike,
    times_h: ArrayLike,
) -> Float[Array, "... times"]:
    """Effect-site concentration [ng/mL] at the times of a grid.

    Args:
        plasma: what 1 mg does in plasma, shape (..., modes).
        ke0_per_h: rate of equilibration [1/h], one value a person.
        amounts_mg, starts_h, durations_h, times_h: as for `remit.pharmacology.superposition.course`.
    """
    return plasma_course(effect_modes(plasma, ke0_per_h), amounts_mg, starts_h, durations_h, times_h)
