"""A table of repeated scores of many people, and the intervals that a definition leaves of an event's time.

One row is one visit: ``subject``, a time (``time_h``, ``time_d``, ``time_w``, ``day``, ``week`` or ``date``) and
``score``; ``scale`` where rows differ, and columns that are the same in all rows of a subject: groups, covariates,
weight. The baseline is the last score at or before time 0 (with dates: the first score).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from remit.evidence.instruments import find_scale
from remit.evidence.tables import near_miss
from remit.inference.events.definition import Definition, define, timed
from remit.inference.events.interval_table import Cells, Intervals, intervals_from
from remit.vocabulary.clock import HOURS_PER_DAY
from remit.vocabulary.dates import read_dates
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.scales import Scale

TIMES = {"time_h": "h", "time_d": "d", "time_w": "w", "day": "d", "week": "w", "date": "d", "time": None}
Visit = tuple[float, float, Cells]


def scores_to_intervals(
    records: Sequence[Mapping[str, str | None]],
    columns: Sequence[str],
    name: str,
    *,
    event: str,
    scale: str | None = None,
    unit: str | None = None,
    by: str | None = None,
    covariates: Sequence[str] = (),
    **thresholds: float | int | str | None,
) -> tuple[Intervals, Definition]:
    """Intervals of an event, from records of visits.

    Args:
        records, columns, name, unit, by, covariates: as for `remit.inference.events.interval_table.intervals_from`.
        event: one of `remit.inference.events.definition.EVENTS`.
        scale: of rows that name none.
        thresholds: of `remit.inference.events.definition.define`.

    Raises:
        InputRefused: a column or a cell cannot be used, or nobody is at risk.
    """
    for needed in ("subject", "score"):
        if needed not in columns:
            raise InputRefused(
                f"there is no column {needed!r}", allowed="subject, a time, score",
                remedy=near_miss(needed, columns) or _named(columns, needed), where=f"{name}, row 1",
            )  # fmt: skip
    if not records:
        raise InputRefused("the table has no rows", allowed="a row for each visit", where=name)
    cells = [Cells(record, number + 2, name) for number, record in enumerate(records)]
    times, unit, dated = _times(cells, columns, name, unit)
    wanted = _scale(cells, scale, name)
    # `define` checks what was given by name
    definition = define(event, wanted, **thresholds)  # type: ignore[arg-type]
    people: dict[str, list[Visit]] = {}
    missed = 0
    for each, time in zip(cells, times, strict=True):
        subject = each.text("subject")
        if not subject:
            raise InputRefused("no subject", remedy="Name one, or drop the row", where=each.where("subject"))
        score = each.number("score")
        visits = people.setdefault(subject, [])
        if score is None:
            missed += 1
            continue
        wanted.check(score, where=each.where("score"))
        for other, _, cell in visits:
            if other == time:
                raise InputRefused(
                    f"subject {subject!r} has two scores at this time (row {cell.line}, too)", remedy="Keep one",
                    where=each.where("score"),
                )  # fmt: skip
        visits.append((time, score, each))
    rows: list[dict[str, str | None]] = []
    reasons: Counter[str] = Counter()
    carried = [column for column in dict.fromkeys([by, *covariates, "weight"]) if column and column in columns]
    for subject, visits in people.items():
        visits.sort(key=lambda visit: visit[0])
        found, reason = _one(definition, visits, dated=dated)
        if found is None:
            reasons[reason] += 1
            continue
        rows.append({"subject": subject, **found, **_constant(subject, visits, carried)})
    if not rows:
        said = "; ".join(f"{count} {reason}" for reason, count in reasons.items())
        raise InputRefused(f"nobody is at risk of {event}: {said}", where=name)
    table = intervals_from(rows, ["subject", "left", "right", *carried], name, unit=unit, by=by, covariates=covariates)
    notes = [definition.words]
    notes += [f"{count} of {len(people)} people not at risk, left out: {reason}" for reason, count in reasons.items()]
    if missed:
        notes.append(f"{missed} visits without a score widen intervals")
    return (
        Intervals(
            table.name, table.unit, table.subject, table.left, table.right, table.entry, table.weight, table.group,
            table.covariates, table.covariate_names, (*notes, *table.notes),
        ),
        definition,
    )  # fmt: skip


def _one(definition: Definition, visits: list[Visit], *, dated: bool) -> tuple[dict[str, str] | None, str]:
    if not visits:
        return None, "without any score"
    start = visits[0][0] if dated else 0.0
    before = [visit for visit in visits if visit[0] <= start]
    if not before:
        return None, "without a baseline (a score at or before time 0)"
    after = [visit for visit in visits if visit[0] > start]
    found = timed(definition, before[-1][1], [time - start for time, _, _ in after], [score for _, score, _ in after])
    if found.reason:
        return None, found.reason
    return {"left": repr(float(found.left)), "right": repr(float(found.right))}, ""


def _constant(subject: str, visits: list[Visit], carried: Sequence[str]) -> dict[str, str]:
    found = {}
    for column in carried:
        values = {visit[2].text(column): visit[2] for visit in visits if visit[2].text(column)}
        if len(values) > 1:
            raise InputRefused(
                f"subject {subject!r} has several values of {column}: {', '.join(values)}",
                remedy="What is compared must not change within a subject",
                where=list(values.values())[1].where(column),
            )  # fmt: skip
        if not values and column != "weight":
            raise InputRefused(
                f"subject {subject!r} has no value of {column}", remedy="Give one in any row of the subject",
                where=visits[0][2].where(column),
            )  # fmt: skip
        found[column] = next(iter(values), "")
    return found


def _scale(cells: list[Cells], given: str | None, name: str) -> Scale:
    named: dict[str, Cells] = {}
    for each in cells:
        if each.text("scale"):
            named.setdefault(each.text("scale").lower(), each)
    if len(named) > 1:
        said = ", ".join(each.text("scale") for each in named.values())
        other = list(named.values())[1]
        raise InputRefused(f"several scales: {said}", remedy="Keep the rows of one", where=other.where("scale"))
    for cell in named.values():
        text = cell.text("scale")
        return find_scale(text, where=cell.where("scale"))
    if given is None:
        raise InputRefused(
            "the scale of the scores is not said", remedy="Say it with --scale, or in a column scale", where=name
        )
    return find_scale(given, where="--scale")


def _named(columns: Sequence[str], kind: str) -> str:
    return f"The table has: {', '.join(columns)}. If one of them is it, say --column {kind}=NAME"


def _times(cells: list[Cells], columns: Sequence[str], name: str, unit: str | None) -> tuple[list[float], str, bool]:
    """Times of all rows, their unit, and whether they are dates."""
    here = [each for each in TIMES if each in columns]
    if len(here) != 1:
        said = "no column of times" if not here else f"{len(here)} columns of times: {', '.join(here)}"
        remedy = "Keep one" if here else _named(columns, "day")
        raise InputRefused(said, allowed=f"one of {', '.join(TIMES)}", remedy=remedy, where=f"{name}, row 1")
    column = here[0]
    said = TIMES[column] or unit
    if said is None:
        raise InputRefused("the unit of the column time is not said", remedy="Say it with --time-unit", where=name)
    if TIMES[column] is not None and unit not in (None, said):
        raise InputRefused(f"the column {column} is in {said}, --time-unit says {unit}", where="--time-unit")
    for each in cells:
        if not each.text(column):
            raise InputRefused("no time", remedy="Fill it in, or drop the row", where=each.where(column))
    if column == "date":
        # dates of one person rise; those of the file need not, so each person's are read by themselves
        found = np.zeros(len(cells))
        people: dict[str, list[int]] = {}
        for number, each in enumerate(cells):
            people.setdefault(each.text("subject"), []).append(number)
        for rows in people.values():
            dates, _ = read_dates([cells[row].text(column) for row in rows], [cells[row].where(column) for row in rows])
            for row, date in zip(rows, dates, strict=True):
                found[row] = (date - min(dates)).total_seconds() / 3600 / HOURS_PER_DAY
        return found.tolist(), said, True
    return [each.number(column) or 0.0 for each in cells], said, False
