"""Published rows of the session studies beside what the calibrated model would have published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

from remit.inference.row_check import LEVELS, RowCheck
from remit.reports.palette import find_theme
from remit.reports.picture import accessible_svg

WIDTH, STEP = 560, 15


def draw(checks: Sequence[RowCheck], path: Path) -> None:
    """Write the picture as SVG: a line a row, in half-widths of its 95 % interval, so that unlike units share an axis.

    Args:
        checks: the rows.
        path: FILE.svg.
    """
    inside = sum(row.inside(LEVELS[-1]) for row in checks)
    description = f"{inside} of {len(checks)} published rows lie inside the interval that the model gives 95 %."
    path.write_text(accessible_svg(specification(checks), "Published and predicted rows", description))


TITLE = "What was published (dots) and what the model would have published (bars: half and 95 % of it)"


def specification(checks: Sequence[RowCheck], title: str = TITLE) -> dict[str, Any]:
    """The Vega-Lite specification of the picture."""
    theme = find_theme("light")
    rows = []
    seen: Counter[str] = Counter()
    for number, row in enumerate(checks):
        low, high = row.intervals[-1]
        half = max((high - low) / 2.0, 1e-9)
        line = f"{row.study}: {row.what}" if len(row.what) < 60 else f"{row.study}: {row.what[:57]}…"
        seen[line] += 1
        if seen[line] > 1:  # arms of one study rated alike are lines of their own
            line = f"{line} (arm {seen[line]})"
        record: dict[str, Any] = {
            "line": line,
            "number": number,
            "observed": (row.observed - row.median) / half,
            "outside": "outside" if not row.inside(LEVELS[-1]) else "inside",
        }
        for level, (start, end) in zip(LEVELS, row.intervals, strict=True):
            record[f"low{100 * level:.0f}"] = (start - row.median) / half
            record[f"high{100 * level:.0f}"] = (end - row.median) / half
        rows.append(record)
    data = alt.Data(values=rows)
    y = alt.Y(
        "line:N",
        sort=alt.EncodingSortField("number"),
        axis=alt.Axis(title=None, labelLimit=420, labelFontSize=10, ticks=False, domain=False, labelColor=theme.ink),
    )
    axis = alt.Axis(title="distance from the median prediction, in half-widths of the 95 % interval", grid=False)
    base = alt.Chart(data).encode(y=y)
    parts = [
        base.mark_rule(color=theme.ketamine, opacity=opacity, strokeWidth=width).encode(
            x=alt.X(f"low{name}:Q", axis=axis), x2=f"high{name}:Q"
        )
        for name, opacity, width in (("95", 0.35, 2), ("50", 0.9, 5))
    ]
    dots = base.mark_point(filled=True, size=46, color=theme.ink).encode(
        x="observed:Q",
        shape=alt.Shape("outside:N", scale=alt.Scale(domain=["inside", "outside"], range=["circle", "diamond"])).legend(
            None
        ),
    )
    chart = alt.layer(*parts, dots).properties(
        width=WIDTH,
        height=alt.Step(STEP),
        background=theme.paper,
        title=alt.TitleParams(
            title,
            anchor="start",
            fontSize=13,
            color=theme.ink,
        ),
    )
    return chart.configure_view(stroke=None).configure(font="Source Sans Pro").to_dict()
