"""assumptions.yaml: what was chosen because nobody measured it, each with reason, owner and date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from remit.evidence.tables import published, read_text
from remit.vocabulary.errors import EvidenceRefused

FILE = "assumptions.yaml"
KINDS = {
    "fixed": ("value", "low", "high"),
    "prior": ("family",),
}
FAMILIES = {"normal": ("mean", "sd"), "halfnormal": ("scale",)}
COMMON = ("id", "kind", "unit", "statement", "reason", "sources", "owner", "date")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One choice. Fields of the other kind are NaN or empty.

    Attributes:
        id: its name.
        kind: ``fixed`` or ``prior``.
        value, low, high: of a fixed value [unit].
        family, mean, sd, scale: of a prior [unit].
        unit: of all numbers.
        statement: what is assumed, in one sentence.
        reason: why.
        sources: published numbers it leans on.
        owner, date: who chose it and when.
    """

    id: str
    kind: str
    unit: str
    statement: str
    reason: str
    sources: tuple[str, ...]
    owner: str
    date: str
    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    family: str = ""
    mean: float = float("nan")
    sd: float = float("nan")
    scale: float = float("nan")


def _refuse(entry: dict[str, Any], what: str, allowed: str) -> EvidenceRefused:
    return EvidenceRefused(
        what,
        allowed=allowed,
        where=f"{FILE}, entry {entry.get('id', '?')!r}",
        remedy="Mend the entry; CONTRIBUTING.md shows one",
    )


def _assumption(entry: dict[str, Any]) -> Assumption:
    kind = entry.get("kind")
    if kind not in KINDS:
        raise _refuse(entry, f"kind {kind!r}", ", ".join(KINDS))
    wanted = [*COMMON, *KINDS[kind]]
    if kind == "prior":
        if entry.get("family") not in FAMILIES:
            raise _refuse(entry, f"family {entry.get('family')!r}", ", ".join(FAMILIES))
        wanted += FAMILIES[entry["family"]]
    missing, unknown = [name for name in wanted if name not in entry], [name for name in entry if name not in wanted]
    if missing or unknown:
        raise _refuse(entry, f"missing {missing}, unknown {unknown}", ", ".join(wanted))
    if kind == "fixed" and not entry["low"] <= entry["value"] <= entry["high"]:
        raise _refuse(
            entry, f"value {entry['value']} outside {entry['low']} to {entry['high']}", "low <= value <= high"
        )
    return Assumption(**{**entry, "sources": tuple(entry["sources"]), "date": str(entry["date"])})


def parse(text: str) -> dict[str, Assumption]:
    """Assumptions by id, from the text of a file.

    Raises:
        EvidenceRefused: the text is not YAML, or an entry is malformed or stands twice.
    """
    try:
        entries = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["assumptions"]  # noqa: S506
    except (yaml.YAMLError, KeyError, TypeError) as fault:
        raise EvidenceRefused(f"not a list of assumptions ({fault})", where=FILE) from None
    found: dict[str, Assumption] = {}
    for entry in entries:
        assumption = _assumption(entry)
        if assumption.id in found:
            raise _refuse(entry, "stands twice", "one entry an id")
        found[assumption.id] = assumption
    return found


@cache
def load_assumptions() -> dict[str, Assumption]:
    """All assumptions by id.

    Raises:
        EvidenceRefused: the file is malformed.
    """
    return parse(read_text(published() / FILE, FILE))
