"""Pictures of answers by address: the specification a browser draws, and the drawing where it has no script."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from remit.vocabulary.errors import InputRefused
from remit.web.answering import Answered, Answers

KINDS = ("json", "svg", "png")
Make = Callable[..., dict[str, Any] | None]
"""From an answer, and by name a ``theme`` and whether it is ``narrow``, for a telephone, to a specification; None where
there is nothing to draw."""


def specified(make: Make, answer: Answered, theme: str, narrow: bool) -> bytes:
    """A picture's specification as a browser reads it.

    Raises:
        InputRefused: there is nothing to draw.
    """
    return json.dumps(_made(make, answer, theme, narrow=narrow), separators=(",", ":"), allow_nan=False).encode()


def specified_apart(make: Make, answer: Answered, theme: str, narrow: bool) -> bytes:
    """The same in a process that does nothing but compute, where pictures need not be held to their rules again."""
    without_checks()
    return specified(make, answer, theme, narrow)


def without_checks() -> None:
    """Let this process draw without checking: the tests check pictures, which takes as long as making them."""
    from altair.utils import schemapi

    schemapi.disable_debug_mode()


def _made(make: Make, answer: Answered, theme: str, *, narrow: bool) -> dict[str, Any]:
    specification = make(answer, theme=theme, narrow=narrow)
    if specification is None:
        raise InputRefused("there is nothing in the collected evidence to draw", where="picture")
    return specification


async def sent(
    request: Request, kind: str, key: Hashable, answer: Answered, make: Make, words: str, *, apart: bool = False
) -> Response:
    """A picture as it was asked for.

    Args:
        request: its query may name ``theme`` and ``size``.
        kind: ``json``, ``svg`` or ``png``.
        key: of the picture, apart from theme and size.
        answer: what it shows.
        make: how.
        words: what it shows, for those who cannot see it.
        apart: specify it beside the server; ``make`` is then a function of a module, or some of one's arguments.

    Raises:
        InputRefused: no such kind, theme or size, or nothing to draw.
    """
    if kind not in KINDS:
        raise InputRefused(f"there is no picture of kind {kind!r}", allowed=", ".join(KINDS), where="kind")
    theme, size = request.query_params.get("theme", "light"), request.query_params.get("size", "wide")
    from remit.reports.screen_pictures import SIZES

    if size not in SIZES:
        raise InputRefused(f"there is no size {size!r}", allowed=", ".join(SIZES), where="size")
    answers: Answers = request.app.state.answers
    narrow = size == "narrow"

    def drawn() -> bytes:
        from remit.reports.picture import drawn as painted

        return painted(_made(make, answer, theme, narrow=narrow), f".{kind}", answer["question"], words, list)

    own = ("picture", kind, key, theme, size)
    if kind == "json" and apart and answers.workers:
        content = await answers.under(own, specified_apart, make, answer, theme, narrow)
    elif kind == "json":
        content = await answers.of(own, lambda: specified(make, answer, theme, narrow))
    else:
        content = await answers.of(own, drawn)
    types = {"json": JSONResponse.media_type, "svg": "image/svg+xml", "png": "image/png"}
    return Response(content, media_type=types[kind])
