"""Forest, funnel and direct-against-indirect pictures of a meta-analysis at one time."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.reports.marks import page_config
from remit.reports.meta_chart import at_said, interval, measured, titled
from remit.reports.palette import SANS, Theme, find_theme

WIDTH, LINE = 430, 26
NARROW_WIDTH, NARROW_NAMES, NARROW_MARGIN = 112, 104, 12
"""Of a telephone: of the plot, of names beside it, and right of the numbers [pixels]."""
SQUARE = 520.0
"""choice: height of funnels [pixels x 1.3]."""
Summary = dict[str, Any]


def rows_chart(rows: list[Summary], theme: Theme, title: str, zero: float = 0.0, *, narrow: bool = False) -> Any:
    """Lines with an estimate, its interval and, where there is one, the interval of a new study; words beside them.

    Each row has ``line``, ``label``, ``said``, ``median``, ``low``, ``high`` and may have ``new_low``, ``new_high``.
    """
    width = NARROW_WIDTH if narrow else WIDTH
    order = [row["line"] for row in rows]
    names = {row["line"]: row["label"] for row in rows}
    ends = [row[key] for row in rows for key in ("low", "high", "new_low", "new_high") if row.get(key) is not None]
    low, high = min([zero, *ends]), max([zero, *ends])
    pad = 0.05 * (high - low or 1.0)
    x = alt.X(
        "median:Q",
        scale=alt.Scale(domain=[low - pad, high + pad], nice=False),
        axis=alt.Axis(title=title, grid=True, gridColor=theme.rule, gridDash=[1, 3], domainColor=theme.soft),
    )
    expression = "''"
    for key, label in names.items():
        safe = label.replace("\\", "\\\\").replace("'", "\\'")
        expression = f"datum.value === '{key}' ? '{safe}' : {expression}"
    y = alt.Y(
        "line:N",
        sort=order,
        axis=alt.Axis(
            title=None,
            labelExpr=expression,
            ticks=False,
            domain=False,
            labelFontSize=12.5,
            labelLimit=NARROW_NAMES if narrow else 330,
            labelColor=theme.ink,
            labelPadding=12,
        ),
    )
    base = alt.Chart(alt.Data(values=rows)).encode(y=y)
    layers = [
        alt.Chart(alt.Data(values=[{"at": zero}])).mark_rule(color=theme.control, strokeDash=[4, 3]).encode(x="at:Q"),
        base.transform_filter("isValid(datum.new_low)")
        .mark_rule(strokeWidth=5, opacity=0.28, color=theme.ketamine)
        .encode(x=alt.X("new_low:Q"), x2="new_high:Q"),
        base.mark_rule(strokeWidth=1.8).encode(x="low:Q", x2="high:Q", color=_hue(theme)),
        base.mark_point(filled=True, opacity=1).encode(
            x=x,
            color=_hue(theme),
            size=alt.Size("size:Q", scale=None, legend=None),
            shape=alt.Shape(
                "kind:N",
                scale=alt.Scale(
                    domain=["study", "pooled", "direct", "indirect"],
                    range=["square", "diamond", "circle", "triangle-up"],
                ),
                legend=None,
            ),
        ),
        base.mark_text(align="left", font=SANS, fontSize=12, color=theme.ink).encode(
            x=alt.value(width + 16), text="said:N"
        ),
    ]
    return alt.layer(*layers).properties(width=width, height=LINE * len(rows))


def _hue(theme: Theme) -> Any:
    return alt.Color(
        "kind:N",
        scale=alt.Scale(
            domain=["study", "pooled", "direct", "indirect"],
            range=[theme.soft, theme.ketamine, theme.ketamine, theme.ssri],
        ),
        legend=None,
    )


def framed(chart: Any, title: str, subtitle: str, theme: Theme, *, narrow: bool = False) -> dict[str, Any]:
    """A chart with its title, and room for the words beside it."""
    found = chart.to_dict()
    config = page_config(theme)
    config["padding"] = {"left": 24, "right": NARROW_MARGIN if narrow else 190, "top": 22, "bottom": 18}
    return {**found, "title": titled([title], subtitle, theme, narrow=narrow), "config": config}


def forest_picture(summary: Summary, theme: str = "light") -> dict[str, Any]:
    """Pooled effects beside the reference at the time, with the interval of a new study."""
    colours = find_theme(theme)
    rows = [
        {
            "line": f"{number:03d}",
            "label": f"{each['treatment']} ({each['studies']} {'study' if each['studies'] == 1 else 'studies'})",
            "said": interval(each["effect"]),
            "kind": "pooled",
            "size": 130,
            **{key: each["effect"][key] for key in ("median", "low", "high")},
            "new_low": each["new_study"]["low"],
            "new_high": each["new_study"]["high"],
        }
        for number, each in enumerate(sorted(summary["effects"], key=lambda each: each["effect"]["median"]))
        if not each["reference"]
    ]
    level = f"{100 * summary['level']:g} %"
    return framed(
        rows_chart(rows, colours, f"{measured(summary)} beside {summary['reference']}"),
        f"Effects beside {summary['reference']} at {at_said(summary)}",
        f"Diamond and thin line: mean effect and its {level} interval. Wide pale line: where the effect of a new study "
        "lies.",
        colours,
    )


def own_interval(study: Summary, z: float) -> Summary:
    """What one study says by itself: its effect with an interval of so many SE to either side."""
    reach = z * study["se"]
    return {"median": study["effect"], "low": study["effect"] - reach, "high": study["effect"] + reach}


def study_line(study: Summary, place: int, sharpest: float, z: float) -> Summary:
    """A line of `rows_chart` for what one study says by itself.

    Args:
        study: with ``study``, ``effect`` and ``se``.
        place: of the line.
        sharpest: 1 / SE^2 of the study that says most, whose square is largest.
        z: half the width of the interval [SE].
    """
    ends = own_interval(study, z)
    size = 25 + 110 / study["se"] ** 2 / sharpest
    return {
        "line": f"{place:03d}", "label": study["study"], "kind": "study", "size": size, "said": interval(ends), **ends,
    }  # fmt: skip


def study_picture(summary: Summary, theme: str = "light", most: int = 60) -> dict[str, Any] | None:
    """What each study says by itself, and the pooled effect of each comparison; None where there are too many."""
    own = summary["study_effects"]
    if not own or len(own) > most:
        return None
    colours = find_theme(theme)
    league = {(each["row"], each["column"]): each for each in summary["league"]}
    rows: list[Summary] = []
    z = 1.959964 if summary["level"] == 0.95 else _reach(summary["level"])
    sharpest = max(1 / each["se"] ** 2 for each in own)
    for pair in sorted({(each["versus"], each["treatment"]) for each in own}):
        for each in sorted((e for e in own if (e["versus"], e["treatment"]) == pair), key=lambda e: e["effect"]):
            rows.append(study_line(each, len(rows), sharpest, z))
        pooled = league[pair[1], pair[0]]
        rows.append(
            {
                "line": f"{len(rows):03d}",
                "label": f"{pair[1]} v {pair[0]}, all evidence",
                "kind": "pooled",
                "size": 150,
                "said": interval(pooled),
                **{key: pooled[key] for key in ("median", "low", "high")},
            }
        )
    return framed(
        rows_chart(rows, colours, measured(summary)),
        f"Study by study at {at_said(summary)}",
        "Square: what a study says by itself, given the shape all studies share. Diamond: the network's estimate of "
        "that comparison, direct and indirect evidence together.",
        colours,
    )


def _reach(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)


def split_picture(summary: Summary, theme: str = "light") -> dict[str, Any] | None:
    """Direct beside indirect evidence; None where nothing was split."""
    if not summary["splits"]:
        return None
    colours = find_theme(theme)
    rows: list[Summary] = []
    for each in summary["splits"]:
        for kind in ("direct", "indirect"):
            rows.append(
                {
                    "line": f"{len(rows):03d}",
                    "kind": kind,
                    "size": 90,
                    **each[kind],
                    "said": interval(each[kind]),
                    "label": f"{each['second']} v {each['first']}: {kind}" if kind == "direct" else kind,
                }
            )
    return framed(
        rows_chart(rows, colours, measured(summary)),
        f"Direct against indirect evidence at {at_said(summary)}",
        "Circle: studies that compare the two. Triangle: all other studies. Where they lie apart, the network is "
        "inconsistent.",
        colours,
    )


def funnel_picture(summary: Summary, theme: str = "light") -> dict[str, Any] | None:
    """Effects minus that of their comparison, against their standard errors; None without studies."""
    found = summary["small_studies"]["points"]
    if not found:
        return None
    colours = find_theme(theme)
    most = 1.06 * max(each["se"] for each in found)
    z = _reach(summary["level"])
    wide = 1.08 * max([z * most, *(abs(each["away"]) for each in found)])
    edge = [{"se": 0.0, "low": 0.0, "high": 0.0}, {"se": most, "low": -z * most, "high": z * most}]
    y = alt.Y(
        "se:Q",
        scale=alt.Scale(domain=[most, 0], nice=False),
        axis=alt.Axis(title="standard error", grid=False, domainColor=colours.soft),
    )
    x = alt.X(
        "away:Q",
        scale=alt.Scale(domain=[-wide, wide], nice=False),
        axis=alt.Axis(title="effect minus the pooled effect of its comparison", grid=False, domainColor=colours.soft),
    )
    inside = (
        alt.Chart(alt.Data(values=edge))
        .mark_area(color=colours.shade, orient="horizontal")
        .encode(y=y, x=alt.X("low:Q"), x2="high:Q")
    )
    middle = (
        alt.Chart(alt.Data(values=[{"at": 0.0}])).mark_rule(color=colours.control, strokeDash=[4, 3]).encode(x="at:Q")
    )
    dots = (
        alt.Chart(alt.Data(values=found))
        .mark_point(filled=True, size=48, opacity=0.75, color=colours.ketamine)
        .encode(x=x, y=y)
    )
    test = summary["small_studies"]["egger"]
    said = (
        "Too few comparisons for a test."
        if test is None
        else (
            f"Egger's regression: intercept {test['intercept']:.2g} (SE {test['se']:.2g}), p = {test['p']:.2g}"
            + (f"; only {test['freedom'] + 2} comparisons, the test has next to no power." if test["few"] else ".")
        )
    )
    chart = alt.layer(inside, middle, dots).properties(width=WIDTH, height=SQUARE / 1.6)
    whole = framed(
        chart,
        f"Do small studies differ? ({at_said(summary)})",
        f"{said} Shaded: where points lie if only chance parts them.",
        colours,
    )
    whole["config"]["padding"]["right"] = 24
    return whole
