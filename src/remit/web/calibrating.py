"""A new fit of the response model beside the pages: begun, looked at, stopped, gone on with, where that is allowed.

It takes hours of every processor, so that it is off unless ``REMIT_CALIBRATE`` names a folder for it. It is written
there and never over the posterior that ships: pages go on answering from what they began with.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from remit.settings import Settings
from remit.web.faults import PROBLEM, problem
from remit.web.jobs import RUNNING, WAITING, jobs_of
from remit.web.page import page, wants_part
from remit.web.pasted import unkept

router = APIRouter(include_in_schema=False)
OFF = "A new fit may be begun where whoever runs this server names a folder for it in REMIT_CALIBRATE."
BUSY = "A fit is under way already; one is made at a time."


def _described(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM: {"schema": {"type": "object"}}}}


REFUSED: dict[int | str, dict[str, Any]] = {
    403: _described("Whoever runs the server does not allow it."), 409: _described(BUSY),
}  # fmt: skip


def begin(request: Request) -> JSONResponse:
    """Fit the response model to the published arms again, or go on with one that was stopped; an hour or more."""
    settings: Settings = request.app.state.settings
    if settings.calibrate is None:
        return problem(403, "Not allowed here", OFF)
    job = jobs_of(request).fit(settings.calibrate)
    if job is None:
        return problem(409, "Under way already", BUSY)
    return JSONResponse(job.as_dict(), 202, headers={"Location": f"/api/v1/jobs/{job.name}"})


@router.get("/calibrate")
def look(request: Request) -> Response:
    """How far a fit is, and the buttons that begin and stop it."""
    settings: Settings = request.app.state.settings
    job = jobs_of(request).last_fit()
    response = page(
        request, "calibrate.html", title="Fit the model again", part=wants_part(request), off=OFF,
        allowed=settings.calibrate is not None, job=job, progress=None if job is None else job.progress(),
        seconds=0.0 if job is None else job.as_dict()["seconds"],
        under_way=job is not None and job.state in {WAITING, RUNNING},
    )  # fmt: skip
    return unkept(response)


@router.post("/calibrate/{what}")
def act(request: Request, what: str) -> Response:
    """Begin or stop a fit, and show how far it is."""
    settings: Settings = request.app.state.settings
    if settings.calibrate is None:
        raise HTTPException(403, OFF)
    jobs = jobs_of(request)
    if what == "begin":
        jobs.fit(settings.calibrate)
    elif what == "stop":
        if (job := jobs.last_fit()) is not None:
            jobs.stop(job)
    else:
        raise HTTPException(404, "A fit can be begun and stopped.")
    return RedirectResponse("/calibrate", 303)
