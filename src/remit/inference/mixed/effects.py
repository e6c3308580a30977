"""Effects of a drug beside its concentration: two outputs, ``cp`` and ``effect``, from one dose.

    direct          E = E0 + EMAX s            emax
                    E = E0 (1 - EMAX s)        inhibition
    turnover        E' = KOUT (E0 p - q E), E = E0 before the drug (Dayneka, Garg and Jusko 1993)
                    p = 1 - EMAX s             inhibited-production
                    q = 1 - EMAX s             inhibited-loss
                    p = 1 + EMAX s             stimulated-production
                    q = 1 + EMAX s             stimulated-loss
    with            s = C^HILL / (EC50^HILL + C^HILL), HILL = 1 unless it is given

C is the concentration, or of a direct effect with KE0 that of an effect compartment: Ce' = KE0 (C - Ce).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.kinetics import LIBRARY, Structure, Usual, Values, course
from remit.inference.mixed.records import Doses, Records
from remit.inference.mixed.starting import guessed, values_of
from remit.inference.mixed.turnover import turnover
from remit.inference.mixed.written_out import output_of
from remit.vocabulary.errors import InputRefused

OUTPUTS = ("cp", "effect")
OTHER_NAMES = {"1cpt-transit-turnover": ("1cpt-transit+inhibited-production", ("cp", "pca"))}
"""Names under which a model is known, too, with the names of its outputs there."""
_DIRECT = {"emax": 1.0, "inhibition": -1.0}
_TURNOVER = {
    "inhibited-production": ("made", -1.0),
    "inhibited-loss": ("lost", -1.0),
    "stimulated-production": ("made", 1.0),
    "stimulated-loss": ("lost", 1.0),
}
EFFECTS = (*_DIRECT, *_TURNOVER)
"""Names of effects, after the plus of a model such as ``1cpt-oral+emax``."""


def effect_structure(name: str) -> Structure:
    """The model of a name such as ``1cpt-oral+inhibited-production``.

    Raises:
        InputRefused: there is no such kinetic model or effect.
    """
    whole, outputs = OTHER_NAMES.get(name, (name, OUTPUTS))
    kinetic, _, effect = whole.partition("+")
    driving = [each for each, known in LIBRARY.items() if len(known.outputs) == 1 and "CL" in known.parameters]
    if kinetic not in driving or effect not in EFFECTS:
        raise InputRefused(
            f"there is no model {name!r}",
            allowed=f"one of {', '.join(driving)}, then + and one of {', '.join(EFFECTS)}",
            where="MODEL",
        )
    base = LIBRARY[kinetic]
    lowers = (_DIRECT.get(effect) or _TURNOVER[effect][1]) < 0.0
    parameters = {**base.parameters, "E0": "log", "EMAX": "logit" if lowers else "log", "EC50": "log"}
    optional = {**base.optional, "HILL": "log"}
    if effect in _DIRECT:
        optional["KE0"] = "log"
    else:
        parameters["KOUT"] = "log"
    return Structure(
        name, partial(_predict, kinetic, effect), parameters, outputs, base.compartment, optional,
        setting=_checked, usual=partial(_usual, kinetic, effect, outputs),
    )  # fmt: skip


def sigmoid(values: Values, level: Array) -> Array:
    """s: the share of the largest effect that a concentration has."""
    if "HILL" not in values:
        return level / (values["EC50"] + level)
    # a concentration of zero has no logarithm, and a power of it no second derivative
    some = level > 0.0
    logs = values["HILL"] * (jnp.log(jnp.where(some, level, 1.0)) - jnp.log(values["EC50"]))
    return jnp.where(some, 1.0 / (1.0 + jnp.exp(-logs)), 0.0)


def _predict(
    kinetic: str, effect: str, values: Values, doses: Doses, times: Array, covariates: Mapping[str, Array]
) -> Array:
    concentration = LIBRARY[kinetic].predict(values, doses, times, covariates)
    drug, breaks = course(kinetic, values, doses)
    return jnp.stack([concentration, response(effect, values, drug, concentration, times, breaks)])


def response(
    effect: str, values: Values, drug: Callable[[Array], Array], seen: Array, times: Array, breaks: Array
) -> Array:
    """The effect at times.

    Args:
        effect: one of `EFFECTS`.
        values: parameters.
        drug: concentration at any times.
        seen: concentration at ``times``, where a dose at the same time counts as the table says.
        times: shape (times,).
        breaks: times at which the concentration turns sharply.
    """
    if effect in _DIRECT:
        level = seen
        if "KE0" in values:
            level = turnover(drug, values["KE0"], times, breaks, first=0.0)
        change = values["EMAX"] * sigmoid(values, level)
        return values["E0"] + change if effect == "emax" else values["E0"] * (1.0 - change)
    place, sign = _TURNOVER[effect]

    def changed(at: Array) -> Array:
        return 1.0 + sign * values["EMAX"] * sigmoid(values, drug(at))

    if place == "made":
        share = turnover(changed, values["KOUT"], times, breaks)
    else:
        share = turnover(jnp.ones_like, values["KOUT"], times, breaks, lost=changed)
    return values["E0"] * share


def _checked(table: EventTable, records: Records) -> dict[str, NDArray[Any]]:
    """Nothing is worked out before a fit; what an effect cannot follow is refused.

    Raises:
        InputRefused: a reset or a steady state, at which nobody knows the effect.
    """
    del records
    for person, events in zip(table.people, table.events, strict=True):
        bad = next((event for event in events if event.evid in {3, 4} or event.ss), None)
        if bad is not None:
            raise InputRefused(
                f"person {person} has a reset or a steady state (row {bad.row}), at which the effect is not known",
                remedy="Write the doses before it out, or give a function of your own (FILE.py:FUNCTION)",
                where=table.name,
            )
    return {}


def _usual(kinetic: str, effect: str, outputs: Sequence[str], table: EventTable) -> Usual:
    """Starting values of a table.

    # choice: half of the largest effect at the median concentration; a turnover as fast as the elimination
    """
    found = guessed(LIBRARY[kinetic], table, values_of(table, outputs, 0))
    levels, seen = values_of(table, outputs, 0), values_of(table, outputs, 1)
    if not len(levels) or not len(seen) or not found:
        return Usual(found, {})
    above = levels[levels > 0]
    first = [
        next((event.dv for event in events if event.dv is not None and output_of(event.dvid, outputs) == 1), None)
        for events in table.events
    ]
    begin = float(np.median([each for each in first if each is not None])) or 1.0
    largest = 0.7
    if effect == "emax":
        largest = max(float(np.quantile(seen, 0.9)) - begin, 0.1 * abs(begin))
    elif effect.startswith("stimulated"):
        largest = 2.0
    rate = found["KE"] if "KE" in found else found["CL"] / found["V" if "V" in found else "V1"]
    more = {"E0": abs(begin), "EMAX": largest, "EC50": float(np.median(above)) if len(above) else 1.0}
    return Usual({**found, **more, **({} if effect in _DIRECT else {"KOUT": rate})}, {}, guessed=tuple(found))
