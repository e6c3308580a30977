"""The course of anxiety under a regimen: how people differ, what is not known, and what happens without the drug."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.reports.labels import roomiest, spread
from remit.reports.marks import Part, band, layered, level_line, line, points, rows_of, shaded, upright, words
from remit.reports.palette import Theme
from remit.reports.score_axis import score_field
from remit.reports.time_axis import BEFORE_H, place, time_at, time_axis, time_scale, x_field
from remit.vocabulary.clock import spoken

HEIGHT = 340
STRIP = 16
LABEL_GAP = 17
"""Least distance between two labels [pixels]."""
INSIDE, RISE = 0.02, 7
"""Where names of cut-offs begin in a narrow picture [share of its width], and how far they stand above their lines
[pixels]."""
DASHES = {"control": (), "placebo_tablet": (1, 3), "ssri": (7, 3)}
"""Line styles, so that grey print and colour-blind readers can tell lines apart."""


def course_panel(detail: dict[str, Any], theme: Theme, width: int, *, narrow: bool = False) -> Part:
    """The main picture, with a strip under it that shows when trials looked.

    Args:
        detail: of an answer, as plain values.
        theme: colours.
        width: of the plotting area [pixels].
        narrow: no names to the right of the lines, for a page that has a legend of its own; cut-offs are named inside.
    """
    course, end = detail["course"], detail["course"]["time_h"][-1]
    scale = detail["scale"]
    top = min(
        scale["high"], max(*course["people90_high"], scale["baseline_points"]) + 0.04 * (scale["high"] - scale["low"])
    )
    y = score_field(scale, top, theme)

    x = alt.X("time_h:Q", scale=time_scale(end), axis=_bare(end, theme, narrow=narrow))
    layers = [
        *_beyond(detail, theme, x, y, end, top),
        *_cuts(detail, theme, x, y, end),
        *_bands(course, theme, x, y),
        *_comparators(detail, theme, x, y),
        *_typical(course, theme, x, y),
        *_sessions(detail, theme, x, y, top),
        *_band_names(detail, theme, x, y, end, width, top - scale["low"], narrow=narrow),
        *(_inside(detail, theme, x, y, end) if narrow else _names(detail, theme, x, y, end, top)),
    ]
    strip = _strip(detail, theme, width, end, narrow=narrow)
    return {"vconcat": [layered(layers, width, HEIGHT), strip], "spacing": 2}


def _bare(end: float, theme: Theme, *, narrow: bool) -> alt.Axis:
    axis = time_axis(end, theme, "", narrow=narrow)
    return alt.Axis(**{**axis.to_dict(validate=False), "labels": False, "ticks": False, "domain": False, "title": None})


def _bands(course: dict[str, Any], theme: Theme, x: Any, y: Any) -> list[Part]:
    wide = rows_of(time_h=course["time_h"], low=course["people90_low"], high=course["people90_high"])
    narrow = rows_of(time_h=course["time_h"], low=course["people50_low"], high=course["people50_high"])
    return [band(wide, x, y, theme.ketamine, theme.band), band(narrow, x, y, theme.ketamine, 1.35 * theme.band)]


def _typical(course: dict[str, Any], theme: Theme, x: Any, y: Any) -> list[Part]:
    before = {"time_h": BEFORE_H, "value": course["typical"][0]}
    middle = [before, *rows_of(time_h=course["time_h"], value=course["typical"])]
    edges = [rows_of(time_h=course["time_h"], value=course[side]) for side in ("typical_low", "typical_high")]
    return [*(line(edge, x, y, theme.ketamine, 1.3, (5, 3)) for edge in edges), line(middle, x, y, theme.ketamine, 3)]


def _comparators(detail: dict[str, Any], theme: Theme, x: Any, y: Any) -> list[Part]:
    control = rows_of(time_h=detail["control"]["time_h"], value=detail["control"]["typical"])
    found: list[Part] = [line(control, x, y, theme.control, 2.2, DASHES["control"])]
    for each in detail["comparators"]:
        colour = theme.ssri if each["name"] == "ssri" else theme.control
        rows = rows_of(time_h=each["time_h"], value=each["typical"])
        found.append(line(rows, x, y, colour, 2.2, DASHES[each["name"]]))
    return found


CUT_NAMES = {"change": "noticeable change", "response": "response", "remission": "remission"}


def _levels(detail: dict[str, Any]) -> list[tuple[float, str]]:
    """Baseline and cut-offs [points] with their names."""
    scale = detail["scale"]
    cuts = [(cut, f"{CUT_NAMES[event]}: {cut:g} or less") for event, cut in scale["cut_points"].items()]
    return [(scale["baseline_points"], f"baseline {scale['baseline_points']:g}"), *cuts]


def _cuts(detail: dict[str, Any], theme: Theme, x: Any, y: Any, end: float) -> list[Part]:
    marks = [{"time_h": BEFORE_H, "to_h": end, "value": value} for value, _ in _levels(detail)]
    return [level_line(marks, x, y, theme.soft, 0.8, (2, 3))]


def _sessions(detail: dict[str, Any], theme: Theme, x: Any, y: Any, top: float) -> list[Part]:
    times = detail["regimen"]["dose_times_h"]
    marks = [{"time_h": time, "value": top} for time in times]
    name = "session" if len(times) == 1 else f"{len(times)} sessions"
    label = [{"time_h": times[-1], "value": top, "text": name}]
    # choice: more upright lines than a clinic's course of six would hide the curve
    lines = [upright(marks, x, theme.ketamine, 0.8, (2, 2))] if len(times) <= 6 else []
    return [
        *lines,
        points(marks, x, y, theme.ketamine, "triangle-down", 80),
        words(label, x, y, theme.ketamine, size=12, dx=9, dy=4, bold=True, halo=theme.paper),
    ]


def _beyond(detail: dict[str, Any], theme: Theme, x: Any, y: Any, end: float, top: float) -> list[Part]:
    until = detail["data_until_h"]
    if until >= end:
        return []
    low = detail["scale"]["low"]
    label = [{"time_h": until, "value": low + 0.04 * (top - low), "text": "no data beyond this line"}]
    return [
        shaded([{"time_h": until, "to_h": end}], x, theme.shade),
        upright([{"time_h": until}], x, theme.soft, 1, (4, 2)),
        words(label, x, y, theme.soft, size=11, align="right", dx=-6, halo=theme.paper),
    ]


def _band_names(
    detail: dict[str, Any], theme: Theme, x: Any, y: Any, end: float, width: int, span: float, *, narrow: bool
) -> list[Part]:
    """Names of the two bands, inside them, where lines leave most room; a band without room goes unnamed."""
    course = detail["course"]
    pixels = HEIGHT / span
    hours = course["time_h"]
    across = [width * place(time, end) for time in hours]
    typical = [course[name] for name in ("typical", "typical_low", "typical_high")]
    others = [each["typical"] for each in (detail["control"], *detail["comparators"])]
    edges = [course[name] for name in ("people50_low", "people50_high", "people90_low", "people90_high")]
    levels = [[value] * len(hours) for value, _ in _levels(detail)]
    lines = [[value * pixels for value in line_] for line_ in (*typical, *others, *edges, *levels)]
    found = []
    # in a narrow picture the names of cut-offs stand inside, each as wide as two such names
    taken = [
        (INSIDE * width + shift, value * pixels + RISE)
        for value, _ in (_levels(detail) if narrow else [])
        for shift in (42, 110)
    ]
    for text, bands in (
        ("9 of 10 people", (("people50_high", "people90_high"), ("people90_low", "people50_low"))),
        ("half of people", (("people50_low", "people50_high"),)),
    ):
        regions = [
            ([value * pixels for value in course[low]], [value * pixels for value in course[high]])
            for low, high in bands
        ]
        spot = roomiest(across, regions, lines, taken, half_width=42)
        if spot is not None:
            taken.append(spot)
            found.append({"time_h": time_at(spot[0] / width, end), "value": spot[1] / pixels, "text": text})
    return [words(found, x, y, theme.ketamine, size=11, align="center")] if found else []


def _names(detail: dict[str, Any], theme: Theme, x: Any, y: Any, end: float, top: float) -> list[Part]:
    """A name at the right end of every line, moved apart, with a short leader in the line's own style."""
    drug = detail["regimen"]["drug"]
    lines = [(detail["course"]["typical"][-1], f"{drug}, typical person", theme.ketamine, (), 3.0, True)]
    lines.append((detail["control"]["typical"][-1], "masked session without the drug", theme.control, (), 2.2, False))
    for each in detail["comparators"]:
        colour = theme.ssri if each["name"] == "ssri" else theme.control
        text = "SSRI, daily" if each["name"] == "ssri" else f"{each['label']}, daily"
        lines.append((each["typical"][-1], text, colour, DASHES[each["name"]], 2.2, False))
    lines += [(value, text, theme.soft, (2, 3), 0.8, False) for value, text in _levels(detail)]
    low = detail["scale"]["low"]
    apart = spread([value for value, *_ in lines], LABEL_GAP * (top - low) / HEIGHT, low, top)
    found: list[Part] = []
    for (value, text, colour, dash, width, bold), beside in zip(lines, apart, strict=True):
        leader = [{"time_h": end, "value": value}, {"time_h": time_at(1.035, end), "value": beside}]
        label = [{"time_h": time_at(1.04, end), "value": beside, "text": text}]
        found.append(line(leader, x, y, colour, width * 0.75, dash, clip=False))
        found.append(words(label, x, y, colour, size=12 if width > 1 else 11, bold=bold))
    return found


