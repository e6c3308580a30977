"""Events read off courses whose answer is known."""

import jax.numpy as jnp
import numpy as np
import pytest

from remit.response.milestones import best_so_far, first_at_or_below, half_life, half_of_those_who_reach

TIMES = jnp.array([0.0, 1.0, 2.0, 4.0])


def test_best_so_far_never_rises():
    found = best_so_far(jnp.array([[5.0, 3.0, 4.0, 2.0], [1.0, 2.0, 3.0, 4.0]]))
    np.testing.assert_array_equal(found, [[5.0, 3.0, 3.0, 2.0], [1.0, 1.0, 1.0, 1.0]])


def test_first_crossing_is_interpolated():
    course = jnp.array([[10.0, 8.0, 4.0, 0.0], [10.0, 10.0, 10.0, 10.0], [3.0, 9.0, 9.0, 9.0]])
    np.testing.assert_allclose(first_at_or_below(course, TIMES, jnp.array([6.0, 6.0, 6.0])), [1.5, np.inf, 0.0])


def test_half_of_those_who_reach():
    reached = jnp.array([0.0, 0.1, 0.3, 0.4])
    assert float(half_of_those_who_reach(reached, TIMES)) == pytest.approx(1.5)


def test_half_life_of_a_rate():
    assert float(half_life(jnp.array(np.log(2.0) / 7.0))) == pytest.approx(7.0)
