"""audit_notes.yaml: what came of each finding of the audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from remit.evidence.audit import CHECKS, Finding
from remit.evidence.tables import Field, check_record, near_miss, parse_yaml, published, read_text
from remit.evidence.trials import study_ids
from remit.vocabulary.errors import EvidenceRefused

FILE = "audit_notes.yaml"
OUTCOMES = ("mended", "flagged", "explained")
SELECTORS = ("arm_id", "scale", "metric", "unit", "time_h", "how", "source_id")
FIELDS = (
    Field("check", required=True, choices=tuple(CHECKS)),
    Field("study"),
    Field("rows"),
    Field("outcome", required=True, choices=OUTCOMES),
    Field("because", required=True),
)


@dataclass(frozen=True, slots=True)
class AuditNote:
    """What came of some findings of a check.

    Attributes:
        check: the check.
        study: one study; None for all.
        rows: columns and the value they must have; empty for every row.
        outcome: ``mended`` in the data, ``flagged`` as doubtful, or ``explained``.
        because: why, in words.
    """

    check: str
    study: str | None
    rows: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = "explained"
    because: str = ""

    def speaks_of(self, finding: Finding) -> bool:
        """Whether the note is about a finding."""
        if self.check != finding.check or self.study not in {None, finding.study_id}:
            return False
        return all(finding.row is not None and getattr(finding.row, name) == value for name, value in self.rows.items())


def parse_notes(text: str, studies: Iterable[str]) -> tuple[AuditNote, ...]:
    """Notes from the text of the file, those about one study first.

    Raises:
        EvidenceRefused: a check, study or column is unknown, or a reason is missing.
    """
    known = set(studies)
    found = []
    for record in parse_yaml(text, FILE):
        values = check_record(record, FIELDS, FILE, text)
        if values["study"] and values["study"] not in known:
            raise EvidenceRefused(
                f"study is {values['study']!r}", remedy=near_miss(values["study"], known) or "See: remit evidence list",
                where=FILE,
            )  # fmt: skip
        rows = record.get("rows") or {}
        if unknown := sorted(set(rows) - set(SELECTORS)):
            raise EvidenceRefused(f"rows are picked by {unknown[0]!r}", allowed=", ".join(SELECTORS), where=FILE)
        because = " ".join(str(values["because"]).split())
        found.append(AuditNote(values["check"], values["study"], rows, values["outcome"], because))
    return tuple(sorted(found, key=lambda note: note.study is None))


@cache
def load_notes() -> tuple[AuditNote, ...]:
    """The notes on the published evidence.

    Raises:
        EvidenceRefused: see `parse_notes`.
    """
    return parse_notes(read_text(published() / FILE, FILE), study_ids())


def note_on(finding: Finding, notes: Iterable[AuditNote]) -> AuditNote | None:
    """The most particular note on a finding; None where it is open."""
    return next((note for note in notes if note.speaks_of(finding)), None)
