"""Pictures of a mixed-effects fit: predictive checks, goodness of fit, prediction errors, and each person's course."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
from scipy.special import ndtri

from remit.inference.mixed.words import METHOD_NAMES
from remit.reports.marks import Part, band, layered, line, page_config, points, rows_of, small_print, words
from remit.reports.meta_chart import titled
from remit.reports.palette import SANS, Theme, find_theme

Summary = dict[str, Any]
PANEL, HEIGHT = 330, 220
SMALL, SHORT, ACROSS = 150, 110, 5
_STRETCHES = 8
"""Of a line through residuals.  # choice: so many show a trend and not single points"""


def check_picture(summary: Summary, theme: str = "light") -> dict[str, Any]:
    """Quantiles of what was observed over those of data simulated from the fit, plain and prediction corrected."""
    colours = find_theme(theme)
    lines = []
    for output in summary["outputs"]:
        checks, named = summary["checks"][output], seen(summary, output)
        panels = [
            _named(_check(checks["plain"], summary, output, named, colours, dots=True), "as observed (VPC)", colours),
            _named(
                _check(checks["corrected"], summary, output, f"{named}, corrected", colours, dots=False),
                "prediction corrected (pcVPC)",
                colours,
            ),
        ]
        lines.append({"hconcat": panels, "spacing": 50})
    return _page(
        summary,
        colours,
        "Does the model make data like these?",
        "Visual predictive check. Lines: 5 %, 50 % and 95 % of what was observed in each stretch of time. Bands: where "
        f"95 % of the same quantiles lie in {summary['replicates']} data sets simulated from the fit. A line should "
        "lie in its band. Right: values scaled to the prediction for the typical person, so that doses and covariates "
        "do not blur them.",
        lines,
    )


def seen(summary: Summary, output: str) -> str:
    """What is observed of an output, with its unit where it is known."""
    return _with_unit(summary, output if len(summary["outputs"]) > 1 else "observed", output)


def _with_unit(summary: Summary, said: str, name: str) -> str:
    unit = summary["units"].get(name)
    return f"{said} [{unit}]" if unit else said


def _check(rows: list[Summary], summary: Summary, output: str, title: str, theme: Theme, *, dots: bool) -> Part:
    x = _axis("time", _with_unit(summary, "time", "TIME"), theme, [row["time"] for row in rows])
    values = [row[key] for row in rows for key in ("low", "high", "observed")]
    observed = [row for row in summary["rows"] if row["DVID"] == output and not row["CENS"]]
    if dots:
        values += [row["DV"] for row in observed]
    y = _upright(title, values, theme)
    shaded, lines, ends = [], [], []
    for quantile in sorted({row["quantile"] for row in rows}):
        own = [row for row in rows if row["quantile"] == quantile]
        middle = quantile == 0.5
        shaded.append(band(own, x, y, theme.ketamine if middle else theme.control, 0.28 if middle else 0.25))
        placed = [{"time": row["time"], "value": row["observed"]} for row in own]
        straight = line(placed, x, y, theme.ink, 2.0 if middle else 1.4, () if middle else (5, 3))
        straight["mark"]["interpolate"] = "linear"
        lines.append(straight)
        ends.append({**placed[-1], "text": f"{100 * quantile:.0f} %"})
    dotted = []
    if dots:
        placed = [{"time": row["TIME"], "value": row["DV"]} for row in observed]
        dotted = [points(placed, x, y, theme.ink, "circle", 10)]
        dotted[0]["mark"]["opacity"] = 0.35
    named = words(_apart(ends, values), x, y, theme.soft, size=11, dx=8)
    return layered([*shaded, *dotted, *lines, named], PANEL, HEIGHT)


def _apart(ends: list[Summary], values: Sequence[float]) -> list[Summary]:
    """Names of lines, moved so far that none lies on another."""
    least = 0.06 * (max(values) - min(values) or 1.0)
    found: list[Summary] = []
    for each in sorted(ends, key=lambda end: end["value"]):
        lowest = found[-1]["value"] + least if found else -np.inf
        found.append({**each, "value": max(each["value"], lowest)})
    return found


