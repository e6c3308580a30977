"""A person's own scores: read from the body of one request, answered, forgotten. Nothing is kept or written down."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.vocabulary.errors import RemitError
from remit.web.answering import Answered, Answers, forecast
from remit.web.course_form import GIVEN, SPACINGS, choices
from remit.web.faults import standing_of, told
from remit.web.page import page
from remit.web.pasted import pasted, unkept

router = APIRouter(include_in_schema=False)
EXAMPLE = "day,score,dose\n-3,16,\n0,15,yes\n2,11,yes\n4,12,yes\n7,9,\n"
"""A made-up record, to show the columns."""
PLAIN = {
    "visits": "", "scale": "GAD-7", "drug": "ketamine", "route": "iv", "dose": "0.5", "unit": "mg/kg", "sessions": "6",
    "spacing": "2d", "diagnosis": "mixed_anxiety", "weight": "",
}  # fmt: skip


def _shown(given: dict[str, str]) -> dict[str, Any]:
    return {
        "given": given, "choices": choices(), "routes": [(route.value, words) for route, words in GIVEN.items()],
        "spacings": SPACINGS, "example": EXAMPLE,
    }  # fmt: skip


def _options(given: dict[str, str]) -> dict[str, Any]:
    from remit.vocabulary.errors import OutOfRange

    sessions = given["sessions"]
    if not sessions.isdecimal() or len(sessions) > 4:
        raise OutOfRange(f"{sessions!r} is no number of sessions", allowed="1 to 100", where="--sessions")
    return {
        "scale": given["scale"], "drug": given["drug"], "route": given["route"],
        "dose": f"{given['dose']}{given['unit']}", "sessions": int(sessions), "spacing": given["spacing"],
        "diagnosis": given["diagnosis"], "weight": given["weight"] or None,
    }  # fmt: skip


def _pictured(answer: Answered) -> dict[str, Any]:
    """Themes and widths of the picture as drawings inside the page: an address would have to carry the scores."""
    from remit.reports.forecast_chart import described, forecast_chart
    from remit.reports.forecast_page import course_rows, share
    from remit.reports.picture import inline_svg
    from remit.reports.screen_pictures import SIZES, without_words

    pictures = {
        (theme, size): inline_svg(
            without_words(forecast_chart(answer, theme, narrow=size == "narrow")), f"forecast-{theme}-{size}",
            described(answer),
        )
        for theme in ("light", "dark")
        for size in SIZES
    }  # fmt: skip
    return {"pictures": pictures, "share": share, "course": course_rows(answer["detail"])}


@router.get("/me")
def form(request: Request) -> Response:
    """The form; nothing is typed yet."""
    return page(request, "me.html", title="My scores", answer=None, said="", **_shown(dict(PLAIN)))


@router.post("/me")
async def answered(request: Request) -> Response:
    """The forecast of what was typed."""
    given = await pasted(request, PLAIN)
    answers: Answers = request.app.state.answers
    answer, said, status, more = None, "", 200, {}
    try:
        options = _options(given)
        name = "your scores.json" if given["visits"].lstrip().startswith(("[", "{")) else "your scores"
        found: Answered = await answers.did(forecast, given["visits"], name, None, options)
        answer, more = found, await answers.apart(lambda: _pictured(found))
    except RemitError as refusal:
        answer, said, status = None, told(refusal), standing_of(refusal)[0]
    return unkept(
        page(request, "me.html", title="My scores", status=status, answer=answer, said=said, **_shown(given), **more)
    )
