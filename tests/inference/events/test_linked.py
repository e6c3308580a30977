"""Gamma and generalised gamma times, and proportional hazards and odds over any distribution."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from remit.inference.events.baseline import BASELINES
from remit.inference.events.interval_table import intervals_from, read_records
from remit.inference.events.linked import fit_linked
from remit.inference.events.models import ALL, NAMES, USUAL, covariates_of, fit_model, parse_models
from remit.inference.events.profile import likelihood_interval
from remit.vocabulary.errors import InputRefused

GOLDEN = Path(__file__).parents[2] / "golden"


def tumours():
    records, columns = read_records(GOLDEN / "lung_tumours.csv")
    return intervals_from(records, columns, "lung_tumours", unit="year", covariates=["environment"])


@pytest.mark.parametrize(
    ("name", "shape", "dist"),
    [
        ("gamma", [0.7], stats.gamma(np.exp(0.7))),
        ("generalised-gamma", [-0.3, 1.0], stats.weibull_min(np.exp(0.3))),
        ("generalised-gamma", [-0.3, 0.0], stats.lognorm(np.exp(-0.3))),
        ("log-logistic", [-0.3], stats.fisk(np.exp(0.3))),
    ],
)
def test_distributions_are_those_of_scipy(name, shape, dist):
    baseline, times = BASELINES[name], np.array([0.05, 0.4, 1.0, 2.5, 6.0])
    later, earlier = baseline.ends(np.log(times), np.array(shape))
    np.testing.assert_allclose(later, dist.logsf(times), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(earlier, dist.logcdf(times), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        baseline.density(np.log(times), np.array(shape)), dist.logpdf(times) + np.log(times), rtol=1e-9, atol=1e-12
    )
    assert np.exp(baseline.quantile(0.3, np.array(shape))) == pytest.approx(dist.ppf(0.3))


@pytest.mark.parametrize("q", [-0.8, 0.4])
def test_a_generalised_gamma_density_is_one_of_a_distribution(q):
    baseline, shape = BASELINES["generalised-gamma"], np.array([-0.2, q])

    def density(x):
        return float(np.exp(baseline.density(np.array([x]), shape)[0]))

    later, earlier = baseline.ends(np.array([0.3]), shape)
    assert quad(density, -30, 0.3)[0] == pytest.approx(float(np.exp(earlier[0])), rel=1e-8)
    assert quad(density, 0.3, 30)[0] == pytest.approx(float(np.exp(later[0])), rel=1e-8)
    middle = baseline.quantile(0.5, shape)
    assert baseline.ends(np.array([middle]), shape)[0][0] == pytest.approx(np.log(0.5))


@pytest.mark.parametrize("link", ["time", "hazards", "odds"])
def test_the_likelihood_is_that_of_written_out_integrals(link):
    rng = np.random.default_rng(7)
    x = rng.normal(size=40)
    time = rng.gamma(2.0, 3.0, 40) * np.exp(0.3 * x)
    left, right = np.floor(time), np.floor(time) + 1.0
    left[:6], right[:6] = time[:6], time[:6]
    right[6:14] = np.inf
    design = np.column_stack([np.ones(40), x])
    found = fit_linked(BASELINES["gamma"], link, left, right, design)
    b0, b1, a = found.maximum.point
    dist, total = stats.gamma(np.exp(a), scale=np.exp(b0)), 0.0
    for low, high, own in zip(left, right, x - (0 if link == "time" else x.mean()), strict=True):

        def later(at, own=own):
            if at == np.inf:
                return 0.0
            if link == "time":
                return dist.sf(at * np.exp(-b1 * own))
            survival = dist.sf(at)
            if link == "hazards":
                return survival ** np.exp(b1 * own)
            return 1.0 / (1.0 + np.exp(b1 * own) * (1.0 - survival) / survival)

        step = 1e-5 * low
        total += np.log(
            (later(low - step) - later(low + step)) / (2 * step) if low == high else later(low) - later(high)
        )
    assert found.log_likelihood == pytest.approx(total, abs=1e-6)
    # the median is where half are left, and robust errors are about the others
    row = np.array([1.0, 0.7])
    assert found.survival(np.array([found.time_by_which(0.5, row)]), row)[0] == pytest.approx(0.5, abs=1e-10)
    errors = np.sqrt(np.diag(found.maximum.covariance))
    assert np.all(np.abs(np.log(np.sqrt(np.diag(found.robust)) / errors)) < 0.7)


def test_weibull_hazards_and_log_logistic_odds_are_the_models_of_stretched_time():
    table = tumours()
    columns = covariates_of(table)
    for name, link in (("weibull", "hazards"), ("log-logistic", "odds")):
        plain, linked = (fit_model(each, table, columns) for each in (name, f"{name}+{link}"))
        assert linked.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-8)
        scale = np.exp(plain.maximum.point[2])
        assert linked.maximum.point[1] == pytest.approx(-plain.maximum.point[1] / scale, abs=1e-6)


def test_names_of_models():
    assert "gamma" in ALL
    assert "gamma+odds" in NAMES
    assert "gamma+odds" not in ALL
    assert parse_models("gamma, generalised-gamma+hazards") == ("gamma", "generalised-gamma+hazards")
    assert parse_models("usual, weibull, gamma+odds") == (*USUAL, "gamma+odds")
    with pytest.raises(InputRefused, match=r"DISTRIBUTION\+odds"):
        parse_models("gama")


@pytest.mark.parametrize("name", ["log-normal+hazards", "generalised-gamma", "log-logistic+odds", "weibull"])
def test_a_median_has_an_interval_where_it_is_bent_in_the_parameters(name):
    from scipy.optimize import minimize

    records, columns = read_records(GOLDEN / "breast_cosmesis.csv")
    table = intervals_from(records, columns, "breast_cosmesis", unit="month", by="treatment")
    seen = covariates_of(table)
    model, row = fit_model(name, table, seen), np.append(1.0, seen.of_group[0])

    def median(point):
        return model.log_time_by_which(0.5, row, point=point)

    ends = likelihood_interval(model.value, model.maximum, median, 0.95)
    assert ends[0] < median(model.maximum.point) < ends[1]
    # a search of another kind, held at either end, finds nothing that is more likely than the drop allows
    for end in ends:
        held = minimize(
            lambda point: -model.value(point)[0], model.maximum.point, method="SLSQP", options={"ftol": 1e-12},
            constraints=[{"type": "eq", "fun": lambda point, end=end: median(point) - end}],
        )  # fmt: skip
        assert 2 * (model.maximum.value + held.fun) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=2e-3)
