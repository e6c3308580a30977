"""How long it lasts: the gain after one session and after a series, and who still responds under further sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from remit.reports.frame import Table, asked_in, framed, rests_on
from remit.reports.how_long_page import (
    added_table,
    below_line,
    gain_lines,
    observed_table,
    rated_lines,
    still_table,
)
from remit.reports.labels import spread
from remit.reports.marks import (
    Part,
    band,
    layered,
    level_line,
    line,
    line_key,
    placed,
    points,
    rows_of,
    shaded,
    upright,
    words,
)
from remit.reports.palette import SANS, Theme, find_theme
from remit.vocabulary.clock import days, weeks

WIDTH, HEIGHT, NARROW = 620, 260, 300
"""Of the plots, and their width on a telephone [pixels]."""
LABEL_GAP = 17
LETTERS = 100
DASHES: dict[str, tuple[int, ...]] = {"none": (), "monthly": (8, 3), "fortnightly": (4, 3), "weekly": (1, 2)}
"""Line styles of the schedules, so that grey print can tell them apart."""
TICKS_W = (0, 1, 2, 4, 6, 8, 10, 12)
FEWER_W = (0, 2, 4, 8, 12)
"""Ticks that a narrow plot has room for."""


def how_long_chart(answer: dict[str, Any], theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """The picture of an answer to "how long".

    Args:
        answer: `Answer.as_dict()`.
        theme: ``light`` or ``dark``.
        narrow: for a telephone, with names under the plots in place of beside their lines.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    detail = answer["detail"]
    level = f"{100 * detail['level']:g} %"
    key = (
        f"Above: points that the drug adds from a day after the last session on, typical person, with the {level} "
        "interval. Below: of 100 people who respond a day after it; band: without further sessions; in brackets: "
        f"{level} intervals at 12 weeks; square: what a study saw itself."
    )
    return framed(
        answer, [_gain(detail, colours, narrow=narrow), _still(detail, colours, narrow=narrow)], colours,
        notes=[asked_in(answer), key], foot=[rests_on(answer)], width=WIDTH, letters=LETTERS,
    )  # fmt: skip


def _x(detail: dict[str, Any], theme: Theme, title: str, *, narrow: bool) -> alt.X:
    """Weeks since the last session: what is asked about lies there, and a session a week is seen as one."""
    return alt.X(
        "time_h:Q",
        scale=alt.Scale(domain=[0, days(detail["span_d"])], nice=False),
        axis=alt.Axis(
            values=[weeks(week) for week in (FEWER_W if narrow else TICKS_W)], title=title, grid=True,
            gridColor=theme.rule,
            labelExpr=f"datum.value === 0 ? '0' : (datum.value / {weeks(1.0):g}) + ' w'", labelOverlap=False,
            gridOpacity=0.6, gridDash=[1, 3], domainColor=theme.soft, tickColor=theme.soft,
        ),
    )  # fmt: skip


def _y(title: str, low: float, high: float, theme: Theme) -> Any:
    axis = alt.Axis(
        title=title, titleAngle=0, titleAlign="left", titleAnchor="end", titleX=-30, titleY=-12, tickCount=5,
        gridColor=theme.rule, gridOpacity=0.7, domain=False, ticks=False,
    )  # fmt: skip
    return lambda field: alt.Y(f"{field}:Q", scale=alt.Scale(domain=[low, high], nice=False), axis=axis)


def _unseen(detail: dict[str, Any], theme: Theme, x: Any, y: Any, value: float, *, narrow: bool) -> list[Part]:
    until, span = days(detail["data_until_d"]), days(detail["span_d"])
    if until >= span:
        return []
    label = [
        {
            "time_h": until,
            "value": value,
            "text": _unseen_said(detail, narrow=narrow),
        }
    ]
    return [
        shaded([{"time_h": until, "to_h": span}], x, theme.shade),
        upright([{"time_h": until}], x, theme.soft, 1, (4, 2)),
        words(label, x, y, theme.soft, size=11, dx=6, halo=theme.shade),
    ]


def _unseen_said(detail: dict[str, Any], *, narrow: bool) -> str:
    whom = "nobody" if detail["regimen"]["sessions"] == 1 else "no series"
    return f"{whom} rated later" if narrow else f"{whom} was rated later than this"


