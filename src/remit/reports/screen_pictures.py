"""Pictures of answers for a page with words of its own: no title and no footer inside, one idea each, two widths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt

from remit.reports.course_chart import course_panel
from remit.reports.marks import Part, page_config
from remit.reports.palette import Theme, find_theme
from remit.reports.response_chart import response_panel
from remit.reports.session_chart import session_panel
from remit.vocabulary.errors import InputRefused

SIZES = ("wide", "narrow")
COURSE_WIDTH = {"wide": 620, "narrow": 296}
"""Of the plotting area [pixels]; names stand to the right of the wide one."""
SMALL_WIDTH = {"wide": 520, "narrow": 250}


def _course(detail: dict[str, Any], theme: Theme, size: str) -> Part:
    return course_panel(detail, theme, COURSE_WIDTH[size], narrow=size == "narrow")


def _responders(detail: dict[str, Any], theme: Theme, size: str) -> Part:
    return response_panel(detail, theme, SMALL_WIDTH[size])


def _session(detail: dict[str, Any], theme: Theme, size: str) -> Part:
    return session_panel(detail, theme, SMALL_WIDTH[size])


PARTS: dict[str, Callable[[dict[str, Any], Theme, str], Part]] = {
    "course": _course,
    "responders": _responders,
    "session": _session,
}
"""Pictures of an answer to "how fast", by name."""


def how_fast_picture(answer: dict[str, Any], name: str, theme: str = "light", size: str = "wide") -> Part:
    """One picture of an answer to "how fast" as a Vega-Lite specification with its data inside.

    Args:
        answer: `Answer.as_dict()`.
        name: ``course``, ``responders`` or ``session``.
        theme: ``light`` or ``dark``.
        size: ``wide`` or ``narrow``, for a telephone.

    Raises:
        InputRefused: there is no such picture, theme or size.
    """
    if name not in PARTS:
        raise InputRefused(f"there is no picture {name!r}", allowed=", ".join(PARTS), where="picture")
    if size not in SIZES:
        raise InputRefused(f"there is no size {size!r}", allowed=", ".join(SIZES), where="size")
    colours = find_theme(theme)
    return bare(PARTS[name](answer["detail"], colours, size), colours)


def bare(panel: Part, theme: Theme) -> Part:
    """A panel as a whole picture without words round it."""
    config = {**page_config(theme), "padding": {"left": 4, "right": 8, "top": 8, "bottom": 4}}
    return {"$schema": alt.SCHEMA_URL, **panel, "config": config}


def without_words(specification: Part) -> Part:
    """A picture of an answer without its title and its small print, which a page says itself.

    Args:
        specification: with ``vconcat``, whose last part is the small print.
    """
    kept = {name: value for name, value in specification.items() if name != "title"}
    config = {**kept["config"], "padding": {"left": 4, "right": 8, "top": 8, "bottom": 4}}
    return {**kept, "vconcat": kept["vconcat"][:-1], "config": config}


VERSUS = ("courses", "differences")
"""Pictures of an answer to "compared with what", by name."""


def versus_picture(answer: dict[str, Any], name: str, theme: str = "light", size: str = "wide") -> Part:
    """One picture of an answer to "compared with what".

    Args:
        answer: `Answer.as_dict()`.
        name: ``courses`` or ``differences``.
        theme: ``light`` or ``dark``.
        size: ``wide`` or ``narrow``.

    Raises:
        InputRefused: there is no such picture, theme or size.
    """
    from remit.reports.versus_chart import courses_panel, differences_panel

    if name not in VERSUS:
        raise InputRefused(f"there is no picture {name!r}", allowed=", ".join(VERSUS), where="picture")
    if size not in SIZES:
        raise InputRefused(f"there is no size {size!r}", allowed=", ".join(SIZES), where="size")
    colours = find_theme(theme)
    make = courses_panel if name == "courses" else differences_panel
    return bare(make(answer["detail"], colours, narrow=size == "narrow"), colours)
