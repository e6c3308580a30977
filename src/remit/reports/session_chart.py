"""One session: the concentration in plasma over four hours, and when its acute effect is felt."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.reports.marks import Part, band, layered, line, rows_of, words
from remit.reports.palette import Theme

HEIGHT = 170


def session_panel(detail: dict[str, Any], theme: Theme, width: int) -> Part:
    """Concentration with the band that holds nine tenths of people (or the level asked for)."""
    session = detail["session"]
    plasma = session["plasma_ng_per_ml"]
    minutes = session["time_min"]
    site = {"arterial": "arterial plasma", "venous": "venous plasma"}.get(
        session["sampling_site"], "plasma (site not stated)"
    )
    axis = alt.Axis(
        title=f"one session: {session['analyte']} in {site}, ng/mL", titleAngle=0, titleAlign="left", titleAnchor="end",
        titleX=-30, titleY=-12, tickCount=5, gridColor=theme.rule, gridOpacity=0.7, domain=False, ticks=False,
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domainMin=0, nice=True), axis=axis)

    x = alt.X(
        "time_h:Q",
        scale=alt.Scale(domain=[0, minutes[-1]], nice=False),
        axis=alt.Axis(
            title="minutes since the start of a session",
            values=list(range(0, minutes[-1] + 1, 30)),
            grid=False,
            domainColor=theme.soft,
            tickColor=theme.soft,
        ),
    )
    peak = max(range(len(minutes)), key=lambda index: plasma["typical"][index])
    fall = session["acute_fall_percent"]["typical"]
    layers: list[Part] = [
        band(
            rows_of(time_h=minutes, low=plasma["people_low"], high=plasma["people_high"]),
            x,
            y,
            theme.ketamine,
            theme.band,
        ),
        line(rows_of(time_h=minutes, value=plasma["typical"]), x, y, theme.ketamine, 2.4),
    ]
    top = max(plasma["people_high"])
    notes = [f"typical peak {plasma['typical'][peak]:.0f} at {minutes[peak]} min", *_felt(minutes, fall)]
    for index, text in enumerate(notes):
        label = [{"time_h": 0.42 * minutes[-1], "value": top * (0.97 - 0.13 * index), "text": text}]
        layers.append(words(label, x, y, theme.ink if index == 0 else theme.soft, size=11, halo=theme.paper))
    return layered(layers, width, HEIGHT)


def _felt(minutes: list[int], fall: list[float]) -> list[str]:
    """When the acute change is largest and when it has halved, in words."""
    size = [abs(value) for value in fall]
    top = max(range(len(size)), key=lambda index: size[index])
    if size[top] < 1.0:
        return ["no acute change of a per cent or more"]
    later = [minute for minute, value in zip(minutes[top:], size[top:], strict=True) if value <= 0.5 * size[top]]
    kind = "less" if fall[top] > 0 else "more"
    found = [f"acute: up to {size[top]:.0f} % {kind} anxiety, at {minutes[top]} min"]
    return [*found, f"half of that is gone by {later[0]} min" if later else "still more than half of it at the end"]
