"""A regimen and people in, concentrations over time out: published models run by the closed-form engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from numpy.typing import ArrayLike, NDArray

from remit.evidence.kinetics import Absorption, Metabolite, PublishedModel, RouteChoice, molar_masses
from remit.pharmacology import superposition
from remit.pharmacology.compartments import concentrations
from remit.pharmacology.disposition import Modes, delayed, solve
from remit.pharmacology.published_models import (
    Effects,
    Subjects,
    Substance,
    Values,
    Way,
    absorbed,
    choice,
    draw_effects,
    individual_values,
    infused,
    metabolite,
    parent,
    runnable,
)
from remit.vocabulary.dosing import Regimen, Route
from remit.vocabulary.drugs import METABOLITE_OF, Analyte, Drug
from remit.vocabulary.errors import InputRefused

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kinetics:
    """The published records that together answer for a drug and route.

    Attributes:
        drug, route: what they answer for.
        plasma: model of the parent.
        metabolites: records of its metabolites, with the model each comes from.
        variability: model whose variances are used; None where nothing is published.
        absorption: assumed absorption, where the model has none for the route.
        assumptions: what is assumed or borrowed, in words.
        alone: whether the model was named by the caller and stands without loans.
    """

    drug: Drug
    route: Route
    plasma: PublishedModel
    metabolites: tuple[tuple[PublishedModel, Metabolite], ...]
    variability: PublishedModel | None
    absorption: Absorption | None
    assumptions: tuple[str, ...]
    alone: bool

    @property
    def analytes(self) -> tuple[str, ...]:
        """The parent and its metabolites in order of formation."""
        if not self.drug.is_racemate:
            return (self.drug.value, *(record.analyte for _, record in self.metabolites))
        names: list[str] = [self.drug.value]
        for _ in self.metabolites:
            names.append(next(m.value for m, before in METABOLITE_OF.items() if before == Analyte(names[-1])))
        return tuple(names)


class _Weights(NamedTuple):
    """The part of `Subjects` that is numbers."""

    weight_kg: Array
    age_y: Array | None


@jax.tree_util.register_static
@dataclass(frozen=True)
class _Static:
    """The part of `Subjects` that is names."""

    names: tuple[str, ...]


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


def kinetics(drug: Drug, route: Route, model_id: str | None = None) -> Kinetics:
    """The records that answer for a drug and route.

    Args:
        drug, route: what is given and how.
        model_id: another model of the parent than the one chosen in routes.yaml; it then stands alone, with its own
            metabolites and variability, and only the absorption is taken from the choice where it has none.

    Raises:
        InputRefused: nothing covers the route, or the model cannot be run.
    """
    chosen: RouteChoice = choice(drug, route)
    plasma = runnable(model_id or chosen.plasma)
    if plasma.compound != drug.value and not (model_id and drug.is_racemate):
        raise InputRefused(f"the model {plasma.model_id} is of {plasma.compound}", allowed=f"a model of {drug}")
    own = model_id is not None and model_id != chosen.plasma
    assumptions = []
    source = plasma if own or not chosen.metabolite_from else runnable(chosen.metabolite_from)
    variability = plasma if own or not chosen.variability_from else runnable(chosen.variability_from)
    if source is not plasma:
        assumptions.append(f"metabolite kinetics borrowed from {source.model_id} ({source.compound})")
    if variability is not plasma:
        assumptions.append(f"differences between people borrowed from {variability.model_id} ({variability.compound})")
    absorption = None
    if route is not Route.IV and route.value not in plasma.absorption:
        absorption = chosen.absorption
        if absorption is not None:
            assumptions.append(
                f"absorption assumed: {absorption.fraction:.0%} ({absorption.fraction_low:.0%} to "
                f"{absorption.fraction_high:.0%}) arrives, rate {absorption.ka:g} ({absorption.ka_low:g} to "
                f"{absorption.ka_high:g}) per hour"
            )
    return Kinetics(
        drug,
        route,
        plasma,
        tuple((source, record) for record in source.metabolites),
        variability if variability.variances else None,
        absorption,
        tuple(assumptions),
        own,
    )


def borrowed_values(records: Kinetics, plasma: Values, subjects: Subjects, effects: Effects) -> Values:
    """Parameters of the model the metabolites come from, one value a person."""
    source = records.metabolites[0][0] if records.metabolites else records.plasma
    return plasma if source is records.plasma else individual_values(source, subjects, effects)


def substances(records: Kinetics, plasma: Values, source: Values) -> list[Substance]:
    """The parent and its metabolites for these people.

    Args:
        records: from `kinetics`.
        plasma: parameters of the parent's model.
        source: parameters of the model the metabolites come from.
    """
    masses = molar_masses()
    found = [parent(records.plasma, plasma, records.analytes[0])]
    for name, (_, record) in zip(records.analytes[1:], records.metabolites, strict=True):
        formed_by = record.by
        if formed_by not in found[-1].losses and len(found[-1].losses) == 1:
            formed_by = next(iter(found[-1].losses))  # a borrowed metabolite is formed by the only loss there is
        found.append(
            metabolite(record, source, name, masses[name] / masses[records.analytes[len(found) - 1]], formed_by)
        )
    return found


class _Run(NamedTuple):
    """What a compiled simulation gives back."""

    values: Array
    parameters: Values
    effects: Effects
    absorption_rates: tuple[Array, ...]


@lru_cache(maxsize=64)
def _compiled(drug: Drug, route: Route, model_id: str | None, regimen: Regimen, times: tuple[float, ...]) -> Any:
    """The simulation of a regimen at fixed times, compiled for any people; kept for further blocks of people."""
    records = kinetics(drug, route, model_id)

    @jax.jit
    def run(subjects: _Weights, key: PRNGKeyArray | None, people: Array, amounts_mg: Array, ancestry: _Static) -> _Run:
        who = Subjects(subjects.weight_kg, subjects.age_y, ancestry.names)
        effects, at_range = Effects(), None
        if key is not None:
            if records.variability is not None:
                effects = draw_effects(records.variability, key, people)
            at_range = _place_in_range(key, people, records.absorption)
        plasma = individual_values(records.plasma, who, effects)
        if route is Route.IV:
            routes = infused(regimen)
        else:
            doses = jnp.array([dose.amount_mg for dose in regimen.doses])
            every = list(range(len(regimen.doses)))
            found = absorbed(records.plasma, plasma, route, doses, records.absorption, at_range)
            routes = [(way, every) for way in found]
        formed = substances(records, plasma, borrowed_values(records, plasma, who, effects))
        values = concentrations(formed, routes, amounts_mg, np.array(regimen.times_h), np.array(times))
        rates = tuple(rate for way, _ in routes for rate in (way.depot, *way.stages) if rate is not None)
        return _Run(values, plasma, effects, rates)

    return run


def _place_in_range(key: PRNGKeyArray, people: Array, assumed: Absorption | None) -> tuple[Array, Array] | None:
    """Where each person stands in the assumed ranges of fraction and rate, 0 to 1; the typical person at the assumed
    values."""
    if assumed is None:
        return None
    keys = jax.vmap(lambda person: jax.random.fold_in(jax.random.fold_in(key, 1), person))(people)
    # choice: a person stands anywhere in an assumed range, evenly on the log scale; fraction and rate independent
    drawn = jax.vmap(lambda own: jax.random.uniform(own, (2,), dtype=jnp.float64))(keys)
    ends = (
        (assumed.fraction, assumed.fraction_low, assumed.fraction_high),
        (assumed.ka, assumed.ka_low, assumed.ka_high),
    )
    places = []
    for position, (value, low, high) in enumerate(ends):
        typical = math.log(value / low) / math.log(high / low)
        places.append(jnp.where(people < 0, typical, drawn[:, position]))
    return places[0], places[1]


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
    indices = jnp.arange(count) if people is None else people
    if amounts_mg is None:
        doses = jnp.array([dose.amount_mg for dose in regimen.doses])
        amounts_mg = jnp.broadcast_to(doses, (count, len(regimen.doses)))
    run = _compiled(
        records.drug, records.route, records.plasma.model_id if records.alone else None, regimen, tuple(times)
    )
    found = run(_Weights(subjects.weight_kg, subjects.age_y), key, indices, amounts_mg, _Static(subjects.ancestry))
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


@partial(jax.jit, static_argnames=("model_id", "drug", "route"))
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


_follow = jax.jit(superposition.follow)


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
    weight = jnp.atleast_1d(jnp.asarray(weight_kg, dtype=jnp.float64))
    rate = jnp.broadcast_to(jnp.asarray(ke0_per_h, dtype=jnp.float64), weight.shape)
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
        values = np.asarray(_follow(part.modes, part.share * wide, superposition.padded(drawn)))
        total += np.where(drawn.begun, values[:, : len(times)], 0.0)
    return total


def same_people(weights_kg: Sequence[float]) -> Subjects:
    """People of these body weights [kg], of unknown age and ancestry."""
    return Subjects(jnp.asarray(list(weights_kg), dtype=jnp.float64))