def _inside(detail: dict[str, Any], theme: Theme, x: Any, y: Any, end: float) -> list[Part]:
    """Names of the cut-offs on their lines, at the left, where the curves have not come down yet."""
    labels = [
        {"time_h": time_at(INSIDE, end), "value": value, "text": text}
        for value, text in _levels(detail)
        if value < detail["scale"]["baseline_points"]
    ]
    return [words(labels, x, y, theme.soft, size=11, dy=-RISE, halo=theme.paper)]


def _strip(detail: dict[str, Any], theme: Theme, width: int, end: float, *, narrow: bool) -> Part:
    """When trials rated people in arms like this one; larger dots, more studies."""
    x = x_field(end, theme, "time since the first session", narrow=narrow)
    rated = [{**row, "value": 0} for row in detail["rated_at"] if row["time_h"] <= end]
    nothing = alt.Axis(title=None, labels=False, ticks=False, domain=False, grid=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[-1, 1]), axis=nothing)

    size = alt.Size("studies:Q", scale=alt.Scale(domain=[1, 5], range=[26, 130]), legend=None)
    text = "when ketamine trials looked" if rated else "no ketamine trial looked at a course like this"
    label = [{"time_h": time_at(1.04, end), "value": 0, "text": text}]
    layers = [
        level_line([{"time_h": BEFORE_H, "to_h": end, "value": 0}], x, y, theme.rule, 1),
        *([points(rated, x, y, theme.soft, "circle", size)] if rated else []),
        *([] if narrow else [words(label, x, y, theme.soft, size=11)]),
    ]
    return layered(layers, width, STRIP)


def follow_up_words(detail: dict[str, Any]) -> str:
    """How long people were followed, in words."""
    return f"people in such arms were rated for up to {spoken(round(detail['data_until_h']))}"
