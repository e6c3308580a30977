"""The chain as one linked picture: five panels on one axis of time, and between them how well each link is known."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.reports.frame import Table, asked_in, framed, rests_on
from remit.reports.marks import Part, band, layered, line, placed, rows_of, upright, words
from remit.reports.palette import SANS, Theme, find_theme
from remit.reports.time_axis import BEFORE_H, time_at, time_axis, time_scale, x_field
from remit.reports.why_page import chain_table, link_rows, moved_table

WIDTH, HEIGHT, DOSE_HEIGHT, LINK_HEIGHT, NARROW = 620, 92, 34, 34, 300
"""Of the panels, and their width on a telephone [pixels]."""
LETTERS = 104
SOLID: dict[str, tuple[int, ...]] = {"measured": (), "indirect": (7, 4), "assumed": (2, 4)}
"""Line styles of the links: the less is known, the more broken the line."""
BETWEEN = (("dose_to_plasma",), ("plasma_to_site", "site_to_block"), ("block_to_plasticity",),
           ("plasticity_to_symptoms", "site_to_acute"))  # fmt: skip
"""Links that stand between two panels, from top to bottom."""


def why_chart(answer: dict[str, Any], theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """The picture of an answer to "why".

    Args:
        answer: `Answer.as_dict()`.
        theme: ``light`` or ``dark``.
        narrow: for a telephone: links that share a place stand under each other.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    detail = answer["detail"]
    steps, level = detail["chain"], f"{100 * detail['level']:g} %"
    site = steps["plasma"]["sampling_site"].replace("not_stated", "site not stated")
    key = (
        f"Lines: typical person. Bands: {level} of people for plasma and receptor block, {level} interval of what is "
        "not known for plasticity and symptoms. Between panels: the link, unbroken where measured in humans, dashed "
        "where measured indirectly, dotted where assumed."
    )
    width = NARROW if narrow else WIDTH
    panels = [_dose(steps, colours, width, narrow=narrow)]
    shown = (
        (f"{steps['plasma']['analyte']} in plasma, ng/mL ({site})", "plasma", None),
        ("receptor block, % of all", "receptor_block", None),
        ("plasticity, % of its ceiling", "plasticity", None),
        (f"{detail['scale']['name']} total, points (lower is better)", "symptoms", "symptoms_without"),
    )
    for place, (title, name, beside) in enumerate(shown):
        links = [link for wanted in BETWEEN[place] for link in detail["links"] if link["id"] == wanted]
        panels.append(_link(links, colours, width, narrow=narrow))
        last = place == len(shown) - 1
        panels.append(_step(detail, title, name, beside, colours, width, last=last, narrow=narrow))
    chain = {"vconcat": panels, "spacing": 4}
    return framed(
        answer, [chain], colours, notes=[asked_in(answer), key], foot=[rests_on(answer)], width=WIDTH,
        letters=LETTERS,
    )  # fmt: skip


def _bare_x(end: float, theme: Theme, *, narrow: bool) -> alt.X:
    axis = {
        **time_axis(end, theme, "", narrow=narrow).to_dict(),
        "labels": False,
        "ticks": False,
        "domain": False,
        "title": None,
    }
    return alt.X("time_h:Q", scale=time_scale(end), axis=alt.Axis(**axis))


def _dose(steps: dict[str, Any], theme: Theme, width: int, *, narrow: bool) -> Part:
    """When each dose is given and for how long."""
    end = steps["time_h"][-1]
    x = _bare_x(end, theme, narrow=narrow)
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
    return layered([data, thin, words(label, x, y, theme.ink, size=12, bold=True, dx=-30)], width, DOSE_HEIGHT)


def _link(links: list[dict[str, Any]], theme: Theme, width: int, *, narrow: bool) -> Part:
    """An arrow in the style of what is known, with the link and its standing beside it."""
    rows = []
    for number, link in enumerate(links):
        rows.append({
            "x": 6 + 318 * number, "standing": link["standing"],
            "text": f"{link['start']} → {link['end']}: {link['standing_spoken']}",
        })  # fmt: skip
    layers: list[Part] = []
    height = LINK_HEIGHT * (len(rows) if narrow else 1)
    for number, row in enumerate(rows):
        across, down = (6, LINK_HEIGHT * number) if narrow else (row["x"], 0)
        shaft = {"type": "rule", "color": theme.ink, "strokeWidth": 2.2, "strokeDash": list(SOLID[row["standing"]])}
        head = {"type": "point", "shape": "triangle-down", "filled": True, "color": theme.ink, "size": 60, "opacity": 1}
        text = {"type": "text", "text": row["text"], "align": "left", "baseline": "middle", "font": SANS,
                "fontSize": 11.5, "color": theme.ink, "clip": False}  # fmt: skip
        layers += [
            placed(shaft, across, down + 2, y2=down + LINK_HEIGHT - 8), placed(head, across, down + LINK_HEIGHT - 5),
            placed(text, across + 12, down + LINK_HEIGHT / 2),
        ]  # fmt: skip
    return {"layer": layers, "width": width, "height": height, "view": {"stroke": None}}


def _step(
    detail: dict[str, Any],
    title: str,
    name: str,
    beside: str | None,
    theme: Theme,
    width: int,
    *,
    last: bool,
    narrow: bool,
) -> Part:
    steps = detail["chain"]
    course, times = steps[name], steps["time_h"]
    end = times[-1]
    since = "time since the first session"
    x = x_field(end, theme, since, narrow=narrow) if last else _bare_x(end, theme, narrow=narrow)
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
        # a narrow panel has no room beside it: the names stand inside, where the courses lie apart
        at, align = (0.33, "left") if narrow else (1.015, "left")
        near = min(range(len(times)), key=lambda index: abs(times[index] - time_at(at, end))) if narrow else -1
        label = [{"time_h": time_at(at, end), "value": other[near], "text": "without the drug"}]
        own = [{"time_h": time_at(at, end), "value": course["typical"][near] - 0.07 * top, "text": "with it"}]
        apart = (-10, 12) if narrow else (-4, 6)
        layers += [
            words(label, x, y, theme.control, size=11, align=align, dy=apart[0]),
            words(own, x, y, theme.ketamine, size=11, align=align, dy=apart[1]),
        ]
    layers.append(line(rows_of(time_h=times, value=course["typical"]), x, y, theme.ketamine, 2.6))
    return layered(layers, width, HEIGHT)


def described(answer: dict[str, Any]) -> str:
    """The picture in a few sentences."""
    detail = answer["detail"]
    links = [
        f"{link['start'][:1].upper()}{link['start'][1:]} to {link['end']}: {link['standing_spoken']}. "
        f"{link['statement']} {link['gap']}"
        for link in detail["links"]
    ]
    return " ".join([answer["sentence"], *links])


def tables(answer: dict[str, Any]) -> list[Table]:
    """What stands under the picture, as tables."""
    detail = answer["detail"]
    return [
        ("The chain, link by link", *link_rows(detail)),
        ("The chain over time", *chain_table(detail)),
        ("Assumptions moved alone to the ends of their range: responders of 100", *moved_table(detail)),
    ]
