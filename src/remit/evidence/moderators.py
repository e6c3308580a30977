"""moderators/*.csv: who responds, how soon, and what else goes with more or less benefit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from remit.evidence.sources import require_source
from remit.evidence.tables import Field, Row, published, read_csv
from remit.vocabulary.errors import EvidenceRefused

ABOUT = ("patient", "treatment", "course", "design")
DOMAINS = ("anxiety", "ptsd", "ocd", "depression", "sleep", "other")
RELATIONS = ("more_benefit", "less_benefit", "no_difference", "mixed", "other")
HOW = ("read", "derived", "assumed")
FIELDS = (
    Field("moderator", required=True),
    Field("about", required=True, choices=ABOUT),
    Field("outcome", required=True),
    Field("domain", required=True, choices=DOMAINS),
    Field("n", "integer", low=1),
    Field("n_note"),
    Field("finding", required=True),
    Field("relation", required=True, choices=RELATIONS),
    Field("estimate", "number"),
    Field("estimate_unit"),
    Field("low", "number"),
    Field("high", "number"),
    Field("p_bound", choices=("below", "above")),
    Field("p", "number", low=0, high=1),
    Field("how", required=True, choices=HOW),
    Field("derivation"),
    Field("source_id", required=True),
    Field("place", required=True),
    Field("flag", choices=("retracted",)),
    Field("note"),
)


@dataclass(frozen=True, slots=True)
class Moderator:
    """One published finding about what goes with benefit.

    Attributes:
        study_id: its study; the name of the file.
        file, line: where it stands.
        moderator: what was compared or correlated.
        about: a trait of the ``patient``, the ``treatment``, the early ``course`` or the ``design`` of the study.
        outcome, domain: on what, and of which kind: most are depression scales and say little about anxiety.
        n, n_note: people, or what was published where it is not one number.
        finding: in words.
        relation: ``more_benefit`` where more of the moderator goes with more benefit; ``no_difference`` where none was
            found, which is not proof of none.
        estimate, estimate_unit, low, high: the number and its interval; None where only words are published.
        p_bound, p: p value; ``below`` where it is printed as less than.
        how, derivation, source_id, place: where it was seen and how it was obtained.
        flag, note: what a reader must know.
    """

    study_id: str
    file: str
    line: int
    moderator: str
    about: str
    outcome: str
    domain: str
    n: int | None
    n_note: str | None
    finding: str
    relation: str
    estimate: float | None
    estimate_unit: str | None
    low: float | None
    high: float | None
    p_bound: str | None
    p: float | None
    how: str
    derivation: str | None
    source_id: str
    place: str
    flag: str | None
    note: str | None


def _moderator(row: Row, study_id: str) -> Moderator:
    if (row["low"] is None) != (row["high"] is None) or (row["low"] is not None and row["low"] > row["high"]):
        raise EvidenceRefused(
            f"an interval from {row['low']} to {row['high']}", allowed="both ends, the lower one first",
            where=f"{row.where}, column low",
        )  # fmt: skip
    require_source(row)
    return Moderator(study_id=study_id, file=row.file, line=row.line, **row.values)  # type: ignore[arg-type]


@cache
def load_moderators() -> tuple[Moderator, ...]:
    """All findings, by study.

    Raises:
        EvidenceRefused: a file is malformed.
    """
    found = []
    for path in sorted((published() / "moderators").iterdir(), key=lambda entry: entry.name):
        if path.name.endswith(".csv"):
            rows = read_csv(path, FIELDS, f"moderators/{path.name}")
            found += [_moderator(row, path.name.removesuffix(".csv")) for row in rows]
    return tuple(found)
