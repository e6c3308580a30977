"""One person: what is believed before their scores, the scores, and draws of everything that makes their course."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from remit.inference.clinic_population import ClinicPopulation, mixed
from remit.inference.entry_level import entry_level, within_person_sd
from remit.inference.fitted import Posterior, daily_population, people_of
from remit.inference.importance import Drawn, Effort, chances, explored
from remit.inference.kinetic_people import sites
from remit.inference.pareto import K_LIMIT
from remit.inference.person_course import Ratings, Timing, fine, grid_of, padded_visits, timing
from remit.inference.person_prior import Layout, Prior, prior_of
from remit.inference.tempering import FORGOTTEN, RHAT_BELOW, temper
from remit.vocabulary.dosing import Regimen
from remit.vocabulary.errors import NotConverged
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.scales import Scale

Floats = NDArray[np.float64]
POPULATION_DRAWS = 256
"""Draws of the calibrated population a person may come from.  # choice: more cost time and move no band by a point"""
EFFORTS = (Effort(), Effort(4_096, 8, 4_096), Effort(16_384, 16, 16_384, scouting=8))
"""Tried in turn until the weights can be trusted; then tempering takes over."""
DAILY_CONTROL = "pill"


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """What is believed of a person before their scores.

    Attributes:
        prior, layout: of their numbers.
        scales: they are rated on, in order.
        noise_sd: scatter of a total on each [points].
        of_clinic: how many components of the prior, the last ones, are a clinic's own.
    """

    prior: Prior
    layout: Layout
    scales: tuple[Scale, ...]
    noise_sd: tuple[float, ...]
    of_clinic: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One person's scores and doses.

    Attributes:
        time_h: of each score, hours since the first dose [h]; a score at the time of a dose was taken before it.
        total: [points].
        scale: index of the scale of each.
        regimen: doses given so far [mg]; None under a daily treatment, which starts at 0.
        weight_kg: body weight [kg].
    """

    time_h: Floats
    total: Floats
    scale: NDArray[np.int64]
    regimen: Regimen | None
    weight_kg: float


@dataclass(frozen=True, slots=True)
class Trust:
    """What says whether draws may be used.

    Attributes:
        method: how they were drawn.
        effective: effective draws.
        pareto_k: shape of the tail of the importance weights; below 0.7 they can be trusted. None for tempering.
        rounds: rounds it took.
        draws: how many were drawn.
        log_evidence: log probability of the scores before they were seen; None for tempering.
        rhat: largest R-hat of groups that ran apart; None for importance sampling, whose draws are independent.
    """

    method: str
    effective: float
    pareto_k: float | None
    rounds: int
    draws: int
    log_evidence: float | None
    rhat: float | None = None

    def refusal(self, wanted: float) -> str:
        """Why the draws may not be used, or an empty string."""
        if self.pareto_k is not None and not self.pareto_k < K_LIMIT:
            return f"the Pareto shape of the weights is {self.pareto_k:.2f}, not below {K_LIMIT}"
        if not self.effective >= wanted:
            return f"{self.effective:.0f} effective draws, not {wanted:.0f}"
        return ""


@dataclass(frozen=True, slots=True, eq=False)
class PersonPosterior:
    """Draws of what makes one person, all of the same weight.

    Attributes:
        belief: what was believed before.
        numbers: shape (draws, numbers), named by ``belief.layout.names``.
        kinetic: kinetic person of each draw.
        trust: whether they may be used.
    """

    belief: Belief
    numbers: Float[np.ndarray, "draws numbers"]
    kinetic: Int[np.ndarray, " draws"]
    trust: Trust


def belief(
    posterior: Posterior,
    diagnosis: Diagnosis,
    scales: Sequence[Scale],
    seed: int,
    daily: str | None = None,
    clinic: tuple[ClinicPopulation, float] | None = None,
) -> Belief:
    """What is believed of a person in a new place before their scores.

    Args:
        posterior: the calibrated one.
        diagnosis: of the person.
        scales: they are rated on.
        seed: of the only key.
        daily: name of a daily treatment in the posterior's group; None for sessions.
        clinic: a clinic's own people under sessions, and how much they weigh, from 0 to 1.
    """
    thin = posterior.thinned(POPULATION_DRAWS)
    key = jax.random.key(seed)
    if daily is None:
        population, onset = people_of(thin, diagnosis, key), None
    else:
        population, onset = daily_population(thin, diagnosis, daily, DAILY_CONTROL, key)
    responsiveness = np.stack(
        [np.asarray(thin.of_scale(scale.name, seed + place)) for place, scale in enumerate(scales)], axis=1
    )
    entries = tuple(entry_level(scale).entry for scale in scales)
    prior, layout = prior_of(population, responsiveness, entries, None if onset is None else np.asarray(onset))
    count = 0
    if clinic is not None:
        own, weight = clinic
        draws = own.drawn(len(responsiveness), seed)
        here = own.over(population, draws)
        theirs, _ = prior_of(here, responsiveness, tuple(own.entries(scales, entries, draws)))
        prior, count = mixed(prior, theirs, weight)
    return Belief(prior, layout, tuple(scales), tuple(within_person_sd(scale) for scale in scales), count)


def arrays(case: Case, held: Belief) -> tuple[Timing, Ratings]:
    """A case as padded arrays."""
    count, size = len(case.time_h), padded_visits(len(case.time_h))
    when = timing_of(case.regimen, case.weight_kg, case.time_h, size)

    def wide(values: NDArray[Any]) -> NDArray[Any]:
        found = np.zeros(size, dtype=values.dtype)
        found[:count] = values
        return found

    bounds = np.array(
        [(scale.low, scale.high, scale.step, sd) for scale, sd in zip(held.scales, held.noise_sd, strict=True)],
        dtype=np.float64,
    )
    rated = (wide(case.total), wide(case.scale), wide(np.ones(count)), *bounds.T)
    return when, Ratings(*rated)  # pyright: ignore[reportArgumentType]  (host arrays become device arrays in the program)


def timing_of(regimen: Regimen | None, weight_kg: float, times_h: Floats, size: int, *, coarse: bool = False) -> Timing:
    """When a course is wanted, under a regimen or (None) a daily treatment.

    Args:
        regimen: the doses.
        weight_kg: body weight [kg].
        times_h: times [h].
        size: places for them.
        coarse: pad grids to few sizes; for programs that run once rather than often.
    """
    if regimen is None:
        grid = grid_of([0.0], times_h, 0.0, coarse=coarse)
        return timing(grid, np.zeros((1, 2 * len(grid) - 1)), times_h, size)
    duration = max(dose.duration_h for dose in regimen.doses)
    grid = grid_of(regimen.times_h, times_h, duration, coarse=coarse)
    return timing(grid, sites(regimen, weight_kg, fine(grid)), times_h, size)


def _trust(found: Drawn) -> Trust:
    method = "importance sampling from the prior" if int(found.rounds) == 0 else "adaptive importance sampling"
    return Trust(
        method, float(found.effective), float(found.pareto_k), int(found.rounds), int(found.drawn),
        float(found.log_evidence),
    )  # fmt: skip


def _importance(case: Case, held: Belief, seed: int, person: int) -> PersonPosterior | str:
    """Draws by importance sampling, or why none of the efforts gave any that can be trusted."""
    when, rated = arrays(case, held)
    fault = ""
    for effort in EFFORTS:
        luck = chances(held.layout, effort, seed, person)
        found = jax.tree.map(np.asarray, explored(held.layout, held.prior, when, rated, luck, effort))
        trust = _trust(found)
        fault = trust.refusal(effort.wanted)
        if not fault:
            return PersonPosterior(held, found.numbers, found.kinetic, trust)
    return fault


def _tempered(case: Case, held: Belief, seed: int, person: int, fault: str) -> PersonPosterior:
    """Draws by tempering, after importance sampling failed for this reason."""
    when, rated = arrays(case, held)
    moved = temper(held.layout, held.prior, when, rated, seed, person)
    if moved.memory <= FORGOTTEN and moved.rhat <= RHAT_BELOW and moved.effective >= EFFORTS[0].wanted:
        trust = Trust("tempering", moved.effective, None, moved.looks, len(moved.numbers), None, moved.rhat)
        return PersonPosterior(held, moved.numbers, moved.kinetic, trust)
    raise NotConverged(
        f"the posterior of this person was not reached: {fault}; tempering: R-hat {moved.rhat:.3f}, memory "
        f"{moved.memory:.2f}",
        remedy="Check the scores and doses for a typing error; nothing is shown",
    )


def person_posterior(case: Case, held: Belief, seed: int, person: int = 0) -> PersonPosterior:
    """Draws from one person's posterior.

    Args:
        case: scores and doses; without scores the draws are the prior's.
        held: what is believed before.
        seed: of the only key.
        person: index of the person, whose draws are the same alone and among others.

    Raises:
        NotConverged: no effort gave weights that can be trusted.
    """
    found = _importance(case, held, seed, person)
    return _tempered(case, held, seed, person, found) if isinstance(found, str) else found


def person_posteriors(
    cases: Sequence[Case], held: Belief, seed: int, report: Callable[[int], None] = lambda _: None
) -> list[PersonPosterior]:
    """Draws from the posteriors of many people rated on the same scales.

    People whose visits and grids are of like length share one compiled program, and several are drawn at a time. Person
    n is the same as alone.

    Args:
        cases: their scores and doses.
        held: what is believed of each before.
        seed: of the only key.
        report: told how many people are done.

    Raises:
        NotConverged: see `person_posterior`; the place of the person is said.
    """
    found: list[PersonPosterior] = []
    # choice: twice as many as processors, as each waits for a moment before and after its program runs
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as threads:
        drawn = threads.map(lambda place: _importance(cases[place], held, seed, place), range(len(cases)))
        for place, first in enumerate(drawn):
            if isinstance(first, str):
                try:
                    first = _tempered(cases[place], held, seed, place, first)
                except NotConverged as refused:
                    who = f"person {place} of {len(cases)}"
                    raise NotConverged(refused.what, remedy=refused.remedy, where=who) from None
            found.append(first)
            report(place + 1)
    return found


def without(case: Case, keep: NDArray[np.bool_]) -> Case:
    """A case with some of its scores."""
    return replace(case, time_h=case.time_h[keep], total=case.total[keep], scale=case.scale[keep])
