"""Events of a table written out: doses a row stands for, resets and steady states, padded to arrays of one size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.event_table import Event, EventTable, refused
from remit.inference.mixed.records import Doses, Records


class _Given:
    """Doses of one person written out, each with the place from which and up to which it counts."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, float, float, int, float, float, float, int]] = []
        # time, amount, duration, compartment, interval, first position, last position, place of the row

    def reset(self, position: float) -> None:
        """Nothing given before counts from this position on."""
        self.rows = [(*row[:6], min(row[6], position), row[7]) for row in self.rows]


def _written_out(events: Sequence[Event], offsets: NDArray[np.float64]) -> _Given:
    given = _Given()
    for position, event in enumerate(events):
        if event.evid in {3, 4} or (event.evid == 1 and event.ss == 1):
            given.reset(position)
        if event.evid not in {1, 4}:
            continue
        start = event.time + offsets[position]
        for extra in range(event.addl + 1):
            interval = event.ii if event.ss and extra == 0 else 0.0
            given.rows.append(
                (
                    start + extra * event.ii,
                    event.amt,
                    event.duration,
                    event.cmt,
                    interval,
                    position if extra == 0 else -1.0,
                    math.inf,
                    position,
                )
            )
    return given


def output_of(dvid: str, outputs: Sequence[str]) -> int | None:
    """Position of the output that a DVID names: by its name, or by its number; None where there is none.

    A model of one output takes any.
    """
    names = [str(each) for each in outputs]
    if len(names) == 1:
        return 0
    if dvid in names:
        return names.index(dvid)
    return int(dvid) - 1 if dvid.isdigit() and 1 <= int(dvid) <= len(names) else None


def padded(table: EventTable, outputs: Sequence[str], default_compartment: int = 1) -> Records:
    """The records of all people, padded to one size.

    Args:
        table: of events.
        outputs: names of the model's outputs; see `output_of`.
        default_compartment: where doses go whose CMT is blank or 0.

    Raises:
        InputRefused: a row's DVID is no output of the model, or a covariate is missing.
    """
    seen = [[event for event in events if event.observes] for events in table.events]
    offsets = [_offsets(events) for events in table.events]
    given = [_written_out(events, own) for events, own in zip(table.events, offsets, strict=True)]
    people, times = len(table.people), max(len(each) for each in seen)
    doses = max(1, *(len(each.rows) for each in given))
    real, flag, whole = np.zeros((people, times)), np.zeros((people, times), bool), np.zeros((people, times), int)
    time, observed, output, occasion = real.copy(), real.copy(), whole.copy(), whole.copy()
    counted, below = flag.copy(), flag.copy()
    covariates = {name: real.copy() for name in table.covariates}
    dose = {key: np.zeros((people, doses)) for key in ("time", "amount", "duration", "interval")}
    compartment, dose_occasion = np.ones((people, doses), int), np.zeros((people, doses), int)
    dose_covariates = {name: np.zeros((people, doses)) for name in table.covariates}
    active = np.zeros((people, times, doses), bool)
    for person, events in enumerate(table.events):
        position = {event.row: place for place, event in enumerate(events)}
        names = list(dict.fromkeys(event.occ for event in events))
        for place, event in enumerate(seen[person]):
            belongs = output_of(event.dvid, outputs)
            if belongs is None:
                raise refused(
                    event.dvid,
                    "DVID",
                    f"{', '.join(map(str, outputs))}, or their numbers 1 to {len(outputs)}",
                    event.row,
                    table.name,
                    "Say in DVID (or YTYPE, or CMT of observations) which output of the model each row is",
                )
            time[person, place] = event.time + offsets[person][position[event.row]]
            observed[person, place], output[person, place] = event.dv or 0.0, belongs
            counted[person, place], below[person, place] = True, event.cens
            occasion[person, place] = names.index(event.occ)
            for name in table.covariates:
                covariates[name][person, place] = event.covariates[name]
        for place, row in enumerate(given[person].rows):
            dose["time"][person, place], dose["amount"][person, place], dose["duration"][person, place] = row[:3]
            compartment[person, place] = row[3] or default_compartment
            dose["interval"][person, place] = row[4]
            origin = events[row[7]]
            dose_occasion[person, place] = names.index(origin.occ)
            for name in table.covariates:
                dose_covariates[name][person, place] = origin.covariates[name]
            for at, event in enumerate(seen[person]):
                own = position[event.row]
                # a dose implied by ADDL comes before an observation of the same time
                begun = own > row[5] if row[5] >= 0 else time[person, at] >= row[0] and own > row[7]
                active[person, at, place] = begun and own < row[6]
        for name in table.covariates:  # rows that pad repeat the last value, so that no effect is undefined
            covariates[name][person, len(seen[person]) :] = covariates[name][person, max(len(seen[person]) - 1, 0)]
            dose_covariates[name][person, len(given[person].rows) :] = covariates[name][person, 0]
    usual = bool((compartment[dose["amount"] > 0] == default_compartment).all())
    made: Any = (  # what no dose has is left out: what is not computed need not be compiled
        dose["time"],
        dose["amount"],
        dose["duration"] if dose["duration"].any() else None,
        None if usual else compartment,
        dose["interval"] if dose["interval"].any() else None,
        active,
    )
    shown: Any = (time, observed, output, counted, below, occasion, covariates, dose_occasion, dose_covariates)
    return Records._make((*shown, Doses._make(made), {}))


def _offsets(events: Sequence[Event]) -> NDArray[np.float64]:
    """What is added to TIME so that time never runs back: after a reset that begins anew, the time already passed."""
    added, last, offsets = 0.0, -math.inf, np.zeros(len(events))
    for position, event in enumerate(events):
        if event.evid in {3, 4} and event.time + added < last:
            added = last - event.time
        offsets[position] = added
        last = event.time + added
    return offsets
