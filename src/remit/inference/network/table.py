"""A table of published results, read row by row: what is wrong is named with file, row and column.

Columns: ``study``, ``treatment`` and a time; and one of ``y, se``; ``mean, sd, n``; ``events, n``; ``effect, se,
versus``. docs/meta.md describes them all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remit.evidence.tables import near_miss
from remit.inference.table_file import read_frame
from remit.vocabulary.clock import days, weeks
from remit.vocabulary.errors import InputRefused

HOURS_IN = {"h": 1.0, "d": days(1), "w": weeks(1)}
TIME_COLUMNS = {"time_h": "h", "time_d": "d", "time_w": "w"}
KINDS: dict[str, tuple[str, ...]] = {
    "estimates": ("y", "se"),
    "means": ("mean", "sd", "n"),
    "counts": ("events", "n"),
    "contrasts": ("effect", "se", "versus"),
}
"""What a row can report, and the columns that say so."""
OPTIONAL = ("arm", "class", "doses", "given", "se_versus", "n")
KNOWN = sorted(
    {"study", "treatment", "time", *TIME_COLUMNS, *OPTIONAL, *(name for each in KINDS.values() for name in each)}
)


@dataclass(frozen=True, slots=True)
class Row:
    """One result of one arm (or of one comparison) at one time.

    Attributes:
        line: row of the table, the header counted as row 1.
        study, arm, treatment: names; arm is that of the treatment where the table has none.
        time: [the table's unit]; 0 in a table without times.
        y, se: the estimate and its standard error; of counts, the log odds with half a person added to either side.
        n, events: people, and people with the event; None where not given.
        versus: the treatment a contrast is with; None for an arm.
        se_versus: standard error of that treatment's own arm, which a study's contrasts share.
        group: class of the treatment; None where not given.
        doses: times of doses [the table's unit]; None where not given.
        daily: whether it is taken daily; None where not said.
    """

    line: int
    study: str
    arm: str
    treatment: str
    time: float
    y: float
    se: float
    n: float | None = None
    events: float | None = None
    versus: str | None = None
    se_versus: float | None = None
    group: str | None = None
    doses: tuple[float, ...] | None = None
    daily: bool | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that can be analysed together.

    Attributes:
        name: of the file.
        kind: a key of `KINDS`.
        rows: in the order of the file.
        unit: of times: ``h``, ``d`` or ``w``; empty in a table without times.
        notes: what was done on reading that a reader must know.
    """

    name: str
    kind: str
    rows: tuple[Row, ...]
    unit: str
    notes: tuple[str, ...] = ()

    @property
    def hours(self) -> float:
        """Hours of one unit of time [h]."""
        return HOURS_IN.get(self.unit, 1.0)


def read_table(path: Path, *, time_unit: str | None = None, timeless: bool = False) -> Table:
    """Read a CSV or Parquet file.

    Args:
        path: FILE.csv or FILE.parquet.
        time_unit: of the column ``time``: ``h``, ``d`` or ``w``; not needed for ``time_h``, ``time_d``, ``time_w``.
        timeless: read no times.

    Raises:
        InputRefused: the file, a column or a cell cannot be used; the message names file, row and column.
    """
    frame = read_frame(path, "TABLE")
    records = [{name: _text(value) for name, value in each.items()} for each in frame.iter_rows(named=True)]
    return rows_from(records, frame.columns, path.name, time_unit=time_unit, timeless=timeless)


def _text(value: Any) -> str | None:
    if isinstance(value, (list, tuple)):
        return ";".join(str(each) for each in value)
    return None if value is None else str(value)


def rows_from(
    records: Sequence[Mapping[str, str | None]],
    columns: Sequence[str],
    name: str,
    *,
    time_unit: str | None = None,
    timeless: bool = False,
) -> Table:
    """A table from records of text.

    Args:
        records: column to cell.
        columns: of the table.
        name: of the file, for messages.
        time_unit, timeless: as for `read_table`.

    Raises:
        InputRefused: as for `read_table`.
    """
    kind = _kind(columns, name)
    time_column, unit = ("", "") if timeless else _time_column(columns, name, time_unit)
    for needed in ("study", "treatment"):
        if needed not in columns:
            raise InputRefused(
                f"there is no column {needed!r}",
                allowed=f"study, treatment, a time, and one of {_kinds_said()}",
                remedy=near_miss(needed, columns) or f"The table has: {', '.join(columns)}", where=name,
            )  # fmt: skip
    if not records:
        raise InputRefused("the table has no rows", where=name)
    rows = tuple(
        _row(_Cells(record, number + 2, name), kind, time_column, has_arms="arm" in columns)
        for number, record in enumerate(records)
    )
    _refuse_doubles(rows, name, kind)
    notes = []
    ignored = sorted(set(columns) - set(KNOWN))
    if ignored:
        notes.append(f"columns not used: {', '.join(ignored)}")
    return Table(name, kind, rows, unit, tuple(notes))


def _kinds_said() -> str:
    return "; ".join(" + ".join(each) for each in KINDS.values())


def _kind(columns: Iterable[str], name: str) -> str:
    here = set(columns)
    found = [kind for kind, needed in KINDS.items() if set(needed) <= here]
    if not found:
        raise InputRefused(
            f"no column says what was found; it has {', '.join(columns)}", allowed=_kinds_said(), where=name
        )
    if len(found) > 1:
        raise InputRefused(
            f"the columns say it more than once: {' and '.join(found)}", allowed=f"one of {_kinds_said()}",
            remedy="Drop the columns that are not to be used", where=name,
        )  # fmt: skip
    return found[0]


def _time_column(columns: Sequence[str], name: str, time_unit: str | None) -> tuple[str, str]:
    if time_unit is not None and time_unit not in HOURS_IN:
        raise InputRefused(f"unknown unit {time_unit!r}", allowed=", ".join(HOURS_IN), where="--time-unit")
    here = [each for each in ("time", *TIME_COLUMNS) if each in columns]
    if len(here) != 1:
        said = "no column of times" if not here else f"{len(here)} columns of times: {', '.join(here)}"
        raise InputRefused(
            said, allowed="one of time (with --time-unit), time_h, time_d, time_w",
            remedy="Use --time none to analyse a table without times", where=name,
        )  # fmt: skip
    if here[0] == "time":
        if time_unit is None:
            raise InputRefused("the unit of the column time is not said", allowed="--time-unit h, d or w", where=name)
        return "time", time_unit
    if time_unit not in {None, TIME_COLUMNS[here[0]]}:
        raise InputRefused(
            f"{time_unit!r} is not the unit of {here[0]}", remedy="Leave --time-unit out", where="--time-unit"
        )
    return here[0], TIME_COLUMNS[here[0]]


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one row, which know where they stand."""

    cells: Mapping[str, str | None]
    line: int
    name: str

    def refuse(self, column: str, what: str, allowed: str, remedy: str = "") -> InputRefused:
        return InputRefused(
            what, allowed=allowed, remedy=remedy, where=f"{self.name}, row {self.line}, column {column}"
        )

    def text(self, column: str) -> str:
        value = (self.cells.get(column) or "").strip()
        if not value:
            raise self.refuse(column, "is empty", "a name", "Fill it in or drop the row")
        return value

    def number(
        self, column: str, *, above: float = -math.inf, least: float = -math.inf, needed: bool = True
    ) -> float | None:
        value = (self.cells.get(column) or "").strip()
        allowed = (
            "a number"
            + (f" above {above:g}" if above > -math.inf else "")
            + (f" of {least:g} or more" if least > -math.inf else "")
        )
        if value.lower() in {"", "na", "nan", "."}:
            if needed:
                raise self.refuse(
                    column,
                    f"is missing ({value or 'empty'})",
                    allowed,
                    "Fill it in or drop the row; missing is never zero",
                )
            return None
        try:
            found = float(value)
        except ValueError:
            raise self.refuse(column, f"{value!r} is no number", allowed) from None
        if not math.isfinite(found) or not found > above or not found >= least:
            raise self.refuse(column, f"{value} cannot be", allowed)
        return found


def _row(cells: _Cells, kind: str, time_column: str, *, has_arms: bool) -> Row:
    treatment = cells.text("treatment")
    n = cells.number("n", above=0, needed=kind in {"means", "counts"}) if "n" in cells.cells else None
    events = versus = se_versus = None
    if kind == "estimates":
        y, se = cells.number("y"), cells.number("se", above=0)
    elif kind == "means":
        y, sd = cells.number("mean"), cells.number("sd", above=0)
        se = _sure(sd) / math.sqrt(_sure(n))
    elif kind == "contrasts":
        y, se, versus = cells.number("effect"), cells.number("se", above=0), cells.text("versus")
        se_versus = cells.number("se_versus", above=0, needed=False)
        if versus == treatment:
            raise cells.refuse("versus", f"{versus!r} is the treatment itself", "another treatment of the study")
        if se_versus is not None and se_versus >= _sure(se):
            raise cells.refuse(
                "se_versus", f"{se_versus:g} is not below the contrast's own {_sure(se):g}", "a smaller number"
            )
    else:
        events = _sure(cells.number("events", least=0))
        if events > _sure(n):
            raise cells.refuse("events", f"{events:g} is more than the {n:g} people", f"0 to {n:g}")
        y, se = log_odds(events, _sure(n))
    return Row(
        line=cells.line,
        study=cells.text("study"),
        arm=cells.text("arm") if has_arms else treatment,
        treatment=treatment,
        time=_sure(cells.number(time_column, least=0)) if time_column else 0.0,
        y=_sure(y),
        se=_sure(se),
        n=n,
        events=events,
        versus=versus,
        se_versus=se_versus,
        group=(cells.cells.get("class") or "").strip() or None,
        doses=_doses(cells),
        daily=_daily(cells),
    )


def _sure(value: float | None) -> float:
    if value is None:
        raise AssertionError("a needed cell is read before it is used")
    return value


def log_odds(events: float, n: float) -> tuple[float, float]:
    """Log odds and their standard error with half a person added to either side (Haldane 1956, Anscombe 1956)."""
    return math.log((events + 0.5) / (n - events + 0.5)), math.sqrt(1 / (events + 0.5) + 1 / (n - events + 0.5))


def _doses(cells: _Cells) -> tuple[float, ...] | None:
    value = (cells.cells.get("doses") or "").strip()
    if not value:
        return None
    try:
        found = tuple(sorted(float(each) for each in value.split(";")))
    except ValueError:
        raise cells.refuse("doses", f"{value!r} is no list of times", "numbers with ; between them") from None
    if found[0] < 0 or not math.isfinite(found[-1]):
        raise cells.refuse("doses", f"{value!r} has a time before the start", "zero or more")
    return found


def _daily(cells: _Cells) -> bool | None:
    value = (cells.cells.get("given") or "").strip().lower()
    if value not in {"", "daily", "doses"}:
        raise cells.refuse("given", f"{value!r} is unknown", "daily or doses")
    return None if not value else value == "daily"


def _refuse_doubles(rows: Iterable[Row], name: str, kind: str) -> None:
    seen: dict[tuple[str, str, float], int] = {}
    for row in rows:
        place = (row.study, f"{row.arm} v {row.versus}" if row.versus else row.arm, row.time)
        if place in seen:
            raise InputRefused(
                f"study {row.study}, arm {place[1]}, time {row.time:g} stands in row {seen[place]} already",
                allowed=f"one row for each {'contrast' if kind == 'contrasts' else 'study, arm'} and time",
                remedy="Add a column arm to tell arms of one treatment apart, or drop a row",
                where=f"{name}, row {row.line}",
            )  # fmt: skip
        seen[place] = row.line


def only(table: Table, treatments: Sequence[str] | None) -> Table:
    """The rows of some treatments.

    Raises:
        InputRefused: there is none of a name.
    """
    if not treatments:
        return table
    named = {row.treatment for row in table.rows} | {row.versus for row in table.rows if row.versus}
    for name in treatments:
        if name not in named:
            raise InputRefused(
                f"no treatment {name!r}",
                allowed=", ".join(sorted(named)),
                remedy=near_miss(name, named),
                where="--treatment",
            )
    kept = tuple(
        row for row in table.rows if row.treatment in treatments and (row.versus is None or row.versus in treatments)
    )
    return Table(table.name, table.kind, kept, table.unit, table.notes)
