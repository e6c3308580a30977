"""The chances by time as a heat strip: a cell for an event and a time, its number in it, darker where more people."""

from __future__ import annotations

from typing import Any

from remit.reports.marks import Part, layered
from remit.reports.palette import SANS, Theme, mixed

CELL_HEIGHT, GAP, HEAD = 36, 10, 20
"""Of a cell, between events, and of the line of times over them [pixels]."""
NAMES = {"change": "change that matters", "response": "response", "remission": "remission"}
LABELS, OVER = 150, 17
"""Room for names beside the cells, or over them on a telephone [pixels]."""
DARKEST = 0.5
"""choice: share of the hue at 100 of 100 people; words of the ink can still be read on it, in grey as well."""


def strip_panel(detail: dict[str, Any], theme: Theme, width: int, *, narrow: bool = False) -> Part:
    """Of 100 people, how many are there at each time, with the drug and without.

    Args:
        detail: of an answer to "how fast", as plain values.
        theme: colours.
        width: of the whole strip [pixels].
        narrow: names stand over their rows.
    """
    left = 0 if narrow else LABELS
    cell = (width - left) / len(detail["horizons"])
    cells: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    heads = [
        {"x": left + cell * (place + 0.5), "y": HEAD / 2, "text": row["label"]}
        for place, row in enumerate(detail["horizons"])
    ]
    down = float(HEAD)
    for event in [event for event in NAMES if event in detail["scale"]["cut_points"]]:
        for kind, hue, said in (
            ("at", theme.ketamine, NAMES[event]), ("control_at", theme.control, "without the drug"),
        ):  # fmt: skip
            if narrow:
                said = f"{NAMES[event]}, {detail['regimen']['drug'] if kind == 'at' else said}"
                names.append({"x": 0, "y": down + OVER / 2, "text": said, "first": kind == "at"})
                down += OVER
            else:
                names.append({"x": left - 12, "y": down + CELL_HEIGHT / 2, "text": said, "first": kind == "at"})
            for place, row in enumerate(detail["horizons"]):
                found = row[event][kind]
                cells.append({
                    "x": left + cell * place, "x2": left + cell * (place + 1) - 2, "y": down,
                    "y2": down + CELL_HEIGHT - 2, "middle": left + cell * (place + 0.5) - 1,
                    "fill": mixed(theme.paper, hue, DARKEST * found["percent"] / 100), "many": down + 12,
                    "ends": down + 26, "text": f"{found['percent']:.0f}",
                    "interval": f"{found['low_percent']:.0f} to {found['high_percent']:.0f}",
                })  # fmt: skip
            down += CELL_HEIGHT
        down += GAP
    height = round(down - GAP)

    def at(field: str, end: float, *, falls: bool = False) -> Part:
        scale = {"domain": [0, end], "nice": False, "reverse": falls}
        return {"field": field, "type": "quantitative", "axis": None, "scale": scale}

    def said_at(x: str, y: str, text: str = "text") -> Part:
        return {
            "x": at(x, width), "y": at(y, height, falls=True), "text": {"field": text, "type": "nominal"},
        }  # fmt: skip

    style = {"type": "text", "font": SANS, "baseline": "middle", "clip": False, "color": theme.ink}
    box = {
        "x": at("x", width), "x2": {"field": "x2"}, "y": at("y", height, falls=True), "y2": {"field": "y2"},
        "color": {"field": "fill", "type": "nominal", "scale": None, "legend": None},
    }  # fmt: skip
    align = "left" if narrow else "right"
    layers: list[Part] = [
        {"data": {"values": cells}, "mark": {"type": "rect", "cornerRadius": 2, "stroke": theme.rule}, "encoding": box},
        {"data": {"values": cells}, "mark": {**style, "fontSize": 14, "fontWeight": 600},
         "encoding": said_at("middle", "many")},
        {"data": {"values": cells}, "mark": {**style, "fontSize": 10.5},
         "encoding": said_at("middle", "ends", "interval")},
        {"data": {"values": heads}, "mark": {**style, "fontSize": 12, "color": theme.soft},
         "encoding": said_at("x", "y")},
    ]  # fmt: skip
    for first, colour, weight in ((True, theme.ink, 600), (False, theme.soft, 400)):
        mine = [name for name in names if name["first"] == first]
        mark = {**style, "align": align, "fontSize": 12.5, "color": colour, "fontWeight": weight}
        layers.append({"data": {"values": mine}, "mark": mark, "encoding": said_at("x", "y")})
    return layered(layers, width, height)
