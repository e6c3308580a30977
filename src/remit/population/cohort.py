"""Key in, virtual people out. Person n is the same person however the work is split."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from numpy.typing import NDArray

from remit.kept import kept
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


def evenly_spread(seed: int, people: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard normal numbers of people who together stand for everybody, shape (people, numbers).

    Person n is the n-th point of a scrambled Sobol sequence, whatever else is asked for. Sixty-four of them give the
    chances of an answer with a third of the error of 256 people drawn at random (tests/population), which is why
    answers follow these; a person drawn at random, for simulation and inference, comes from `normals`.

    Args:
        seed: of the scrambling.
        people: indices of the people wanted, from 0; a negative one is the typical person, whose numbers are zero.
    """
    size = int(people.max(initial=0)) + 1
    # choice: whole powers of two, so that few sequences are kept and none is cut where it is out of balance
    points = _sequence(seed, max(6, (size - 1).bit_length()))
    return np.where(people[:, None] < 0, 0.0, points[np.maximum(people, 0)])


@lru_cache(maxsize=8)
def _sequence(seed: int, log2_size: int) -> NDArray[np.float64]:
    # kept, because the library of these sequences takes longer to load than an answer to compute
    return kept(f"evenly spread {seed} {log2_size} {NUMBERS} scipy {version('scipy')}", lambda: _drawn(seed, log2_size))


def _drawn(seed: int, log2_size: int) -> NDArray[np.float64]:
    from scipy.special import ndtri
    from scipy.stats import qmc

    return ndtri(qmc.Sobol(NUMBERS, rng=np.random.default_rng(seed)).random_base2(log2_size))
