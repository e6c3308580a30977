"""The plan of a session as a picture: what is looked at when, along the minutes after the dose."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.reports.marks import Part, page_config, points, small_print, upright, words
from remit.reports.palette import LIGHT, Theme
from remit.vocabulary.dosing import Route

WIDTH, NARROW = 620, 236
"""Of the timeline, and on a telephone [pixels]."""
ROW = 34
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def session_plan_chart(plan: dict[str, Any], theme: Theme = LIGHT, *, narrow: bool = False) -> dict[str, Any]:
    """The picture.

    Args:
        plan: `SessionPlan.as_dict()`.
        theme: colours.
        narrow: for a telephone.
    """
    width = NARROW if narrow else WIDTH
    timed = [each for each in plan["timeline"] if each["at_min"] is not None and each["is_followed"]]
    end = max([each["at_min"] for each in timed] + [plan["infusion_min"], 30.0])
    rows = list(dict.fromkeys(each["what"] for each in plan["timeline"] if each["is_followed"]))
    before = -0.07 * end
    step = (10 if end <= 60 else 20 if end <= 130 else 30) * (2 if narrow else 1)
    x = alt.X(
        "time_h:Q",
        scale=alt.Scale(domain=[1.6 * before, end * 1.04], nice=False),
        axis=alt.Axis(
            title="minutes since the start of the dose", values=list(range(0, int(end) + 1, step)), grid=True,
            gridColor=theme.rule, gridDash=[1, 3], domainColor=theme.soft, tickColor=theme.soft,
        ),
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        return alt.Y(
            f"{field}:N", sort=rows, scale=alt.Scale(domain=rows, paddingOuter=0.6),
            axis=alt.Axis(title=None, domain=False, ticks=False, labelColor=theme.ink, labelFontSize=13, labelLimit=0),
        )  # fmt: skip

    layers: list[Part] = []
    if plan["infusion_min"]:
        bar = {"type": "rect", "color": theme.ketamine, "opacity": theme.band}
        data = [{"time_h": 0.0, "to_h": plan["infusion_min"]}]
        encoding = {"x": x.to_dict(), "x2": {"field": "to_h"}}
        layers.append({"data": {"values": data}, "mark": bar, "encoding": encoding})
    stay = next((each["at_min"] for each in timed if each["when"] == "stay until"), None)
    if stay is not None:
        layers.append(upright([{"time_h": stay}], x, theme.ink, 1.4, [5, 3]))
    throughout = [
        {"time_h": 0.0, "to_h": end, "value": each["what"]}
        for each in {each["what"]: each for each in plan["timeline"] if each["when"] == "throughout"}.values()
        if each["is_followed"]
    ]
    if throughout:
        rule = {"type": "rule", "color": theme.soft, "strokeWidth": 3, "opacity": 0.55}
        encoding = {"x": x.to_dict(), "x2": {"field": "to_h"}, "y": y("value").to_dict()}
        layers.append({"data": {"values": throughout}, "mark": rule, "encoding": encoding})
    for kind, borrowed, shape, size in (
        ("order", False, "circle", 95), ("order", True, "circle", 95), ("course", False, "diamond", 110),
        ("course", True, "diamond", 110),
    ):  # fmt: skip
        marks = [
            {"time_h": each["at_min"], "value": each["what"]}
            for each in timed
            if each["kind"] == kind and each["is_borrowed"] == borrowed and each["when"] != "stay until"
        ]
        if marks:
            part = points(marks, x, y, theme.ketamine if kind == "order" else theme.ssri, shape, size)
            if borrowed:
                part["mark"] |= {"filled": False, "strokeWidth": 2}
            layers.append(part)
    early = [
        {"time_h": before, "value": each["what"]}
        for each in plan["timeline"]
        if each["when"] == "before the dose" and each["is_followed"]
    ]
    if early:
        layers.append(points(early, x, y, theme.ketamine, "circle", 95))
    labels = [{"time_h": before, "value": rows[0], "text": "before"}] if early else []
    if plan["infusion_min"]:
        labels.append({"time_h": plan["infusion_min"] / 2, "value": rows[0], "text": "infusion"})
    if stay is not None:
        labels.append({"time_h": stay, "value": rows[0], "text": "stay until here at least"})
    for each in labels:
        align = "right" if each["text"].startswith("stay") else "center"
        layers.append(
            words([each], x, y, theme.soft, size=12, align=align, dx=-5 if align == "right" else 0, dy=-0.62 * ROW)
        )  # fmt: skip
    panel = {"layer": layers, "width": width, "height": ROW * (len(rows) + 0.6)}
    return {
        "$schema": SCHEMA,
        "vconcat": [panel, small_print(_legend(plan), theme, width, left=-90, narrow=narrow)],
        "spacing": 16,
        "config": page_config(theme),
    }


def _legend(plan: dict[str, Any]) -> list[str]:
    followed = [each for each in plan["timeline"] if each["is_followed"]]
    lines = ["Circle: a published protocol measures then. Line: throughout."]
    if any(each["kind"] == "course" for each in followed):
        lines.append("Diamond: a published course peaks or ends then; not an order to measure.")
    if any(each["is_borrowed"] for each in followed):
        lines.append(f"Hollow: written for another route than {Route(plan['route']).spoken}.")
    return lines
