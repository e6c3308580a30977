"""Pictures of answers for a page with words of its own: no title and no footer inside, one idea each, two widths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt

from remit.reports.course_chart import course_panel
from remit.reports.horizon_strip_chart import strip_panel
from remit.reports.marks import Part, page_config
from remit.reports.palette import Theme, find_theme
from remit.reports.response_chart import response_panel
from remit.reports.session_chart import session_panel
from remit.vocabulary.errors import InputRefused

SIZES = ("wide", "narrow")
COURSE_WIDTH = {False: 620, True: 296}
"""Of the plotting area, and on a telephone [pixels]; names stand to the right of the wide one."""
SMALL_WIDTH = {False: 520, True: 226}
STRIP_WIDTH = {False: 760, True: 346}


def _course(detail: dict[str, Any], theme: Theme, narrow: bool) -> Part:
    return course_panel(detail, theme, COURSE_WIDTH[narrow], narrow=narrow)


def _chances(detail: dict[str, Any], theme: Theme, narrow: bool) -> Part:
    return strip_panel(detail, theme, STRIP_WIDTH[narrow], narrow=narrow)


def _responders(detail: dict[str, Any], theme: Theme, narrow: bool) -> Part:
    return response_panel(detail, theme, SMALL_WIDTH[narrow])


def _session(detail: dict[str, Any], theme: Theme, narrow: bool) -> Part:
    return session_panel(detail, theme, SMALL_WIDTH[narrow])


PARTS: dict[str, Callable[[dict[str, Any], Theme, bool], Part]] = {
    "course": _course,
    "chances": _chances,
    "responders": _responders,
    "session": _session,
}
"""Pictures of an answer to "how fast", by name."""


def how_fast_picture(answer: dict[str, Any], name: str, theme: str = "light", *, narrow: bool = False) -> Part:
    """One picture of an answer to "how fast" as a Vega-Lite specification with its data inside.

    Args:
        answer: `Answer.as_dict()`.
        name: ``course``, ``chances``, ``responders`` or ``session``.
        theme: ``light`` or ``dark``.
        narrow: for a telephone.

    Raises:
        InputRefused: there is no such picture or theme.
    """
    if name not in PARTS:
        raise InputRefused(f"there is no picture {name!r}", allowed=", ".join(PARTS), where="picture")
    colours = find_theme(theme)
    return bare(PARTS[name](answer["detail"], colours, narrow), colours)


def bare(panel: Part, theme: Theme) -> Part:
    """A panel as a whole picture without words round it."""
    return unpadded({"$schema": alt.SCHEMA_URL, **panel, "config": page_config(theme)})


def unpadded(specification: Part) -> Part:
    """A picture without the margins of a file of its own."""
    padding = {"left": 4, "right": 8, "top": 8, "bottom": 4}
    return {**specification, "config": {**specification["config"], "padding": padding}}


def untitled(specification: Part) -> Part:
    """A picture without its title, which a page says itself."""
    return unpadded({name: value for name, value in specification.items() if name != "title"})


def without_words(specification: Part) -> Part:
    """A picture of an answer without its title and its small print, which a page says itself.

    Args:
        specification: with ``vconcat``, whose last part is the small print.
    """
    return untitled({**specification, "vconcat": specification["vconcat"][:-1]})


VERSUS = ("courses", "differences")
"""Pictures of an answer to "compared with what", by name."""


def versus_picture(answer: dict[str, Any], name: str, theme: str = "light", *, narrow: bool = False) -> Part:
    """One picture of an answer to "compared with what".

    Args:
        answer: `Answer.as_dict()`.
        name: ``courses`` or ``differences``.
        theme: ``light`` or ``dark``.
        narrow: for a telephone.

    Raises:
        InputRefused: there is no such picture or theme.
    """
    from remit.reports.versus_chart import courses_panel, differences_panel

    if name not in VERSUS:
        raise InputRefused(f"there is no picture {name!r}", allowed=", ".join(VERSUS), where="picture")
    colours = find_theme(theme)
    make = courses_panel if name == "courses" else differences_panel
    return bare(make(answer["detail"], colours, narrow=narrow), colours)
