"""The response model of remit as a model to fit: totals of a scale over time under doses of ketamine or esketamine.

The forward function is the one of every answer (`remit.response.relief`). Concentrations are those of a person with
typical kinetics under each person's own doses: scores say next to nothing about clearance. Times and durations are in
hours, amounts in mg of base.
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

from remit.evidence.instruments import find_scale
from remit.inference.clinic_population import TRAIT_OF
from remit.inference.fitted import load, session_population
from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.kinetics import Structure, Usual, Values
from remit.inference.mixed.records import Doses, Records
from remit.inference.person_course import fine, grid_of
from remit.response.grid import positions
from remit.response.relief import Traits, on_scale_of_log, session_course
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.clock import HOURS_PER_DAY
from remit.vocabulary.dosing import Dose, Regimen, parse_route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.scales import Scale

NAME = "response"
PARAMETERS = {
    "BASE": "logit", "S": "logit", "X": "identity", "HALF": "log", "KIN": "log", "ACUTE": "identity", "XS": "identity",
    "TAU": "log", "TAUS": "log",
}  # fmt: skip
SEARCHED = ("BASE", "S", "X")
"""What is estimated, and differs between people, unless something else is asked for.  # choice: weekly totals of a few
dozen people tell level, size and course without the drug; hours and half-lives stay published"""
_UNITS = {
    "TIME": "h",
    "AMT": "mg",
    "DV": "points",
    "BASE": "of the scale",
    "S": "of the level",
    "HALF": "days",
    "KIN": "1/h",
    "TAU": "h",
    "TAUS": "h",
}
_MEANING = {
    "BASE": "level before the first dose", "S": "largest fall that the drug sustains",
    "X": "course without the drug (expectation, care, time), on a logarithmic scale",
    "HALF": "half-life of what outlasts the drug", "KIN": "how fast that builds up", "ACUTE": "acute part",
    "XS": "part of the session itself", "TAU": "time constant of the course without the drug",
    "TAUS": "time constant of the part of the session",
}  # fmt: skip
_WEIGHT = "WT"
_USUAL_KG = 70.0  # choice: where the table has no WT; it scales published clearances, on which scores hardly depend


def response_structure(name: str) -> Structure:
    """The model of a name: ``response:GAD-7``, or ``response:GAD-7:esketamine:in`` for other doses than iv ketamine.

    Raises:
        InputRefused: there is no such scale, drug or route.
    """
    _, *parts = name.split(":")
    if not 1 <= len(parts) <= 3:
        raise InputRefused(
            f"{name!r} does not say what was rated", allowed="response:GAD-7, response:GAD-7:esketamine:in",
            where="MODEL",
        )  # fmt: skip
    scale = find_scale(parts[0], where="MODEL")
    named = parts[1] if len(parts) > 1 else Drug.KETAMINE.value
    if named not in set(Drug):
        raise InputRefused(f"unknown drug {named!r}", allowed=", ".join(Drug), where="MODEL")
    drug = Drug(named)
    route = parse_route(parts[2] if len(parts) > 2 else "iv", where="MODEL")
    known = _published(scale)
    return Structure(
        f"{NAME}:{scale.name}:{drug.value}:{route.value}", partial(_predict, scale, known["power"]), PARAMETERS,
        setting=partial(_setting, drug, route), usual=partial(_usual, scale, known),
        bounds=(float(scale.low), float(scale.high), float(scale.step)), units=_UNITS, meaning=_MEANING,
    )  # fmt: skip


def _published(scale: Scale) -> dict[str, float]:
    """Medians of the calibrated posterior on the scale of the search, spreads as ``sd ...``, and ``power``."""
    import jax

    posterior = load().thinned(256)
    population = session_population(posterior, Diagnosis.MIXED_ANXIETY, jax.random.key(0))
    found = {}
    for name, trait in TRAIT_OF.items():
        found[name] = float(np.median(np.asarray(getattr(population, f"{trait}_mean"))))
        found[f"sd {name}"] = float(np.median(np.asarray(getattr(population, f"{trait}_sd"))))
    found["HALF"] = math.log(math.log(2.0) / HOURS_PER_DAY) - found["HALF"]
    found["TAU"] = float(np.median(np.log(np.asarray(population.tau_h))))
    found["TAUS"] = float(np.median(np.log(np.asarray(population.tau_session_h))))
    for each in ("drive_c50", "acute_c50"):
        found[each] = float(np.median(np.asarray(getattr(population, each))))
    found["power"] = math.exp(float(np.median(np.asarray(posterior.of_scale(scale.name, 0)))))
    return found


def _usual(scale: Scale, known: Mapping[str, float], table: EventTable) -> Usual:
    """Where a search begins, and what stays as published."""
    first = [next((e.dv for e in events if e.dv is not None), None) for events in table.events]
    seen = [each for each in first if each is not None]
    share = float(np.clip((np.mean(seen) - scale.low) / scale.span, 0.05, 0.95))
    natural = {"log": math.exp, "logit": lambda value: 1.0 / (1.0 + math.exp(-value)), "identity": float}
    initial = {name: natural[kind](known[name]) for name, kind in PARAMETERS.items() if name != "BASE"}
    spread = {name: max(known[f"sd {name}"], 0.1) for name in TRAIT_OF}
    fixed = tuple(name for name in PARAMETERS if name not in SEARCHED)
    return Usual({"BASE": share, **initial}, {"BASE": 0.6, **spread}, fixed)


def _setting(drug: Any, route: Any, table: EventTable, records: Records) -> dict[str, NDArray[Any]]:
    """Grid, typical effect-site concentration and places of the observations, of each person."""
    grids, sites = [], []
    counted, times = np.asarray(records.counted), np.asarray(records.time)
    weights = records.covariates.get(_WEIGHT)
    for person, events in enumerate(table.events):
        doses = sorted((e.time, e.amt, e.duration) for e in events if e.evid in {1, 4})
        if any(e.addl or e.ss or e.evid == 3 for e in events):
            raise InputRefused(
                f"person {table.people[person]} has ADDL, SS or a reset", allowed="one row for each dose",
                where=table.name,
            )  # fmt: skip
        own = times[person][counted[person]]
        weight = _USUAL_KG if weights is None else float(np.asarray(weights)[person][0])
        start = [time for time, *_ in doses] or [float(own.min(initial=0.0))]
        grid = grid_of(start, own, max((length for *_, length in doses), default=0.0))
        site = np.zeros(2 * len(grid) - 1)
        if doses:
            regimen = Regimen(drug, route, tuple(Dose(*dose) for dose in doses))
            site = esketamine_equivalent(regimen, weight, fine(grid))[0]
        grids.append(grid)
        sites.append(site)
    size = max(len(grid) for grid in grids)
    grid = np.stack([np.concatenate([each, np.repeat(each[-1:], size - len(each))]) for each in grids])
    site = np.stack([np.concatenate([each, np.repeat(each[-1:], 2 * size - 1 - len(each))]) for each in sites])
    at = np.stack([positions(own, np.clip(row, own[0], own[-1])) for own, row in zip(grid, times, strict=True)])
    return {"grid": grid, "site": site, "at": np.minimum(at, size - 1), "before": (times < grid[:, :1]).astype(float)}


def _predict(
    scale: Scale, power: float, values: Values, doses: Doses, times: Array, covariates: Mapping[str, Array]
) -> Array:
    """The total without scatter [points] at the times of the observations."""
    del doses, times
    known = _fixed()
    traits = Traits(
        sustained=values["S"], k_in=values["KIN"], k_out=math.log(2.0) / (HOURS_PER_DAY * values["HALF"]),
        drive_c50=jnp.asarray(known[0]), acute=-jnp.expm1(-values["ACUTE"]), acute_c50=jnp.asarray(known[1]),
        gradual=values["X"], session=values["XS"], tau_h=values["TAU"], tau_session_h=values["TAUS"],
    )  # fmt: skip
    course = session_course(traits, covariates["site"], covariates["grid"], covariates["at"])
    log_left = course.log_left * (1.0 - covariates["before"])
    # not cut off at the ends of the scale, as totals are: the search needs a slope there
    return scale.low + scale.span * values["BASE"] * on_scale_of_log(log_left, jnp.asarray(power))


def _fixed() -> tuple[float, float]:
    from remit.evidence.assumptions import load_assumptions

    fixed = load_assumptions()
    return fixed["drive_c50"].value, fixed["acute_c50"].value
