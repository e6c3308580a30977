"""Compared with what: a course of ketamine beside every other treatment, on one clock."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.web.answering import Answered, Answers
from remit.web.asking import answered_page, question_in
from remit.web.pictures import sent

router = APIRouter(include_in_schema=False)


def _shown(answer: Answered) -> dict[str, object]:
    from remit.reports.plain_words import what_would_change
    from remit.reports.versus_chart import comparison_table, described, studied

    detail = answer["detail"]
    totals = [(detail["regimen"]["drug"], detail["ketamine"]["at"], "")]
    totals += [(each["label"], each["at"], "") for each in detail["controls"]]
    totals += [(each["label"], each["at"], studied(each)) for each in detail["treatments"]]
    return {
        "change": what_would_change(answer), "table": comparison_table(answer), "words": described(answer),
        "totals": totals, "looks": [look["time_h"] for look in answer["detail"]["ketamine"]["at"]],
    }  # fmt: skip


@router.get("/compare")
async def compare(request: Request) -> Response:
    """The page, or only its answer where the page is there already."""
    answers: Answers = request.app.state.answers
    return await answered_page(
        request, "compare.html", "Ketamine compared with other treatments", "/compare", answers.versus, _shown,
        begin="How does", end="compare with other treatments of", hides=("then",),
    )  # fmt: skip


@router.get("/picture/versus/{name}.{kind}")
async def picture(request: Request, name: str, kind: str) -> Response:
    """A picture of the comparison."""
    from remit.reports.screen_pictures import versus_picture
    from remit.reports.versus_chart import described

    answers: Answers = request.app.state.answers
    question = question_in(request)
    answer = await answers.versus(question)
    return await sent(
        request, kind, ("versus", name, question), answer, partial(versus_picture, name=name), described(answer),
        apart=True,
    )  # fmt: skip
