"""The pages and the interface for programs, put together; no logic."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware import Middleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, Response

from remit import __version__
from remit.answers.question import HowFast
from remit.settings import Settings, read_settings
from remit.vocabulary.dosing import Route
from remit.vocabulary.errors import RemitError
from remit.web import (
    about,
    api,
    assets,
    calibrating,
    claims,
    compare,
    events,
    evidence,
    explorer,
    faults,
    forest,
    jobs,
    me,
    pool,
    questions,
    report,
    safety,
    without,
)
from remit.web.answering import Answered, Answers, how_fast
from remit.web.pictures import without_checks
from remit.web.security import BodyLimit, SecureHeaders
from remit.web.workers import Workers

PAGES = (
    explorer, questions, compare, claims, evidence, forest, events, pool, without, safety, me, report, about,
    calibrating, api, jobs,
)  # fmt: skip
DESCRIPTION = (
    "How fast does ketamine work for anxiety, for whom, for how long, compared with what, and how safely. Answers are "
    "those of the command line. Not medical advice, and not for unsupervised use."
)


LONGEST_WAIT_S = 20.0
"""choice: longer than one program takes to compile, which cannot be stopped half way without a crash at the end."""
SESSIONS = (2, 3, 4, 6, 8, 12)
SPACINGS_D = (2.0, 3.0, 7.0)
"""choice: courses that people ask about, and days between their sessions; those between them share their programs."""
ROUTES = (Route.IM, Route.SC, Route.NASAL, Route.SUBLINGUAL, Route.ORAL)


def asked_about() -> tuple[HowFast, ...]:
    """Courses and routes that people ask about, beside the first question."""
    routes = (HowFast(route=route, extrapolate=True) for route in ROUTES)
    courses = (HowFast(sessions=count, spacing_days=apart) for count in SESSIONS for apart in SPACINGS_D)
    return (*courses, *routes)


async def warm_up(app: FastAPI) -> None:
    """Do once what the first visitor would wait for; `/readyz` says when it is done, or what went wrong."""
    answers: Answers = app.state.answers
    try:
        answer = await answers.how_fast(HowFast())
        await answers.apart(partial(_drawn_once, answer, alone=bool(answers.workers)))
        app.state.standing = "ready"
        # then what others may ask, so that nobody waits for a compiler later: one process compiles, the others take up
        # what it kept
        for question in (HowFast(), *app.state.ahead):
            if not answers.workers:
                await answers.how_fast(question)
            for worker in answers.workers.each:
                await worker.did(how_fast, question)
    except RemitError as refusal:
        app.state.standing = str(refusal)


def _drawn_once(answer: Answered, *, alone: bool) -> None:
    """What drawing the first picture loads.

    Args:
        answer: to draw.
        alone: the process serves, and does nothing else.
    """
    from remit.reports.picture import browser_bundle
    from remit.reports.screen_pictures import how_fast_picture

    if alone:
        without_checks()
    how_fast_picture(answer, "course")
    browser_bundle()


@contextlib.asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    task = asyncio.create_task(warm_up(app))
    yield
    app.state.jobs.close()
    answers: Answers = app.state.answers
    answers.close()
    task.cancel()
    # a thread that computes cannot be stopped half way; one that is short is waited for
    await asyncio.wait_for(asyncio.to_thread(answers.rest), LONGEST_WAIT_S)


def healthy(request: Request) -> Response:
    """Whether the server answers at all."""
    del request
    return JSONResponse({"status": "alive", "version": __version__})


def ready(request: Request) -> Response:
    """Whether the first answer is there already."""
    standing = request.app.state.standing
    return JSONResponse({"status": standing}, 200 if standing == "ready" else 503)


def create_app(
    settings: Settings | None = None, *, ahead: tuple[HowFast, ...] = (), prepare: Callable[[], None] | None = None
) -> FastAPI:
    """The application of one installation.

    Args:
        settings: those of the environment when None.
        ahead: questions whose programs are compiled in the background once the first answer is there.
        prepare: what each process that computes does first; a function of a module.
    """
    own = settings or read_settings()
    app = FastAPI(
        title="remit", version=__version__, description=DESCRIPTION, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json", lifespan=_life, separate_input_output_schemas=False,
        middleware=[
            Middleware(SecureHeaders),
            Middleware(BodyLimit, most_bytes=1024 * own.upload_kb),
            # choice: the lightest packing halves the time of the heavier ones and loses a tenth of what they gain
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=1),
        ],
    )  # fmt: skip
    app.add_api_route("/static/{path:path}", assets.serve, include_in_schema=False)
    app.add_api_route("/healthz", healthy, include_in_schema=False)
    app.add_api_route("/readyz", ready, include_in_schema=False)
    app.state.settings = own
    app.state.answers = Answers(own.kept_answers, Workers(own.workers, prepare))
    app.state.jobs = jobs.Jobs(own.jobs)
    app.state.standing = "warming up"
    app.state.ahead = ahead
    app.state.pages = {route.path for module in PAGES for route in module.router.routes}
    for module in PAGES:
        app.include_router(module.router)
    app.add_exception_handler(RemitError, faults.refused)
    app.add_exception_handler(RequestValidationError, faults.misread)
    for status in faults.KNOWN:
        app.add_exception_handler(status, faults.missing)
    return app
