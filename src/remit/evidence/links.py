"""links.yaml: the chain from a dose to symptoms, and how well each of its links is established in humans."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.evidence.assumptions import load_assumptions
from remit.evidence.sources import load_sources
from remit.evidence.tables import Field, check_record, near_miss, parse_yaml, published, read_text
from remit.vocabulary.errors import EvidenceRefused

FILE = "links.yaml"
STANDINGS = {
    "measured": "measured in humans", "indirect": "measured indirectly in humans", "assumed": "assumed",
}  # fmt: skip
LINK_FIELDS = (
    Field("id", required=True),
    Field("from", required=True),
    Field("to", required=True),
    Field("standing", required=True, choices=tuple(STANDINGS)),
    Field("statement", required=True),
    Field("gap", required=True),
    Field("sources", required=True),
    Field("assumptions"),
)
NOT_VARIED_FIELDS = (Field("id", required=True), Field("reason", required=True))


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain.

    Attributes:
        id, start, end: its name, and what it leads from and to.
        standing: one of `STANDINGS`.
        statement, gap: what is taken to be so, and what nobody knows.
        sources: ids of `sources*.csv`.
        assumptions: ids of `assumptions.yaml` that stand in it.
    """

    id: str
    start: str
    end: str
    standing: str
    statement: str
    gap: str
    sources: tuple[str, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """The links in order, and why some fixed assumptions are not moved, by id."""

    links: tuple[Link, ...]
    not_varied: dict[str, str]


def parse_chain(text: str) -> Chain:
    """The chain from the text of its file.

    Raises:
        EvidenceRefused: the file is malformed, or names a source or an assumption that is not there.
    """
    content: Any = parse_yaml(text, FILE)
    if not isinstance(content, dict) or not isinstance(content.get("links"), list):
        raise EvidenceRefused("there is no list of links", allowed="links: a list of records", where=FILE)
    links = []
    for record in content["links"]:
        values = check_record(record, LINK_FIELDS, FILE, text)
        sources, assumed = tuple(values["sources"]), tuple(values["assumptions"] or ())
        _known(values["id"], sources, load_sources(), "source")
        _known(values["id"], assumed, load_assumptions(), "assumption")
        links.append(
            Link(
                values["id"], values["from"], values["to"], values["standing"], values["statement"], values["gap"],
                sources, assumed,
            )
        )  # fmt: skip
    reasons = {}
    for record in content.get("not_varied") or []:
        values = check_record(record, NOT_VARIED_FIELDS, FILE, text)
        _known("not_varied", (values["id"],), load_assumptions(), "assumption")
        reasons[values["id"]] = values["reason"]
    return Chain(tuple(links), reasons)


def _known(of: str, names: tuple[str, ...], known: Any, kind: str) -> None:
    for name in names:
        if name not in known:
            raise EvidenceRefused(
                f"{of} names the {kind} {name!r}", allowed=f"an id of a known {kind}", remedy=near_miss(name, known),
                where=FILE,
            )  # fmt: skip


@cache
def load_chain() -> Chain:
    """The chain of the published evidence.

    Raises:
        EvidenceRefused: see `parse_chain`.
    """
    return parse_chain(read_text(published() / FILE, FILE))
