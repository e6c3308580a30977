"""From a published record to numbers the engine takes. The only module here that knows the evidence.

A record names compartments, flows and pathways and gives each parameter a typical value. Here they become arrays of
people: scaled for weight, age and ancestry, moved by each person's random effects where the paper gives a variance,
and joined where a route needs the absorption, the metabolite or the variability of another model (`routes.yaml`, each
such loan with its reason).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from numpy.typing import NDArray

from remit.evidence.kinetics import (
    Absorption,
    Metabolite,
    PublishedModel,
    RouteChoice,
    load_model,
    load_models,
    load_routes,
    product_names,
)
from remit.evidence.kinetics import Tree as PublishedTree
from remit.pharmacology import between_subjects, first_pass, scaling
from remit.pharmacology.disposition import Links, Tree
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused

Floats = NDArray[np.float64]
Values = dict[str, Array]
"""Each parameter's value, one a person."""


class Subjects(NamedTuple):
    """Who the kinetics are for.

    Attributes:
        weight_kg: body weight [kg], shape (people,).
        age_y: age [years], shape (people,); None where it is not known: no effect of age.
        ancestry: groups for which a model has a factor (``asian``, ``japanese``); the same for all.
    """

    weight_kg: Float[Array, " people"]
    age_y: Float[Array, " people"] | None = None
    ancestry: tuple[str, ...] = ()


@partial(jax.tree_util.register_dataclass, data_fields=["log", "logit"], meta_fields=["missing"])
@dataclass(frozen=True, slots=True)
class Effects:
    """Random effects of people, by parameter, shape (people,).

    Attributes:
        log: effects on the log scale.
        logit: effects on the logit scale.
        missing: parameters whose published variance is missing; they do not vary here.
    """

    log: Mapping[str, Array] = field(default_factory=dict)
    logit: Mapping[str, Array] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


class Way(NamedTuple):
    """One of the parallel ways a dose takes.

    Attributes:
        fraction: share of each dose, shape (doses,) or (people, doses).
        zero_order_h: time over which it enters [h], one number, or one a person; 0 at once.
        depot: rate of the depot it enters first [1/h], one a person; None straight into the compartment.
        stages: rates of transit stages after the depot [1/h], one a person each.
        into: compartment of the parent, or ``metabolite:`` and the analyte whose formation it feeds.
    """

    fraction: Array
    zero_order_h: Array | float
    depot: Array | None
    stages: tuple[Array, ...]
    into: str


class Substance(NamedTuple):
    """A substance in the body, ready to compute.

    Attributes:
        analyte: its name.
        names: its compartments, sampled one first in `sampled`.
        tree: volumes, flows and clearances, one set a person.
        losses: by parameter, the compartment and the rate [1/h] of that loss.
        formed_by: parameter of the loss of the substance before that forms it; empty for the parent.
        share: share of that loss that forms it, in mass of it per mass lost, one a person.
        stages: rates of transit stages of its formation [1/h].
    """

    analyte: str
    names: tuple[str, ...]
    tree: Tree
    losses: Mapping[str, tuple[int, Array]]
    formed_by: str
    share: Array | None
    stages: tuple[Array, ...]


def choice(drug: Drug, route: Route) -> RouteChoice:
    """The models that stand for a drug and route.

    Raises:
        InputRefused: no model and no assumption covers them.
    """
    found = load_routes()
    if (drug, route) not in found:
        allowed = ", ".join(f"{r.value} ({r.spoken})" for d, r in found if d is drug)
        raise InputRefused(
            f"{route.spoken} {drug} has no published kinetics here",
            allowed=allowed,
            remedy="Choose one of these routes",
        )
    return found[drug, route]


def runnable_ids() -> tuple[str, ...]:
    """Ids of the models that can be computed, sorted."""
    return tuple(sorted(name for name, model in load_models().items() if model.is_runnable))


def runnable(model_id: str) -> PublishedModel:
    """A model that can be computed.

    Raises:
        InputRefused: its published values do not suffice.
        EvidenceRefused: there is none of that id.
    """
    model = load_model(model_id)
    if not model.is_runnable:
        raise InputRefused(
            f"the model {model_id} cannot be run ({model.status.replace('_', ' ')})",
            remedy="remit validate exposure lists those that can",
        )
    return model


