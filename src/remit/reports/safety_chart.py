"""Side effects beside a control by period of treatment, and blood pressure after a session, study by study."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.reports.marks import Part, page_config, points, row_names, small_print
from remit.reports.palette import SANS, SERIF, Theme, find_theme
from remit.vocabulary.dosing import Route

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
LINE, WIDTH, PRESSURE = 25, 230, 420
NARROW, NARROW_PRESSURE = 150, 300
"""Of panels on a telephone [pixels]: of side effects beside their names, and of rows under their names."""
MOST = 3
"""choice: as many periods side by side as a page holds."""
Detail = dict[str, Any]


def _titled(panel: Part, title: str, subtitle: str, theme: Theme) -> Part:
    style = {
        "text": title, "subtitle": subtitle, "anchor": "start", "font": SERIF, "fontSize": 15, "fontWeight": 600,
        "color": theme.ink, "subtitleFont": SANS, "subtitleFontSize": 12, "subtitleColor": theme.soft, "offset": 12,
    }  # fmt: skip
    return {**panel, "title": style}


def _spans(rows: list[dict[str, Any]], x: Any, y: Any, colour: str, offset: float) -> Part:
    mark = {"type": "rule", "color": colour, "strokeWidth": 2, "yOffset": offset}
    encoding = {"x": {**x.to_dict(), "field": "low"}, "x2": {"field": "high"}, "y": y("value").to_dict()}
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _dots(rows: list[dict[str, Any]], x: Any, y: Any, colour: str, shape: str, offset: float) -> Part:
    part = points(rows, x, y, colour, shape, 62)
    part["mark"] |= {"yOffset": offset}
    return part


def groups(answer: dict[str, Any]) -> list[list[Detail]]:
    """Shares by treatment, route, period and people: the groups with most side effects, in order of time."""
    found: dict[tuple[Any, ...], list[Detail]] = {}
    for each in answer["detail"]["shares"]:
        key = (each["treatment"], each["route"], each["period"], each["healthy"])
        found.setdefault(key, []).append(each)
    known = [members for members in found.values() if len(members) > 1]
    chosen = sorted(known, key=lambda members: -len(members))[:MOST]
    return [members for members in known if members in chosen]


def side_effects_chart(
    answer: dict[str, Any], theme_name: str = "light", *, narrow: bool = False
) -> dict[str, Any] | None:
    """Of 100 people: side effects with the drug beside those without; None where nothing can be drawn.

    Args:
        answer: `Answer.as_dict()` of `remit.answers.is_it_safe`.
        theme_name: light or dark.
        narrow: for a telephone: periods stand under each other.
    """
    theme, chosen = find_theme(theme_name), groups(answer)
    if not chosen:
        return None
    top = max(each["high_percent"] for members in chosen for each in members)
    # the commonest of the first group first, then what only the others tell of
    order = list(dict.fromkeys(each["spoken"] for members in chosen for each in members))
    if narrow:
        # each period names its own side effects, so that no row is empty
        rows = [[each for each in order if any(e["spoken"] == each for e in members)] for members in chosen]
        panels = [
            _shares(members, own, top, theme, width=NARROW, first=True)
            for members, own in zip(chosen, rows, strict=True)
        ]
    else:
        panels = [
            _shares(members, order, top, theme, width=WIDTH, first=place == 0) for place, members in enumerate(chosen)
        ]
    level = f"{100 * answer['detail']['level']:g} %"
    lines = [
        f"Circle: with the drug. Grey square: placebo in the same studies. Lines: {level} intervals. An empty row: not "
        "collected.",
        "Shares of people who felt it at least once over the period; the drug is felt, so masking is weak.",
    ]
    return {
        "$schema": SCHEMA,
        "vconcat": [
            {"vconcat": panels, "spacing": 22} if narrow else {"hconcat": panels, "spacing": 26},
            small_print(
                lines, theme, NARROW if narrow else WIDTH * len(panels), left=-110 if narrow else -160, narrow=narrow
            ),
        ],
        "spacing": 18,
        "config": page_config(theme),
    }


def _shares(members: list[Detail], order: list[str], top: float, theme: Theme, *, width: int, first: bool) -> Part:
    x = alt.X(
        "time_h:Q",
        scale=alt.Scale(domain=[0, 10 * (top // 10 + 1)], nice=False),
        axis=alt.Axis(
            title="of 100 people", tickCount=5 if width >= WIDTH else 3, grid=True, gridColor=theme.rule,
            gridDash=[1, 3], domainColor=theme.soft, tickColor=theme.soft,
        ),
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        axis = row_names(theme, narrow=False, shown=first)
        return alt.Y(f"{field}:N", sort=order, scale=alt.Scale(domain=order), axis=axis)

    drug = [
        {"time_h": e["percent"], "low": e["low_percent"], "high": e["high_percent"], "value": e["spoken"]}
        for e in members
    ]
    control = [
        {
            "time_h": e["control"]["percent"], "low": e["control"]["low_percent"], "high": e["control"]["high_percent"],
            "value": e["spoken"],
        }
        for e in members
        if e["control"]
    ]  # fmt: skip
    layers = [
        _spans(control, x, y, theme.control, 4), _dots(control, x, y, theme.control, "square", 4),
        _spans(drug, x, y, theme.ketamine, -4), _dots(drug, x, y, theme.ketamine, "circle", -4),
    ]  # fmt: skip
    panel = {"layer": [each for each in layers if each["data"]["values"]], "width": width, "height": LINE * len(order)}
    one = members[0]
    way = f"{Route(one['route']).spoken} " if one["route"] else ""
    whose = ", healthy people" if one["healthy"] else ""
    studies = len({study for each in members for study in each["studies"]})
    count = "1 study" if studies == 1 else f"{studies} studies"
    title = f"{way}{one['treatment']}{'' if one['route'] else ', route not stated'}"
    return _titled(panel, title, f"{one['period_spoken']}{whose}; {count}", theme)


def pressure_chart(answer: dict[str, Any], theme_name: str = "light", *, narrow: bool = False) -> dict[str, Any] | None:
    """Rise of blood pressure after a dose, study by study, and how long it lasts; None where nothing can be drawn."""
    theme = find_theme(theme_name)
    rows = [e for e in answer["detail"]["vital"] if e["measure"] in {"systolic_bp", "diastolic_bp"}]
    rows = [e for e in rows if e["value"] is not None or e.get("people_low") is not None]
    if not rows:
        return None
    rows.sort(key=lambda e: (str(e["route"]), e["study_id"], str(e["people"]), e["treatment"] == "placebo"))
    order = list(dict.fromkeys(_line(e) for e in rows))
    x = alt.X(
        "time_h:Q",
        scale=alt.Scale(domainMin=0, nice=True),
        axis=alt.Axis(
            title="rise above the pressure before the dose, mmHg", grid=True, tickCount=6,
            gridColor=theme.rule, gridDash=[1, 3], domainColor=theme.soft, tickColor=theme.soft,
        ),
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        axis = row_names(theme, narrow=narrow)
        return alt.Y(f"{field}:N", sort=order, scale=alt.Scale(domain=order), axis=axis)

    layers: list[Part] = []
    for measure, shape, offset in (("systolic_bp", "circle", -5), ("diastolic_bp", "diamond", 5)):
        for is_control in (True, False):
            hue = theme.control if is_control else theme.ketamine
            mine = [e for e in rows if e["measure"] == measure and (e["treatment"] == "placebo") == is_control]
            spans = [{"low": e["low"], "high": e["high"], "value": _line(e)} for e in mine if e["low"] is not None]
            people = [
                {"low": e["people_low"], "high": e["people_high"], "value": _line(e)} for e in mine if "people_low" in e
            ]
            if spans:
                layers.append(_spans(spans, x, y, hue, offset))
            if people:
                part = _spans(people, x, y, hue, offset)
                part["mark"] |= {"strokeDash": [3, 3]}
                layers.append(part)
            means = [{"time_h": e["value"], "value": _line(e)} for e in mine if e["value"] is not None]
            if means:
                layers.append(_dots(means, x, y, hue, shape, offset))
    width = NARROW_PRESSURE if narrow else PRESSURE
    panel = {"layer": layers, "width": width, "height": (46 if narrow else 34) * len(order)}
    lines = [
        "Circle: systolic. Diamond: diastolic. Grey: placebo. Line: interval of the mean, where a spread is published.",
        "Dashed: range of single people. A mean of everybody's largest rise lies above a mean curve.",
    ]
    parts = [_titled(panel, "Blood pressure after a dose", "mean of each group; time of the reading beside it", theme)]
    lasting = _lasting(answer, theme, width, narrow=narrow)
    if lasting is not None:
        parts.append(lasting)
    return {
        "$schema": SCHEMA,
        "vconcat": [*parts, small_print(lines, theme, width, left=0 if narrow else -280, narrow=narrow)],
        "spacing": 22,
        "config": page_config(theme),
    }


def _line(each: Detail) -> str:
    way = f"{Route(each['route']).spoken} " if each["route"] else ""
    people = f", {each['people']}" if each["people"] else ""
    at = f", {60 * each['time_h']:.0f} min" if each["time_h"] else ""
    return f"{way}{each['treatment']}{people} ({each['study_id']}{at})"


def _lasting(answer: dict[str, Any], theme: Theme, width: int, *, narrow: bool) -> Part | None:
    """How long pressure, dissociation and thinking stay changed, by source."""
    rows = [e for e in answer["detail"]["times"] if e["value"] is not None]
    if not rows:
        return None
    names = {"blood_pressure": "blood pressure", "cadss": "dissociation", "cognition": "thinking"}
    said = {"time_to_peak": "peak", "time_to_baseline": "back", "duration": "back"}
    seen = [
        {
            "time_h": e["value"], "value": names.get(e["measure"], e["spoken"]), "text": said[e["metric"]],
        }
        for e in rows
    ]  # fmt: skip
    order = list(dict.fromkeys(e["value"] for e in seen))
    x = alt.X(
        "time_h:Q",
        scale=alt.Scale(domain=[0, 4.4], nice=False, clamp=True),
        axis=alt.Axis(
            title="hours after the dose", values=[0, 1, 2, 3, 4], grid=True, gridColor=theme.rule, gridDash=[1, 3],
            domainColor=theme.soft, tickColor=theme.soft,
        ),
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        axis = row_names(theme, narrow=narrow)
        return alt.Y(f"{field}:N", sort=order, scale=alt.Scale(domain=order), axis=axis)

    peaks = [e for e in seen if e["text"] == "peak"]
    backs = [e for e in seen if e["text"] == "back"]
    layers: list[Part] = []
    if backs:
        layers.append(points(backs, x, y, theme.ketamine, "square", 60))
    if peaks:
        layers.append(points(peaks, x, y, theme.ssri, "triangle-up", 80))
    panel = {"layer": layers, "width": width, "height": (46 if narrow else 34) * len(order)}
    key = "triangle: peak; square: back to before, by each source"
    return _titled(panel, "When it peaks and when it is gone", key, theme)