def _gain(detail: dict[str, Any], theme: Theme, *, narrow: bool) -> Part:
    cases: list[tuple[str, dict[str, Any], tuple[int, ...], float]] = [
        ("one session", detail["after_one"], (6, 3), 2.0)
    ]
    if detail["regimen"]["sessions"] > 1:
        cases.append((f"{detail['regimen']['sessions']} sessions", detail["after_series"], (), 3.0))
    # the session's own hours are another question; the gain is looked at from a day after it
    shown = [_from_a_day(lasted["course"], detail["responders"]["days_after_last"]) for _, lasted, *_ in cases]
    top = 1.05 * max(max(course["typical_high"]) for course in shown)
    x = _x(detail, theme, "", narrow=narrow)
    than = "without the drug" if narrow else "a masked session without the drug"
    y = _y(f"points below {than} ({detail['scale']['name']})", 0.0, top, theme)
    layers = _unseen(detail, theme, x, y, 0.93 * top, narrow=narrow)
    ends: list[tuple[float, str, float, tuple[int, ...]]] = []
    for (said, lasted, dash, width), course in zip(cases, shown, strict=True):
        hours, middle = course["time_h"], course["typical"]
        edges = rows_of(time_h=hours, low=course["typical_low"], high=course["typical_high"])
        layers.append(band(edges, x, y, theme.ketamine, theme.band))
        layers.append(line(rows_of(time_h=hours, value=middle), x, y, theme.ketamine, width, dash))
        half = lasted["half_lost_d"]["value"]
        told = f"{said}: half lost after {half:.0f} days" if half is not None else f"{said}: half not lost in time"
        if half is not None:
            gone = days(half)
            value = min(zip(hours, middle, strict=True), key=lambda pair, gone=gone: abs(pair[0] - gone))[1]
            layers.append(points([{"time_h": gone, "value": value}], x, y, theme.ketamine, "circle", 60))
        ends.append((middle[-1], told, width, dash))
    if narrow:
        named = [(told, theme.ketamine, dash, width) for _, told, width, dash in ends]
        return _keyed(layers, named, theme)
    height = HEIGHT - 60
    apart = spread([end for end, *_ in ends], LABEL_GAP * top / height, 0.0, top)
    for (end, told, width, dash), place in zip(ends, apart, strict=True):
        layers += _named(end, place, told, theme.ketamine, width, dash, days(detail["span_d"]), x, y)
    return layered(layers, WIDTH, height)


def _keyed(layers: list[Part], names: Sequence[tuple[str, str, tuple[int, ...], float]], theme: Theme) -> Part:
    """A narrow plot over what its lines are."""
    below = line_key(names, theme, NARROW, left=-24)
    return {"vconcat": [layered(layers, NARROW, HEIGHT - 40), below], "spacing": 10}


def _from_a_day(course: dict[str, Any], first_day: float) -> dict[str, list[float]]:
    """A course from a day after the last session on, with times in hours."""
    kept = [place for place, day in enumerate(course["days_after_last"]) if day >= first_day - 1e-9]
    found = {name: [course[name][place] for place in kept] for name in ("typical", "typical_low", "typical_high")}
    return {"time_h": [days(course["days_after_last"][place]) for place in kept], **found}


def _named(
    value: float,
    place: float,
    said: str,
    colour: str,
    width: float,
    dash: tuple[int, ...],
    end_h: float,
    x: Any,
    y: Any,
) -> list[Part]:
    """A name to the right of a line's end, with a leader in the line's own style."""
    leader = [{"time_h": end_h, "value": value}, {"time_h": 1.04 * end_h, "value": place}]
    label = [{"time_h": 1.045 * end_h, "value": place, "text": said}]
    return [line(leader, x, y, colour, 0.75 * width, dash, clip=False), words(label, x, y, colour)]


