"""exposure_notes.yaml: what a comparison of predictions with observed exposures must know beyond the rows.

How long an area was measured, how heavy people were, whose data a model was built from, which rows cannot be compared
and why, and why a prediction misses. No value here is an input of a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.evidence.exposures import Exposure, load_exposures
from remit.evidence.tables import near_miss, parse_yaml, published, read_text
from remit.vocabulary.errors import EvidenceRefused

FILE = "exposure_notes.yaml"
SELECTORS = ("analyte", "route", "metric", "form", "kind", "sampling_site", "population", "dose_value", "time_h")
"""Columns that a note may name to pick rows of its study."""


@dataclass(frozen=True, slots=True)
class Note:
    """A reason that holds for some rows of a study.

    Attributes:
        study: id of the study.
        rows: columns and the values they may have; empty for every row of the study.
        because: the reason, in words.
    """

    study: str
    rows: Mapping[str, tuple[Any, ...]]
    because: str

    def speaks_of(self, row: Exposure) -> bool:
        """Whether the note holds for a row."""
        return row.study_id == self.study and all(getattr(row, name) in values for name, values in self.rows.items())


@dataclass(frozen=True, slots=True)
class ExposureNotes:
    """Everything in the file.

    Attributes:
        window_h: study to the end of the window of its areas [h]; a study that is not here is taken to infinity.
        weight_kg: study to mean body weight [kg].
        built_from: model to the studies whose people or numbers it was built from.
        ancestry: text in the column population to the groups of a model.
        not_comparable: rows without a prediction that means the same.
        misses: why predictions miss.
    """

    window_h: Mapping[str, float]
    weight_kg: Mapping[str, float]
    built_from: Mapping[str, tuple[str, ...]]
    ancestry: Mapping[str, tuple[str, ...]]
    not_comparable: tuple[Note, ...]
    misses: tuple[Note, ...]

    def why_not_comparable(self, row: Exposure) -> str:
        """The reason, or nothing where the row can be compared."""
        return _joined(self.not_comparable, row)

    def why_missed(self, row: Exposure) -> str:
        """The reasons on record, or nothing where there is none."""
        return _joined(self.misses, row)


def _joined(notes: Iterable[Note], row: Exposure) -> str:
    return " ".join(note.because for note in notes if note.speaks_of(row))


def _tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _note(entry: Mapping[str, Any], studies: Mapping[str, list[Exposure]]) -> Note:
    study = str(entry.get("study"))
    if study not in studies:
        raise EvidenceRefused(f"study is {study!r}", remedy=near_miss(study, studies), where=FILE)
    rows = {name: _tuple(value) for name, value in (entry.get("rows") or {}).items()}
    if unknown := sorted(set(rows) - set(SELECTORS)):
        raise EvidenceRefused(f"rows are picked by {unknown[0]!r}", allowed=", ".join(SELECTORS), where=FILE)
    because = " ".join(str(entry.get("because") or "").split())
    if not because:
        raise EvidenceRefused(f"a note on {study} without a reason", allowed="words under `because`", where=FILE)
    note = Note(study, rows, because)
    if not any(note.speaks_of(row) for row in studies[study]):
        raise EvidenceRefused(f"a note on {study} that no row matches: {rows}", remedy="Correct `rows`", where=FILE)
    return note


def parse_notes(text: str, exposures: Iterable[Exposure]) -> ExposureNotes:
    """Notes from the text of the file.

    Args:
        text: YAML.
        exposures: the rows the notes are about.

    Raises:
        EvidenceRefused: a study, a column or a reason is missing, or a note matches no row.
    """
    raw = parse_yaml(text, FILE)
    studies: dict[str, list[Exposure]] = {}
    for row in exposures:
        studies.setdefault(row.study_id, []).append(row)
    named = [*raw["window_h"], *raw["weight_kg"], *(study for own in raw["built_from"].values() for study in own)]
    for study in named:
        if study not in studies:
            raise EvidenceRefused(f"study is {study!r}", remedy=near_miss(study, studies), where=FILE)
    return ExposureNotes(
        {study: float(entry["value"]) for study, entry in raw["window_h"].items()},
        {study: float(entry["value"]) for study, entry in raw["weight_kg"].items()},
        {model: tuple(own) for model, own in raw["built_from"].items()},
        {words: tuple(groups) for words, groups in raw["ancestry"].items()},
        tuple(_note(entry, studies) for entry in raw["not_comparable"]),
        tuple(_note(entry, studies) for entry in raw["misses"]),
    )


@cache
def load_notes() -> ExposureNotes:
    """The notes of the published exposures.

    Raises:
        EvidenceRefused: see `parse_notes`.
    """
    return parse_notes(read_text(published() / FILE, FILE), load_exposures())
