"""What the answers lean on: some studies left out, and how far each answer moves.

The first such answer of a server takes one to three minutes and the next ones half a minute, so a page that has to
wait says so, and looks again by itself.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from remit.vocabulary.errors import InputRefused, NotConverged, RemitError
from remit.web.answering import Answered, Answers, said
from remit.web.faults import gone, told
from remit.web.page import page
from remit.web.pictures import sent

if TYPE_CHECKING:
    from remit.answers.claims.engine import Engine

router = APIRouter(include_in_schema=False)
AGAIN_S = 4
"""choice: how soon a page that waits looks again [s]; short enough that nobody wonders, long enough to cost nothing"""
_under_way: set[asyncio.Task[Any]] = set()


@cache
def offered() -> dict[str, tuple[str, tuple[str, ...]]]:
    """What can be left out, by its code."""
    from remit.answers.without import picks

    return picks()


@cache
def _whole() -> Engine:
    """Numbers with all studies, once a process: nearly all of the work, and the same for every choice."""
    from remit.answers.shipped import shipped
    from remit.answers.without import whole_engine

    return whole_engine(shipped())


def answered(code: str) -> Answered:
    """How the answers move, or why that cannot be said.

    Args:
        code: one of `offered`.
    """
    from remit.answers.shipped import shipped
    from remit.answers.without import answers_without

    try:
        return answers_without(offered()[code][1], shipped(), engine=_whole()).as_dict()
    except RemitError as refusal:
        return {"refusal": told(refusal)}


def by_criteria(
    masking: str | None, design: str | None, sponsor: str | None, diagnosis: str | None, studies: tuple[str, ...],
    every: bool,
) -> Answered:  # fmt: skip
    """How the answers move without the studies that any of the criteria picks, or why that cannot be said.

    Raises:
        InputRefused: see `remit.answers.without.chosen`.
    """
    from remit.answers.shipped import shipped
    from remit.answers.without import answers_without, chosen

    picked = chosen(masking=masking, design=design, sponsor=sponsor, diagnosis=diagnosis, studies=studies, every=every)
    try:
        return answers_without(picked, shipped(), engine=_whole()).as_dict()
    except NotConverged as refusal:
        return {"refusal": told(refusal)}


def _begun(answers: Answers, code: str) -> Answered | None:
    """The answer where it is there; else None, and it is under way."""
    known = answers.kept.known((answered, code))
    if known is None:
        task = asyncio.get_running_loop().create_task(answers.computed(answered, code))
        # the loop keeps no hold of a task, so that one which nobody awaits must be held here
        _under_way.add(task)
        task.add_done_callback(_under_way.discard)
    return known


def _code(request: Request) -> str:
    code = request.query_params.get("out", "")
    if code and code not in offered():
        raise InputRefused(f"{code[:60]!r} cannot be left out", allowed=", ".join(list(offered())[:8]), where="out")
    return code


@router.get("/without")
async def without(request: Request) -> Response:
    """The choice, and the answer once it is there."""
    from remit.evidence.trials import load_trials
    from remit.reports.signs import TIED
    from remit.reports.without_page import table_rows, what_is_left

    answers: Answers = request.app.state.answers
    code = _code(request)
    answer = _begun(answers, code) if code else None
    waits = bool(code) and answer is None
    refusal = "" if answer is None else answer.get("refusal", "")
    shown = None if refusal else answer
    rows = [
        [f"{name}, {unit.replace(' ', TIED)}", *rest]
        for name, unit, *rest in ([] if shown is None else table_rows(shown))
    ]
    response = page(
        request, "without.html", title="What the answers lean on", status=202 if waits else 200, code=code,
        offered=offered(), answer=shown, refusal=refusal, waits=waits, trials=load_trials(),
        rows=rows, left=[] if shown is None else what_is_left(shown),
    )  # fmt: skip
    if waits:
        response.headers["Refresh"] = str(AGAIN_S)
    return response


@router.get("/without.json")
async def for_programs(request: Request) -> Response:
    """The answer as the command line prints it; 202 while it is under way."""
    code = _code(request)
    if not code:
        raise InputRefused("nothing to leave out", allowed=", ".join(list(offered())[:8]), where="out")
    answer = _begun(request.app.state.answers, code)
    if answer is None:
        return JSONResponse({"state": "running", "again_in_s": AGAIN_S}, 202, {"Retry-After": str(AGAIN_S)})
    return said(answer)


@router.get("/picture/without/moves.{kind}")
async def picture(request: Request, kind: str) -> Response:
    """Each number with all studies and without some."""
    from remit.reports.screen_pictures import untitled
    from remit.reports.without_page import without_chart

    answers: Answers = request.app.state.answers
    code = _code(request)
    answer = answers.kept.known((answered, code))
    if answer is None or "refusal" in answer:
        raise gone("There is no such picture yet.")
    return await sent(
        request, kind, ("without", code), answer,
        lambda found, theme, narrow: untitled(without_chart(found, theme, narrow=narrow)),
        answer["sentence"],
    )  # fmt: skip
