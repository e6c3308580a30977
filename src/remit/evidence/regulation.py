"""regulatory.csv: approvals and warnings; ongoing_trials.csv: trials whose results are not here yet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from remit.evidence.sources import require_source
from remit.evidence.tables import Field, Row, published, read_csv
from remit.evidence.trials import ROUTES, study_ids
from remit.vocabulary.errors import EvidenceRefused

ROLES = ("regulator", "assessor", "authors", "press", "seller", "other")
TOPICS = ("approval", "home_use", "speed", "who")
STANCES = (
    "approved", "not_approved", "not_recommended", "warns", "supervised_only", "restricts", "permits", "other",
)  # fmt: skip
CONDITIONS = (
    "any", "anxiety", "ptsd", "depression", "treatment_resistant_depression", "depression_with_suicidal_ideation",
    "other_psychiatric", "anaesthesia",
)  # fmt: skip
STATUSES = ("not_yet_recruiting", "recruiting", "active", "completed", "unknown")
HOW = ("read", "derived", "assumed")
FACT_FIELDS = (
    Field("fact_id", required=True),
    Field("body", required=True),
    Field("role", required=True, choices=ROLES),
    Field("date"),
    Field("date_note"),
    Field("drug", required=True),
    Field("topic", required=True, choices=TOPICS),
    Field("stance", required=True, choices=STANCES),
    Field("conditions", "list", required=True),
    Field("statement", required=True),
    Field("how", required=True, choices=HOW),
    Field("source_id", required=True),
    Field("place", required=True),
    Field("note"),
)
TRIAL_FIELDS = (
    Field("trial_id", required=True),
    Field("registry_id"),
    Field("registry_note"),
    Field("title", required=True),
    Field("condition", required=True),
    Field("treatment", required=True),
    Field("routes", "list"),
    Field("n", "integer", low=1),
    Field("randomised", required=True, choices=("yes", "no", "unknown")),
    Field("design"),
    Field("status", required=True, choices=STATUSES),
    Field("status_note"),
    Field("start"),
    Field("completion"),
    Field("results_in"),
    Field("how", required=True, choices=HOW),
    Field("source_id", required=True),
    Field("place", required=True),
)


@dataclass(frozen=True, slots=True)
class RegulatoryFact:
    """What a body said about a drug, when, and where that was seen.

    Attributes:
        fact_id: its name.
        file, line: where it stands.
        body, role: who said it: a ``regulator``, an ``assessor`` of value, ``authors``, the ``press``, a ``seller``.
        date, date_note: year or month, or what is known where it is not a date.
        drug, topic, statement: of what, about what, in our words.
        stance: what it comes to: ``approved`` or ``not_approved``, ``not_recommended`` by an assessor, ``warns``,
            ``supervised_only``, ``restricts`` to some people, ``permits`` for some, or ``other``.
        conditions: for which conditions; ``any`` where it speaks of none in particular.
        how, source_id, place, note: where it was seen and what a reader must know.
    """

    fact_id: str
    file: str
    line: int
    body: str
    role: str
    date: str | None
    date_note: str | None
    drug: str
    topic: str
    stance: str
    conditions: tuple[str, ...]
    statement: str
    how: str
    source_id: str
    place: str
    note: str | None


@dataclass(frozen=True, slots=True)
class OngoingTrial:
    """A registered trial.

    Attributes:
        trial_id: its name here.
        file, line: where it stands.
        registry_id, registry_note: number in the registry, or what was seen in its place.
        title, condition, treatment, routes, n, randomised, design: as registered; ``n`` is planned or reached.
        status, status_note: as last seen, with the date where shown.
        start, completion: dates as registered.
        results_in: study of this evidence that holds its results; None where there is none.
        how, source_id, place: where it was seen.
    """

    trial_id: str
    file: str
    line: int
    registry_id: str | None
    registry_note: str | None
    title: str
    condition: str
    treatment: str
    routes: tuple[str, ...]
    n: int | None
    randomised: str
    design: str | None
    status: str
    status_note: str | None
    start: str | None
    completion: str | None
    results_in: str | None
    how: str
    source_id: str
    place: str


@cache
def load_regulatory_facts() -> tuple[RegulatoryFact, ...]:
    """All approvals and warnings.

    Raises:
        EvidenceRefused: the file is malformed.
    """
    rows = read_csv(published() / "regulatory.csv", FACT_FIELDS, "regulatory.csv")
    _each_once(rows, "fact_id")
    for row in rows:
        if unknown := sorted(set(row["conditions"]) - set(CONDITIONS)):
            raise EvidenceRefused(
                f"conditions holds {unknown[0]!r}", allowed=", ".join(CONDITIONS),
                where=f"{row.where}, column conditions",
            )  # fmt: skip
    return tuple(RegulatoryFact(file=row.file, line=row.line, **row.values) for row in rows)  # type: ignore[arg-type]


@cache
def load_ongoing_trials() -> tuple[OngoingTrial, ...]:
    """All trials under way.

    Raises:
        EvidenceRefused: the file is malformed, or names results that are not here.
    """
    rows = read_csv(published() / "ongoing_trials.csv", TRIAL_FIELDS, "ongoing_trials.csv")
    _each_once(rows, "trial_id")
    for row in rows:
        if row["results_in"] and row["results_in"] not in study_ids():
            raise EvidenceRefused(
                f"results_in is {row['results_in']!r}", allowed="a study of this evidence, or blank",
                where=f"{row.where}, column results_in",
            )  # fmt: skip
        if unknown := sorted(set(row["routes"]) - set(ROUTES)):
            raise EvidenceRefused(
                f"routes holds {unknown[0]!r}", allowed=", ".join(ROUTES), where=f"{row.where}, column routes"
            )
    return tuple(OngoingTrial(file=row.file, line=row.line, **row.values) for row in rows)  # type: ignore[arg-type]


def _each_once(rows: list[Row], name: str) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        require_source(row)
        if row[name] in seen:
            raise EvidenceRefused(
                f"{name} {row[name]!r} stands twice", remedy=f"See line {seen[row[name]]}", where=row.where
            )
        seen[row[name]] = row.line
