"""The concentration of what is given under a published model, as sums of exponentials: what a fit varies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array

from remit.pharmacology.disposition import Modes, solve
from remit.pharmacology.published_models import (
    Subjects,
    Values,
    absorbed,
    choice,
    individual_values,
    parent,
    runnable,
    runnable_ids,
)
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused

ASSUMED = ("F", "KA")
"""Names of an assumed absorption: fraction and rate of a depot [1/h]."""
_NAME = re.compile(r"[A-Za-z_]\w*")


class Quantity(NamedTuple):
    """A number of a published model.

    Attributes:
        value: as published, at the reference weight.
        unit: ``L``, ``L/h``, ``1/h``, ``h`` or ``fraction``.
        variance: between people, on the scale of logarithms, or of logits for a fraction; None where it is missing.
        loss: whether drug is lost by it.
        central: whether it is the volume that is sampled.
    """

    value: float
    unit: str
    variance: float | None
    loss: bool
    central: bool


class Path(NamedTuple):
    """One way of a dose into the sampled compartment.

    Attributes:
        modes: what an amount of 1 that enters does there [1/L].
        fraction: share of each dose that takes it, shape (doses,).
        depot: rate of the depot before it [1/h]; None where there is none.
        length: time over which it enters the depot evenly [h]; 0 at once.
    """

    modes: Modes
    fraction: Array
    depot: Array | None
    length: Array | float


@dataclass(frozen=True)
class ParentModel:
    """A published model of the drug that is given, by one route.

    Attributes:
        model_id, drug, route: what it is of.
        quantities: every number that enters its concentration, by its published name.
        reference_kg: weight its values stand for [kg]; None where weight has no part in it.
        site: where it was sampled: ``arterial``, ``venous`` or ``not_stated``.
        ageing: whether a value depends on age.
        ancestry: groups for which the publication has a factor, which is not part of these values.
    """

    model_id: str
    drug: Drug
    route: Route
    quantities: Mapping[str, Quantity]
    reference_kg: float | None
    site: str
    ageing: bool
    ancestry: tuple[str, ...] = ()

    def paths(
        self, values: Mapping[str, Array], amounts: Array, weight_kg: Array | None, age_y: Array | None
    ) -> list[Path]:
        """The ways of doses of one person. Traceable.

        Args:
            values: of `quantities`, at the reference weight.
            amounts: of the doses [mg], shape (doses,).
            weight_kg: of the person [kg]; None for the reference weight.
            age_y: of the person [years]; None where it is not known.
        """
        model = runnable(self.model_id)
        weight = jnp.asarray(self.reference_kg or 1.0) if weight_kg is None else weight_kg
        who = Subjects(weight[None], None if age_y is None else age_y[None])
        own: Values = individual_values(model, who, typical=values)
        given = parent(model, own, model.compound)
        solved = solve(given.tree)
        sampled = given.names.index("central")

        def modes(entered: int) -> Modes:
            found = solved.response(entered, sampled)
            return Modes(found.rates[0], found.weights[0])

        if self.route is Route.IV:
            return [Path(modes(sampled), jnp.ones_like(amounts), None, 0.0)]
        if "KA" in self.quantities and "KA" not in model.parameters:
            return [Path(modes(sampled), jnp.full_like(amounts, 1.0) * values["F"], values["KA"], 0.0)]
        found = []
        for way in absorbed(model, own, self.route, amounts, None):
            if way.into in given.names:
                share = jnp.broadcast_to(way.fraction, (1, len(amounts)))[0]
                depot = None if way.depot is None else way.depot[0]
                length = 0.0 if isinstance(way.zero_order_h, (float, int)) else way.zero_order_h[0]
                found.append(Path(modes(given.names.index(way.into)), share, depot, length))
        return found


def parent_model(model_id: str, route: Route) -> ParentModel:
    """A published model as a fit takes it.

    Raises:
        InputRefused: there is none of that id that can be computed, it has no such route, or the route has no closed
            form (transit stages).
    """
    if model_id not in runnable_ids():
        raise InputRefused(
            f"the published model {model_id!r} cannot be fitted", allowed=", ".join(runnable_ids()), where="MODEL"
        )
    model = runnable(model_id)
    drug = Drug(model.compound)
    assert model.tree is not None  # noqa: S101  (a runnable model has one)
    losses = [loss[1] for loss in model.tree.losses]
    names = [volume for _, volume in model.tree.compartments]
    names += [flow for *_, flow in model.tree.exchanges] + losses
    assumed: dict[str, Quantity] = {}
    pathways = model.absorption.get(route.value, ())
    if route is not Route.IV and not pathways:
        fraction, rate = _assumed(model_id, drug, route, tuple(model.absorption))
        assumed = {
            "F": Quantity(fraction, "fraction", None, False, False),
            "KA": Quantity(rate, "1/h", None, False, False),
        }
    compartments = {name for name, _ in model.tree.compartments}
    for pathway in pathways:
        if pathway.into not in compartments:
            continue  # it feeds a metabolite
        if pathway.delay_stages:
            raise InputRefused(
                f"the {route.spoken} absorption of {model_id} passes transit stages, which have no closed form",
                remedy="Use another published model, or a function of your own (FILE.py:FUNCTION)",
                where="MODEL",
            )
        names += [name for name in _NAME.findall(pathway.fraction) if name in model.parameters]
        names += [name for name in (pathway.ka, pathway.zero_order) if name]
    variances = {each.parameter[0]: each.variance for each in model.variances if each.kind == "bsv"}
    central = dict(model.tree.compartments)["central"]
    quantities = {
        name: Quantity(
            model.parameters[name].value, model.parameters[name].unit, variances.get(name), name in losses,
            name == central,
        )
        for name in dict.fromkeys(names)
    }  # fmt: skip
    rule = model.scaling
    scaled = rule is not None and (rule.volume != 0.0 or rule.flow != 0.0)
    return ParentModel(
        model_id, drug, route, {**quantities, **assumed}, rule.reference_weight_kg if rule and scaled else None,
        model.sampling_site, any(f"age_on_{name}" in model.parameters for name in quantities),
        tuple(sorted({name.partition("_on_")[0] for name in model.parameters if "_on_" in name} - {"age"})),
    )  # fmt: skip


def _assumed(model_id: str, drug: Drug, route: Route, own: tuple[str, ...]) -> tuple[float, float]:
    """Assumed fraction and rate [1/h] of a route that a model itself has not."""
    absorption = choice(drug, route).absorption
    if absorption is None:
        raise InputRefused(
            f"the model {model_id} has no {route.spoken} absorption, and none is assumed for {drug}",
            allowed=", ".join(("iv", *own)),
            where="MODEL",
        )
    return absorption.fraction, absorption.ka
