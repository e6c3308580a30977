"""Tables of doses and observations with the columns NONMEM uses; every fault names file, row, column and remedy."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.records import Doses, Records
from remit.vocabulary.errors import InputRefused

KNOWN = (
    "ID",
    "TIME",
    "AMT",
    "RATE",
    "DUR",
    "EVID",
    "CMT",
    "DV",
    "DVID",
    "MDV",
    "ADDL",
    "II",
    "SS",
    "CENS",
    "LLOQ",
    "OCC",
)
"""Columns with a meaning of their own; every other column of numbers is a covariate."""
MISSING = {"", ".", "na", "nan"}
MOST_DOSES = 10_000
"""Doses one row may stand for.  # choice: ADDL beyond it is a typing error and would fill the memory"""
_COUNTS = {"EVID": (0, 4), "MDV": (0, 1), "SS": (0, 2), "CENS": (0, 1), "CMT": (0, 99), "ADDL": (0, MOST_DOSES)}


@dataclass(frozen=True, slots=True)
class Event:
    """One row: where it stands and what it says. Fields are the columns in small letters; blanks are None."""

    row: int
    person: str
    time: float
    evid: int
    amt: float
    duration: float
    cmt: int
    dv: float | None
    dvid: str
    addl: int
    ii: float
    ss: int
    cens: bool
    occ: str
    covariates: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EventTable:
    """A table as it was read.

    Attributes:
        name: of the file, for messages.
        people: ids in the order of the table.
        events: rows of each person in the order of the table.
        covariates: names of the covariates.
    """

    name: str
    people: tuple[str, ...]
    events: tuple[tuple[Event, ...], ...]
    covariates: tuple[str, ...]

    @property
    def observations(self) -> int:
        """How many rows are observations."""
        return sum(_observes(event) for events in self.events for event in events)


def _observes(event: Event) -> bool:
    return event.evid == 0 and event.dv is not None


def read_events(path: Path | str) -> EventTable:
    """Read a CSV table.

    Args:
        path: a file with a header; columns ID, TIME and DV are needed, see `KNOWN` for the others. A blank, a dot or
            NA is a missing value. A line that begins with # is left out.

    Raises:
        InputRefused: the file is not there, or a cell cannot be what its column says (file, row and column named).
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise InputRefused(f"there is no file {path}", where="DATA") from None
    except UnicodeDecodeError:
        raise InputRefused("not UTF-8 text", remedy="Save the table as UTF-8 CSV", where=str(path)) from None
    return parse_events(text, path.name)


def parse_events(text: str, name: str = "table") -> EventTable:
    """Read the text of a table; see `read_events`."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, line) for number, line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise InputRefused("the table is empty", allowed="a header and rows", where=name)
    delimiter = ";" if ";" in lines[0][1] and "," not in lines[0][1] else ","
    cells = list(csv.reader(io.StringIO("\n".join(line for _, line in lines)), delimiter=delimiter))
    header = [cell.strip().upper() for cell in cells[0]]
    _check_header(header, name)
    rows: dict[str, list[Event]] = {}
    covariates = tuple(column for column in header if column not in KNOWN and column)
    numeric = set(covariates)
    for (number, _), row in zip(lines[1:], cells[1:], strict=True):
        if len(row) != len(header):
            raise InputRefused(
                f"{len(row)} values for {len(header)} columns",
                remedy="Look for a missing comma",
                where=f"{name}, row {number}",
            )
        cell = {column: value.strip() for column, value in zip(header, row, strict=True)}
        person = cell["ID"]
        if person.lower() in MISSING:
            raise InputRefused("ID is missing", where=f"{name}, row {number}, column ID")
        last = rows.get(person, [None])[-1]
        rows.setdefault(person, []).append(_event(cell, number, name, last, numeric))
    order = tuple(rows)
    for person in order:
        _check_order(rows[person], name)
    table = EventTable(name, order, tuple(tuple(rows[person]) for person in order), covariates)
    if table.observations == 0:
        raise InputRefused("no row is an observation", allowed="rows with DV, EVID 0 and MDV 0", where=name)
    return table


def _check_header(header: Sequence[str], name: str) -> None:
    for column in ("ID", "TIME", "DV"):
        if column not in header:
            close = difflib.get_close_matches(column, header, n=1, cutoff=0.5)
            raise InputRefused(
                f"there is no column {column}",
                allowed=", ".join(KNOWN) + " and covariates",
                remedy=f"Did you mean {close[0]}? Rename it" if close else "Add it",
                where=f"{name}, row 1",
            )
    twice = {column for column in header if header.count(column) > 1}
    if twice:
        raise InputRefused(f"column {sorted(twice)[0]} stands twice", remedy="Rename one", where=f"{name}, row 1")


