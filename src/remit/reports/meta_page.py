"""A meta-analysis in the terminal and as a page that needs no other host."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from remit.reports.analysis_page import Pictures, print_table, wide, write_pictures, write_report
from remit.reports.forest_chart import forest_picture, funnel_picture, split_picture, study_picture
from remit.reports.meta_chart import at_said, course_picture, interval, number
from remit.reports.meta_tables import (
    class_rows,
    consistency_rows,
    consistency_said,
    curve_rows,
    effect_rows,
    league_rows,
    parameter_rows,
    rank_rows,
    split_rows,
)
from remit.reports.picture import figure, list_html
from remit.vocabulary.clock import spoken

Summary = dict[str, Any]
WARNING = (
    "Ranks are uncertain and say nothing of how far apart treatments are: read the effects and their intervals first."
)
KINDS = ("svg", "png", "pdf")


def sentence(summary: Summary) -> str:
    """The answer: which treatments differ most from the reference at the time, and by how much."""
    rows = [each for each in summary["effects"] if not each["reference"]]
    rows.sort(key=lambda each: each["effect"]["median"], reverse=not summary["lower_is_better"])
    level = f"{100 * summary['level']:g} %"
    said = [f"{each['treatment']} {interval(each['effect'])}" for each in rows[:3]]
    more = f"; {len(rows) - 3} more below" if len(rows) > 3 else ""
    beyond = ", beyond the last observed time" if summary["beyond_data"] else ""
    return f"At {at_said(summary)}{beyond}, beside {summary['reference']} ({level} interval): {', '.join(said)}{more}."


def basis(summary: Summary) -> str:
    """What it rests on."""
    people = "people not stated" if summary["people"] is None else f"{summary['people']:,.0f} people"
    quality = summary["quality"]
    return (
        f"{summary['studies']} studies, {people}, {summary['rows']} rows; curve {summary['curve']} "
        f"({summary['assumptions']['effects']} effects, shapes {summary['assumptions']['shapes']}). "
        f"R-hat {quality['rhat']:.3f}, bulk ESS {quality['ess']:,.0f}, {quality['divergences']} divergences "
        f"({quality['sampler']})."
    )


def remarks(summary: Summary) -> list[str]:
    """What a reader must know beside the numbers."""
    found = []
    latest = spoken(summary["latest"] * summary["hours_per_unit"])
    if summary["beyond_data"]:
        found.append(f"{at_said(summary)} lies beyond the last observed time ({latest}): the curve alone says it.")
    if summary["horizon_beyond_data"]:
        found.append(
            f"Eight weeks lie beyond the last observed time ({latest}): times to half and to 90 % of that effect rest "
            "on the curve alone."
        )
    own = summary["heterogeneity"]
    if own is not None:
        said = f"Effects differ between studies by an SD of {interval(own['tau'])} at {at_said(summary)}"
        if own["share"] is not None:
            low, middle, high = (f"{100 * own['share'][key]:.0f}" for key in ("low", "median", "high"))
            said += f"; that is {middle} % ({low} to {high}) of all variance of a typical study's effect"
        found.append(f"{said}.")
    best = summary["curves"][0]
    if best["deviance"] > 1.3 * best["rows"]:
        found.append(
            f"The curve misses rows by more than their errors (residual deviance {best['deviance']:.0f} of "
            f"{best['rows']} rows): try another --curve."
        )
    if best["above"]:
        found.append(f"PSIS-LOO is not to be trusted for {best['above']} rows (Pareto k above 0.7).")
    if summary["splits"] is not None and not summary["splits"]:
        found.append("No comparison has both direct and indirect evidence, so consistency cannot be checked.")
    found += [
        f"Direct and indirect evidence of {each['second']} v {each['first']} disagree "
        f"(probability {each['probability']:.3f})."
        for each in summary["splits"] or []
        if each["probability"] < 0.05
    ]
    if summary["consistency"] is not None:
        found.append(consistency_said(summary["consistency"]))
    test = summary["small_studies"]["egger"]
    if test is not None and test["p"] < 0.1:
        found.append(f"Small studies differ from large ones (Egger's test, p = {test['p']:.2g}).")
    if test is not None and test["few"]:
        found.append(f"Only {test['freedom'] + 2} comparisons: a test of small-study effects has next to no power.")
    found += [f"Curve {name} was left out: {why}" for name, why in summary["failed"].items()]
    return [*found, *(each[:1].upper() + each[1:] + "." for each in summary["notes"])]


def print_page(summary: Summary, console: Console) -> None:
    """The analysis in the terminal, the answer first."""
    console.print(Text(sentence(summary), style="bold"))
    console.print(Text(basis(summary), style="dim"))
    for title, (header, rows) in (
        ("", effect_rows(summary)),
        ("Classes", class_rows(summary)),
        ("Curves", curve_rows(summary)),
        ("Direct and indirect evidence", split_rows(summary)),
        ("Unrelated beside consistent effects", consistency_rows(summary)),
    ):
        if rows and (title != "Curves" or len(rows) > 1):
            print_table(console, title, header, rows)
    for each in remarks(summary):
        console.print(Text(f" - {each}"))


def pictures(summary: Summary) -> Pictures:
    """Name of each picture: its specification, and what it shows in words."""
    found = {
        "courses": (
            course_picture(summary),
            f"Effect of each treatment beside {summary['reference']} over time, with bands.",
        ),
        "forest": (forest_picture(summary), sentence(summary)),
        "studies": (study_picture(summary), "What each study says by itself beside the pooled effects."),
        "funnel": (funnel_picture(summary), "Effects minus that of their comparison against their standard errors."),
        "splits": (split_picture(summary), "Direct beside indirect evidence of each comparison that has both."),
    }
    return {name: (picture, said) for name, (picture, said) in found.items() if picture is not None}


def write_page(summary: Summary, folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write ``report.html`` and every picture; each file whole or not at all.

    Args:
        summary: of an analysis.
        folder: where to.
        kinds: of picture files: ``svg``, ``png``, ``pdf``.

    Returns:
        The files.
    """
    found = pictures(summary)
    files = write_pictures(found, folder, kinds)
    title = f"Meta-analysis of {summary['table']}"
    return [*files, write_report(folder, title, sentence(summary), basis(summary), _sections(summary, found))]


