"""searches.csv: what was looked up, when, with which words, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from remit.evidence.tables import Field, Row, published, read_csv
from remit.vocabulary.errors import EvidenceRefused

FILE = "searches.csv"
NOTHING = "nothing_usable"
FOUND = ("rows_added", NOTHING)
FIELDS = (
    Field("search_id", required=True),
    Field("searched_on", required=True),
    Field("about", required=True),
    Field("words", required=True),
    Field("where", required=True),
    Field("found", required=True, choices=FOUND),
    Field("rows", "list"),
    Field("bears_on", "list", required=True),
    Field("note"),
)


@dataclass(frozen=True, slots=True)
class Search:
    """One look at the literature.

    Attributes:
        search_id: its name.
        searched_on: the day, YYYY-MM-DD.
        about: what was looked for, in words.
        words: what was typed.
        where: what was searched.
        found: ``rows_added``, or ``nothing_usable``: nothing that could become a row.
        rows: ids of the findings, facts, trials or studies that came of it.
        bears_on: parts of claims it is about, as ``claim/part``.
        note: what a reader must know.
    """

    search_id: str
    searched_on: str
    about: str
    words: str
    where: str
    found: str
    rows: tuple[str, ...]
    bears_on: tuple[str, ...]
    note: str | None


def parse_searches(rows: Iterable[Row]) -> dict[str, Search]:
    """Searches by id.

    Raises:
        EvidenceRefused: one stands twice, has no date, or says that rows were added and names none.
    """
    found: dict[str, Search] = {}
    for row in rows:
        name = str(row["search_id"])
        if name in found:
            raise EvidenceRefused(f"search {name!r} stands twice", where=row.where)
        try:
            date.fromisoformat(str(row["searched_on"]))
        except ValueError:
            raise EvidenceRefused(
                f"searched_on is {row['searched_on']!r}", allowed="a day, YYYY-MM-DD", where=row.where
            ) from None
        if (row["found"] == "rows_added") != bool(row["rows"]):
            raise EvidenceRefused(
                f"found is {row['found']!r} with rows {'; '.join(row['rows'] or ()) or 'left blank'}",
                allowed="rows_added with the ids of rows, or nothing_usable without", where=row.where,
            )  # fmt: skip
        # the fields of the table are those of the record, which its reader has checked
        found[name] = Search(**{**row.values, "rows": tuple(row["rows"] or ())})  # type: ignore[arg-type]
    return found


@cache
def load_searches() -> dict[str, Search]:
    """All searches by id; none where older evidence is read that kept no record of them.

    Raises:
        EvidenceRefused: see `parse_searches`.
    """
    if not (published() / FILE).is_file():
        return {}
    return parse_searches(read_csv(published() / FILE, FIELDS, FILE))


def last_search(part: str) -> Search | None:
    """The newest search about a part of a claim; None where nobody looked.

    Args:
        part: ``claim/part``.
    """
    own = [each for each in load_searches().values() if part in each.bears_on]
    return max(own, key=lambda each: each.searched_on, default=None)
