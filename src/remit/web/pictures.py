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
Make = Callable[[Answered, str, bool], dict[str, Any] | None]
"""From an answer, a theme and whether it is for a telephone to a specification; None where there is nothing to draw."""


async def sent(request: Request, kind: str, key: Hashable, answer: Answered, make: Make, words: str) -> Response:
    """A picture as it was asked for.

    Args:
        request: its query may name ``theme`` and ``size``.
        kind: ``json``, ``svg`` or ``png``.
        key: of the picture, apart from theme and size.
        answer: what it shows.
        make: how.
        words: what it shows, for those who cannot see it.

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

    def drawn() -> bytes:
        specification = make(answer, theme, size == "narrow")
        if specification is None:
            raise InputRefused("there is nothing in the collected evidence to draw", where="picture")
        if kind == "json":
            return json.dumps(specification, separators=(",", ":"), allow_nan=False).encode()
        from remit.reports.picture import drawn as painted

        return painted(specification, f".{kind}", answer["question"], words, list)

    content = await answers.of(("picture", kind, key, theme, size), drawn)
    if kind == "json":
        return Response(content, media_type=JSONResponse.media_type)
    return Response(content, media_type={"svg": "image/svg+xml", "png": "image/png"}[kind])
