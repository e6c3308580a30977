"""What stands on paper, by who reads it: one door for the command line and the web."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from altair.utils import schemapi

from remit.answers.question import HowFast
from remit.reports.document import Document, Reader
from remit.reports.document_html import to_html
from remit.reports.document_pdf import to_pdf
from remit.reports.evidence_brief import evidence_brief
from remit.reports.person_sheet import person_sheet
from remit.safety.session import plan_session
from remit.vocabulary.clock import MINUTES_PER_HOUR
from remit.vocabulary.dosing import Route

Answered = dict[str, Any]
SETTINGS = {"pdf": to_pdf, "html": to_html}
"""How a document becomes a file, by its ending."""


def paper(
    reader: Reader,
    question: HowFast,
    how_fast: Answered,
    versus: Answered,
    safety: Answered,
    contacts: tuple[str, ...] = (),
    *,
    how_long: Answered | None = None,
    for_whom: Answered | None = None,
) -> Document:
    """One page for a person, or a brief for a clinician.

    Args:
        reader: who reads it.
        question: the course.
        how_fast, versus: `Answer.as_dict()` of its answers.
        safety: that of `is_it_safe`, for every drug and route.
        contacts: whom to call in a crisis, as the clinic words it.
        how_long, for_whom: `Answer.as_dict()` of those answers, which only a brief shows; None leaves them out.
    """
    minutes = MINUTES_PER_HOUR * question.duration_h if question.route is Route.IV else 0.0
    # a plan needs a morning to begin on; only its lengths are read
    morning = datetime(2026, 1, 1, 9, 0)  # noqa: DTZ001
    plan = plan_session(question.drug, question.route, question.amount, morning, minutes).as_dict()
    # pictures are held to the rules of their language in the tests; here that takes a fifth of the time of a brief
    with schemapi.debug_mode(False):
        if reader is Reader.PERSON:
            return person_sheet(how_fast, versus, safety, plan, contacts)
        return evidence_brief(how_fast, versus, safety, plan, how_long, for_whom)
