"""A table as a network: studies with their arms, who was compared with whom, and the arrays the likelihood reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from remit.evidence.tables import near_miss
from remit.inference.network.graph import Pair, parts
from remit.inference.network.table import Row, Table
from remit.vocabulary.errors import InputRefused

USUAL_REFERENCES = ("placebo", "control", "plac", "pbo", "pl_0", "saline", "wait_list", "usual_care")
"""Tried in this order where no reference is named."""


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm of a study; an arm that contrasts are with has no rows of its own."""

    name: str
    treatment: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """A study and its arms, the reference first where it is one of them."""

    name: str
    arms: tuple[Arm, ...]

    @property
    def treatments(self) -> tuple[str, ...]:
        """Of the arms, in order."""
        return tuple(arm.treatment for arm in self.arms)


class Arrays(NamedTuple):
    """Rows of a network as padded arrays; S studies, A arms, T times, D doses.

    Attributes:
        y, se, times, mask: (S, A, T).
        events, people: (S, A, T) of counts; zeros elsewhere.
        treatment: (S, A) indices.
        real: (S, A) whether an arm exists.
        doses: (S, A, D) infinite where there is none.
        daily: (S, A).
        offset: (S,) what was taken off every y of a study.
    """

    y: NDArray[np.float64]
    se: NDArray[np.float64]
    times: NDArray[np.float64]
    mask: NDArray[np.float64]
    events: NDArray[np.float64]
    people: NDArray[np.float64]
    treatment: NDArray[np.int64]
    real: NDArray[np.bool_]
    doses: NDArray[np.float64]
    daily: NDArray[np.bool_]
    offset: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Network:
    """Studies that can be analysed together.

    Attributes:
        table: where they come from.
        treatments: the reference first, the others in order of their names.
        studies: in the order of the table; studies of one arm are left out.
        classes: treatment to its class; empty where the table has none.
        notes: what was done that a reader must know.
    """

    table: Table
    treatments: tuple[str, ...]
    studies: tuple[Study, ...]
    classes: dict[str, str]
    notes: tuple[str, ...]

    @property
    def contrasts(self) -> bool:
        """Whether rows are contrasts rather than arms."""
        return self.table.kind == "contrasts"

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that are used, in the order of the arrays."""
        return tuple(row for study in self.studies for arm in study.arms for row in arm.rows)

    @property
    def times(self) -> NDArray[np.float64]:
        """Of the rows [the table's unit]."""
        return np.array([row.time for row in self.rows])

    @property
    def pairs(self) -> Counter[Pair]:
        """Studies that compare two treatments."""
        found: Counter[Pair] = Counter()
        place = {name: number for number, name in enumerate(self.treatments)}
        for study in self.studies:
            own = sorted(set(study.treatments), key=place.__getitem__)
            found.update((first, second) for number, first in enumerate(own) for second in own[number + 1 :])
        return found

    def index(self, treatment: str) -> int:
        """Place of a treatment.

        Raises:
            InputRefused: there is none of that name.
        """
        if treatment not in self.treatments:
            raise InputRefused(
                f"no treatment {treatment!r}", allowed=", ".join(self.treatments),
                remedy=near_miss(treatment, self.treatments),
            )  # fmt: skip
        return self.treatments.index(treatment)

    def arrays(self, *, centred: bool) -> Arrays:
        """Padded arrays; centred, every study's mean is taken off its rows."""
        many = max(len(study.arms) for study in self.studies)
        long = max(len(arm.rows) for study in self.studies for arm in study.arms)
        dosed = max([1, *(len(row.doses or ()) for row in self.rows)])
        shape = (len(self.studies), many, long)
        y, se, times, mask = np.zeros(shape), np.ones(shape), np.zeros(shape), np.zeros(shape)
        events, people = np.zeros(shape), np.zeros(shape)
        treatment = np.zeros(shape[:2], dtype=np.int64)
        real = np.zeros(shape[:2], dtype=bool)
        doses = np.full((*shape[:2], dosed), np.inf)
        doses[..., 0] = 0.0
        daily = np.zeros(shape[:2], dtype=bool)
        offset = np.zeros(shape[0])
        for s, study in enumerate(self.studies):
            own = [row.y for arm in study.arms for row in arm.rows]
            offset[s] = np.mean(own) if centred else 0.0
            for a, arm in enumerate(study.arms):
                treatment[s, a], real[s, a] = self.treatments.index(arm.treatment), True
                for t, row in enumerate(arm.rows):
                    y[s, a, t], se[s, a, t], times[s, a, t], mask[s, a, t] = row.y - offset[s], row.se, row.time, 1.0
                    if row.events is not None and row.n is not None:
                        events[s, a, t], people[s, a, t] = row.events, row.n
                if arm.rows:
                    given = arm.rows[0].doses
                    if given is not None:
                        doses[s, a] = np.inf
                        doses[s, a, : len(given)] = given
                    said = arm.rows[0].daily
                    daily[s, a] = given is None if said is None else said
        return Arrays(y, se, times, mask, events, people, treatment, real, doses, daily, offset)

    def schedule(self, treatment: str) -> tuple[tuple[float, ...] | None, bool]:
        """Dose times of a treatment in most of its arms, and whether it is taken daily."""
        found = Counter(
            (arm.rows[0].doses, arm.rows[0].doses is None if arm.rows[0].daily is None else arm.rows[0].daily)
            for study in self.studies
            for arm in study.arms
            if arm.treatment == treatment and arm.rows
        )
        return found.most_common(1)[0][0] if found else (None, True)


def make_network(table: Table, reference: str | None = None, *, connected: bool = False) -> Network:
    """The network of a table.

    Args:
        table: from `read_table`.
        reference: treatment others are compared with; left out, the first usual one, else the most studied.
        connected: of a network in parts, keep the part of the reference.

    Raises:
        InputRefused: the reference is unknown, no study compares two treatments, or the network falls apart.
    """
    named = {row.treatment for row in table.rows} | {row.versus for row in table.rows if row.versus}
    chosen = _reference(table, named, reference)
    order = (chosen, *sorted(named - {chosen}))
    gathered: dict[str, list[Row]] = {}
    for row in table.rows:
        gathered.setdefault(row.study, []).append(row)
    make = _contrast_study if table.kind == "contrasts" else _arm_study
    every = [make(name, rows, order, table.name) for name, rows in gathered.items()]
    kept = [study for study in every if len(study.arms) > 1 and len(set(study.treatments)) > 1]
    notes = list(table.notes)
    alone = [study.name for study in every if study not in kept]
    if alone:
        notes.append(f"studies that compare nothing, left out: {', '.join(alone)}")
    if not kept:
        raise InputRefused(
            "no study compares two treatments", remedy="A comparison needs two arms of one study", where=table.name
        )
    pieces = parts(study.treatments for study in kept)
    if len(pieces) > 1 and connected:
        pieces = [part for part in pieces if chosen in part] or pieces
        gone = sorted({name for study in kept for name in study.treatments} - pieces[0])
        kept = [study for study in kept if set(study.treatments) <= pieces[0]]
        notes.append(f"not joined to {chosen} by any study, left out: {', '.join(gone)}")
        pieces = pieces[:1]
    if len(pieces) > 1:
        said = "; ".join(f"part {number}: {', '.join(sorted(part))}" for number, part in enumerate(pieces, 1))
        raise InputRefused(
            f"the network falls into {len(pieces)} parts that no study joins: {said}",
            remedy="Keep the part of the reference (--connected), or choose treatments (--treatment)", where=table.name,
        )  # fmt: skip
    left = [name for name in order if name in pieces[0]]
    if chosen not in left:
        raise InputRefused(
            f"no study compares {chosen} with anything", remedy="Choose another --reference", where="--reference"
        )
    groups = _classes(table)
    return Network(table, tuple(left), tuple(kept), groups, tuple(notes))


def _classes(table: Table) -> dict[str, str]:
    """Class of each treatment that has one; a treatment has one class."""
    found: dict[str, str] = {}
    for row in table.rows:
        if row.group and found.setdefault(row.treatment, row.group) != row.group:
            raise InputRefused(
                f"{row.treatment} is of class {row.group} here and of class {found[row.treatment]} before",
                allowed="one class for each treatment", where=f"{table.name}, row {row.line}, column class",
            )  # fmt: skip
    return found


def _reference(table: Table, named: set[str], reference: str | None) -> str:
    if reference is not None:
        if reference not in named:
            raise InputRefused(
                f"no treatment {reference!r}", allowed=", ".join(sorted(named)), remedy=near_miss(reference, named),
                where="--reference",
            )  # fmt: skip
        return reference
    lower = {name.lower(): name for name in sorted(named, reverse=True)}
    for usual in USUAL_REFERENCES:
        if usual in lower:
            return lower[usual]
    seen = Counter(name for row in table.rows for name in {row.treatment, row.versus or row.treatment})
    return min(seen, key=lambda name: (-seen[name], name))


def _arm_study(name: str, rows: list[Row], order: tuple[str, ...], file: str) -> Study:
    arms: dict[str, list[Row]] = {}
    for row in rows:
        arms.setdefault(row.arm, []).append(row)
    for arm, own in arms.items():
        different = {row.treatment for row in own}
        if len(different) > 1:
            raise InputRefused(
                f"arm {arm} of study {name} has the treatments {' and '.join(sorted(different))}",
                allowed="one treatment an arm", where=f"{file}, rows {', '.join(str(row.line) for row in own)}",
            )  # fmt: skip
        schedules = {(row.doses, row.daily) for row in own}
        if len(schedules) > 1:
            raise InputRefused(
                f"arm {arm} of study {name} is given in {len(schedules)} different ways",
                allowed="one list of doses an arm", where=f"{file}, rows {', '.join(str(row.line) for row in own)}",
            )  # fmt: skip
    made = [Arm(arm, own[0].treatment, tuple(sorted(own, key=lambda row: row.time))) for arm, own in arms.items()]
    return Study(name, tuple(sorted(made, key=lambda arm: order.index(arm.treatment))))


def _contrast_study(name: str, rows: list[Row], order: tuple[str, ...], file: str) -> Study:
    del order
    versus = {row.versus for row in rows}
    if len(versus) > 1:
        raise InputRefused(
            f"contrasts of study {name} are with {' and '.join(sorted(str(each) for each in versus))}",
            allowed="contrasts with one treatment in each study; the others follow from them",
            where=f"{file}, rows {', '.join(str(row.line) for row in rows)}",
        )  # fmt: skip
    arms: dict[str, list[Row]] = {}
    for row in rows:
        arms.setdefault(row.arm, []).append(row)
    times = {row.time for row in rows}
    if len(arms) > 1 and len(times) > 1:
        raise InputRefused(
            f"study {name} has contrasts of {len(arms)} treatments at {len(times)} times, of unknown correlation",
            allowed="contrasts of two arms at any number of times, or of more arms at one time",
            remedy="Give the arms' own results instead (mean, sd, n or y, se)",
            where=f"{file}, rows {', '.join(str(row.line) for row in rows)}",
        )  # fmt: skip
    made = [Arm(arm, own[0].treatment, tuple(sorted(own, key=lambda row: row.time))) for arm, own in arms.items()]
    base = str(rows[0].versus)
    if len(made) == 1:
        return Study(name, (Arm(base, base, ()), *made))
    # contrasts with a shared arm are that arm at zero, with its own error, beside the others with theirs
    least = min(row.se for row in rows)
    shared = rows[0].se_versus or least * 0.5**0.5
    pseudo = Row(rows[0].line, name, base, base, rows[0].time, 0.0, shared)
    own = tuple(Arm(arm.name, arm.treatment, tuple(_without_shared(row, shared) for row in arm.rows)) for arm in made)
    return Study(name, (Arm(base, base, (pseudo,)), *own))


def _without_shared(row: Row, shared: float) -> Row:
    from dataclasses import replace

    return replace(row, se=(row.se**2 - shared**2) ** 0.5)
