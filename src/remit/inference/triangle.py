"""Triangular roots of many small positive definite matrices at once.

Written out column by column for all matrices together. The library's batched routines hand each batch to the same
threads that run the program and wait for them, so that two programs at once on two processors wait for each other for
ever (decision 0013); for matrices of ten rows these are also quicker.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def lower_roots(matrices: Float[Array, "many n n"]) -> Float[Array, "many n n"]:
    """Lower triangular L with L L' the matrix, for each; not a number where it is not positive definite.

    Args:
        matrices: symmetric; only the lower triangle is read.
    """
    size = matrices.shape[-1]
    # many come last, so that each step runs over a row of them
    left = jnp.moveaxis(matrices, 0, -1)
    columns = []
    for place in range(size):
        column = left[:, 0] / jnp.sqrt(left[0, 0])
        columns.append(jnp.concatenate([jnp.zeros((place, column.shape[-1])), column]))
        left = left[1:, 1:] - column[1:, None] * column[None, 1:]
    return jnp.moveaxis(jnp.stack(columns, axis=1), -1, 0)


def inverse_lower(roots: Float[Array, "many n n"]) -> Float[Array, "many n n"]:
    """Inverse of each lower triangular matrix.

    Args:
        roots: with a diagonal other than zero.
    """
    size = roots.shape[-1]
    along = jnp.moveaxis(roots, 0, -1)
    rows: list[Array] = []
    for place in range(size):
        row = jnp.zeros((size, along.shape[-1])).at[place].set(1.0)
        if rows:
            row = row - (along[place, :place, None] * jnp.stack(rows)).sum(axis=0)
        rows.append(row / along[place, place])
    return jnp.moveaxis(jnp.stack(rows), -1, 0)
