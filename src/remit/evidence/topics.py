"""moderator_topics.yaml: what people ask "for whom" about, and which published moderators speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.evidence.moderators import Moderator, load_moderators
from remit.evidence.tables import Field, check_record, near_miss, parse_yaml, published, read_text
from remit.vocabulary.errors import EvidenceRefused

FILE = "moderator_topics.yaml"
OF = ("person", "treatment", "course", "study")
FIELDS = (
    Field("id", required=True),
    Field("title", required=True),
    Field("of", required=True, choices=OF),
    Field("moderators"),
)


@dataclass(frozen=True, slots=True)
class Topic:
    """Something people ask about.

    Attributes:
        id, title: its name, and what it is in words.
        of: what it is a trait of: the ``person`` before treatment, the ``treatment``, the early ``course`` or the
            ``study``.
        findings: what was published about it; empty where nothing is in the collected evidence.
    """

    id: str
    title: str
    of: str
    findings: tuple[Moderator, ...]


def parse_topics(text: str, moderators: tuple[Moderator, ...]) -> dict[str, Topic]:
    """Topics by id, in the order of the file.

    Args:
        text: of the file.
        moderators: every published finding.

    Raises:
        EvidenceRefused: the file is malformed, names a moderator that nobody published, or leaves one out.
    """
    entries: Any = parse_yaml(text, FILE)
    entries = entries.get("topics") if isinstance(entries, dict) else None
    if not isinstance(entries, list):
        raise EvidenceRefused("there is no list of topics", allowed="topics: a list of records", where=FILE)
    known = {each.moderator for each in moderators}
    found: dict[str, Topic] = {}
    placed: set[str] = set()
    for entry in entries:
        values = check_record(entry, FIELDS, FILE, text)
        names = values["moderators"] or []
        for name in names:
            if name not in known:
                raise EvidenceRefused(
                    f"topic {values['id']!r} names {name!r}", allowed="a text of the column moderator",
                    remedy=near_miss(name, known) or "Correct the name", where=FILE,
                )  # fmt: skip
        if values["id"] in found:
            raise EvidenceRefused(f"topic {values['id']!r} stands twice", where=FILE)
        placed |= set(names)
        findings = tuple(each for each in moderators if each.moderator in names)
        found[values["id"]] = Topic(values["id"], values["title"], values["of"], findings)
    if missing := sorted(known - placed):
        raise EvidenceRefused(
            f"no topic for {'; '.join(missing)}", remedy="Put each under the topics it speaks of", where=FILE
        )
    return found


@cache
def load_topics() -> dict[str, Topic]:
    """All topics by id, in the order in which answers show them.

    Raises:
        EvidenceRefused: see `parse_topics`.
    """
    return parse_topics(read_text(published() / FILE, FILE), load_moderators())
