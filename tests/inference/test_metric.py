"""The normal distribution that gives the sampler its metric."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.inference.checkpoint import Kept
from remit.inference.metric import Normal, blended, fit_normal

COVARIANCE = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 2.25]])
MEAN = np.array([3.0, -1.0, 0.0])


def test_a_normal_posterior_is_found():
    precision = jnp.asarray(np.linalg.inv(COVARIANCE))

    def potential(x):
        return 0.5 * (x - MEAN) @ precision @ (x - MEAN)

    seen = []
    found = fit_normal(potential, jnp.zeros(3), jax.random.key(1), report=lambda done, of: seen.append((done, of)))
    # often enough that an interruption is heeded
    assert seen[0] == (100, 2500)
    assert seen[-1] == (2500, 2500)
    np.testing.assert_allclose(found.mean, MEAN, atol=0.15)
    scale = np.sqrt(np.diag(COVARIANCE))
    np.testing.assert_allclose(
        found.covariance / np.outer(scale, scale), COVARIANCE / np.outer(scale, scale), atol=0.15
    )


def test_an_interrupted_search_goes_on_to_the_same_numbers(tmp_path):
    def potential(x):
        return 0.5 * jnp.sum((x - MEAN) ** 2)

    kept, seen = Kept(tmp_path / "own.shape", "one"), []

    def interrupted(done, of):
        seen.append(done)
        if done == 700:
            raise KeyboardInterrupt

    whole = fit_normal(potential, jnp.zeros(3), jax.random.key(1))
    with pytest.raises(KeyboardInterrupt):
        fit_normal(potential, jnp.zeros(3), jax.random.key(1), report=interrupted, kept=kept)
    again = fit_normal(potential, jnp.zeros(3), jax.random.key(1), report=lambda done, of: seen.append(done), kept=kept)
    assert seen[6:9] == [700, 800, 900]
    np.testing.assert_array_equal(again.mean, whole.mean)
    np.testing.assert_array_equal(again.covariance, whole.covariance)


def test_a_cliff_does_not_break_it():
    found = fit_normal(lambda x: jnp.sum(jnp.exp(20.0 * x)) - x.sum(), jnp.full(2, 3.0), jax.random.key(1))
    assert np.isfinite(found.mean).all()
    assert (np.linalg.eigvalsh(found.covariance) > 0).all()


def test_many_draws_outweigh_the_first_guess_and_few_do_not():
    rng = np.random.default_rng(1)
    first = Normal(np.zeros(3), np.eye(3))
    many = blended(first, rng.multivariate_normal(MEAN, COVARIANCE, 20_000))
    np.testing.assert_allclose(many.covariance, COVARIANCE, atol=0.6)
    few = blended(first, rng.multivariate_normal(MEAN, COVARIANCE, 2))
    assert (np.linalg.eigvalsh(few.covariance) > 0.1).all()
