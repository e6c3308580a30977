"""What a course of concentrations amounts to: peak, its time, area, half-life; for the typical person and across
people."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.pharmacology.chosen_records import Kinetics, borrowed_values, kinetics, substances
from remit.pharmacology.disposition import solve
from remit.pharmacology.published_models import Effects, Subjects, Values, individual_values, parent
from remit.pharmacology.simulation import Concentrations, simulate
from remit.program import program
from remit.vocabulary.clock import HOURS_PER_DAY
from remit.vocabulary.dosing import Regimen, Route
from remit.vocabulary.drugs import Drug

Floats = NDArray[np.float64]

STEPS_H = ((2.0, 1.0 / 60.0), (6.0, 1.0 / 12.0), (24.0, 1.0 / 3.0), (168.0, 4.0), (2160.0, 24.0))
"""Until how long after a dose the grid has which step [h]: minutes when the curve bends, hours and days in its tail."""
# choice: few step lengths, because each needs a transition of the linear system
LONG_SERIES = 10
LONG_STEPS_H = ((2.0, 1.0 / 12.0), (6.0, 1.0 / 3.0), (24.0, 1.0), (168.0, 4.0), (2160.0, 24.0))
# choice: a series of more doses than that has coarser steps, so that a hundred doses still fit into memory
MEASURED_H = 2.0 * HOURS_PER_DAY
"""How long after the last dose a course is computed before its tail is added as an exponential [h]."""
BLOCK = 250
"""People computed at once: transitions of 250 people at ten step lengths take about 10 MB."""


def curve_grid(regimen: Regimen, until_h: float) -> Floats:
    """Times [h] that show peaks and tails: minutes after each dose, coarser later, with the end of each infusion.

    Args:
        regimen: the doses.
        until_h: last time, hours since the first dose [h].
    """
    edges = STEPS_H if len(regimen.doses) <= LONG_SERIES else LONG_STEPS_H
    begins = [0.0, *(until for until, _ in edges[:-1])]
    offsets = np.concatenate([np.arange(begin, end, step) for begin, (end, step) in zip(begins, edges, strict=True)])
    starts = np.array(regimen.times_h)
    nexts = np.append(starts[1:], np.inf)
    near = [start + offsets[start + offsets < following] for start, following in zip(starts, nexts, strict=True)]
    ends = [dose.time_h + dose.duration_h for dose in regimen.doses]
    every = np.unique(np.concatenate([*near, ends, [until_h]], dtype=np.float64).round(12))
    return np.asarray(every[every <= until_h + 1e-9], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Spread:
    """One measure: the typical person's value, and the values that the middle share of people lies between.

    Attributes:
        typical, low, high: in the unit of the measure.
        cv: coefficient of variation: SD of people over their mean [fraction].
    """

    typical: float
    low: float
    high: float
    cv: float


@dataclass(frozen=True, slots=True)
class AnalyteExposure:
    """Exposure to one substance.

    Attributes:
        analyte: its name.
        peak: Cmax [ng/mL].
        peak_h: Tmax, hours since the dose before the peak [h].
        area: AUC of the whole course from 0 to infinity [ng h/mL].
        half_life_h: terminal half-life [h]: log 2 over the slowest rate that its course holds.
        typical, low, high: the curve of the typical person, and the band of people at each time [ng/mL], shape
            (times,).
    """

    analyte: str
    peak: Spread
    peak_h: Spread
    area: Spread
    half_life_h: Spread
    typical: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposure of a person and of people like them.

    Attributes:
        times_h: of the curves [h].
        analytes: one entry a substance.
        kinetics: the records used.
        people: how many virtual people made the bands.
        level: share of people within the bands [fraction].
        varied: whether any published or assumed difference between people entered the bands.
        not_varied: parameters whose published variance is missing.
    """

    times_h: Floats
    analytes: tuple[AnalyteExposure, ...]
    kinetics: Kinetics
    people: int
    level: float
    varied: bool
    not_varied: tuple[str, ...]


def peaks(times_h: Floats, values: Floats, starts_h: Floats) -> tuple[Floats, Floats]:
    """Cmax [ng/mL] and Tmax, hours since the dose before it [h].

    Args:
        times_h: grid, fine near the peak [h].
        values: concentrations, shape (..., times).
        starts_h: start of each dose [h].
    """
    at = values.argmax(axis=-1)
    before = starts_h[np.searchsorted(starts_h, times_h[at], side="right") - 1]
    return values.max(axis=-1), times_h[at] - before


def area(times_h: Floats, values: Floats, terminal_rate: Floats | None = None) -> Floats:
    """Area under curves [ng h/mL]: trapezoids, logarithmic where a curve falls, and the tail beyond the last time.

    Args:
        times_h: grid [h].
        values: concentrations, shape (..., times).
        terminal_rate: slowest rate [1/h], shape (...); None leaves the tail out (AUC to the last time).
    """
    left, right = values[..., :-1], values[..., 1:]
    step = np.diff(times_h)
    falls = (right < left) & (right > 0)
    ratio = np.log(np.where(falls, left, np.e) / np.where(falls, right, 1.0))
    # near-equal ends: the two rules agree, and the logarithm of one divides by nothing
    falls &= ratio > 1e-6
    pieces = np.where(falls, (left - right) / np.where(falls, ratio, 1.0), 0.5 * (left + right))
    total: Floats = np.asarray(np.sum(pieces * step, axis=-1), dtype=np.float64)
    return total if terminal_rate is None else total + values[..., -1] / terminal_rate


