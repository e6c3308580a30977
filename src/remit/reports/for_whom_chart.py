"""For whom: diagnoses as dots with intervals and their studies, and a matrix of what was published by topic."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.answers.topic_table import COLUMNS as DOMAINS
from remit.reports.for_whom_page import KEY, OF, behind_table, effect_table, graded, pointing, topic_table
from remit.reports.frame import Table, framed, rests_on
from remit.reports.marks import Part, plain_part, row_names
from remit.reports.palette import SANS, SERIF, Theme, find_theme, mixed

ROW, DOTS = 30, 330
CELL_WIDTH, CELL_HEIGHT = 92, 23
LETTERS = 108
WIDTH = 860
NARROW_DOTS, NARROW_CELL = 310, 50
"""Of the dots and of a cell on a telephone [pixels]."""
SHADES = 4
"""Studies from which a cell is as dark as it gets."""


def for_whom_chart(answer: dict[str, Any], theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """The picture of an answer to "for whom".

    Args:
        answer: `Answer.as_dict()`.
        theme: ``light`` or ``dark``.
        narrow: for a telephone: names stand over their lines, and cells hold the number of studies alone.

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
        answer, [_diagnoses(detail, colours, narrow=narrow), _matrix(detail, colours, narrow=narrow)], colours,
        notes=[asked[:1].upper() + asked[1:], key], foot=[KEY, rests_on(answer)], width=WIDTH, left=-250,
        letters=LETTERS,
    )  # fmt: skip


def _diagnoses(detail: dict[str, Any], theme: Theme, *, narrow: bool) -> Part:
    rows = []
    for place, row in enumerate(detail["diagnoses"]):
        count = len(row["studies"])
        said = "no usable trial" if not count else (
            f"{count} {'study' if count == 1 else 'studies'}, {row['people']:,} people"
            + ("" if narrow else f"; {row['certainty']}")
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
    width = NARROW_DOTS if narrow else DOTS
    places: tuple[dict[str, Any], dict[str, Any]] = (
        ({"align": "left", "dy": -19}, {"align": "right", "dy": -19}) if narrow else
        ({"align": "right"}, {"align": "left"})
    )  # fmt: skip
    layers += [
        names.mark_text(font=SANS, fontSize=12.5, color=theme.ink, **places[0])
        .encode(x=alt.value(0 if narrow else -12), text="label:N"),
        names.mark_text(font=SANS, fontSize=11.5, color=theme.soft, **places[1])
        .encode(x=alt.value(width + (0 if narrow else 12)), text="said:N"),
    ]  # fmt: skip
    return plain_part(alt.layer(*layers).properties(width=width, height=(ROW + 16 * narrow) * count))


def _matrix(detail: dict[str, Any], theme: Theme, *, narrow: bool) -> Part:
    columns = list(DOMAINS.values())
    cells, labels = [], []
    for topic in detail["topics"]:
        for domain, name in DOMAINS.items():
            found = topic["cells"][domain]
            cells.append({
                "topic": topic["title"], "column": name, "shade": min(found["studies"], SHADES),
                "text": (f"{found['studies']}" if found["studies"] else "") if narrow else pointing(found),
            })  # fmt: skip
        labels.append({"topic": topic["title"], "text": graded(topic), "of": OF[topic["of"]]})
    order = [topic["title"] for topic in detail["topics"]]
    x = alt.X("column:N", sort=columns, scale=alt.Scale(domain=columns, paddingInner=0.04), axis=alt.Axis(
        orient="top", title=None, labelAngle=0, ticks=False, domain=False, labelFontSize=11 if narrow else 12.5,
        labelPadding=20 if narrow else 3, labelColor=theme.ink))  # fmt: skip
    apart = alt.Scale(domain=order, paddingInner=0.48 if narrow else 0.08)
    y = alt.Y("topic:N", sort=order, scale=apart, axis=row_names(theme, narrow=narrow, over=20))
    greys = [theme.shade, *(mixed(theme.paper, theme.control, share) for share in (0.22, 0.55))]
    shade = alt.Color("shade:Q", legend=None, scale=alt.Scale(domain=[0, 1, SHADES], range=greys))
    base = alt.Chart(alt.InlineData(values=cells)).encode(x=x, y=y)
    notes = alt.Chart(alt.InlineData(values=labels)).encode(y=y)
    width = (NARROW_CELL if narrow else CELL_WIDTH) * len(columns)
    parts = [
        base.mark_rect().encode(color=shade),
        base.mark_text(font=SANS, fontSize=11.5, color=theme.ink).encode(text="text:N"),
    ]
    if not narrow:
        parts.append(
            notes.mark_text(align="left", font=SANS, fontSize=11.5, color=theme.soft)
            .encode(x=alt.value(width + 12), text="text:N")
        )  # fmt: skip
    chart = alt.layer(*parts).properties(width=width, height=(CELL_HEIGHT + 16 * narrow) * len(order))
    title = {
        "text": "What was published about who benefits",
        "subtitle": "number of studies" if narrow else [
            "studies: ▲ more benefit, ▼ less, = no difference found, ~ both, ? something else; "
            "at the right: how sure for anxiety, by rule"
        ],
        "anchor": "start", "font": SERIF, "fontSize": 14, "fontWeight": 600, "color": theme.ink, "offset": 8,
        "subtitleFont": SANS, "subtitleFontSize": 11.5, "subtitleColor": theme.soft,
    }  # fmt: skip
    return {**plain_part(chart), "title": title}


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


def tables(answer: dict[str, Any]) -> list[Table]:
    """What stands under the picture, as tables."""
    detail = answer["detail"]
    return [
        ("By diagnosis, a day after the last session", *effect_table(detail)),
        ("What stands behind each diagnosis", *behind_table(detail)),
        *((title, *topic_table(detail, of)) for of, title in OF.items()),
    ]
