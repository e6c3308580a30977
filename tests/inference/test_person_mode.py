"""The most likely numbers of a person against a search that needs no derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

from remit.evidence.instruments import find_scale
from remit.inference.before_data import before_data
from remit.inference.most_likely import Maximum
from remit.inference.one_person import Case, arrays, belief
from remit.inference.person_course import chance_of, totals_of
from remit.inference.person_mode import _told, person_mode
from remit.vocabulary.dosing import Dose, Regimen, Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import NotConverged
from remit.vocabulary.people import Diagnosis

GAD7 = find_scale("GAD-7")
SERIES = Regimen(Drug.KETAMINE, Route.IV, tuple(Dose(48.0 * place, 37.0, 2 / 3) for place in range(4)))


@pytest.fixture(scope="module")
def held():
    return belief(before_data(256, 1), Diagnosis.GAD, [GAD7], 3)


def case(times, totals):
    return Case(np.array(times, float), np.array(totals, float), np.zeros(len(times), int), SERIES, 74.0)


def log_posterior(held, one):
    """From the definitions: clipped, rounded normal totals; moments of the mixture; kinetic people alike."""
    when, rated = jax.device_put(arrays(one, held))
    means, variances = np.asarray(held.prior.means), 1.0 / np.asarray(held.prior.precisions)
    covariance = np.cov(means.T, bias=True) + np.diag(variances.mean(axis=0))
    before = multivariate_normal(means.mean(axis=0), covariance)
    program = jax.jit(lambda numbers: totals_of(held.layout, numbers, when.site, when, rated))

    def value(x):
        numbers = np.asarray(held.prior.centre) + np.asarray(held.prior.spread) * x
        centre = np.asarray(program(jnp.broadcast_to(numbers, (len(when.site), len(x)))))[:, : len(one.total)]
        upper = np.where(one.total >= 21, np.inf, one.total + 0.5)
        lower = np.where(one.total <= 0, -np.inf, one.total - 0.5)
        sd = held.noise_sd[0]
        chance = np.log(norm.cdf(upper, centre, sd) - norm.cdf(lower, centre, sd)).sum(axis=1)
        return logsumexp(chance) + before.logpdf(x)

    return value


@pytest.mark.parametrize("totals", [[15, 9, 10, 8], [15, 16, 15, 17], [20, 2, 0, 0]])
def test_no_search_finds_more(held, totals):
    one = case([0.0, 24.0, 96.0, 168.0], totals)
    found = person_mode(one, held)
    assert found.left <= 1e-4
    value = log_posterior(held, one)
    at = (found.numbers - np.asarray(held.prior.centre)) / np.asarray(held.prior.spread)
    searched = minimize(lambda x: -value(x), at, method="Powell", options={"xtol": 1e-7, "ftol": 1e-12})
    assert -searched.fun <= value(at) + 1e-6
    assert np.abs(searched.x - at).max() < 2e-3


def test_without_scores_it_is_the_middle_of_what_is_believed(held):
    found = person_mode(case([], []), held)
    np.testing.assert_allclose(found.numbers, np.asarray(held.prior.centre), atol=1e-8)


def test_steps_that_do_not_end_are_refused(held, monkeypatch):
    stuck = Maximum(np.zeros((1, 2)), np.zeros(1), np.ones(1), np.zeros(1, bool), np.full(1, 200))
    monkeypatch.setattr("remit.inference.person_mode._found", lambda *_: stuck)
    with pytest.raises(NotConverged, match="200 steps"):
        person_mode(case([0.0], [12]), held)


def test_slope_and_curvature_put_together_are_those_of_the_likelihood(held):
    one = case([0.0, 24.0, 96.0, 168.0], [21, 9, 10, 0])
    when, rated = jax.device_put(arrays(one, held))

    def centres(x):
        numbers = held.prior.centre + held.prior.spread * x
        return totals_of(held.layout, jnp.broadcast_to(numbers, (len(when.site), len(x))), when.site, when, rated)

    def likelihood(x):
        return jax.nn.logsumexp(chance_of(centres(x), rated))

    x = jnp.linspace(-0.5, 0.5, held.layout.numbers)
    told = jax.jit(lambda x: _told(centres(x), jax.jacfwd(centres)(x), rated))(x)
    bent = jax.jit(jax.hessian(lambda x: (told.pull * centres(x)).sum()))(x)
    value, gradient = jax.jit(jax.value_and_grad(likelihood))(x)
    np.testing.assert_allclose(told.value, value, rtol=1e-12)
    np.testing.assert_allclose(told.gradient, gradient, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(told.curvature + bent, jax.jit(jax.hessian(likelihood))(x), rtol=1e-8, atol=1e-9)
    assert np.linalg.eigvalsh(told.expected).min() > -1e-9