def _event(cell: Mapping[str, str], row: int, name: str, last: Event | None, numeric: set[str]) -> Event:
    def number(column: str, low: float = -math.inf, high: float = math.inf) -> float | None:
        text = cell.get(column, "")
        if text.lower() in MISSING:
            return None
        try:
            value = float(text)
        except ValueError:
            raise _refused(text, column, "a number", row, name) from None
        if not (math.isfinite(value) and low <= value <= high):
            raise _refused(text, column, f"a number from {low:g} to {high:g}", row, name)
        return value

    def count(column: str) -> int | None:
        low, high = _COUNTS[column]
        value = number(column, low, high)
        if value is not None and value != int(value):
            raise _refused(cell[column], column, "a whole number", row, name)
        return None if value is None else int(value)

    time = number("TIME")
    if time is None:
        raise _refused(cell.get("TIME", ""), "TIME", "a number; every row has a time", row, name)
    amt = number("AMT", 0.0) or 0.0
    evid = count("EVID")
    if evid is None:
        evid = 1 if amt > 0 else 0
    mdv = count("MDV")
    dv = number("DV")
    if evid in {1, 4} and amt == 0.0 and not (number("RATE") or 0.0):
        raise _refused(cell.get("AMT", ""), "AMT", "an amount above 0 on a dose (EVID 1 or 4)", row, name)
    if evid == 0 and amt > 0:
        raise _refused(cell["AMT"], "AMT", "0 or blank on an observation (EVID 0)", row, name)
    ss, ii, addl = count("SS") or 0, number("II", 0.0) or 0.0, count("ADDL") or 0
    duration = _duration(cell, number("RATE"), number("DUR", 0.0), amt, row, name)
    if evid in {1, 4} and (ss or addl) and ii <= 0:
        raise _refused(cell.get("II", ""), "II", "a time above 0 with ADDL or SS", row, name)
    if ss and duration > ii:
        raise _refused(cell.get("II", ""), "II", f"at least the duration {duration:g} at a steady state", row, name)
    cens = bool(count("CENS") or 0)
    lloq = number("LLOQ")
    if cens and dv is None:
        dv = lloq
    if cens and dv is None:
        raise _refused(cell.get("DV", ""), "DV", "the limit of quantification in DV or LLOQ where CENS is 1", row, name)
    if not cens and evid == 0 and dv is not None and lloq is not None and mdv != 1 and dv < lloq:
        raise _refused(cell["DV"], "DV", f"a value at or above LLOQ {lloq:g}, or CENS 1", row, name)
    covariates = {}
    for column in numeric:
        value = number(column)
        if value is None and last is not None:
            value = last.covariates.get(column)
        covariates[column] = math.nan if value is None else value
    return Event(
        row,
        cell["ID"],
        time,
        evid,
        amt,
        duration,
        count("CMT") or 0,
        None if mdv == 1 or evid != 0 else dv,
        cell.get("DVID", "") or "1",
        addl,
        ii,
        ss,
        cens,
        cell.get("OCC", "") or "1",
        covariates,
    )


def _duration(cell: Mapping[str, str], rate: float | None, dur: float | None, amt: float, row: int, name: str) -> float:
    """Length of an infusion from RATE or DUR."""
    if rate is not None and rate < 0:
        raise _refused(
            cell["RATE"],
            "RATE",
            "0 or above",
            row,
            name,
            "Rates and durations that are estimated (RATE -1, -2) are not supported: give RATE or DUR",
        )
    if rate and dur:
        if abs(amt / rate - dur) > 1e-6 * dur:
            raise _refused(cell["DUR"], "DUR", f"AMT / RATE = {amt / rate:g}, or one of RATE and DUR", row, name)
        return dur
    if rate:
        return amt / rate
    return dur or 0.0


def _refused(
    text: str, column: str, allowed: str, row: int, name: str, remedy: str = "Correct the table"
) -> InputRefused:
    return InputRefused(
        f"{column} is {text!r}", allowed=allowed, remedy=remedy, where=f"{name}, row {row}, column {column}"
    )


def _check_order(events: Sequence[Event], name: str) -> None:
    last = -math.inf
    for event in events:
        if event.evid in {3, 4}:
            last = -math.inf
        if event.time < last:
            raise _refused(
                f"{event.time:g}",
                "TIME",
                f"{last:g} or later: rows of a person stand in the order of time, which begins anew only at a reset "
                "(EVID 3, 4)",
                event.row,
                name,
                "Sort the rows",
            )
        last = event.time


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


def padded(table: EventTable, outputs: Sequence[str], default_compartment: int = 1) -> Records:
    """The records of all people, padded to one size.

    Args:
        table: of events.
        outputs: values of DVID in the order of the model's outputs.
        default_compartment: where doses go whose CMT is blank or 0.

    Raises:
        InputRefused: a row's DVID is no output of the model, or a covariate is missing.
    """
    seen = [[event for event in events if _observes(event)] for events in table.events]
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
    known = {str(name): place for place, name in enumerate(outputs)}
    for person, events in enumerate(table.events):
        position = {event.row: place for place, event in enumerate(events)}
        names = list(dict.fromkeys(event.occ for event in events))
        for place, event in enumerate(seen[person]):
            if event.dvid not in known and len(known) > 1:
                raise _refused(
                    event.dvid,
                    "DVID",
                    ", ".join(known),
                    event.row,
                    table.name,
                    "Name the outputs of the model as DVID does",
                )
            time[person, place] = event.time + offsets[person][position[event.row]]
            observed[person, place], output[person, place] = event.dv or 0.0, known.get(event.dvid, 0)
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
    return Records._make((*shown, Doses._make(made)))


def _offsets(events: Sequence[Event]) -> NDArray[np.float64]:
    """What is added to TIME so that time never runs back: after a reset that begins anew, the time already passed."""
    added, last, offsets = 0.0, -math.inf, np.zeros(len(events))
    for position, event in enumerate(events):
        if event.evid in {3, 4} and event.time + added < last:
            added = last - event.time
        offsets[position] = added
        last = event.time + added
    return offsets