def goodness_picture(summary: Summary, theme: str = "light") -> dict[str, Any]:
    """Observed against predicted, residuals over time, and prediction errors against the normal distribution."""
    colours = find_theme(theme)
    lines: list[Part] = []
    for output in summary["outputs"]:
        rows = [row for row in summary["rows"] if row["DVID"] == output and not row["CENS"]]
        ranked = [row for row in summary["rows"] if row["DVID"] == output]
        time, named = _with_unit(summary, "time", "TIME"), seen(summary, output)
        typical = _with_unit(summary, "typical person, PRED", output)
        person = _with_unit(summary, "this person, IPRED", output)
        residual, error = "CWRES", "NPDE"
        pairs = [
            [
                _scatter(rows, "PRED", "DV", typical, named, colours),
                _scatter(rows, "IPRED", "DV", person, named, colours),
            ],
            [
                _trend(rows, "TIME", "CWRES", time, residual, colours),
                _trend(rows, "PRED", "CWRES", typical, residual, colours),
            ],
            [
                _trend(ranked, "TIME", "NPDE", time, error, colours),
                _normal(sorted(row["NPDE"] for row in ranked), error, colours),
            ],
        ]  # fmt: skip
        stack: Part = {"vconcat": [{"hconcat": pair, "spacing": 50} for pair in pairs], "spacing": 26}
        lines.append(_named(stack, output, colours) if len(summary["outputs"]) > 1 else stack)
    return _page(
        summary,
        colours,
        "Where does the model miss?",
        "First row: predictions for the typical and for this person; points should scatter evenly about the line. "
        "Second row: conditional weighted residuals (CWRES), no trend and most within 2; the thick line is the mean of "
        "the points near it. Third row: prediction distribution errors (NPDE), the ranks of observations among "
        "simulated ones as standard normal numbers: no trend, and on the line.",
        lines,
    )


def _scatter(rows: list[Summary], x_name: str, y_name: str, x_title: str, y_title: str, theme: Theme) -> Part:
    """Points about the line on which both are equal."""
    xs, ys = [row[x_name] for row in rows], [row[y_name] for row in rows]
    both = [*xs, *ys]
    x, y = _axis("time", x_title, theme, both), _upright(y_title, both, theme)
    ends = [min(both), max(both)]
    guide = line(rows_of(time=ends, value=ends), x, y, theme.soft, 1.2)
    return layered([guide, _dots(xs, ys, x, y, theme)], PANEL, HEIGHT)


def _trend(rows: list[Summary], x_name: str, y_name: str, x_title: str, y_title: str, theme: Theme) -> Part:
    """Points about zero, with a line through the means of stretches."""
    xs, ys = [row[x_name] for row in rows], [row[y_name] for row in rows]
    x, y = _axis("time", x_title, theme, xs), _upright(y_title, [*ys, -2.5, 2.5], theme)
    wide = [min(xs), max(xs)]
    guide = [
        line(
            rows_of(time=wide, value=[level, level]), x, y, theme.soft, 1.2 if level == 0 else 0.8,
            () if level == 0 else (4, 3),
        )
        for level in (-2, 0, 2)
    ]  # fmt: skip
    through = line(_means(xs, ys), x, y, theme.ssri, 2.2)
    through["mark"]["interpolate"] = "linear"
    return layered([*guide, _dots(xs, ys, x, y, theme), through], PANEL, HEIGHT)


