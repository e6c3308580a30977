"""People, their traits and their totals."""

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from remit.population.cohort import NUMBERS, evenly_spread, normals
from remit.population.scores import chance_at_or_below, draw_total, expected_square, expected_total


@settings(max_examples=30, deadline=None)
@given(people=st.lists(st.integers(0, 100_000), min_size=1, max_size=30), seed=st.integers(0, 2**31 - 1))
def test_a_person_is_the_same_in_any_split(people, seed):
    key = jax.random.key(seed)
    together = np.asarray(normals(key, jnp.array(people)))
    alone = np.concatenate([np.asarray(normals(key, jnp.array([person]))) for person in people])
    assert together.shape == (len(people), NUMBERS)
    np.testing.assert_array_equal(together, alone)


def test_people_are_standard_normal_and_unrelated():
    drawn = np.asarray(normals(jax.random.key(1), jnp.arange(20_000)))
    assert np.abs(drawn.mean(axis=0)).max() < 0.03
    assert np.abs(np.corrcoef(drawn.T) - np.eye(NUMBERS)).max() < 0.03


@settings(max_examples=20, deadline=None)
@given(people=st.lists(st.integers(-1, 5_000), min_size=1, max_size=30), seed=st.integers(0, 2**31 - 1))
def test_an_evenly_spread_person_is_the_same_in_any_split(people, seed):
    together = evenly_spread(seed, np.array(people))
    alone = np.concatenate([evenly_spread(seed, np.array([person])) for person in people])
    np.testing.assert_array_equal(together, alone)
    assert (together[np.array(people) < 0] == 0.0).all()


def test_evenly_spread_people_stand_for_everybody_better_than_four_times_as_many_random_ones():
    # the share of people whose course, a sum of their numbers, passes a threshold that scatters
    weights = np.random.default_rng(2).normal(size=(40, NUMBERS))
    truth = norm.cdf(-1.0 / np.sqrt(1.0 + (weights**2).sum(axis=1)))

    def error(people):
        return np.sqrt(np.mean((norm.cdf(people @ weights.T - 1.0).mean(axis=0) - truth) ** 2))

    spread = [error(evenly_spread(seed, np.arange(64))) for seed in range(20)]
    drawn = [error(np.asarray(normals(jax.random.key(seed), jnp.arange(256)))) for seed in range(20)]
    assert np.mean(spread) < 0.8 * np.mean(drawn)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(1000)


@settings(max_examples=60, deadline=None)
@given(centre=st.floats(-10.0, 40.0), sd=st.floats(0.3, 8.0), high=st.integers(10, 60))
def test_moments_of_a_clipped_total_agree_with_quadrature(centre, sd, high):
    low, top = centre - 10 * sd, centre + 10 * sd
    at = 0.5 * (top - low) * NODES + 0.5 * (top + low)
    density = np.exp(-0.5 * ((at - centre) / sd) ** 2) / (sd * np.sqrt(2 * np.pi)) * WEIGHTS * 0.5 * (top - low)
    clipped = np.clip(at, 0.0, high)
    mean, square = (clipped * density).sum(), (clipped**2 * density).sum()
    given_ = tuple(map(jnp.asarray, (centre, sd, 0.0, float(high))))
    np.testing.assert_allclose(expected_total(*given_), mean, atol=1e-3 * sd)
    np.testing.assert_allclose(expected_square(*given_), square, atol=2e-3 * sd * max(abs(centre), high))


@settings(max_examples=20, deadline=None)
@given(cut=st.floats(0.0, 20.0), centre=st.floats(0.0, 21.0), sd=st.floats(0.5, 5.0))
def test_the_chance_of_an_event_is_that_of_the_written_total(cut, centre, sd):
    totals = draw_total(jax.random.key(3), jnp.full(40_000, centre), jnp.asarray(sd), 0.0, 21.0)
    assert set(np.unique(totals % 1.0)) == {0.0}
    assert totals.min() >= 0.0
    assert totals.max() <= 21.0
    seen = float((totals <= cut).mean())
    assert abs(seen - float(chance_at_or_below(jnp.asarray(cut), jnp.asarray(centre), jnp.asarray(sd)))) < 0.012
