"""Ready to leave: a checklist from published rules. An item that nobody answered is not met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from remit.evidence.rules import Rule, load_monitoring
from remit.evidence.tables import Field, near_miss, published, read_csv
from remit.safety.finding import COMPARE
from remit.safety.policy import Policy
from remit.vocabulary.errors import EvidenceRefused, InputRefused

FILE = "leaving.csv"
FIELDS = (
    Field("item", required=True),
    Field("rule", required=True),
    Field("question", required=True),
    Field("variable", choices=("minutes_since_dose",)),
    Field("operator", choices=tuple(COMPARE)),
    Field("threshold", "number", low=0),
    Field("unit", choices=("min",)),
)
NO_CUT_OFF = (
    "No source that was read gives a dissociation total or an oxygen saturation at which a person may leave; "
    "the items of the EU checklist could not be read."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the checklist.

    Attributes:
        item, question: its name, and what is asked.
        variable, operator, threshold, unit: where it is measured; None where it is judged.
        rule_id, sources: where it comes from.
        is_followed, is_borrowed: under the policy; written for another route.
    """

    item: str
    question: str
    variable: str | None
    operator: str | None
    threshold: float | None
    unit: str | None
    rule_id: str
    sources: tuple[str, ...]
    is_followed: bool
    is_borrowed: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a person may leave by the rules that were read.

    Attributes:
        is_ready: whether every followed item is known to be met.
        unmet, unknown: items that are not met, and that nobody answered.
    """

    is_ready: bool
    unmet: tuple[str, ...]
    unknown: tuple[str, ...]


@cache
def _rows() -> tuple[dict[str, object], ...]:
    rows = []
    for row in read_csv(published() / FILE, FIELDS, FILE):
        if row["rule"] not in load_monitoring():
            raise EvidenceRefused(
                f"rule is {row['rule']!r}", remedy=near_miss(row["rule"], load_monitoring()), where=row.where
            )
        parts = [row[name] is None for name in ("variable", "operator", "threshold", "unit")]
        if any(parts) != all(parts):
            raise EvidenceRefused(
                "half a comparison", allowed="variable, operator, threshold and unit, or none", where=row.where
            )
        rows.append(dict(row.values))
    return tuple(rows)


def checklist(rules: Mapping[str, bool], policy: Policy) -> tuple[Item, ...]:
    """The items of the rules of a session.

    Args:
        rules: by id of a monitoring rule that bears on the session: whether it is borrowed from another route.
        policy: which of them are followed.

    Raises:
        EvidenceRefused: ``leaving.csv`` is malformed.
    """
    known: Mapping[str, Rule] = load_monitoring()
    return tuple(
        Item(
            item=str(row["item"]),
            question=str(row["question"]),
            variable=row["variable"],  # type: ignore[arg-type]
            operator=row["operator"],  # type: ignore[arg-type]
            threshold=row["threshold"],  # type: ignore[arg-type]
            unit=row["unit"],  # type: ignore[arg-type]
            rule_id=str(row["rule"]),
            sources=known[str(row["rule"])].sources,
            is_followed=policy.follows(known[str(row["rule"])]),
            is_borrowed=rules[str(row["rule"])],
        )
        for row in _rows()
        if row["rule"] in rules
    )


def ready_to_leave(
    items: tuple[Item, ...], minutes_since_dose: float | None, answers: Mapping[str, bool | None]
) -> Readiness:
    """Whether every followed item is known to be met.

    Args:
        items: of `checklist`.
        minutes_since_dose: [min]; None where it is not known.
        answers: by item that is judged; None or absent where nobody answered.

    Raises:
        InputRefused: an answer is to no item, or to one that is measured.
    """
    judged = {each.item for each in items if each.variable is None}
    for name in answers:
        if name not in judged:
            raise InputRefused(
                f"{name!r} is no item to judge", allowed=", ".join(sorted(judged)), remedy=near_miss(name, judged)
            )
    unmet, unknown = [], []
    for each in items:
        if not each.is_followed:
            continue
        if each.variable is None or each.operator is None:
            met = answers.get(each.item)
        else:
            met = None if minutes_since_dose is None else COMPARE[each.operator](minutes_since_dose, each.threshold)
        if met is None:
            unknown.append(each.item)
        elif not met:
            unmet.append(each.item)
    # a checklist without a single item says nothing, and nothing is not a reason to let anybody go
    is_ready = bool(any(each.is_followed for each in items)) and not unmet and not unknown
    return Readiness(is_ready, tuple(unmet), tuple(unknown))
