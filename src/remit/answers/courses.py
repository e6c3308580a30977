"""Courses of many virtual people under every posterior draw, and the chances of events read off them.

People come in blocks, so memory does not grow with their number, and person n is the same person in any block. Within a
draw people differ; across draws the typical values differ. The two are never mixed here: chances are shares of
people, one a draw.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.inference.fitted import Posterior, daily_population, session_population
from remit.population.cohort import NUMBERS, normals
from remit.population.scores import chance_at_or_below
from remit.population.variability import Population, traits
from remit.response.grid import course_grid, positions, with_midpoints
from remit.response.milestones import best_so_far
from remit.response.relief import daily_course, on_scale, session_course
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.dosing import Regimen
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.scales import Scale

# every number of an answer is in double precision, also where remit is used from Python
jax.config.update("jax_enable_x64", True)

Floats = NDArray[np.float64]
BLOCK = 128  # choice: courses of 128 people under 200 draws fill about 50 MB
DRAWN_PEOPLE = (
    100  # choice: 100 people under each of 200 draws fix the 5 and 95 % ends of a band to a fraction of a point
)
SETTLED_H = 2.0
"""Hours after the start of a dose before which the acute effect does not count as an event [h]."""
TYPICAL = -1
"""Index of the typical person, in the middle of every difference between people."""
_LENGTH_STEP = (
    64  # choice: grids are padded to multiples of this, so that questions of like length share one compiled program
)


class Rating(NamedTuple):
    """How courses become totals on a scale.

    Attributes:
        low, high, step: of the scale [points].
        baseline: total before the first session [points].
        noise_sd: within-person SD of a total [points].
        responsiveness: of the scale, one value a draw.
    """

    low: float
    high: float
    step: float
    baseline: float
    noise_sd: float
    responsiveness: Floats


class Simulated(NamedTuple):
    """What the people of each draw do. Events are in the order of the cuts given; shares of people in [0, 1].

    Attributes:
        at: share whose rating counts at each time asked about, shape (draws, events, asked).
        by: share whose rating counts at the best time so far, same shape; never below ``at``, never falling.
        control_at, control_by: the same had no drug been given.
        still: share whose rating counts both at the first time asked about and at each time, same shape.
        first_by: ``by`` of the first event at all times, shape (draws, times).
        first_control_by: the same had no drug been given.
        totals: totals without scatter of the first people [points], shape (draws, people, times).
        typical: totals without scatter of the typical person [points], shape (draws, times).
        typical_control: the same had no drug been given.
        half_lives_h: of the gain of the first people, shape (draws, people) [h].
    """

    at: Floats
    by: Floats
    control_at: Floats
    control_by: Floats
    still: Floats
    first_by: Floats
    first_control_by: Floats
    totals: Floats
    typical: Floats
    typical_control: Floats
    half_lives_h: Floats


class _Fixed(NamedTuple):
    """What all draws of a block share."""

    numbers: Array
    counts: Array
    concentration: Array
    grid: Array
    wanted: Array
    asked: Array
    unsettled: Array
    cuts: Array
    scale: Array


@jax.jit
def _block(population: Population, responsiveness: Array, fixed: _Fixed) -> tuple[Array, ...]:
    low, high, step, baseline, noise = fixed.scale

    def one(each: tuple[Population, Array]) -> tuple[Array, ...]:
        draw, power = each
        people = traits(draw, fixed.numbers)
        course = session_course(people, fixed.concentration, fixed.grid)

        def total(left: Array) -> Array:
            return jnp.clip(low + (baseline - low) * on_scale(left[:, fixed.wanted], power), low, high)

        with_drug, without = total(course.left), total(course.without_drug)
        lasting = total((1.0 - people.sustained[:, None] * course.plasticity) * course.without_drug)
        events = jnp.where(fixed.unsettled, lasting, with_drug)

        best, best_without = best_so_far(events), best_so_far(without)

        def chances(centres: Array) -> Array:
            return chance_at_or_below(fixed.cuts[:, None, None], centres[None, :, fixed.asked], noise, step)

        at = chances(events)
        shares = (
            fixed.counts @ at,
            fixed.counts @ chances(best),
            fixed.counts @ chances(without),
            fixed.counts @ chances(best_without),
            fixed.counts @ (at * at[:, :, :1]),
            fixed.counts @ chance_at_or_below(fixed.cuts[0], best, noise, step),
            fixed.counts @ chance_at_or_below(fixed.cuts[0], best_without, noise, step),
        )
        return *shares, with_drug, without, jnp.log(2.0) / people.k_out

    return jax.lax.map(one, (population, responsiveness))


def _padded(values: NDArray[Any], length: int) -> NDArray[Any]:
    return np.concatenate([values, np.repeat(values[-1:], length - len(values))])


def _multiple(length: int) -> int:
    return -(-length // _LENGTH_STEP) * _LENGTH_STEP


def session_courses(
    posterior: Posterior,
    regimen: Regimen,
    diagnosis: Diagnosis,
    weight_kg: float,
    rating: Rating,
    cuts: tuple[float, ...],
    times_h: Floats,
    asked_h: Floats,
    people: int,
    seed: int,
    *,
    masking: str | None = None,
    block: int = BLOCK,
) -> Simulated:
    """Courses under sessions.

    Args:
        posterior: its draws are the outer axis.
        regimen: the sessions.
        diagnosis: whose people.
        weight_kg: body weight [kg].
        rating: how courses become totals.
        cuts: largest total that counts as each event [points]; the first is followed at all times.
        times_h: rising times [h]; all of them are drawn and read for events.
        asked_h: those of the times at which every event is wanted [h]; the first is the reference of ``still``.
        people: how many.
        seed: of the only key.
        masking: adds the bias of such arms (see `session_population`); None leaves it out.
        block: people simulated at once; makes no difference to the answer beyond rounding.
    """
    trait_key, kinetic_key, study_key = jax.random.split(jax.random.key(seed), 3)
    population = session_population(posterior, diagnosis, study_key, masking)
    grid = course_grid(regimen.times_h, times_h, regimen.doses[0].duration_h)
    fine = with_midpoints(_padded(grid, _multiple(len(grid))))
    starts = np.array(regimen.times_h)
    since = times_h - starts[np.searchsorted(starts, times_h, side="right") - 1]
    length = _multiple(len(times_h))
    wanted = _padded(positions(grid, times_h), length)

    def run(indices: Array) -> list[Floats]:
        # choice: a negative index is the typical person, who is drawn but not counted; it also fills a short block,
        # so that one compiled
        # program serves all blocks
        numbers = jnp.where(indices[:, None] < 0, 0.0, normals(trait_key, indices))
        fixed = _Fixed(
            numbers,
            jnp.where(indices < 0, 0.0, 1.0),
            jnp.asarray(esketamine_equivalent(regimen, weight_kg, fine, kinetic_key, indices)),
            jnp.asarray(fine[0::2]),
            jnp.asarray(wanted),
            jnp.asarray(np.searchsorted(times_h, asked_h)),
            jnp.asarray(_padded(since < SETTLED_H * (1 - 1e-9), length)),
            jnp.asarray(cuts, dtype=jnp.float64),
            jnp.asarray([rating.low, rating.high, rating.step, rating.baseline, rating.noise_sd]),
        )
        values = [np.asarray(value) for value in _block(population, jnp.asarray(rating.responsiveness), fixed)]
        return [*values[:5], *(value[..., : len(times_h)] for value in values[5:9]), values[9]]

    sums: list[Floats] = []
    drawn: list[tuple[Floats, Floats]] = []
    typical = typical_control = np.empty(0)
    for start in range(0, people, block):
        count = min(block, people - start)
        found = run(jnp.where(jnp.arange(block + 1) < count, start + jnp.arange(block + 1), TYPICAL))
        sums = [total + new for total, new in zip(sums, found[:7], strict=True)] if sums else found[:7]
        if start < DRAWN_PEOPLE:
            drawn.append((found[7][:, :count], found[9][:, :count]))
        if start == 0:
            typical, typical_control = found[7][:, -1], found[8][:, -1]
    totals, lives = (np.concatenate(parts, axis=1)[:, :DRAWN_PEOPLE] for parts in zip(*drawn, strict=True))
    at, by, control_at, control_by, still, first_by, first_control_by = (total / people for total in sums)
    return Simulated(
        at, by, control_at, control_by, still, first_by, first_control_by, totals, typical, typical_control, lives
    )


@jax.jit
def _days(population: Population, onset_h: Array, responsiveness: Array, times: Array) -> Array:
    def one(each: tuple[Population, Array, Array]) -> Array:
        draw, onset, power = each
        person = traits(draw, jnp.zeros((1, NUMBERS)))
        return on_scale(daily_course(person, onset[None], times).left[0], power)

    return jax.lax.map(one, (population, onset_h, responsiveness))


def daily_typical(
    posterior: Posterior, treatment: str | None, diagnosis: Diagnosis, rating: Rating, times_h: Floats, seed: int
) -> Floats:
    """Totals of the typical person under a daily treatment, or placebo tablets (None); (draws, times) [points]."""
    study_key = jax.random.split(jax.random.key(seed), 3)[2]
    population, onset = daily_population(posterior, diagnosis, treatment, "pill", study_key)
    length = _multiple(len(times_h))
    share = _days(population, onset, jnp.asarray(rating.responsiveness), jnp.asarray(_padded(times_h, length)))
    return rating.low + (rating.baseline - rating.low) * np.asarray(share)[:, : len(times_h)]


def scale_rating(scale: Scale, baseline: float, noise_sd: float, responsiveness: Floats) -> Rating:
    """The rating of a scale from a baseline."""
    return Rating(scale.low, scale.high, scale.step, baseline, noise_sd, responsiveness)
