"""A regimen and people in, concentrations over time out: published models run by the closed-form engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from numpy.typing import ArrayLike, NDArray

from remit.pharmacology import superposition
from remit.pharmacology.between_subjects import places_in_ranges
from remit.pharmacology.chosen_records import Kinetics, borrowed_values, kinetics, substances
from remit.pharmacology.compartments import concentrations
from remit.pharmacology.disposition import Modes, delayed, solve
from remit.pharmacology.published_models import (
    Effects,
    Subjects,
    Values,
    Way,
    absorbed,
    choice,
    draw_effects,
    individual_values,
    infused,
    parent,
    runnable,
)
from remit.program import program
from remit.vocabulary.dosing import Regimen, Route
from remit.vocabulary.drugs import Drug

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Concentrations:
    """Concentrations of people over time.

    Attributes:
        times_h: hours since the first dose [h].
        analytes: parent, then metabolites.
        values: [ng/mL], shape (people, analytes, times).
        kinetics: the records they come from.
        parameters: of the parent, one value a person.
        effects: the people's random effects.
        absorption_rates: rates of depots and stages on the way in [1/h], one a person each.
    """

    times_h: Floats
    analytes: tuple[str, ...]
    values: Floats
    kinetics: Kinetics
    parameters: Values
    effects: Effects
    absorption_rates: tuple[Array, ...]


class _Run(NamedTuple):
    """What a compiled simulation gives back."""

    values: Array
    parameters: Values
    effects: Effects
    absorption_rates: tuple[Array, ...]


@program("drug", "route", "model_id", "starts_h", "lengths_h", "times_h", "ancestry")
def _run(
    weight_kg: Array,
    age_y: Array | None,
    key: PRNGKeyArray | None,
    people: Array,
    amounts_mg: Array,
    doses_mg: Array,
    *,
    drug: Drug,
    route: Route,
    model_id: str | None,
    starts_h: tuple[float, ...],
    lengths_h: tuple[float, ...],
    times_h: tuple[float, ...],
    ancestry: tuple[str, ...],
) -> _Run:
    """A plan of doses at fixed times, compiled for any people and amounts."""
    records = kinetics(drug, route, model_id)
    who = Subjects(weight_kg, age_y, ancestry)
    effects, at_range = Effects(), None
    if key is not None:
        if records.variability is not None:
            effects = draw_effects(records.variability, key, people)
        if (assumed := records.absorption) is not None:
            fraction = (assumed.fraction, assumed.fraction_low, assumed.fraction_high)
            rate = (assumed.ka, assumed.ka_low, assumed.ka_high)
            at_range = places_in_ranges(key, people, fraction, rate)
    plasma = individual_values(records.plasma, who, effects)
    if route is Route.IV:
        routes = infused(lengths_h)
    else:
        found = absorbed(records.plasma, plasma, route, doses_mg, records.absorption, at_range)
        routes = [(way, list(range(len(starts_h)))) for way in found]
    formed = substances(records, plasma, borrowed_values(records, plasma, who, effects))
    values = concentrations(formed, routes, amounts_mg, np.array(starts_h), np.array(times_h))
    rates = tuple(rate for way, _ in routes for rate in (way.depot, *way.stages) if rate is not None)
    return _Run(values, plasma, effects, rates)


def simulate(
    records: Kinetics,
    regimen: Regimen,
    times_h: ArrayLike,
    subjects: Subjects,
    *,
    key: PRNGKeyArray | None = None,
    people: Int[Array, " people"] | None = None,
    amounts_mg: Float[Array, "people doses"] | None = None,
) -> Concentrations:
    """Concentrations of a parent and its metabolites.

    Args:
        records: from `kinetics`.
        regimen: the doses; amounts [mg] unless ``amounts_mg`` is given.
        times_h: times [h], rising.
        subjects: the people.
        key: key of the population; None gives typical people without random effects.
        people: their indices in the population, from 0 on when None; a negative index is the typical person.
        amounts_mg: amount of each dose for each person, for doses per kg.
    """
    times = np.asarray(times_h, dtype=np.float64)
    count = subjects.weight_kg.shape[0]
    doses = np.array([dose.amount_mg for dose in regimen.doses])
    found = _run(
        subjects.weight_kg,
        subjects.age_y,
        key,
        np.arange(count) if people is None else people,
        np.broadcast_to(doses, (count, len(doses))) if amounts_mg is None else amounts_mg,
        doses,
        drug=records.drug,
        route=records.route,
        model_id=records.plasma.model_id if records.alone else None,
        starts_h=regimen.times_h,
        lengths_h=tuple(dose.duration_h for dose in regimen.doses),
        times_h=tuple(times.tolist()),
        ancestry=tuple(subjects.ancestry),
    )
    return Concentrations(
        times,
        records.analytes,
        np.asarray(found.values),
        records,
        found.parameters,
        found.effects,
        found.absorption_rates,
    )


class _AtSite(NamedTuple):
    """What one way of a dose does at the effect site: modes of 1 mg that arrives, and the share of each dose that
    does."""

    modes: Modes
    share: Float[Array, "people doses"]


@program("model_id", "drug", "route")
def _at_site(
    weight_kg: Array, ke0_per_h: Array, amounts_mg: Array, effects: Effects, *, model_id: str, drug: Drug, route: Route
) -> list[_AtSite]:
    model = runnable(model_id)
    values = individual_values(model, Subjects(weight_kg), effects)
    given = parent(model, values, drug.value)
    solved = solve(given.tree)
    if route is Route.IV:
        found = [Way(jnp.ones((len(weight_kg), len(amounts_mg))), 0.0, None, (), "central")]
    else:
        found = absorbed(model, values, route, amounts_mg, choice(drug, route).absorption)
    parts = []
    for way in found:
        if way.into.startswith("metabolite:"):
            continue
        modes = solved.response(given.names.index(way.into), 0)
        for rate in (way.depot, *way.stages, ke0_per_h):
            modes = modes if rate is None else delayed(modes, rate)
        parts.append(_AtSite(modes, way.fraction))
    return parts


@program()
def _follow(modes: Modes, share: Array, amounts_mg: Array, planned: superposition.Plan) -> Array:
    return superposition.follow(modes, share * amounts_mg, planned)


def effect_site_course(
    regimen: Regimen,
    times_h: ArrayLike,
    weight_kg: ArrayLike,
    ke0_per_h: ArrayLike,
    *,
    model_id: str | None = None,
    effects: Effects | None = None,
) -> Floats:
    """Effect-site concentration [ng/mL] of the drug given, at the times of a grid, shape (people, times).

    The model is the one routes.yaml names for the effect site: arterial where it can be. Compiled once for each model
    and route and for each size of plan, so that many regimens cost milliseconds each.

    Args:
        regimen: the doses, as mg.
        times_h: times [h], in any order.
        weight_kg: body weight [kg], one number or one a person.
        ke0_per_h: rate of equilibration with the effect site [1/h], one number or one a person.
        model_id: another model than the one of routes.yaml.
        effects: random effects of the people; None for typical people. Times of zero-order absorption stay typical.

    Raises:
        InputRefused: nothing covers the route.
    """
    model = runnable(model_id or choice(regimen.drug, regimen.route).effect)
    weight = np.atleast_1d(np.asarray(weight_kg, dtype=np.float64))
    rate = np.broadcast_to(np.asarray(ke0_per_h, dtype=np.float64), weight.shape)
    amounts = np.array([dose.amount_mg for dose in regimen.doses])
    starts = np.array(regimen.times_h)
    times = np.asarray(times_h, dtype=np.float64)
    wide = np.pad(amounts, (0, superposition.rounded_doses(len(amounts)) - len(amounts)))
    parts = _at_site(
        weight, rate, wide, effects or Effects(), model_id=model.model_id, drug=regimen.drug, route=regimen.route
    )
    lengths: list[Floats]
    if regimen.route is Route.IV:
        lengths = [np.array([dose.duration_h for dose in regimen.doses])]
    else:
        pathways = model.absorption.get(regimen.route.value)
        into = [p for p in pathways or () if not p.into.startswith("metabolite:")]
        typical = [model.parameters[p.zero_order].value if p.zero_order else 0.0 for p in into] if pathways else [0.0]
        lengths = [np.full(len(amounts), value) for value in typical]
    total = np.zeros((len(weight), len(times)))
    for part, durations in zip(parts, lengths, strict=True):
        drawn = superposition.plan(starts, durations, times)
        values = np.asarray(_follow(part.modes, part.share, wide, superposition.padded(drawn)))
        total += np.where(drawn.begun, values[:, : len(times)], 0.0)
    return total


def same_people(weights_kg: Sequence[float]) -> Subjects:
    """People of these body weights [kg], of unknown age and ancestry."""
    return Subjects(jnp.asarray(list(weights_kg), dtype=jnp.float64))
