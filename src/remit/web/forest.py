"""What each trial saw by itself at a time, beside the model asked the same: the page and its picture."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.vocabulary.clock import parse_duration
from remit.vocabulary.errors import InputRefused, OutOfRange, RemitError
from remit.web.answering import Answered, Answers
from remit.web.faults import standing_of, told
from remit.web.page import page
from remit.web.pictures import sent

router = APIRouter(include_in_schema=False)
TIMES = (
    ("2h", "2 hours"),
    ("24h", "a day"),
    ("3d", "3 days"),
    ("7d", "a week"),
    ("14d", "2 weeks"),
    ("28d", "4 weeks"),
)
LEVEL = 0.9
"""Of the intervals [fraction]."""
USUAL = "7d"
"""The time at which most trials can say something."""


def answered(at_h: float, level: float) -> Answered:
    """The forest at a time after the last session [h]."""
    from remit.answers.forest import forest
    from remit.answers.shipped import shipped

    return forest(at_h, level, shipped()).as_dict()


def hours_in(text: str) -> float:
    """A time of an address [h].

    Raises:
        InputRefused: it is no time, or none at which sessions are rated.
    """
    from remit.answers.forest import EARLIEST_H, LATEST_H

    hours = parse_duration(text[:20], where="--at")
    if not EARLIEST_H <= hours <= LATEST_H:
        raise OutOfRange(f"a look at {text[:20]}", allowed="1 h to 4 weeks after the last session", where="--at")
    return hours


@router.get("/forest")
async def look(request: Request, at: str = USUAL) -> Response:
    """The page."""
    from remit.reports import forest_of_trials_chart as faces
    from remit.reports.forest_page import CAVEATS

    answers: Answers = request.app.state.answers
    title, shown = "What each trial saw itself", {"times": TIMES, "at": at, "caveats": CAVEATS}
    try:
        answer = await answers.computed(answered, hours_in(at), LEVEL)
    except RemitError as refusal:
        status, _ = standing_of(refusal)
        return page(request, "forest.html", title=title, status=status, answer=None, said=told(refusal), **shown)
    return page(
        request, "forest.html", title=title, answer=answer, said="", words=faces.described(answer),
        table=faces.forest_table(answer), silent=faces.silent_lines(answer), reading=faces.READING, **shown,
    )  # fmt: skip


@router.get("/picture/forest/trials.{kind}")
async def picture(request: Request, kind: str, at: str = USUAL) -> Response:
    """The picture."""
    from remit.reports.forest_of_trials_chart import described, forest_of_trials_chart
    from remit.reports.screen_pictures import untitled

    answers: Answers = request.app.state.answers
    hours = hours_in(at)
    answer = await answers.computed(answered, hours, LEVEL)
    if not answer["rows"]:
        raise InputRefused("there is nothing in the collected evidence to draw", where="picture")
    return await sent(
        request, kind, ("forest", hours), {"question": "What each trial saw itself"},
        lambda _, theme, narrow: untitled(forest_of_trials_chart(answer, theme, narrow=narrow)), described(answer),
    )  # fmt: skip
