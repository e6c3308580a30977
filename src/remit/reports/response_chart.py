"""The share of people who have responded by each time, with the drug and without."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.reports.labels import spread
from remit.reports.marks import Part, band, layered, line, rows_of, words
from remit.reports.palette import Theme
from remit.reports.time_axis import BEFORE_H, time_at, x_field

HEIGHT = 170


def response_panel(detail: dict[str, Any], theme: Theme, width: int) -> Part:
    """Of 100 people, how many have responded by each time; bands are what is not known."""
    data = detail["response_by"]
    end = data["time_h"][-1]
    axis = alt.Axis(
        title="of 100 people, responded by then", titleAngle=0, titleAlign="left", titleAnchor="end",
        titleX=-30, titleY=-12, values=[0, 25, 50, 75, 100], gridColor=theme.rule, gridOpacity=0.7, domain=False,
        ticks=False,
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, 100]), axis=axis)

    x = x_field(end, theme, "time since the first session", narrow=True)
    layers: list[Part] = []
    ends: list[tuple[float, str, str]] = []
    for prefix, colour, dash, text, opacity in (
        ("control_", theme.control, (), "without the drug", 0.16),
        ("", theme.ketamine, (), detail["regimen"]["drug"], 1.2 * theme.band),
    ):
        middle = data[f"{prefix}percent"]
        layers.append(
            band(
                rows_of(time_h=data["time_h"], low=data[f"{prefix}low_percent"], high=data[f"{prefix}high_percent"]),
                x,
                y,
                colour,
                opacity,
            )
        )
        start = {"time_h": BEFORE_H, "value": middle[0]}
        layers.append(
            line([start, *rows_of(time_h=data["time_h"], value=middle)], x, y, colour, 3.0 if not prefix else 1.8, dash)
        )
        ends.append((middle[-1], f"{text} {middle[-1]:.0f}", colour))
    apart = spread([value for value, *_ in ends], 15 * 100 / HEIGHT, 0, 100)
    for (_, text, colour), place in zip(ends, apart, strict=True):
        layers.append(
            words([{"time_h": time_at(1.015, end), "value": place, "text": text}], x, y, colour, bold=True, size=12)
        )
    return layered(layers, width, HEIGHT)
