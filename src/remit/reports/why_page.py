"""The answer to "why" as a page of text: 100 columns, readable without colour."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remit.reports.description import cell
from remit.reports.signs import minus
from remit.reports.text_page import bullets, closing, opening, titled_table
from remit.vocabulary.clock import days, spoken

COLUMNS = 100
Table = tuple[list[str], list[list[str]]]
SHOWN_H = (2 / 3, 2.0, 6.0, days(1.0), days(3.0), days(7.0), days(14.0), days(28.0))
"""Times of the table of the chain [h]."""


def print_page(answer: dict[str, Any], console: Console) -> None:
    """Print an answer.

    Args:
        answer: `Answer.as_dict()`.
        console: where to; its width is respected.
    """
    detail = answer["detail"]
    level = f"{100 * detail['level']:g} %"
    opening(console, answer)
    console.print(Text("The chain, link by link", style="bold"))
    for link in detail["links"]:
        console.print(Padding(Text(f"{link['start']} -> {link['end']}: {link['standing_spoken']}"), (0, 0, 0, 1)))
        for line in (link["statement"], link["gap"], f"From: {', '.join(link['sources'])}."):
            console.print(Padding(Text(line, style="dim"), (0, 0, 0, 5)))
    console.print()
    site = detail["chain"]["plasma"]["sampling_site"].replace("_", " ")
    for title, (header, rows) in (
        (f"The chain over time (typical person; {level} of people, or {level} interval)", chain_table(detail)),
        ("Moved alone to the ends of its range, without a refit: responders of 100", moved_table(detail)),
    ):
        table = titled_table(title, *header)
        for row in rows:
            table.add_row(*row)
        console.print(table)
        if rows and header[1].startswith("plasma"):
            console.print(
                Text(f"Sampling site of the plasma model: {site}. Bands of plasma and receptor block are people; those "
                     "of the others are what is not known of the typical person.", style="dim")
            )  # fmt: skip
        console.print()
    bullets(console, "Assumptions that were not moved", not_moved_lines(detail))
    closing(console, answer, f"{detail['draws']} draws", "why.svg")


def _between(course: dict[str, Any], place: int, digits: str = ".0f") -> str:
    of = "people" if "people_low" in course else "typical"
    values = [course[name][place] for name in ("typical", f"{of}_low", f"{of}_high")]
    # a level that has all but gone is not none
    if digits == ".0f" and values[2] < 0.5:
        return "below 1"
    return f"{values[0]:{digits}} ({values[1]:{digits}} to {values[2]:{digits}})"


def chain_table(detail: dict[str, Any]) -> Table:
    """Every step of the chain at the times people ask about, as words: header and rows."""
    steps, scale = detail["chain"], detail["scale"]["name"]
    times = steps["time_h"]
    header = ["time", "plasma, ng/mL", "receptor block, %", "plasticity, %", f"{scale}", "without the drug"]
    rows = []
    for wanted in SHOWN_H:
        if wanted > times[-1]:
            continue
        place = min(range(len(times)), key=lambda index, wanted=wanted: abs(times[index] - wanted))
        rows.append([
            spoken(wanted),
            *(_between(steps[name], place) for name in ("plasma", "receptor_block", "plasticity")),
            _between(steps["symptoms"], place, ".1f"), f"{steps['symptoms_without']['typical'][place]:.1f}",
        ])  # fmt: skip
    return header, rows


def moved_table(detail: dict[str, Any]) -> Table:
    """The response with each assumption moved, as words: header and rows."""
    usual = detail["sensitivity"]["as_it_is"]
    header = ["assumption", "set to", "at 24 h", "change", "at 7 d", "change"]
    if len(usual) == 2 and len(detail["regimen"]["dose_times_h"]) > 1:
        header = ["assumption", "set to", "1 d after last", "change", "7 d after last", "change"]
    rows = [["as it is", "", cell(usual[0]), "", cell(usual[1]), ""]]
    for row in detail["sensitivity"]["moved"]:
        for number, end in enumerate(row["ends"]):
            name = row["name"] if number == 0 else ""
            rows.append([
                name, f"{end['value']:g} {row['unit']}",
                *(text for look in end["at"] for text in (cell(look), _change(look["change_percent"]))),
            ])  # fmt: skip
    return header, rows


def _change(percent: float) -> str:
    return "none" if abs(percent) < 0.05 else minus(f"{percent:+.1f}")


def not_moved_lines(detail: dict[str, Any]) -> list[str]:
    """Assumptions that could not be moved, with the reason, one a line."""
    return [f"{row['statement']} {row['reason']}" for row in detail["sensitivity"]["not_moved"]]


def link_rows(detail: dict[str, Any]) -> Table:
    """The links with their standing and sources, as words: header and rows."""
    header = ["link", "standing", "what is taken to be so", "what nobody knows", "from"]
    rows = [
        [f"{link['start']} → {link['end']}", link["standing_spoken"], link["statement"], link["gap"],
         ", ".join(link["sources"])]
        for link in detail["links"]
    ]  # fmt: skip
    return header, rows
