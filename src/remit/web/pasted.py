"""Scores pasted into a form: read from the body of one request, answered, and not kept."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response

NO_STORE = {"Cache-Control": "no-store"}
MOST_FIELDS = 40
"""choice: more than any such form has; a body with more is no form of ours."""


async def pasted(request: Request, plain: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form as texts.

    Args:
        request: its body.
        plain: fields by name, with what stands for one that was not sent; others are not read.
    """
    typed = await request.form(max_fields=MOST_FIELDS, max_files=0)
    return {name: str(typed.get(name, text)).strip().replace("\r\n", "\n") for name, text in plain.items()}


def unkept(response: Response) -> Response:
    """A response that nobody on its way is to keep."""
    response.headers.update(NO_STORE)
    return response
