"""Concentrations after a dose: one panel a substance, on one scale, with the band of people around the typical line."""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt

from remit.reports.marks import Part, band, layered, line, page_config, points, rows_of, small_print, words
from remit.reports.palette import SANS, SERIF, Theme, find_theme
from remit.reports.time_axis import x_field
from remit.vocabulary.clock import HOURS_PER_DAY, spoken

WIDTH = 770
HEIGHT = 170
TITLE_LETTERS = 96
NOTE_LETTERS = 150


def exposure_chart(found: dict[str, Any], theme: str = "light") -> dict[str, Any]:
    """The picture of an exposure.

    Args:
        found: from `remit.reports.exposure_record.record`.
        theme: ``light`` or ``dark``.

    Returns:
        A Vega-Lite specification with its data inside.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    level = f"{100 * found['level']:g}"
    regimen = found["regimen"]
    key = (
        f"Line: typical person of {regimen['weight_kg']:g} kg. Band: {level} of 100 people. Triangles: doses. "
        f"Model {found['model']['id']}, sampling site {found['model']['sampling_site'].replace('_', ' ')}."
    )
    subtitle = textwrap.wrap(key, NOTE_LETTERS)
    for text in found["extrapolations"]:
        subtitle += textwrap.wrap(f"Beyond the evidence: {text}.", NOTE_LETTERS)
    title = alt.TitleParams(
        text=textwrap.wrap(found["sentence"], TITLE_LETTERS), subtitle=subtitle, anchor="start", frame="bounds",
        font=SERIF, fontSize=19, fontWeight=600, lineHeight=25, color=colours.ink, subtitleFont=SANS,
        subtitleFontSize=13, subtitleColor=colours.soft, subtitleLineHeight=18, subtitlePadding=12, offset=20,
    )  # fmt: skip
    top = max(max(each["curve_ng_per_ml"]["people_high"]) for each in found["analytes"])
    panels = [_panel(found, number, colours, top) for number in range(len(found["analytes"]))]
    return {
        "$schema": alt.SCHEMA_URL,
        "title": title.to_dict(),
        "description": described(found),
        "vconcat": [*panels, _footer(found, colours)],
        "spacing": 30,
        "config": page_config(colours),
    }


def _panel(found: dict[str, Any], number: int, theme: Theme, top: float) -> Part:
    each = found["analytes"][number]
    curve, times = each["curve_ng_per_ml"], found["time_h"]
    last = number == len(found["analytes"]) - 1
    end = times[-1]
    title = "since the first dose" if last else ""
    sessions = found["regimen"]["session_times_h"]
    # a single dose is told in minutes to hours; a series needs its days evenly
    x = x_field(end, theme, title) if len(sessions) == 1 else _days(end, theme, title)
    of = "" if number == 0 else f" (from {found['analytes'][number - 1]['analyte']})"
    axis = alt.Axis(
        title=f"{each['analyte']}{of}, ng/mL", titleAngle=0, titleAlign="left", titleAnchor="end", titleX=-30,
        titleY=-12, tickCount=4, gridColor=theme.rule, gridOpacity=0.7, domain=False, ticks=False,
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, top], nice=True), axis=axis)

    peak = each["cmax_ng_per_ml"]
    label = (
        f"typical peak {peak['typical']:.3g} after {spoken(each['tmax_h']['typical'])}; half-life "
        f"{spoken(each['half_life_h']['typical'])}"
    )
    place = 0.45 * end if len(sessions) > 1 else 0.2 * end
    parts = [
        band(
            rows_of(time_h=times, low=curve["people_low"], high=curve["people_high"]), x, y, theme.ketamine, theme.band
        ),
        line(rows_of(time_h=times, value=curve["people_low"]), x, y, theme.soft, 0.8, (3, 3)),
        line(rows_of(time_h=times, value=curve["people_high"]), x, y, theme.soft, 0.8, (3, 3)),
        line(rows_of(time_h=times, value=curve["typical"]), x, y, theme.ketamine, 2.6),
        points(
            [{"time_h": time, "value": 0.0} for time in sessions if time <= end], x, y, theme.ink, "triangle-up", 44
        ),
        words([{"time_h": place, "value": 0.9 * top, "text": label}], x, y, theme.ink, size=12, halo=theme.paper),
    ]
    return layered(parts, WIDTH, HEIGHT)


def _days(end_h: float, theme: Theme, title: str) -> alt.X:
    every = max(1, round(end_h / HOURS_PER_DAY / 10))
    marks = [day * HOURS_PER_DAY for day in range(0, int(end_h / HOURS_PER_DAY) + 1, every)]
    return alt.X(
        "time_h:Q",
        scale=alt.Scale(domain=[0, end_h], nice=False),
        axis=alt.Axis(
            values=marks, labelExpr=f"format(datum.value / {HOURS_PER_DAY:g}, 'd') + ' d'", title=title, grid=True,
            gridColor=theme.rule, gridOpacity=0.6, gridDash=[1, 3], domainColor=theme.soft, tickColor=theme.soft,
        ),
    )  # fmt: skip


def described(found: dict[str, Any]) -> str:
    """The picture in a few sentences, for those who cannot see it."""
    parts = [found["sentence"]]
    for each in found["analytes"][1:]:
        peak = each["cmax_ng_per_ml"]
        parts.append(
            f"{each['analyte'][:1].upper()}{each['analyte'][1:]} peaks at about {peak['typical']:.3g} ng/mL "
            f"({peak['low']:.3g} to {peak['high']:.3g}) {spoken(each['tmax_h']['typical'])} after the dose."
        )
    if found["extrapolations"]:
        parts.append("Beyond the evidence: " + "; ".join(found["extrapolations"]) + ".")
    return " ".join(parts)


def _footer(found: dict[str, Any], theme: Theme) -> Part:
    lines = []
    for text in found["assumed"]:
        lines += textwrap.wrap(f"- {text}", NOTE_LETTERS + 8, subsequent_indent="  ")
    lines.append(
        f"remit {found['version']}, evidence {found['evidence_hash'][:12]}, seed {found['seed']}, {found['people']} "
        "virtual people. Not medical advice."
    )
    return small_print(lines, theme, WIDTH)
