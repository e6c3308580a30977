"""When people respond or relapse: scores at visits, pasted, answered once and not kept."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.vocabulary.errors import RemitError
from remit.web.answering import Answered, Answers
from remit.web.course_form import choices
from remit.web.faults import standing_of, told
from remit.web.page import page
from remit.web.pasted import pasted, unkept

router = APIRouter(include_in_schema=False)
TITLE = "When do people respond, and when do they relapse?"
PLAIN = {"scores": "", "event": "response", "scale": "GAD-7", "by": ""}
EVENTS = (
    ("response", "response"), ("sustained-response", "response at two visits in a row"), ("remission", "remission"),
    ("onset", "smallest change that matters"), ("relapse", "relapse after a response"),
    ("loss-of-response", "loss of a response"),
)  # fmt: skip
EXAMPLE = (
    "subject,arm,day,score\na,drug,0,16\na,drug,1,9\na,drug,7,7\nb,drug,0,14\nb,drug,1,12\nb,drug,7,6\n"
    "c,drug,0,15\nc,drug,1,14\nc,drug,7,13\nd,control,0,15\nd,control,1,15\nd,control,7,14\ne,control,0,17\n"
    "e,control,1,16\ne,control,7,8\nf,control,0,13\nf,control,1,12\nf,control,7,12\n"
)
"""Made-up people, to show the columns."""


def _shown(given: dict[str, str]) -> dict[str, Any]:
    return {"given": given, "choices": choices(), "events": EVENTS, "example": EXAMPLE}


def _answered(given: dict[str, str]) -> Answered:
    """The answer with its faces; pictures are drawn into the page, because an address would have to carry scores."""
    from remit.answers.pasted_events import pasted_events
    from remit.reports import events_page as faces
    from remit.reports.events_chart import curve_picture
    from remit.reports.picture import inline_svg
    from remit.reports.screen_pictures import SIZES, without_words

    summary = pasted_events(given["scores"], given["event"], given["scale"] or None, given["by"] or None)
    words = faces.sentence(summary)
    pictures = {
        (theme, size): inline_svg(
            without_words(curve_picture(summary, theme, narrow=size == "narrow")), f"events-{theme}-{size}", words
        )
        for theme in ("light", "dark")
        for size in SIZES
    }
    test = faces.test_said(summary)
    told = [*([test] if test else []), *(each for each in summary["notes"] if each != summary["event"])]
    return {
        "sentence": words, "basis": faces.basis(summary), "pictures": pictures, "chances": faces.chance_rows(summary),
        "quantiles": faces.quantile_rows(summary), "models": faces.model_rows(summary), "best": summary["best"],
        "notes": told, "certificate": faces.certificate(summary), "few": faces.too_few(summary),
        "event": summary["event"], "level": f"{100 * summary['level']:g} %",
    }  # fmt: skip


@router.get("/events")
def form(request: Request) -> Response:
    """The form; nothing is pasted yet."""
    return page(request, "events.html", title=TITLE, answer=None, said="", **_shown(dict(PLAIN)))


@router.post("/events")
async def answered(request: Request) -> Response:
    """The times of what was pasted."""
    given = await pasted(request, PLAIN)
    answers: Answers = request.app.state.answers
    answer, said, status = None, "", 200
    try:
        answer = await answers.did(_answered, given)
    except RemitError as refusal:
        said, status = told(refusal), standing_of(refusal)[0]
    return unkept(page(request, "events.html", title=TITLE, status=status, answer=answer, said=said, **_shown(given)))
