"""One hundred people as a picture: who responds because of the drug, who would have anyway, who does not."""

from __future__ import annotations

from typing import Any

from remit.reports.marks import layered, page_config
from remit.reports.palette import SANS, SERIF, find_theme

SIDE = 10
STEP = 17
"""From one person to the next [pixels]."""
KINDS = ("drug", "anyway", "not")


def counts(cell: dict[str, Any]) -> dict[str, int]:
    """How many of 100 people are of each kind.

    Args:
        cell: of an answer: ``at`` and ``control_at``, as shares with their intervals.
    """
    responding = round(cell["at"]["percent"])
    anyway = min(round(cell["control_at"]["percent"]), responding)
    return {"drug": responding - anyway, "anyway": anyway, "not": 100 - responding}


def described(cell: dict[str, Any], title: str) -> str:
    """What the picture shows, in words."""
    found = counts(cell)
    return (
        f"{title}: of 100 people {found['drug'] + found['anyway']} respond "
        f"({cell['at']['low_percent']:.0f} to {cell['at']['high_percent']:.0f} is plausible); {found['anyway']} of "
        f"them would have without the drug; {found['not']} do not respond."
    )


def icon_array(cell: dict[str, Any], title: str, theme: str = "light") -> dict[str, Any]:
    """The picture.

    Args:
        cell: of an answer: ``at`` and ``control_at``, as shares with their intervals.
        title: when people are looked at.
        theme: light or dark.
    """
    colours = find_theme(theme)
    found = counts(cell)
    kinds = [kind for kind in KINDS for _ in range(found[kind])]
    rows = [
        {"across": STEP * (place % SIDE), "down": STEP * (place // SIDE), "kind": kind}
        for place, kind in enumerate(kinds)
    ]
    # shape and filling tell the kinds apart, so that print in grey and eyes that see few colours lose nothing
    looks = {
        "drug": {"fill": colours.ketamine, "stroke": colours.ketamine, "shape": "circle", "size": 150},
        "anyway": {"fill": colours.control, "stroke": colours.control, "shape": "square", "size": 120},
        "not": {"fill": "transparent", "stroke": colours.control, "shape": "circle", "size": 110},
    }
    marks = [_people([row for row in rows if row["kind"] == kind], look) for kind, look in looks.items()]
    words = {
        "drug": "respond, and would not have without the drug",
        "anyway": "respond, and would have after a masked session",
        "not": "do not respond",
    }
    keys = [
        {"across": 0, "down": STEP * SIDE + 8 + 19 * place, "kind": kind, "text": f"{found[kind]} {words[kind]}"}
        for place, kind in enumerate(KINDS)
    ]
    marks += [_people([key for key in keys if key["kind"] == kind], look) for kind, look in looks.items()]
    style = {"type": "text", "align": "left", "baseline": "middle", "dx": 13, "font": SANS, "fontSize": 12.5}
    marks.append({"data": {"values": keys}, "mark": {**style, "color": colours.ink}, "encoding": {
        **_place(), "text": {"field": "text", "type": "nominal"}}})  # fmt: skip
    at = cell["at"]
    heading = {
        "text": title,
        "subtitle": f"about {at['percent']:.0f} of 100 respond; {at['low_percent']:.0f} to {at['high_percent']:.0f} "
        "is plausible",
        "anchor": "start", "font": SERIF, "fontSize": 15, "fontWeight": 600, "color": colours.ink, "subtitleFont": SANS,
        "subtitleFontSize": 12.5, "subtitleColor": colours.soft, "offset": 12,
    }  # fmt: skip
    panel = layered([mark for mark in marks if mark["data"]["values"]], 300, STEP * SIDE + 62)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        **panel,
        "title": heading,
        "description": described(cell, title),
        "config": page_config(colours),
    }


def _place() -> dict[str, Any]:
    def axis(field: str, end: int) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "axis": None, "scale": {"domain": [-STEP / 2, end]}}

    across, down = axis("across", 300 - STEP // 2), axis("down", STEP * SIDE + 62 - STEP // 2)
    down["scale"]["reverse"] = True
    return {"x": across, "y": down}


def _people(rows: list[dict[str, Any]], look: dict[str, Any]) -> dict[str, Any]:
    return {
        "data": {"values": rows},
        "mark": {"type": "point", "opacity": 1, "strokeWidth": 1.2, "clip": False, **look},
        "encoding": _place(),
    }
