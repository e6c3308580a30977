"""What changed in the evidence and in the answers, as a page of text."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.text import Text

from remit.reports.text_page import bullets, titled_table
from remit.reports.without_page import UNITS, cell, signed

COLUMNS = 110
SHOWN = 12
"""Rows of a table that the page lists; JSON has all of them."""
LONGEST = 150
Found = dict[str, Any]


def print_page(found: Found, console: Console) -> None:
    """Print the changes.

    Args:
        found: rows, posterior, and the state of the answers before and after.
        console: where to; its width is respected.
    """
    rows = found["rows"]
    console.print(Text(f"The evidence since {found['revision']}: {counted(rows)}.", style="bold"))
    console.print()
    for table in dict.fromkeys(each["table"] for each in rows):
        mine = [each for each in rows if each["table"] == table]
        lines = [line_of(each) for each in mine[:SHOWN]]
        if len(mine) > SHOWN:
            lines.append(f"and {len(mine) - SHOWN} more: add --json")
        bullets(console, f"{table}: {counted(mine)}", lines)
    bullets(console, "The answers", answer_lines(found))
    before, after = found["before"], found["after"]
    if before and after and before["numbers"] and after["numbers"]:
        table = titled_table("Main numbers (90 % interval)", "", "unit", "before", "now", "moves")
        table.columns[0].no_wrap = False
        for name, now in after["numbers"].items():
            was = before["numbers"][name]
            moved = signed(now["value"] - was["value"])
            table.add_row(now["said"], UNITS.get(now["unit"], now["unit"]), cell(was), cell(now), moved)
        console.print(table)


def counted(rows: list[Found]) -> str:
    """How many rows were added, removed and changed."""
    counts = Counter(each["kind"] for each in rows)
    return (
        ", ".join(f"{counts[kind]} {kind}" for kind in ("added", "removed", "changed") if counts[kind]) or "no change"
    )


def line_of(row: Found) -> str:
    """One change in a line."""
    name = f"{row['file']}: {row['row']}" if row["row"] else row["file"]
    name = name if len(name) <= LONGEST else f"{name[:LONGEST]} ..."
    if row["kind"] != "changed":
        return f"{row['kind']}: {name}"
    told = "; ".join(
        f"{column} {row['before'][column] or 'blank'} -> {row['after'][column] or 'blank'}" for column in row["after"]
    )
    return f"changed: {name}: {told if len(told) <= LONGEST else f'{told[:LONGEST]} ...'}"


def answer_lines(found: Found) -> list[str]:
    """What became of the answers, a line each."""
    lines = [found["posterior"]]
    for side, said in (("before", "before"), ("after", "now")):
        here = found[side]
        if here and here["stale"]:
            lines.append(f"Stale {said}: {here['stale']}")
        if here and here["claims_note"]:
            lines.append(f"Claims {said}: {here['claims_note']}")
        if here and here["claims_fault"]:
            lines.append(f"No verdicts {said}: {here['claims_fault']}")
    before, after = found["before"], found["after"]
    if before and after and before["claims"] and after["claims"]:
        turned = [
            f"{name}: {before['claims'].get(name, 'not asked')}, now {after['claims'].get(name, 'not asked')}"
            for name in {**before["claims"], **after["claims"]}
            if before["claims"].get(name) != after["claims"].get(name)
        ]
        lines += turned or ["No verdict of a claim changed."]
    return lines
