"""Medicines a person takes: which interaction rules they touch. A name that no source gave is said to be unread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.evidence.conditions import load_variables
from remit.evidence.sources import require_source
from remit.evidence.tables import Field, near_miss, published, read_csv
from remit.vocabulary.errors import EvidenceRefused, InputRefused

FILE = "medicines.csv"
FIELDS = (
    Field("medicine", required=True),
    Field("variable", required=True),
    Field("value", required=True),
    Field("source_id", required=True),
    Field("place", required=True),
    Field("note"),
)


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine of a record.

    Attributes:
        name: as given.
        sets: variables it answers with yes, or with its own name; empty where no source named it.
    """

    name: str
    sets: tuple[str, ...]


@cache
def load_medicines() -> dict[str, dict[str, bool | str]]:
    """Medicines that sources of the rules name: what each says of which variable.

    Raises:
        EvidenceRefused: the file is malformed, or names a variable, value or source that is not known.
    """
    found: dict[str, dict[str, bool | str]] = {}
    for row in read_csv(published() / FILE, FIELDS, FILE):
        variable = load_variables().get(row["variable"])
        if variable is None:
            raise EvidenceRefused(f"variable {row['variable']!r}", allowed="one of rule_variables.csv", where=row.where)
        allowed = ("true",) if variable.kind == "yes_no" else variable.choices
        if row["value"] not in allowed:
            raise EvidenceRefused(f"value {row['value']!r}", allowed=", ".join(allowed), where=row.where)
        require_source(row, "sources_rules.csv")
        found.setdefault(row["medicine"], {})[variable.variable] = True if row["value"] == "true" else row["value"]
    return found


def with_medicines(
    values: Mapping[str, Any], medicines: Sequence[str] | None
) -> tuple[dict[str, Any], tuple[Medicine, ...], list[str]]:
    """What is known, with what the medicines say.

    A medicine answers with yes only: that none is listed does not say that none is taken.

    Args:
        values: by variable.
        medicines: names; None where they are not known.

    Returns:
        The values, the medicines, and remarks.

    Raises:
        InputRefused: a medicine says yes where the record says no.
    """
    found, known, notes = dict(values), load_medicines(), []
    read = []
    for name in medicines or ():
        says = known.get(name.strip().lower(), {})
        for variable, value in says.items():
            if found.get(variable) not in (None, value):
                raise InputRefused(
                    f"{name} is taken, and {variable} is {found[variable]!r}",
                    remedy="Correct one of them",
                    where="medicines",
                )
            found[variable] = value
        read.append(Medicine(name, tuple(says)))
        if not says:
            hint = near_miss(name.strip().lower(), known)
            notes.append(
                f"{name}: no source of the rules names it; answer the fields concomitant_... for it."
                + (f" {hint}" if hint else "")
            )
    return found, tuple(read), notes
