"""What a rule says about what is known: met, not met, or not known. Nothing unknown is ever taken for no."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remit.evidence.conditions import Condition, Variable, load_variables
from remit.evidence.rules import Rule

Value = bool | float | str
KINDS = ("contraindicated", "requirement open", "unknown", "caution", "interaction", "met", "context")
"""Kinds of findings, the gravest first."""
COMPARE = {"<": operator.lt, "<=": operator.le, "==": operator.eq, ">=": operator.ge, ">": operator.gt}
SIGNS = {"<": "below", "<=": "at most", "==": "exactly", ">=": "at least", ">": "above"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One comparison with what is known.

    Attributes:
        variable, meaning: what was compared.
        value: as known [unit]; None where it is not.
        operator, threshold, unit: what it was compared with.
        holds: whether the comparison holds; None where it cannot be told.
        only_when: in words: when the comparison applies at all.
    """

    variable: str
    meaning: str
    value: Value | None
    operator: str
    threshold: Value | tuple[str, ...]
    unit: str | None
    holds: bool | None
    only_when: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about a person.

    Attributes:
        kind: one of `KINDS`.
        rule_id, statement: the rule.
        counts_as: kind of the rule under the policy: contraindication, caution, requirement, interaction or context.
        reason: why it was found, in words.
        seen: the comparisons behind it.
        unknown: variables that would decide it and are not known.
        when: when those are known: ``history``, ``day``, ``place``, or ``judgement``.
        is_unmet: of a requirement: it is known not to be met.
        is_followed: whether the policy follows the rule; a rule that is not is shown beside.
        policy_note: what the policy made of it, and why.
        jurisdictions, sources: whose rule it is.
        disagrees_with, disagreement: rules that say otherwise, and where sources differ.
        flag, note: what a reader must know of it.
    """

    kind: str
    rule_id: str
    statement: str
    counts_as: str
    reason: str
    seen: tuple[Seen, ...]
    unknown: tuple[str, ...]
    when: str
    is_unmet: bool
    is_followed: bool
    policy_note: str
    jurisdictions: tuple[str, ...]
    sources: tuple[str, ...]
    disagrees_with: tuple[str, ...]
    disagreement: str | None
    flag: str | None
    note: str | None


def conjunction(parts: list[bool | None]) -> bool | None:
    """Whether all hold: False when one does not, None when that hangs on something unknown."""
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True


def disjunction(parts: list[bool | None]) -> bool | None:
    """Whether one holds: True when one does, None when that hangs on something unknown."""
    if any(part is True for part in parts):
        return True
    return None if any(part is None for part in parts) else False


def compared(condition: Condition, values: Mapping[str, Any]) -> bool | None:
    """Whether a comparison holds, regardless of when it applies; None where the value is not known."""
    value = values.get(condition.variable)
    if value is None:
        return None
    if condition.operator == "in":
        return value in condition.threshold
    return bool(COMPARE[condition.operator](value, condition.threshold))


def applies(condition: Condition, values: Mapping[str, Any]) -> bool | None:
    """Whether a condition applies at all, for example at this age."""
    return conjunction([compared(inner, values) for inner in condition.only_when])


def outcome(rule: Rule, values: Mapping[str, Any]) -> bool | None:
    """Whether the conditions of a rule hold; None where that hangs on something unknown, or there are none.

    What is not known is filled in with every value that could make a difference: where all of them lead to the same
    end (a pressure above the limits of every age), the end is known. A condition that does not apply triggers no
    warning and breaks no requirement.
    """
    if not rule.conditions:
        return None
    first = _decided(rule, values)
    unknown = {name for name in _names(rule) if values.get(name) is None}
    if first is not None or not unknown:
        return first
    choices = {name: _telling_values(rule, name) for name in sorted(unknown)}
    ends = {
        _decided(rule, {**values, **dict(zip(choices, filled, strict=True))})
        for filled in itertools.product(*choices.values())
    }
    return ends.pop() if len(ends) == 1 else None


def _decided(rule: Rule, values: Mapping[str, Any]) -> bool | None:
    """The same from what is known alone."""
    parts = []
    for condition in rule.conditions:
        holds, fits = compared(condition, values), applies(condition, values)
        if rule.sense == "triggers":
            parts.append(conjunction([holds, fits]))
        else:
            parts.append(disjunction([holds, None if fits is None else not fits]))
    return conjunction(parts) if rule.logic == "all" else disjunction(parts)


def _all_conditions(rule: Rule) -> list[Condition]:
    return [each for condition in rule.conditions for each in (condition, *condition.only_when)]


def _names(rule: Rule) -> set[str]:
    return {condition.variable for condition in _all_conditions(rule)}


def _telling_values(rule: Rule, name: str) -> list[Any]:
    """Values of a variable that stand for all others: each limit of the rule, and one on either side of it."""
    variable = load_variables()[name]
    if variable.kind == "yes_no":
        return [True, False]
    if variable.kind == "category":
        return list(variable.choices)
    limits = sorted({float(c.threshold) for c in _all_conditions(rule) if c.variable == name})  # type: ignore[arg-type]
    between = [0.5 * (low + high) for low, high in itertools.pairwise(limits)]
    return [limits[0] - 1.0, *limits, *between, limits[-1] + 1.0]


def unknown_of(rule: Rule, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Variables a rule asks for that are not known and could still change what it says."""
    found: dict[str, None] = {}
    for condition in rule.conditions:
        if applies(condition, values) is False:
            continue
        if rule.sense == "triggers" and compared(condition, values) is False:
            continue
        for each in (condition, *condition.only_when):
            if values.get(each.variable) is None:
                found[each.variable] = None
    return tuple(found)


def seen_by(rule: Rule, values: Mapping[str, Any]) -> tuple[Seen, ...]:
    """The comparisons of a rule beside what is known."""
    return tuple(
        Seen(
            condition.variable,
            load_variables()[condition.variable].meaning,
            values.get(condition.variable),
            condition.operator,
            condition.threshold,
            condition.unit,
            compared(condition, values),
            " and ".join(spoken(inner) for inner in condition.only_when),
        )
        for condition in rule.conditions
    )


def spoken(condition: Condition) -> str:
    """A comparison in words: ``systolic pressure above 140 mmHg``."""
    meaning = load_variables()[condition.variable].meaning.split(";")[0]
    if condition.threshold is True:
        return meaning
    if condition.threshold is False:
        return f"not: {meaning}"
    if condition.operator == "in":
        return f"{meaning}: {', '.join(condition.threshold)}"  # type: ignore[arg-type]
    unit = f" {condition.unit}" if condition.unit else ""
    if isinstance(condition.threshold, float):
        return f"{meaning} {SIGNS[condition.operator]} {condition.threshold:g}{unit}"
    return f"{meaning}: {str(condition.threshold).replace('_', ' ')}"


def told(variable: Variable, value: Value | None) -> str:
    """A value as people say it."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g} {variable.unit}" if isinstance(value, (int, float)) else str(value).replace("_", " ")
