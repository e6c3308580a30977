"""A file of visits, read strictly: every refusal names the row and the column.

CSV with a header, or JSON with the same names. Two columns are enough: a time (``time_h``, ``day``, ``week`` or
``date``) and ``score``. docs/forecast.md describes all of them.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from remit.vocabulary.clock import HOURS_PER_DAY, days, minutes, weeks
from remit.vocabulary.dates import read_dates
from remit.vocabulary.errors import InputRefused, OutOfRange, UnitRefused
from remit.vocabulary.observations import Score
from remit.vocabulary.people import parse_diagnosis
from remit.vocabulary.scales import Scale
from remit.vocabulary.units import Amount, DoseUnit, parse_amount
from remit.vocabulary.visits import Given, History

TIMES = {"time_h": 1.0, "day": days(1.0), "week": weeks(1.0)}
"""Columns of time that are numbers, and the hours of one."""
ITEMS = {
    "GAD-7": tuple(f"gad7_{item}" for item in range(1, 8)),
    "PHQ-9": tuple(f"phq9_{item}" for item in range(1, 10)),
}
"""Questionnaires whose items may be given, because they are free to use; each item is 0 to 3."""
HIGHEST_ITEM = 3
COLUMNS = (
    *TIMES, "date", "score", "scale", "dose", "dose_unit", "duration_min", "route", "visit", "note",
    *ITEMS["GAD-7"], *ITEMS["PHQ-9"],
)  # fmt: skip
TOP = ("visits", "plan", "person", "drug", "route", "scale", "daily")
PERSON = ("age", "weight_kg", "diagnosis", "co_medication")
YES = frozenset({"yes", "y", "x", "true"})
"""What a dose column may say when the dose is that of every session."""
MOST_H = weeks(520.0)
"""Ten years: a time beyond is a typing error [h]."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One visit as written: its place, and its cells that are not empty."""

    place: str
    cells: dict[str, str]

    def where(self, column: str) -> str:
        return f"{self.place}, column {column}"


