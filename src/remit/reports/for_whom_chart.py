"""For whom: diagnoses as dots with intervals and their studies, and a matrix of what was published by topic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt

from remit.answers.topic_table import COLUMNS as DOMAINS
from remit.reports.by_route_chart import plain_part
from remit.reports.for_whom_page import KEY, OF, behind_table, effect_table, graded, pointing, topic_table
from remit.reports.frame import Table, framed, rests_on, save_framed
from remit.reports.marks import Part
from remit.reports.palette import SANS, SERIF, Theme, find_theme

ROW, DOTS = 30, 330
CELL_WIDTH, CELL_HEIGHT = 92, 23
LETTERS = 108
WIDTH = 860
SHADES = 4
"""Studies from which a cell is as dark as it gets."""


def for_whom_chart(answer: dict[str, Any], theme: str = "light") -> dict[str, Any]:
    """The picture of an answer to "for whom".

    Args:
        answer: `Answer.as_dict()`.
        theme: ``light`` or ``dark``.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    detail = answer["detail"]
    level = f"{100 * detail['level']:g} %"
    asked = f"{detail['regimen']['dose']}, {detail['regimen']['course']}."
    key = (
        f"Above: what the drug takes from the total before, beyond a masked session, a day (dot) and a week (ring) "
        f"after the last session, with {level} intervals; grey: no usable trial. Below: studies by "
        "topic and condition; the stronger the shade, the more."
    )
    return framed(
        answer, [_diagnoses(detail, colours), _matrix(detail, colours)], colours,
        notes=[asked[:1].upper() + asked[1:], key], foot=[KEY, rests_on(answer)], width=WIDTH, left=-250,
        letters=LETTERS,
    )  # fmt: skip


def _diagnoses(detail: dict[str, Any], theme: Theme) -> Part:
    rows = []
    for place, row in enumerate(detail["diagnoses"]):
        count = len(row["studies"])
        said = "no usable trial" if not count else (
            f"{count} {'study' if count == 1 else 'studies'}, {row['people']:,} people; {row['certainty']}"
        )  # fmt: skip
        for look, shift in zip(row["at"], (-0.14, 0.16), strict=True):
            rows.append({
                "place": place + shift, "row": place, "label": row["label"], "said": said, "seen": bool(count),
                "early": shift < 0, "value": look["drug_takes_percent"], "low": look["drug_takes_low"],
                "high": look["drug_takes_high"],
            })  # fmt: skip
    count = len(detail["diagnoses"])
    low, high = min(0.0, *(row["low"] for row in rows)), max(row["high"] for row in rows)
    scale = alt.Scale(domain=[low, 1.05 * high], nice=False)
    x = alt.X("value:Q", scale=scale, axis=alt.Axis(
        title="the drug takes, % of the total before the first session", grid=True, gridColor=theme.rule,
        gridDash=[1, 3], domainColor=theme.soft, tickCount=7))  # fmt: skip
    reach = alt.Scale(domain=[-0.6, count - 0.4], reverse=True, nice=False)
    y = alt.Y("place:Q", scale=reach, axis=None)
    level = alt.Y("row:Q", scale=reach, axis=None)
    layers: list[Any] = []
    for seen, colour in ((True, theme.ketamine), (False, theme.control)):
        for early in (True, False):
            mine = [row for row in rows if row["seen"] == seen and row["early"] == early]
            if not mine:
                continue
            base = alt.Chart(alt.InlineData(values=mine)).encode(y=y)
            dash = [] if early else [4, 2]
            layers.append(
                base.mark_rule(color=colour, strokeWidth=1.7, strokeDash=dash)
                .encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
            )  # fmt: skip
            fill = colour if early else theme.paper
            layers.append(
                base.mark_point(filled=True, fill=fill, stroke=colour, strokeWidth=1.6, size=58, opacity=1).encode(x=x)
            )
    names = alt.Chart(alt.InlineData(values=[row for row in rows if row["early"]])).encode(y=level)
    layers += [
        names.mark_text(align="right", font=SANS, fontSize=12.5, color=theme.ink)
        .encode(x=alt.value(-12), text="label:N"),
        names.mark_text(align="left", font=SANS, fontSize=11.5, color=theme.soft)
        .encode(x=alt.value(DOTS + 12), text="said:N"),
    ]  # fmt: skip
    return plain_part(alt.layer(*layers).properties(width=DOTS, height=ROW * count))


