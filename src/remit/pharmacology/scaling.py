"""How published parameters change with body weight, age and ancestry."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def by_weight(
    typical: Float[Array, "..."] | float, weight_kg: Float[Array, "..."], reference_kg: float, exponent: float
) -> Float[Array, "..."]:
    """A parameter for a body weight: typical (weight / reference)^exponent.

    Args:
        typical: value at the reference weight.
        weight_kg: body weight [kg].
        reference_kg: weight the published value stands for [kg].
        exponent: 1 for volumes and 0.75 for flows in allometry; 0 where the model keeps no effect of weight.
    """
    return typical * (weight_kg / reference_kg) ** exponent


def by_age(
    typical: Float[Array, "..."] | float, age_y: Float[Array, "..."], per_year: float, above_y: float
) -> Float[Array, "..."]:
    """A parameter that changes by so much a year above an age.

    Args:
        typical: value up to that age.
        age_y: age [years].
        per_year: change for each year [unit of the parameter per year].
        above_y: age from which it changes [years].
    """
    return typical + per_year * jnp.maximum(age_y - above_y, 0.0)
