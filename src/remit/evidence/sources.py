"""sources*.csv: where each number was seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from remit.evidence.tables import Field, Row, near_miss, published, read_csv
from remit.vocabulary.errors import EvidenceRefused

FIELDS = (
    Field("source_id", required=True),
    Field("citation", required=True),
    Field("doi"),
    Field("pmid"),
    Field("url"),
    Field("kind", required=True),
    Field("licence_or_status", required=True),
    Field("read_on", required=True),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A page or paper a number was read from.

    Attributes:
        source_id: its name in the evidence.
        citation, doi, pmid, url: what and where it is.
        kind: abstract, table, registry, label, review, secondary ...
        licence_or_status: licence of the data, or ``fact`` where single facts were read.
        read_on: month it was read.
    """

    source_id: str
    citation: str
    doi: str | None
    pmid: str | None
    url: str | None
    kind: str
    licence_or_status: str
    read_on: str


UNFILLED = "TO FILL IN"
"""What `remit evidence new` writes where a person must write; a row whose source holds it is refused."""


@cache
def load_sources() -> dict[str, Source]:
    """All sources by id.

    Raises:
        EvidenceRefused: a file is malformed or an id stands twice.
    """
    found: dict[str, Source] = {}
    names = sorted(
        file.name for file in published().iterdir() if file.name.startswith("sources") and file.name.endswith(".csv")
    )
    for name in names:
        for row in read_csv(published() / name, FIELDS, name):
            if row["source_id"] in found:
                raise EvidenceRefused(
                    f"source {row['source_id']!r} stands twice", remedy="Give one of them another id", where=row.where
                )
            found[row["source_id"]] = Source(**row.values)  # type: ignore[arg-type]
    return found


def find_source(source_id: str) -> Source:
    """A source by its id.

    Raises:
        EvidenceRefused: there is none of that id.
    """
    known = load_sources()
    if source_id not in known:
        raise EvidenceRefused(
            f"unknown source {source_id!r}", remedy=near_miss(source_id, known) or "Add it to sources.csv"
        )
    return known[source_id]


def require_source(row: Row, table: str = "sources.csv") -> None:
    """Refuse a row whose source is not known.

    Args:
        row: with a column ``source_id``.
        table: where a missing source would be added.

    Raises:
        EvidenceRefused: its ``source_id`` is in no table of sources, or stands there without a citation yet.
    """
    known = load_sources()
    if row["source_id"] not in known:
        raise EvidenceRefused(
            f"source_id is {row['source_id']!r}",
            allowed="an id of sources*.csv",
            remedy=near_miss(row["source_id"], known) or f"Add it to {table}",
            where=f"{row.where}, column source_id",
        )
    source = known[str(row["source_id"])]
    if UNFILLED in {source.citation, source.read_on}:
        raise EvidenceRefused(
            f"source {source.source_id} is still {UNFILLED!r}", where=f"{row.where}, column source_id",
            remedy=f"Write in {table} or sources_new.csv where its numbers were seen, and when",
        )  # fmt: skip