def draw_effects(model: PublishedModel, key: PRNGKeyArray, people: Int[Array, " people"]) -> Effects:
    """Random effects of people, between subjects and between occasions together, as for one session of each.

    Args:
        model: whose variances.
        key: key of the population; the model's id is folded in.
        people: indices of the people; a negative index is the typical person, whose effects are zero.
    """
    variances: dict[str, float] = {}
    members: list[tuple[str, str, str]] = []
    missing = []
    covariances = {}
    for variance in model.variances:
        if variance.kind == "covariance":
            if variance.variance is not None:
                covariances[f"{variance.parameter[0]}:bsv", f"{variance.parameter[1]}:bsv"] = variance.variance
        elif variance.variance is None:
            missing.append(variance.parameter[0])
        else:
            label = variance.shared_as or f"{variance.parameter[0]}:{variance.kind}"
            variances[label] = variance.variance
            members.append((variance.parameter[0], label, variance.scale))
    if not variances:
        return Effects(missing=tuple(missing))
    names = list(variances)
    own = jax.random.fold_in(key, zlib.crc32(model.model_id.encode()))
    normals = between_subjects.standard_normals(own, people, len(names))
    effects = between_subjects.correlated(normals, between_subjects.covariance(names, variances, covariances))
    effects = jnp.where(people[:, None] < 0, 0.0, effects)
    found: dict[str, dict[str, Array]] = {"log": {}, "logit": {}}
    for parameter, label, scale in members:
        found[scale][parameter] = found[scale].get(parameter, 0.0) + effects[:, names.index(label)]
    return Effects(found["log"], found["logit"], tuple(missing))


def individual_values(
    model: PublishedModel,
    subjects: Subjects,
    effects: Effects | None = None,
    typical: Mapping[str, Array] | None = None,
) -> Values:
    """Each parameter for each person.

    Weight first, then age, then the person's random effects, then the factor of a group: the order in which the papers
    write them.

    Args:
        model: the published model.
        subjects: the people.
        effects: their random effects; None for the typical person of that weight, age and group.
        typical: values that stand in place of published ones, at the reference weight.
    """
    weight = subjects.weight_kg
    values: Values = {}
    for name, parameter in model.parameters.items():
        base = parameter.value if typical is None else typical.get(name, parameter.value)
        value: Array = jnp.full(weight.shape, base)
        rule = model.scaling
        if rule is not None and parameter.unit in {"L", "L/h"} and (not rule.only or name in rule.only):
            exponent = rule.volume if parameter.unit == "L" else rule.flow
            value = scaling.by_weight(base, weight, rule.reference_weight_kg, exponent)
        by_age = model.parameters.get(f"age_on_{name}")
        if by_age is not None and subjects.age_y is not None:
            value = scaling.by_age(value, subjects.age_y, by_age.value, float(by_age.unit.split()[-2]))
        if effects is not None and name in effects.log:
            value = between_subjects.on_log(value, effects.log[name])
        if effects is not None and name in effects.logit:
            value = between_subjects.on_logit(value, effects.logit[name])
        for group in subjects.ancestry:
            factor = model.parameters.get(f"{group}_on_{name.removesuffix('_over_F')}")
            value = value * factor.value if factor is not None else value
        values[name] = value
    return values


def _product(text: str, values: Values) -> Array:
    """The value of a product such as ``(1-FRn)*Fgut``, one a person."""
    people = next(iter(values.values())).shape
    total: Array = jnp.ones(people)
    for name, complement in product_names(text):
        value = values[name] if name in values else jnp.full(people, float(name))
        if value.ndim > total.ndim:
            total = total[..., None]
        elif value.ndim < total.ndim:
            value = value[..., None]
        total = total * (1.0 - value if complement else value)
    return total


def _tree(published: PublishedTree, values: Values) -> tuple[tuple[str, ...], Tree, dict[str, tuple[int, Array]]]:
    names = tuple(name for name, _ in published.compartments)
    volumes = jnp.stack([values[volume] for _, volume in published.compartments], axis=-1)
    links: Links = tuple((names.index(a), names.index(b)) for a, b, _ in published.exchanges)
    flows = [values[flow] for _, _, flow in published.exchanges]
    clearances = jnp.zeros_like(volumes)
    losses = {}
    for compartment, by, kind in published.losses:
        at = names.index(compartment)
        rate = values[by] if kind == "rate" else values[by] / volumes[..., at]
        losses[by] = (at, rate)
        clearances = clearances.at[..., at].add(rate * volumes[..., at])
    empty = jnp.zeros((*volumes.shape[:-1], 0))
    return names, Tree(volumes, jnp.stack(flows, axis=-1) if flows else empty, clearances, links), losses


