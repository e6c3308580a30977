"""Pictures of a time-course meta-analysis: courses with the data they rest on, and the network."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt

from remit.reports.marks import (
    TELEPHONE_LETTERS,
    Part,
    band,
    layered,
    line,
    page_config,
    points,
    rows_of,
    small_print,
    words,
)
from remit.reports.palette import SANS, SERIF, Theme, find_theme
from remit.reports.time_axis import x_field
from remit.vocabulary.clock import spoken

PANEL, HEIGHT, ACROSS = 330, 190, 2
NARROW_PANEL = 300
"""Of a telephone, where panels stand under each other [pixels]."""
LETTERS = 96
LARGEST, SMALLEST = 90.0, 10.0
"""Area of the dots of the most and the least precise differences [square pixels]."""
Summary = dict[str, Any]


def number(value: float) -> str:
    """A number in three digits, with a proper minus sign."""
    text = f"{value:.3g}"
    return ("0" if text in {"-0", "0"} else text).replace("-", "−")


def interval(each: Summary) -> str:
    """An estimate with its interval."""
    return f"{number(each['median'])} ({number(each['low'])} to {number(each['high'])})"


def titled(lines: Sequence[str], subtitle: str, theme: Theme, *, narrow: bool = False) -> Part:
    """A title in the answer's type with what to see under it."""
    return alt.TitleParams(
        text=list(lines),
        subtitle=textwrap.wrap(subtitle, TELEPHONE_LETTERS - 4 if narrow else 118),
        anchor="start",
        frame="bounds",
        font=SERIF,
        fontSize=18,
        fontWeight=600,
        lineHeight=24,
        color=theme.ink,
        subtitleFont=SANS,
        subtitleFontSize=12.5,
        subtitleColor=theme.soft,
        subtitleLineHeight=17,
        subtitlePadding=10,
        offset=18,
    ).to_dict()


def measured(summary: Summary) -> str:
    """What an effect is, for an axis."""
    return "log odds ratio" if summary["kind"] == "counts" else "difference"


def at_said(summary: Summary) -> str:
    """The time of the tables in words."""
    return spoken(summary["at"] * summary["hours_per_unit"]) if summary["unit"] else "the end"


def course_picture(summary: Summary, theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """Effect of each treatment beside the reference over time, with 50 % and outer bands and what studies report.

    Args:
        summary: of an analysis.
        theme: ``light`` or ``dark``.
        narrow: for a telephone, with panels under each other.
    """
    colours = find_theme(theme)
    panel, across = (NARROW_PANEL, 1) if narrow else (PANEL, ACROSS)
    hours = summary["hours_per_unit"]
    courses = summary["courses"]
    drawn = [row for row in summary["observed"] if row["time"] > 0]
    ends = [value for each in courses for key in ("low", "high") for value in each[key]]
    ends += [row["difference"] for row in drawn]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    pad = 0.04 * (high - low or 1.0)
    sharpest = max((1 / row["se"] ** 2 for row in drawn), default=1.0)
    panels = [
        _panel(
            each,
            [row for row in drawn if row["treatment"] == each["treatment"]],
            summary,
            colours,
            (low - pad, high + pad),
            sharpest,
            hours,
            panel,
        )
        for each in courses
    ]
    lines = [{"hconcat": panels[start : start + across], "spacing": 44} for start in range(0, len(panels), across)]
    level = f"{100 * summary['level']:g} %"
    return {
        "$schema": alt.SCHEMA_URL,
        "title": titled(
            textwrap.wrap(f"Effect beside {summary['reference']} over time", 34 if narrow else LETTERS),
            f"Line: median. Bands: 50 % and {level} intervals of the mean effect, what we do not know. Dots: what "
            "studies report at a time, larger where more precise. Shaded: after the last observed time.",
            colours,
            narrow=narrow,
        ),
        "vconcat": [*lines, small_print(_foot(summary), colours, panel * across, narrow=narrow)],
        "spacing": 26,
        "config": page_config(colours),
    }


def _panel(
    each: Summary,
    drawn: list[Summary],
    summary: Summary,
    colours: Theme,
    reach: tuple[float, float],
    sharpest: float,
    hours: float,
    width: int,
) -> Part:
    times = [time * hours for time in each["time"]]
    end = times[-1]
    last = summary["latest"] * hours
    x = x_field(end, colours, "", narrow=True)

    def y(field: str) -> Any:
        return alt.Y(
            f"{field}:Q",
            scale=alt.Scale(domain=list(reach), nice=False),
            axis=alt.Axis(
                title=measured(summary), grid=False, domainColor=colours.soft, tickColor=colours.soft, tickCount=5
            ),
        )

    parts: list[Part] = []
    if end > last * (1 + 1e-9):
        beyond = [{"time_h": last, "to_h": end}]
        parts.append(
            {
                "data": {"values": beyond},
                "mark": {"type": "rect", "color": colours.shade},
                "encoding": {"x": x.to_dict(), "x2": {"field": "to_h"}},
            }
        )
    zero = [{"time_h": 0.0, "value": 0.0}, {"time_h": end, "value": 0.0}]
    parts += [
        line(zero, x, y, colours.control, 1.2, (4, 3)),
        band(rows_of(time_h=times, low=each["low"], high=each["high"]), x, y, colours.ketamine, colours.band),
        band(rows_of(time_h=times, low=each["inner_low"], high=each["inner_high"]), x, y, colours.ketamine, 0.22),
        line(rows_of(time_h=times, value=each["median"]), x, y, colours.ketamine, 2.4),
    ]
    if drawn:
        dots = [
            {
                "time_h": row["time"] * hours,
                "value": row["difference"],
                "size": SMALLEST + (LARGEST - SMALLEST) / row["se"] ** 2 / sharpest,
            }
            for row in drawn
        ]
        size = alt.Size("size:Q", scale=None, legend=None)
        dotted = points(dots, x, y, colours.ink, "circle", size)
        dotted["mark"] |= {"opacity": 0.45, "filled": True}
        parts.append(dotted)
    name = [{"time_h": 0.0, "value": reach[1], "text": each["treatment"]}]
    parts.append(words(name, x, y, colours.ink, size=13, dx=4, dy=-12, bold=True))
    return layered(parts, width, HEIGHT)


def _foot(summary: Summary) -> list[str]:
    people = "" if summary["people"] is None else f", {summary['people']:,.0f} people"
    said = (
        f"{summary['table']}: {summary['studies']} studies{people}, {summary['rows']} rows. Curve: {summary['curve']}. "
        f"remit {summary['remit']}, seed {summary['settings']['seed']}."
    )
    return textwrap.wrap(said, 130)
