"""The answer to "compared with what" as a page of text: 100 columns, readable without colour."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from remit.answers.versus import signed
from remit.reports.signs import minus
from remit.reports.text_page import bullets, closing, opening, titled_table
from remit.reports.versus_chart import difference, studied
from remit.vocabulary.clock import days, spoken, weeks

COLUMNS = 100
SHOWN_H = (days(1.0), weeks(1.0), weeks(4.0), weeks(8.0))
"""Times with a column of their own [h]; the JSON has more."""
DIFFERENCES_H = (days(1.0), weeks(1.0), weeks(8.0))
CHANCE = "% of draws"


def print_page(answer: dict[str, Any], console: Console) -> None:
    """Print an answer.

    Args:
        answer: `Answer.as_dict()`.
        console: where to; its width is respected.
    """
    detail = answer["detail"]
    level, drug, scale = f"{100 * detail['level']:g} %", detail["regimen"]["drug"], detail["scale"]
    opening(console, answer)
    found = titled_table(
        f"{scale['name']} total of the typical person, from {scale['baseline_points']:g} ({level} interval)",
        "", *(spoken(time) for time in SHOWN_H),
    )  # fmt: skip
    for label, at in [
        (drug, detail["ketamine"]["at"]),
        *((control["label"], control["at"]) for control in detail["controls"]),
        *((row["label"], row["at"]) for row in detail["treatments"]),
    ]:
        found.add_row(label, *(f"{x['total']:.0f} ({x['low']:.0f} to {x['high']:.0f})" for x in _shown(at)))
    console.print(found)
    console.print()
    found = titled_table(
        f"How far {drug} lies below (−) or above (+) each, points ({level} interval)",
        "", *(spoken(time) for time in DIFFERENCES_H),
    )  # fmt: skip
    for row in detail["treatments"]:
        looks = [look for time in DIFFERENCES_H for look in row["at"] if look["time_h"] == time]
        found.add_row(row["label"], *(difference(look) for look in looks))
    console.print(found)
    console.print()
    found = titled_table(
        f"How far each takes people beyond its own control arm, points ({level} interval)",
        "", *(spoken(time) for time in DIFFERENCES_H),
    )  # fmt: skip
    for label, held in [(drug, detail["ketamine"]), *((row["label"], row) for row in detail["treatments"])]:
        looks = [look for time in DIFFERENCES_H for look in held["beyond_control"] if look["time_h"] == time]
        found.add_row(
            label, *(minus(f"{signed(x['total'])} ({signed(x['low'])} to {signed(x['high'])})") for x in looks)
        )
    console.print(found)
    console.print()
    found = titled_table(
        "When each works, and when it becomes the lower one for good, days (90 % interval)",
        "", "half of its\nown effect", "nine tenths\nof it", f"below {drug}\nfrom", f"never by 8 weeks,\n{CHANCE}",
    )  # fmt: skip
    for row in detail["treatments"]:
        crossing, own = row["crossing_h"], row["own"]
        found.add_row(
            row["label"],
            "-" if own is None else _times(own["half_h"]),
            "-" if own is None else _times(own["nine_tenths_h"]),
            "-" if crossing is None else _times(crossing),
            f"{row['still_lower_at_8_weeks_percent']:.0f} %",
        )
    console.print(found)
    known = "; ".join(f"{row['label']} {studied(row)}" for row in detail["treatments"])
    bullets(console, "Known from", [f"{known}."])
    console.print(Text("% of draws of the posterior: how sure the model is, not how many people.", style="dim"))
    console.print()
    closing(console, answer, f"{detail['draws']} draws", "versus.svg")


def _shown(at: list[dict[str, float]]) -> list[dict[str, float]]:
    return [look for time in SHOWN_H for look in at if look["time_h"] == time]


def _times(found: dict[str, float]) -> str:
    return f"{_days(found['value'])} ({_days(found['low'])} to {_days(found['high'])})"


def _days(hours: float) -> str:
    value = hours / days(1.0)
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"
