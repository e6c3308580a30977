"""How people differ in their kinetics, as published: keyed draws, so that person n is the same person in any split."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def standard_normals(key: PRNGKeyArray, people: Int[Array, " people"], count: int) -> Float[Array, "people count"]:
    """Normal numbers of the people with these indices, each from a key of their own.

    Args:
        key: key of the whole population.
        people: indices, from 0.
        count: numbers a person.
    """
    keys = jax.vmap(lambda person: jax.random.fold_in(key, person))(people)
    return jax.vmap(lambda own: jax.random.normal(own, (count,), dtype=jnp.float64))(keys)


def covariance(
    names: Sequence[str], variances: Mapping[str, float], covariances: Mapping[tuple[str, str], float]
) -> Floats:
    """Covariance matrix of random effects, in the order of their names.

    Args:
        names: effects.
        variances: variance of each.
        covariances: covariance of pairs; others are zero.
    """
    matrix = np.diag([variances[name] for name in names])
    for (one, other), value in covariances.items():
        i, j = names.index(one), names.index(other)
        matrix[i, j] = matrix[j, i] = value
    return matrix


def correlated(normals: Float[Array, "people effects"], matrix: Floats) -> Float[Array, "people effects"]:
    """Normal numbers with a covariance: z L', L the Cholesky factor."""
    return normals @ np.linalg.cholesky(matrix).T


def on_log(typical: Float[Array, "..."], effect: Float[Array, "..."]) -> Float[Array, "..."]:
    """A person's value of a positive parameter: typical exp(effect)."""
    return typical * jnp.exp(effect)


def on_logit(typical: Float[Array, "..."], effect: Float[Array, "..."]) -> Float[Array, "..."]:
    """A person's value of a fraction: the effect is added to its logit."""
    return jax.nn.sigmoid(jnp.log(typical) - jnp.log1p(-typical) + effect)


def places_in_ranges(
    key: PRNGKeyArray,
    people: Int[Array, " people"],
    fraction: tuple[float, float, float],
    rate: tuple[float, float, float],
) -> tuple[Float[Array, " people"], Float[Array, " people"]]:
    """Where each person stands in the assumed ranges of an absorbed fraction and its rate, 0 (low) to 1 (high) on a
    log scale.

    Args:
        key: key of the whole population.
        people: indices; a negative one is the typical person, who stands at the assumed values.
        fraction: assumed value, low and high end [fraction].
        rate: assumed value, low and high end [1/h].
    """
    keys = jax.vmap(lambda person: jax.random.fold_in(jax.random.fold_in(key, 1), person))(people)
    # choice: a person stands anywhere in an assumed range, evenly on the log scale; fraction and rate independent
    drawn = jax.vmap(lambda own: jax.random.uniform(own, (2,), dtype=jnp.float64))(keys)
    typical = [math.log(value / low) / math.log(high / low) for value, low, high in (fraction, rate)]
    return jnp.where(people < 0, typical[0], drawn[:, 0]), jnp.where(people < 0, typical[1], drawn[:, 1])
