"""Pool a table of one's own: begin it, see how far it is, stop it, read the result. Nothing is kept after an hour."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from remit.web.jobs import CURVES, DONE, RUNNING, WAITING, jobs_of, known_job, options_of
from remit.web.page import page, wants_part
from remit.web.pasted import unkept
from remit.web.pictures import sent

router = APIRouter(include_in_schema=False)
TITLE = "Pool your own table of trials"
PLAIN = {"curve": "emax", "at": "", "reference": "", "time_unit": "", "time": "column"}
SHAPES = {
    "at": r"\d{1,5}(\.\d{1,4})?\s*(min|h|d|w)", "reference": r"[^-\x00-\x1f][^\x00-\x1f]{0,79}",
    "curve": "|".join(get_args(CURVES)), "time_unit": "h|d|w", "time": "column|none",
}  # fmt: skip
"""What each field may hold; an empty one is left out."""


def _form(request: Request, given: dict[str, str], said: str = "", status: int = 200) -> Response:
    return page(
        request, "pool.html", title=TITLE, status=status, said=said, given=given, job=None, curves=get_args(CURVES)
    )


@router.get("/pool")
def form(request: Request) -> Response:
    """The form."""
    return _form(request, dict(PLAIN))


@router.post("/pool")
async def begin(request: Request) -> Response:
    """Begin an analysis, and go to its page."""
    async with request.form(max_files=1, max_fields=20) as typed:
        given = {name: str(typed.get(name, plain)).strip() for name, plain in PLAIN.items()}
        table = typed.get("table")
        ending, content = "", b""
        if table is not None and not isinstance(table, str):
            ending, content = Path(table.filename or "").suffix.lower(), await table.read()
    if ending not in {".csv", ".parquet"}:
        return _form(request, given, "The table must be a file that ends in .csv or .parquet.", 422)
    for name, text in given.items():
        if text and not re.fullmatch(SHAPES[name], text):
            return _form(request, given, f"{text!r} cannot be used for {name.replace('_', ' ')}.", 422)
    options = options_of(
        given["curve"] or PLAIN["curve"], given["time"] or PLAIN["time"], given["at"] or None,
        given["reference"] or None, given["time_unit"] or None,
    )  # fmt: skip
    job = jobs_of(request).begin(content, ending, options)
    if job is None:
        return _form(request, given, "Too many analyses wait. Ask again when one of them is done.", 429)
    return RedirectResponse(f"/pool/{job.name}", 303)


@router.get("/pool/{name}")
def analysis(request: Request, name: str) -> Response:
    """How far an analysis is, or its result; only the part that changes where the page is there already."""
    job = known_job(request, name)
    face: Any = None
    if job.state == DONE:
        from remit.reports.pooled_face import face_of

        face = face_of(job.result)
    response = page(
        request, "pool.html", title=TITLE, part=wants_part(request), said="", given=dict(PLAIN), job=job,
        progress=job.progress(), seconds=job.as_dict()["seconds"], under_way=job.state in {WAITING, RUNNING}, face=face,
        curves=get_args(CURVES),
    )  # fmt: skip
    return unkept(response)


@router.post("/pool/{name}/stop")
def stop(request: Request, name: str) -> Response:
    """Stop an analysis."""
    jobs_of(request).stop(known_job(request, name))
    return RedirectResponse(f"/pool/{name}", 303)


@router.get("/picture/pool/{name}.{kind}")
async def picture(request: Request, name: str, kind: str) -> Response:
    """The picture of an analysis that is done."""
    job = known_job(request, name)
    if job.state != DONE:
        raise HTTPException(404, "There is no picture before the analysis is done.")
    from remit.reports.pooled_face import face_of, picture_of

    face = face_of(job.result)
    return await sent(
        request, kind, ("pool", name), {"question": face.sentence},
        lambda _, theme, narrow: picture_of(job.result, theme, narrow=narrow), face.sentence,
    )  # fmt: skip
