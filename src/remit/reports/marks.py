"""The marks pictures are made of: bands, lines, rules and words, over plain rows of numbers.

Each mark is described by Altair and handed on as a plain part of a Vega-Lite specification: layers of layers of
Altair objects copy their
data at every step, which made a picture five times slower. `tests/reports` holds whole pictures against the Vega-Lite
schema.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from remit.reports.palette import SANS, Theme

Row = Mapping[str, Any]
Part = dict[str, Any]
"""A part of a Vega-Lite specification."""


def rows_of(**columns: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows from columns of one length."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _part(rows: Sequence[Row], mark: Part, **channels: Any) -> Part:
    return {"data": {"values": [dict(row) for row in rows]}, "mark": mark, "encoding": _encoding(channels)}


_CHANNELS = {"x": alt.X, "y": alt.Y, "x2": alt.X2, "y2": alt.Y2, "text": alt.Text}
_SAID: dict[int, tuple[Any, str]] = {}
"""What Altair says of a channel, by the place of the channel, which is held so that no other takes its place."""
_MOST_SAID = 500


def _encoding(channels: Mapping[str, Any]) -> Part:
    """Channels as plain values. The marks of a picture share theirs, and Altair takes a millisecond for each."""
    return {name: _channel(name, given) for name, given in channels.items()}


def _channel(name: str, given: Any) -> Any:
    if isinstance(given, str):
        return json.loads(_shorthand(name, given))
    if isinstance(given, Mapping):
        return dict(given)
    held, said = _SAID.get(id(given), (None, ""))
    if held is not given:
        said = json.dumps(given.to_dict(validate=False))
        if len(_SAID) >= _MOST_SAID:
            _SAID.clear()
        _SAID[id(given)] = (given, said)
    # read from text: a copy of its own in a tenth of the time of a deep copy
    return json.loads(said)


@lru_cache(maxsize=100)
def _shorthand(name: str, given: str) -> str:
    return json.dumps(_CHANNELS[name](given).to_dict(validate=False))


@lru_cache(maxsize=100)
def _of_field(y: Callable[[str], Any], field: str) -> Any:
    """The upright channel of a field, the same one for every mark of a picture."""
    return y(field)


def layered(parts: Sequence[Part], width: int, height: int) -> Part:
    """Parts on top of each other in one panel."""
    return {"layer": list(parts), "width": width, "height": height}


def band(rows: Sequence[Row], x: Any, y: Any, colour: str, opacity: float) -> Part:
    """The area between fields ``low`` and ``high``."""
    mark = {"type": "area", "color": colour, "opacity": opacity, "clip": True}
    return _part(rows, mark, x=x, y=_of_field(y, "low"), y2="high:Q")


def line(
    rows: Sequence[Row], x: Any, y: Any, colour: str, width: float, dash: Sequence[int] = (), *, clip: bool = True
) -> Part:
    """A line through the field ``value``."""
    mark = {
        "type": "line", "color": colour, "strokeWidth": width, "strokeDash": list(dash), "clip": clip,
        "strokeJoin": "round", "interpolate": "monotone",
    }  # fmt: skip
    return _part(rows, mark, x=x, y=_of_field(y, "value"))


def words(
    rows: Sequence[Row],
    x: Any,
    y: Any,
    colour: str,
    *,
    size: int = 12,
    align: str = "left",
    dx: float = 0,
    dy: float = 0,
    bold: bool = False,
    halo: str | None = None,
) -> Part:
    """The field ``text`` at its place; a halo in the paper's colour keeps it legible over lines."""
    style = {
        "type": "text", "align": align, "baseline": "middle", "dx": dx, "dy": dy, "font": SANS, "fontSize": size,
        "fontWeight": 600 if bold else 400, "clip": False, "color": colour,
    }  # fmt: skip
    text = _part(rows, style, x=x, y=_of_field(y, "value"), text="text:N")
    if not halo:
        return text
    around = {**style, "color": halo, "stroke": halo, "strokeWidth": 3.5, "strokeJoin": "round"}
    return {"layer": [{**text, "mark": around}, text]}


def upright(rows: Sequence[Row], x: Any, colour: str, width: float = 1, dash: Sequence[int] = ()) -> Part:
    """Upright rules at the field ``time_h``, over the whole height."""
    return _part(rows, {"type": "rule", "color": colour, "strokeWidth": width, "strokeDash": list(dash)}, x=x)


def level_line(rows: Sequence[Row], x: Any, y: Any, colour: str, width: float = 1, dash: Sequence[int] = ()) -> Part:
    """Level rules from the field ``time_h`` to ``to_h`` at the field ``value``."""
    mark = {"type": "rule", "color": colour, "strokeWidth": width, "strokeDash": list(dash)}
    return _part(rows, mark, x=x, x2="to_h:Q", y=_of_field(y, "value"))


