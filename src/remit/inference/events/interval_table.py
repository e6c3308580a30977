"""A table of intervals, read row by row: what is wrong is named with file, row and column.

One row is one subject: the event lies in (left, right]. ``right`` empty or inf: not seen yet; ``left`` empty or 0: seen
already at ``right``; both equal: the time is known. docs/events.md describes every column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from remit.evidence.tables import near_miss
from remit.inference.table_file import mended, read_frame
from remit.vocabulary.clock import days, weeks
from remit.vocabulary.errors import InputRefused, OutOfRange

HOURS_IN = {"h": 1.0, "d": days(1), "w": weeks(1)}
WORDS = ("month", "year")
"""Units that are no fixed number of hours: kept as they are."""
TIMES = ("left", "right", "entry", "limit")
NEVER = frozenset({"inf", "+inf", "infinity", "na", "nan", "."})


@dataclass(frozen=True, slots=True)
class Intervals:
    """What is known of each subject.

    Attributes:
        name: of the file.
        unit: of times: ``h``, ``d``, ``w``, ``month`` or ``year``.
        subject: names (subjects,).
        left, right, entry: (left, right] and the time of entry (subjects,) [unit]; entry 0 is from the start.
        weight: people each row stands for (subjects,).
        group: name of each subject's group (subjects,); all empty without ``--by``.
        covariates: numbers (subjects, columns).
        covariate_names: of the columns; a level of a category is written ``sex=male``.
        notes: what was done on reading that a reader must know.
        limit: times by which the event had to come for the subject to be seen at all (subjects,) [unit]; inf for none.
            None where nobody has one.
    """

    name: str
    unit: str
    subject: tuple[str, ...]
    left: np.ndarray
    right: np.ndarray
    entry: np.ndarray
    weight: np.ndarray
    group: tuple[str, ...]
    covariates: np.ndarray
    covariate_names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    limit: np.ndarray | None = None

    @property
    def windows(self) -> dict[str, np.ndarray | None]:
        """Entries and limits, as fits take them: None where they are those of everybody."""
        return {"entry": self.entry if np.any(self.entry > 0) else None, "limit": self.limit}

    @property
    def truncated(self) -> bool:
        """Whether anybody could be seen only through a window of time."""
        return any(each is not None for each in self.windows.values())

    @property
    def hours(self) -> float | None:
        """Hours of one unit of time [h]; None of a month or a year."""
        return HOURS_IN.get(self.unit)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of groups, in order of the file."""
        return tuple(dict.fromkeys(self.group))

    def of(self, chosen: np.ndarray) -> Intervals:
        """Only some subjects.

        Args:
            chosen: (subjects,) of truth.
        """
        rows = np.flatnonzero(chosen)
        return replace(
            self,
            subject=tuple(self.subject[row] for row in rows),
            left=self.left[rows],
            right=self.right[rows],
            entry=self.entry[rows],
            weight=self.weight[rows],
            group=tuple(self.group[row] for row in rows),
            covariates=self.covariates[rows],
            limit=None if self.limit is None else self.limit[rows],
        )

    def counts(self) -> dict[str, float]:
        """People by what is known of them."""
        exact, never = self.left == self.right, np.isinf(self.right)
        kinds = {
            "exact": exact,
            "before": (self.left == 0) & ~never & ~exact,
            "between": (self.left > 0) & ~never & ~exact,
            "not_seen": never,
        }
        return {"people": float(self.weight.sum())} | {
            name: float(self.weight[each].sum()) for name, each in kinds.items()
        }


def read_records(path: Path) -> tuple[list[dict[str, str | None]], list[str]]:
    """Rows of a CSV or Parquet file as text, and its columns.

    Raises:
        InputRefused: the file cannot be read.
    """
    frame = read_frame(path, "DATA")
    return as_records(frame), list(frame.columns)


