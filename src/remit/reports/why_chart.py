"""The chain as one linked picture: five panels on one axis of time, and between them how well each link is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt

from remit.reports.frame import Table, framed, rests_on, save_framed
from remit.reports.marks import Part, band, layered, line, rows_of, upright, words
from remit.reports.palette import SANS, Theme, find_theme
from remit.reports.time_axis import BEFORE_H, time_at, time_axis, time_scale, x_field
from remit.reports.why_page import chain_table, link_rows, moved_table

WIDTH, HEIGHT, DOSE_HEIGHT, LINK_HEIGHT = 620, 92, 34, 34
LETTERS = 104
SOLID: dict[str, tuple[int, ...]] = {"measured": (), "indirect": (7, 4), "assumed": (2, 4)}
"""Line styles of the links: the less is known, the more broken the line."""
BETWEEN = (("dose_to_plasma",), ("plasma_to_site", "site_to_block"), ("block_to_plasticity",),
           ("plasticity_to_symptoms", "site_to_acute"))  # fmt: skip
"""Links that stand between two panels, from top to bottom."""


def why_chart(answer: dict[str, Any], theme: str = "light") -> dict[str, Any]:
    """The picture of an answer to "why".

    Args:
        answer: `Answer.as_dict()`.
        theme: ``light`` or ``dark``.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    detail = answer["detail"]
    steps, level = detail["chain"], f"{100 * detail['level']:g} %"
    site = steps["plasma"]["sampling_site"].replace("not_stated", "site not stated")
    asked = (
        f"{detail['regimen']['dose']}, {detail['regimen']['course']}; {detail['diagnosis']}, {detail['scale']['name']} "
        f"{detail['scale']['baseline_points']:g} at the start."
    )
    key = (
        f"Lines: typical person. Bands: {level} of people for plasma and receptor block, {level} interval of what is "
        "not known for plasticity and symptoms. Between panels: the link, unbroken where measured in humans, dashed "
        "where measured indirectly, dotted where assumed."
    )
    panels = [_dose(steps, colours)]
    shown = (
        (f"{steps['plasma']['analyte']} in plasma, ng/mL ({site})", "plasma", None),
        ("receptor block, % of all", "receptor_block", None),
        ("plasticity, % of its ceiling", "plasticity", None),
        (f"{detail['scale']['name']} total, points (lower is better)", "symptoms", "symptoms_without"),
    )
    for place, (title, name, beside) in enumerate(shown):
        links = [link for wanted in BETWEEN[place] for link in detail["links"] if link["id"] == wanted]
        panels.append(_link(links, colours))
        panels.append(_step(detail, title, name, beside, colours, last=place == len(shown) - 1))
    chain = {"vconcat": panels, "spacing": 4}
    return framed(
        answer, [chain], colours, notes=[asked[:1].upper() + asked[1:], key], foot=[rests_on(answer)], width=WIDTH,
        letters=LETTERS,
    )  # fmt: skip


def _bare_x(end: float, theme: Theme) -> alt.X:
    axis = {**time_axis(end, theme, "").to_dict(), "labels": False, "ticks": False, "domain": False, "title": None}
    return alt.X("time_h:Q", scale=time_scale(end), axis=alt.Axis(**axis))


def _dose(steps: dict[str, Any], theme: Theme) -> Part:
    """When each dose is given and for how long."""
    end = steps["time_h"][-1]
    x = _bare_x(end, theme)
    nothing = alt.Axis(title=None, labels=False, ticks=False, domain=False, grid=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, 1]), axis=nothing)

    given = [
        {"time_h": dose["time_h"], "to_h": max(dose["to_h"], dose["time_h"] + 0.03), "low": 0.0, "high": 0.62}
        for dose in steps["doses"]
    ]
    bars = alt.Chart(alt.InlineData(values=given)).mark_rect(color=theme.ketamine).encode(
        x=x, x2="to_h:Q", y=alt.Y("low:Q", scale=alt.Scale(domain=[0, 1]), axis=nothing), y2="high:Q"
    )  # fmt: skip
    part = bars.to_dict(validate=False)
    data = {"data": {"values": given}, "mark": part["mark"], "encoding": part["encoding"]}
    first = steps["doses"][0]
    said = f"dose: {first['mg']:.3g} mg" + (f", {len(given)} times" if len(given) > 1 else "")
    label = [{"time_h": BEFORE_H, "value": 1.4, "text": said}]
    thin = upright([{"time_h": dose["time_h"]} for dose in steps["doses"]], x, theme.ketamine, 2)
    return layered([data, thin, words(label, x, y, theme.ink, size=12, bold=True, dx=-30)], WIDTH, DOSE_HEIGHT)


