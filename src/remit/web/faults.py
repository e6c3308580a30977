"""Refusals in the words of the domain: their status, and how a program and a person read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from remit.vocabulary.errors import (
    EvidenceRefused,
    ExtrapolationRefused,
    InputRefused,
    NotConverged,
    RemitError,
    StalePosterior,
)
from remit.web.page import page

STATUS: tuple[tuple[type[RemitError], int, str], ...] = (
    (ExtrapolationRefused, 422, "Beyond anything published"),
    (InputRefused, 422, "This cannot be used"),
    # the same every time: whoever asks need not ask again, and nobody need look for a fault of the server
    (NotConverged, 422, "A fit did not converge; nothing is shown"),
    (StalePosterior, 503, "The fitted model does not belong to this evidence"),
    (EvidenceRefused, 500, "A file of the evidence is malformed"),
)
PROBLEM = "application/problem+json"
API = "/api/"
KNOWN = {
    400: "The request cannot be read", 403: "Not allowed here", 404: "There is no such page",
    405: "That is not how this page is asked for", 413: "The body is too large",
}  # fmt: skip
"""Statuses that the server itself gives, and what they mean."""
BARE = {
    "Not Found": "Nothing stands at this address. The menu above lists every page.",
    "Method Not Allowed": "This address answers another way of asking; go to the page and use its form.",
}  # fmt: skip
"""What the server says of itself where nobody said more, in words."""


def gone(said: str) -> HTTPException:
    """The refusal of a name that nothing has."""
    return HTTPException(404, said.strip())


def standing_of(refusal: RemitError) -> tuple[int, str]:
    """Status and title of a refusal."""
    for kind, status, title in STATUS:
        if isinstance(refusal, kind):
            return status, title
    return 500, "It did not work"


def field_of(refusal: RemitError) -> str:
    """The field of a form or of a request that a refusal speaks of; empty where none is named."""
    return refusal.where.removeprefix("--").replace("-", "_") if refusal.where.startswith("--") else ""


def told(refusal: RemitError, *, for_programs: bool = False) -> str:
    """A refusal in words without the dashes of the command line.

    Args:
        refusal: what was refused.
        for_programs: name the field of a request in place of the box of a form.
    """
    instead = "extrapolate=true" if for_programs else 'a tick at "also beyond published doses"'
    plain = type(refusal)(
        refusal.what, allowed=refusal.allowed, remedy=refusal.remedy.replace("--extrapolate", instead),
        where=refusal.where.removeprefix("--"),
    )  # fmt: skip
    return str(plain)


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """A refusal for a program (RFC 9457)."""
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(content, status, media_type=PROBLEM)


def _named(faults: list[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {"field": ".".join(map(str, fault["loc"][1:])) or str(fault["loc"][0]), "message": str(fault["msg"])}
        for fault in faults
    ]


async def refused(request: Request, fault: Exception) -> Response:
    """What a caller gets for a refusal of remit."""
    if not isinstance(fault, RemitError):
        raise fault
    status, title = standing_of(fault)
    if request.url.path.startswith(API):
        more = {"field": field_of(fault), "allowed": fault.allowed, "remedy": fault.remedy}
        return problem(
            status, title, told(fault, for_programs=True), **{name: text for name, text in more.items() if text}
        )
    return page(request, "fault.html", title=title, status=status, heading=title, said=told(fault))


async def misread(request: Request, fault: Exception) -> Response:
    """What a caller gets for a request that does not have the shape it must have."""
    if not isinstance(fault, RequestValidationError):
        raise fault
    fields = _named(list(fault.errors()))
    said = "; ".join(f"{each['field']}: {each['message']}" for each in fields)
    if request.url.path.startswith(API):
        return problem(422, "This cannot be used", said, errors=fields)
    return page(
        request, "fault.html", title="This cannot be used", status=422, heading="This cannot be used", said=said
    )


async def missing(request: Request, fault: Exception) -> Response:
    """What a caller gets where there is no such page, or it may not be asked for like this."""
    status = getattr(fault, "status_code", 500)
    heading, said = KNOWN.get(status, "It did not work"), str(getattr(fault, "detail", ""))
    said = BARE.get(said, said)
    if request.url.path.startswith(API):
        response: Response = problem(status, heading, said)
    else:
        response = page(request, "fault.html", title=heading, status=status, heading=heading, said=said)
    for name, value in (getattr(fault, "headers", None) or {}).items():
        response.headers[name] = value
    return response
