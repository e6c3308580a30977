"""Courses of people between their observations, as a picture draws them: predictions on a fine grid of times."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from remit.inference.mixed.event_table import Event, EventTable
from remit.inference.mixed.found import Fit
from remit.inference.mixed.individual import curve_program
from remit.inference.mixed.kinetics import LIBRARY
from remit.inference.mixed.stepwise import stepped
from remit.inference.mixed.written_out import padded

POINTS = 48
"""Times besides those of observations and doses.  # choice: a curve of a small panel needs no more"""


def courses(fit: Fit, most: int) -> list[dict[str, Any]]:
    """The prediction of each person, and of the typical person with their doses and covariates, over time.

    Args:
        fit: the fit.
        most: how many people, the first of the table.

    Returns:
        A row for each person and output: ``ID``, ``DVID``, and lists ``time``, ``own`` and ``typical``. Times at which
        an observation or a dose stands are among them. Of a table with resets only those of observations.
    """
    model, table = fit.model, _finer(fit.table, fit.model.structure.outputs, most)
    structure = model.structure
    changing = structure.name in LIBRARY and not structure.constant
    records = stepped(table, structure) if changing else padded(table, structure.outputs, structure.compartment)
    if structure.setting is not None:
        records = records._replace(setting=structure.setting(table, records))
    run, modes = curve_program(model, fit.quick), fit.modes[:most]
    own = np.asarray(run(fit.estimated, modes, records))
    typical = np.asarray(run(fit.estimated, np.zeros_like(modes), records))
    counted, output, time = (np.asarray(each) for each in (records.counted, records.output, records.time))
    found = []
    for person, name in enumerate(table.people):
        for place, label in enumerate(structure.outputs):
            rows = counted[person] & (output[person] == place)
            found.append({
                "ID": name, "DVID": label, "time": _short(time[person][rows]), "own": _short(own[person][rows]),
                "typical": _short(typical[person][rows]),
            })  # fmt: skip
    return found


def _short(values: Any) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _finer(table: EventTable, outputs: Sequence[str], most: int) -> EventTable:
    """The first people of a table with rows of every output at every time that is drawn, in place of observations."""
    people = [_rows(events, outputs) for events in table.events[:most]]
    return replace(table, people=table.people[:most], events=tuple(tuple(events) for events in people))


def _rows(events: Sequence[Event], outputs: Sequence[str]) -> list[Event]:
    times = [event.time for event in events]
    seen = [event.time for event in events if event.observes]
    if any(event.evid in {3, 4} for event in events):
        return [replace(event, dv=0.0) if event.observes else event for event in events]
    last = max(seen, default=max(times))
    grid = np.linspace(min(times), last, POINTS).tolist()
    # a model knows what a person was like at a row; between two rows it is as at the later one, as NONMEM has it
    wanted = sorted({*grid, *(time for time in times if time <= last)})
    kept = [event for event in events if not event.observes]
    known = [event.time for event in kept]
    found, number = [], 0
    for place in range(len(kept) + 1):
        for time in wanted:
            if bisect_right(known, time) != place:
                continue
            later = next((event for event in events if event.time >= time), events[-1])
            for output in outputs:
                number += 1
                found.append(
                    replace(
                        later, row=-number, time=time, evid=0, amt=0.0, duration=0.0, dv=0.0, dvid=str(output), addl=0,
                        ii=0.0, ss=0, cens=False, covariates=_known(later, events),
                    )
                )  # fmt: skip
        found += kept[place : place + 1]
    return found


def _known(row: Event, events: Sequence[Event]) -> dict[str, float]:
    """Covariates of a row; those that a person's first rows leave blank as they are first known."""
    return {
        name: value
        if math.isfinite(value)
        else next((each.covariates[name] for each in events if math.isfinite(each.covariates[name])), value)
        for name, value in row.covariates.items()
    }
