"""The keys of an answer: one for how bodies handle a drug, one for what differs between studies, both of its seed."""

from __future__ import annotations

from functools import lru_cache

import jax
from jaxtyping import PRNGKeyArray


def kinetic_key(seed: int) -> PRNGKeyArray:
    """The key of the concentrations of virtual people.

    Args:
        seed: of the only key.
    """
    return _keys(seed)[0]


def study_key(seed: int) -> PRNGKeyArray:
    """The key of what a new place and a diagnosis without trials would be like.

    Args:
        seed: of the only key.
    """
    return _keys(seed)[1]


# kept, because making them takes a millisecond each time and an answer asks six times
@lru_cache(maxsize=32)
def _keys(seed: int) -> tuple[PRNGKeyArray, PRNGKeyArray]:
    _, kinetic, study = jax.random.split(jax.random.key(seed), 3)
    return kinetic, study
