"""A meta-analysis of one time in the terminal and as a page."""

from __future__ import annotations

import html
import json
import math
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from remit.reports.analysis_page import print_table, wide, write_pictures, write_report
from remit.reports.forest_chart import framed, own_interval, rows_chart, study_line
from remit.reports.meta_chart import interval, number
from remit.reports.palette import find_theme
from remit.reports.picture import figure, list_html, write_whole

Summary = dict[str, Any]
Z = 1.959964
"""Half of what an interval of 95 % spans [SE]: that of every study, whatever the level of the pooled effect."""
NAMES = {
    "RR": "log risk ratio",
    "OR": "log odds ratio",
    "RD": "risk difference",
    "MD": "mean difference",
    "SMD": "standardised mean difference",
}


def _three(each: Summary) -> str:
    return interval({"median": each["estimate"], "low": each["low"], "high": each["high"]})


def answer(summary: Summary) -> str:
    """The pooled effect in one sentence."""
    level = f"{100 * summary['level']:g} % interval"
    what = NAMES[summary["measure"]]
    if summary["kind"] == "pairwise":
        found = summary["pooled"]
        ratio = ""
        if summary["log"]:
            said = {
                "estimate": math.exp(found["estimate"]),
                "low": math.exp(found["low"]),
                "high": math.exp(found["high"]),
            }
            ratio = f", a ratio of {_three(said)}"
        return f"{summary['treatment']} beside {summary['reference']}: {what} {_three(found)} ({level}){ratio}."
    cells = [each for each in summary["league"] if each["column"] == summary["reference"]]
    cells.sort(key=lambda each: each["median"], reverse=not summary["lower_is_better"])
    said = ", ".join(f"{each['row']} {interval(each)}" for each in cells[:3])
    more = f"; {len(cells) - 3} more below" if len(cells) > 3 else ""
    return f"Beside {summary['reference']}, {what} ({level}): {said}{more}."


def facts(summary: Summary) -> list[str]:
    """What stands beside the pooled effect."""
    found = [f"{summary['studies']} studies, {summary['table']}."]
    if summary["kind"] == "pairwise":
        p = summary["pooled"]
        found.append(
            f"tau² {number(p['tau2'])} ({p['method']}), tau {number(p['tau2'] ** 0.5)}, I² {p['i2']:.1f} %, "
            f"H² {p['h2']:.2f}; Q {p['q']:.2f}, p {_p(p['q_p'])}."
        )
        if p["prediction_low"] is not None:
            found.append(
                f"A new study's effect lies between {number(p['prediction_low'])} and {number(p['prediction_high'])}."
            )
    else:
        found.append(
            f"tau² {number(summary['tau2'])} ({summary['method']}), tau {number(summary['tau2'] ** 0.5)}; "
            f"Q {summary['q']:.2f} on {summary['q_freedom']} degrees of freedom."
        )
        found += [
            f"{each['second']} v {each['first']}: direct {number(each['direct'])}, "
            f"indirect {number(each['indirect'])}, "
            f"p {_p(each['p'])}."
            for each in summary["splits"]
        ]
    test = summary["egger"]
    if test is not None:
        few = "; too few comparisons for it to have power" if test["few"] else ""
        found.append(
            f"Small studies (Egger): intercept {number(test['intercept'])} (SE {number(test['se'])}), "
            f"p {_p(test['p'])}{few}."
        )
    return [*found, *(each[:1].upper() + each[1:] + "." for each in summary["notes"])]


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def tables(summary: Summary) -> list[tuple[str, list[str], list[list[str]]]]:
    """Title, header and rows of every table."""
    studies = [
        [
            each["study"],
            f"{each['treatment']} v {each['versus']}",
            interval(own_interval(each, Z)),
        ]
        for each in summary["study_effects"]
    ]
    found = [("Study by study (95 % intervals)", ["study", "comparison", NAMES[summary["measure"]]], studies)]
    if summary["kind"] == "network":
        order = sorted(summary["scores"], key=lambda name: -summary["scores"][name])
        cells = {(each["row"], each["column"]): interval(each) for each in summary["league"]}
        rows = [[one, *(cells.get((one, two), "") for two in order)] for one in order]
        scores = [[name, f"{summary['scores'][name]:.2f}"] for name in order]
        found = [
            ("League table: row minus column", ["", *order], rows),
            ("P-scores (uncertain: read the effects first)", ["treatment", "P-score"], scores),
            *found,
        ]
    return found


def print_classic(summary: Summary, console: Console) -> None:
    """The analysis in the terminal, the answer first."""
    console.print(Text(answer(summary), style="bold"))
    for each in facts(summary):
        console.print(Text(f" - {each}"))
    for title, header, rows in tables(summary):
        print_table(console, title, header, rows)


def forest(summary: Summary, theme_name: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """Forest picture: studies and the pooled effect, or a network's effects beside the reference."""
    theme = find_theme(theme_name)
    rows: list[Summary] = []
    sharpest = max(1 / each["se"] ** 2 for each in summary["study_effects"])
    if summary["kind"] == "pairwise":
        rows += [study_line(each, place, sharpest, Z) for place, each in enumerate(summary["study_effects"])]
        found = summary["pooled"]
        rows.append(
            {
                "line": f"{len(rows):03d}",
                "label": f"pooled ({found['method']})",
                "kind": "pooled",
                "size": 150,
                "median": found["estimate"],
                "low": found["low"],
                "high": found["high"],
                "said": _three(found),
                "new_low": found["prediction_low"],
                "new_high": found["prediction_high"],
            }
        )
    else:
        for each in sorted(
            (cell for cell in summary["league"] if cell["column"] == summary["reference"]),
            key=lambda cell: cell["median"],
        ):
            rows.append(
                {
                    "line": f"{len(rows):03d}",
                    "label": each["row"],
                    "kind": "pooled",
                    "size": 130,
                    "said": interval(each),
                    **{key: each[key] for key in ("median", "low", "high", "new_low", "new_high")},
                }
            )
    return framed(
        rows_chart(rows, theme, NAMES[summary["measure"]], narrow=narrow),
        f"Effects beside {summary['reference']}",
        "Square: a study. Diamond: pooled. Wide pale line: where the effect of a new study lies.",
        theme,
        narrow=narrow,
    )


def write_classic(summary: Summary, folder: Path, kinds: tuple[str, ...]) -> None:
    """Write ``summary.json``, ``report.html`` and the forest picture; each whole or not at all."""
    from remit.inference.network.record import plain

    picture = forest(summary)
    write_pictures({"forest": (picture, answer(summary))}, folder, kinds)
    parts = [figure(picture, "forest", answer(summary)), list_html(facts(summary))]
    parts += [f"<h2>{html.escape(title)}</h2>{wide((header, rows))}" for title, header, rows in tables(summary)]
    write_report(folder, f"Meta-analysis of {summary['table']}", answer(summary), "", parts)
    write_whole(
        (json.dumps(plain(summary), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode(),
        folder / "summary.json",
    )
