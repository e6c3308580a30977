import numpy as np
import pytest
from benchmarks import workloads
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from remit.inference.events.step_curve import StepCurve, step_curve
from remit.inference.events.support import support_of
from remit.inference.events.turnbull import LARGEST_GAP, most_likely, turnbull


def test_the_published_example_has_its_exact_masses():
    # Fay and Shaw 2010, table 2
    ends = np.array([[2, 3], [5, 6], [1, 7], [1, 7], [9, 12], [8, 10], [10, 13.0]])
    curve = step_curve(turnbull(ends[:, 0], ends[:, 1]))
    np.testing.assert_array_equal(curve.left, [2, 5, 9, 10])
    np.testing.assert_array_equal(curve.right, [3, 6, 10, 12])
    np.testing.assert_allclose(curve.mass, [2 / 7, 2 / 7, 3 / 14, 3 / 14], atol=1e-12)


def test_exact_and_right_censored_times_give_kaplan_and_meier():
    time = np.array([1, 2, 2, 3, 4, 5, 5, 7.0])
    seen = np.array([1, 1, 0, 1, 0, 1, 1, 0], bool)
    curve = step_curve(turnbull(time, np.where(seen, time, np.inf)))
    left, at = 1.0, []
    for each in (1, 2, 3, 5):
        left *= 1 - np.sum((time == each) & seen) / np.sum(time >= each)
        at.append(left)
    np.testing.assert_allclose(curve.survival(np.array([1, 2, 3, 5.0]))[2], at, atol=1e-12)


def test_late_entries_give_the_product_limit_of_those_at_risk():
    entry = np.array([0, 0, 1.5, 2.5, 0, 3.5, 0, 0])
    time = np.array([1, 2, 3, 4, 5, 6, 6.5, 7.0])
    found = turnbull(time, time, entry)
    left, expected = 1.0, []
    for each in time:
        left *= 1 - 1 / np.sum((entry < each) & (time >= each))
        expected.append(left)
    np.testing.assert_allclose(1 - np.cumsum(found.mass), expected, atol=1e-7)


def test_current_status_is_isotonic_regression():
    rng = np.random.default_rng(3)
    look = np.sort(rng.uniform(0.1, 3, 200))
    had = rng.exponential(1, 200) < look
    found = turnbull(np.where(had, 0, look), np.where(had, look, np.inf))
    pooled = isotonic_regression(had.astype(float)).x
    chance = np.clip(pooled, 1e-15, 1 - 1e-15)
    assert found.log_likelihood == pytest.approx(np.sum(np.where(had, np.log(chance), np.log1p(-chance))), abs=1e-8)


def test_the_sixth_workload_reaches_the_published_maximum():
    left, right, *_ = workloads.w6()
    found = turnbull(left, right)
    assert found.log_likelihood == pytest.approx(-11548.17, abs=5e-3)
    assert found.gap <= LARGEST_GAP
    assert found.mass.sum() == pytest.approx(1)


intervals = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 4), st.booleans(), st.integers(0, 3)), min_size=1, max_size=25
)


@settings(max_examples=150, deadline=None)
@given(intervals)
def test_no_other_distribution_is_likelier(rows):
    left = np.array([row[0] for row in rows], float)
    right = np.array([np.inf if row[2] else row[0] + max(row[1], row[0] == 0) for row in rows], float)
    weight = np.array([1 + row[3] for row in rows], float)
    found = turnbull(left, right, None, weight)
    assert found.gap <= LARGEST_GAP
    rng = np.random.default_rng(0)
    support = found.support
    for other in rng.dirichlet(np.full(support.size, 0.5), 20):
        mixed = 0.9 * found.mass + 0.1 * other
        below = np.concatenate([[0], np.cumsum(mixed)])
        chance = below[support.last + 1] - below[support.first]
        assert support.weight @ np.log(chance) <= found.log_likelihood + 1e-5 * weight.sum()


@settings(max_examples=60, deadline=None)
@given(intervals)
def test_weights_are_repeated_rows(rows):
    left = np.array([row[0] for row in rows], float)
    right = np.array([np.inf if row[2] else row[0] + max(row[1], row[0] == 0) for row in rows], float)
    times = np.array([1 + row[3] for row in rows])
    one = turnbull(left, right, None, times.astype(float))
    two = turnbull(np.repeat(left, times), np.repeat(right, times))
    assert one.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-6)


def test_draws_on_the_candidates_of_all_are_draws():
    left, right, *_ = workloads.w6(300)
    support = support_of(left, right)
    weight = np.random.default_rng(1).multinomial(300, np.full(300, 1 / 300)).astype(float)
    kept = weight > 0
    alone = turnbull(left[kept], right[kept], None, weight[kept])
    assert most_likely(support.reweighted(weight)).log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-6)


def test_what_visits_do_not_tell_is_said():
    curve = StepCurve(np.array([0.0, 5.0]), np.array([2.0, 9.0]), np.array([0.5, 0.5]))
    middle, least, most = curve.survival(np.array([1.0, 3.0, 7.0, 10.0]))
    np.testing.assert_allclose(middle, [0.75, 0.5, 0.25, 0])
    np.testing.assert_allclose(least, [0.5, 0.5, 0, 0])
    np.testing.assert_allclose(most, [1, 0.5, 0.5, 0])
    half = curve.quantile(0.5)
    assert (half.time, half.low, half.high) == (2, 0, 5)
    assert curve.quantile(0.75).time == pytest.approx(7)
    open_end = StepCurve(np.array([0.0, 5.0]), np.array([2.0, np.inf]), np.array([0.5, 0.5]))
    assert np.isnan(open_end.quantile(0.75).time)
    assert open_end.quantile(0.75).low == 5
