"""The board of claims: where each stands, with its parts beside it and how sure that is."""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt

from remit.answers.claims.verdict import CONTRADICTED, PARTLY, SUPPORTED, UNKNOWN, UNSUPPORTED, VERDICTS
from remit.reports.marks import Part, page_config, points, small_print, words
from remit.reports.palette import SANS, SERIF, Theme, find_theme

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
LINE, COLUMN, LETTERS = 40, 92, 62
"""Height of a claim, width of a verdict [pixels], and letters in a line of a claim."""
SHAPES = {
    SUPPORTED: "circle", PARTLY: "diamond", UNSUPPORTED: "square", CONTRADICTED: "cross", UNKNOWN: "triangle-down",
}  # fmt: skip
"""A shape of its own for each verdict, so that a grey print tells them apart; so does the column."""


def hue(verdict: str, theme: Theme) -> str:
    """Colour of a verdict."""
    return {SUPPORTED: theme.ketamine, PARTLY: theme.ketamine, CONTRADICTED: theme.warning}.get(verdict, theme.control)


def in_order(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Claims by verdict, those of one verdict in the order of the catalogue."""
    return sorted(claims, key=lambda each: VERDICTS.index(each["verdict"]))


def claims_chart(answer: dict[str, Any], theme_name: str = "light") -> dict[str, Any]:
    """Every claim in the column of its verdict, its parts as small dots.

    Args:
        answer: `Answer.as_dict()` of `remit.answers.claims.board.claims`.
        theme_name: light or dark.
    """
    theme = find_theme(theme_name)
    rows = in_order(answer["detail"]["claims"])
    labels = {each["id"]: "|".join(textwrap.wrap(each["claim"], LETTERS)) for each in rows}
    order = [labels[each["id"]] for each in rows]
    x = alt.X(
        "column:N",
        sort=list(VERDICTS),
        scale=alt.Scale(domain=list(VERDICTS), paddingOuter=0.3),
        axis=alt.Axis(
            title=None, orient="top", labelAngle=0, labelFontSize=13, labelFontWeight=600, labelColor=theme.ink,
            domain=False, ticks=False, grid=True, gridColor=theme.rule, gridDash=[1, 3], labelPadding=10,
        ),
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        axis = alt.Axis(
            title=None, domain=False, ticks=False, labelColor=theme.ink, labelFontSize=12.5, labelLimit=0,
            labelExpr="split(datum.label, '|')", labelLineHeight=15, labelPadding=14, grid=True, gridColor=theme.rule,
        )  # fmt: skip
        return alt.Y(f"{field}:N", sort=order, scale=alt.Scale(domain=order), axis=axis)

    layers: list[Part] = []
    for verdict in VERDICTS:
        counts = {labels[each["id"]]: sum(p["verdict"] == verdict for p in each["parts"]) for each in rows}
        # dots of one claim and verdict lie side by side, centred under its mark
        for total in sorted(set(counts.values()) - {0}):
            here = [{"column": verdict, "value": label} for label, count in counts.items() if count == total]
            for place in range(total):
                dots = points(here, x, y, theme.soft, "circle", 18)
                dots["mark"] |= {"xOffset": 8 * (place - (total - 1) / 2), "yOffset": 13}
                layers.append(dots)
        large = [{"column": verdict, "value": labels[each["id"]]} for each in rows if each["verdict"] == verdict]
        if large:
            layers.append(points(large, x, y, hue(verdict, theme), SHAPES[verdict], 190))
    sure = [
        {
            "column": VERDICTS[-1], "value": labels[each["id"]],
            "text": each["certainty"] or "on record",
        }
        for each in rows
    ]  # fmt: skip
    layers.append(words(sure, x, y, theme.soft, size=12, align="left", dx=COLUMN // 2 + 8))
    width = COLUMN * len(VERDICTS)
    title = {
        "text": answer["sentence"],
        "subtitle": "At the right: certainty, how far what a verdict rests on can be trusted.",
        "anchor": "start", "font": SERIF, "fontSize": 17, "fontWeight": 600, "color": theme.ink, "subtitleFont": SANS,
        "subtitleFontSize": 12.5, "subtitleColor": theme.soft, "offset": 16, "subtitlePadding": 6,
    }  # fmt: skip
    lines = [
        "Large mark: the claim. Small dots under it: the questions it comes to; all of them must hold.",
        "Unsupported: looked for, not shown. Contradicted: shown not to hold. Unknown: not in the collected evidence.",
    ]
    panel = {"layer": layers, "width": width, "height": LINE * len(order), "title": title}
    config = page_config(theme)
    config["padding"] = {"left": 24, "right": 90, "top": 22, "bottom": 18}
    return {
        "$schema": SCHEMA,
        "vconcat": [panel, small_print(lines, theme, width)],
        "spacing": 18,
        "config": config,
    }


def described_board(answer: dict[str, Any]) -> str:
    """What the picture shows, in words."""
    told = "; ".join(f"{each['claim']}: {each['verdict']}" for each in in_order(answer["detail"]["claims"]))
    return f"A table of claims, each with a mark in the column of its verdict. {told}."
