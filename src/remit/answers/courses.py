"""Courses of many virtual people under every posterior draw, and the chances of events read off them.

People come in blocks, so memory does not grow with their number, and person n is the same person in any block. Within a
draw people differ; across draws the typical values differ. The two are never mixed here: chances are shares of
people, one a draw.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.inference.fitted import Posterior, session_population
from remit.population.cohort import evenly_spread
from remit.population.scores import chance_at_or_below
from remit.population.variability import Population, traits
from remit.response.grid import course_grid, positions, with_midpoints
from remit.response.milestones import best_so_far
from remit.response.relief import on_scale, session_course
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.dosing import Regimen
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.scales import Scale

Floats = NDArray[np.float64]
Names = tuple[tuple[str, tuple[str, ...]], ...]
"""Groups of a posterior and their members, as a compiled program can be keyed by."""
Changed = tuple[tuple[str, float], ...]
"""Other values of fixed assumptions, by name."""
BLOCK = 64  # choice: courses of 64 people under 200 draws fill about 25 MB
DRAWN_PEOPLE = (
    64  # choice: 64 people under each of 200 draws fix the 5 and 95 % ends of a band to a fraction of a point
)
SETTLED_H = 2.0
"""Hours after the start of a dose before which the acute effect does not count as an event [h]."""
TYPICAL = -1
"""Index of the typical person, in the middle of every difference between people."""
_LENGTHS = (32, 64, 96, 128, 192, 256, 384, 512)
"""choice: grids are padded to few lengths, so that questions of like length share one compiled program."""


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
        still_without: share whose rating counts at the first time asked about, and at each time had no drug been given.
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
    still_without: Floats
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

        at, at_without = chances(events), chances(without)
        # scatter of two ratings of one person is independent, so both count with the product of their chances
        shares = (
            fixed.counts @ at,
            fixed.counts @ chances(best),
            fixed.counts @ at_without,
            fixed.counts @ chances(best_without),
            fixed.counts @ (at * at[:, :, :1]),
            fixed.counts @ (at_without * at[:, :, :1]),
            fixed.counts @ chance_at_or_below(fixed.cuts[0], best, noise, step),
            fixed.counts @ chance_at_or_below(fixed.cuts[0], best_without, noise, step),
        )
        return *shares, with_drug, without[-1], jnp.log(2.0) / people.k_out

    return jax.lax.map(one, (population, responsiveness))


@partial(jax.jit, static_argnames=("names", "diagnosis", "masking"))
def _people(draws: dict[str, Array], key: Array, names: Names, diagnosis: Diagnosis, masking: str | None) -> Population:
    return session_population(Posterior(draws, dict(names), {}), diagnosis, key, masking)  # type: ignore[arg-type]


def people_of(posterior: Posterior, diagnosis: Diagnosis, key: Array, masking: str | None = None) -> Population:
    """`session_population` as one compiled program, which starts faster than its steps one by one."""
    return _people(jax.device_put(posterior.draws), key, tuple(posterior.names.items()), diagnosis, masking)


def padded(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Values with the last repeated up to a length."""
    return np.concatenate([values, np.repeat(values[-1:], length - len(values))])


def multiple(length: int) -> int:
    """The padded length of a grid."""
    longest = _LENGTHS[-1]
    return next((size for size in _LENGTHS if size >= length), -(-length // longest) * longest)


# choice: the blocks of a question of usual size, so that another masking of it need not compute them anew
@lru_cache(maxsize=8)
def _concentrations(
    regimen: Regimen, weight_kg: float, seed: int, times: bytes, people: bytes, changed: Changed = ()
) -> Floats:
    """Effect-site concentrations of a block of people; times [h] and indices as the bytes of their arrays."""
    key = jax.random.split(jax.random.key(seed), 3)[1]
    indices = np.frombuffer(people, dtype=np.int64)
    return esketamine_equivalent(regimen, weight_kg, np.frombuffer(times), key, jax.device_put(indices), dict(changed))


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
    held_h: Floats | None = None,
    room: int = 0,
    changed: Changed = (),
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
        held_h: rising times [h] that hold ``times_h`` and that another call has computed concentrations for, which are
            then not computed again.
        room: grid times that the compiled program has room for, at least: regimens given the same room share one.
        changed: other values of the fixed assumptions ``effect_site_half_life``, ``racemate_potency``, ``drive_c50``
            and ``acute_c50``, by name; the posterior stays the one fitted to the usual ones.
    """
    study_key = jax.random.split(jax.random.key(seed), 3)[2]
    population = people_of(posterior, diagnosis, study_key, masking)
    shared = {name: value for name, value in changed if name in Population._fields}
    population = population._replace(**{name: jnp.full(posterior.size, value) for name, value in shared.items()})
    grid = course_grid(regimen.times_h, times_h if held_h is None else held_h, regimen.doses[0].duration_h)
    fine = with_midpoints(padded(grid, multiple(max(len(grid), room))))
    starts = np.array(regimen.times_h)
    since = times_h - starts[np.searchsorted(starts, times_h, side="right") - 1]
    length = multiple(len(times_h))
    wanted = padded(positions(grid, times_h), length)

    def run(indices: NDArray[np.int64]) -> tuple[Array, ...]:
        # the typical person is drawn but not counted; it also fills a short block, so that one program serves all
        fixed = _Fixed(
            *jax.device_put(
                (
                    evenly_spread(seed, indices),
                    np.where(indices < 0, 0.0, 1.0),
                    _concentrations(regimen, weight_kg, seed, fine.tobytes(), indices.tobytes(), changed),
                    fine[0::2],
                    wanted,
                    np.searchsorted(times_h, asked_h),
                    padded(since < SETTLED_H * (1 - 1e-9), length),
                    np.array(cuts, dtype=np.float64),
                    np.array([rating.low, rating.high, rating.step, rating.baseline, rating.noise_sd]),
                )
            ),
        )
        return _block(population, jax.device_put(rating.responsiveness), fixed)

    counted = np.arange(block + 1)
    sums: list[Floats] = []
    drawn: list[tuple[Floats, Floats]] = []
    typical = typical_control = np.empty(0)
    ahead = run(np.where(counted < min(block, people), counted, TYPICAL))
    for start in range(0, people, block):
        count, found = min(block, people - start), ahead
        if start + block < people:
            # the next block is begun before this one is waited for: two are in memory at most, and both processors work
            following = start + block + counted
            ahead = run(np.where((counted < block) & (following < people), following, TYPICAL))
        values = [np.asarray(value) for value in found]
        sums = [total + new for total, new in zip(sums, values[:8], strict=True)] if sums else values[:8]
        with_drug, without, lives = values[8:]
        if start < DRAWN_PEOPLE:
            drawn.append((with_drug[:, :count], lives[:, :count]))
        if start == 0:
            typical, typical_control = with_drug[:, -1], without
    totals, half_lives = (np.concatenate(parts, axis=1)[:, :DRAWN_PEOPLE] for parts in zip(*drawn, strict=True))
    at, by, control_at, control_by, still, still_without, first_by, first_control_by = (
        total / people for total in sums
    )
    end = len(times_h)
    return Simulated(
        at, by, control_at, control_by, still, still_without, first_by[:, :end], first_control_by[:, :end],
        totals[..., :end], typical[:, :end], typical_control[:, :end], half_lives,
    )  # fmt: skip


def scale_rating(scale: Scale, baseline: float, noise_sd: float, responsiveness: Floats) -> Rating:
    """The rating of a scale from a baseline."""
    return Rating(scale.low, scale.high, scale.step, baseline, noise_sd, responsiveness)
