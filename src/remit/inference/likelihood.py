"""Probability of published rows given population parameters.

Every arm is a small population (`nodes`) run through the one forward model (`response.relief`); a row is compared with
what that
population would show: its mean total, its share of responders, its spread. Published arms say nothing about single
people, so nothing finer is needed.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import betaln, gammaln
from jax.scipy.stats import norm
from jaxtyping import Array, Float

from remit.inference.design import NONE, ArmTable, CountRows, Design, MeanRows, SpreadRows
from remit.population.cohort import BASELINE
from remit.population.scores import chance_at_or_below, expected_square, expected_total
from remit.population.variability import Population, traits
from remit.response.relief import daily_course, on_scale, session_course


class Effects(NamedTuple):
    """Parameters of every arm, each of shape (arms,) unless said otherwise.

    Attributes:
        population: typical values and spread, each entry of shape (arms,).
        onset_h: onset time constant of the arm's daily treatment [h].
        responsiveness: power that turns the share of anxiety left into the share of the scale's total left.
    """

    population: Population
    onset_h: Float[Array, " arms"]
    responsiveness: Float[Array, " arms"]


class Predicted(NamedTuple):
    """What the model says about each point.

    Attributes:
        centre: total of each node without scatter [points], shape (points, nodes).
        mean, sd: of observed totals [points], shape (points,).
    """

    centre: Float[Array, "points nodes"]
    mean: Float[Array, " points"]
    sd: Float[Array, " points"]


def _pick(population: Population, index: np.ndarray) -> Population:
    return Population(*(value[index] for value in population))


def baselines(arms: ArmTable, normals: np.ndarray) -> np.ndarray:
    """Baseline totals of the nodes of each arm, shape (arms, nodes) [points], kept inside the scale.

    Trials have an entry score, so nobody starts near the bottom of the scale.
    """
    # choice: entry scores lie at about half the mean baseline or above; a tenth of the range keeps a relative fall
    # meaningful
    floor = arms.low + np.maximum(0.4 * (arms.baseline_mean - arms.low), 0.1 * (arms.high - arms.low))
    drawn = arms.baseline_mean[:, None] + arms.baseline_sd[:, None] * normals[None, :, BASELINE]
    return np.clip(drawn, np.minimum(floor, arms.baseline_mean)[:, None], arms.high[:, None])


def left_at_points(design: Design, effects: Effects) -> Float[Array, "points nodes"]:
    """Share of anxiety left at each point for each node, by the forward model."""
    points, normals = design.points, jnp.asarray(design.normals)
    table_of = design.arms.session[points.arm]
    order: list[np.ndarray] = []
    parts: list[Float[Array, "some nodes"]] = []

    def of_session(population: Population, concentration: Array, times_h: Array) -> Array:
        return session_course(traits(population, normals), concentration, times_h).left

    for number, table in enumerate(design.sessions):
        courses = jax.vmap(of_session)(
            _pick(effects.population, table.arm), jnp.asarray(table.concentration), jnp.asarray(table.times_h)
        )
        here = np.flatnonzero(table_of == number)
        order.append(here)
        parts.append(courses[points.row[here], :, points.position[here]])

    def of_day(population: Population, onset_h: Array, time_h: Array) -> Array:
        people = traits(population, normals)
        return daily_course(people, jnp.broadcast_to(onset_h, people.gradual.shape), time_h[None]).left[:, 0]

    rest = np.flatnonzero(table_of == NONE)
    arm = points.arm[rest]
    order.append(rest)
    parts.append(
        jax.vmap(of_day)(_pick(effects.population, arm), effects.onset_h[arm], jnp.asarray(points.time_h[rest]))
    )
    return jnp.concatenate(parts)[np.argsort(np.concatenate(order))]


def predict(design: Design, effects: Effects) -> Predicted:
    """Totals the arms would show at every point."""
    arms, arm = design.arms, design.points.arm
    left = on_scale(left_at_points(design, effects), effects.responsiveness[arm][:, None])
    start = jnp.asarray(baselines(arms, design.normals))[arm]
    low, high, noise = (jnp.asarray(column)[arm][:, None] for column in (arms.low, arms.high, arms.noise_sd))
    centre = low + (start - low) * left
    mean = expected_total(centre, noise, low, high).mean(axis=1)
    square = expected_square(centre, noise, low, high).mean(axis=1)
    return Predicted(centre, mean, jnp.sqrt(jnp.maximum(square - mean**2, 1e-9)))


def _averaged(values: Float[Array, " points"], index: np.ndarray) -> Float[Array, " rows"]:
    used = index != NONE
    return jnp.where(used, values[np.where(used, index, 0)], 0.0).sum(axis=1) / np.maximum(used.sum(axis=1), 1)


def expected_means(design: Design, predicted: Predicted) -> tuple[Float[Array, " rows"], Float[Array, " rows"]]:
    """What each mean row should show, and the standard error it would have from the model's own spread."""
    rows, arms = design.means, design.arms
    arm = design.points.arm[rows.points[:, 0]]
    mean, sd = _averaged(predicted.mean, rows.points), _averaged(predicted.sd, rows.points)
    other, other_sd = _averaged(predicted.mean, rows.other), _averaged(predicted.sd, rows.other)
    start = jnp.asarray(baselines(arms, design.normals).mean(axis=1))[arm]
    # a row without a number of people has a standard error of its own; any number keeps the gradient of the unused
    # branch finite
    n = np.nan_to_num(rows.n, nan=1.0)
    own = sd / np.sqrt(n)
    both = jnp.sqrt(sd**2 + other_sd**2) / np.sqrt(n / 2.0)
    pooled = jnp.sqrt(0.5 * (sd**2 + other_sd**2)) + 1e-9
    choices = [mean, mean - start, 100.0 * (mean / start - 1.0), mean - other, (mean - other) / pooled]
    errors = [own, own, 100.0 * own / start, both, both / pooled]
    kind = np.asarray(rows.kind)
    return jnp.choose(kind, choices, mode="clip"), jnp.choose(kind, errors, mode="clip")


