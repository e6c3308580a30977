"""Pictures of trials predicted from the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np

from remit.inference.row_check import LEVELS, HeldOut
from remit.reports.calibration_chart import specification
from remit.reports.marks import page_config
from remit.reports.palette import SANS, find_theme
from remit.reports.picture import accessible_svg

TENTHS = 10


def draw_rows(rows: Sequence[HeldOut], path: Path) -> None:
    """Write the rows beside their predictions as SVG.

    Args:
        rows: what to draw, a line each.
        path: FILE.svg.
    """
    inside = sum(one.row.inside(LEVELS[-1]) for one in rows)
    description = f"{inside} of {len(rows)} published rows lie inside the interval that the other studies give 95 %."
    title = "What was published (dots) and what the other studies predict (bars: half and 95 % of it)"
    drawn = specification([one.row for one in rows], title)
    path.write_text(accessible_svg(drawn, "Published rows and predictions of the other studies", description))


def percentiles(
    rows: Sequence[HeldOut], theme_name: str = "light", *, narrow: bool = False, titled: bool = True
) -> dict[str, Any]:
    """The Vega-Lite specification of the histogram of percentiles, with the range that chance alone gives.

    Args:
        rows: outcomes.
        theme_name: ``light`` or ``dark``.
        narrow: for a telephone.
        titled: whether its title and what to see stand over it.
    """
    theme = find_theme(theme_name)
    edges = np.linspace(0.0, 1.0, TENTHS + 1)
    counts, _ = np.histogram([one.percentile for one in rows], edges)
    expected = len(rows) / TENTHS
    # each tenth is binomial; 1.64 SDs hold nine of ten
    half = 1.645 * np.sqrt(expected * (1 - 1 / TENTHS))
    bars = alt.Data(
        values=[
            {"from": 100 * low, "to": 100 * high, "rows": int(count)}
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
        ]
    )
    axis = alt.Axis(
        title="place of the published value in its prediction, %", grid=False, values=list(range(0, 101, 20)),
        domainColor=theme.soft, tickColor=theme.soft,
    )  # fmt: skip
    count = alt.Axis(title="outcomes", grid=False, domainColor=theme.soft, tickColor=theme.soft)
    band = (
        alt.Chart(alt.Data(values=[{"low": expected - half, "high": expected + half, "from": 0, "to": 100}]))
        .mark_rect(color=theme.control, opacity=0.28)
        .encode(x="from:Q", x2="to:Q", y=alt.Y("low:Q", axis=count), y2="high:Q")
    )
    columns = (
        alt.Chart(bars)
        .mark_rect(color=theme.ketamine, opacity=0.75, stroke=theme.paper)
        .encode(
            x=alt.X("from:Q", axis=axis, scale=alt.Scale(domain=[0, 100])),
            x2="to:Q",
            y=alt.Y("rows:Q", axis=count, scale=alt.Scale(zero=True)),
            y2=alt.datum(0),
        )
    )
    level = (
        alt.Chart(alt.Data(values=[{"expected": expected}]))
        .mark_rule(color=theme.ink, strokeDash=[4, 3])
        .encode(y="expected:Q")
    )
    chart = alt.layer(columns, band, level).properties(width=296 if narrow else 560, height=200)
    found = chart.to_dict()
    title = {
        "text": "Where published outcomes fall in what the other studies predict",
        "subtitle": "dashed: evenly spread; grey: where nine of ten columns would lie by chance",
        "anchor": "start", "font": SANS, "fontSize": 13, "color": theme.ink, "subtitleFont": SANS,
        "subtitleColor": theme.ink,
    }  # fmt: skip
    return {**found, **({"title": title} if titled else {}), "config": page_config(theme)}


def draw_percentiles(rows: Sequence[HeldOut], path: Path) -> None:
    """Write the histogram of percentiles as SVG."""
    middle = np.mean([0.1 <= one.percentile <= 0.9 for one in rows])
    description = f"{100 * middle:.0f} % of {len(rows)} published outcomes lie in the middle 80 % of their prediction."
    path.write_text(accessible_svg(percentiles(rows), "Percentiles of published outcomes", description))
