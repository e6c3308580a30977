"""The board of claims: where each stands, which of its parts hold and which do not, and how sure that is."""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt

from remit.answers.claims.verdict import CONTRADICTED, IN_PART, SUGGESTED, SUPPORTED, UNKNOWN, UNSUPPORTED, VERDICTS
from remit.reports.marks import Part, layered, level_line, page_config, placed, points, small_print, words
from remit.reports.palette import SANS, SERIF, Theme, find_theme

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
COLUMN, LETTERS = 88, 100
"""Width of a verdict [pixels], and letters in a line of words."""
TEXT = 540
"""Width of the words of a claim [pixels]."""
CLAIM_LINE, WHY_LINE, BETWEEN = 17, 15, 20
"""Height of a line of a claim, of a line of what its parts come to, and from one claim to the next [pixels]."""
NARROW, NARROW_LETTERS = 330, 46
"""Width of the list on a telephone [pixels], and letters in a line of a claim there."""
SHAPES = {
    SUPPORTED: "circle", SUGGESTED: "diamond", IN_PART: "triangle-up", UNSUPPORTED: "square", CONTRADICTED: "cross",
    UNKNOWN: "triangle-down",
}  # fmt: skip
"""A shape of its own for each verdict, so that a grey print tells them apart; so does the column."""


def hue(verdict: str, theme: Theme) -> str:
    """Colour of a verdict."""
    for_it = dict.fromkeys((SUPPORTED, SUGGESTED, IN_PART), theme.ketamine)
    return {**for_it, CONTRADICTED: theme.warning}.get(verdict, theme.control)


def in_order(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Claims by verdict, those of one verdict in the order of the catalogue."""
    return sorted(claims, key=lambda each: VERDICTS.index(each["verdict"]))


def claims_chart(answer: dict[str, Any], theme_name: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """Every claim with what its parts come to, a mark in the column of its verdict, its parts as small dots.

    Args:
        answer: `Answer.as_dict()` of `remit.answers.claims.board.claims`.
        theme_name: light or dark.
        narrow: for a telephone: one list, each claim beside the mark of its verdict.
    """
    theme = find_theme(theme_name)
    if narrow:
        return _listed(answer, theme)
    rows = in_order(answer["detail"]["claims"])
    places, height, written = _laid_out(rows)
    width = TEXT + COLUMN * (len(VERDICTS) + 1)
    # a verdict is a place across, and a claim a place down, in pixels: claims differ in how many lines they need
    x = alt.X("across:Q", scale=alt.Scale(domain=[0, width], nice=False), axis=None)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None)

    across = {verdict: TEXT + COLUMN * (place + 0.5) for place, verdict in enumerate(VERDICTS)}
    tops = [{"across": 0, "to_h": width, "value": place - CLAIM_LINE / 2 - BETWEEN / 2} for place in places.values()]
    layers: list[Part] = [level_line(tops, x, y, theme.rule)]
    heads = [{"across": across[verdict], "value": -8, "text": verdict} for verdict in VERDICTS]
    heads.append({"across": across[VERDICTS[-1]] + COLUMN, "value": -8, "text": "certainty"})
    layers.append(words(heads, x, y, theme.ink, size=13, align="center", bold=True))
    for kind, size, colour in (("claim", 13, theme.ink), ("why", 12, theme.soft)):
        chosen = [each for each in written if each["kind"] == kind]
        layers.append(words(chosen, x, y, colour, size=size, bold=kind == "claim"))
    for verdict in VERDICTS:
        dots = [
            {"across": across[verdict] + 9 * (place - (count - 1) / 2), "value": places[each["id"]] + 15}
            for each in rows
            if (count := sum(part["verdict"] == verdict for part in each["parts"]))
            for place in range(count)
        ]
        if dots:
            layers.append(points(dots, x, y, theme.soft, "circle", 20))
        own = [{"across": across[verdict], "value": places[each["id"]]} for each in rows if each["verdict"] == verdict]
        if own:
            layers.append(points(own, x, y, hue(verdict, theme), SHAPES[verdict], 190))
    sure = [
        {
            "across": across[VERDICTS[-1]] + COLUMN, "value": places[each["id"]],
            "text": each["certainty"] or "on record",
        }
        for each in rows
    ]  # fmt: skip
    layers.append(words(sure, x, y, theme.soft, size=12, align="center"))
    title = {
        "text": answer["sentence"],
        "subtitle": "Under each claim: which of its parts hold, which do not, and what that comes down to.",
        "anchor": "start", "font": SERIF, "fontSize": 17, "fontWeight": 600, "color": theme.ink, "subtitleFont": SANS,
        "subtitleFontSize": 12.5, "subtitleColor": theme.soft, "offset": 34, "subtitlePadding": 6,
    }  # fmt: skip
    lines = [
        "Large mark: the claim. Small dots under it: its parts, each in the column of its own verdict; all must hold.",
        "Suggested: points that way, not sure. In part: some parts hold, others do not. Unsupported: looked for, most "
        "of it not shown.",
        "Contradicted: shown not to hold. Unknown: not in the collected evidence. Certainty: how far what a verdict "
        "rests on can be trusted.",
    ]
    panel = {"layer": layers, "width": width, "height": height, "title": title}
    config = page_config(theme)
    return {
        "$schema": SCHEMA,
        "vconcat": [panel, small_print(lines, theme, width, left=0)],
        "spacing": 18,
        "config": config,
    }


def _laid_out(rows: list[dict[str, Any]]) -> tuple[dict[str, float], float, list[dict[str, Any]]]:
    """Where the marks of each claim lie, how high the board is [pixels], and every line of words at its place."""
    places, written, top = {}, [], 12.0
    for each in rows:
        places[each["id"]] = top + CLAIM_LINE / 2
        for kind, said, step in (("claim", each["claim"], CLAIM_LINE), ("why", each["line"], WHY_LINE)):
            for line in textwrap.wrap(said, LETTERS if kind == "why" else LETTERS - 14):
                written.append({"kind": kind, "across": 0, "value": top + step / 2, "text": line})
                top += step
        top += BETWEEN
    return places, top, written


def _listed(answer: dict[str, Any], theme: Theme) -> dict[str, Any]:
    """Claims under each other, each beside the mark of its verdict."""
    layers: list[Part] = []
    down = 12.0
    for each in in_order(answer["detail"]["claims"]):
        lines = textwrap.wrap(each["claim"], NARROW_LETTERS)
        mark = {
            "type": "point", "shape": SHAPES[each["verdict"]], "filled": True, "opacity": 1, "size": 120,
            "color": hue(each["verdict"], theme),
        }  # fmt: skip
        style = {"type": "text", "align": "left", "baseline": "middle", "font": SANS, "clip": False, "lineHeight": 16}
        said = f"{each['verdict']}; " + (f"certainty: {each['certainty']}" if each["certainty"] else "on record")
        layers += [
            placed(mark, 10, down),
            placed({**style, "text": lines, "fontSize": 12.5, "color": theme.ink}, 28, down),
            placed({**style, "text": said, "fontSize": 11.5, "color": theme.soft}, 28, down + 16 * len(lines)),
        ]
        down += 16 * (len(lines) + 1) + 12
    return {"$schema": SCHEMA, **layered(layers, NARROW, round(down)), "config": page_config(theme)}


def described_board(answer: dict[str, Any]) -> str:
    """What the picture shows, in words."""
    told = "; ".join(f"{each['claim']}: {each['verdict']}" for each in in_order(answer["detail"]["claims"]))
    return f"A table of claims, each with a mark in the column of its verdict and its parts in words. {told}."