def unit_of_baseline(design: Design, predicted: Predicted) -> Float[Array, " rows"]:
    """One fraction of baseline in the unit of each mean row, for the misfit that is stated in fractions of baseline."""
    rows = design.means
    arm = design.points.arm[rows.points[:, 0]]
    start = jnp.asarray(baselines(design.arms, design.normals).mean(axis=1))[arm]
    kind = np.asarray(rows.kind)
    standard = start / (_averaged(predicted.sd, rows.points) + 1e-9)
    return jnp.where(kind == 2, 100.0, jnp.where(kind == 4, standard, start))


def chance_of_event(design: Design, predicted: Predicted) -> Float[Array, " rows"]:
    """Share of people in whom each count row's event is seen [fraction]."""
    rows, arms = design.counts, design.arms
    start_all, noise_all = jnp.asarray(baselines(arms, design.normals)), jnp.asarray(arms.noise_sd)

    def at(point: np.ndarray) -> Float[Array, "rows nodes"]:
        index = np.where(point == NONE, 0, point)
        arm = design.points.arm[index]
        centre, start, noise = predicted.centre[index], start_all[arm], noise_all[arm][:, None]
        kept = 1.0 - np.nan_to_num(rows.fraction)[:, None]
        # the baseline total scatters too, so a relative fall is read against two noisy totals
        fall = norm.cdf((kept * start - centre) / (noise * jnp.sqrt(1.0 + kept**2)))
        total = chance_at_or_below(jnp.nan_to_num(rows.total)[:, None], centre, noise)
        seen = jnp.where(np.isnan(rows.fraction)[:, None], total, fall)
        return jnp.where((point == NONE)[:, None], 0.0, seen)

    missed = jnp.ones((len(rows.n), 1))
    for column in range(rows.points.shape[1]):
        missed = missed * (1.0 - at(rows.points[:, column]))
    seen = 1.0 - missed
    lost = (seen * (1.0 - at(rows.lost_at))).sum(axis=1) / (seen.sum(axis=1) + 1e-12)
    return jnp.clip(jnp.where(rows.lost_at == NONE, seen.mean(axis=1), lost), 1e-6, 1.0 - 1e-6)


def mean_log_density(
    rows: MeanRows, expected: Float[Array, " rows"], model_se: Float[Array, " rows"], misfit: Float[Array, " rows"]
) -> Float[Array, " rows"]:
    """Normal log density of the mean rows, with the model's misfit added to their standard error."""
    se = jnp.where(np.isnan(rows.se), model_se, np.nan_to_num(rows.se, nan=1.0))
    return norm.logpdf(rows.value, expected, jnp.sqrt(se**2 + misfit**2))


def count_log_mass(rows: CountRows, chance: Float[Array, " rows"], people: Float[Array, ""]) -> Float[Array, " rows"]:
    """Beta-binomial log mass of the count rows; counts may be real numbers.

    Args:
        rows: the rows.
        chance: expected share [fraction].
        people: how many people the share itself is worth: however large a sample, it says no more than this many would.
    """
    a, b = chance * people, (1.0 - chance) * people
    ways = gammaln(rows.n + 1.0) - gammaln(rows.events + 1.0) - gammaln(rows.n - rows.events + 1.0)
    return ways + betaln(rows.events + a, rows.n - rows.events + b) - betaln(a, b)


def spread_log_density(rows: SpreadRows, sd: Float[Array, " points"]) -> Float[Array, " rows"]:
    """Normal log density of the log of each published SD; its own error is 1 / sqrt(2 (n - 1))."""
    # choice: entry criteria and drop-out change an SD by some 15 % beyond chance
    error = np.sqrt(0.5 / np.maximum(rows.n - 1.0, 1.0) + 0.15**2)
    return norm.logpdf(np.log(rows.sd), jnp.log(sd[rows.point]), error)
