"""The answer to "how fast" as a page of text: 100 columns, readable without colour."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from remit.reports.description import NAMES, cell
from remit.reports.text_page import bullets, closing, opening, titled_table
from remit.vocabulary.clock import spoken

COLUMNS = 100
EVENTS = ("change", "response", "remission")


def print_page(answer: dict[str, Any], console: Console) -> None:
    """Print an answer.

    Args:
        answer: `Answer.as_dict()`.
        console: where to; its width is respected.
    """
    detail = answer["detail"]
    level = f"{100 * detail['level']:g} %"
    drug = detail["regimen"]["drug"]
    opening(console, answer)
    scale = detail["scale"]
    console.print(
        Text(
            f"{scale['name']} {scale['low']} to {scale['high']}, from a baseline of {scale['baseline_points']:g} "
            f"({scale['baseline_how']}). Counted as: {_cuts(scale)}.",
            style="dim",
        )
    )
    console.print()
    console.print(_chances(detail, level))
    console.print(
        Text(
            '"at": a rating at that time counts. "by": a rating at the best moment so far would have counted.',
            style="dim",
        )
    )
    console.print()
    console.print(_drug_part(detail, level, drug))
    console.print()
    _speed(console, detail, level)
    console.print(_compared(detail, level, drug))
    console.print()
    console.print(_session(detail, level))
    session = detail["session"]
    console.print(
        Text(f"Model {session['model']}; sampling site: {session['sampling_site'].replace('_', ' ')}.", style="dim")
    )
    console.print()
    counts = f"{detail['people']} virtual people under {detail['draws']} draws"
    closing(console, answer, counts, "answer.svg")


def _cuts(scale: dict[str, Any]) -> str:
    known = [
        f"{NAMES[event]} {scale['cut_points'][event]:g} or less" for event in EVENTS if event in scale["cut_points"]
    ]
    return "; ".join([*known, *(f"{NAMES[event]} {why}" for event, why in scale["no_cut"].items())])


def _chances(detail: dict[str, Any], level: str) -> Table:
    known = [event for event in EVENTS if event in detail["scale"]["cut_points"]]
    names = {"change": "change that\nmatters", "response": "response", "remission": "remission"}
    columns = [f"{names[event]}, {when}" for event in known for when in ("at", "by")]
    table = titled_table(f"Of 100 people (with {level} interval)", "time", *columns)
    for row in detail["horizons"]:
        table.add_row(row["label"], *(cell(row[event][when]) for event in known for when in ("at", "by")))
    return table


def _drug_part(detail: dict[str, Any], level: str, drug: str) -> Table:
    columns = [f"{name}, {when}" for when in ("at", "by") for name in (drug, "without", "drug adds")]
    table = titled_table(
        f"Response: the drug beside a masked session without it, of 100 people ({level} interval)", "time", *columns
    )
    for row in detail["horizons"]:
        found = row["response"]
        keys = [f"{prefix}{when}" for when in ("at", "by") for prefix in ("", "control_", "drug_")]
        table.add_row(row["label"], *(cell(found[key]) for key in keys))
    return table


def _speed(console: Console, detail: dict[str, Any], level: str) -> None:
    speed, lasting = detail["time_to_response"], detail["lasting"]
    median, never = speed["median_h"], speed["never"]
    half, people = lasting["half_life_d"], lasting["half_life_people_d"]
    when = [brief_hours(median[end]) for end in ("value", "low", "high")]
    lines = [
        f"Half of those who respond within {speed['within_d']:.0f} days have done so by {when[0]} ({when[1]} to "
        f"{when[2]}); {never['value']:.0f} of 100 ({never['low']:.0f} to {never['high']:.0f}) do not respond by then.",
        f"Once the drug is gone, half of what it gave is lost in {half['value']:.1f} days ({half['low']:.1f} to "
        f"{half['high']:.1f}) in the typical person; in nine of ten people between {people['p05']:.1f} and "
        f"{people['p95']:.1f}.",
    ]
    kept = lasting["still_responding"]
    told = ", ".join(f"{cell(kept[f'{day}_d_after_last'])} at {day} days" for day in (7, 14, 28))
    lines.append(f"Of 100 who respond a day after the last session, still responding after it: {told}.")
    openly = detail["open_studies"]
    if openly:
        found = openly["response_at"]
        lines.append(
            "Not the answer, for comparison: studies in which everybody knew what was given would report "
            f"{cell(found['1_d'])} responders of 100 at one day and {cell(found['7_d'])} at one week."
        )
    bullets(console, f"How fast, and for how long ({level} interval)", lines)


def brief_hours(hours: float) -> str:
    """A length of time with the digits that a person would say.

    Args:
        hours: its length [h].
    """
    return spoken(round(hours, 1) if hours < 10 else round(hours) if hours < 48 else round(hours / 24.0, 1) * 24.0)


def _compared(detail: dict[str, Any], level: str, drug: str) -> Table:
    """Totals of the typical person under each treatment."""
    course = detail["course"]
    others = [("masked session without the drug", detail["control"])]
    others += [(f"{each['label']}, daily", each) for each in detail["comparators"]]
    wanted = [hours for hours in (24.0, 168.0, 672.0, 1344.0) if hours <= course["time_h"][-1]]
    table = titled_table(
        f"{detail['scale']['name']} total of the typical person ({level} interval)",
        "",
        *(spoken(hours) for hours in wanted),
    )
    for name, found in [(drug, course), *others]:
        places = [
            min(range(len(found["time_h"])), key=lambda i, at=hours: abs(found["time_h"][i] - at)) for hours in wanted
        ]
        table.add_row(
            name,
            *(
                f"{found['typical'][i]:.0f} ({found['typical_low'][i]:.0f} to {found['typical_high'][i]:.0f})"
                for i in places
            ),
        )
    return table


def _session(detail: dict[str, Any], level: str) -> Table:
    session = detail["session"]
    plasma, fall = session["plasma_ng_per_ml"], session["acute_fall_percent"]
    table = titled_table(
        "One session by the minute",
        "minute",
        f"{session['analyte']} in plasma, ng/mL\n({level} of people)",
        f"acute fall of anxiety, %\n({level} interval)",
        f"in people, %\n({level} of people)",
    )
    for minute in session["table_min"]:
        i = session["time_min"].index(minute)
        table.add_row(
            str(minute),
            f"{plasma['typical'][i]:.0f} ({plasma['people_low'][i]:.0f} to {plasma['people_high'][i]:.0f})",
            f"{fall['typical'][i]:.0f} ({fall['typical_low'][i]:.0f} to {fall['typical_high'][i]:.0f})",
            f"{fall['people_low'][i]:.0f} to {fall['people_high'][i]:.0f}",
        )
    return table
