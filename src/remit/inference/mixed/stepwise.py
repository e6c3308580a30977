"""Compartment models whose parameters change within a person: occasions, and covariates that move.

Superposition needs constant parameters, so amounts are carried from row to row instead: between two rows the parameters
are those of the later one, as NONMEM has it, and the step is exact. Every dose and every end of an infusion is a row of
its own that is no observation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from remit.inference.mixed.event_table import Event, EventTable
from remit.inference.mixed.kinetics import LIBRARY, Structure, Values
from remit.inference.mixed.records import Doses, Records
from remit.pharmacology import inputs
from remit.pharmacology.disposition import Solved, Tree, solve
from remit.vocabulary.errors import InputRefused

Floats = NDArray[np.float64]
_SIZE = {"1": ("V",), "2": ("V1", "V2"), "3": ("V1", "V2", "V3")}
_FLOWS = ("Q", "Q3")
STEADY = ("interval", "flow", "length")
"""Of a dose at a steady state: time between doses, and rate and length of its infusions."""


def follows(structure: Structure) -> bool:
    """Whether a model of the library can follow changes within a person."""
    return structure.name in LIBRARY and "cpt-" in structure.name and structure.name.endswith(("-iv", "-oral"))


def stepwise(structure: Structure) -> Structure:
    """The same model with parameters that may change from row to row."""
    oral = structure.name.endswith("-oral")
    return structure._replace(predict=partial(_predict, _SIZE[structure.name[0]], oral), constant=False)


def stepped(table: EventTable, structure: Structure) -> Records:
    """Records with a row for every dose, end of an infusion and observation, in order of time.

    Args:
        table: of events.
        structure: from `stepwise`.

    Raises:
        InputRefused: an infusion into a depot, or a covariate that is missing somewhere.
    """
    oral = structure.name.endswith("-oral")
    people = [_rows(events, oral, table.name) for events in table.events]
    size = max(len(rows) for rows in people)
    shape = (len(people), size)
    given = ("depot", "central", "rate", *STEADY)
    real = {name: np.zeros(shape) for name in ("time", "observed", *given)}
    flags = {name: np.zeros(shape, bool) for name in ("counted", "below", "reset")}
    occasion = np.zeros(shape, int)
    covariates = {name: np.zeros(shape) for name in table.covariates}
    for person, rows in enumerate(people):
        names = list(dict.fromkeys(event.occ for event in table.events[person]))
        # rows that pad repeat the last time, at which nothing happens any more
        for place in range(size):
            row = rows[min(place, len(rows) - 1)]
            own, event = place < len(rows), row["event"]
            real["time"][person, place] = row["time"]
            occasion[person, place] = names.index(event.occ)
            for name in table.covariates:
                covariates[name][person, place] = event.covariates[name]
            if own:
                for name in given:
                    real[name][person, place] = row[name]
                flags["reset"][person, place] = row["reset"]
                if row["seen"]:
                    real["observed"][person, place] = event.dv
                    flags["counted"][person, place], flags["below"][person, place] = True, event.cens
    nothing = np.zeros((len(people), 1))
    made: Any = (nothing, nothing, None, None, None, np.zeros((*shape, 1), bool))
    shown: Any = (
        real["time"], real["observed"], np.zeros(shape, int), flags["counted"], flags["below"], occasion, covariates,
        np.zeros((len(people), 1), int), dict.fromkeys(covariates, nothing),
    )  # fmt: skip
    # what no dose has is left out: what is not computed need not be compiled
    used = [name for name in given if name not in STEADY or real["interval"].any()]
    setting: Any = {name: real[name] for name in used} | {"reset": flags["reset"]}
    return Records._make((*shown, Doses._make(made), setting))


def _rows(events: tuple[Event, ...], oral: bool, where: str) -> list[dict[str, Any]]:
    """Rows of one person: what is given at each, and at what rate until it."""
    items: list[tuple[float, float, dict[str, Any]]] = []
    shift, last, infusions, cut = 0.0, -math.inf, [], []
    for position, event in enumerate(events):
        if event.evid in {3, 4} and event.time + shift < last:
            shift = last - event.time
        time = last = event.time + shift
        forgets = event.evid in {3, 4} or (event.evid == 1 and event.ss == 1)
        row = {"event": event, "time": time, "depot": 0.0, "central": 0.0, "rate": 0.0, "seen": event.observes,
               "reset": forgets, **dict.fromkeys(STEADY, 0.0)}  # fmt: skip
        if row["reset"]:
            cut.append((time, position))
            items = [each for each in items if each[0] <= time]
        items.append((time, position, row))
        if event.evid not in {1, 4}:
            continue
        depot = oral and event.cmt in {0, 1}
        if depot and event.duration > 0:
            raise _refused(event, where, "an infusion into a depot", "a dose at once, or CMT 2")
        if event.ss:
            row["interval"] = event.ii
            if event.duration > 0:
                row["flow"], row["length"] = event.amt / event.duration, event.duration
        for extra in range(event.addl + 1):
            start = time + extra * event.ii
            # a dose implied by ADDL comes before an observation of the same time
            later = {**row, "seen": False, "reset": False, **dict.fromkeys(("depot", "central", *STEADY), 0.0)}
            given = row if extra == 0 else {**later, "time": start}
            if extra:
                items.append((start, -1.0, given))
            if event.duration > 0:
                infusions.append((start, start + event.duration, event.amt / event.duration, position))
                items.append((start + event.duration, -1.0, {**later, "time": start + event.duration}))
            else:
                given["depot" if depot else "central"] = event.amt
    items.sort(key=lambda each: each[:2])
    rows, before = [row for *_, row in items], -math.inf
    for row in rows:
        # what runs until this row: begun at or before the row above it, and no reset since
        row["rate"] = sum(
            flow for start, end, flow, position in infusions
            if start <= before and end >= row["time"] > before
            and not any(position < at and start <= time <= before for time, at in cut)
        )  # fmt: skip
        before = row["time"]
        for name, value in row["event"].covariates.items():
            if not math.isfinite(value):
                raise _refused(row["event"], where, f"{name} missing", "a value on every row")
    return rows


def _refused(event: Event, where: str, what: str, allowed: str) -> InputRefused:
    return InputRefused(
        f"{what}, where parameters change within a person", allowed=allowed, where=f"{where}, row {event.row}"
    )


def _predict(
    volumes: tuple[str, ...],
    oral: bool,
    values: Values,
    doses: Doses,
    times: Float[Array, " times"],
    given: Mapping[str, Array],
) -> Float[Array, " times"]:
    """Concentration at every row."""
    del doses
    size = len(volumes)

    def wide(name: str) -> Array:
        return jnp.broadcast_to(values[name], times.shape)

    volume = jnp.stack([wide(name) for name in volumes], axis=-1)
    flows = jnp.stack([wide(name) for name in _FLOWS[: size - 1]], axis=-1) if size > 1 else jnp.zeros((len(times), 0))
    clearance = jnp.zeros_like(volume).at[:, 0].set(wide("CL"))
    solved = solve(Tree(volume, flows, clearance, tuple((0, place) for place in range(1, size))))
    step = jnp.diff(times, prepend=times[:1])[:, None]
    rates, basis = solved.rates, solved.basis
    # amounts after a step: what was there, what came out of the depot, and what was infused
    back = volume[..., None] * basis
    kept = jnp.einsum("tim,tm,tjm->tij", back, jnp.exp(-rates * step), basis)
    infused = jnp.einsum("tim,tm->ti", back, basis[:, 0] * step * inputs.phi(rates * step)) * given["rate"][:, None]
    if oral:
        absorbed = jnp.einsum("tim,tm->ti", back, basis[:, 0] * inputs.first_order(step, rates, wide("KA")[:, None]))
        left = jnp.exp(-wide("KA") * step[:, 0])
    else:
        absorbed, left = jnp.zeros_like(volume), jnp.ones_like(times)
    share = wide("F") if "F" in values else jnp.ones_like(times)
    infused = infused * share[:, None]

    steady, full = _steady(solved, back, given, wide("KA") if oral else None)
    steady, full = steady * share[:, None], full * share

    def advance(state: tuple[Array, Array], row: tuple[Array, ...]) -> tuple[tuple[Array, Array], Array]:
        amounts, depot = state
        keep, add, absorb, stay, bolus, swallowed, reset, before, waiting = row
        amounts, depot = keep @ amounts + absorb * depot + add, stay * depot
        seen = amounts[0]
        amounts, depot = jnp.where(reset, 0.0, amounts) + before, jnp.where(reset, 0.0, depot) + waiting
        return (amounts.at[0].add(bolus), depot + swallowed), seen

    given_at = (given["central"] * share, given["depot"] * share, given["reset"])
    rows = (kept, infused, absorbed, left, *given_at, steady, full)
    _, seen = jax.lax.scan(advance, (jnp.zeros(size), jnp.zeros(())), rows)
    return seen / volume[:, 0]


def _steady(solved: Solved, back: Array, given: Mapping[str, Array], absorption: Array | None) -> tuple[Array, Array]:
    """What doses since ever have left at each row that begins a steady state: in the compartments, and in the depot.

    One interval after a dose, what is there is what was there before it; geometric series say the rest.
    """
    if "interval" not in given:
        return jnp.zeros(back.shape[:2]), jnp.zeros(back.shape[:1])
    begins = given["interval"] > 0.0
    gap, rates = jnp.where(begins, given["interval"], 1.0)[:, None], solved.rates
    again = -jnp.expm1(-rates * gap)
    length = given["length"][:, None]
    content = given["central"][:, None] * jnp.exp(-rates * gap)
    content = content + given["flow"][:, None] * length * inputs.phi(rates * length) * jnp.exp(-rates * (gap - length))
    waiting = jnp.zeros_like(given["interval"])
    if absorption is not None:
        stays = jnp.exp(-absorption * gap[:, 0])
        filled = given["depot"] / (1.0 - stays)
        content = content + filled[:, None] * inputs.first_order(gap, rates, absorption[:, None])
        waiting = jnp.where(begins, filled * stays, 0.0)
    each = jnp.where(begins[:, None], solved.basis[:, 0] * content / again, 0.0)
    return jnp.einsum("tim,tm->ti", back, each), waiting