@program("drug", "route", "model_id", "ancestry")
def _slowest(
    weight_kg: Array,
    age_y: Array | None,
    parameters: Values,
    effects: Effects,
    absorption_rates: tuple[Array, ...],
    *,
    drug: Drug,
    route: Route,
    model_id: str | None,
    ancestry: tuple[str, ...],
) -> Array:
    records = kinetics(drug, route, model_id)
    who = Subjects(weight_kg, age_y, ancestry)
    slowest = jnp.full(weight_kg.shape, jnp.inf)
    for rate in absorption_rates:
        slowest = jnp.minimum(slowest, rate)
    found = []
    for substance in substances(records, parameters, borrowed_values(records, parameters, who, effects)):
        for stage in (solve(substance.tree).rates.min(axis=-1), *substance.stages):
            slowest = jnp.minimum(slowest, stage)
        found.append(slowest)
    return jnp.stack(found, axis=1)


def slowest_rates(records: Kinetics, subjects: Subjects, effects_of: Concentrations) -> Floats:
    """Slowest rate that the course of each substance holds [1/h], shape (people, substances)."""
    return np.asarray(
        _slowest(
            subjects.weight_kg,
            subjects.age_y,
            effects_of.parameters,
            effects_of.effects,
            effects_of.absorption_rates,
            drug=records.drug,
            route=records.route,
            model_id=records.plasma.model_id if records.alone else None,
            ancestry=tuple(subjects.ancestry),
        )
    )


def exposure(
    records: Kinetics,
    regimen: Regimen,
    weight_kg: float,
    *,
    age_y: float | None = None,
    people: int = 499,
    seed: int = 20261124,
    level: float = 0.9,
    until_h: float | None = None,
) -> Exposure:
    """Exposure of the typical person of a weight, and the bands of people of that weight who differ as published.

    Args:
        records: from `remit.pharmacology.chosen_records.kinetics`.
        regimen: doses [mg].
        weight_kg: body weight [kg].
        age_y: age [years], where known.
        people: virtual people behind the bands.
        seed: of the only key.
        level: share of people within a band [fraction].
        until_h: last time of the curves [h]; a day after the last dose when None.
    """
    last = until_h if until_h is not None else regimen.times_h[-1] + HOURS_PER_DAY
    # the measures need the whole course, however little of it is asked for
    times = curve_grid(regimen, max(last, regimen.times_h[-1] + MEASURED_H))
    shown = times <= last + 1e-9
    starts = np.array(regimen.times_h)
    key = jax.random.key(seed)
    curves, parts = [], []
    # the typical person has index -1 and leads the first block; every block has the same number, so that one
    # compilation serves
    size = min(people + 1, BLOCK)
    for start in range(-1, people, size):
        indices = jnp.arange(start, start + size)
        who = Subjects(jnp.full(size, weight_kg), None if age_y is None else jnp.full(size, age_y))
        course = simulate(records, regimen, times, who, key=key, people=indices)
        rate = slowest_rates(records, who, course)
        top, when = peaks(times, course.values, starts)
        wanted = slice(0, min(size, people - start))
        curves.append(course.values[wanted])
        parts.append(np.stack([top, when, area(times, course.values, rate), np.log(2.0) / rate])[:, wanted])
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    drawn, measured = np.concatenate(curves), np.concatenate(parts, axis=1)
    low, high = np.quantile(drawn[1:], tails, axis=0)
    spreads = np.quantile(measured[:, 1:], tails, axis=1)
    middle, apart = measured[:, 1:].mean(axis=1), measured[:, 1:].std(axis=1)
    # all at zero: after a bolus everybody's highest concentration is at once, and nobody differs
    varying = np.divide(apart, middle, out=np.zeros_like(apart), where=middle > 0.0)
    found = []
    for position, name in enumerate(records.analytes):
        made = [
            Spread(float(measured[m, 0, position]), *(float(e[m, position]) for e in (*spreads, varying)))
            for m in range(4)
        ]
        typical, below, above = (values[shown] for values in (drawn[0, position], low[position], high[position]))
        found.append(AnalyteExposure(name, made[0], made[1], made[2], made[3], typical, below, above))
    varied = records.variability is not None or records.absorption is not None
    return Exposure(times[shown], tuple(found), records, people, level, varied, typical_missing(records))


def typical_missing(records: Kinetics) -> tuple[str, ...]:
    """Parameters that a published model lets vary without saying how much."""
    model = records.variability
    if model is None:
        return ()
    return tuple(v.parameter[0] for v in model.variances if v.variance is None)


def clearance(records: Kinetics, weight_kg: float) -> float:
    """Clearance of the parent from its sampled compartment after an intravenous dose [L/h], of the typical person of a
    weight."""
    who = Subjects(jnp.array([weight_kg]))
    given = parent(records.plasma, individual_values(records.plasma, who), records.analytes[0])
    return float(1.0 / solve(given.tree).response(0, 0).area()[0])
