"""safety_studies.csv: design, blinding and period of each study of ``safety/``, as far as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from remit.evidence.adverse_effects import load_adverse_effects
from remit.evidence.tables import Field, published, read_csv
from remit.vocabulary.errors import EvidenceRefused

FILE = "safety_studies.csv"
PERIODS = (
    "single_session", "first_week", "two_weeks", "four_weeks", "six_weeks", "series", "maintenance", "long_term",
    "clinic", "all_trials", "label", "anaesthesia",
)  # fmt: skip
FIELDS = (
    Field("study_id", required=True),
    Field("design", required=True, choices=("randomised", "controlled", "uncontrolled", "not_stated")),
    Field("blinding", required=True, choices=("double_blind", "open", "not_stated")),
    Field("period", required=True, choices=PERIODS),
    Field("spoken", required=True),
    Field("kind", required=True, choices=("study", "pool")),
    Field("basis", required=True),
)


@dataclass(frozen=True, slots=True)
class SafetyStudy:
    """How a study of side effects was made.

    Attributes:
        study_id: its name; a file of ``safety/``.
        design: randomised, controlled (randomisation not stated), uncontrolled, or not stated.
        blinding: double_blind, open, or not stated.
        period, spoken: over how long side effects were counted, as a code and in words.
        kind: ``pool`` of several trials by a maker or on a label: shown, never pooled again with its own trials.
        basis: where this was read.
    """

    study_id: str
    design: str
    blinding: str
    period: str
    spoken: str
    kind: str
    basis: str


@cache
def load_safety_studies() -> dict[str, SafetyStudy]:
    """All studies of side effects by id.

    Raises:
        EvidenceRefused: the file is malformed, a study stands twice, or one has rows and no line here.
    """
    found: dict[str, SafetyStudy] = {}
    for row in read_csv(published() / FILE, FIELDS, FILE):
        if row["study_id"] in found:
            raise EvidenceRefused(f"study {row['study_id']!r} stands twice", where=row.where)
        # the fields of the table are those of the record, which its reader has checked
        found[row["study_id"]] = SafetyStudy(**row.values)  # type: ignore[arg-type]
    known = {effect.study_id for effect in load_adverse_effects()}
    if odd := sorted(known ^ set(found)):
        raise EvidenceRefused(f"{odd[0]!r} stands in only one of safety/ and {FILE}", where=FILE, remedy="Add it")
    return found