def _still(detail: dict[str, Any], theme: Theme, *, narrow: bool) -> Part:
    end = days(detail["span_d"])
    x = _x(detail, theme, "time since the last session of the series", narrow=narrow)
    y = _y("of 100 responders, still responding", 0.0, 100.0, theme)
    none = detail["schedules"][0]["curve"]
    layers = _unseen(detail, theme, x, y, 95.0, narrow=narrow)
    edges = rows_of(time_h=_hours(none), low=none["low_percent"], high=none["high_percent"])
    layers.append(band(edges, x, y, theme.ketamine, theme.band))
    asked = [{"time_h": 0, "to_h": end, "value": 100 * detail["keep"]}]
    layers.append(level_line(asked, x, y, theme.soft, 0.8, (2, 3)))
    lines = [(detail["without_drug"]["curve"], "had no drug been given", theme.control, (), 2.0)]
    lines += [
        (row["curve"], row["label"], theme.ketamine, DASHES[row["name"]], 3.0 if row["every_d"] is None else 2.2)
        for row in detail["schedules"]
    ]
    ends = [curve["percent"][-1] for curve, *_ in lines]
    apart = spread(ends, LABEL_GAP * 100.0 / HEIGHT, 0.0, 100.0)
    named: list[tuple[str, str, tuple[int, ...], float]] = []
    for (curve, said, colour, dash, width), last, place in zip(lines, ends, apart, strict=True):
        layers.append(line(rows_of(time_h=_hours(curve), value=curve["percent"]), x, y, colour, width, dash))
        told = f"{said}: {last:.0f} ({curve['low_percent'][-1]:.0f} to {curve['high_percent'][-1]:.0f})"
        if narrow:
            named.append((told, colour, dash, width))
        else:
            layers += _named(last, place, told, colour, width, dash, end, x, y)
    seen = [each for each in detail["shares_seen"] if each["days_after_last"] <= detail["span_d"]]
    if seen:
        rings = [{"time_h": days(each["days_after_last"]), "value": each["percent"]} for each in seen]
        layers.append(points(rings, x, y, theme.ink, "square", 62))
        told = [{**ring, "text": _seen_said(each)} for ring, each in zip(rings, seen, strict=True)]
        layers.append(words(told, x, y, theme.ink, size=11, dx=7, dy=-11, halo=theme.paper))
    below = _rated(detail, theme, narrow=narrow)
    if not narrow:
        return {"vconcat": [layered(layers, WIDTH, HEIGHT), below], "spacing": 6}
    keyed = _keyed(layers, named, theme)
    return {**keyed, "vconcat": [keyed["vconcat"][0], below, *keyed["vconcat"][1:]]}


def _seen_said(each: dict[str, Any]) -> str:
    of = "" if each["people"] is None else f", {each['people']:.0f} people"
    return f"{each['study_id']}{of}"


def _rated(detail: dict[str, Any], theme: Theme, *, narrow: bool) -> Part:
    """How many people of the studies were rated then or later, under the times of the axis."""
    width = NARROW if narrow else WIDTH
    style = {"type": "text", "font": SANS, "fontSize": 11, "baseline": "middle", "clip": False, "color": theme.soft}
    title = (
        "people rated then or later" if narrow else "people of the studies of anxiety, PTSD and OCD rated then or later"
    )
    looks = [each for each in detail["still_rated"] if each["days_after_last"] / 7 in (FEWER_W if narrow else TICKS_W)]
    # one mark for all numbers, at places in pixels: a mark each would take longer to draw than the curves
    numbers = [
        {"at": width * each["days_after_last"] / detail["span_d"], "text": f"{each['people']:,}"} for each in looks
    ]
    parts = [
        placed({**style, "text": title, "align": "left"}, -30, 4),
        {
            "data": {"values": numbers},
            "mark": {**style, "align": "center", "color": theme.ink, "fontSize": 12},
            "encoding": {
                "x": {"field": "at", "type": "quantitative", "scale": None, "axis": None}, "y": {"value": 22},
                "text": {"field": "text", "type": "nominal"},
            },
        },
    ]  # fmt: skip
    return layered(parts, width, 30)


def _hours(curve: dict[str, Any]) -> list[float]:
    return [days(day) for day in curve["days_after_last"]]


def described(answer: dict[str, Any]) -> str:
    """The picture in a few sentences."""
    detail = answer["detail"]
    head, rows = still_table(detail)
    parts = [answer["sentence"], *gain_lines(detail)]
    parts += [f"{row[0]}: still responding " + ", ".join(
        f"{value} at {when}" for when, value in zip(head[1:], row[1:], strict=True)) + "." for row in rows]  # fmt: skip
    return " ".join([*parts, below_line(detail), *rated_lines(detail)])


def tables(answer: dict[str, Any]) -> list[Table]:
    """What stands under the picture, as tables."""
    level = f"{100 * answer['detail']['level']:g} % interval"
    return [
        (
            f"Of 100 who respond a day after the last session, still responding ({level}; *: beyond anything observed)",
            *still_table(answer["detail"]),
        ),
        (f"What further sessions add, of 100 responders ({level})", *added_table(answer["detail"])),
        ("What studies saw themselves", *observed_table(answer["detail"])),
    ]
