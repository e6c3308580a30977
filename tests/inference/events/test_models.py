import numpy as np
import pytest
from benchmarks import workloads
from scipy.stats import norm

from remit.inference.events.accelerated import fit_accelerated, objective
from remit.inference.events.family import EXPONENTIAL, FAMILIES, LOG_NORMAL, WEIBULL
from remit.inference.events.likelihood import seen
from remit.inference.events.newton import maximise
from remit.inference.events.piecewise import fit_piecewise
from remit.inference.events.profile import likelihood_interval
from remit.inference.events.proportional import fit_proportional
from remit.vocabulary.errors import InputRefused, NotConverged


@pytest.fixture(scope="module")
def w6():
    left, right, x1, x2 = workloads.w6()
    return left, right, np.column_stack([np.ones(len(left)), x1, x2])


def test_the_sixth_workload_gives_the_published_weibull_fit(w6):
    found = fit_accelerated(WEIBULL, *w6)
    assert found.log_likelihood == pytest.approx(-10829.12, abs=5e-3)
    errors = np.sqrt(np.diag(found.maximum.covariance))
    np.testing.assert_allclose(errors[1:3], [0.01752, 0.00903], atol=1e-5)
    assert found.maximum.decrement < 1e-10


@pytest.mark.parametrize("name", list(FAMILIES))
@pytest.mark.parametrize("cured", [False, True])
def test_derivatives_are_those_of_the_value(w6, name, cured):
    left, right, design = (each[:400].copy() for each in w6)
    rng = np.random.default_rng(0)
    known = (rng.random(400) < 0.2) & np.isfinite(right)
    left[known] = right[known]
    entry = np.where(rng.random(400) < 0.3, 0.5 * left, 0.0)
    data = seen(left, right, entry, rng.random(400))
    family, ever = FAMILIES[name], design if cured else None
    point = np.array(
        [3, 0.5, -0.3, *([np.log(0.6)] if family.scale is None else []), *([1, 0.2, 0.1] if cured else [])]
    )
    _, gradient, hessian = objective(family, data, design, ever, point)
    step = 1e-6
    ends = [[objective(family, data, design, ever, point + s * step * e) for s in (1, -1)] for e in np.eye(len(point))]
    by_value = np.array([(up[0] - down[0]) / (2 * step) for up, down in ends])
    by_gradient = np.array([(up[1] - down[1]) / (2 * step) for up, down in ends])
    np.testing.assert_allclose(gradient, by_value, rtol=1e-6, atol=1e-6 * np.abs(gradient).max())
    np.testing.assert_allclose(hessian, by_gradient, rtol=1e-6, atol=1e-7 * np.abs(hessian).max())


def test_exact_log_normal_times_give_mean_and_spread_of_their_logarithms():
    times = np.exp(np.random.default_rng(1).normal(2, 0.7, 300))
    found = fit_accelerated(LOG_NORMAL, times, times, np.ones((300, 1)))
    logs = np.log(times)
    np.testing.assert_allclose(found.maximum.point, [logs.mean(), np.log(logs.std())], atol=1e-8)
    assert found.log_likelihood == pytest.approx(norm(logs.mean(), logs.std()).logpdf(logs).sum() - logs.sum())
    assert found.time_by_which(0.5, np.ones(1)) == pytest.approx(np.exp(logs.mean()))


def test_censored_exponential_times_give_events_over_time_at_risk():
    rng = np.random.default_rng(2)
    entry = rng.uniform(0.0, 1.0, 500)
    time = entry + rng.exponential(3, 500)
    end = np.minimum(time, 6.0)
    left, right = end, np.where(time < 6, time, np.inf)
    rate = np.sum(time < 6) / np.sum(end - entry)
    found = fit_accelerated(EXPONENTIAL, left, right, np.ones((500, 1)), entry=entry)
    assert -found.maximum.point[0] == pytest.approx(np.log(rate), abs=1e-8)
    pieces = fit_piecewise(left, right, np.zeros((500, 0)), np.array([2.0]), entry=entry)
    early = np.sum(time < 2) / np.sum(np.minimum(end, 2) - np.minimum(entry, 2))
    assert pieces.maximum.point[0] == pytest.approx(np.log(early), abs=1e-8)
    one = fit_piecewise(left, right, np.zeros((500, 0)), np.zeros(0), entry=entry)
    assert one.log_likelihood == pytest.approx(found.log_likelihood, abs=1e-8)


