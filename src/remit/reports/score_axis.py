"""Totals of a scale on the upright axis of a picture, the same in every picture of a course."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt

from remit.reports.palette import Theme


def score_field(scale: Mapping[str, Any], top: float, theme: Theme) -> Callable[[str], alt.Y]:
    """The y channel of a field of totals, by the field's name.

    Args:
        scale: ``name`` and ``low`` of an answer's scale.
        top: largest total shown [points].
        theme: colours.
    """
    reach = alt.Scale(domain=[scale["low"], top], nice=False, zero=False)
    axis = alt.Axis(
        title=f"{scale['name']} total, points (lower is better)", titleAngle=0, titleAlign="left", titleAnchor="end",
        titleX=-30, titleY=-12, tickCount=6, tickMinStep=1, gridColor=theme.rule, gridOpacity=0.7, domain=False,
        ticks=False,
    )  # fmt: skip
    return lambda field: alt.Y(f"{field}:Q", scale=reach, axis=axis)
