"""One person's visits as arrays and the probability of their scores; the course is that of `response.relief`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike, NDArray

from remit.inference.person_prior import Layout
from remit.population.baseline import level
from remit.population.scores import log_chance, without_scatter
from remit.response.grid import course_grid, positions, with_midpoints
from remit.response.relief import Course, daily_course, on_scale_of_log, session_course

Floats = NDArray[np.float64]
GRID_STEP = 16  # choice: grids and visits are padded to few sizes, so that most people share one compiled program
VISIT_SIZES = (8, 16, 32, 64, 128, 256, 512)


class Timing(NamedTuple):
    """When a course is wanted, and what the drug does meanwhile.

    Attributes:
        grid_h: grid that starts at the first dose, padded by its last time, shape (times,) [h].
        site: effect-site concentration of each kinetic person at the grid times and step middles, shape (kinetics,
            2 times - 1) [ng/mL of esketamine].
        at: position on the grid of each time wanted, shape (wanted,).
        before: one where a time wanted lies before the first dose, else zero.
    """

    grid_h: Float[Array, " times"]
    site: Float[Array, "kinetics fine"]
    at: Int[Array, " wanted"]
    before: Float[Array, " wanted"]


class Ratings(NamedTuple):
    """What was written down at the times wanted.

    Attributes:
        total: [points], shape (wanted,).
        scale: index of the scale, shape (wanted,).
        seen: one where there is a total, zero where a place is only padding.
        low, high, step, noise_sd: of each scale [points], shape (scales,).
    """

    total: Float[Array, " wanted"]
    scale: Int[Array, " wanted"]
    seen: Float[Array, " wanted"]
    low: Float[Array, " scales"]
    high: Float[Array, " scales"]
    step: Float[Array, " scales"]
    noise_sd: Float[Array, " scales"]


def padded_visits(count: int) -> int:
    """Places for this many visits."""
    return next((size for size in VISIT_SIZES if size >= count), -(-count // VISIT_SIZES[-1]) * VISIT_SIZES[-1])


def padded_grid(count: int, *, coarse: bool = False) -> int:
    """Places for a grid of this many times: finer steps while short, coarser when long."""
    if coarse:
        step = 16 * GRID_STEP
    else:
        # a step is an eighth of the grid at most, as what is padded costs as much as the rest
        step = GRID_STEP * next(factor for factor in (1, 4, 16) if factor == 16 or count <= 8 * factor * GRID_STEP)
    return -(-count // step) * step


def grid_of(dose_times_h: Sequence[float], times_h: ArrayLike, duration_h: float, *, coarse: bool = False) -> Floats:
    """The padded grid [h] of a course: from the first dose to the last time."""
    grid = course_grid(dose_times_h, times_h, duration_h)
    return np.concatenate([grid, np.repeat(grid[-1:], padded_grid(len(grid), coarse=coarse) - len(grid))])


def timing(grid_h: Floats, site: Floats, times_h: Floats, size: int) -> Timing:
    """The timing of a course on a grid that holds the times.

    Args:
        grid_h: from `grid_of`.
        site: concentration of each kinetic person on `fine` of the grid, shape (kinetics, 2 times - 1).
        times_h: times wanted [h].
        size: places for them.
    """
    inside = np.maximum(times_h, grid_h[0])
    at = np.zeros(size, dtype=np.int64)
    at[: len(times_h)] = positions(grid_h, inside)
    before = np.zeros(size)
    before[: len(times_h)] = times_h < grid_h[0]
    # host arrays become device arrays in the program
    return Timing(grid_h, site, at, before)  # type: ignore[arg-type]


def fine(grid_h: Floats) -> Floats:
    """The grid with the middle of each step: where concentrations are wanted [h]."""
    return with_midpoints(grid_h)


def course_of(
    layout: Layout, numbers: Float[Array, "... numbers"], site: Array, when: Timing, *, summed: bool = False
) -> Course:
    """The course at the times wanted, each entry of shape (..., wanted); before the first dose nothing has changed.

    Args:
        layout: what the numbers mean.
        numbers: of people, shape (..., numbers).
        site: concentrations that broadcast against them, shape (..., fine).
        when: the times.
        summed: for derivatives of a few people (`remit.response.relief.session_course`).
    """
    traits, onset_h = layout.traits(numbers)
    if layout.daily:
        found = daily_course(traits, onset_h, when.grid_h[when.at])
    else:
        found = session_course(traits, site, when.grid_h, when.at, summed=summed)
    share, nothing = 1.0 - when.before, when.before
    return Course(
        found.left * share + nothing,
        found.without_drug * share + nothing,
        found.drug * share + nothing,
        found.acute * share,
        found.plasticity * share,
        found.log_without_drug * share,
        found.log_left * share,
    )


def on_each_scale(
    layout: Layout,
    numbers: Float[Array, "... numbers"],
    log_left: Float[Array, "... wanted"],
    scale: Array,
    rated: Ratings,
) -> Float[Array, "... wanted"]:
    """Totals without scatter [points] of a share of anxiety left, each on the scale asked for.

    Args:
        layout: what the numbers mean.
        numbers: of people.
        log_left: logarithm of the share of anxiety left.
        scale: index of the scale of each time, shape (wanted,).
        rated: bounds of the scales.
    """
    power = jnp.exp(layout.log_responsiveness(numbers))[..., scale]
    start = level(layout.level_places(numbers)[..., scale], rated.low[scale], rated.high[scale])
    return without_scatter(start, on_scale_of_log(log_left, power), rated.low[scale], rated.high[scale])


def totals_of(
    layout: Layout,
    numbers: Float[Array, "... numbers"],
    site: Array,
    when: Timing,
    rated: Ratings,
    *,
    summed: bool = False,
) -> Float[Array, "... wanted"]:
    """Totals without scatter [points] at the times wanted."""
    log_left = course_of(layout, numbers, site, when, summed=summed).log_left
    return on_each_scale(layout, numbers, log_left, rated.scale, rated)


def each_chance(centre: Float[Array, "... wanted"], rated: Ratings) -> Float[Array, "... wanted"]:
    """Log probability of each total that was written down, given totals without scatter [points]."""
    low, high, step, noise = (value[rated.scale] for value in (rated.low, rated.high, rated.step, rated.noise_sd))
    return rated.seen * log_chance(rated.total, centre, noise, low, high, step)


def chance_of(centre: Float[Array, "... wanted"], rated: Ratings) -> Float[Array, "..."]:
    """Log probability of what was written down, given totals without scatter [points]."""
    return each_chance(centre, rated).sum(axis=-1)
