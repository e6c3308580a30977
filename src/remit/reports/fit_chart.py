"""Pictures of a mixed-effects fit: predictive checks, goodness of fit, prediction errors, and each person's course."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
from scipy.special import ndtri

from remit.reports.marks import Part, band, layered, line, page_config, points, rows_of, small_print
from remit.reports.meta_chart import titled
from remit.reports.palette import Theme, find_theme

Summary = dict[str, Any]
PANEL, HEIGHT = 330, 220
SMALL, SHORT, ACROSS = 150, 110, 5
MOST_PEOPLE = 30
"""People drawn one by one.  # choice: more do not fit a page"""


def check_picture(summary: Summary, theme: str = "light") -> dict[str, Any]:
    """Quantiles of what was observed over those of data simulated from the fit, plain and prediction corrected."""
    colours = find_theme(theme)
    lines = []
    for output in summary["outputs"]:
        checks = summary["checks"][output]
        named = output if len(summary["outputs"]) > 1 else "observed"
        panels = [
            _check(checks["plain"], summary, output, named, colours, dots=True),
            _check(checks["corrected"], summary, output, f"{named}, corrected", colours, dots=False),
        ]
        lines.append({"hconcat": panels, "spacing": 50})
    return _page(
        summary,
        colours,
        "Does the model make data like these?",
        "Lines: 5 %, 50 % and 95 % of what was observed in each stretch of time. Bands: 95 % of the same quantiles in "
        f"{summary['replicates']} data sets simulated from the fit. A line should lie in its band. Left: with every "
        "observation. Right: prediction corrected.",
        lines,
    )


def _check(rows: list[Summary], summary: Summary, output: str, title: str, theme: Theme, *, dots: bool) -> Part:
    x = _axis("time", "time", theme, [row["time"] for row in rows])
    values = [row[key] for row in rows for key in ("low", "high", "observed")]
    seen = [row for row in summary["rows"] if row["DVID"] == output and not row["CENS"]]
    if dots:
        values += [row["DV"] for row in seen]
    y = _upright(title, values, theme)
    parts: list[Part] = []
    if dots:
        placed = [{"time": row["TIME"], "value": row["DV"]} for row in seen]
        dotted = points(placed, x, y, theme.control, "circle", 14)
        dotted["mark"]["opacity"] = 0.45
        parts.append(dotted)
    for quantile in sorted({row["quantile"] for row in rows}):
        own = [row for row in rows if row["quantile"] == quantile]
        middle = quantile == 0.5
        parts.append(band(own, x, y, theme.ketamine if middle else theme.control, 0.28 if middle else 0.25))
        seen_line = [{"time": row["time"], "value": row["observed"]} for row in own]
        straight = line(seen_line, x, y, theme.ink, 2.0 if middle else 1.4, () if middle else (5, 3))
        straight["mark"]["interpolate"] = "linear"
        parts.append(straight)
    return layered(parts, PANEL, HEIGHT)


def goodness_picture(summary: Summary, theme: str = "light") -> dict[str, Any]:
    """Observed against predicted, residuals over time, and prediction errors against the normal distribution."""
    colours = find_theme(theme)
    lines = []
    for output in summary["outputs"]:
        rows = [row for row in summary["rows"] if row["DVID"] == output and not row["CENS"]]
        named = f", {output}" if len(summary["outputs"]) > 1 else ""
        top = [
            _scatter(
                rows, "PRED", "DV", f"prediction of the typical person{named}", "observed", colours, identity=True
            ),
            _scatter(rows, "IPRED", "DV", f"prediction of this person{named}", "observed", colours, identity=True),
        ]
        below = [
            _scatter(rows, "TIME", "CWRES", f"time{named}", "conditional weighted residual", colours, identity=False)
        ]
        if output == summary["outputs"][-1]:
            below.append(_normal(summary["npde"]["values"], colours))
        lines += [{"hconcat": top, "spacing": 50}, {"hconcat": below, "spacing": 50}]
    return _page(
        summary,
        colours,
        "Where does the model miss?",
        "Above: points should scatter evenly about the line. Below left: residuals should show no trend and stay "
        "within 2 most of the time. Below right: ranks of the observations among simulated ones follow the line.",
        lines,
    )


