"""Plasticity as a sum against plasticity as a pass, values and derivatives of every order."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.response.drive import receptor_drive
from remit.response.grid import course_grid, with_midpoints
from remit.response.plasticity import plasticity
from remit.response.plasticity_sum import plasticity_sum

DOSES_H = (0.0, 48.0, 96.0)
VISITS_H = np.array([0.0, 4.0, 24.0, 96.0, 336.0])


@pytest.fixture(scope="module")
def session():
    grid = course_grid(DOSES_H, VISITS_H, 2 / 3)
    fine = with_midpoints(grid)
    since = fine[:, None] - np.array(DOSES_H)
    site = np.where(since > 0, since * np.exp(-0.4 * since), 0.0).sum(axis=1)
    # two people, and visits out of order, one twice and one before anything happened, as padding makes them
    return np.stack([120.0 * site, 60.0 * site]), grid, np.searchsorted(grid, VISITS_H)[[3, 1, 4, 2, 3, 0, 0]]


def of_logs(function, session, moving_drive):
    site, grid, at = session

    def found(logs):
        c50 = jnp.exp(logs[2]) if moving_drive else 40.0
        drive = receptor_drive(jnp.asarray(site), jnp.full(len(site), c50))
        rates = jnp.exp(logs[:2, None]) * jnp.array([1.0, 1.7])
        return function(drive, jnp.asarray(grid), rates[0], rates[1], jnp.asarray(at))

    return found


@pytest.mark.parametrize("moving_drive", [False, True])
@pytest.mark.parametrize(
    "derivative",
    [
        lambda f: f,
        jax.jacfwd,
        jax.jacrev,
        jax.hessian,
        lambda f: jax.jacrev(jax.jacrev(f)),
        lambda f: jax.jacfwd(jax.jacfwd(jax.jacfwd(f))),
    ],
    ids=["value", "forward", "reverse", "curvature", "reverse twice", "third"],
)
@pytest.mark.parametrize("k_in", [0.02, 3.0])
def test_the_sum_is_the_pass(session, derivative, moving_drive, k_in):
    at = jnp.log(jnp.array([k_in, 0.008, 40.0]))
    passed, summed = (
        jax.jit(derivative(of_logs(function, session, moving_drive)))(at) for function in (plasticity, plasticity_sum)
    )
    assert np.abs(passed).max() > 1e-3
    np.testing.assert_allclose(summed, passed, rtol=1e-10, atol=1e-13)


def test_long_ago_is_no_overflow(session):
    site, grid, at = session
    drive = receptor_drive(jnp.asarray(site), jnp.full(len(site), 40.0))
    fast = jnp.full(len(site), 50.0)

    def total(fast):
        return plasticity_sum(drive, jnp.asarray(grid), 4 * fast, fast, jnp.asarray(at)).sum()

    assert np.isfinite(total(fast))
    assert np.isfinite(jax.grad(total)(fast)).all()
