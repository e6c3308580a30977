"""The picture of a time to event: steps with what is not known of them, bands, a model, and how many are left."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt

from remit.reports.labels import spread
from remit.reports.marks import Part, layered, line, line_key, page_config, rows_of, small_print, words
from remit.reports.meta_chart import titled
from remit.reports.palette import SANS, Theme, find_theme
from remit.reports.time_axis import x_field
from remit.vocabulary.clock import spoken

WIDTH, HEIGHT, LINE, NARROW = 760, 330, 22, 290
"""Of the curves and a line of numbers, and the width on a telephone [pixels]."""
MOST_NARROW = 4
"""Times that the numbers under a narrow plot have room for."""
CONTROLS = ("placebo", "midazolam", "saline", "control")
DASHES = ((), (7, 3), (2, 2), (9, 3, 2, 3))
"""Of groups, so that they are told apart without colour."""
Summary = dict[str, Any]


def hues(names: Sequence[str], theme: Theme) -> list[str]:
    """A hue for each group: that of its treatment where the name says it, of those left in order elsewhere.

    Args:
        names: of groups.
        theme: of the picture.
    """
    known = {"ketamine": theme.ketamine, **dict.fromkeys(CONTROLS, theme.control)}
    said = [next((hue for word, hue in known.items() if word in name.lower()), None) for name in names]
    left = [hue for hue in (theme.ketamine, theme.ssri, theme.control, theme.ink) if hue not in said]
    left = left or [theme.ink]
    rest = iter(range(len(names)))
    return [hue or left[next(rest) % len(left)] for hue in said]


def curve_picture(summary: Summary, theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """Share of people with the event over time.

    Args:
        summary: of an analysis of events.
        theme: ``light`` or ``dark``.
        narrow: for a telephone: names of groups stand under the curves.
    """
    width = NARROW if narrow else WIDTH
    colours = find_theme(theme)
    hours = summary["hours_per_unit"] or 1.0
    timed = summary["hours_per_unit"] is not None
    latest = summary["latest"] * hours
    x = x_field(latest, colours, "", narrow=narrow) if timed else _plain_axis(latest, colours, summary["unit"])

    def y(field: str) -> Any:
        return alt.Y(
            f"{field}:Q",
            scale=alt.Scale(domain=[0, 1], nice=False),
            axis=alt.Axis(
                title="had the event",
                format="%",
                grid=False,
                domainColor=colours.soft,
                tickColor=colours.soft,
                tickCount=5,
            ),
        )

    parts: list[Part] = []
    groups = summary["groups"]
    shades = hues([group["name"] for group in groups], colours)
    for place, group in enumerate(groups):
        parts += _group(group, (shades[place], DASHES[place % 4]), x, y, colours, hours, latest)
    ends = [1 - group["grid"]["event"][-1] for group in groups]
    places = spread(ends, 16 / HEIGHT, 0.02, 0.98)
    for place, (group, end) in enumerate(zip(groups, places, strict=True)):
        if group["name"] and not narrow:
            row = [{"time_h": latest, "value": 1 - end, "text": group["name"]}]
            parts.append(words(row, x, y, shades[place], size=13, dx=8, bold=True))
    named = [(group["name"], shades[place], DASHES[place % 4], 2.4) for place, group in enumerate(groups)]
    what = (summary["event"] or "time to the event").split(":")[0]
    model = f" Thin line: {summary['best']} model." if summary["best"] else ""
    band = f"Shaded: {100 * summary['level']:g} % band." if summary["draws"] else ""
    return {
        "$schema": alt.SCHEMA_URL,
        "title": titled(
            textwrap.wrap(f"{what[:1].upper()}{what[1:]}: share of people over time", 90),
            "Steps: curve without a model. Dashed boxes: inside them any rising curve is as likely, because visits do "
            f"not tell. {band}{model}",
            colours,
        ),
        "vconcat": [
            layered(parts, width, HEIGHT - (80 if narrow else 0)),
            *([line_key(named, colours, width)] if narrow and len(named) > 1 else []),
            _left_table(summary, colours, width, narrow=narrow),
            small_print(_foot(summary), colours, width, narrow=narrow),
        ],
        "spacing": 16,
        "config": page_config(colours),
    }


def _plain_axis(latest: float, theme: Theme, unit: str) -> Any:
    axis = alt.Axis(title=f"{unit}s", grid=True, gridColor=theme.rule, gridOpacity=0.6, gridDash=[1, 3],
                    domainColor=theme.soft, tickColor=theme.soft)  # fmt: skip
    return alt.X("time_h:Q", scale=alt.Scale(domain=[0, latest], nice=False), axis=axis)


def _group(
    group: Summary, style: tuple[str, tuple[int, ...]], x: Any, y: Any, theme: Theme, hours: float, latest: float
) -> list[Part]:
    hue, dash = style
    grid, curve = group["grid"], group["curve"]
    times = [0.0, *(time * hours for time in grid["time"])]
    parts: list[Part] = []
    if grid["low"] is not None:
        rows = rows_of(time_h=times, low=[0.0, *grid["low"]], high=[0.0, *grid["high"]])
        mark = {"type": "area", "color": hue, "opacity": theme.band, "clip": True, "interpolate": "linear"}
        encoding = alt.Chart(alt.InlineData(values=[])).mark_area().encode(x=x, y=y("low"), y2="high:Q")
        parts.append({"data": {"values": rows}, "mark": mark, "encoding": encoding.to_dict(validate=False)["encoding"]})
    boxes, steps, below = [], [{"time_h": 0.0, "value": 0.0}], 0.0
    for left, right, mass in zip(curve["left"], curve["right"], curve["mass"], strict=True):
        if right is None or right == float("inf"):
            break
        above = below + mass
        if right > left:
            boxes.append({"time_h": left * hours, "to_h": right * hours, "value": below, "high": above})
        steps += [{"time_h": left * hours, "value": below}, {"time_h": right * hours, "value": above}]
        below = above
    steps.append({"time_h": latest, "value": below})
    if boxes:
        mark = {"type": "rect", "fill": hue, "fillOpacity": 0.1, "stroke": hue, "strokeOpacity": 0.55,
                "strokeWidth": 0.8, "strokeDash": [2, 2]}  # fmt: skip
        encoding = alt.Chart(alt.InlineData(values=[])).mark_rect().encode(x=x, x2="to_h:Q", y=y("value"), y2="high:Q")
        parts.append(
            {"data": {"values": boxes}, "mark": mark, "encoding": encoding.to_dict(validate=False)["encoding"]}
        )
    drawn = line(steps, x, y, hue, 2.4, dash)
    drawn["mark"] |= {"interpolate": "linear"}
    # a time may stand twice, so that the order of points is said
    drawn["encoding"]["order"] = {"field": "order", "type": "quantitative"}
    drawn["data"] = {"values": [step | {"order": order} for order, step in enumerate(steps)]}
    parts.append(drawn)
    if grid["model"] is not None:
        parts.append(line(rows_of(time_h=times, value=[0.0, *grid["model"]]), x, y, theme.ink, 1.0))
        parts[-1]["mark"] |= {"opacity": 0.7}
    return parts


def _left_table(summary: Summary, theme: Theme, width: int, *, narrow: bool) -> Part:
    """Known to be without the event, under the axis."""
    timed = summary["hours_per_unit"] is not None
    rows = []
    for line_number, group in enumerate(summary["groups"]):
        for each in group["chances"]:
            time = each["time"] * (summary["hours_per_unit"] or 1.0)
            rows.append({
                "time_h": time, "line": line_number, "text": f"{each['known_without']:g}",
                "head": spoken(time) if timed else f"{each['time']:.3g}",
            })  # fmt: skip
    times = list(dict.fromkeys(row["time_h"] for row in rows))
    if narrow and len(times) > MOST_NARROW:
        # the latest times and the first: more columns would run into each other
        times = [times[0], *times[1 - MOST_NARROW :]]
        rows = [row for row in rows if row["time_h"] in times]
    # on a telephone what the numbers are has a line of its own
    first = 2 if narrow else 1
    count = len(times)
    values = [{"place": times.index(row["time_h"]), **row} for row in rows]
    base = {"type": "text", "font": SANS, "fontSize": 12, "color": theme.ink, "baseline": "middle"}
    y = {"field": "line", "type": "quantitative", "axis": None,
         "scale": {"domain": [-first - 0.5, len(summary["groups"]) - 0.5], "reverse": True}}  # fmt: skip
    x = {"field": "place", "type": "quantitative", "axis": None, "scale": {"domain": [-1.6, max(count - 0.5, 0.5)]}}
    heads = [
        {"place": number, "line": -1, "text": row}
        for number, row in enumerate(dict.fromkeys(v["head"] for v in values))
    ]
    names = [
        {"place": -1.6, "line": number, "text": group["name"] or "people"}
        for number, group in enumerate(summary["groups"])
    ]
    names.append({"place": -1.6, "line": -first, "text": "known to be without the event at"})

    def layer(data: Sequence[Summary], **style: Any) -> Part:
        return {"data": {"values": list(data)}, "mark": {**base, **style},
                "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}}}  # fmt: skip

    layers = [layer(values), layer(heads, color=theme.soft), layer(names, align="left", color=theme.soft)]
    return layered(layers, width, LINE * (len(summary["groups"]) + first))


def _foot(summary: Summary) -> list[str]:
    said = f"{summary['table']}: {summary['people']:,.10g} people. remit {summary['remit']}, seed {summary['seed']}."
    return textwrap.wrap(said, 130)
