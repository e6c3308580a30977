"""The answer to "by which route" as a page of text: 100 columns, readable without colour."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from remit.reports.description import cell
from remit.reports.how_long_page import finding_lines
from remit.reports.text_page import bullets, closing, opening, titled_table
from remit.vocabulary.clock import spoken

COLUMNS = 100
Table = tuple[list[str], list[list[str]]]
NOT_HERE = "not in the collected evidence"
SPREAD = {"published": "", "assumed absorption": "*", "none published": "**"}


def print_page(answer: dict[str, Any], console: Console) -> None:
    """Print an answer.

    Args:
        answer: `Answer.as_dict()`.
        console: where to; its width is respected.
    """
    detail = answer["detail"]
    level = f"{100 * detail['level']:g}"
    opening(console, answer)
    for title, (header, rows) in (
        (f"Concentration after {detail['same_dose']} ({level} of 100 people between)", exposure_table(detail)),
        ("How far people differ, and how much arrives", spread_table(detail)),
        (f"Predicted: responders of 100 after {detail['same_dose']} ({level} % interval)", response_table(detail)),
        (f"Predicted at the dose most studies of the route gave ({level} % interval)", published_table(detail)),
        ("Observed: collected studies by route", studied_table(detail)),
    ):
        table = titled_table(title, *header)
        for row in rows:
            table.add_row(*row)
        console.print(table)
        if rows is not None and header[-1] == "sampling site":
            console.print(Text("Levels of different sampling sites are not to be compared.", style="dim"))
        if header[-1] == "share that arrives":
            console.print(
                Text("*: holds what is not known of an assumed absorption. **: no spread is published.", style="dim")
            )
        console.print()
    bullets(console, "Published about routes", [*finding_lines(detail["findings"]), compared_line(detail)])
    closing(console, answer, f"{detail['people']} virtual people a route, {detail['draws']} draws", "by-route.svg")


def _between(values: dict[str, float], digits: str = ".0f") -> str:
    return f"{values['typical']:{digits}} ({values['low']:{digits}} to {values['high']:{digits}})"


def exposure_table(detail: dict[str, Any]) -> Table:
    """Peak, its time and area by route, as words: header and rows."""
    header = ["", "time to peak, min", "peak, ng/mL", "area, ng h/mL", "sampling site"]
    rows = [
        [row["label"], _between(row["same_dose"]["tmax_min"]), _between(row["same_dose"]["cmax_ng_per_ml"]),
         _between(row["same_dose"]["auc_ng_h_per_ml"]), row["sampling_site"].replace("_", " ")]
        for row in detail["routes"]
    ]  # fmt: skip
    return header, rows


def spread_table(detail: dict[str, Any]) -> Table:
    """Coefficients of variation and availability by route, as words: header and rows."""
    header = ["", "SD of the peak,\n% of its mean", "SD of the area,\n% of its mean", "share that arrives"]
    rows = []
    for row in detail["routes"]:
        mark = SPREAD[row["spread_is"]]
        rows.append([
            row["label"], f"{100 * row['same_dose']['cmax_ng_per_ml']['cv']:.0f} %{mark}",
            f"{100 * row['same_dose']['auc_ng_h_per_ml']['cv']:.0f} %{mark}", arrives(row["availability"]),
        ])  # fmt: skip
    return header, rows


def arrives(found: dict[str, Any]) -> str:
    """Availability in words: ``31 % (20 to 45, assumed)``."""
    if found["low"] is None:
        return f"{100 * found['fraction']:.0f} % ({found['how']})"
    return f"{100 * found['fraction']:.0f} % ({100 * found['low']:.0f} to {100 * found['high']:.0f}, {found['how']})"


def _looks(row: dict[str, Any]) -> list[str]:
    return [cell(look) for look in row["response"]]


def response_table(detail: dict[str, Any]) -> Table:
    """Predicted responders at the same dose by route, as words: header and rows."""
    first = detail["routes"][0]["same_dose"]["response"]
    header = ["", *(spoken(look["time_h"]) for look in first), "drug adds at 24 h"]
    rows = [
        [row["label"], *_looks(row["same_dose"]), cell(row["same_dose"]["response"][1]["drug"])]
        for row in detail["routes"]
    ]
    bare = [cell(look["control"]) for look in first]
    return header, [*rows, ["masked session without it", *bare, ""]]


def published_table(detail: dict[str, Any]) -> Table:
    """Predicted responders at the commonest published dose by route, as words: header and rows."""
    first = detail["routes"][0]["same_dose"]["response"]
    header = ["dose of most studies", "studies", *(spoken(look["time_h"]) for look in first)]
    rows = []
    for row in detail["routes"]:
        its = row["published_dose"]
        if its is None:
            rows.append([f"{row['label']}: no dose stated", "-", *["-"] * len(first)])
        else:
            rows.append([its["dose"], str(its["studies"]), *_looks(its)])
    return header, rows


def studied_table(detail: dict[str, Any]) -> Table:
    """Collected studies and people by route, as words: header and rows."""
    header = ["", "in use for anxiety,\nPTSD, OCD", "anxiety rated,\nnot in use", "about other\nthings"]
    rows = [
        [row["label"], *(counted(row["studied"][kind]) for kind in ("in_use", "rated_anxiety", "other"))]
        for row in detail["routes"]
    ]
    return header, rows


def counted(found: dict[str, Any]) -> str:
    """Studies and people in words: ``5 studies, 61 people``."""
    count = len(found["studies"])
    if not count:
        return NOT_HERE
    people = f", {found['people']:,} people" if found["people"] else ""
    return f"{count} {'study' if count == 1 else 'studies'}{people}"


def compared_line(detail: dict[str, Any]) -> str:
    """Studies that gave more than one route, in words."""
    met = detail["compared_in_trials"]
    if not met:
        return "Studies that gave more than one route: not in the collected evidence."
    return f"Studies of any condition that gave more than one route: {', '.join(met)}."
