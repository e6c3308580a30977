"""The same answers for programs: JSON as the command line prints it, refusals as problems with the same words.

What is about a course is asked by address; what is about a person only in the body of a request.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool

from remit import __version__
from remit.evidence.tables import near_miss
from remit.web import calibrating, claims, described, questions
from remit.web.answering import Answered, Answers, forecast, said
from remit.web.described import Described
from remit.web.faults import problem
from remit.web.requests import Course, Everybody, LeftOut, Look, OneDose, Plan, Safety, Screen, Series, Visits

router = APIRouter(prefix="/api/v1")
router.add_api_route(
    "/calibrate",
    calibrating.begin,
    methods=["POST"],
    status_code=202,
    responses=calibrating.REFUSED,
    tags=["long work"],
)
PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: {
        "description": "What was asked cannot be used; the words say what is allowed.",
        "content": {
            "application/problem+json": {
                "schema": {
                    "type": "object",
                    "required": ["title", "status", "detail"],
                    "properties": {
                        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                        "detail": {"type": "string"}, "field": {"type": "string"}, "allowed": {"type": "string"},
                        "remedy": {"type": "string"}, "errors": {"type": "array", "items": {"type": "object"}},
                    },
                }
            }
        },
    }
}  # fmt: skip
UNREAD = {**PROBLEMS, 400: {**PROBLEMS[422], "description": "The body cannot be read."}}
UNSURE: dict[int | str, dict[str, Any]] = {
    409: {**PROBLEMS[422], "description": "These studies carry too much: only a new fit says what is left."}
}
MISSING: dict[int | str, dict[str, Any]] = {404: {**PROBLEMS[422], "description": "There is none of that name."}}


@router.get("/how-fast", responses=PROBLEMS, tags=["answers"])
async def how_fast(request: Request, course: Annotated[Course, Query()]) -> dict[str, Any]:
    """How fast does it work: chances by time, beside what happens without the drug."""
    answers: Answers = request.app.state.answers
    return said(await answers.how_fast(course.question()))


@router.get("/versus", responses=PROBLEMS, tags=["answers"])
async def versus(request: Request, course: Annotated[Course, Query()]) -> dict[str, Any]:
    """Compared with what: beside every other treatment of the evidence, on one clock."""
    answers: Answers = request.app.state.answers
    return said(await answers.versus(course.question()))


@router.get("/how-long", responses=PROBLEMS, tags=["answers"])
async def how_long(request: Request, course: Annotated[Series, Query()]) -> dict[str, Any]:
    """How long does it last: after one session, after a series, and while sessions go on."""
    return said(await questions.ask(request, "how-long")(course.question()))


@router.get("/by-route", responses=PROBLEMS, tags=["answers"])
async def by_route(request: Request, dose: Annotated[OneDose, Query()]) -> dict[str, Any]:
    """By which route: concentrations, how far people differ, and the response, route beside route."""
    return said(await questions.ask(request, "routes")(dose.question()))


@router.get("/for-whom", responses=PROBLEMS, tags=["answers"])
async def for_whom(request: Request, course: Annotated[Everybody, Query()]) -> dict[str, Any]:
    """For whom does it work: by diagnosis, and by every trait people ask about, each with its evidence."""
    return said(await questions.ask(request, "for-whom")(course.question()))


@router.get("/why", responses=PROBLEMS, tags=["answers"])
async def why(request: Request, course: Annotated[Course, Query()]) -> dict[str, Any]:
    """Why would it work: dose, plasma, receptor block, plasticity, symptoms, and how well each link is known."""
    return said(await questions.ask(request, "how-it-works")(course.question()))


@router.get("/safety", responses=PROBLEMS, tags=["safety"])
async def safety(request: Request, asked: Annotated[Safety, Query()]) -> dict[str, Any]:
    """Is it safe: side effects and vital signs by route and time."""
    answers: Answers = request.app.state.answers
    return said(await answers.is_it_safe(asked.drug, asked.route, asked.level))


@router.get("/session-plan", responses=PROBLEMS, tags=["safety"])
async def session_plan(asked: Annotated[Plan, Query()]) -> dict[str, Any]:
    """What to measure when in a session, when to act, when to leave."""
    from remit.safety.typed_session import typed_session

    found = await run_in_threadpool(lambda: typed_session(**asked.model_dump()).as_dict())
    return said(found)


@router.post("/screen", responses=UNREAD, tags=["safety"])
async def screen(asked: Screen) -> dict[str, Any]:
    """Published rules applied to one person; what is left out is unknown, never no. Nothing is kept."""
    from remit.safety.eligibility import screen as screened
    from remit.safety.person_record import parse_record
    from remit.safety.policy import find_policy

    found = await run_in_threadpool(lambda: screened(parse_record(asked.record), find_policy(asked.policy)).as_dict())
    return said(found)


@router.get("/screen/template", tags=["safety"])
async def screen_template() -> dict[str, Any]:
    """An empty record: every field, unknown."""
    from remit.safety.person_record import template

    return said(template())


@router.post("/forecast", responses=UNREAD, tags=["answers"])
async def one_person(request: Request, asked: Visits) -> dict[str, Any]:
    """One person: their course from their own scores. Nothing is kept."""
    answers: Answers = request.app.state.answers
    options = asked.model_dump(exclude={"visits", "daily"})
    options["weight"] = None if asked.weight is None else str(asked.weight)
    as_text = asked.visits if isinstance(asked.visits, str) else json.dumps(asked.visits or [])
    name = "visits" if isinstance(asked.visits, str) else "visits.json"
    found = await answers.did(forecast, as_text if asked.visits else "", name, asked.daily, options)
    return said(found)


@router.get("/claims", tags=["answers"])
async def every_claim(request: Request) -> dict[str, Any]:
    """Is this claim true: every claim with its verdict."""
    answers: Answers = request.app.state.answers
    return said(await answers.computed(claims.answered, None))


@router.get("/claims/{claim}", responses=MISSING, tags=["answers"])
async def one_claim(request: Request, claim: Annotated[str, Described(described.claim)]) -> dict[str, Any]:
    """One claim in full: how its verdict came about, step by step."""
    from remit.evidence.claims import load_claims

    known = load_claims().claims
    if claim not in known:
        raise HTTPException(404, f"There is no claim {claim[:60]!r}. {near_miss(claim, known)}".strip())
    answers: Answers = request.app.state.answers
    return said(await answers.computed(claims.answered, claim))


@router.get("/forest", responses=PROBLEMS, tags=["evidence"])
async def forest(request: Request, asked: Annotated[Look, Query()]) -> dict[str, Any]:
    """What each trial saw by itself at a time, by how well it was masked, beside the model asked the same."""
    from remit.web.forest import LEVEL, answered, hours_in

    answers: Answers = request.app.state.answers
    return said(await answers.computed(answered, hours_in(asked.at), LEVEL))


@router.get("/without", responses={**PROBLEMS, **UNSURE}, tags=["answers"])
async def without(request: Request, asked: Annotated[LeftOut, Query()]) -> Any:
    """What the answers lean on: each number, verdict and certainty with all studies and without some."""
    from remit.web.without import by_criteria

    answers: Answers = request.app.state.answers
    found = await answers.computed(by_criteria, *asked.criteria())
    if "refusal" in found:
        return problem(409, "This cannot be said by weights", found["refusal"])
    return said(found)


@router.get("/evidence", tags=["evidence"])
async def tables() -> dict[str, str]:
    """Names of the tables of the evidence, and what each holds."""
    from remit.reports.evidence_tables import TABLES

    return {name: what for name, (what, _) in TABLES.items()}


@router.get("/evidence/{table}", responses=MISSING, tags=["evidence"])
async def table(request: Request, table: Annotated[str, Described(described.table)]) -> list[dict[str, Any]]:
    """Every row of a table."""
    from remit.reports.evidence_tables import TABLES, records

    if table not in TABLES:
        hint = near_miss(table, TABLES)
        raise HTTPException(404, f"There is no table {table[:60]!r}. Allowed: {', '.join(TABLES)}. {hint}".strip())
    answers: Answers = request.app.state.answers
    content: Answered = await answers.of(("records", table), lambda: records(table))
    return said(content)


@router.get("/version", tags=["about"])
async def version() -> dict[str, str]:
    """The version of remit."""
    return {"version": __version__}
