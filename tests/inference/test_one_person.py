"""One person's posterior: its parts against closed forms, and two samplers against each other."""

import arviz_stats.base
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from remit.evidence.instruments import find_scale
from remit.inference.before_data import before_data
from remit.inference.importance import Effort
from remit.inference.one_person import Case, arrays, belief, person_posterior, person_posteriors
from remit.inference.pareto import smoothed
from remit.inference.person_course import chance_of, course_of, fine, totals_of
from remit.inference.person_prior import draw, log_density
from remit.inference.tempering import FORGOTTEN, RHAT_BELOW, Tempered, temper
from remit.population.scores import log_chance
from remit.response.relief import session_course
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


FEW = case([0.0, 24.0, 96.0, 168.0], [15, 9, 10, 8])


@settings(max_examples=50, deadline=None)
@given(centre=st.floats(0.0, 21.0), sd=st.floats(0.3, 6.0))
def test_totals_have_probabilities_that_sum_to_one(centre, sd):
    totals = jnp.arange(22.0)
    found = log_chance(totals, *(jnp.asarray(value) for value in (centre, sd, 0.0, 21.0)))
    assert float(jnp.exp(found).sum()) == pytest.approx(1.0, abs=1e-12)
    edges = np.concatenate([[-np.inf], np.arange(0.5, 21.0), [np.inf]])
    exact = np.diff(norm.cdf(edges, centre, sd))
    np.testing.assert_allclose(np.exp(found), exact, atol=1e-12)


def test_far_totals_keep_a_finite_probability_and_a_slope_home():
    def chance(centre):
        return log_chance(jnp.asarray(100.0), centre, *(jnp.asarray(value) for value in (1.0, 0.0, 100.0)))

    values = np.array([float(chance(jnp.asarray(centre))) for centre in np.linspace(0.0, 99.0, 200)])
    assert np.isfinite(values).all()
    assert (np.diff(values) > 0).all()
    assert float(jax.grad(chance)(jnp.asarray(0.0))) > 0


def test_the_prior_is_the_mixture_it_says(held):
    prior = held.prior
    x = np.asarray(draw(prior, jax.random.key(0), 5))
    each = norm.logpdf(x[:, None, :], prior.means, 1.0 / np.sqrt(prior.precisions)).sum(axis=-1)
    np.testing.assert_allclose(log_density(prior, jnp.asarray(x)), np.log(np.exp(each).mean(axis=1)), rtol=1e-9)


def test_the_prior_keeps_mean_and_spread_of_the_draws(held):
    x = np.asarray(draw(held.prior, jax.random.key(1), 40_000))
    assert np.abs(x.mean(axis=0)).max() < 0.03
    assert np.abs(x.std(axis=0) - 1.0).max() < 0.04


def test_the_course_is_the_forward_models(held):
    when, _ = arrays(FEW, held)
    numbers = jnp.asarray(person_posterior(case([], []), held, 1).numbers[:7])
    traits, _ = held.layout.traits(numbers)
    whole = session_course(traits, jnp.asarray(when.site)[0][None], jnp.asarray(when.grid_h)).left
    found = course_of(held.layout, numbers, jnp.asarray(when.site)[0][None], jax.tree.map(jnp.asarray, when)).left
    np.testing.assert_allclose(found, whole[:, when.at], rtol=1e-12)
    assert fine(np.asarray(when.grid_h)).shape[0] == when.site.shape[1]


@pytest.mark.parametrize("tail", [0.3, 0.8])
def test_the_tail_of_weights_agrees_with_arviz(tail):
    rng = np.random.default_rng(4)
    log_weights = tail * rng.exponential(size=4000)
    _, k = smoothed(jnp.asarray(log_weights))
    _, expected = arviz_stats.base.array_stats.psislw(-log_weights)  # it takes log likelihoods
    assert float(k) == pytest.approx(float(expected), abs=0.03)


def test_weights_not_there_yet_change_no_tail():
    log_weights = 0.5 * np.random.default_rng(5).exponential(size=3072)
    alone, k = smoothed(jnp.asarray(log_weights))
    room = jnp.full(8192, -jnp.inf).at[:3072].set(log_weights)
    among, same = smoothed(room, jnp.asarray(3072))
    assert float(same) == pytest.approx(float(k), rel=1e-12)
    np.testing.assert_allclose(among[:3072], alone, rtol=1e-12)
    assert np.isneginf(among[3072:]).all()


