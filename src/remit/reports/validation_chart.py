"""Predicted over observed exposure: one dot a row, by route and by what the comparison can show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

from remit.pharmacology.validation import WITHIN, Comparison, Standing
from remit.reports.palette import SANS, find_theme
from remit.reports.picture import accessible_svg
from remit.vocabulary.dosing import Route

WIDTH, ROW = 660, 44
FOLDS = (0.2, 0.33, 0.5, 0.67, 1.0, 1.5, 2.0, 3.0, 5.0)
SHAPES = {
    Standing.SAME_SITE: "circle",
    Standing.SITE_NOT_STATED: "square",
    Standing.OTHER_SITE: "triangle-up",
    Standing.ASSUMED_ABSORPTION: "diamond",
}


def draw(comparisons: Sequence[Comparison], path: Path) -> None:
    """Write the picture as SVG.

    Args:
        comparisons: from `remit.pharmacology.validation.compare_all`.
        path: FILE.svg.
    """
    rated = [each for each in comparisons if each.counted and each.fold is not None]
    near = sum(each.is_near for each in rated)
    words = f"{near} of {len(rated)} predictions lie within {WITHIN:g}-fold of what was observed."
    path.write_text(accessible_svg(specification(rated), "Predicted over observed exposure", words))


def specification(rated: Sequence[Comparison]) -> dict[str, Any]:
    """The Vega-Lite specification of the picture: fold errors on a log axis, dots spread so that none hides another."""
    theme = find_theme("light")
    standings = [standing for standing in SHAPES if any(each.standing is standing for each in rated)]
    rows: list[dict[str, Any]] = []
    for route in Route:
        for standing in standings:
            own = [each for each in rated if each.row.route == route.value and each.standing is standing]
            for number, each in enumerate(sorted(own, key=lambda each: each.fold or 1.0)):
                rows.append(
                    {
                        "line": f"{route.spoken}",
                        "standing": standing.spoken,
                        "fold": min(max(each.fold or 1.0, FOLDS[0]), FOLDS[-1]),
                        # golden-ratio steps spread neighbours evenly without chance
                        "spread": (number * 0.618) % 1.0 - 0.5,
                        "study": each.row.study_id,
                    }
                )
    lines = [f"{route.spoken}" for route in Route if any(row["line"] == route.spoken for row in rows)]
    x = alt.X(
        "fold:Q",
        scale=alt.Scale(type="log", domain=[FOLDS[0], FOLDS[-1]]),
        axis=alt.Axis(values=list(FOLDS), format=".2~f", title="predicted over observed", grid=False),
    )
    y = alt.Y("line:N", sort=lines, axis=alt.Axis(title=None, ticks=False, domain=False, labelFontSize=13))
    shaded = (
        alt.Chart(alt.Data(values=[{"low": 1 / WITHIN, "high": WITHIN}]))
        .mark_rect(color=theme.shade)
        .encode(x=alt.X("low:Q", scale=alt.Scale(type="log")), x2="high:Q")
    )
    exact = alt.Chart(alt.Data(values=[{"one": 1.0}])).mark_rule(color=theme.soft).encode(x="one:Q")
    colours = [theme.ketamine, theme.control, theme.control, theme.ssri]
    dots = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, size=38, opacity=0.75)
        .encode(
            x=x,
            y=y,
            yOffset=alt.YOffset("spread:Q", scale=alt.Scale(domain=[-0.7, 0.7])),
            shape=alt.Shape("standing:N", scale=_scale(standings, [SHAPES[each] for each in standings])).legend(
                title=None, orient="top", labelLimit=320, columns=2
            ),
            color=alt.Color(
                "standing:N", scale=_scale(standings, [colours[list(SHAPES).index(each)] for each in standings])
            ),
        )
    )
    title = alt.TitleParams(
        f"Predicted over observed, one dot a published row; shaded: within {WITHIN:g}-fold",
        anchor="start", fontSize=14, color=theme.ink, offset=14,
    )  # fmt: skip
    chart = alt.layer(shaded, exact, dots).properties(
        width=WIDTH, height=ROW * len(lines), background=theme.paper, title=title
    )
    return chart.configure_view(stroke=None).configure(font=SANS, padding=16).to_dict()


def _scale(standings: Sequence[Standing], values: list[str]) -> alt.Scale:
    return alt.Scale(domain=[standing.spoken for standing in standings], range=values)
