"""Published models of ketamine and esketamine as models to fit.

``ketamine:otto_2021``, or ``ketamine:perez_ruixo_2021:in`` for nasal doses. Times are in hours, amounts in mg of base,
concentrations in ng/mL. Parameters bear their published names and begin at their published values; columns WT [kg] and
AGE [years] act as the model says, where the table has them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.kinetics import Structure, Usual, Values, concentration
from remit.inference.mixed.records import Doses, Records
from remit.pharmacology.parent_curve import ParentModel, parent_model
from remit.vocabulary.dosing import parse_route
from remit.vocabulary.errors import InputRefused

NAME = "ketamine"
_TRANSFORMS = {"fraction": "logit"}
_NG_PER_ML = 1000.0
"""Of one mg/L."""
_SPREAD = 0.3
"""Where the search of an SD between people begins whose variance is not published."""
_WEIGHT, _AGE = "WT", "AGE"


def published_structure(name: str) -> Structure:
    """The model of a name: ``ketamine:MODEL``, or ``ketamine:MODEL:ROUTE`` for doses that are not intravenous.

    Raises:
        InputRefused: there is no such model or route, or it has no closed form.
    """
    _, *parts = name.split(":")
    if not 1 <= len(parts) <= 2:
        raise InputRefused(
            f"{name!r} does not name a published model", allowed="ketamine:otto_2021, ketamine:perez_ruixo_2021:in",
            where="MODEL",
        )  # fmt: skip
    route = parse_route(parts[1] if len(parts) > 1 else "iv", where="MODEL")
    published = parent_model(parts[0], route)
    transforms = {key: _TRANSFORMS.get(each.unit, "log") for key, each in published.quantities.items()}
    units = {key: each.unit for key, each in published.quantities.items() if each.unit not in _TRANSFORMS}
    return Structure(
        f"{NAME}:{published.model_id}:{route.value}", partial(_predict, published), transforms,
        setting=partial(_checked, published), usual=partial(_usual, published),
        units={"TIME": "h", "AMT": "mg", "DV": "ng/mL", **units},
    )  # fmt: skip


def searched(published: ParentModel) -> tuple[str, ...]:
    """What is estimated, and differs between people, unless something else is asked for.

    # choice: the sampled volume, and the losses whose variance is published, or the first where none is: two losses of
    one compartment cannot be told apart by the drug alone, and a clinic's few samples tell little of the rest
    """
    losses = [key for key, each in published.quantities.items() if each.loss]
    known = [key for key in losses if published.quantities[key].variance is not None] or losses[:1]
    return tuple(key for key, each in published.quantities.items() if each.central or key in known)


def _predict(
    published: ParentModel, values: Values, doses: Doses, times: Array, covariates: Mapping[str, Array]
) -> Array:
    """Concentration [ng/mL]."""
    weight = covariates[_WEIGHT][0] if published.reference_kg and _WEIGHT in covariates else None
    age = covariates[_AGE][0] if published.ageing and _AGE in covariates else None
    total = jnp.zeros_like(times)
    for path in published.paths(values, doses.amount, weight, age):
        given = doses._replace(amount=doses.amount * path.fraction, compartment=None)
        if not isinstance(path.length, float):
            given = given._replace(duration=jnp.full_like(doses.amount, 1.0) * path.length)
        total = total + concentration(path.modes, given, times, path.depot)
    return _NG_PER_ML * total


def _checked(published: ParentModel, table: EventTable, records: Records) -> dict[str, NDArray[Any]]:
    """Nothing is worked out before a fit; a weight or an age that is missing for some is refused.

    Raises:
        InputRefused: a column of weights or ages has gaps or values that cannot be, or there is one of an ancestry for
            which the model has a factor, which fits do not take.
    """
    for group in published.ancestry:
        found = [column for column in table.covariates if column.partition("=")[0] == group.upper()]
        if found:
            raise InputRefused(
                f"{published.model_id} has a published factor for {group} people, which a fit does not take, and the "
                f"table has a column {found[0]}",
                allowed="people of one ancestry, or an effect that is estimated",
                remedy="Give the column another name, and estimate its effect (--covariate) if it matters",
                where=table.name,
            )
    used = {_WEIGHT: published.reference_kg is not None, _AGE: published.ageing}
    for column, wanted in used.items():
        if not wanted or column not in records.covariates:
            continue
        first = np.asarray(records.covariates[column])[:, 0]
        bad = ~(np.isfinite(first) & (first > 0))
        if bad.any():
            raise InputRefused(
                f"{column} of person {table.people[int(np.argmax(bad))]} is missing or not above 0",
                remedy=f"Fill it in, or leave the column {column} out: then values are those of the published weight",
                where=table.name,
            )
    return {}


def _usual(published: ParentModel, table: EventTable) -> Usual:
    """Published values and variances; what is not searched for stays as published."""
    del table
    free = searched(published)
    spread = {
        key: _SPREAD if not each.variance else math.sqrt(each.variance) for key, each in published.quantities.items()
    }
    initial = {key: each.value for key, each in published.quantities.items()}
    return Usual(initial, spread, tuple(key for key in initial if key not in free))
