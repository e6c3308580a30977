"""People seen only if their event came late enough, or early enough: closed forms, written-out integrals, recovery."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from remit.inference.events.accelerated import fit_accelerated
from remit.inference.events.baseline import BASELINES
from remit.inference.events.family import FAMILIES
from remit.inference.events.interval_table import intervals_from
from remit.inference.events.linked import fit_linked
from remit.inference.events.log_rank import log_rank
from remit.inference.events.models import covariates_of, fit_model
from remit.inference.events.piecewise import fit_piecewise
from remit.inference.events.step_curve import step_curve
from remit.inference.events.turnbull import turnbull
from remit.vocabulary.errors import InputRefused, NotConverged


def drawn(seed, people, *, exact=False, entries=False):
    """Log-normal times of people who are in the table only if the event came in their window."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=people)
    time = np.exp(2.0 + 0.4 * x + 0.5 * rng.normal(size=people))
    limit = rng.uniform(3.0, 40.0, people)
    limit[rng.uniform(size=people) < 0.3] = np.inf
    entry = rng.uniform(0.0, 4.0, people) if entries else np.zeros(people)
    here = (time <= limit) & (time > entry)
    time, limit, entry, x = time[here], limit[here], entry[here], x[here]
    visits = np.minimum(np.ceil(time / 2.0) * 2.0, limit)
    left = np.where(exact, time, np.maximum(np.ceil(time / 2.0) * 2.0 - 2.0, entry))
    return left, np.where(exact, time, visits), entry, limit, x


def test_a_curve_of_exact_times_is_the_product_limit_run_backwards():
    left, right, _, limit, _ = drawn(1, 120, exact=True)
    limit = np.minimum(limit, 60.0)
    found = turnbull(left, right, limit=limit)
    curve = step_curve(found)
    # Lynden-Bell 1971: of those at or before a time whose limit lies at or after it, the share that has it there
    by_then, expected = 1.0, []
    for time in np.sort(left)[::-1]:
        at_risk = np.sum((left <= time) & (limit >= time))
        expected.append(by_then / at_risk)
        by_then *= 1.0 - 1.0 / at_risk
    np.testing.assert_allclose(curve.mass, expected[::-1], atol=1e-7)
    assert found.gap <= 1e-6


def test_entries_and_limits_are_mirror_images():
    # turning time around makes an entry of a limit
    left, right, _, limit, _ = drawn(2, 80)
    limit = np.minimum(limit, 50.0)
    one = turnbull(left, right, limit=limit)
    two = turnbull(60.0 - right, 60.0 - left, entry=60.0 - limit)
    assert one.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-6)
    times = np.linspace(3.0, 47.0, 12)
    # ends are open on the other side, so the curves are compared where neither jumps
    mine = step_curve(one).survival(times + 0.3)
    theirs = step_curve(two).survival(60.0 - times - 0.3)
    np.testing.assert_allclose(mine[1], 1.0 - theirs[2], atol=1e-4)


def test_a_window_is_divided_out_of_every_smooth_model():
    left, right, entry, limit, x = drawn(3, 60, entries=True)
    design = np.column_stack([np.ones(len(x)), x])
    known = {"entry": entry, "limit": limit}
    fits = [
        fit_accelerated(FAMILIES["log-normal"], left, right, design, **known),
        fit_linked(BASELINES["log-normal"], "time", left, right, design, **known),
    ]
    for found in fits:
        b0, b1, s = found.maximum.point

        def density(time, own, b0=b0, b1=b1, s=s):
            return stats.lognorm.pdf(time, np.exp(s), scale=np.exp(b0 + b1 * own))

        total = 0.0
        for low, high, start, end, own in zip(left, right, entry, limit, x, strict=True):
            inside = quad(density, low, high, args=(own,), epsabs=1e-13)[0]
            seen = quad(density, start, min(end, 200.0), args=(own,), epsabs=1e-13, limit=200, points=[5.0, 20.0])[0]
            total += np.log(inside / seen)
        assert found.log_likelihood == pytest.approx(total, abs=1e-5)
    np.testing.assert_allclose(fits[0].maximum.point, fits[1].maximum.point, atol=1e-6)
    # second derivatives across are differences of second order with steps of 0.002
    np.testing.assert_allclose(fits[0].maximum.covariance, fits[1].maximum.covariance, rtol=1e-5, atol=1e-7)


def test_the_piecewise_model_divides_windows_out_too():
    left, right, entry, limit, x = drawn(4, 80, entries=True)
    cuts = np.array([5.0, 12.0])
    found = fit_piecewise(left, right, x[:, None], cuts, entry=entry, limit=limit)

    def gone(low, high, row):
        return found.survival(np.array([low]), row)[0] - (found.survival(np.array([high]), row)[0] if high < 1e9 else 0)

    total = sum(
        np.log(gone(a, b, np.array([own])) / gone(start, end, np.array([own])))
        for a, b, start, end, own in zip(left, right, entry, limit, x, strict=True)
    )
    assert found.log_likelihood == pytest.approx(total, abs=1e-8)


def test_limits_take_the_bias_away():
    left, right, _, limit, x = drawn(5, 6000)
    design = np.column_stack([np.ones(len(x)), x])
    with_limit = fit_accelerated(FAMILIES["log-normal"], left, right, design, limit=limit)
    without = fit_accelerated(FAMILIES["log-normal"], left, right, design)
    errors = np.sqrt(np.diag(with_limit.maximum.covariance))
    truth = np.array([2.0, 0.4, np.log(0.5)])
    assert np.all(np.abs(with_limit.maximum.point - truth) < 3.5 * errors)
    assert without.maximum.point[0] < 2.0 - 5 * errors[0]


def test_a_share_that_never_has_it_needs_people_without_a_limit():
    left, right, _, limit, _ = drawn(6, 800)
    ones = np.ones((len(left), 1))
    with pytest.raises(NotConverged):
        fit_accelerated(FAMILIES["log-normal"], left, right, ones, limit=np.minimum(limit, 45.0), ever=ones)


ROWS = [
    {"left": "1", "right": "3", "limit": "5", "g": "a"},
    {"left": "2", "right": "4", "limit": "", "g": "b"},
    {"left": "2", "right": "", "limit": "", "g": "b"},
    {"left": "3", "right": "6", "limit": "9", "g": "a"},
]


def test_a_table_says_limits_and_refuses_what_cannot_be():
    columns = ["left", "right", "limit", "g"]
    table = intervals_from(ROWS, columns, "made up", unit="d", by="g")
    assert table.limit is not None
    np.testing.assert_array_equal(table.limit, [5.0, np.inf, np.inf, 9.0])
    assert table.truncated
    part = table.of(np.array([True, False, False, True]))
    np.testing.assert_array_equal(part.limit, [5.0, 9.0])
    with pytest.raises(InputRefused, match="right is 8 and limit 5"):
        intervals_from([{**ROWS[0], "right": "8"}, ROWS[1]], columns, "made up", unit="d")
    with pytest.raises(InputRefused, match="right is empty and limit 5"):
        intervals_from([{**ROWS[0], "right": ""}, ROWS[1]], columns, "made up", unit="d")
    with pytest.raises(InputRefused, match="everybody seen from the start"):
        log_rank(turnbull(table.left, table.right, limit=table.limit), np.array([0, 1, 1, 0]), 2)
    with pytest.raises(InputRefused, match=r"log-normal\+hazards"):
        fit_model("hazards", table, covariates_of(table))
