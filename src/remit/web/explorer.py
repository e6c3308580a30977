"""The question itself: a sentence to fill in, and its answer, which changes as the sentence does."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.web.answering import Answered, Answers
from remit.web.asking import answered_page, question_in
from remit.web.pictures import sent

router = APIRouter(include_in_schema=False)
TITLE = "How fast does ketamine work for anxiety?"


def _shown(answer: Answered) -> dict[str, object]:
    from remit.reports.description import chances_described, described, horizon_table
    from remit.reports.hundred import hundreds
    from remit.reports.plain_words import lead, plain_lines, what_would_change

    return {
        "lead": lead(answer), "lines": plain_lines(answer), "hundreds": hundreds(answer),
        "change": what_would_change(answer), "table": horizon_table(answer), "words": described(answer),
        "chances": chances_described(answer),
    }  # fmt: skip


@router.get("/")
async def explorer(request: Request) -> Response:
    """How fast: the page, or only its answer where the page is there already."""
    answers: Answers = request.app.state.answers
    return await answered_page(
        request, "explorer.html", TITLE, "/", answers.how_fast, _shown, begin="How fast does", end="work for"
    )


@router.get("/picture/how-fast/{name}.{kind}")
async def picture(request: Request, name: str, kind: str) -> Response:
    """A picture of the answer."""
    from remit.reports.description import described
    from remit.reports.screen_pictures import how_fast_picture

    answers: Answers = request.app.state.answers
    question = question_in(request)
    answer = await answers.how_fast(question)
    return await sent(
        request, kind, ("how_fast", name, question), answer, partial(how_fast_picture, name=name), described(answer),
        apart=True,
    )  # fmt: skip
