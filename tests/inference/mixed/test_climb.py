"""A search for the highest likelihood on surfaces that are written out."""

import numpy as np
import pytest

from remit.inference.mixed.climb import STATIONARY, climb
from remit.inference.mixed.marginal import Marginal

WEIGHTS = np.array([0.7, 1.0, 1.3])


def surface(value, slope):
    """Three people whose likelihood is a weighted function of two numbers, and who have no random effects."""

    def evaluate(at, modes):
        each = WEIGHTS * value(at)
        return Marginal(each, WEIGHTS[:, None] * slope(at) + np.array([[1.0], [0.0], [-1.0]]), modes, np.zeros(3))

    return evaluate


def test_the_top_of_a_hill_is_reached_in_one_newton_step_of_its_curvature():
    evaluate = surface(
        lambda at: -0.5 * ((at[0] - 1.0) ** 2 + 3.0 * (at[1] + 2.0) ** 2),
        lambda at: -np.array([at[0] - 1.0, 3.0 * (at[1] + 2.0)]),
    )
    summit = climb(evaluate, np.zeros(2), np.zeros((3, 0)))
    assert not summit.fault
    assert summit.left < STATIONARY
    np.testing.assert_allclose(summit.estimated, [1.0, -2.0], atol=1e-3)
    np.testing.assert_allclose(summit.information, np.diag([3.0, 9.0]), rtol=1e-6)


def test_a_search_that_stands_at_a_wall_ends_soon_and_is_no_maximum():
    # it rises without end towards 1, and beyond 1 there is none: a Laplace curvature that vanishes looks like this
    def value(at):
        return -np.log(1.0 - at[0]) - at[1] ** 2 if at[0] < 1.0 else np.nan

    def slope(at):
        return np.array([1.0 / (1.0 - at[0]), -2.0 * at[1]]) if at[0] < 1.0 else np.full(2, np.nan)

    summit = climb(surface(value, slope), np.zeros(2), np.zeros((3, 0)))
    assert summit.fault == "the curvature is not that of a maximum"
    assert summit.estimated[0] == pytest.approx(1.0, abs=1e-3)
    assert summit.steps < 60
    assert summit.evaluations < 400