def test_proportional_hazards_over_a_free_curve_give_the_published_fit(w6):
    found = fit_proportional(w6[0], w6[1], w6[2][:, 1:])
    assert found.log_likelihood == pytest.approx(-10762.3, abs=0.05)
    np.testing.assert_allclose(found.coefficients, [-0.836, 0.505], atol=5e-4)
    assert found.gap <= 1e-6
    # of the Weibull model that made the data: -0.5 / 0.6 and 0.3 / 0.6
    assert np.all(np.abs(found.coefficients - [-0.5 / 0.6, 0.5]) < 3 * np.sqrt(np.diag(found.covariance)))
    assert found.survival_after(np.array([0.0, 0.0]))[-1] == 0
    with pytest.raises(InputRefused, match="late entries"):
        fit_proportional(w6[0], w6[1], w6[2][:, 1:], entry=0.5 * w6[0])


def test_a_cured_share_is_found_and_none_is_refused():
    rng = np.random.default_rng(5)
    count = 2000
    time = np.where(rng.random(count) < 0.6, 10 * rng.weibull(2, count), np.inf)
    edges = np.arange(0, 41, 2.0)
    left = edges[np.searchsorted(edges, np.minimum(time, 39.9), side="left") - 1]
    left = np.where(np.isinf(time), 40.0, left)
    right = np.where(np.isinf(time), np.inf, left + 2)
    design = np.ones((count, 1))
    found = fit_accelerated(WEIBULL, left, right, design, ever=design)
    share = 1 / (1 + np.exp(-found.maximum.point[2]))
    assert share == pytest.approx(np.isfinite(time).mean(), abs=1e-3)
    assert found.survival(np.array([1e6]), np.ones(1))[0] == pytest.approx(1 - share)
    assert found.time_by_which(0.7, np.ones(1)) == np.inf
    everybody = np.isfinite(time)
    with pytest.raises(NotConverged, match="estimated as none"):
        fit_accelerated(WEIBULL, left[everybody], right[everybody], design[everybody], ever=design[everybody])


def test_likelihood_intervals_drop_by_the_quantile(w6):
    left, right, design = (each[:300] for each in w6)
    found = fit_accelerated(WEIBULL, left, right, design)
    low, high = likelihood_interval(found.value, found.maximum, lambda point: float(point[1]), 0.95)
    for end in (low, high):
        shifted = fit_accelerated_with_offset(left, right, design, end)
        assert 2 * (found.log_likelihood - shifted) == pytest.approx(3.8415, abs=1e-3)


def fit_accelerated_with_offset(left, right, design, fixed):
    """Largest log-likelihood with the second coefficient held, by dividing times by what it does."""
    factor = np.exp(fixed * design[:, 1])
    return fit_accelerated(
        WEIBULL, left / factor, np.where(np.isfinite(right), right / factor, np.inf), design[:, [0, 2]]
    ).log_likelihood


def test_what_has_no_maximum_is_refused():
    left, right = np.array([1, 1, 1, 5, 5, 5.0]), np.array([2, 2, 2, np.inf, np.inf, np.inf])
    apart = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1.0]])
    with pytest.raises(NotConverged, match="rises without end"):
        fit_accelerated(WEIBULL, left, right, apart)
    with pytest.raises(NotConverged, match="direction upwards"):
        maximise(lambda x: (float(x[0] ** 2), 2 * x, np.array([[2.0]])), np.zeros(1), "a valley")