def test_lots_end_when_enough_draws_are_effective(held):
    found = person_posterior(FEW, held, 1)
    lot = Effort().lot
    assert found.trust.draws % lot == 0
    # the lot before the last was needed: without it there would have been too few
    assert found.trust.effective * (found.trust.draws - lot) / found.trust.draws < 1.1 * Effort().wanted


def test_without_scores_the_posterior_is_the_prior(held):
    found = person_posterior(case([], []), held, 1)
    x = (found.numbers - np.asarray(held.prior.centre)) / np.asarray(held.prior.spread)
    assert found.trust.effective == pytest.approx(2048, rel=1e-6)
    assert np.abs(x.mean(axis=0)).max() < 0.06
    assert np.abs(x.std(axis=0) - 1).max() < 0.06


def test_the_same_seed_gives_the_same_draws_alone_and_among_others(held):
    alone = person_posterior(FEW, held, 5, 1)
    among = person_posteriors([case([], []), FEW], held, 5)[1]
    np.testing.assert_array_equal(alone.numbers, among.numbers)
    assert not np.array_equal(alone.numbers, person_posterior(FEW, held, 6, 1).numbers)


def test_many_people_at_a_time_come_to_an_end_and_are_the_same_as_alone(held):
    cases = [case([0.0, 24.0, 96.0, 168.0], [15, 9 + place % 7, 10 - place % 4, place % 9]) for place in range(24)]
    done = []
    many = person_posteriors(cases, held, 5, done.append)
    assert done == list(range(1, 25))
    for place in (0, 11, 23):
        np.testing.assert_array_equal(many[place].numbers, person_posterior(cases[place], held, 5, place).numbers)


def test_a_person_who_is_not_reached_among_many_is_named(held, monkeypatch):
    monkeypatch.setattr("remit.inference.one_person.EFFORTS", (Effort(wanted=7000.0),))
    monkeypatch.setattr(
        "remit.inference.one_person.temper", lambda *_: Tempered(np.zeros((9, 10)), np.zeros(9), 2.0, 1.0, 3, 1.0)
    )
    with pytest.raises(NotConverged, match="person 1 of 2"):
        person_posteriors([case([], []), FEW], held, 5)


def test_enough_effective_draws_or_nothing(held):
    found = person_posterior(FEW, held, 1)
    assert found.trust.effective >= 1000
    assert found.trust.pareto_k < 0.7


def by_force(held, one, rounds=150, count=8192):
    """Means and SDs of the posterior from a million draws of the prior, weighted by their likelihood."""
    when, rated = jax.device_put(arrays(one, held))

    @jax.jit
    def weighed(key):
        numbers = held.prior.centre + held.prior.spread * draw(held.prior, key, count)
        grouped = numbers.reshape(-1, len(when.site), held.layout.numbers)
        totals = totals_of(held.layout, grouped, when.site, when, rated).reshape(count, -1)
        weights = jnp.exp(chance_of(totals, rated))
        return weights.sum(), weights @ numbers, weights @ numbers**2

    parts = [weighed(jax.random.key(place)) for place in range(rounds)]
    total, first, second = (np.sum([np.asarray(part[place]) for part in parts], axis=0) for place in range(3))
    mean = first / total
    return mean, np.sqrt(second / total - mean**2)


@pytest.mark.slow
def test_both_samplers_agree_with_brute_force(held):
    mean, sd = by_force(held, FEW)
    spread = np.asarray(held.prior.spread)
    when, rated = arrays(FEW, held)
    moved = temper(held.layout, held.prior, when, rated, 1, 0)
    assert moved.memory <= FORGOTTEN
    assert moved.rhat <= RHAT_BELOW
    for numbers in (person_posterior(FEW, held, 1).numbers, moved.numbers):
        assert (np.abs(numbers.mean(axis=0) - mean) / spread).max() < 0.12
        assert (np.abs(numbers.std(axis=0) - sd) / spread).max() < 0.12


@pytest.mark.slow
def test_hundreds_of_scores_work(held):
    rng = np.random.default_rng(1)
    times = np.linspace(0.0, 4000.0, 300)
    totals = np.clip(np.round(6 + 9 * np.exp(-times / 200) + 2 * rng.normal(size=300)), 0, 21)
    found = person_posterior(case(times, totals), held, 1)
    assert found.trust.effective >= 1000
