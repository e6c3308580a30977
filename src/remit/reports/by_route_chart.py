"""Routes side by side: courses of concentration, and time to peak, peak, and predicted response in aligned rows."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.reports.by_route_page import (
    exposure_table,
    published_table,
    response_table,
    spread_table,
    studied_table,
)
from remit.reports.frame import Table, framed, rests_on
from remit.reports.marks import Part, band, layered, line, plain_part, row_names, rows_of, words
from remit.reports.palette import SANS, SERIF, Theme, find_theme

SMALL, SMALL_HEIGHT, ACROSS = 200, 110, 4
ROW, DOTS = 26, 178
NARROW_SMALL, NARROW_DOTS, NARROW_ACROSS = 128, 310, 2
"""Of the same on a telephone [pixels]."""
LETTERS = 110
WIDTH = 900


def by_route_chart(answer: dict[str, Any], theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """The picture of an answer to "by which route".

    Args:
        answer: `Answer.as_dict()`.
        theme: ``light`` or ``dark``.
        narrow: for a telephone: two panels beside each other, measures under each other.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    detail = answer["detail"]
    level = f"{100 * detail['level']:g}"
    asked = (
        f"{detail['same_dose']} by every route, infusions over {detail['infusion_min']:g} minutes; "
        f"{detail['diagnosis']}, {detail['scale']['name']} {detail['scale']['baseline_points']:g} at the start, "
        f"{detail['weight_kg']:g} kg."
    )
    key = (
        f"Bands and lines: {level} of 100 people; for the response, {level} % interval of what is not known. Dashed: "
        "absorption is assumed, so the line holds what is not known of it as well. Arterial levels lie above venous "
        "ones."
    )
    across = NARROW_ACROSS if narrow else ACROSS
    panels = [detail["routes"][start : start + across] for start in range(0, len(detail["routes"]), across)]
    courses = {
        "vconcat": [
            {"hconcat": [_course(row, colours, narrow=narrow) for row in group], "spacing": 26} for group in panels
        ],
        "spacing": 22,
    }  # fmt: skip
    return framed(
        answer, [courses, _rows(detail, colours, narrow=narrow)], colours, notes=[asked, key], foot=[rests_on(answer)],
        width=WIDTH, letters=LETTERS,
    )  # fmt: skip


def _style(row: dict[str, Any]) -> tuple[int, ...]:
    return () if row["spread_is"] == "published" else (4, 3)


def _course(row: dict[str, Any], theme: Theme, *, narrow: bool) -> Part:
    """Concentration over the first hours; each panel on a scale of its own, which its axis says."""
    curve = row["same_dose"]["curve"]
    top = 1.05 * max(curve["people_high"])
    x = alt.X(
        "time_h:Q",
        scale=alt.Scale(domain=[0, curve["time_h"][-1]], nice=False),
        axis=alt.Axis(title="", values=[0, 2, 4, 6] if narrow else [0, 1, 2, 4, 6], grid=False,
                      labelExpr="datum.value + ' h'",
                      domainColor=theme.soft, tickColor=theme.soft),
    )  # fmt: skip
    axis = alt.Axis(title="", tickCount=3, gridColor=theme.rule, gridOpacity=0.7, domain=False, ticks=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=axis)

    times = curve["time_h"]
    layers = [
        band(rows_of(time_h=times, low=curve["people_low"], high=curve["people_high"]), x, y, theme.ketamine,
             theme.band),
        line(rows_of(time_h=times, value=curve["people_high"]), x, y, theme.soft, 0.8, _style(row)),
        line(rows_of(time_h=times, value=curve["people_low"]), x, y, theme.soft, 0.8, _style(row)),
        line(rows_of(time_h=times, value=curve["typical"]), x, y, theme.ketamine, 2.4),
        words([{"time_h": curve["time_h"][-1], "value": 0.93 * top,
                "text": f"peak {row['same_dose']['tmax_min']['typical']:.0f} min"}], x, y, theme.ink, size=11,
              align="right", halo=theme.paper),
    ]  # fmt: skip
    site = row["sampling_site"].replace("not_stated", "site not stated")
    return {
        **layered(layers, NARROW_SMALL if narrow else SMALL, SMALL_HEIGHT),
        "title": _title(row["label"], f"ng/mL, {site}", theme),
    }


def _title(text: str, under: str, theme: Theme) -> Part:
    return {
        "text": text, "subtitle": under, "anchor": "start", "font": SERIF, "fontSize": 13.5, "fontWeight": 600,
        "color": theme.ink, "subtitleFont": SANS, "subtitleFontSize": 11, "subtitleColor": theme.soft, "offset": 6,
    }  # fmt: skip