def parent(model: PublishedModel, values: Values, analyte: str) -> Substance:
    """The substance that is given."""
    assert model.tree is not None  # noqa: S101  (a runnable model has one)
    names, tree, losses = _tree(model.tree, values)
    return Substance(analyte, names, tree, losses, "", None, ())


def metabolite(record: Metabolite, values: Values, analyte: str, mass_ratio: float, formed_by: str) -> Substance:
    """A substance formed from the one before it.

    Args:
        record: the published record.
        values: parameters of the model it comes from.
        analyte: its name here (a model of an enantiomer may stand for the racemate).
        mass_ratio: molar mass of it over that of the substance before it.
        formed_by: parameter of the loss that forms it.
    """
    names, tree, losses = _tree(record.tree, values)
    share = _product(record.fraction, values) * (mass_ratio if record.molar else 1.0)
    stages: tuple[Array, ...] = ()
    if record.delay_stages and record.delay:
        stages = (record.delay_stages / values[record.delay],) * record.delay_stages
    return Substance(analyte, names, tree, losses, formed_by, share, stages)


def infused(lengths_h: Sequence[float]) -> list[tuple[Way, list[int]]]:
    """The ways of intravenous doses, one for each length of infusion [h], with the doses that take it."""
    one = jnp.ones(len(lengths_h))
    return [
        (Way(one, length, None, (), "central"), [n for n, own in enumerate(lengths_h) if own == length])
        for length in sorted(set(lengths_h))
    ]


def absorbed(
    model: PublishedModel,
    values: Values,
    route: Route,
    amounts_mg: Float[Array, " doses"],
    assumed: Absorption | None,
    at_range: tuple[Float[Array, " people"], Float[Array, " people"]] | None = None,
) -> list[Way]:
    """The parallel ways doses take that are not given into a vein.

    Args:
        model: the published model.
        values: its parameters, one a person.
        route: how the doses are given.
        amounts_mg: the doses [mg]; a spray's share depends on them.
        assumed: absorption used when the model has none for the route.
        at_range: where in the assumed ranges of fraction and rate each person stands, 0 to 1 each; None for the
            assumed values.

    Raises:
        InputRefused: the route has neither pathways nor an assumption.
    """
    each = jnp.ones(amounts_mg.shape)
    pathways = model.absorption.get(route.value)
    if not pathways:
        if assumed is None:
            raise InputRefused(
                f"the model {model.model_id} has no {route.spoken} absorption",
                allowed="iv, " + ", ".join(model.absorption),
                remedy="Choose another model or route",
            )
        people = next(iter(values.values())).shape
        fraction, rate = jnp.full(people, assumed.fraction), jnp.full(people, assumed.ka)
        if at_range is not None:
            fraction = assumed.fraction_low * (assumed.fraction_high / assumed.fraction_low) ** at_range[0]
            rate = assumed.ka_low * (assumed.ka_high / assumed.ka_low) ** at_range[1]
        return [Way(fraction[..., None] * each, 0.0, rate, (), "central")]
    values = dict(values)
    rule = model.sprays
    if rule and route is Route.NASAL:
        name = rule["parameter"]
        count = first_pass.sprays(amounts_mg, float(rule["device_mg"]))
        values[name] = first_pass.nasal_share(values[name][..., None], count, model.parameters[rule["factor"]].value)
    found = []
    for pathway in pathways:
        fraction = _product(pathway.fraction, values)
        fraction = fraction if fraction.ndim == 2 else fraction[..., None] * each
        zero_order = values[pathway.zero_order] if pathway.zero_order else 0.0
        stages: tuple[Array, ...] = ()
        if pathway.delay_stages and pathway.delay:
            stages = (pathway.delay_stages / values[pathway.delay],) * pathway.delay_stages
        found.append(Way(fraction, zero_order, values[pathway.ka], stages, pathway.into))
    return found
