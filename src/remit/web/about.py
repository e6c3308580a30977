"""What stands behind the answers: the method and its checks, limits, licences, and how programs ask."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.web.answering import Answered, Answers
from remit.web.page import page
from remit.web.pictures import sent

router = APIRouter(include_in_schema=False)
BOUNDS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
"""Ends of a range as a description names them, and the words for them."""
KINDS = {
    "string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false", "array": "a list",
    "object": "an object",
}  # fmt: skip
"""Kinds of values as a description names them, and the words for them."""


def _checked() -> Answered:
    from remit.reports.held_out_page import predicted_unseen

    return predicted_unseen()


def _percentiles(theme: str, *, narrow: bool) -> Answered:
    from remit.reports.held_out_page import unseen_picture
    from remit.reports.screen_pictures import unpadded

    return unpadded(unseen_picture(theme, narrow=narrow))


def certainty_rule() -> list[tuple[str, str]]:
    """The written rule of certainty: each step down, and when it is taken."""
    from remit.evidence import appraisal

    found: list[tuple[str, str]] = []
    for line in (appraisal.__doc__ or "").splitlines():
        if line.startswith("    ") and line[4:5].strip():
            name, _, said = line.strip().partition("  ")
            found.append((name, said.strip()))
        elif line.startswith("     ") and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
    return found


@router.get("/method")
async def method(request: Request) -> Response:
    """How the answers are made, and how well they foretell what they had not seen."""
    from remit.evidence.assumptions import load_assumptions

    answers: Answers = request.app.state.answers
    checked = await answers.of(("method",), _checked)
    return page(
        request, "method.html", title="How the answers are made", checked=checked, rule=certainty_rule(),
        assumptions=load_assumptions(),
    )  # fmt: skip


@router.get("/picture/method/percentiles.{kind}")
async def picture(request: Request, kind: str) -> Response:
    """How often published values fell into each tenth of their prediction."""
    answers: Answers = request.app.state.answers
    checked = await answers.of(("method",), _checked)
    return await sent(
        request, kind, ("method",), {**checked, "question": "Percentiles of published outcomes"},
        lambda _, theme, narrow: _percentiles(theme, narrow=narrow),
        "Share of published outcomes in each tenth of what the other studies predicted.",
    )  # fmt: skip


@router.get("/about")
def about(request: Request) -> Response:
    """Limits, licences, and whom to call."""
    return page(request, "about.html", title="About")


def _may(schema: dict[str, Any]) -> str:
    """What a field may hold, in words: names, or kinds with their ranges, forms and examples."""
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    if len(kinds) > 1 or "anyOf" in kinds[0]:
        return "; or ".join(dict.fromkeys(_may(kind) for kind in kinds))
    shape = kinds[0]
    if "enum" in shape:
        return ", ".join(map(str, shape["enum"]))
    if "const" in shape:
        return str(shape["const"])
    words = [KINDS.get(shape.get("type", ""), "")]
    words += [f"{word} {shape[key]:.10g}" for key, word in BOUNDS.items() if key in shape]
    if shape.get("type") == "array" and "items" in shape:
        words.append(f"of {_may(shape['items'])}")
    if shape.get("type") == "object" and "properties" in shape:
        names = list(shape["properties"])
        words.append(f"with {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}")
    examples = [f"`{each}`" for each in shape.get("examples", ()) if isinstance(each, (str, int, float))]
    told = f"{' '.join(word for word in words if word)}{f', as {chr(32).join(examples)}' if examples else ''}"
    return told.replace("\n", "\\n")


def _fields(found: dict[str, Any], known: dict[str, Any]) -> list[list[str]]:
    """The fields of an operation: name, what it may be, what is taken if it is left out, and its meaning.

    Args:
        found: the operation.
        known: shapes of bodies by name.
    """
    rows = [
        _field(each["name"], each["schema"], needed=bool(each.get("required")), meaning=each.get("description", ""))
        for each in found.get("parameters", ())
    ]
    for each in found.get("requestBody", {}).get("content", {}).values():
        body = known[each["schema"]["$ref"].rpartition("/")[2]]
        rows += [
            _field(name, schema, needed=name in body.get("required", ()), meaning="")
            for name, schema in body["properties"].items()
        ]
    return rows


def _field(name: str, schema: dict[str, Any], *, needed: bool, meaning: str) -> list[str]:
    plain = schema.get("default")
    left_out = "needed" if needed else "" if plain is None else str(plain)
    inner = [kind["description"] for kind in schema.get("anyOf", ()) if "description" in kind]
    return [name, _may(schema), left_out, meaning or schema.get("description") or " ".join(inner)]


@router.get("/api")
def for_programs(request: Request) -> Response:
    """How programs ask: every operation with its fields, and examples."""
    described = request.app.openapi()
    shapes = described["components"]["schemas"]
    operations = [
        (verb.upper(), path, found.get("description") or found["summary"], _fields(found, shapes))
        for path, verbs in described["paths"].items()
        for verb, found in verbs.items()
    ]
    return page(request, "api.html", title="For programs", operations=operations, root=str(request.base_url))
