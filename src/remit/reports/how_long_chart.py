"""How long it lasts: the gain after one session and after a series, and who still responds under further sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt

from remit.reports.frame import Table, framed, rests_on, save_framed
from remit.reports.how_long_page import added_table, below_line, gain_lines, observed_table, still_table
from remit.reports.labels import spread
from remit.reports.marks import Part, band, layered, level_line, line, points, rows_of, shaded, upright, words
from remit.reports.palette import Theme, find_theme
from remit.vocabulary.clock import days, weeks

WIDTH, HEIGHT = 620, 260
LABEL_GAP = 17
LETTERS = 100
DASHES: dict[str, tuple[int, ...]] = {"none": (), "monthly": (8, 3), "fortnightly": (4, 3), "weekly": (1, 2)}
"""Line styles of the schedules, so that grey print can tell them apart."""
TICKS_W = (0, 1, 2, 4, 6, 8, 10, 12)


def how_long_chart(answer: dict[str, Any], theme: str = "light") -> dict[str, Any]:
    """The picture of an answer to "how long".

    Args:
        answer: `Answer.as_dict()`.
        theme: ``light`` or ``dark``.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    detail = answer["detail"]
    level = f"{100 * detail['level']:g} %"
    asked = (
        f"{detail['regimen']['dose']}, {detail['regimen']['course']}; {detail['diagnosis']}, {detail['scale']['name']} "
        f"{detail['scale']['baseline_points']:g} at the start."
    )
    key = (
        f"Above: points that the drug adds from a day after the last session on, typical person, with the {level} "
        "interval. Below: of 100 people who respond a day after it; band: without further sessions; in brackets: "
        f"{level} intervals at 12 weeks."
    )
    return framed(
        answer, [_gain(detail, colours), _still(detail, colours)], colours,
        notes=[asked[:1].upper() + asked[1:], key], foot=[rests_on(answer)], width=WIDTH, letters=LETTERS,
    )  # fmt: skip


def _x(detail: dict[str, Any], theme: Theme, title: str) -> alt.X:
    """Weeks since the last session: what is asked about lies there, and a session a week is seen as one."""
    return alt.X(
        "time_h:Q",
        scale=alt.Scale(domain=[0, days(detail["span_d"])], nice=False),
        axis=alt.Axis(
            values=[weeks(week) for week in TICKS_W], title=title, grid=True, gridColor=theme.rule,
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


def _unseen(detail: dict[str, Any], theme: Theme, x: Any, y: Any, value: float) -> list[Part]:
    until, span = days(detail["data_until_d"]), days(detail["span_d"])
    if until >= span:
        return []
    label = [{"time_h": until, "value": value, "text": "nobody was rated later than this"}]
    return [
        shaded([{"time_h": until, "to_h": span}], x, theme.shade),
        upright([{"time_h": until}], x, theme.soft, 1, (4, 2)),
        words(label, x, y, theme.soft, size=11, dx=6, halo=theme.shade),
    ]


def _gain(detail: dict[str, Any], theme: Theme) -> Part:
    cases: list[tuple[str, dict[str, Any], tuple[int, ...], float]] = [
        ("one session", detail["after_one"], (6, 3), 2.0)
    ]
    if detail["regimen"]["sessions"] > 1:
        cases.append((f"{detail['regimen']['sessions']} sessions", detail["after_series"], (), 3.0))
    # the session's own hours are another question; the gain is looked at from a day after it
    shown = [_from_a_day(lasted["course"], detail["responders"]["days_after_last"]) for _, lasted, *_ in cases]
    top = 1.05 * max(max(course["typical_high"]) for course in shown)
    x = _x(detail, theme, "")
    y = _y(f"points below a masked session without the drug ({detail['scale']['name']})", 0.0, top, theme)
    layers = _unseen(detail, theme, x, y, 0.93 * top)
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
    height = HEIGHT - 60
    apart = spread([end for end, *_ in ends], LABEL_GAP * top / height, 0.0, top)
    for (end, told, width, dash), place in zip(ends, apart, strict=True):
        layers += _named(end, place, told, theme.ketamine, width, dash, days(detail["span_d"]), x, y)
    return layered(layers, WIDTH, height)


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


def _still(detail: dict[str, Any], theme: Theme) -> Part:
    end = days(detail["span_d"])
    x = _x(detail, theme, "time since the last session of the series")
    y = _y("of 100 responders, still responding", 0.0, 100.0, theme)
    none = detail["schedules"][0]["curve"]
    layers = _unseen(detail, theme, x, y, 95.0)
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
    for (curve, said, colour, dash, width), last, place in zip(lines, ends, apart, strict=True):
        layers.append(line(rows_of(time_h=_hours(curve), value=curve["percent"]), x, y, colour, width, dash))
        told = f"{said}: {last:.0f} ({curve['low_percent'][-1]:.0f} to {curve['high_percent'][-1]:.0f})"
        layers += _named(last, place, told, colour, width, dash, end, x, y)
    return layered(layers, WIDTH, HEIGHT)


def _hours(curve: dict[str, Any]) -> list[float]:
    return [days(day) for day in curve["days_after_last"]]


def described(answer: dict[str, Any]) -> str:
    """The picture in a few sentences."""
    detail = answer["detail"]
    head, rows = still_table(detail)
    parts = [answer["sentence"], *gain_lines(detail)]
    parts += [f"{row[0]}: still responding " + ", ".join(
        f"{value} at {when}" for when, value in zip(head[1:], row[1:], strict=True)) + "." for row in rows]  # fmt: skip
    return " ".join([*parts, below_line(detail)])


def save_how_long(answer: dict[str, Any], path: Path, theme: str = "light") -> Path:
    """Write the picture; the ending of the path chooses the kind.

    Args:
        answer: `Answer.as_dict()`.
        path: ``.svg``, ``.png``, ``.pdf`` or ``.html``.
        theme: ``light`` or ``dark``.

    Raises:
        InputRefused, OutputRefused: see `remit.reports.picture.check_path`.
    """
    level = f"{100 * answer['detail']['level']:g} % interval"
    tables: list[Table] = [
        (
            f"Of 100 who respond a day after the last session, still responding ({level}; *: beyond anything observed)",
            *still_table(answer["detail"]),
        ),
        (f"What further sessions add, of 100 responders ({level})", *added_table(answer["detail"])),
        ("What studies saw themselves", *observed_table(answer["detail"])),
    ]
    return save_framed(how_long_chart(answer, theme), answer, described(answer), tables, path)
