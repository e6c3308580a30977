"""The map of the evidence: circles for the people of each diagnosis given a drug by a route, filled where masked."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from remit.answers.evidence_map import NOT_STATED, Cell, EvidenceMap
from remit.reports.marks import Part, layered, page_config, placed
from remit.reports.palette import SANS, SERIF, Theme, find_theme, mixed

CELL_WIDTH, CELL_HEIGHT, LABELS, HEAD = 78, 78, 178, 40
"""Of a cell, the names of rows and those of columns [pixels]."""
NARROW, LINE = 346, 46
"""Width and line of the list on a telephone [pixels]."""
GROWTH = 2.35
"""choice: radius of one person [pixels]; radii grow with the fourth root, so that both 1 and 14,000 can be seen."""
KEY = "outline: everybody knew; pale: inert control (weak mask); full: active control or anaesthesia, a better one"


def evidence_map_chart(found: EvidenceMap, theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """The picture as a Vega-Lite specification.

    Args:
        found: the map.
        theme: ``light`` or ``dark``.
        narrow: for a telephone: a list in place of a table.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    panel = _list(found, colours) if narrow else _table(found, colours)
    title = {
        "text": sentence(found), "subtitle": [reading(), KEY[:1].upper() + KEY[1:] + "."], "anchor": "start",
        "frame": "bounds", "font": SERIF, "fontSize": 18, "fontWeight": 600, "color": colours.ink,
        "subtitleFont": SANS, "subtitleFontSize": 12.5, "subtitleColor": colours.soft, "offset": 14,
        "subtitlePadding": 8, "subtitleLineHeight": 17,
    }  # fmt: skip
    return {"$schema": alt.SCHEMA_URL, "title": title, **panel, "config": page_config(colours)}


def sentence(found: EvidenceMap) -> str:
    """What the map comes to."""
    empty = len(found.rows) * len(found.columns) - len(found.cells)
    return (
        f"{found.studies} studies of ketamine or esketamine with {found.people:,} people, controls among them; "
        f"{empty} of {len(found.rows) * len(found.columns)} pairs of people and route have none."
    )


def reading() -> str:
    """How to read the map, in a line."""
    return "A circle: people of all studies of its kind, in numbers under it; it grows more slowly than they do."


def _studies(cell: Cell) -> str:
    return f"{len(cell.studies)} {'study' if len(cell.studies) == 1 else 'studies'}"


def _people(cell: Cell) -> str:
    if not cell.people:
        return "number of people not stated"
    return f"{cell.people:,} people" if cell.people != 1 else "1 person"


def _circle(cell: Cell, x: float, y: float, theme: Theme) -> list[Part]:
    """Outline for everybody, and inside it areas in the shares of those who were masked at all and masked better."""
    radius = GROWTH * max(cell.people, 1) ** 0.25
    whole = {"type": "point", "shape": "circle", "filled": True, "opacity": 1, "strokeWidth": 1.4, "clip": False}
    masked = cell.by_masking["weak"] + cell.by_masking["better"]
    rings = [(1.0, theme.paper), (masked / max(cell.people, 1), mixed(theme.paper, theme.ketamine, 0.38)),
             (cell.by_masking["better"] / max(cell.people, 1), theme.ketamine)]  # fmt: skip
    return [
        placed({**whole, "size": math.pi * radius**2 * share, "fill": fill, "stroke": theme.ketamine}, x, y)
        for share, fill in rings
        if share > 0
    ]


def _word(theme: Theme, text: str | list[str], x: float, y: float, **style: Any) -> Part:
    usual = {
        "type": "text", "font": SANS, "fontSize": 11, "baseline": "middle", "align": "center", "clip": False,
        "color": theme.soft, "lineHeight": 13,
    }  # fmt: skip
    return placed({**usual, **style, "text": text}, x, y)


def _table(found: EvidenceMap, theme: Theme) -> Part:
    layers: list[Part] = []
    for place, name in enumerate(found.columns):
        words = [name.split(",")[0], "not stated"] if NOT_STATED in name else name.rsplit(" ", 1)
        layers.append(_word(theme, words, LABELS + CELL_WIDTH * (place + 0.5), 8, fontSize=11.5, color=theme.ink))
    at = {(cell.people_are, cell.given): cell for cell in found.cells}
    for row, people in enumerate(found.rows):
        top = HEAD + CELL_HEIGHT * row
        rule = {"type": "rule", "color": theme.rule, "strokeWidth": 1}
        layers.append(placed(rule, 0, top, x2=LABELS + CELL_WIDTH * len(found.columns)))
        layers.append(_word(theme, people, 0, top + 24, align="left", fontSize=12.5, color=theme.ink))
        for column, given in enumerate(found.columns):
            middle = LABELS + CELL_WIDTH * (column + 0.5)
            cell = at.get((people, given))
            if cell is None:
                layers.append(_word(theme, "none", middle, top + 24, color=theme.soft, opacity=0.75))
                continue
            layers += _circle(cell, middle, top + 24, theme)
            layers.append(
                _word(
                    theme,
                    # two short lines: neighbours never touch, however many people there are
                    [_studies(cell), f"{cell.people:,} people" if cell.people > 1 else _people(cell)]
                    if cell.people else [_studies(cell), "size not stated"],
                    middle,
                    top + 56,
                )
            )  # fmt: skip
    height = HEAD + CELL_HEIGHT * len(found.rows)
    return layered(layers, LABELS + CELL_WIDTH * len(found.columns), height)


def _list(found: EvidenceMap, theme: Theme) -> Part:
    layers: list[Part] = []
    down = 8.0
    for people in found.rows:
        layers.append(_word(theme, people, 0, down, align="left", fontSize=12.5, fontWeight=600, color=theme.ink))
        own = {cell.given: cell for cell in found.cells if cell.people_are == people}
        mine = [own[given] for given in found.columns if given in own]
        down += 14
        if not mine:
            layers.append(_word(theme, "no study in the collected evidence", 56, down + 8, align="left", fontSize=12))
            down += 30
        for cell in mine:
            layers += _circle(cell, 26, down + LINE / 2, theme)
            layers.append(_word(theme, cell.given, 56, down + LINE / 2 - 8, align="left", fontSize=12, color=theme.ink))
            said = f"{_studies(cell)}, {_people(cell)}"
            layers.append(_word(theme, said, 56, down + LINE / 2 + 8, align="left", fontSize=11.5))
            down += LINE
        down += 16
    return layered(layers, NARROW, round(down))


def map_table(found: EvidenceMap) -> tuple[list[str], list[list[str]]]:
    """The map as words: header and rows."""
    header = ["people", "given", "studies", "in use", "people in all", "everybody knew", "weak mask", "better mask"]
    at = {(cell.people_are, cell.given): cell for cell in found.cells}
    rows = [
        [
            people, given, str(len(cell.studies)), str(len(cell.in_use)),
            f"{cell.people:,}" if cell.people else "not stated",
            *(f"{count:,}" if cell.people else "not stated" for count in cell.by_masking.values()),
        ]
        for people in found.rows
        for given in found.columns
        if (cell := at.get((people, given)))
    ]  # fmt: skip
    return header, rows


def described(found: EvidenceMap) -> str:
    """The picture in a few sentences."""
    told = [f"{cell.people_are}, {cell.given}: {_studies(cell)}, {_people(cell)}" for cell in found.cells]
    return f"{sentence(found)} {'; '.join(told)}."
