"""Hours to weeks on one axis, with the ticks people use: log(1 + hours) loses no minutes and squeezes no weeks."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from remit.reports.palette import Theme
from remit.vocabulary.clock import days, weeks

BEFORE_H = -0.45
"""Where the stretch for "before the first session" begins [h]."""
TICKS = (
    (0.0, "start"), (1.0, "1 h"), (2.0, "2 h"), (6.0, "6 h"), (days(1), "1 d"), (days(3), "3 d"), (weeks(1), "1 w"),
    (weeks(2), "2 w"), (weeks(4), "4 w"), (weeks(8), "8 w"), (weeks(16), "16 w"), (weeks(32), "32 w"),
    (weeks(64), "64 w"),
)  # fmt: skip


CROWDED = frozenset({"2 h", "3 d", "2 w"})
"""Ticks that a narrow panel does without."""


def ticks(end_h: float, *, narrow: bool = False) -> list[tuple[float, str]]:
    """Times and labels of the ticks up to an end."""
    return [(time, label) for time, label in TICKS if time <= end_h * (1 + 1e-9) and not (narrow and label in CROWDED)]


def place(time_h: float, end_h: float) -> float:
    """Where a time lies on the axis, from 0 (its left end) to 1."""
    return (_log(time_h) - _log(BEFORE_H)) / (_log(end_h) - _log(BEFORE_H))


def time_at(place_on_axis: float, end_h: float) -> float:
    """The time at a place on the axis [h]."""
    position = _log(BEFORE_H) + place_on_axis * (_log(end_h) - _log(BEFORE_H))
    return math.copysign(math.expm1(abs(position)), position)


def _log(time_h: float) -> float:
    return math.copysign(math.log1p(abs(time_h)), time_h)


def time_scale(end_h: float) -> alt.Scale:
    """The scale, the same in every panel."""
    return alt.Scale(type="symlog", constant=1, domain=[BEFORE_H, end_h], nice=False)


def time_axis(end_h: float, theme: Theme, title: str, *, narrow: bool = False) -> alt.Axis:
    """The axis with its labels."""
    known = ticks(end_h, narrow=narrow)
    return alt.Axis(
        values=[time for time, _ in known],
        labelExpr=_expression(known),
        title=title,
        grid=True,
        gridColor=theme.rule,
        gridOpacity=0.6,
        gridDash=[1, 3],
        domainColor=theme.soft,
        tickColor=theme.soft,
        labelFlush=False,
        labelOverlap=False,
    )


def _expression(known: list[tuple[float, str]]) -> str:
    text = "''"
    for time, label in reversed(known):
        text = f"abs(datum.value - {time:g}) < 1e-6 ? '{label}' : {text}"
    return text


def x_field(end_h: float, theme: Theme, title: str, *, narrow: bool = False) -> Any:
    """The x channel of a field named ``time_h``."""
    return alt.X("time_h:Q", scale=time_scale(end_h), axis=time_axis(end_h, theme, title, narrow=narrow))
