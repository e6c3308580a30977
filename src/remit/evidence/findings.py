"""findings.csv: published findings that bear on a claim and are neither outcomes of a trial nor moderators."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from remit.evidence.sources import require_source
from remit.evidence.tables import Field, published, read_csv
from remit.vocabulary.errors import EvidenceRefused

FILE = "findings.csv"
SHOWS = ("yes", "no", "mixed", "opposite")
PEOPLE = ("anxiety", "ptsd", "ocd", "depression", "mixed", "healthy", "other", "animals")
DESIGNS = ("randomised", "controlled", "uncontrolled", "review", "not_stated")
BLINDINGS = ("double_blind", "single_blind", "open", "not_stated")
HOW = ("read", "derived", "assumed")
FIELDS = (
    Field("finding_id", required=True),
    Field("study", required=True),
    Field("asks", required=True),
    Field("shows", required=True, choices=SHOWS),
    Field("people", required=True, choices=PEOPLE),
    Field("n", "integer", low=1),
    Field("design", required=True, choices=DESIGNS),
    Field("blinding", required=True, choices=BLINDINGS),
    Field("finding", required=True),
    Field("how", required=True, choices=HOW),
    Field("derivation"),
    Field("source_id", required=True),
    Field("place", required=True),
    Field("note"),
)


@dataclass(frozen=True, slots=True)
class PublishedFinding:
    """One published finding about a question that can be answered yes or no.

    Attributes:
        finding_id: its name.
        file, line: where it stands.
        study: whose people or animals; findings with the same study are of the same ones.
        asks: code of the question, the same for all findings about it.
        shows: ``yes``, ``no`` where nothing was found, which is not proof of none, ``mixed``, or ``opposite``.
        people: whom it was seen in; ``mixed`` where people with and without a disorder are not told apart.
        n: how many; None where not stated.
        design, blinding: of the study.
        finding: in our words.
        how, derivation, source_id, place, note: where it was seen and what a reader must know.
    """

    finding_id: str
    file: str
    line: int
    study: str
    asks: str
    shows: str
    people: str
    n: int | None
    design: str
    blinding: str
    finding: str
    how: str
    derivation: str | None
    source_id: str
    place: str
    note: str | None


@cache
def load_findings() -> dict[str, PublishedFinding]:
    """All findings by id.

    Raises:
        EvidenceRefused: the file is malformed or a finding stands twice.
    """
    found: dict[str, PublishedFinding] = {}
    for row in read_csv(published() / FILE, FIELDS, FILE):
        require_source(row, "sources_findings.csv")
        if row["finding_id"] in found:
            raise EvidenceRefused(f"finding {row['finding_id']!r} stands twice", where=row.where)
        # the fields of the table are those of the record, which its reader has checked
        found[row["finding_id"]] = PublishedFinding(file=row.file, line=row.line, **row.values)  # type: ignore[arg-type]
    return found