def as_records(frame: Any) -> list[dict[str, str | None]]:
    """Rows of a polars frame as text."""
    return [
        {name: None if value is None else str(value) for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def time_columns(
    columns: Sequence[str], needed: Sequence[str], name: str, unit: str | None
) -> tuple[dict[str, str], str]:
    """The column of each kind of time, and their unit.

    Args:
        columns: of the table.
        needed: kinds that must be there; others are taken where they are.
        name: of the file.
        unit: given by the user; needed where columns do not end in ``_h``, ``_d`` or ``_w``.

    Raises:
        InputRefused: a column is missing, stands twice, or units differ or are not said.
    """
    allowed = (*HOURS_IN, *WORDS)
    if unit is not None and unit not in allowed:
        raise InputRefused(f"unknown unit {unit!r}", allowed=", ".join(allowed), where="--time-unit")
    found: dict[str, tuple[str, str | None]] = {}
    for kind in dict.fromkeys((*needed, *TIMES)):
        here = [
            (column, end)
            for end, column in [(None, kind), *((u, f"{kind}_{u}") for u in HOURS_IN)]
            if column in columns
        ]
        if len(here) > 1:
            raise InputRefused(f"columns {' and '.join(column for column, _ in here)} say the same", where=name)
        if here:
            found[kind] = here[0]
        elif kind in needed:
            raise InputRefused(
                f"there is no column {kind!r}", allowed=f"{kind}, or {kind}_h, {kind}_d, {kind}_w",
                remedy=near_miss(kind, columns)
                or f"The table has: {', '.join(columns)}. If one of them is it, say --column {kind}=NAME",
                where=name,
            )  # fmt: skip
    ends = {end for _, end in found.values()}
    if len(ends) > 1:
        raise InputRefused("times stand in several units", remedy="Write all in one", where=name)
    end = ends.pop()
    if end is None and unit is None:
        raise InputRefused(
            f"the unit of the column {found[needed[0]][0]} is not said", allowed=", ".join(allowed),
            remedy="Say it with --time-unit", where=name,
        )  # fmt: skip
    if end is not None and unit not in (None, end):
        raise InputRefused(f"columns are in {end}, --time-unit says {unit}", where=name)
    return {kind: column for kind, (column, _) in found.items()}, end or str(unit)


class Cells:
    """One row as text, read with its place in every message."""

    def __init__(self, record: Mapping[str, str | None], line: int, name: str) -> None:
        self.record, self.line, self.name = record, line, name

    def where(self, column: str) -> str:
        """The place of a cell."""
        return f"{self.name}, row {self.line}, column {column}"

    def text(self, column: str) -> str:
        """A cell without blanks around it; empty where there is none."""
        return (self.record.get(column) or "").strip()

    def number(self, column: str) -> float | None:
        """A finite number; None where the cell is empty.

        Raises:
            InputRefused: it is something else.
        """
        text = self.text(column)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InputRefused(f"{text!r} is not a number", remedy=mended(text), where=self.where(column))
        return value


def intervals_from(
    records: Sequence[Mapping[str, str | None]],
    columns: Sequence[str],
    name: str,
    *,
    unit: str | None = None,
    by: str | None = None,
    covariates: Sequence[str] = (),
) -> Intervals:
    """Intervals from records of text.

    Args:
        records: column to cell.
        columns: of the table.
        name: of the file, for messages.
        unit: of columns without an ending.
        by: column of groups.
        covariates: columns of covariates, numeric or of categories.

    Raises:
        InputRefused: a column or a cell cannot be used.
    """
    places, unit = time_columns(columns, ("left", "right"), name, unit)
    for wanted in [each for each in (by, *covariates) if each is not None]:
        if wanted not in columns:
            raise InputRefused(
                f"there is no column {wanted!r}", remedy=near_miss(wanted, columns) or f"It has: {', '.join(columns)}",
                where=name,
            )  # fmt: skip
    if not records:
        raise InputRefused("the table has no rows", allowed="a row for each subject", where=name)
    cells = [Cells(record, number + 2, name) for number, record in enumerate(records)]
    ends = np.array([_ends(each, places) for each in cells])
    subjects = tuple(each.text("subject") or str(each.line) for each in cells)
    seen: dict[str, int] = {}
    for each, subject in zip(cells, subjects, strict=True):
        if subject in seen:
            raise InputRefused(
                f"subject {subject!r} stands in row {seen[subject]}, too", remedy="Write one row a subject",
                where=each.where("subject"),
            )  # fmt: skip
        seen[subject] = each.line
    numbers, names, notes = _covariates(cells, covariates)
    used = {*places.values(), "subject", "weight", by, *covariates}
    ignored = [column for column in columns if column not in used]
    if ignored:
        notes.append(f"columns not used: {', '.join(ignored)}")
    return Intervals(
        name, unit, subjects, ends[:, 0], ends[:, 1], ends[:, 2], ends[:, 4],
        tuple(_group(each, by) for each in cells), numbers, names, tuple(notes),
        ends[:, 3] if np.isfinite(ends[:, 3]).any() else None,
    )  # fmt: skip


def _group(cells: Cells, by: str | None) -> str:
    if by is None:
        return ""
    if not cells.text(by):
        raise InputRefused("no group", remedy="Name one, or drop the row", where=cells.where(by))
    return cells.text(by)


def _ends(cells: Cells, places: Mapping[str, str]) -> tuple[float, float, float, float, float]:
    column, unknown = places["right"], cells.text(places["left"]).lower() in {"", *NEVER}
    never = not cells.text(column) or cells.text(column).lower() in NEVER
    right = math.inf if never else cells.number(column) or 0.0
    left = 0.0 if unknown else cells.number(places["left"]) or 0.0
    if never and unknown:
        raise InputRefused(
            "neither left nor right: nothing is known of this subject",
            remedy="Drop the row, or write the time until which the subject was seen without the event into left",
            where=cells.where(places["left"]),
        )
    entry = (cells.number(places["entry"]) or 0.0) if "entry" in places else 0.0
    for value, kind in ((left, "left"), (right, "right"), (entry, "entry")):
        if value < 0:
            raise OutOfRange(f"{value:g} lies before the start", allowed="0 or more", where=cells.where(places[kind]))
    if right <= 0:
        raise OutOfRange(
            "an event at time 0 says nothing of time", allowed="above 0, or empty for not seen yet",
            where=cells.where(column),
        )  # fmt: skip
    if left > right:
        raise InputRefused(
            f"left ({left:g}) lies after right ({right:g})",
            remedy="left is the last visit without the event, right the first visit with it",
            where=cells.where(places["left"]),
        )
    if entry > left or (entry == left == right):
        raise InputRefused(
            f"entry ({entry:g}) is not before the event can be (left is {left:g})",
            remedy="A subject is known to be without the event at its entry: left is at least the entry",
            where=cells.where(places["entry"]),
        )  # fmt: skip
    limit = _limit(cells, places.get("limit"))
    if right > limit:
        raise InputRefused(
            f"right is {cells.text(column) or 'empty'} and limit {limit:g}",
            allowed="right at or before the limit",
            remedy="Only subjects whose event came by the limit could be seen; leave the limit of others empty",
            where=cells.where(places["limit"]),
        )
    weight = cells.number("weight")
    if weight is not None and weight <= 0:
        raise OutOfRange(f"a weight of {weight:g}", allowed="above 0", where=cells.where("weight"))
    return left, right, entry, limit, 1.0 if weight is None else weight


def _limit(cells: Cells, column: str | None) -> float:
    """The time by which an event had to come; inf where there is none."""
    if column is None or not cells.text(column) or cells.text(column).lower() in NEVER:
        return math.inf
    return cells.number(column) or 0.0


def _covariates(cells: list[Cells], wanted: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...], list[str]]:
    """Numbers of covariates; a column with any text is one of categories, the first level being the reference."""
    columns, names, notes = [], [], []
    for name in wanted:
        texts = [each.text(name) for each in cells]
        for each, text in zip(cells, texts, strict=True):
            if not text:
                raise InputRefused("no value", remedy="Fill it in, or drop the row", where=each.where(name))
        try:
            values = np.array([float(text) for text in texts])
        except ValueError:
            levels = sorted(set(texts))
            if len(levels) > max(20, len(texts) // 5):
                raise InputRefused(
                    f"{name} has {len(levels)} levels that are no numbers", remedy="Check the column",
                    where=cells[0].where(name),
                ) from None  # fmt: skip
            notes.append(f"{name}: compared with {levels[0]}")
            columns += [np.array([float(text == level) for text in texts]) for level in levels[1:]]
            names += [f"{name}={level}" for level in levels[1:]]
            continue
        if not np.all(np.isfinite(values)):
            at = int(np.flatnonzero(~np.isfinite(values))[0])
            raise InputRefused(f"{texts[at]!r} is not a number", where=cells[at].where(name))
        columns.append(values)
        names.append(name)
    for name, values in zip(names, columns, strict=True):
        if np.ptp(values) == 0:
            raise InputRefused(f"{name} is the same for everybody", remedy="Leave it out", where="--covariate")
    return (np.column_stack(columns) if columns else np.zeros((len(cells), 0))), tuple(names), notes