def _means(xs: Sequence[float], ys: Sequence[float]) -> list[Summary]:
    """Means of stretches with about as many points; points at the same place stay together."""
    places = np.unique(xs)
    edges = np.unique(np.quantile(xs, np.linspace(0, 1, min(_STRETCHES, max(1, len(xs) // 5)) + 1)))
    cuts = places if len(places) <= _STRETCHES else edges
    stretch = np.clip(np.searchsorted(cuts, xs, side="right") - 1, 0, max(len(cuts) - 2, 0))
    if len(places) <= _STRETCHES:
        stretch = np.searchsorted(places, xs)
    own = [np.flatnonzero(stretch == each) for each in np.unique(stretch)]
    return rows_of(
        time=[float(np.mean(np.take(xs, part))) for part in own],
        value=[float(np.mean(np.take(ys, part))) for part in own],
    )


def _dots(xs: Sequence[float], ys: Sequence[float], x: Any, y: Any, theme: Theme) -> Part:
    dots = points(rows_of(time=list(xs), value=list(ys)), x, y, theme.ketamine, "circle", 22)
    dots["mark"]["opacity"] = 0.6
    return dots


def _normal(values: Sequence[float], title: str, theme: Theme) -> Part:
    expected = ndtri((np.arange(len(values)) + 0.5) / len(values)).tolist()
    ends = [min(*expected, *values), max(*expected, *values)]
    x, y = _axis("time", "standard normal", theme, ends), _upright(title, ends, theme)
    guide = line(rows_of(time=ends, value=ends), x, y, theme.soft, 1.2)
    return layered([guide, _dots(expected, list(values), x, y, theme)], PANEL, HEIGHT)


def people_picture(summary: Summary, theme: str = "light") -> dict[str, Any]:
    """Each person's observations with their own prediction and that of the typical person."""
    colours = find_theme(theme)
    lines: list[Part] = []
    for output in summary["outputs"]:
        drawn = [each for each in summary["courses"] if each["DVID"] == output]
        ids = {each["ID"] for each in drawn}
        rows = [row for row in summary["rows"] if row["DVID"] == output and row["ID"] in ids]
        times = [time for each in drawn for time in each["time"]]
        values = [row["DV"] for row in rows]
        values += [value for each in drawn for key in ("own", "typical") for value in each[key]]
        panels = [
            _person(each, [row for row in rows if row["ID"] == each["ID"]], times, values, colours) for each in drawn
        ]
        grid: Part = {
            "vconcat": [
                {"hconcat": panels[start : start + ACROSS], "spacing": 16} for start in range(0, len(panels), ACROSS)
            ],
            "spacing": 26,
        }
        lines.append(_named(grid, output, colours) if len(summary["outputs"]) > 1 else grid)
    shown = len({each["ID"] for each in summary["courses"]})
    few = f" The first {shown} of {summary['people']} people are drawn." if shown < summary["people"] else ""
    below = " Triangles: below the limit of quantification." if summary["below_limit"] else ""
    upright = " and ".join(dict.fromkeys(seen(summary, output) for output in summary["outputs"]))
    return _page(
        summary,
        colours,
        "Person by person",
        f"{upright} over {_with_unit(summary, 'time', 'TIME')}. Dots: observed. Line: prediction of this person. "
        f"Dashes: the typical person with their doses and covariates.{below}{few}",
        lines,
    )


def _person(course: Summary, rows: list[Summary], times: list[float], values: list[float], theme: Theme) -> Part:
    x = _axis("time", "", theme, times, few=True)
    y = _upright("", values, theme, few=True)
    typical = line(rows_of(time=course["time"], value=course["typical"]), x, y, theme.control, 1.3, (4, 3))
    own = line(rows_of(time=course["time"], value=course["own"]), x, y, theme.ketamine, 1.8)
    for part in (typical, own):
        part["mark"]["interpolate"] = "linear"
    dots = [
        points(
            [{"time": row["TIME"], "value": row["DV"]} for row in rows if bool(row["CENS"]) == below], x, y,
            theme.warning if below else theme.ink, "triangle-down" if below else "circle", 26 if below else 20,
        )
        for below in sorted({bool(row["CENS"]) for row in rows})
    ]  # fmt: skip
    return _named(layered([typical, own, *dots], SMALL, SHORT), course["ID"], theme, size=12)


def _named(part: Part, name: str, theme: Theme, size: int = 13) -> Part:
    title = {
        "text": name, "font": SANS, "fontSize": size, "fontWeight": 600, "color": theme.ink, "anchor": "start",
        "offset": 6,
    }  # fmt: skip
    return {**part, "title": title}


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


def _page(summary: Summary, theme: Theme, title: str, said: str, lines: list[Part]) -> dict[str, Any]:
    foot = (
        f"{summary['table']}: {summary['people']} people, {summary['observations']} observations. "
        f"{summary['model']['structure']}, {METHOD_NAMES[summary['method']]}. remit {summary['remit']}, seed "
        f"{summary['seed']}."
    )
    return {
        "$schema": alt.SCHEMA_URL,
        "title": titled([title], said, theme),
        "vconcat": [*lines, small_print(textwrap.wrap(foot, 130), theme, PANEL * 2)],
        "spacing": 30,
        "config": page_config(theme),
    }
