"""Reports to take away: a page for a person, a brief for a clinician."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.reports.document import Reader
from remit.vocabulary.errors import InputRefused
from remit.web.answering import Answers
from remit.web.asking import question_in
from remit.web.questions import ask

router = APIRouter(include_in_schema=False)
KINDS = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}
NAMES = {"person": "what-to-expect", "clinician": "evidence-brief"}


@router.get("/report/{reader}.{kind}")
async def report(request: Request, reader: str, kind: str) -> Response:
    """The report of a course, as a file to save."""
    if kind not in KINDS or reader not in NAMES:
        raise InputRefused(
            f"there is no report {reader}.{kind}",
            allowed=", ".join(f"{name}.{end}" for name in NAMES for end in KINDS), where="report",
        )  # fmt: skip
    answers: Answers = request.app.state.answers
    question = question_in(request)
    how_fast, versus = await answers.how_fast(question), await answers.versus(question)
    safety = await answers.is_it_safe(None, None, 0.95)
    more = {}
    if reader == Reader.CLINICIAN.value:
        more = {name.replace("-", "_"): await ask(request, name)(question) for name in ("how-long", "for-whom")}
    contacts = tuple(f"{each.name}: {each.reach}" for each in request.app.state.settings.crisis)

    def made() -> bytes:
        from remit.reports.paper import SETTINGS, paper

        return SETTINGS[kind](paper(Reader(reader), question, how_fast, versus, safety, contacts, **more))

    content = await answers.of(("report", reader, kind, question), made)
    return Response(
        content, media_type=KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{NAMES[reader]}.{kind}"'},
    )  # fmt: skip
