"""Pages that answer a question about a course: read the sentence, ask, show the answer or why there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from remit.answers.question import HowFast
from remit.vocabulary.errors import RemitError
from remit.web.answering import Answered
from remit.web.course_form import PLAIN, CourseForm, asked, bounds, choices, typed_fields
from remit.web.faults import field_of, standing_of, told
from remit.web.page import page, wants_part

Ask = Callable[[HowFast], Awaitable[Answered]]
Show = Callable[[Answered], Mapping[str, Any]]


def question_in(request: Request, plain: Mapping[str, str] | None = None) -> HowFast:
    """The question of an address.

    Args:
        request: its query.
        plain: fields as they stand before anything is changed, where they differ from those of "how fast".

    Raises:
        InputRefused: it asks none.
    """
    return asked(typed_fields({**(plain or {}), **request.query_params}))


async def answered_page(
    request: Request,
    template: str,
    title: str,
    action: str,
    ask: Ask,
    show: Show,
    begin: str,
    end: str,
    hides: Collection[str] = (),
    plain: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """A page with its question and its answer, or only the answer where the page is there already.

    Args:
        request: what was asked.
        template, title: of the page.
        action: its address.
        ask: gives the answer.
        show: what else the template needs of it.
        begin, end: words of the sentence round the course and before the diagnosis.
        hides: fields of the sentence that the question does not ask.
        plain: fields as they stand before anything is changed, where they differ from those of "how fast".
        more: what else the template needs.
    """
    filled = {**PLAIN, **(plain or {})}
    typed = typed_fields({**filled, **request.query_params})
    shown: dict[str, Any] = {"choices": choices(), "bounds": bounds(typed), "action": action}
    shown |= {"begin": begin, "end": end, "hides": hides, **more}
    part = wants_part(request)
    try:
        question = asked(typed)
        answer = await ask(question)
    except RemitError as refusal:
        status, _ = standing_of(refusal)
        form = CourseForm(typed, None, field_of(refusal), filled)
        # a part that is swapped in must come with a status that is swapped
        return page(
            request, template, title=title, status=200 if part else status, part=part, form=form, answer=None,
            said=told(refusal), **shown,
        )  # fmt: skip
    form = CourseForm(typed, question, plain=filled)
    return page(request, template, title=title, part=part, form=form, answer=answer, said="", **shown, **show(answer))
