"""A hundred people as a picture: who would respond anyway, whom the drug adds, who perhaps, who not."""

from __future__ import annotations

from typing import Any

from remit.reports.hundred import Hundred
from remit.reports.marks import layered, page_config
from remit.reports.palette import SANS, SERIF, find_theme

SIDE = 10
STEP = 17
"""From one person to the next [pixels]."""
ROOM = 84
"""Under the people, for the key [pixels]."""
KEY = {
    "anyway": "respond without the drug",
    "added": "the drug adds",
    "perhaps": "perhaps, up to the end of what is plausible",
    "none": "do not respond",
}


def icon_array(people: Hundred, theme: str = "light") -> dict[str, Any]:
    """The picture.

    Args:
        people: counted.
        theme: light or dark.
    """
    colours = find_theme(theme)
    # shape and filling tell the kinds apart, so that print in grey and eyes that see few colours lose nothing
    looks = {
        "anyway": {"fill": colours.control, "stroke": colours.control, "shape": "square", "size": 120},
        "added": {"fill": colours.ketamine, "stroke": colours.ketamine, "shape": "circle", "size": 150},
        "perhaps": {"fill": "transparent", "stroke": colours.ketamine, "shape": "circle", "size": 125},
        "none": {"fill": colours.rule, "stroke": colours.rule, "shape": "circle", "size": 50},
    }
    dots = people.dots
    rows = [
        {"across": STEP * (place % SIDE), "down": STEP * (place // SIDE), "kind": kind}
        for place, kind in enumerate(dots)
    ]
    keys = [
        {"across": 0, "down": STEP * SIDE + 8 + 19 * place, "kind": kind, "text": f"{dots.count(kind)} {said}"}
        for place, (kind, said) in enumerate(KEY.items())
    ]
    marks = [
        {
            "data": {"values": [row for row in (*rows, *keys) if row["kind"] == kind]},
            "mark": {"type": "point", "opacity": 1, "strokeWidth": 1.3, "clip": False, **look},
            "encoding": _place(),
        }
        for kind, look in looks.items()
    ]
    words = {"type": "text", "align": "left", "baseline": "middle", "dx": 13, "font": SANS, "fontSize": 12.5}
    text = {"text": {"field": "text", "type": "nominal"}}
    marks.append({"data": {"values": keys}, "mark": {**words, "color": colours.ink}, "encoding": {**_place(), **text}})
    title = {
        "text": people.when,
        "subtitle": f"about {people.told} of 100 respond; {people.low} to {people.high} is plausible",
        "anchor": "start", "font": SERIF, "fontSize": 15, "fontWeight": 600, "color": colours.ink, "subtitleFont": SANS,
        "subtitleFontSize": 12.5, "subtitleColor": colours.soft, "offset": 12,
    }  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        **layered(marks, 300, STEP * SIDE + ROOM),
        "title": title,
        "description": people.spoken,
        "config": page_config(colours),
    }


def _place() -> dict[str, Any]:
    def axis(field: str, end: int) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "axis": None, "scale": {"domain": [-STEP / 2, end]}}

    across, down = axis("across", 300 - STEP // 2), axis("down", STEP * SIDE + ROOM - STEP // 2)
    down["scale"]["reverse"] = True
    return {"x": across, "y": down}
