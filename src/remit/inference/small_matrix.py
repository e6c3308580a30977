"""Cholesky factors and triangular solves of many small matrices at once.

LAPACK's batched routines hand each batch to the same threads that run the program and wait for them, so that two
programs at once on two processors wait for each other for ever (decision 0013). What runs on several threads has its
matrices written out to their full size.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

UNROLLED = 6
"""choice: up to this size everything is written out, which XLA fuses; LAPACK is called above it."""


def cholesky(matrix: Any, unrolled: int = UNROLLED) -> Any:
    """Lower factor of matrices (..., n, n); not a number where one is not positive definite.

    Args:
        matrix: symmetric; only the lower triangle is read.
        unrolled: up to this size everything is written out.
    """
    size = matrix.shape[-1]
    if size > unrolled:
        return jnp.linalg.cholesky(matrix)
    factor: list[list[Any]] = [[None] * size for _ in range(size)]
    for j in range(size):
        rest = matrix[..., j, j] - sum((factor[j][k] ** 2 for k in range(j)), start=jnp.float64(0.0))
        factor[j][j] = jnp.sqrt(rest)
        for i in range(j + 1, size):
            rest = matrix[..., i, j] - sum((factor[i][k] * factor[j][k] for k in range(j)), start=jnp.float64(0.0))
            factor[i][j] = rest / factor[j][j]
    zero = jnp.zeros_like(matrix[..., 0, 0])
    return jnp.stack(
        [jnp.stack([factor[i][j] if j <= i else zero for j in range(size)], axis=-1) for i in range(size)], axis=-2
    )


def forward(factor: Any, right: Any, unrolled: int = UNROLLED) -> Any:
    """factor^-1 right, for a lower factor (..., n, n) and (..., n, m); see `cholesky` for ``unrolled``."""
    size = factor.shape[-1]
    if size > unrolled:
        return jax.scipy.linalg.solve_triangular(factor, right, lower=True)
    found: list[Any] = []
    for i in range(size):
        rest = right[..., i, :] - sum((factor[..., i, k, None] * found[k] for k in range(i)), start=jnp.float64(0.0))
        found.append(rest / factor[..., i, i, None])
    return jnp.stack(found, axis=-2)


def inverse_root(matrix: Any) -> Any:
    """L^-1 for matrices (..., n, n) = L L' of any size, column by column and without LAPACK.

    A process that has not used LAPACK takes longer to make it ready than this takes for some dozen rows.

    Args:
        matrix: symmetric and positive definite; only the lower triangle is read.
    """
    size = matrix.shape[-1]
    rows = jnp.arange(size)

    def reduced(step: Any, state: tuple[Any, Any]) -> tuple[Any, Any]:
        # Gauss-Jordan on [rest | found]: the pivot's row is scaled to give a row of L^-1, and taken out of those below
        rest, found = state
        column = jax.lax.dynamic_index_in_dim(rest, step, axis=-1, keepdims=False)
        root = jnp.sqrt(jax.lax.dynamic_index_in_dim(column, step, axis=-1))
        below = jnp.where(rows > step, column, 0.0) / root
        own = jax.lax.dynamic_index_in_dim(found, step, axis=-2) / root[..., None]
        rest = rest - below[..., :, None] * below[..., None, :]
        found = jnp.where((rows == step)[:, None], own, found - below[..., :, None] * own)
        return rest, found

    start = jnp.broadcast_to(jnp.eye(size), matrix.shape)
    return jax.lax.fori_loop(0, size, reduced, (matrix, start))[1]


def backward(factor: Any, right: Any) -> Any:
    """factor'^-1 right, for a lower factor (..., n, n) and (..., n)."""
    size = factor.shape[-1]
    if size > UNROLLED:
        return jax.scipy.linalg.solve_triangular(factor, right[..., None], lower=True, trans=1)[..., 0]
    found: list[Any] = [None] * size
    for i in reversed(range(size)):
        rest = right[..., i] - sum((factor[..., k, i] * found[k] for k in range(i + 1, size)), start=jnp.float64(0.0))
        found[i] = rest / factor[..., i, i]
    return jnp.stack(found, axis=-1)