def shaded(rows: Sequence[Row], x: Any, colour: str, opacity: float = 1.0) -> Part:
    """Rectangles from ``time_h`` to ``to_h`` over the whole height."""
    return _part(rows, {"type": "rect", "color": colour, "opacity": opacity}, x=x, x2="to_h:Q")


def points(rows: Sequence[Row], x: Any, y: Any, colour: str, shape: str, size: Any) -> Part:
    """Filled points; ``size`` is a number of square pixels or a channel."""
    mark = {"type": "point", "filled": True, "color": colour, "shape": shape, "opacity": 1, "clip": False}
    return _part(
        rows, mark, x=x, y=_of_field(y, "value"), size=alt.value(size) if isinstance(size, (int, float)) else size
    )


def plain_part(chart: Any) -> Part:
    """A chart of Altair as a plain part of a picture, which carries its data itself."""
    found = chart.to_dict(validate=False)
    data = found.pop("datasets", {})
    for part in (found, *found.get("layer", ())):
        if "name" in part.get("data", {}):
            part["data"] = {"values": data[part["data"]["name"]]}
    return {key: value for key, value in found.items() if key not in {"$schema", "config"}}


def row_names(theme: Theme, *, narrow: bool, shown: bool = True, over: float = 17) -> alt.Axis:
    """Names to the left of rows; in a narrow picture over them, where a name may be as long as its row.

    Args:
        theme: colours.
        narrow: whether over.
        shown: whether at all.
        over: how far above the middle of a row [pixels].
    """
    style: Part = {"labelAlign": "left", "labelPadding": -2, "labelOffset": -over} if narrow else {"labelPadding": 10}
    return alt.Axis(
        title=None, labels=shown, ticks=False, domain=False, labelLimit=0, labelFontSize=11.5 if narrow else 12.5,
        labelColor=theme.ink, **style,
    )  # fmt: skip


def placed(mark: Part, x: float, y: float, x2: float | None = None, y2: float | None = None) -> Part:
    """A mark at a place of its panel, or from one place to another [pixels]."""
    places = {"x": x, "y": y, "x2": x2, "y2": y2}
    encoding = {name: {"value": each} for name, each in places.items() if each is not None}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": encoding}


def line_key(names: Sequence[tuple[str, str, Sequence[int], float]], theme: Theme, width: int, left: float = 0) -> Part:
    """What each line of a picture is, under it: for a picture too narrow for names beside its lines.

    Args:
        names: words, colour, dashes and width of each line.
        theme: colours.
        width: of the panel [pixels].
        left: where lines begin, from where plots do [pixels].
    """
    step, layers = 18, []
    for place, (said, colour, dash, thick) in enumerate(names):
        middle = step * (place + 0.5)
        rule = {"type": "rule", "color": colour, "strokeWidth": thick, "strokeDash": list(dash), "clip": False}
        text = {
            "type": "text", "text": said, "align": "left", "baseline": "middle", "font": SANS, "fontSize": 12,
            "color": theme.ink, "clip": False,
        }  # fmt: skip
        layers += [placed(rule, left, middle, x2=left + 26), placed(text, left + 34, middle)]
    return layered(layers, width, step * len(names))


TELEPHONE_LETTERS = 58
"""Of a line of small words in a picture for a telephone."""


def small_print(lines: Sequence[str], theme: Theme, width: int, left: float = -30, *, narrow: bool = False) -> Part:
    """Lines of small words under a picture, from so many pixels to the right of where plots begin.

    Args:
        lines: of words.
        theme: colours.
        width: of the picture [pixels].
        left: where they begin.
        narrow: whether they are wrapped for a telephone.
    """
    lines = [part for each in lines for part in textwrap.wrap(each, TELEPHONE_LETTERS)] if narrow else list(lines)
    mark = {
        "type": "text", "text": lines, "align": "left", "baseline": "top", "font": SANS, "fontSize": 11.5,
        "lineHeight": 16, "color": theme.soft, "x": left, "y": 0, "clip": False,
    }  # fmt: skip
    return {"data": {"values": [{}]}, "mark": mark, "width": width, "height": 16 * len(lines)}


def page_config(theme: Theme) -> Part:
    """Paper, type and margins that every picture of an answer shares."""
    return {
        "background": theme.paper,
        "font": SANS,
        "padding": {"left": 24, "right": 24, "top": 22, "bottom": 18},
        "view": {"stroke": None},
        "axis": {
            "labelFont": SANS, "labelFontSize": 12, "labelColor": theme.soft, "titleFont": SANS, "titleFontSize": 12.5,
            "titleFontWeight": 600, "titleColor": theme.ink,
        },
    }  # fmt: skip
