"""Is it safe: side effects, who may be treated, and the plan of a session.

What is said of a person is read from the body of a request, answered, and forgotten.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.evidence.conditions import load_variables
from remit.evidence.rules import load_eligibility
from remit.safety.person_record import ASKED, fields, parse_record, to_judge
from remit.safety.policy import load_policies
from remit.vocabulary.dosing import Route
from remit.vocabulary.errors import RemitError
from remit.web.answering import Answers
from remit.web.course_form import GIVEN, choices
from remit.web.faults import standing_of, told
from remit.web.page import page, wants_part
from remit.web.pasted import unkept
from remit.web.pictures import sent
from remit.web.requests import Plan, Safety

router = APIRouter(include_in_schema=False)
WHEN = {"history": "From the history", "day": "On the day", "place": "Of the place"}


def _asked(request: Request) -> Safety:
    given = {name: text for name, text in request.query_params.items() if name in Safety.model_fields and text}
    known = {"drug": [each for each, _ in choices()["drug"]], "route": [route.value for route in Route]}
    return Safety(**{name: text for name, text in given.items() if text in known.get(name, ())})  # type: ignore[arg-type]


@router.get("/safe")
async def safe(request: Request) -> Response:
    """Side effects and vital signs by route."""
    from remit.reports import safety_page
    from remit.reports.plain_words import what_would_change

    asked = _asked(request)
    answers: Answers = request.app.state.answers
    answer = await answers.is_it_safe(asked.drug, asked.route, asked.level)
    return page(
        request, "safe.html", title="Is ketamine safe?", part=wants_part(request), answer=answer, asked=asked,
        choices=choices(), routes=[(route.value, words) for route, words in GIVEN.items()],
        change=what_would_change(answer), tables=safety_page.tables(answer), headers=safety_page.HEADERS,
        vital=safety_page.vital_rows(answer), times=safety_page.time_rows(answer),
        beside=safety_page.beside_rows(answer), charts_of=safety_page.CHARTS,
        picture_query=urlencode({name: text for name, text in asked.model_dump(exclude={"level"}).items() if text}),
        drawn={name: make(answer, "light") is not None for name, (make, _) in safety_page.CHARTS.items()},
    )  # fmt: skip


@router.get("/picture/safe/{name}.{kind}")
async def picture(request: Request, name: str, kind: str) -> Response:
    """A picture of side effects or of blood pressure."""
    from remit.reports.safety_page import CHARTS
    from remit.reports.screen_pictures import unpadded
    from remit.vocabulary.errors import InputRefused

    if name not in CHARTS:
        raise InputRefused(f"there is no picture {name!r}", allowed=", ".join(CHARTS), where="picture")
    make, words = CHARTS[name]
    asked = _asked(request)
    answers: Answers = request.app.state.answers
    answer = await answers.is_it_safe(asked.drug, asked.route, asked.level)
    return await sent(
        request, kind, ("safe", name, asked.drug, asked.route, asked.level), answer,
        lambda found, theme, narrow: (made := make(found, theme, narrow=narrow)) and unpadded(made), words,
    )  # fmt: skip


def _form(given: dict[str, str]) -> dict[str, Any]:
    known = load_variables()
    rules = load_eligibility()
    return {
        "given": given, "choices": choices(), "routes": [(route.value, words) for route, words in GIVEN.items()],
        "policies": load_policies(), "judge": [(name, rules[name].statement) for name in to_judge()],
        "groups": [
            (WHEN[when], [known[name] for name, variable in fields().items() if variable.asked == when])
            for when in ASKED
        ],
    }  # fmt: skip


def _record(given: dict[str, str]) -> dict[str, Any]:
    """The record that a form describes; a field left open is left out."""
    found: dict[str, Any] = {name: given[name] for name in (*fields(), "drug", "route") if given.get(name)}
    for name, variable in fields().items():
        if variable.kind == "number" and name in found:
            found[name] = f"{found[name]} {variable.unit}" if not _has_unit(found[name]) else found[name]
    medicines = [each.strip() for each in given.get("medicines", "").replace("\n", ",").split(",") if each.strip()]
    if medicines or given.get("no_medicines"):
        found["medicines"] = medicines
    judged = {
        name: given[f"judged.{name}"] == "yes" for name in to_judge() if given.get(f"judged.{name}") in {"yes", "no"}
    }
    return {**found, "judged": judged}


def _has_unit(text: str) -> bool:
    return any(sign.isalpha() or sign in "%/" for sign in text)


@router.get("/safe/screen")
def screen_form(request: Request) -> Response:
    """The form of a screening; everything may be left open."""
    return page(request, "screen.html", title="Who may be treated?", screened=None, said="", **_form({}))


@router.post("/safe/screen")
async def screen(request: Request) -> Response:
    """The rules applied to what was typed."""
    from remit.reports import screen_page
    from remit.safety.eligibility import screen as screened
    from remit.safety.policy import find_policy

    form = await request.form(max_fields=400)
    given = {name: str(value).strip()[:300] for name, value in form.items() if isinstance(value, str)}
    said, status, found, unknown = "", 200, None, []
    try:
        policy = given.get("policy") if given.get("policy") in load_policies() else None
        found = screened(parse_record(_record(given), "this form"), find_policy(policy)).as_dict()
        unknown = [row[1:] for row in screen_page.unknown_rows(found)]
    except RemitError as refusal:
        said, status = told(refusal), standing_of(refusal)[0]
    response = page(
        request, "screen.html", title="Who may be treated?", status=status, screened=found, said=said, unknown=unknown,
        headings=screen_page.HEADINGS, styles=screen_page.STYLES, listed=screen_page.listed,
        remarks=screen_page.remarks, whose=screen_page.whose, **_form(given),
    )  # fmt: skip
    return unkept(response)


def _usual_start() -> str:
    tomorrow = datetime.now().astimezone() + timedelta(days=1)
    return f"{tomorrow:%Y-%m-%d} 09:30"


def _planned(given: dict[str, str]) -> dict[str, Any]:
    from remit.safety.typed_session import typed_session

    asked = Plan(
        **{  # type: ignore[arg-type]
            name: text for name, text in given.items() if name in Plan.model_fields and text and name != "policy"
        },
        policy=given.get("policy") if given.get("policy") in load_policies() else None,
    )
    return typed_session(**asked.model_dump()).as_dict()


def _plan_fields(request: Request) -> dict[str, str]:
    plain = {"start": _usual_start(), "drug": "ketamine", "route": "iv", "dose": "0.5mg/kg", "over": "", "policy": ""}
    return {name: request.query_params.get(name, text).strip()[:40] for name, text in plain.items()}


@router.get("/safe/plan")
def plan(request: Request) -> Response:
    """The plan of a session: the form, and the plan where it was asked for."""
    from pydantic import ValidationError

    from remit.reports import session_plan_page as faces

    given = _plan_fields(request)
    said, status, planned = "", 200, None
    try:
        planned = _planned(given)
    except RemitError as refusal:
        said, status = told(refusal), standing_of(refusal)[0]
    except ValidationError as fault:
        first = fault.errors()[0]
        said, status = f"{first['loc'][0]}: {first['msg']}", 422
    return page(
        request, "plan.html", title="Plan a session", status=status, plan=planned, said=said, given=given, faces=faces,
        choices=choices(), routes=[(route.value, words) for route, words in GIVEN.items()], policies=load_policies(),
        address=urlencode({name: text for name, text in given.items() if text}),
    )  # fmt: skip


@router.get("/picture/plan/timeline.{kind}")
async def timeline(request: Request, kind: str) -> Response:
    """The timeline of a plan."""
    from remit.reports.palette import find_theme
    from remit.reports.screen_pictures import unpadded
    from remit.reports.session_plan_chart import session_plan_chart

    given = _plan_fields(request)
    planned = _planned(given)
    return await sent(
        request, kind, ("plan", *given.values()), {**planned, "question": "Plan of a session"},
        lambda found, theme, narrow: unpadded(session_plan_chart(found, find_theme(theme), narrow=narrow)),
        "What is looked at when, in minutes since the start of the dose.",
    )  # fmt: skip


@router.get("/safe/plan.ics")
def dates(request: Request) -> Response:
    """The dates of a plan as a calendar file."""
    from remit.reports.session_plan_page import calendar

    content = calendar(_planned(_plan_fields(request)))
    headers = {"Content-Disposition": 'attachment; filename="session.ics"'}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