def _sections(summary: Summary, found: Pictures) -> list[str]:
    def drawing(name: str) -> str:
        if name not in found:
            return ""
        picture, said = found[name]
        return figure(picture, name, said)

    parts = [drawing("courses"), "<h2>Effects</h2>", wide(effect_rows(summary)), drawing("forest")]
    if summary["classes"]:
        parts += ["<h2>Classes</h2>", wide(class_rows(summary))]
    parts += ["<h2>What to know</h2>", list_html(remarks(summary))]
    parts += [
        f"<h2>League table: row minus column, at {html.escape(at_said(summary))}</h2>",
        wide(league_rows(summary)),
    ]
    if "studies" in found:
        parts += ["<h2>Study by study</h2>", drawing("studies")]
    if summary["splits"]:
        parts += ["<h2>Direct and indirect evidence</h2>", wide(split_rows(summary)), drawing("splits")]
    if summary["consistency"]:
        said = html.escape(consistency_said(summary["consistency"]))
        parts += ["<h2>Unrelated beside consistent effects</h2>", f"<p>{said}</p>", wide(consistency_rows(summary))]
    if "funnel" in found:
        parts += ["<h2>Small studies</h2>", drawing("funnel")]
    parts += [
        "<h2>Curves</h2>",
        wide(curve_rows(summary)),
        f"<p>{html.escape(summary['curve'])}: {html.escape(summary['curve_means'])}.</p>",
    ]
    parts += ["<h2>Ranks</h2>", f"<p>{WARNING}</p>", wide(rank_rows(summary))]
    parts += ["<h2>Parameters</h2>", wide(parameter_rows(summary))]
    quality = summary["quality"]
    said = [
        f"{name}: {value}"
        for name, value in {**summary["assumptions"], **summary["settings"]}.items()
        if value is not None
    ]
    parts += [
        "<h2>Fit</h2>",
        list_html(
            [
                f"{name}: {number(value) if isinstance(value, float) else value}"
                for name, value in quality.items()
                if value is not None
            ]
        ),
        "<h2>Asked</h2>",
        list_html(said),
    ]
    return [part for part in parts if part]
