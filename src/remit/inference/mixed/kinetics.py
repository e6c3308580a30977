"""Structural models of the library: one to three compartments, by mouth or into a vein, as sums of exponentials.

They are made of the one engine of `remit.pharmacology`: a tree of compartments solved into exponentials, and what one
dose does to each (`inputs`). A steady state is what doses since ever have left: with the content of depot and
exponentials one interval after a dose known, the sum over all doses before is a geometric series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.records import Doses, Records
from remit.pharmacology import inputs
from remit.pharmacology.disposition import Modes, Tree, solve

Values = Mapping[str, Array]
"""Parameters of one person by name, on their natural scale."""
Predict = Callable[[Values, Doses, Array, Mapping[str, Array]], Array]
"""f(parameters, doses, times, covariates) -> prediction: shape (times,), or (outputs, times) of several outputs."""


class Usual(NamedTuple):
    """What a structural model takes unless something else is asked for.

    Attributes:
        initial: starting values on their natural scale.
        spread: SDs between people to begin with, on the transformed scale.
        fixed: parameters that stay at their starting value and in which people do not differ.
        guessed: parameters whose starting value is a guess that a fit of all people as one may better (`starting`).
    """

    initial: Mapping[str, float]
    spread: Mapping[str, float]
    fixed: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


class Structure(NamedTuple):
    """A structural model.

    Attributes:
        name: of the library, or of the user's function.
        predict: the function; see `Predict`.
        parameters: names it needs, with the transform that keeps each in its range.
        outputs: names of what it predicts, as DVID names them; one output may have any DVID.
        compartment: where doses go whose CMT is blank.
        optional: parameters it knows and does without: name and transform.
        constant: whether parameters must be numbers; else a covariate makes them of shape (times,).
        setting: what it works out of a table and its records before any fit, arrays with people first; they reach it
            among the covariates.
        usual: starting values of a table, and what stays as it is.
        bounds: lowest and highest total and the step between totals, where what is predicted is rated on a scale.
        units: that the model takes and gives, by TIME, AMT, DV and names of parameters; empty where they are those of
            the table.
        meaning: of its parameters, in a few words each; empty where their names say it.
    """

    name: str
    predict: Predict
    parameters: Mapping[str, str]
    outputs: tuple[str, ...] = ("1",)
    compartment: int = 1
    optional: Mapping[str, str] = {}
    constant: bool = True
    setting: Callable[[EventTable, Records], dict[str, Any]] | None = None
    usual: Callable[[EventTable], Usual] | None = None
    bounds: tuple[float, float, float] | None = None
    units: Mapping[str, str] = {}
    meaning: Mapping[str, str] = {}


def concentration(
    modes: Modes, doses: Doses, times: Float[Array, " times"], depot_rate: Array | None = None, depot: int = 1
) -> Float[Array, " times"]:
    """Concentration of one person [amount of the table / volume] by superposition.

    Args:
        modes: what an amount of 1 does in the sampled compartment, shape (modes,).
        doses: of this person.
        times: of the observations.
        depot_rate: rate of first-order absorption; None where there is no depot.
        depot: CMT of the depot; doses into any other compartment enter the central one at once.
    """
    since = times[:, None] - doses.time
    length = None if doses.duration is None else doses.duration[:, None]
    if depot_rate is not None and doses.compartment is None:
        shape = _series(since, modes.rates, length, doses.interval, depot_rate)
    else:
        shape = _series(since, modes.rates, length, doses.interval, None)
        if depot_rate is not None:
            slow = _series(since, modes.rates, length, doses.interval, depot_rate)
            shape = jnp.where((doses.compartment == depot)[:, None], slow, shape)
    each = jnp.sum(shape * modes.weights, axis=-1) * doses.amount
    return jnp.sum(jnp.where(doses.active, each, 0.0), axis=1)


def _series(
    since: Array, rates: Array, length: Array | None, interval: Array | None, depot_rate: Array | None
) -> Array:
    """What a dose of 1, and at a steady state all before it, leaves in each exponential, shape (times, doses, modes).

    ``length`` is None where no dose takes time, ``interval`` where there is no steady state: most tables have neither,
    and what is not computed need not be compiled.
    """
    after = jnp.maximum(since, 0.0)[..., None]
    own = _shape(after, rates, length, depot_rate)
    if interval is None:
        return own
    steady = interval > 0.0
    gap = jnp.where(steady, interval, 1.0)[:, None]
    left = _shape(gap, rates, length, depot_rate)
    if depot_rate is None:
        more = left / -jnp.expm1(-rates * gap) * jnp.exp(-rates * after)
    else:
        in_depot = _shape(gap, depot_rate, length, None) / -jnp.expm1(-depot_rate * gap)
        left = (left + in_depot * inputs.first_order(gap, rates, depot_rate)) / -jnp.expm1(-rates * gap)
        more = left * jnp.exp(-rates * after) + in_depot * inputs.first_order(after, rates, depot_rate)
    return own + jnp.where(steady[:, None], more, 0.0)


def _shape(after: Array, rates: Array, length: Array | None, depot_rate: Array | None) -> Array:
    """One dose of 1 in each exponential.

    Into a depot over time it is a difference of two infusions, which loses digits where rates are nearly equal
    (1e-8 of the peak); `remit.pharmacology.inputs` does not, and takes minutes to compile with its second derivatives.
    """
    if depot_rate is None:
        return jnp.exp(-rates * after) if length is None else inputs.infusion(after, rates, length)
    if length is None:
        return inputs.first_order(after, rates, depot_rate)
    gap = depot_rate - rates
    least = 1e-8 * depot_rate  # choice: as in `remit.pharmacology.disposition.convolved`
    gap = jnp.where(jnp.abs(gap) < least, jnp.where(gap < 0.0, -least, least), gap)
    return depot_rate / gap * (inputs.infusion(after, rates, length) - inputs.infusion(after, depot_rate, length))


def _modes(values: Values, compartments: int) -> Modes:
    """The central compartment's exponentials."""
    central = values["V"] if compartments == 1 else values["V1"]
    if compartments == 1:
        return Modes((values["CL"] / central)[None], (1.0 / central)[None])
    volumes, flows = [central, values["V2"]], [values["Q"]]
    if compartments == 3:
        volumes.append(values["V3"])
        flows.append(values["Q3"])
    clearances = jnp.zeros(compartments).at[0].set(values["CL"])
    links = tuple((0, place) for place in range(1, compartments))
    return solve(Tree(jnp.stack(volumes), jnp.stack(flows), clearances, links)).response(0, 0)