def _matrix(detail: dict[str, Any], theme: Theme) -> Part:
    columns = list(DOMAINS.values())
    cells, labels = [], []
    for topic in detail["topics"]:
        for domain, name in DOMAINS.items():
            found = topic["cells"][domain]
            cells.append({
                "topic": topic["title"], "column": name, "shade": min(found["studies"], SHADES),
                "text": pointing(found),
            })  # fmt: skip
        labels.append({"topic": topic["title"], "text": graded(topic), "of": OF[topic["of"]]})
    order = [topic["title"] for topic in detail["topics"]]
    x = alt.X("column:N", sort=columns, scale=alt.Scale(domain=columns, paddingInner=0.04), axis=alt.Axis(
        orient="top", title=None, labelAngle=0, ticks=False, domain=False, labelFontSize=12.5,
        labelColor=theme.ink))  # fmt: skip
    y = alt.Y("topic:N", sort=order, scale=alt.Scale(domain=order, paddingInner=0.08), axis=alt.Axis(
        title=None, ticks=False, domain=False, labelLimit=0, labelFontSize=12.5, labelColor=theme.ink,
        labelPadding=10))  # fmt: skip
    shade = alt.Color("shade:Q", legend=None, scale=alt.Scale(
        domain=[0, 1, SHADES], range=[theme.shade, _mix(theme, 0.22), _mix(theme, 0.55)]))  # fmt: skip
    base = alt.Chart(alt.InlineData(values=cells)).encode(x=x, y=y)
    notes = alt.Chart(alt.InlineData(values=labels)).encode(y=y)
    width = CELL_WIDTH * len(columns)
    chart = alt.layer(
        base.mark_rect().encode(color=shade),
        base.mark_text(font=SANS, fontSize=11.5, color=theme.ink).encode(text="text:N"),
        notes.mark_text(align="left", font=SANS, fontSize=11.5, color=theme.soft)
        .encode(x=alt.value(width + 12), text="text:N"),
    ).properties(width=width, height=CELL_HEIGHT * len(order))  # fmt: skip
    title = {
        "text": "What was published about who benefits", "subtitle": "at the right: how sure for anxiety, by rule",
        "anchor": "start", "font": SERIF, "fontSize": 14, "fontWeight": 600, "color": theme.ink, "offset": 8,
        "subtitleFont": SANS, "subtitleFontSize": 11.5, "subtitleColor": theme.soft,
    }  # fmt: skip
    return {**plain_part(chart), "title": title}


def _mix(theme: Theme, share: float) -> str:
    """The control's grey over the paper: light enough under dark words, dark enough to tell counts apart."""
    parts = [
        round((1 - share) * int(theme.paper[i : i + 2], 16) + share * int(theme.control[i : i + 2], 16))
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def described(answer: dict[str, Any]) -> str:
    """The picture in a few sentences."""
    detail = answer["detail"]
    parts = [answer["sentence"]]
    for row in detail["diagnoses"]:
        look = row["at"][0]
        parts.append(
            f"{row['label'][:1].upper()}{row['label'][1:]}: {look['drug_takes_percent']:.0f} % "
            f"({look['drug_takes_low']:.0f} to {look['drug_takes_high']:.0f}), {len(row['studies'])} studies."
        )
    return " ".join(parts)


def save_for_whom(answer: dict[str, Any], path: Path, theme: str = "light") -> Path:
    """Write the picture; the ending of the path chooses the kind.

    Args:
        answer: `Answer.as_dict()`.
        path: ``.svg``, ``.png``, ``.pdf`` or ``.html``.
        theme: ``light`` or ``dark``.

    Raises:
        InputRefused, OutputRefused: see `remit.reports.picture.check_path`.
    """
    detail = answer["detail"]
    tables: list[Table] = [
        ("By diagnosis, a day after the last session", *effect_table(detail)),
        ("What stands behind each diagnosis", *behind_table(detail)),
        *((title, *topic_table(detail, of)) for of, title in OF.items()),
    ]
    return save_framed(for_whom_chart(answer, theme), answer, described(answer), tables, path)