def _rows(detail: dict[str, Any], theme: Theme, *, narrow: bool) -> Part:
    """Three measures in aligned rows, one a route, and how many studies stand behind each."""
    routes = detail["routes"]
    measures = (
        ("time to peak", "minutes, logarithmic", lambda row: row["same_dose"]["tmax_min"], "log"),
        ("peak", "ng/mL, logarithmic", lambda row: row["same_dose"]["cmax_ng_per_ml"], "log"),
        ("responders at 1 d", "of 100 people", lambda row: _as_spread(row["same_dose"]["response"][1]), "linear"),
    )
    last = len(measures) - 1
    panels = [
        _dots(
            routes, title, unit, value, kind, theme, narrow=narrow, first=narrow or place == 0,
            last=place == last and not narrow,
        )
        for place, (title, unit, value, kind) in enumerate(measures)
    ]  # fmt: skip
    return {"vconcat": panels, "spacing": 18} if narrow else {"hconcat": panels, "spacing": 26}


def _as_spread(look: dict[str, float]) -> dict[str, float]:
    return {"typical": look["percent"], "low": look["low_percent"], "high": look["high_percent"]}


def _dots(
    routes: list[dict[str, Any]],
    title: str,
    unit: str,
    value: Any,
    kind: str,
    theme: Theme,
    *,
    narrow: bool,
    first: bool,
    last: bool,
) -> Part:
    width, height = (NARROW_DOTS, ROW + 14) if narrow else (DOTS, ROW)
    order = [row["label"] for row in routes]
    rows = []
    for row in routes:
        found = value(row)
        used = len(row["studied"]["in_use"]["studies"])
        said = "no trial in use" if not used else f"{used} {'trial' if used == 1 else 'trials'} in use"
        assumed = row["spread_is"] != "published" and kind == "log"
        rows.append(
            {"line": row["label"], **found, "said": f"{found['typical']:.0f}", "assumed": assumed, "used": said}
        )
    low, high = min(row["low"] for row in rows), max(row["high"] for row in rows)
    scale = (
        alt.Scale(type="log", domain=[0.8 * low, 1.25 * high], nice=False)
        if kind == "log"
        else alt.Scale(domain=[0, 1.15 * high], nice=False)
    )
    x = alt.X("typical:Q", scale=scale, axis=alt.Axis(title=unit, tickCount=4, grid=True, gridColor=theme.rule,
              gridDash=[1, 3], domainColor=theme.soft, labelOverlap=True, format="d"))  # fmt: skip
    y = alt.Y("line:N", sort=order, axis=row_names(theme, narrow=narrow, shown=first, over=16))
    layers = []
    for assumed, dash in ((False, []), (True, [4, 3])):
        mine = [row for row in rows if row["assumed"] == assumed]
        if mine:
            layers.append(
                alt.Chart(alt.InlineData(values=mine)).mark_rule(color=theme.ketamine, strokeWidth=2, strokeDash=dash)
                .encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y)
            )  # fmt: skip
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=y)
    layers.append(base.mark_point(filled=True, size=62, opacity=1, color=theme.ketamine).encode(x=x))
    layers.append(
        base.mark_text(dy=11 if narrow else -10, font=SANS, fontSize=11, color=theme.ink).encode(x=x, text="said:N")
    )  # fmt: skip
    if last:
        layers.append(
            base.mark_text(align="left", font=SANS, fontSize=11.5, color=theme.soft)
            .encode(x=alt.value(width + 10), text="used:N")
        )  # fmt: skip
    found = plain_part(alt.layer(*layers).properties(width=width, height=height * len(routes)))
    return {**found, "title": _title(title, "", theme)}


def described(answer: dict[str, Any]) -> str:
    """The picture in a few sentences."""
    detail = answer["detail"]
    parts = [answer["sentence"]]
    for row in detail["routes"]:
        same = row["same_dose"]
        parts.append(
            f"{row['label'][:1].upper()}{row['label'][1:]}: peak of {same['cmax_ng_per_ml']['typical']:.0f} ng/mL at "
            f"{same['tmax_min']['typical']:.0f} minutes, {same['response'][1]['percent']:.0f} responders of 100 at one "
            "day."
        )
    return " ".join(parts)


def tables(answer: dict[str, Any]) -> list[Table]:
    """What stands under the picture, as tables."""
    detail = answer["detail"]
    return [
        (f"Concentration after {detail['same_dose']}", *exposure_table(detail)),
        ("How far people differ, and how much arrives", *spread_table(detail)),
        ("Predicted: responders of 100 at the same dose", *response_table(detail)),
        ("Predicted at the dose most studies of the route gave", *published_table(detail)),
        ("Observed: collected studies by route", *studied_table(detail)),
    ]
