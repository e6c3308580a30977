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
from jax.scipy.special import betainc, betaln, gammaln
from jax.scipy.stats import norm
from jaxtyping import Array, Float

from remit.inference.design import NONE, ArmTable, CountRows, Design, MeanRows, MedianRows, SpreadRows
from remit.population.cohort import BASELINE
from remit.population.scores import chance_at_or_below, expected_square, expected_total, normal_cdf
from remit.population.variability import SHARED, Population, traits
from remit.response.relief import Traits, daily_course, on_scale, session_course


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
    # one gather of whole rows: taken apart, each field would cost a scatter of its own in the gradient
    return Population(*jnp.moveaxis(jnp.stack(population, axis=-1)[index], -1, 0))


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
    parts: list[Float[Array, "some nodes"]] = []

    def people(population: Population) -> Traits:
        # what all people share is left as one number, or every exponential of it would be taken once a node
        made = traits(population, normals)
        return made._replace(**{name: getattr(population, name)[None] for name in SHARED})

    def of_session(population: Population, concentration: Array, times_h: Array) -> Array:
        return session_course(people(population), concentration, times_h).left

    for number, table in enumerate(design.sessions):
        courses = jax.vmap(of_session)(
            _pick(effects.population, table.arm), jnp.asarray(table.concentration), jnp.asarray(table.times_h)
        )
        here = table_of == number
        parts.append(courses[points.row[here], :, points.position[here]])

    def of_day(population: Population, onset_h: Array, time_h: Array) -> Array:
        return daily_course(people(population), onset_h[None], time_h[None]).left[:, 0]

    rest = table_of == NONE
    arm = points.arm[rest]
    parts.append(
        jax.vmap(of_day)(_pick(effects.population, arm), effects.onset_h[arm], jnp.asarray(points.time_h[rest]))
    )
    return jnp.concatenate(parts)


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


def _chance_of_fall(
    design: Design, predicted: Predicted, point: np.ndarray, fraction: np.ndarray
) -> Float[Array, "rows nodes"]:
    """Chance that each node shows a fall by a fraction of its baseline at a point.

    The baseline total scatters too, so a relative fall is read against two noisy totals.
    """
    arm = design.points.arm[point]
    start = jnp.asarray(baselines(design.arms, design.normals))[arm]
    noise = jnp.asarray(design.arms.noise_sd)[arm][:, None]
    kept = 1.0 - fraction[:, None]
    distance = kept * start - predicted.centre[point]
    return normal_cdf(jnp.asarray(distance / (noise * np.sqrt(1.0 + kept**2))))


def chance_of_event(design: Design, predicted: Predicted) -> Float[Array, " rows"]:
    """Share of people in whom each count row's event is seen [fraction]."""
    rows = design.counts
    relative = np.isfinite(rows.fraction)
    missed = jnp.ones((len(rows.n), predicted.centre.shape[1]))
    for column in range(rows.points.shape[1]):
        for here in (relative, ~relative):
            asked = np.flatnonzero(here & (rows.points[:, column] != NONE))
            if not len(asked):
                continue
            point = rows.points[asked, column]
            if here is relative:
                seen = _chance_of_fall(design, predicted, point, rows.fraction[asked])
            else:
                noise = jnp.asarray(design.arms.noise_sd)[design.points.arm[point]][:, None]
                seen = chance_at_or_below(jnp.asarray(rows.total[asked])[:, None], predicted.centre[point], noise)
            missed = missed.at[asked].multiply(1.0 - seen, unique_indices=True)
    return jnp.clip((1.0 - missed).mean(axis=1), 1e-6, 1.0 - 1e-6)


def chance_of_loss(design: Design, predicted: Predicted) -> tuple[Float[Array, " rows"], Float[Array, " rows"]]:
    """Share of those who had responded that has lost it by the visits each median lies between [fraction]."""
    rows = design.medians
    had = _chance_of_fall(design, predicted, rows.from_point, rows.fraction)

    def lost(point: np.ndarray) -> Float[Array, " rows"]:
        gone = 1.0 - _chance_of_fall(design, predicted, point, rows.fraction)
        return jnp.clip((had * gone).sum(axis=1) / (had.sum(axis=1) + 1e-12), 1e-6, 1.0 - 1e-6)

    # nobody has lost a response at the moment it is seen
    before = jnp.where(rows.before == rows.from_point, 1e-6, lost(rows.before))
    return before, jnp.maximum(lost(rows.after), before + 1e-9)


def median_log_mass(
    rows: MedianRows, before: Float[Array, " rows"], after: Float[Array, " rows"]
) -> Float[Array, " rows"]:
    """Log probability that the median of n people lies between two visits.

    The m-th of n people, m = (n + 1) / 2, has had the event by a time with probability I_F(m, n - m + 1), where F is
    the share expected by then: an order statistic (David and Nagaraja 2003, equation 2.1.5).
    """
    m = 0.5 * (rows.n + 1.0)
    within = betainc(m, rows.n - m + 1.0, after) - betainc(m, rows.n - m + 1.0, before)
    return jnp.log(jnp.maximum(within, 1e-12))


def mean_deviation(
    rows: MeanRows, expected: Float[Array, " rows"], model_se: Float[Array, " rows"], misfit: Float[Array, " rows"]
) -> tuple[Float[Array, " rows"], Float[Array, " rows"]]:
    """Distance of each mean row from what it should show, in SDs, and that SD: its standard error and the misfit."""
    se = jnp.where(np.isnan(rows.se), model_se, np.nan_to_num(rows.se, nan=1.0))
    sd = jnp.sqrt(se**2 + misfit**2)
    return jnp.asarray((rows.value - expected) / sd), jnp.asarray(sd)


def mean_log_density(
    deviation: Float[Array, " rows"],
    sd: Float[Array, " rows"],
    correlation: Float[Array, ""],
    group: np.ndarray,
    groups: int,
) -> Float[Array, " groups"]:
    """Normal log density of the mean rows of each group of people, whose rows err together.

    All pairs of rows of a group have one correlation r. With z the deviations and b their number,
    log|R| = (b - 1) log(1 - r) + log(1 + (b - 1) r) and
    z' R^-1 z = (sum z^2 - r (sum z)^2 / (1 + (b - 1) r)) / (1 - r).

    Args:
        deviation, sd: of each row, from `mean_deviation`.
        correlation: r, in [0, 1).
        group: number of the group of each row.
        groups: how many groups there are; one without rows has density 0.
    """

    def total(value: Array) -> Array:
        return jax.ops.segment_sum(value, group, groups)

    size = np.bincount(group, minlength=groups).astype(np.float64)
    shared = 1.0 + np.maximum(size - 1.0, 0.0) * correlation
    quadratic = (total(deviation**2) - correlation * total(deviation) ** 2 / shared) / (1.0 - correlation)
    determinant = np.maximum(size - 1.0, 0.0) * jnp.log1p(-correlation) + jnp.log(shared)
    return -0.5 * (quadratic + determinant + size * np.log(2.0 * np.pi)) - total(jnp.log(sd))


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
