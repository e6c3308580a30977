"""Roots of many small matrices against the library's, one by one."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.inference.small_matrix import cholesky, forward, inverse_root


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 9), many=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_roots_and_inverses_are_those_of_the_library(size, many, seed):
    wide = np.random.default_rng(seed).normal(size=(many, size, size + 3))
    matrices = wide @ np.swapaxes(wide, 1, 2)
    roots = np.asarray(cholesky(jnp.asarray(matrices), size))
    np.testing.assert_allclose(roots, np.linalg.cholesky(matrices), rtol=1e-8, atol=1e-10)
    ones = np.broadcast_to(np.eye(size), roots.shape)
    np.testing.assert_allclose(forward(jnp.asarray(roots), jnp.asarray(ones), size) @ roots, ones, atol=1e-8)


def test_what_is_not_positive_definite_has_no_root():
    found = np.asarray(cholesky(jnp.asarray([[[1.0, 2.0], [2.0, 1.0]], [[4.0, 2.0], [2.0, 2.0]]])))
    assert np.isnan(found[0]).any()
    assert found[1] == pytest.approx(np.array([[2.0, 0.0], [1.0, 1.0]]))


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (3, 24, 24)])
def test_an_inverse_root_undoes_its_matrix(shape):
    half = np.random.default_rng(8).normal(size=shape)
    matrix = half @ np.swapaxes(half, -1, -2) + 0.1 * np.eye(shape[-1])
    root = np.asarray(inverse_root(jnp.asarray(matrix)))
    np.testing.assert_allclose(root, np.linalg.inv(np.linalg.cholesky(matrix)), rtol=1e-9, atol=1e-11)