def _shifted(values: Values, doses: Doses, times: Array) -> Doses:
    """Doses after lag time, bioavailability, and rate or length that are parameters, where the model has them."""
    if "TLAG" in values:
        begun = doses.active & (times[:, None] >= doses.time + values["TLAG"])
        doses = doses._replace(time=doses.time + values["TLAG"], active=begun)
    if "F" in values:
        doses = doses._replace(amount=doses.amount * values["F"])
    if doses.duration is not None:
        length = doses.duration
        if "D1" in values:
            length = jnp.where(doses.duration == -2.0, values["D1"], length)
        if "R1" in values:
            length = jnp.where(doses.duration == -1.0, doses.amount / values["R1"], length)
        doses = doses._replace(duration=length)
    return doses


def _compartmental(compartments: int, oral: bool) -> Predict:
    def predict(values: Values, doses: Doses, times: Array, covariates: Mapping[str, Array]) -> Array:
        del covariates
        doses = _shifted(values, doses, times)
        return concentration(_modes(values, compartments), doses, times, values["KA"] if oral else None)

    return predict


def _rate_constants(values: Values, doses: Doses, times: Array, covariates: Mapping[str, Array]) -> Array:
    """One compartment by mouth in rate constants and clearance: V = CL / KE."""
    del covariates
    modes = Modes(values["KE"][None], (values["KE"] / values["CL"])[None])
    return concentration(modes, _shifted(values, doses, times), times, values["KA"])


def _biexponential(values: Values, doses: Doses, times: Array, covariates: Mapping[str, Array]) -> Array:
    """A1 exp(-K1 t) + A2 exp(-K2 t) of the time itself; no doses are needed."""
    del doses, covariates
    return values["A1"] * jnp.exp(-values["K1"] * times) + values["A2"] * jnp.exp(-values["K2"] * times)


def course(name: str, values: Values, doses: Doses) -> tuple[Callable[[Array], Array], Array]:
    """Concentration of one person at any times, and the times at which it turns sharply.

    Args:
        name: a model of one output.
        values: its parameters.
        doses: none of which a reset ends.
    """
    late = values.get("TLAG", 0.0)

    def at(times: Array) -> Array:
        given = doses._replace(active=times[:, None] >= doses.time)
        return LIBRARY[name].predict(values, given, times, {})

    starts = doses.time + late
    return at, starts if doses.duration is None else jnp.concatenate([starts, starts + doses.duration])


def _transit(values: Values, doses: Doses, times: Array, covariates: Mapping[str, Array]) -> Array:
    """Concentration after doses through a transit stage and a depot into one compartment.

    Three rates in a row: sums over all pairs of stages, by divided differences, which do not cancel.
    """
    del covariates
    doses = _shifted(values, doses, times)
    ktr, ka, ke = values["KTR"], values["KA"], values["CL"] / values["V"]
    since = jnp.maximum(times[:, None] - doses.time, 0.0)
    lowest = jnp.minimum(jnp.minimum(ktr, ka), ke)
    x, y = _two_gaps(ktr, ka, ke)
    shape = since**2 * jnp.exp(-lowest * since) * inputs.phi_difference(x * since, y * since)
    each = doses.amount * ktr * ka * shape / values["V"]
    return jnp.sum(jnp.where(doses.active, each, 0.0), axis=1)


def _two_gaps(*rates: Array) -> tuple[Array, Array]:
    """How far the two faster of three rates lie above the slowest."""
    ordered = jnp.sort(jnp.stack(rates))
    return ordered[1] - ordered[0], ordered[2] - ordered[0]


_ONE = {"CL": "log", "V": "log"}
_TWO = {"CL": "log", "V1": "log", "Q": "log", "V2": "log"}
_THREE = {**_TWO, "Q3": "log", "V3": "log"}
_MORE = {"TLAG": "log", "F": "logit", "D1": "log", "R1": "log"}


def _library() -> dict[str, Structure]:
    made = {}
    for compartments, names in ((1, _ONE), (2, _TWO), (3, _THREE)):
        iv, oral = f"{compartments}cpt-iv", f"{compartments}cpt-oral"
        made[iv] = Structure(iv, _compartmental(compartments, oral=False), names, optional=_MORE)
        made[oral] = Structure(oral, _compartmental(compartments, oral=True), {"KA": "log", **names}, optional=_MORE)
    rates = "1cpt-oral-rates"
    made[rates] = Structure(rates, _rate_constants, {"KE": "log", "KA": "log", "CL": "log"}, optional=_MORE)
    two = "biexponential"
    made[two] = Structure(two, _biexponential, {"A1": "identity", "K1": "log", "A2": "identity", "K2": "log"})
    transit = "1cpt-transit"
    made[transit] = Structure(transit, _transit, {"KTR": "log", "KA": "log", **_ONE}, optional=_MORE)
    return made


LIBRARY = _library()
"""Structural models by name."""
