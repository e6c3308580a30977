"""Courses of many virtual people under every posterior draw, and the chances of events read off them.

People come in blocks, so memory does not grow with their number, and person n is the same person in any block. Within a
draw people differ; across draws the typical values differ. The two are never mixed here: chances are shares of
people, one a draw.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.answers.keys import kinetic_key, study_key
from remit.inference.fitted import Posterior, people_of
from remit.population.cohort import evenly_spread
from remit.population.scores import chance_at_or_below
from remit.population.variability import Population, traits
from remit.program import program
from remit.response.expectancy import log_control
from remit.response.grid import course_grid, positions, with_midpoints
from remit.response.milestones import best_so_far
from remit.response.relief import on_scale_of_log, session_course
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.dosing import Regimen
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.scales import Scale

Floats = NDArray[np.float64]
Changed = tuple[tuple[str, float], ...]
"""Other values of fixed assumptions, by name."""
BLOCK = 16  # choice: courses of 16 people under 50 draws fill about 2 MB, which stays close to the processor
GROUPS = 4
"""Groups of people that the draws take in turn.  # choice: see docs/decisions/0020"""
ANSWERED = GROUPS * BLOCK
"""People of an answer: a block under every fourth draw."""
DRAWN_PEOPLE = (
    64  # choice: 64 people under each of 200 draws fix the 5 and 95 % ends of a band to a fraction of a point
)
SETTLED_H = 2.0
"""Hours after the start of a dose before which the acute effect does not count as an event [h]."""
TYPICAL = -1
"""Index of the typical person, in the middle of every difference between people."""
_LENGTHS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512)
"""choice: grids are padded to few lengths, so that questions of like length share one compiled program, but by little,
because what is padded costs as much as the rest."""


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
        reported_at: share whose rating counts as the first event in arms of another masking, shape (draws, asked).
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
    reported_at: Floats
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


@program()
def _block(population: Population, responsiveness: Array, bias: Array, fixed: _Fixed) -> tuple[Array, ...]:
    low, high, step, baseline, noise = fixed.scale
    asked_h = fixed.grid[fixed.wanted[fixed.asked]]

    def one(each: tuple[Population, Array, Array]) -> tuple[Array, ...]:
        draw, power, added = each
        people = traits(draw, fixed.numbers)
        course = session_course(people, fixed.concentration, fixed.grid, fixed.wanted)
        # times come first from here on, as they do in the sums of a course: whole rows of people at once take a sixth
        # less time
        control, plasticity = course.log_without_drug.T, course.plasticity.T
        # bias adds to both parts of the control course of everybody alike, and the parts add on the log scale
        biased = log_control(asked_h, added[None], added[None], people.tau_h, people.tau_session_h).T

        def total(log_left: Array) -> Array:
            return jnp.clip(low + (baseline - low) * on_scale_of_log(log_left, power), low, high)

        left = course.log_left.T
        settled = jnp.where(fixed.unsettled[:, None], jnp.log(1.0 - people.sustained * plasticity) + control, left)
        with_drug, without, events = total(left), total(control), total(settled)
        reported = total(settled[fixed.asked] + biased)

        best, best_without = best_so_far(events.T).T, best_so_far(without.T).T

        def chances(centres: Array) -> Array:
            return chance_at_or_below(fixed.cuts[:, None, None], centres[None, fixed.asked], noise, step)

        at, at_without = chances(events), chances(without)
        # scatter of two ratings of one person is independent, so both count with the product of their chances
        shares = (
            at @ fixed.counts,
            chances(best) @ fixed.counts,
            at_without @ fixed.counts,
            chances(best_without) @ fixed.counts,
            (at * at[:, :1]) @ fixed.counts,
            (at_without * at[:, :1]) @ fixed.counts,
            *(
                chance_at_or_below(fixed.cuts[0], each, noise, step) @ fixed.counts
                for each in (reported, best, best_without)
            ),
        )
        return *shares, with_drug.T, without[:, -1], jnp.log(2.0) / people.k_out

    return jax.lax.map(one, (population, responsiveness, bias))


