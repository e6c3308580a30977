"""What fields of a request may hold, as the description of the interface tells it: forms, names, ranges and examples.

A description says what will be understood; what is read besides (other spellings of a scale, other ways to write a
date) is left to whoever reads the field, whose refusals say in words what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import GetJsonSchemaHandler

Schema = dict[str, Any]
SSRIS = ("citalopram", "escitalopram", "fluoxetine", "fluvoxamine", "paroxetine", "sertraline")
"""Daily treatments with a course of their own; written out, because asking for them loads the model."""
TOTAL = r"(1?\d|2[01])"
"""A total of the GAD-7, which is taken where no scale is named."""


@dataclass(frozen=True, slots=True)
class Described:
    """Has a field described by what a function gives, once somebody asks for the description.

    Attributes:
        make: the description; names in it come from the evidence, which need not be read before.
    """

    make: Callable[[], Schema]

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> Schema:
        """The description in place of the one that follows from what is checked first."""
        found = handler(schema)
        kept = {key: found[key] for key in ("description", "title", "default") if key in found}
        return {**kept, **self.make()}


def _written(pattern: str, title: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": pattern, "title": title, "examples": list(examples)}


def _named(names: Iterable[str], *examples: str) -> Schema:
    return {"type": "string", "enum": list(names), **({"examples": list(examples)} if examples else {})}


def dose() -> Schema:
    """A dose: one such as trials gave, or any other."""
    return {
        "anyOf": [
            _written(r"^0\.[1-8]mg/kg$", "as trials of ketamine gave it", "0.5mg/kg"),
            _written(r"^(0\.[12]mg/kg|([5-9]|[1-5]\d)mg)$", "as trials of either drug gave it", "0.2mg/kg", "56mg"),
            _written(
                r"^([1-9]\d{0,4}(\.\d{1,4})?|0\.\d{0,2}[1-9])mg(/kg)?$",
                "any other; above published ones only with extrapolate",
            ),
        ]
    }


def spacing() -> Schema:
    """From the start of one session to that of the next."""
    return _written(r"^(([6-9]|1\d|2[0-4])h|([1-9]|[1-8]\d|90)d|([1-9]|1[0-2])w)$", "6h to 90d", "2d", "1w", "12h")


def infusion() -> Schema:
    """The length of an infusion, which ends before the next session."""
    return _written(r"^(([1-9]|[1-9]\d|1[01]\d)min|[1-6]h)$", "1min to 6h", "40min", "1h")


def scale() -> Schema:
    """The scales with a published rule for response."""
    from remit.evidence.instruments import load_scales

    return _named((name for name, each in load_scales().items() if each.response_fraction is not None), "GAD-7")


def total() -> Schema:
    """A total: whole on nearly every scale."""
    whole = {"type": "integer", "minimum": 1, "maximum": 200, "title": "whole points inside the scale"}
    return {"anyOf": [{**whole, "maximum": 20, "examples": [14]}, whole]}


def start() -> Schema:
    """When a session begins, by the clock of the clinic."""
    day, time = r"20[2-4]\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", r"([01]\d|2[0-3]):[0-5]\d"
    return {
        "anyOf": [
            _written(rf"^{day}[ T]{time}$", "day and time", "2026-12-01 09:30", "2026-12-01T09:30"),
            _written(
                rf"^\d{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([ T]{time}(:[0-5]\d)?)?$", "any date", "2026-12-31"
            ),
        ]
    }


def policy() -> Schema:
    """How rules are read where their sources disagree."""
    from remit.safety.policy import load_policies

    return _named(load_policies())


def picked(kind: str) -> Callable[[], Schema]:
    """Names that pick studies to leave out, told in words: made-up choices would each take half a minute.

    Args:
        kind: masking, design, sponsor, diagnosis or study.
    """

    def make() -> Schema:
        from remit.evidence.trials import DESIGNS, MASKINGS, POPULATIONS, load_trials

        names = {
            "masking": MASKINGS, "design": DESIGNS, "diagnosis": POPULATIONS, "sponsor": ("company",),
            "study": tuple(load_trials()),
        }[kind]  # fmt: skip
        told = (
            "Ids of studies, as /api/v1/evidence/studies has them."
            if kind == "study"
            else (f"One of: {', '.join(names)}.")
        )
        return {
            "type": "string", "maxLength": 60, "pattern": r"^[A-Za-z0-9_.-]+$", "examples": list(names[:2]),
            "description": told,
        }  # fmt: skip

    return make


def table() -> Schema:
    """The tables of the evidence."""
    from remit.reports.evidence_tables import TABLES

    return _named(TABLES, "outcomes")


def claim() -> Schema:
    """The ids of the claims."""
    from remit.evidence.claims import load_claims

    return _named(load_claims().claims)


def daily() -> Schema:
    """A daily treatment."""
    other = {"type": "string", "maxLength": 60, "title": "another of the evidence; a refusal lists them"}
    return {"anyOf": [{**_named(SSRIS, "sertraline"), "title": "an SSRI"}, other]}


def visits() -> Schema:
    """A record of scores and doses: a table as text, or a list."""
    from remit.evidence.instruments import load_scales

    points = {"type": "integer", "minimum": 0, "maximum": 21, "title": "GAD-7 total"}
    when = {"type": "number", "minimum": 0, "maximum": 365}
    listed = [
        _object({name: when, "score": points}, [name, "score"], f"a score at each {name}") for name in ("day", "week")
    ]
    dated = _object(
        {"date": _written(r"^202[0-9]-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$", "a day", "2026-12-01"), "score": points},
        ["date", "score"],
        "a score at each date",
    )
    whole = _object(
        {
            "day": when,
            "score": {"type": "number", "title": "a total inside its scale"},
            "scale": _named(load_scales()),
            "dose": {"anyOf": [{"const": "yes"}, dose()]},
            "duration_min": {"type": "number", "minimum": 0, "maximum": 1440},
            "visit": {"type": "string"},
            "note": {"type": "string"},
        },
        ["day"],
        "scores and doses; a dose without an amount is `yes`",
    )
    rows = [{"type": "array", "items": each, "maxItems": 40} for each in (*listed, dated, whole)]
    table = _written(
        rf"^day,score(\n\d{{1,3}}(\.\d)?,{TOTAL}){{0,12}}$", "CSV: a line a visit", "day,score\n0,15\n2,11"
    )
    return {"anyOf": [table, *rows, {"type": "string", "title": "CSV with any of the columns"}]}


def _object(fields: Schema, needed: list[str], title: str) -> Schema:
    return {"type": "object", "title": title, "properties": fields, "required": needed, "additionalProperties": False}


def record() -> Schema:
    """What is known of one person; every field may be left out, null or `unknown`."""
    from remit.evidence.instruments import load_scales
    from remit.safety.interactions import load_medicines
    from remit.safety.person_record import fields, to_judge
    from remit.safety.questionnaire import HIGHEST, ITEMS
    from remit.vocabulary.dosing import Route
    from remit.vocabulary.drugs import Drug

    unknown = [{"type": "null"}, {"const": "unknown"}]
    yes_no = {"anyOf": [{"type": "boolean"}, *unknown]}

    def known(schema: Schema, said: str = "") -> Schema:
        return {"anyOf": [schema, *unknown], **({"description": said} if said else {})}

    properties: Schema = {
        "person": known({"type": "string", "pattern": r"^[A-Za-z0-9-]{1,20}$"}, "A code of the clinic, never a name."),
        "drug": known(_named(each.value for each in Drug)),
        "route": known(_named(each.value for each in Route)),
        "medicines": known(
            {"type": "array", "maxItems": 20, "items": {"anyOf": [_named(load_medicines()), {"type": "string"}]}},
            "What the person takes; of those that are named here rules speak.",
        ),
        "judged": _object(dict.fromkeys(to_judge(), yes_no), [], "what only a clinician can judge, by rule"),
    }
    for name, each in fields().items():
        said = f"{each.meaning}{f' [{each.unit}]' if each.unit else ''}"
        if each.kind == "yes_no":
            properties[name] = {**yes_no, "description": said}
        elif each.kind == "category":
            properties[name] = known(_named(each.choices), said)
        else:
            properties[name] = known({"type": "number", "minimum": each.low, "maximum": each.high}, said)
    totals: Schema = {}
    for name, scale_ in load_scales().items():
        totals[name] = {"type": "integer", "minimum": scale_.low, "maximum": scale_.high}
        if name in ITEMS:
            answer = {"type": "integer", "minimum": 0, "maximum": HIGHEST}
            items = {"type": "array", "items": answer, "minItems": ITEMS[name], "maxItems": ITEMS[name]}
            totals[name] = {"anyOf": [totals[name], {**items, "title": "an answer an item"}]}
    properties["questionnaires"] = _object(totals, [], "by scale: its total, or its items")
    return {**_object(properties, [], "one person"), "examples": [{"age": 44, "drug": "ketamine", "route": "iv"}]}
