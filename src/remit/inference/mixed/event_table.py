"""Tables of doses and observations with the columns NONMEM uses; every fault names file, row, column and remedy."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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

    @property
    def observes(self) -> bool:
        """Whether the row holds an observation."""
        return self.evid == 0 and self.dv is not None


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
        return sum(event.observes for events in self.events for event in events)


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
    if "DVID" not in header:  # other programs' name of the same column
        header = ["DVID" if column == "YTYPE" else column for column in header]
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
            raise refused(text, column, "a number", row, name) from None
        if not (math.isfinite(value) and low <= value <= high):
            raise refused(text, column, f"a number from {low:g} to {high:g}", row, name)
        return value

    def count(column: str) -> int | None:
        low, high = _COUNTS[column]
        value = number(column, low, high)
        if value is not None and value != int(value):
            raise refused(cell[column], column, "a whole number", row, name)
        return None if value is None else int(value)

    time = number("TIME")
    if time is None:
        raise refused(cell.get("TIME", ""), "TIME", "a number; every row has a time", row, name)
    amt = number("AMT", 0.0) or 0.0
    evid = count("EVID")
    if evid is None:
        evid = 1 if amt > 0 else 0
    mdv = count("MDV")
    dv = number("DV")
    if evid in {1, 4} and amt == 0.0 and not (number("RATE") or 0.0):
        raise refused(cell.get("AMT", ""), "AMT", "an amount above 0 on a dose (EVID 1 or 4)", row, name)
    if evid == 0 and amt > 0:
        raise refused(cell["AMT"], "AMT", "0 or blank on an observation (EVID 0)", row, name)
    ss, ii, addl = count("SS") or 0, number("II", 0.0) or 0.0, count("ADDL") or 0
    duration = _duration(cell, number("RATE"), number("DUR", 0.0), amt, row, name)
    if evid in {1, 4} and (ss or addl) and ii <= 0:
        raise refused(cell.get("II", ""), "II", "a time above 0 with ADDL or SS", row, name)
    if ss and duration > ii:
        raise refused(cell.get("II", ""), "II", f"at least the duration {duration:g} at a steady state", row, name)
    cens = bool(count("CENS") or 0)
    lloq = number("LLOQ")
    if cens and dv is None:
        dv = lloq
    if cens and dv is None:
        raise refused(cell.get("DV", ""), "DV", "the limit of quantification in DV or LLOQ where CENS is 1", row, name)
    if not cens and evid == 0 and dv is not None and lloq is not None and mdv != 1 and dv < lloq:
        raise refused(cell["DV"], "DV", f"a value at or above LLOQ {lloq:g}, or CENS 1", row, name)
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
        _output(cell, evid),
        addl,
        ii,
        ss,
        cens,
        cell.get("OCC", "") or "1",
        covariates,
    )


def _output(cell: Mapping[str, str], evid: int) -> str:
    """Which output an observation is of: DVID, or where there is no such column the CMT of the observation."""
    named = cell.get("DVID", cell.get("CMT", "") if evid == 0 else "")
    named = named.removesuffix(".0")
    return "1" if named.lower() in MISSING or named == "0" else named


def _duration(cell: Mapping[str, str], rate: float | None, dur: float | None, amt: float, row: int, name: str) -> float:
    """Length of an infusion from RATE or DUR."""
    if rate is not None and rate < 0:
        raise refused(
            cell["RATE"],
            "RATE",
            "0 or above",
            row,
            name,
            "Rates and durations that are estimated (RATE -1, -2) are not supported: give RATE or DUR",
        )
    if rate and dur:
        if abs(amt / rate - dur) > 1e-6 * dur:
            raise refused(cell["DUR"], "DUR", f"AMT / RATE = {amt / rate:g}, or one of RATE and DUR", row, name)
        return dur
    if rate:
        return amt / rate
    return dur or 0.0


def refused(
    text: str, column: str, allowed: str, row: int, name: str, remedy: str = "Correct the table"
) -> InputRefused:
    """The refusal of a cell: what it is, what is allowed, where it stands."""
    return InputRefused(
        f"{column} is {text!r}", allowed=allowed, remedy=remedy, where=f"{name}, row {row}, column {column}"
    )


def _check_order(events: Sequence[Event], name: str) -> None:
    last = -math.inf
    for event in events:
        if event.evid in {3, 4}:
            last = -math.inf
        if event.time < last:
            raise refused(
                f"{event.time:g}",
                "TIME",
                f"{last:g} or later: rows of a person stand in the order of time, which begins anew only at a reset "
                "(EVID 3, 4)",
                event.row,
                name,
                "Sort the rows",
            )
        last = event.time
