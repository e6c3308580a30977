"""Tables of doses and observations with the columns NONMEM uses; every fault names file, row, column and remedy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from remit.inference.mixed.table_header import KNOWN, MISSING, check_header, levels_of
from remit.inference.table_file import cells_of, is_number, mended, only_header, with_names
from remit.vocabulary.errors import InputRefused

_BELOW = {"blq", "bql", "bloq", "blloq", "lloq", "loq", "nd", "n.d."}
"""What laboratories write in place of a value."""
MOST_DOSES = 10_000
"""Doses one row may stand for.  # choice: ADDL beyond it is a typing error and would fill the memory"""
_COUNTS = {"EVID": (0, 4), "MDV": (0, 1), "SS": (0, 2), "CENS": (0, 1), "CMT": (0, 99), "ADDL": (0, MOST_DOSES)}


@dataclass(frozen=True, slots=True)
class Event:
    """One row: where it stands and what it says. Fields are the columns in small letters; blanks are None.

    A duration of -1 or -2 is RATE -1 or -2: the rate or the length of the dose is a parameter of the model.
    """

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
    covariates: dict[str, float]

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
        covariates: names of the covariates. A column of words is one of 0 and 1 for each of its levels but the first in
            the alphabet, named ``SEX=MALE``.
        levels: of each column of words, in the order of the alphabet.
        unread: rows of doses whose DV is not read although nothing says that it does not count.
    """

    name: str
    people: tuple[str, ...]
    events: tuple[tuple[Event, ...], ...]
    covariates: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: tuple[int, ...] = ()

    @property
    def observations(self) -> int:
        """How many rows are observations."""
        return sum(event.observes for events in self.events for event in events)


def read_events(path: Path | str, columns: Mapping[str, str] | None = None) -> EventTable:
    """Read a table of text.

    Args:
        path: a file with a header and commas, semicolons, tabs or blanks between cells; columns ID, TIME and DV are
            needed, see `KNOWN` for the others. A blank, a dot or NA is a missing value. A line that begins with # is
            left out.
        columns: what a column is called here, by the name it has a meaning under: ``{"DV": "conc"}``.

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
    return parse_events(text, path.name, columns)


def parse_events(text: str, name: str = "table", columns: Mapping[str, str] | None = None) -> EventTable:
    """Read the text of a table; see `read_events`."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, line) for number, line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise InputRefused("the table is empty", allowed="a header and rows", where=name)
    cells = cells_of([line for _, line in lines])
    renamed = {wanted.upper(): given.upper() for wanted, given in (columns or {}).items()}
    for wanted in renamed:
        if wanted not in KNOWN:
            raise InputRefused(f"{wanted} is no column with a meaning", allowed=", ".join(KNOWN), where="--column")
    header = with_names([cell.strip().upper() for cell in cells[0]], renamed, name)
    if "DVID" not in header:  # other programs' name of the same column
        header = ["DVID" if column == "YTYPE" else column for column in header]
    check_header(header, name)
    if len(lines) == 1:
        raise only_header(cells[0], lines[0][0], name)
    rows: dict[str, list[Event]] = {}
    unread = []
    for (number, _), row in zip(lines[1:], cells[1:], strict=True):
        if len(row) != len(header):
            raise InputRefused(
                f"{len(row)} values for {len(header)} columns",
                remedy="Look for a missing comma",
                where=f"{name}, row {number}",
            )
    levels = levels_of(header, cells[1:])
    covariates = tuple(
        named
        for column in header
        if column not in KNOWN and column
        for named in ([f"{column}={each}" for each in levels[column][1:]] if column in levels else [column])
    )
    numeric = {each for each in covariates if "=" not in each}
    for (number, _), row in zip(lines[1:], cells[1:], strict=True):
        cell = {column: value.strip() for column, value in zip(header, row, strict=True)}
        person = cell["ID"]
        if person.lower() in MISSING:
            raise refused(cell["ID"], "ID", "a name or a number in every row", number, name)
        last = rows.get(person, [None])[-1]
        event = _event(cell, number, name, last, numeric)
        event.covariates.update(_of_words(cell, levels, last))
        if event.amt and "EVID" not in header and _means_something(cell):
            unread.append(number)
        rows.setdefault(person, []).append(event)
    order = tuple(rows)
    for person in order:
        _check_order(rows[person], name)
    table = EventTable(name, order, tuple(tuple(rows[person]) for person in order), covariates, levels, tuple(unread))
    if table.observations == 0:
        doses = sum(event.amt > 0 for events in table.events for event in events)
        raise InputRefused(
            "no row is an observation", allowed="rows with DV, EVID 0 and MDV 0",
            remedy="A row with AMT above 0 is a dose and its DV is not read: give doses rows of their own, and "
            "observations a blank AMT" if doses else "Give the observations a DV",
            where=name,
        )  # fmt: skip
    return table


def _means_something(cell: Mapping[str, str]) -> bool:
    """Whether the DV of a row that is a dose was probably meant as an observation."""
    return cell.get("MDV", "") in {"", "0", "."} and is_number(cell["DV"]) and float(cell["DV"]) != 0.0


def _of_words(cell: Mapping[str, str], levels: Mapping[str, tuple[str, ...]], last: Event | None) -> dict[str, float]:
    """Columns of words as 0 and 1 for each level but the first; blanks are carried forward."""
    found = {}
    for column, known in levels.items():
        text = cell[column].upper()
        for level in known[1:]:
            name = f"{column}={level}"
            if text.lower() in MISSING:
                found[name] = math.nan if last is None else last.covariates[name]
            else:
                found[name] = float(text == level)
    return found


def _event(cell: Mapping[str, str], row: int, name: str, last: Event | None, numeric: set[str]) -> Event:
    def number(column: str, low: float = -math.inf, high: float = math.inf) -> float | None:
        text = cell.get(column, "")
        if text.lower() in MISSING:
            return None
        try:
            value = float(text)
        except ValueError:
            raise refused(text, column, "a number", row, name, _mended(text, column)) from None
        if not (math.isfinite(value) and low <= value <= high):
            ends = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of {low:g} or more"
            raise refused(text, column, f"a number {ends}" if math.isfinite(low) else "a number", row, name)
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
    """Length of an infusion from RATE or DUR; RATE -1 and -2 themselves: the model has the rate, or the length."""
    if rate in {-1.0, -2.0}:
        if dur or not amt:
            raise refused(cell["RATE"], "RATE", "an AMT and no DUR beside an estimated rate or duration", row, name)
        return float(rate)
    if rate is not None and rate < 0:
        raise refused(cell["RATE"], "RATE", "0 or above, -1 (rate R1 of the model) or -2 (duration D1)", row, name)
    if rate and dur:
        if abs(amt / rate - dur) > 1e-6 * dur:
            raise refused(cell["DUR"], "DUR", f"AMT / RATE = {amt / rate:g}, or one of RATE and DUR", row, name)
        return dur
    if rate:
        return amt / rate
    return dur or 0.0


def _mended(text: str, column: str) -> str:
    """What to write in place of a text that is no number."""
    if column == "DV" and (text[:1] in {"<", ">"} or text.lower() in _BELOW):
        return "Where a value lies below the limit of quantification, write the limit in DV and 1 in a column CENS"
    if column == "TIME" and not is_number(text.replace(",", ".", 1)):
        return "Write the time since the first dose as a number in one unit, for example hours"
    return mended(text)


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