def padded(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Values with the last repeated up to a length."""
    return np.concatenate([values, np.repeat(values[-1:], length - len(values))])


def multiple(length: int) -> int:
    """The padded length of a grid."""
    longest = _LENGTHS[-1]
    return next((size for size in _LENGTHS if size >= length), -(-length // longest) * longest)


# choice: the blocks of a question of usual size, so that the same course in other people need not compute them anew
@lru_cache(maxsize=8)
def _concentrations(
    regimen: Regimen, weight_kg: float, seed: int, times: bytes, people: bytes, changed: Changed = ()
) -> Floats:
    """Effect-site concentrations of a block of people; times [h] and indices as the bytes of their arrays."""
    indices = np.frombuffer(people, dtype=np.int64)
    return esketamine_equivalent(
        regimen, weight_kg, np.frombuffer(times), kinetic_key(seed), jax.device_put(indices), dict(changed)
    )


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
        people: how many. They stand in `GROUPS` groups of one size and the draws take the groups in turn: what is
            peculiar to a group goes out of the middle of all draws, at a fraction of the cost.
        seed: of the only key.
        masking: of the arms whose reports are wanted (``reported_at``); their bias enters nothing else. Without one
            they report what is so.
        block: people simulated at once; makes no difference to the answer beyond rounding.
        room: grid times that the compiled program has room for, at least: regimens given the same room share one.
        changed: other values of the fixed assumptions ``effect_site_half_life``, ``racemate_potency``, ``drive_c50``
            and ``acute_c50``, by name; the posterior stays the one fitted to the usual ones.
    """
    population = people_of(posterior, diagnosis, study_key(seed))
    shared = {name: value for name, value in changed if name in Population._fields}
    population = population._replace(**{name: np.full(posterior.size, value) for name, value in shared.items()})  # type: ignore[arg-type]
    population = Population(*map(np.asarray, population))  # type: ignore[arg-type]
    bias = np.zeros(posterior.size) if masking is None else np.asarray(posterior.member("bias", masking))
    grid = course_grid(regimen.times_h, times_h, regimen.doses[0].duration_h)
    fine = with_midpoints(padded(grid, multiple(max(len(grid), room))))
    starts = np.array(regimen.times_h)
    since = times_h - starts[np.searchsorted(starts, times_h, side="right") - 1]
    length, end = multiple(len(times_h)), len(times_h)
    wanted = padded(positions(grid, times_h), length)
    draws, followed = posterior.size, -(-people // GROUPS)
    # groups overlap where the people do not divide evenly
    firsts = [round(group * (people - followed) / (GROUPS - 1)) for group in range(GROUPS)]

    def run(chunk: tuple[int, int]) -> tuple[Array, ...]:
        group, start = chunk
        # the typical person is drawn but not counted; it also fills a short block, so that one program serves all
        here = start + np.arange(block + 1)
        groups = [np.where(here < min(start + block, followed), first + here, TYPICAL) for first in firsts]
        indices = groups[group]
        every = _concentrations(regimen, weight_kg, seed, fine.tobytes(), np.concatenate(groups).tobytes(), changed)
        fixed: tuple[Any, ...] = (
            evenly_spread(seed, indices),
            np.where(indices < 0, 0.0, 1.0),
            np.split(every, GROUPS)[group],
            fine[0::2],
            wanted,
            np.searchsorted(times_h, asked_h),
            padded(since < SETTLED_H * (1 - 1e-9), length),
            np.array(cuts, dtype=np.float64),
            np.array([rating.low, rating.high, rating.step, rating.baseline, rating.noise_sd]),
        )
        own = Population(*(value[group::GROUPS] for value in population))
        return _block(own, rating.responsiveness[group::GROUPS], bias[group::GROUPS], _Fixed(*fixed))

    chunks = [(group, start) for start in range(0, followed, block) for group in range(min(GROUPS, draws))]
    drawn = min(followed, DRAWN_PEOPLE)
    shares: list[Floats] = []
    totals, half_lives = np.empty((draws, drawn, end)), np.empty((draws, drawn))
    typical, typical_control = np.empty((draws, end)), np.empty((draws, end))
    ahead = run(chunks[0])
    for place, (group, start) in enumerate(chunks):
        count, found = min(block, followed - start), ahead
        if place + 1 < len(chunks):
            # the next block is begun before this one is waited for: two are in memory at most
            ahead = run(chunks[place + 1])
        *sums, with_drug, without, lives = (np.asarray(value) for value in found)
        if not shares:
            shares = [np.zeros((draws, *each.shape[1:])) for each in sums]
        for share, each in zip(shares, sums, strict=True):
            share[group::GROUPS] += each / followed
        if start < drawn:
            stop = min(start + count, drawn)
            totals[group::GROUPS, start:stop] = with_drug[:, : stop - start, :end]
            half_lives[group::GROUPS, start:stop] = lives[:, : stop - start]
        if start == 0:
            typical[group::GROUPS], typical_control[group::GROUPS] = with_drug[:, -1, :end], without[:, :end]
    at, by, control_at, control_by, still, still_without, reported_at, first_by, first_control_by = shares
    return Simulated(
        at, by, control_at, control_by, still, still_without, reported_at, first_by[:, :end],
        first_control_by[:, :end], totals, typical, typical_control, half_lives,
    )  # fmt: skip


def scale_rating(scale: Scale, baseline: float, noise_sd: float, responsiveness: Floats) -> Rating:
    """The rating of a scale from a baseline."""
    return Rating(scale.low, scale.high, scale.step, baseline, noise_sd, responsiveness)
