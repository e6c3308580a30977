"""rule_variables.csv, and the comparisons that rules make: read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.evidence.sources import load_sources
from remit.evidence.tables import Field, check_record, near_miss, published, read_csv
from remit.vocabulary.errors import EvidenceRefused

OPERATORS = {"yes_no": ("==",), "category": ("==", "in"), "number": ("<", "<=", "==", ">=", ">")}
CONDITION_FIELDS = (
    Field("variable", required=True),
    Field("operator", required=True),
    Field("threshold"),
    Field("unit"),
    Field("times", "integer", low=1),
    Field("interval_min", "number", low=0),
    Field("sustained_min", "number", low=0),
    Field("only_when"),
    Field("source_id"),
)
VARIABLE_FIELDS = (
    Field("variable", required=True),
    Field("kind", required=True, choices=tuple(OPERATORS)),
    Field("unit"),
    Field("choices", "list"),
    Field("meaning", required=True),
    Field("asked", required=True, choices=("history", "day", "place", "session", "after")),
    Field("low", "number"),
    Field("high", "number"),
)


@dataclass(frozen=True, slots=True)
class Variable:
    """What a rule asks for: yes or no, one of ``choices``, or a number in ``unit``.

    Attributes:
        variable, kind, unit, choices, meaning: its name, what it takes, and what it says.
        asked: when it is known: from the ``history``, on the ``day`` of a dose, of the ``place``, during a ``session``
            or ``after`` it.
        low, high: numbers beyond these are taken for slips of the pen [unit].
    """

    variable: str
    kind: str
    unit: str | None
    choices: tuple[str, ...]
    meaning: str
    asked: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison.

    Attributes:
        variable, operator, threshold, unit: what is compared with what [unit]; a threshold of ``in`` is a tuple.
        times, interval_min: how often it must be seen, and how far apart [min].
        sustained_min: how long it must last [min].
        only_when: conditions under which it applies at all, for example an age.
        source_id: the source of this limit where the rule has several.
    """

    variable: str
    operator: str
    threshold: bool | float | str | tuple[str, ...]
    unit: str | None
    times: int | None
    interval_min: float | None
    sustained_min: float | None
    only_when: tuple[Condition, ...]
    source_id: str | None


@cache
def load_variables() -> dict[str, Variable]:
    """All variables rules may ask for, by name.

    Raises:
        EvidenceRefused: the file is malformed, or a variable stands twice or lacks its unit or choices.
    """
    file = "rule_variables.csv"
    found: dict[str, Variable] = {}
    for row in read_csv(published() / file, VARIABLE_FIELDS, file):
        if row["variable"] in found:
            raise EvidenceRefused(f"variable {row['variable']!r} stands twice", where=row.where)
        if (row["kind"] == "number") != (row["unit"] is not None) or (row["kind"] == "category") != bool(
            row["choices"]
        ):
            raise EvidenceRefused(
                f"{row['kind']} with unit {row['unit']!r} and choices {row['choices']}",
                allowed="a unit for a number, choices for a category, neither for yes_no",
                where=row.where,
            )
        if (row["kind"] == "number") != (row["low"] is not None) or (row["low"] is None) != (row["high"] is None):
            raise EvidenceRefused(
                f"{row['kind']} from {row['low']} to {row['high']}",
                allowed="low and high for a number, neither for others",
                where=row.where,
            )
        found[row["variable"]] = Variable(**row.values)  # type: ignore[arg-type]
    return found