def _scatter(
    rows: list[Summary], x_name: str, y_name: str, x_title: str, y_title: str, theme: Theme, *, identity: bool
) -> Part:
    xs, ys = [row[x_name] for row in rows], [row[y_name] for row in rows]
    placed = rows_of(time=xs, value=ys)
    both = [*xs, *ys]
    x = _axis("time", x_title, theme, both if identity else xs)
    y = _upright(y_title, both if identity else [*ys, -2.5, 2.5], theme)
    if identity:
        ends = [min(both), max(both)]
        guide = [line(rows_of(time=ends, value=ends), x, y, theme.soft, 1.2)]
    else:
        wide = [min(xs), max(xs)]
        guide = [
            line(
                rows_of(time=wide, value=[level, level]),
                x,
                y,
                theme.soft,
                1.2 if level == 0 else 0.8,
                () if level == 0 else (4, 3),
            )
            for level in (-2, 0, 2)
        ]
    dots = points(placed, x, y, theme.ketamine, "circle", 22)
    dots["mark"]["opacity"] = 0.6
    return layered([*guide, dots], PANEL, HEIGHT)


def _normal(values: Sequence[float], theme: Theme) -> Part:
    expected = ndtri((np.arange(len(values)) + 0.5) / len(values)).tolist()
    ends = [min(*expected, *values), max(*expected, *values)]
    x, y = _axis("time", "standard normal", theme, ends), _upright("prediction distribution error", ends, theme)
    dots = points(rows_of(time=expected, value=list(values)), x, y, theme.ketamine, "circle", 22)
    dots["mark"]["opacity"] = 0.6
    return layered([line(rows_of(time=ends, value=ends), x, y, theme.soft, 1.2), dots], PANEL, HEIGHT)


def people_picture(summary: Summary, theme: str = "light") -> dict[str, Any]:
    """Each person's observations with their own prediction and that of the typical person."""
    colours = find_theme(theme)
    lines = []
    for output in summary["outputs"]:
        rows = [row for row in summary["rows"] if row["DVID"] == output]
        ids = list(dict.fromkeys(row["ID"] for row in rows))[:MOST_PEOPLE]
        top = [row["TIME"] for row in rows]
        values = [row[key] for row in rows for key in ("DV", "IPRED", "PRED")]
        panels = [_person([row for row in rows if row["ID"] == each], each, top, values, colours) for each in ids]
        lines += [{"hconcat": panels[start : start + ACROSS], "spacing": 16} for start in range(0, len(panels), ACROSS)]
    return _page(
        summary,
        colours,
        "Person by person",
        "Dots: observed. Line: prediction of this person, drawn at the times observed. Dashes: the typical person with "
        f"their doses and covariates. At most {MOST_PEOPLE} people are drawn.",
        lines,
    )


def _person(rows: list[Summary], name: str, times: list[float], values: list[float], theme: Theme) -> Part:
    x = _axis("time", "", theme, times, few=True)
    y = _upright("", values, theme, few=True)
    at = [row["TIME"] for row in rows]
    typical = line(rows_of(time=at, value=[row["PRED"] for row in rows]), x, y, theme.control, 1.3, (4, 3))
    own = line(rows_of(time=at, value=[row["IPRED"] for row in rows]), x, y, theme.ketamine, 1.8)
    for part in (typical, own):
        part["mark"]["interpolate"] = "linear"
    dots = points(rows_of(time=at, value=[row["DV"] for row in rows]), x, y, theme.ink, "circle", 20)
    return {
        **layered([typical, own, dots], SMALL, SHORT),
        "title": {"text": name, "fontSize": 12, "color": theme.ink, "anchor": "start", "offset": 4},
    }


def _axis(field: str, title: str, theme: Theme, values: Sequence[float], *, few: bool = False) -> alt.X:
    low, high = min(values), max(values)
    pad = 0.03 * (high - low or 1.0)
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[low - pad, high + pad], nice=False),
        axis=alt.Axis(
            title=title or None, grid=False, domainColor=theme.soft, tickColor=theme.soft, tickCount=3 if few else 6
        ),
    )


def _upright(title: str, values: Sequence[float], theme: Theme, *, few: bool = False) -> Any:
    low, high = min(values), max(values)
    pad = 0.04 * (high - low or 1.0)

    def y(field: str) -> alt.Y:
        return alt.Y(
            f"{field}:Q",
            scale=alt.Scale(domain=[low - pad, high + pad], nice=False),
            axis=alt.Axis(
                title=title or None, grid=False, domainColor=theme.soft, tickColor=theme.soft, tickCount=3 if few else 6
            ),
        )

    return y


def _page(summary: Summary, theme: Theme, title: str, words: str, lines: list[Part]) -> dict[str, Any]:
    foot = (
        f"{summary['table']}: {summary['people']} people, {summary['observations']} observations. "
        f"{summary['model']['structure']}, method {summary['method']}. remit {summary['remit']}, seed "
        f"{summary['seed']}."
    )
    return {
        "$schema": alt.SCHEMA_URL,
        "title": titled([title], words, theme),
        "vconcat": [*lines, small_print(textwrap.wrap(foot, 130), theme, PANEL * 2)],
        "spacing": 26,
        "config": page_config(theme),
    }
