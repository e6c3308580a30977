"""Answers with and without some studies, as a page of text and as a picture."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import altair as alt
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remit.answers.without import certainty_said
from remit.reports.marks import Part, level_line, page_config, points, small_print, words
from remit.reports.palette import SANS, SERIF, Theme, find_theme
from remit.reports.signs import minus
from remit.reports.text_page import bullets, titled_table

COLUMNS = 110
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
NARROW = 300
"""Of the picture on a telephone [pixels]."""
WIDTH, LINE = 330, 46
UNITS = {"of 100 people": "of 100", "d": "days", "points": "points"}
Answered = dict[str, Any]


def print_page(answer: Answered, console: Console) -> None:
    """Print how the answers move.

    Args:
        answer: `Answer.as_dict()` of `remit.answers.without.answers_without`.
        console: where to; its width is respected.
    """
    detail = answer["detail"]
    console.print(Text(answer["question"], style="dim"))
    console.print(Padding(Text(answer["sentence"], style="bold"), (1, 2)))
    table = titled_table(
        f"Before and after ({100 * detail['level']:g} % interval)", "", "unit", "all", "without", "moves"
    )
    table.columns[0].no_wrap = False
    for row in table_rows(answer):
        table.add_row(*row)
    console.print(table)
    console.print()
    bullets(
        console, "Verdicts that change", [f"{c['claim']}: {c['before']}, now {c['after']}" for c in detail["claims"]]
    )
    lines = [f"Left out: {', '.join(detail['left_out'])}."]
    if detail["timing_kept"]:
        kept = ", ".join(detail["timing_kept"])
        lines.append(f"Depression trials among them lend the calibration its timing only, and stay: {kept}.")
    if detail["road"] == "weights":
        lines.append(
            f"By weights of the {detail['draws']} draws: Pareto shape {detail['pareto_k']:.2f} (trusted below 0.7), "
            f"worth {detail['effective_draws']:.0f} independent draws."
        )
    else:
        lines.append("By a posterior that was fitted without them.")
    bullets(console, "How", lines)
    bullets(console, "What is left", what_is_left(answer))
    bullets(console, "Beware", answer["caveats"])


def table_rows(answer: Answered) -> list[list[str]]:
    """Each number in a line: what, unit, with all studies, without some, and how far it moves."""
    return [
        [
            row["said"], str(UNITS.get(row["unit"], row["unit"])), cell(row["before"]), cell(row["after"]),
            signed(row["moved"]),
        ]
        for row in answer["detail"]["rows"]
    ]  # fmt: skip


def what_is_left(answer: Answered) -> list[str]:
    """Studies, people and certainty of what is left, a line each."""
    certainty = answer["detail"]["certainty"]
    return [
        f"{len(answer['basis']['studies'])} studies of ketamine, {answer['basis']['people']:,} people.",
        f"Certainty: {certainty_said(certainty)} ({'; '.join(certainty['reasons'])}).",
    ]


def cell(side: dict[str, float]) -> str:
    """A number with its interval."""
    return f"{_short(side['value'])} ({_short(side['low'])} to {_short(side['high'])})"


def signed(value: float) -> str:
    """A difference with its sign."""
    text = _short(value)
    return f"+{text}" if value > 0 and text != "0" else text


def _short(value: float) -> str:
    text = f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}"
    return "0" if text in {"-0", "-0.0", "0.0"} else minus(text)


def without_chart(answer: Answered, theme_name: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """Each number with all studies and without some, as two dots with their intervals.

    Args:
        answer: `Answer.as_dict()` of `remit.answers.without.answers_without`.
        theme_name: light or dark.
        narrow: for a telephone: names stand over their rows.
    """
    theme, detail = find_theme(theme_name), answer["detail"]
    units = dict.fromkeys(row["unit"] for row in detail["rows"])
    panels = [
        _panel([row for row in detail["rows"] if row["unit"] == unit], unit, theme, narrow=narrow) for unit in units
    ]
    title = {
        "text": answer["question"], "subtitle": "Square: all studies. Circle: without these.", "anchor": "start",
        "font": SERIF, "fontSize": 16, "fontWeight": 600, "color": theme.ink, "subtitleFont": SANS,
        "subtitleFontSize": 12.5, "subtitleColor": theme.soft, "offset": 14, "subtitlePadding": 6,
    }  # fmt: skip
    lines = [f"Lines: {100 * detail['level']:g} % intervals. Certainty: "
             f"{certainty_said(detail['certainty'])}."]  # fmt: skip
    return {
        "$schema": SCHEMA,
        "title": title,
        "vconcat": [
            *panels,
            small_print(lines, theme, NARROW if narrow else WIDTH, left=0 if narrow else -30, narrow=narrow),
        ],
        "spacing": 20,
        "config": page_config(theme),
    }


def _panel(rows: list[Answered], unit: str, theme: Theme, *, narrow: bool) -> Part:
    labels = {row["name"]: "|".join(textwrap.wrap(re.sub(r" \([^)]*\)", "", row["said"]), 44)) for row in rows}
    order = [labels[row["name"]] for row in rows]
    ends = [row[side][end] for row in rows for side in ("before", "after") for end in ("low", "high")]
    pad = 0.06 * (max(ends) - min(0.0, *ends) or 1.0)
    x = alt.X(
        "time_h:Q",
        scale=alt.Scale(domain=[min(0.0, *ends) - (pad if min(ends) < 0 else 0), max(ends) + pad], nice=False),
        axis=alt.Axis(
            title=UNITS.get(unit, unit), grid=True, tickCount=6, gridColor=theme.rule, gridDash=[1, 3],
            domainColor=theme.soft, tickColor=theme.soft,
        ),
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        over: dict[str, Any] = (
            {"labelAlign": "left", "labelPadding": -2, "labelOffset": -36} if narrow else {"labelPadding": 12}
        )
        axis = alt.Axis(
            title=None, domain=False, ticks=False, labelColor=theme.ink, labelFontSize=11.5 if narrow else 12.5,
            labelLimit=0, labelExpr="split(datum.label, '|')", labelLineHeight=15, **over,
        )  # fmt: skip
        return alt.Y(f"{field}:N", sort=order, scale=alt.Scale(domain=order), axis=axis)

    layers: list[Part] = []
    for side, colour, shape, offset in (
        ("before", theme.control, "square", -7), ("after", theme.ketamine, "circle", 7),
    ):  # fmt: skip
        spans = [{"time_h": row[side]["low"], "to_h": row[side]["high"], "value": labels[row["name"]]} for row in rows]
        span = level_line(spans, x, y, colour, 2)
        span["mark"] |= {"yOffset": offset}
        layers.append(span)
        dots = points(
            [{"time_h": row[side]["value"], "value": labels[row["name"]]} for row in rows], x, y, colour, shape, 70
        )
        dots["mark"] |= {"yOffset": offset}
        layers.append(dots)
    told = [
        {"time_h": max(ends) + pad, "value": labels[row["name"]], "text": f"{signed(row['moved'])}"} for row in rows
    ]
    layers.append(words(told, x, y, theme.soft, size=12, dx=8))
    return {"layer": layers, "width": NARROW if narrow else WIDTH, "height": (LINE + 40 * narrow) * len(order)}
