"""What is known of one person before a session: a JSON record in which every field may be left out or unknown.

The fields are the variables of ``rule_variables.csv``: a new variable of a rule is a new field without a line of code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from remit.evidence.conditions import Variable, load_variables
from remit.evidence.rules import load_eligibility
from remit.evidence.tables import near_miss
from remit.vocabulary.dosing import Route, parse_route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused

ASKED = ("history", "day", "place")
"""When the fields of a record are known; what a session shows belongs to the session."""
UNKNOWN = ("unknown", "", None)
_QUANTITY = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*([^\d\s].*?)\s*")
_YES = {"yes": True, "true": True, "no": False, "false": False}


def fields() -> dict[str, Variable]:
    """The variables a record may hold, those from the history first."""
    known = load_variables().values()
    return {each.variable: each for when in ASKED for each in known if each.asked == when}


def _read(variable: Variable) -> Any:
    def read(value: Any) -> Any:
        if value is None or (isinstance(value, str) and value.strip().lower() in UNKNOWN):
            return None
        if variable.kind == "yes_no":
            given = _YES.get(value.strip().lower()) if isinstance(value, str) else value
            if not isinstance(given, bool):
                raise ValueError("true, false or unknown")
            return given
        if variable.kind == "category":
            if not isinstance(value, str) or value.strip() not in variable.choices:
                raise ValueError(f"{', '.join(variable.choices)} or unknown")
            return value.strip()
        number = _number(value, variable)
        if variable.low is None or variable.high is None or not variable.low <= number <= variable.high:
            raise ValueError(f"{variable.low:g} to {variable.high:g} {variable.unit}, or unknown")
        return number

    return read


def _number(value: Any, variable: Variable) -> float:
    """A number in the unit of its variable; another unit of the same kind is converted."""
    allowed = f"a number [{variable.unit}], a number with its unit in quotation marks, or unknown"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(allowed)
    if match[2] == variable.unit:
        return float(match[1])
    import pint

    try:
        converted = _units().Quantity(float(match[1]), match[2]).to(variable.unit).magnitude
    except (pint.errors.PintError, AttributeError, TypeError, ValueError, AssertionError):
        raise ValueError(allowed) from None
    # choice: what a conversion of units adds in the last digits must not push a value over a limit
    return float(f"{converted:.12g}")


@cache
def _units() -> Any:
    import pint

    return pint.UnitRegistry()


class Record(BaseModel):
    """What a record holds besides the variables of rules.

    Attributes:
        person: a code of the clinic; never a name.
        drug, route: planned, where they are.
        medicines: names of what the person takes.
        judged: by rule that only a clinician can judge: whether it applies (for a requirement: whether it is met).
        questionnaires: by scale: the total, or the answers to its items where they may be scored here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: str | None = None
    drug: Drug | None = None
    route: Route | None = None
    medicines: tuple[str, ...] | None = None
    judged: dict[str, bool | None] = Field(default_factory=dict)
    questionnaires: dict[str, float | list[int]] = Field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """What is known, by variable, in the unit of each; None where it is not."""
        return {name: getattr(self, name) for name in fields()}


@cache
def model() -> type[Record]:
    """The record as a model, with one optional field for each variable."""
    made: dict[str, Any] = {}
    for name, variable in fields().items():
        kind = {"yes_no": bool, "category": str, "number": float}[variable.kind]
        unit = f" [{variable.unit}]" if variable.unit else ""
        made[name] = (
            Annotated[kind | None, BeforeValidator(_read(variable))],
            Field(default=None, description=f"{variable.meaning}{unit}"),
        )
    return create_model("PersonRecord", __base__=Record, **made)


def parse_record(content: Any, where: str = "record") -> Record:
    """A record from plain values.

    Args:
        content: a mapping, as JSON gives it.
        where: for messages.

    Raises:
        InputRefused: a field is unknown, or a value is not allowed; names field, value, what is allowed and what to do.
    """
    if not isinstance(content, Mapping):
        raise InputRefused(f"{type(content).__name__} instead of a record", allowed="a JSON object", where=where)
    plain = {
        key: value
        for key, value in content.items()
        if not (key in Record.model_fields and (value is None or value == "unknown"))
    }
    if isinstance(plain.get("route"), str):
        plain["route"] = parse_route(plain["route"], where=f"{where}, route")
    if isinstance(plain.get("judged"), Mapping):
        plain["judged"] = {
            rule: None if isinstance(each, str) and each.lower() == "unknown" else each
            for rule, each in plain["judged"].items()
        }
    try:
        record = model().model_validate(plain)
    except ValidationError as fault:
        raise _refusal(fault, where) from None
    for rule in record.judged:
        if rule not in to_judge():
            raise InputRefused(
                f"{rule!r} is no rule that a clinician judges",
                allowed=", ".join(to_judge()),
                remedy=near_miss(rule, to_judge()),
                where=f"{where}, judged",
            )
    return record


def to_judge() -> tuple[str, ...]:
    """Rules with nothing to measure that decide: a clinician must say whether they apply, or are met."""
    return tuple(
        rule.id
        for rule in load_eligibility().values()
        if not rule.conditions and rule.kind in {"contraindication", "requirement"}
    )


def _refusal(fault: ValidationError, where: str) -> InputRefused:
    first = fault.errors()[0]
    place = ".".join(str(part) for part in first["loc"][:1])
    known = [*Record.model_fields, *fields()]
    if first["type"] == "extra_forbidden":
        remedy = near_miss(place, known) or "`remit screen --template` writes every field; leave this one out"
        return InputRefused(f"unknown field {place!r}", remedy=remedy, where=where)
    context = first.get("ctx", {}).get("error")
    allowed = str(context) if context is not None else first["msg"]
    more = len(fault.errors()) - 1
    return InputRefused(
        f"{place} is {first['input']!r}",
        allowed=allowed,
        remedy="Correct it, or write unknown" + (f"; {more} more fields are wrong" if more else ""),
        where=f"{where}, field {place}",
    )


def read_record(path: Path) -> Record:
    """A record from a JSON file.

    Raises:
        InputRefused: the file cannot be read, is not JSON, names a field twice, or holds a value that is not allowed.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except (OSError, UnicodeDecodeError) as fault:
        raise InputRefused(f"{path} cannot be read ({fault})", where="PERSON.json") from None
    except json.JSONDecodeError as fault:
        raise InputRefused(f"not JSON ({fault.msg})", where=f"{path.name}, line {fault.lineno}") from None
    except _Twice as fault:
        raise InputRefused(f"field {fault.args[0]!r} stands twice", remedy="Keep one", where=path.name) from None
    return parse_record(content, path.name)


class _Twice(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found


def template() -> dict[str, Any]:
    """An empty record: every field, unknown."""
    return {
        "person": "unknown",
        "drug": "unknown",
        "route": "unknown",
        "medicines": "unknown",
        **dict.fromkeys(fields(), "unknown"),
        "judged": dict.fromkeys(to_judge(), "unknown"),
        "questionnaires": {},
    }