def _link(links: list[dict[str, Any]], theme: Theme) -> Part:
    """An arrow in the style of what is known, with the link and its standing beside it."""
    rows = []
    for number, link in enumerate(links):
        rows.append({
            "x": 6 + 318 * number, "standing": link["standing"],
            "text": f"{link['start']} → {link['end']}: {link['standing_spoken']}",
        })  # fmt: skip
    layers: list[Part] = []
    for row in rows:
        shaft = {"type": "rule", "color": theme.ink, "strokeWidth": 2.2, "strokeDash": list(SOLID[row["standing"]])}
        head = {"type": "point", "shape": "triangle-down", "filled": True, "color": theme.ink, "size": 60, "opacity": 1}
        text = {"type": "text", "text": row["text"], "align": "left", "baseline": "middle", "font": SANS,
                "fontSize": 11.5, "color": theme.ink, "clip": False}  # fmt: skip
        layers += [
            _at(shaft, row["x"], 2, y2=LINK_HEIGHT - 8), _at(head, row["x"], LINK_HEIGHT - 5),
            _at(text, row["x"] + 12, LINK_HEIGHT / 2),
        ]  # fmt: skip
    return {"layer": layers, "width": WIDTH, "height": LINK_HEIGHT, "view": {"stroke": None}}


def _at(mark: dict[str, Any], x: float, y: float, y2: float | None = None) -> Part:
    """A mark at a place of its panel [pixels]."""
    places = {"x": x, "y": y} | ({} if y2 is None else {"y2": y2})
    return {
        "data": {"values": [{}]}, "mark": mark, "encoding": {name: {"value": each} for name, each in places.items()},
    }  # fmt: skip


def _step(detail: dict[str, Any], title: str, name: str, beside: str | None, theme: Theme, *, last: bool) -> Part:
    steps = detail["chain"]
    course, times = steps[name], steps["time_h"]
    end = times[-1]
    x = x_field(end, theme, "time since the first session") if last else _bare_x(end, theme)
    of = "people" if "people_low" in course else "typical"
    low, high = course[f"{of}_low"], course[f"{of}_high"]
    bottom = detail["scale"]["low"] if beside else 0.0
    top = 1.06 * max(high)
    axis = alt.Axis(
        title=title, titleAngle=0, titleAlign="left", titleAnchor="end", titleX=-30, titleY=-8, tickCount=3,
        gridColor=theme.rule, gridOpacity=0.7, domain=False, ticks=False,
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[bottom, top], nice=False), axis=axis)

    layers = [band(rows_of(time_h=times, low=low, high=high), x, y, theme.ketamine, theme.band)]
    starts = [{"time_h": time} for time in detail["regimen"]["dose_times_h"]]
    if len(starts) <= 6:
        layers.append(upright(starts, x, theme.ketamine, 0.8, (2, 2)))
    if beside:
        other = steps[beside]["typical"]
        layers.append(line(rows_of(time_h=times, value=other), x, y, theme.control, 2.0, (5, 3)))
        label = [{"time_h": time_at(1.015, end), "value": other[-1], "text": "without the drug"}]
        own = [{"time_h": time_at(1.015, end), "value": course["typical"][-1] - 0.07 * top, "text": "with it"}]
        layers += [words(label, x, y, theme.control, size=11, dy=-4), words(own, x, y, theme.ketamine, size=11, dy=6)]
    layers.append(line(rows_of(time_h=times, value=course["typical"]), x, y, theme.ketamine, 2.6))
    return layered(layers, WIDTH, HEIGHT)


def described(answer: dict[str, Any]) -> str:
    """The picture in a few sentences."""
    detail = answer["detail"]
    links = [
        f"{link['start'][:1].upper()}{link['start'][1:]} to {link['end']}: {link['standing_spoken']}. "
        f"{link['statement']} {link['gap']}"
        for link in detail["links"]
    ]
    return " ".join([answer["sentence"], *links])


def save_why(answer: dict[str, Any], path: Path, theme: str = "light") -> Path:
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
        ("The chain, link by link", *link_rows(detail)),
        ("The chain over time", *chain_table(detail)),
        ("Assumptions moved alone to the ends of their range: responders of 100", *moved_table(detail)),
    ]
    return save_framed(why_chart(answer, theme), answer, described(answer), tables, path)
