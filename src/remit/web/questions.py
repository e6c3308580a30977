"""The further questions, pages of one make: the sentence, its picture, tables and lists, and what it rests on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.answers.question import HowFast
from remit.web.answering import Answered, Answers
from remit.web.asking import answered_page, question_in
from remit.web.pictures import sent

router = APIRouter(include_in_schema=False)
Table = tuple[list[str], list[list[str]]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under the picture.

    Attributes:
        title: its heading.
        table: head of the columns and rows; None where it is a list.
        lines: of a list.
        note: small words under it.
        is_detail: folded where only plain words were asked for.
        is_wordy: whether cells hold words that may wrap.
    """

    title: str
    table: Table | None = None
    lines: tuple[str, ...] = ()
    note: str = ""
    is_detail: bool = False
    is_wordy: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One question.

    Attributes:
        path, title: of the page.
        begin, end: words of the sentence round the course and before the diagnosis.
        hides: fields of the sentence that the question does not ask.
        plain: fields as they stand before anything is changed, where they differ from those of "how fast".
        picture_words: what stands under the picture.
        word: of the answer: ``how_long`` is `remit.answers.how_long.how_long`, drawn by `remit.reports.how_long_chart`.
        sections: its parts.
        arguments: what the answer takes besides the question.
    """

    path: str
    title: str
    begin: str
    end: str
    hides: frozenset[str]
    plain: Mapping[str, str]
    picture_words: str
    word: str
    sections: Callable[[Answered], list[Section]]
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def answer(self, question: HowFast) -> Answered:
        """The answer."""
        from remit.answers.shipped import shipped

        answered = getattr(import_module(f"remit.answers.{self.word}"), self.word)
        return answered(question, shipped(), **self.arguments).as_dict()

    def picture(self, answer: Answered, theme: str, *, narrow: bool = False) -> dict[str, Any]:
        """The specification of its picture in a theme, and for a telephone."""
        drawn_by = import_module(f"remit.reports.{self.word}_chart")
        return getattr(drawn_by, f"{self.word}_chart")(answer, theme, narrow=narrow)

    def described(self, answer: Answered) -> str:
        """Its picture in words."""
        return import_module(f"remit.reports.{self.word}_chart").described(answer)


def _level(answer: Answered) -> str:
    return f"{100 * answer['detail']['level']:g} %"


def _then_line(answer: Answered, then: str) -> str:
    """What the sessions asked for after the series do, in a line; empty where none were asked for."""
    from remit.reports.how_long_page import then_line

    return then_line(answer["detail"], then)


def _how_long_sections(answer: Answered) -> list[Section]:
    from remit.reports import how_long_page as faces

    detail, level = answer["detail"], _level(answer)
    return [
        Section(
            f"Of 100 who respond a day after the last session, still responding ({level} interval)",
            faces.still_table(detail),
            note="On the day of a session people are rated before it. *: beyond anything that was observed.",
        ),
        Section(f"How long the gain lasts ({level} interval)", lines=tuple(faces.gain_lines(detail))),
        Section("How many people stand behind it", lines=tuple(faces.rated_lines(detail))),
        Section("When the chance of still responding falls", lines=(faces.below_line(detail),)),
        Section(
            f"What further sessions add, of 100 responders ({level} interval)",
            faces.added_table(detail),
            is_detail=True,
        ),
        Section("What studies saw themselves", lines=tuple(faces.observed_lines(detail)), is_detail=True),
        Section(
            "Published about repeated sessions", lines=tuple(faces.finding_lines(detail["findings"])), is_detail=True
        ),
    ]


def _by_route_sections(answer: Answered) -> list[Section]:
    from remit.reports import by_route_page as faces
    from remit.reports.how_long_page import finding_lines

    detail, level = answer["detail"], _level(answer)
    return [
        Section(
            f"Concentration after {detail['same_dose']} ({level} of people between)", faces.exposure_table(detail),
            note="Levels of different sampling sites are not to be compared.",
        ),
        Section(
            "How far people differ, and how much arrives", faces.spread_table(detail),
            note="*: holds what is not known of an assumed absorption. **: no spread is published.",
        ),
        Section(
            f"Predicted: responders of 100 after {detail['same_dose']} ({level} interval)", faces.response_table(detail)
        ),
        Section("Observed: collected studies by route", faces.studied_table(detail)),
        Section(
            f"Predicted at the dose most studies of the route gave ({level} interval)", faces.published_table(detail),
            is_detail=True,
        ),
        Section(
            "Published about routes", lines=(*finding_lines(detail["findings"]), faces.compared_line(detail)),
            is_detail=True,
        ),
    ]  # fmt: skip


def _for_whom_sections(answer: Answered) -> list[Section]:
    from remit.reports import for_whom_page as faces

    detail = answer["detail"]
    found = [
        Section(
            f"By diagnosis, a day after the last session ({_level(answer)} interval)",
            faces.effect_table(detail),
            note=faces.NOTE,
        ),
        Section("What stands behind each diagnosis", faces.behind_table(detail), is_wordy=True),
    ]
    found += [
        Section(
            f"{title}: studies, and which way their findings point", faces.topic_table(detail, of),
            # how to read them is said under the first of these tables
            note="" if number else faces.KEY, is_wordy=True,
        )
        for number, (of, title) in enumerate(faces.OF.items())
    ]  # fmt: skip
    return [
        *found,
        Section("Every finding in anxiety, PTSD or OCD", lines=tuple(faces.direct_lines(detail)), is_detail=True),
    ]


def _why_sections(answer: Answered) -> list[Section]:
    from remit.reports import why_page as faces

    detail = answer["detail"]
    return [
        Section("How well each link is established in people", faces.link_rows(detail), is_wordy=True),
        Section("The chain over time", faces.chain_table(detail)),
        Section(
            "What if an assumption is moved to the ends of its range: responders of 100", faces.moved_table(detail),
            note="Each is moved alone, and the model is not fitted again.", is_detail=True,
        ),
        Section("Assumptions that were not moved", lines=tuple(faces.not_moved_lines(detail)), is_detail=True),
    ]  # fmt: skip


NONE: frozenset[str] = frozenset()
THEN = frozenset({"then"})
COURSE = frozenset({"drug", "route", "sessions", "spacing", "then"})
KNOWN = {
    each.path.removeprefix("/"): each
    for each in (
        Page(
            "/how-long", "How long does it last?", "How long does", "last in", NONE, {"sessions": "6"},
            "Above: points the drug adds, from a day after the last session. Below: of 100 who respond a day after it.",
            "how_long", _how_long_sections,
        ),
        Page(
            "/routes", "By which route?", "By which route does ketamine", "work for", COURSE, {},
            "Concentration after the same dose, how far people differ, and the response the model predicts.",
            "by_route", _by_route_sections,
        ),
        Page(
            "/for-whom", "For whom does it work?", "For whom does", "work for",
            frozenset({"diagnosis", "scale", "baseline", "then"}), {},
            "By diagnosis, with what is not known; and which traits were studied where.",
            "for_whom", _for_whom_sections, {"narrow": False},
        ),
        Page(
            "/how-it-works", "Why would it work?", "Why would", "work for", THEN, {},
            "One chain on one clock: dose, plasma, receptor block, plasticity, symptoms.",
            "why", _why_sections,
        ),
    )
}  # fmt: skip
"""The questions by the last part of their address."""


def answered(name: str, question: HowFast) -> Answered:
    """The answer to one of these questions."""
    return KNOWN[name].answer(question)


def ask(request: Request, name: str) -> Callable[[HowFast], Awaitable[Answered]]:
    """How the answer to one of these questions is got."""
    answers: Answers = request.app.state.answers
    return partial(answers.computed, answered, name)


async def _asked(request: Request, name: str) -> Response:
    own = KNOWN[name]

    def shown(answer: Answered) -> dict[str, object]:
        from remit.reports.plain_words import what_would_change

        return {
            "change": what_would_change(answer), "sections": own.sections(answer), "words": own.described(answer),
            "more": _then_line(answer, request.query_params.get("then", "")) if name == "how-long" else "",
        }  # fmt: skip

    return await answered_page(
        request,
        "question.html",
        own.title,
        own.path,
        ask(request, name),
        shown,
        plain=own.plain,
        begin=own.begin,
        end=own.end,
        hides=own.hides,
        own=own,
        name=name,
    )


@router.get("/how-long")
async def how_long(request: Request) -> Response:
    """How long does it last."""
    return await _asked(request, "how-long")


@router.get("/routes")
async def by_route(request: Request) -> Response:
    """By which route."""
    return await _asked(request, "routes")


@router.get("/for-whom")
async def for_whom(request: Request) -> Response:
    """For whom does it work."""
    return await _asked(request, "for-whom")


@router.get("/how-it-works")
async def why(request: Request) -> Response:
    """Why would it work."""
    return await _asked(request, "how-it-works")


def _bare(name: str, answer: Answered, theme: str, *, narrow: bool) -> dict[str, Any]:
    """The picture of one of these questions without its words."""
    from remit.reports.screen_pictures import without_words

    return without_words(KNOWN[name].picture(answer, theme, narrow=narrow))


@router.get("/picture/question/{name}.{kind}")
async def picture(request: Request, name: str, kind: str) -> Response:
    """The picture of one of these questions."""
    from remit.vocabulary.errors import InputRefused

    if name not in KNOWN:
        raise InputRefused(f"there is no picture {name!r}", allowed=", ".join(KNOWN), where="picture")
    own = KNOWN[name]
    question = question_in(request, own.plain)
    answer = await ask(request, name)(question)
    return await sent(request, kind, (name, question), answer, partial(_bare, name), own.described(answer), apart=True)