class RuleFile:
    """A rule file while it is read; knows where a rule starts, for messages."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.lines = text.splitlines()

    def where(self, rule_id: str, column: str) -> str:
        """File and line of a key inside a rule; the line of the rule where the key is not found."""
        start = next((n for n, line in enumerate(self.lines) if line.strip() == f"- id: {rule_id}"), 0)
        for number in range(start, len(self.lines)):
            if number > start and self.lines[number].lstrip().startswith("- id:"):
                break
            if self.lines[number].lstrip(" -").startswith(f"{column}:"):
                return f"{self.file}, line {number + 1}, rule {rule_id}, {column}"
        return f"{self.file}, line {start + 1}, rule {rule_id}, {column}"

    def refuse(self, rule_id: str, column: str, what: str, allowed: str, remedy: str = "") -> EvidenceRefused:
        """A refusal at a key of a rule."""
        return EvidenceRefused(
            what, allowed=allowed, remedy=remedy or "Correct the rule", where=self.where(rule_id, column)
        )

    def check(self, record: Any, fields: Sequence[Field], rule_id: str) -> dict[str, Any]:
        """The values of a record of a rule against declared fields, refused at its own line."""
        try:
            return check_record(record, fields, self.file, self.text)
        except EvidenceRefused as fault:
            column = fault.where.rpartition("column ")[2] if "column " in fault.where else "id"
            where = self.where(rule_id, column)
            raise EvidenceRefused(fault.what, allowed=fault.allowed, remedy=fault.remedy, where=where) from None


def list_of(record: Mapping[str, Any], name: str, rule_id: str, file: RuleFile) -> list[Any]:
    """A list under a key of a rule; an absent key is an empty list.

    Raises:
        EvidenceRefused: there is something else.
    """
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise file.refuse(rule_id, name, f"{name} is {value!r}", "a list")
    return value


def parse_condition(record: Any, rule_id: str, file: RuleFile) -> Condition:
    """A condition of a rule.

    Raises:
        EvidenceRefused: its variable, operator, threshold, unit or source is not allowed.
    """
    values = file.check(record, CONDITION_FIELDS, rule_id)
    known = load_variables()
    if values["variable"] not in known:
        raise file.refuse(
            rule_id,
            "variable",
            f"variable is {values['variable']!r}",
            "a variable of rule_variables.csv",
            near_miss(values["variable"], known) or "Add it to rule_variables.csv",
        )
    variable = known[values["variable"]]
    if values["operator"] not in OPERATORS[variable.kind]:
        allowed = ", ".join(OPERATORS[variable.kind])
        raise file.refuse(rule_id, "operator", f"operator of {variable.variable} is {values['operator']!r}", allowed)
    if values["unit"] != variable.unit:
        raise file.refuse(
            rule_id, "unit", f"unit of {variable.variable} is {values['unit']!r}", str(variable.unit or "no unit")
        )
    values["threshold"] = _threshold(record.get("threshold"), values["operator"], variable, rule_id, file)
    need_source(values["source_id"], rule_id, file)
    only_when = tuple(parse_condition(inner, rule_id, file) for inner in list_of(record, "only_when", rule_id, file))
    return Condition(**{**values, "only_when": only_when})


def _threshold(value: Any, operator: str, variable: Variable, rule_id: str, file: RuleFile) -> Any:
    wrong = f"threshold of {variable.variable} is {value!r}"
    if variable.kind == "yes_no":
        if not isinstance(value, bool):
            raise file.refuse(rule_id, "threshold", wrong, "true or false")
        return value
    if variable.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise file.refuse(rule_id, "threshold", wrong, f"a number [{variable.unit}]")
        return float(value)
    texts = value if isinstance(value, list) else [value]
    if isinstance(value, list) != (operator == "in") or any(text not in variable.choices for text in texts):
        raise file.refuse(rule_id, "threshold", wrong, ", ".join(variable.choices))
    return tuple(texts) if operator == "in" else value


def need_source(source: str | None, rule_id: str, file: RuleFile) -> None:
    """Nothing, where a source is known or none is named.

    Raises:
        EvidenceRefused: the source is not in sources*.csv.
    """
    if source is not None and source not in load_sources():
        remedy = near_miss(source, load_sources()) or "Add it to sources_rules.csv"
        raise file.refuse(rule_id, "sources", f"source {source!r}", "an id of sources*.csv", remedy)
