"""Key in, virtual people out. Person n is the same person however the work is split."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from remit.population.variability import TRAITS

BASELINE = len(TRAITS)
"""Position of the number that makes a person's baseline score."""
NUMBERS = len(TRAITS) + 1
"""How many normal numbers make a person."""


def normals(key: PRNGKeyArray, people: Int[Array, " people"]) -> Float[Array, "people numbers"]:
    """The standard normal numbers of the people with these indices.

    Each person has a key of their own, ``fold_in(key, index)``, so that any subset in any order gives the same people.

    Args:
        key: the key of the whole population.
        people: indices of the people wanted, from 0.
    """
    keys = jax.vmap(lambda index: jax.random.fold_in(key, index))(people)
    return jax.vmap(lambda own: jax.random.normal(own, (NUMBERS,), dtype=jnp.float64))(keys)
