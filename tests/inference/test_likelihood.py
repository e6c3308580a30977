"""The likelihood and the simulation are two roads to one number."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import pytest
from scipy import stats

from remit.evidence.instruments import load_scales
from remit.evidence.trials import load_trials
from remit.inference.assembly import assemble
from remit.inference.calibration import model, sample_effects, study_log_densities
from remit.inference.design import NONE, MedianRows
from remit.inference.likelihood import (
    chance_of_event,
    chance_of_loss,
    count_log_mass,
    expected_means,
    mean_deviation,
    mean_log_density,
    median_log_mass,
    predict,
)
from remit.inference.nodes import population_nodes
from remit.inference.refit import data
from remit.population.cohort import NUMBERS
from remit.response.stimulus import esketamine_equivalent


@pytest.fixture(scope="module")
def design():
    return data()[1]


@pytest.fixture(scope="module")
def effects(design):
    """Parameters near the middle of their priors."""
    tame = numpyro.handlers.substitute(
        numpyro.handlers.seed(sample_effects, jax.random.key(5)),
        {"acute_mean": 0.5, "sustained_mean": -0.5, "k_in_mean": -0.7, "half_life_mean": 5.1},
    )
    return tame(design)[0]


def remade(nodes):
    """The same rows with other people standing for each arm."""
    trials, scales = load_trials(), load_scales()
    return assemble(data()[0], trials, scales, esketamine_equivalent, nodes)


def test_few_nodes_stand_for_many_people(design, effects):
    many = remade(np.random.default_rng(8).standard_normal((600, NUMBERS)))
    expected, ours = predict(many, effects), predict(design, effects)
    arm = design.points.arm
    span = design.arms.high[arm] - design.arms.low[arm]
    apart = np.abs(np.asarray(ours.mean - expected.mean)) / span
    # 600 random people err by about a hundredth of the range themselves
    assert apart.max() < 0.04
    assert apart.mean() < 0.01
    assert np.median(np.abs(np.log(np.asarray(ours.sd / expected.sd)))) < 0.08


def test_twice_the_nodes_move_few_rows_by_more_than_a_third_of_their_standard_error(design, effects):
    rows = []
    for each in (design, remade(population_nodes(NUMBERS, 2 * len(design.normals)))):
        expected, own = expected_means(each, predict(each, effects))
        se = np.where(np.isnan(design.means.se), own, np.nan_to_num(design.means.se, nan=1.0))
        rows.append((np.asarray(expected), se))
    moved = np.abs(rows[0][0] - rows[1][0]) / rows[0][1]
    assert np.quantile(moved, 0.95) < 1 / 3
    assert moved.max() < 1.0


def test_means_of_the_same_people_err_together(design):
    rows = design.means
    expected = jnp.linspace(5.0, 30.0, len(rows.value))
    deviation, sd = mean_deviation(rows, expected, jnp.full(len(rows.value), 2.0), jnp.full(len(rows.value), 0.5))
    np.testing.assert_allclose(sd, np.hypot(np.where(np.isnan(rows.se), 2.0, rows.se), 0.5))
    people = design.arms.people[design.points.arm[rows.points[:, 0]]]
    groups = int(design.arms.people.max()) + 1
    assert np.bincount(people).max() > 4
    for correlation in (0.0, 0.6):
        ours = np.asarray(mean_log_density(deviation, sd, jnp.asarray(correlation), people, groups))
        for group in range(groups):
            here = people == group
            if not here.any():
                assert ours[group] == 0.0
                continue
            scale = np.asarray(sd)[here]
            matrix = np.outer(scale, scale) * np.where(np.eye(here.sum()) > 0, 1.0, correlation)
            theirs = stats.multivariate_normal.logpdf(rows.value[here], np.asarray(expected)[here], matrix)
            assert ours[group] == pytest.approx(theirs, rel=1e-9)


def test_a_median_lies_between_visits_as_an_order_statistic_does():
    rows = MedianRows(np.array([0]), np.array([1]), np.array([2]), np.array([0.5]), np.array([17.0]))
    before, after = 0.35, 0.6
    # the 9th of 17 has lost by a visit when at least 9 of 17 have
    theirs = stats.binom.sf(8, 17, after) - stats.binom.sf(8, 17, before)
    ours = median_log_mass(rows, jnp.array([before]), jnp.array([after]))
    assert float(ours[0]) == pytest.approx(np.log(theirs), rel=1e-9)


def test_loss_of_response_is_counted_among_those_who_had_it(design, effects):
    before, after = (np.asarray(part) for part in chance_of_loss(design, predict(design, effects)))
    assert len(before) == 2
    assert ((before >= 0) & (before < after) & (after < 1)).all()
    # twenty times faster loss loses more
    faster = effects._replace(population=effects.population._replace(k_out_mean=effects.population.k_out_mean + 3.0))
    assert (np.asarray(chance_of_loss(design, predict(design, faster))[1]) > after).all()


def test_counts_are_those_of_scipy(design):
    counts = dataclasses.replace(
        design.counts, events=np.round(design.counts.events), n=np.maximum(np.round(design.counts.n), 1.0)
    )
    chance = jnp.linspace(0.05, 0.95, len(counts.n))
    inside = counts.events <= counts.n
    ours = np.asarray(count_log_mass(counts, chance, jnp.asarray(30.0)))
    theirs = stats.betabinom.logpmf(counts.events, counts.n, 30.0 * chance, 30.0 * (1 - chance))
    # the mass may leave out the binomial coefficient, which no parameter moves
    apart = ours[inside] - theirs[inside]
    coefficient = stats.binom.logpmf(counts.events, counts.n, 0.5)[inside] + counts.n[inside] * np.log(2.0)
    assert np.allclose(apart, 0.0, atol=1e-6) or np.allclose(apart, -coefficient, atol=1e-6)


def test_every_point_has_a_row_and_every_row_a_finite_density(design):
    used = np.concatenate(
        [
            design.means.points.ravel(), design.means.other.ravel(), design.counts.points.ravel(),
            design.medians.from_point, design.medians.before, design.medians.after, design.spreads.point,
        ]
    )  # fmt: skip
    used = used[used != NONE]
    assert used.max() < len(design.points.arm)
    drawn = numpyro.handlers.seed(sample_effects, jax.random.key(2))(design)
    density = np.asarray(study_log_densities(design, *drawn))
    assert density.shape == (len(design.names.study),)
    assert np.isfinite(density).all()
    assert (density != 0.0).all()


def test_a_study_of_weight_zero_is_as_good_as_absent(design):
    weight = jnp.ones(len(design.names.study)).at[3].set(0.0)
    effects, p = numpyro.handlers.seed(sample_effects, jax.random.key(2))(design)
    density = np.asarray(study_log_densities(design, effects, p))
    traced = numpyro.handlers.trace(numpyro.handlers.seed(model, jax.random.key(2))).get_trace(design, weight)
    found = float(traced["rows"]["fn"].log_factor)
    assert found == pytest.approx(np.delete(density, 3).sum(), rel=1e-9)


def test_chances_are_shares_and_controls_without_drug_have_no_drug(design, effects):
    chance = np.asarray(chance_of_event(design, predict(design, effects)))
    assert ((chance >= 0) & (chance <= 1)).all()
    nothing = design.arms.has_drug == 0
    daily = design.arms.treatment != NONE
    sustained = np.asarray(effects.population.sustained_mean)
    assert (sustained[nothing & ~daily] == -30.0).all()
    assert (sustained[design.arms.has_drug > 0] > -30.0).all()