def read_history(path: Path, scales: Mapping[str, Scale], scale: str | None = None) -> History:
    """The record in a file.

    Args:
        path: CSV, or JSON where its name ends in ``.json``.
        scales: every scale that may be named.
        scale: of scores whose row names none.

    Raises:
        InputRefused: the file cannot be read, or something in it contradicts itself; the message names row and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputRefused(f"{path} cannot be read ({fault})", remedy="Save it as CSV or JSON in UTF-8") from None
    return parse_history(text, path.name, scales, scale)


def parse_history(text: str, name: str, scales: Mapping[str, Scale], scale: str | None = None) -> History:
    """The record in a text.

    Args:
        text: CSV, or JSON where the name ends in ``.json``.
        name: of the file or the field it was typed into, for messages.
        scales: every scale that may be named.
        scale: of scores whose row names none.

    Raises:
        InputRefused: something in it contradicts itself; the message names row and column.
    """
    if name.lower().endswith(".json"):
        return _from_json(text, name, scales, scale)
    return _history(_csv_lines(text, name), [], scales, scale, {})


def _csv_lines(text: str, name: str) -> list[_Line]:
    table = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    if not table:
        raise InputRefused("the file is empty", allowed="a header such as day,score", where=name)
    header = [cell.strip().lower() for cell in table[0]]
    for column in header:
        _known(column, COLUMNS, f"{name}, row 1")
        if header.count(column) > 1:
            raise InputRefused(f"column {column!r} stands twice", where=f"{name}, row 1")
    lines = []
    for number, row in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            raise InputRefused(
                f"{len(row)} cells under {len(header)} columns", remedy="Check for a comma too many",
                where=f"{name}, row {number}",
            )  # fmt: skip
        cells = {column: cell.strip() for column, cell in zip(header, row, strict=False) if cell.strip()}
        lines.append(_Line(f"{name}, row {number}", cells))
    return lines


def _delimiter(text: str) -> str:
    first = text.splitlines()[0] if text.strip() else ""
    return max(",;\t", key=first.count)


def _known(name: str, allowed: Sequence[str], where: str) -> None:
    if name not in allowed:
        near = get_close_matches(name, allowed, 1)
        raise InputRefused(
            f"unknown column {name!r}", allowed=", ".join(allowed),
            remedy=f"Did you mean {near[0]}?" if near else "", where=where,
        )  # fmt: skip


def _from_json(text: str, name: str, scales: Mapping[str, Scale], scale: str | None) -> History:
    try:
        found: Any = json.loads(text)
    except json.JSONDecodeError as fault:
        raise InputRefused(f"not JSON: {fault.msg}", where=f"{name}, line {fault.lineno}") from None
    whole: Any = {"visits": found} if isinstance(found, list) else found
    if not isinstance(whole, dict):
        raise InputRefused("not a record", allowed='a list of visits, or {"visits": [...]}', where=name)
    for key in whole:
        _known(key, TOP, name)

    def lines(part: str) -> list[_Line]:
        rows = whole.get(part, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise InputRefused(f"{part} is not a list of visits", allowed='[{"day": 0, "score": 15}, ...]', where=name)
        found = []
        for number, row in enumerate(rows):
            for key in row:
                _known(key, COLUMNS, f"{name}, {part}[{number}]")
            cells = {key: str(value).strip() for key, value in row.items() if value is not None and value != ""}
            found.append(_Line(f"{name}, {part}[{number}]", cells))
        return found

    person = whole.get("person", {})
    if not isinstance(person, dict):
        raise InputRefused("person is not an object", allowed='{"age": 44, "weight_kg": 70, ...}', where=name)
    for key in person:
        _known(key, PERSON, f"{name}, person")
    about = {**person, **{key: whole[key] for key in ("drug", "route", "daily") if key in whole}}
    return _history(lines("visits"), lines("plan"), scales, whole.get("scale") or scale, {"name": name, **about})


def _history(
    lines: list[_Line], plan: list[_Line], scales: Mapping[str, Scale], scale: str | None, about: dict[str, Any]
) -> History:
    times, warnings = _times([*lines, *plan])
    routes = {line.cells["route"].lower() for line in lines if "route" in line.cells}
    if len(routes) > 1:
        raise InputRefused(f"doses by several routes: {', '.join(sorted(routes))}", allowed="one route")
    doses = sorted((_dose(line, at) for line, at in zip(lines, times, strict=False) if "dose" in line.cells), key=_at)
    coming = sorted((_dose(line, at) for line, at in zip(plan, times[len(lines) :], strict=True)), key=_at)
    first = [*doses, *coming]
    zero = first[0].time_h if first else 0.0
    scores: dict[tuple[float, str], tuple[Score, str]] = {}
    missed = 0
    for line, at in zip(lines, times, strict=False):
        found = _scores(line, at - zero, scales, scale)
        missed += not found and "dose" not in line.cells
        if "baseline" in line.cells.get("visit", "").lower() and at > zero and doses:
            raise InputRefused(
                "a baseline after the first dose", remedy="Check the times, or call the visit something else",
                where=line.where("visit"),
            )  # fmt: skip
        for score in found:
            key = (score.time_h, score.scale.name)
            if key in scores and scores[key][0].total != score.total:
                raise InputRefused(
                    f"{score.scale.name} {score.total:g} at the time at which {scores[key][1]} says "
                    f"{scores[key][0].total:g}",
                    remedy="Keep one of the two", where=line.where("score"),
                )  # fmt: skip
            if key in scores:
                warnings.append(f"{line.place}: says the same as {scores[key][1]}; counted once")
            scores[key] = (score, line.place)
    ordered = sorted((score for score, _ in scores.values()), key=_at)
    _agree(doses, lines)
    if doses and coming and coming[0].time_h <= doses[-1].time_h:
        raise InputRefused("a planned dose before one that was given", remedy="Move it to visits, or change its time")
    where = about.get("name", "")
    comedication = about.get("co_medication", ())
    return History(
        scores=tuple(ordered),
        doses=tuple(_moved(dose, zero) for dose in doses),
        planned=tuple(_moved(dose, zero) for dose in coming),
        missed=missed,
        weight_kg=_number_of(about, "weight_kg", where),
        age_y=_number_of(about, "age", where),
        diagnosis=parse_diagnosis(str(about["diagnosis"]), where=f"{where}, person") if "diagnosis" in about else None,
        co_medication=(comedication,) if isinstance(comedication, str) else tuple(map(str, comedication)),
        drug=about.get("drug"),
        route=about.get("route") or next(iter(routes), None),
        daily=about.get("daily"),
        warnings=tuple(warnings),
    )


def _at(item: Score | Given) -> float:
    return item.time_h


def _moved(dose: Given, zero: float) -> Given:
    return Given(dose.time_h - zero, dose.amount, dose.duration_h)


def _agree(doses: list[Given], lines: list[_Line]) -> None:
    """Two doses at one time are one dose written twice."""
    for before, here in itertools.pairwise(doses):
        if here.time_h == before.time_h:
            raise InputRefused(
                f"two doses at {here.time_h:g} h", remedy="Write one row a dose",
                where=next((line.where("dose") for line in reversed(lines) if "dose" in line.cells), ""),
            )  # fmt: skip


def _number_of(about: Mapping[str, Any], key: str, where: str) -> float | None:
    if about.get(key) is None:
        return None
    try:
        return float(about[key])
    except (TypeError, ValueError):
        raise InputRefused(f"{about[key]!r} is not a number", where=f"{where}, person, {key}") from None


def _times(lines: list[_Line]) -> tuple[list[float], list[str]]:
    """Hours of every line since the earliest clock of the file, and what looked odd about dates."""
    if not lines:
        return [], []
    named = [name for name in (*TIMES, "date") if any(name in line.cells for line in lines)]
    if len(named) != 1:
        said = "no column of time" if not named else f"times in {' and '.join(named)}"
        raise InputRefused(said, allowed="one of time_h, day, week, date", where=lines[0].place.split(", row")[0])
    column = named[0]
    for line in lines:
        if column not in line.cells:
            raise InputRefused("no time", allowed=f"a value of {column}", where=line.where(column))
    texts, places = [line.cells[column] for line in lines], [line.where(column) for line in lines]
    if column == "date":
        dates, warnings = read_dates(texts, places)
        first = min(dates)
        found = [(date - first).total_seconds() / 3600.0 for date in dates]
    else:
        warnings = []
        found = [_number(line, column) * TIMES[column] for line in lines]
    for at, place in zip(found, places, strict=True):
        if abs(at) > MOST_H:
            raise OutOfRange(f"{at / HOURS_PER_DAY:.0f} days from the start", allowed="ten years at most", where=place)
    return found, warnings


def _number(line: _Line, column: str) -> float:
    text = line.cells[column]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputRefused(f"{text!r} is not a number", where=line.where(column))
    return value


def _dose(line: _Line, at: float) -> Given:
    duration = minutes(_number(line, "duration_min")) if "duration_min" in line.cells else None
    if duration is not None and not 0 <= duration <= HOURS_PER_DAY:
        raise OutOfRange(f"an infusion of {duration:g} h", allowed="0 to 24 h", where=line.where("duration_min"))
    text = line.cells.get("dose", "yes")
    if text.lower() in YES:
        return Given(at, None, duration)
    where, unit = line.where("dose"), line.cells.get("dose_unit", "")
    try:
        bare = float(text)
    except ValueError:
        return Given(at, parse_amount(text, where=where), duration)
    if unit.replace(" ", "").lower() not in set(DoseUnit):
        raise UnitRefused(
            f"a dose of {text} without a unit", allowed="0.5mg/kg in one cell, or a column dose_unit: mg or mg/kg",
            where=where,
        )  # fmt: skip
    try:
        return Given(at, Amount(bare, DoseUnit(unit.replace(" ", "").lower())), duration)
    except OutOfRange as refusal:
        raise OutOfRange(refusal.what, allowed=refusal.allowed, where=where) from None


def _scores(line: _Line, at: float, scales: Mapping[str, Scale], default: str | None) -> list[Score]:
    """The scores of a line: that of its column, and those its items add up to."""
    summed = {name: total for name, items in ITEMS.items() if (total := _sum(line, name, items)) is not None}
    named = line.cells.get("scale") or default or (next(iter(summed)) if len(summed) == 1 else None) or "GAD-7"
    scale = _scale(named, scales, line.where("scale"))
    totals: dict[str, float] = {}
    if "score" in line.cells:
        totals[scale.name] = _total(line, scale, scales)
    for name, total in summed.items():
        if name in totals and totals[name] != total:
            raise InputRefused(
                f"{name} {totals[name]:g}, but its items add up to {total:g}", remedy="Correct one of them",
                where=line.where("score"),
            )  # fmt: skip
        totals[name] = total
    return [Score(at, scales[name], total) for name, total in totals.items()]


def _scale(name: str, scales: Mapping[str, Scale], where: str) -> Scale:
    for known, scale in scales.items():
        if known.lower() == name.lower():
            return scale
    near = get_close_matches(name.upper(), scales, 1, 0.5)
    raise InputRefused(
        f"unknown scale {name!r}", allowed=", ".join(scales), remedy=f"Did you mean {near[0]}?" if near else "",
        where=where,
    )  # fmt: skip


def _total(line: _Line, scale: Scale, scales: Mapping[str, Scale]) -> float:
    total, where = _number(line, "score"), line.where("score")
    if not scale.low <= total <= scale.high:
        wider = [name for name, other in scales.items() if other.low <= total <= other.high and name != scale.name][:5]
        raise OutOfRange(
            f"{total:g} is not a {scale.name} total", allowed=f"{scale.low} to {scale.high}", where=where,
            remedy=f"If it is another scale, name it in a column scale ({', '.join(wider)} ...)" if wider else "",
        )  # fmt: skip
    steps = (total - scale.low) / scale.step
    if abs(steps - round(steps)) > 1e-9:
        raise OutOfRange(
            f"{total:g} is not a {scale.name} total", allowed=f"whole steps of {scale.step:g}", where=where
        )
    return total


def _sum(line: _Line, name: str, items: Sequence[str]) -> float | None:
    given = [item for item in items if item in line.cells]
    if not given:
        return None
    if len(given) < len(items):
        missing = next(item for item in items if item not in line.cells)
        raise InputRefused(
            f"{len(given)} of {len(items)} items of {name}", remedy="Give all of them, or the total as score",
            where=line.where(missing),
        )  # fmt: skip
    total = 0.0
    for item in items:
        value = _number(line, item)
        if value not in range(HIGHEST_ITEM + 1):
            raise OutOfRange(f"an item of {value:g}", allowed="0, 1, 2 or 3", where=line.where(item))
        total += value
    return total
