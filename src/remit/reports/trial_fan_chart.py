"""One study over what the others predict of it: fans that hold 50, 80 and 95 of 100, and published values as dots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from remit.answers.trial_predicted import Predicted, TrialPredicted
from remit.reports.marks import Part, band, layered, line, page_config, points, rows_of
from remit.reports.palette import SANS, SERIF, Theme, find_theme
from remit.reports.signs import minus
from remit.reports.time_axis import x_field
from remit.vocabulary.clock import spoken

SESSION_DRUGS, TABLETS = frozenset({"ketamine", "esketamine"}), frozenset({"placebo", "midazolam", "saline"})
WIDTH, NARROW, HEIGHT, ACROSS = 330, 300, 170, 2
"""Of a panel, and on a telephone [pixels]; panels beside each other."""
SHADES = (1.0, 1.1, 1.4)
"""choice: opacity of each band over that of the theme, the widest first; they lie on each other."""
BARS = (2.0, 4.0, 7.0)
"""Widths of the same as bars, at the times that were rated [pixels]."""


def trial_fan_chart(found: TrialPredicted, theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """The picture as a Vega-Lite specification: a panel for each arm and each kind of number.

    Args:
        found: the study and its predictions.
        theme: ``light`` or ``dark``.
        narrow: for a telephone: panels under each other.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    kinds = list(dict.fromkeys((row.scale, row.what) for row in found.rows))
    panels: list[Part] = []
    for scale, what in kinds:
        rows = [row for row in found.rows if (row.scale, row.what) == (scale, what)]
        ends = [value for row in rows for value in (*row.intervals[-1], row.observed)]
        low, high = min(ends), max(ends)
        pad = 0.05 * (high - low or 1.0)
        for arm in dict.fromkeys(row.arm for row in rows):
            mine = sorted((row for row in rows if row.arm == arm), key=lambda row: row.time_h)
            panels.append(_panel(mine, (low - pad, high + pad), colours, NARROW if narrow else WIDTH))
    across = 1 if narrow else ACROSS
    lines = [{"hconcat": panels[start : start + across], "spacing": 40} for start in range(0, len(panels), across)]
    title = {
        "text": f"{found.study}, predicted from all other studies", "subtitle": reading(found), "anchor": "start",
        "frame": "bounds", "font": SERIF, "fontSize": 18, "fontWeight": 600, "color": colours.ink,
        "subtitleFont": SANS, "subtitleFontSize": 12.5, "subtitleColor": colours.soft, "offset": 16,
        "subtitlePadding": 8,
    }  # fmt: skip
    return {
        "$schema": alt.SCHEMA_URL, "title": title, "vconcat": lines, "spacing": 22, "config": page_config(colours),
    }  # fmt: skip


def reading(found: TrialPredicted) -> str:
    """How to read the picture, in a line."""
    held = [f"{100 * level:.0f}" for level in found.levels]
    return f"Dots: published. Bands: where {', '.join(held[:-1])} and {held[-1]} of 100 such results would lie."


def _hue(treatment: str, theme: Theme) -> str:
    if treatment in SESSION_DRUGS:
        return theme.ketamine
    return theme.control if treatment in TABLETS else theme.ssri


def _panel(rows: Sequence[Predicted], reach: tuple[float, float], theme: Theme, width: int) -> Part:
    hue = _hue(rows[0].treatment, theme)
    end = max(rows[-1].time_h, 24.0)
    x = x_field(end, theme, "", narrow=True)
    axis = alt.Axis(title=None, tickCount=5, gridColor=theme.rule, gridOpacity=0.7, domain=False, ticks=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=list(reach), nice=False), axis=axis)

    times = [row.time_h for row in rows]
    layers: list[Part] = []
    for place in range(len(rows[0].intervals) - 1, -1, -1):
        ends = rows_of(
            time_h=times, low=[row.intervals[place][0] for row in rows], high=[row.intervals[place][1] for row in rows]
        )
        wide = len(rows[0].intervals) - 1 - place
        if len(set(times)) > 1:
            layers.append(band(ends, x, y, hue, SHADES[wide] * theme.band))
        bars = band(ends, x, y, hue, 0.35)
        layers.append({**bars, "mark": {"type": "rule", "color": hue, "opacity": 0.4, "strokeWidth": BARS[wide]}})
    middle = rows_of(time_h=times, value=[row.median for row in rows])
    if len(set(times)) > 1:
        layers.append(line(middle, x, y, hue, 1.6, (5, 3)))
    dots = rows_of(time_h=times, value=[row.observed for row in rows])
    for inside, shape in ((True, "circle"), (False, "diamond")):
        mine = [dot for dot, row in zip(dots, rows, strict=True) if row.is_inside == inside]
        if mine:
            layers.append(points(mine, x, y, theme.ink, shape, 70))
    title = {
        "text": rows[0].treatment.replace("_", " "), "subtitle": f"{rows[0].scale}, {unit_of(rows[0])} ({rows[0].arm})",
        "anchor": "start", "font": SERIF, "fontSize": 13.5, "fontWeight": 600, "color": theme.ink, "offset": 6,
        "subtitleFont": SANS, "subtitleFontSize": 11.5, "subtitleColor": theme.soft,
    }  # fmt: skip
    return {**layered(layers, width, HEIGHT), "title": title}


def unit_of(row: Predicted) -> str:
    """What a number is, with its unit."""
    return row.what if row.what.startswith("per cent") else f"{row.what}, points" if "percent" not in row.what else "%"


def fan_table(found: TrialPredicted) -> tuple[list[str], list[list[str]]]:
    """Every outcome beside its prediction, as words: header and rows."""
    widest = f"{100 * found.levels[-1]:.0f}"
    header = ["arm", "what", "when", "published", f"predicted ({widest} of 100)", "inside"]
    rows = [
        [
            row.arm, f"{row.scale}, {unit_of(row)}", spoken(row.time_h), minus(f"{row.observed:.3g}"),
            minus(f"{row.median:.3g} ({row.intervals[-1][0]:.3g} to {row.intervals[-1][1]:.3g})"),
            "yes" if row.is_inside else "no",
        ]
        for row in found.rows
    ]  # fmt: skip
    return header, rows


def described(found: TrialPredicted) -> str:
    """The picture in a few sentences."""
    told = [
        f"{row.arm}, {row.scale}, {unit_of(row)}, {spoken(row.time_h)}: published {row.observed:.3g}, predicted "
        f"{row.median:.3g} ({row.intervals[-1][0]:.3g} to {row.intervals[-1][1]:.3g})"
        for row in found.rows
    ]
    told = [minus(each) for each in told]
    return f"{sentence(found)} {'; '.join(told)}."


def sentence(found: TrialPredicted) -> str:
    """How well the study was foretold, in a sentence."""
    inside, count = sum(row.is_inside for row in found.rows), len(found.rows)
    what = "outcome lies" if count == 1 else "outcomes lie"
    return (
        f"{inside} of {count} published {what} inside what {100 * found.levels[-1]:.0f} of 100 such results would "
        "show, had the model never seen this study."
    )
