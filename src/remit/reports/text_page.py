"""Parts of a page of text that answers share: tables, lists, and what an answer rests on."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def titled_table(title: str, *columns: str) -> Table:
    """A table whose first column names its rows."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False
    )
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right", no_wrap=index == 0)
    return table


def opening(console: Console, answer: dict[str, Any]) -> None:
    """Print what was asked, where it goes beyond the evidence, and then the answer in words: no number before that."""
    console.print(Text(answer["question"], style="dim"))
    console.print()
    bullets(console, "Beyond the evidence", answer["extrapolations"], style="yellow")
    console.print(Padding(Text(answer["sentence"], style="bold"), (0, 2)))
    console.print()


def closing(console: Console, answer: dict[str, Any], counts: str, picture: str) -> None:
    """Print what an answer rests on, what was assumed, what to beware of, and what made it.

    Args:
        console: where to.
        answer: `Answer.as_dict()`.
        counts: how many people and draws, in words; may be empty.
        picture: name of a picture to ask for.
    """
    rests(console, answer)
    bullets(console, "Assumed", answer["assumptions"].values())
    bullets(console, "Beware", answer["caveats"])
    made = f"remit {answer['version']}, evidence {answer['evidence_hash'][:12]}, seed {answer['seed']}"
    told = f", {counts}" if counts else ""
    console.print(
        Text(f"{made}{told}. Picture: add --chart {picture} (or .png, .pdf, .html). Numbers: add --json.", style="dim")
    )


def rests(console: Console, answer: dict[str, Any]) -> None:
    """Print what an answer rests on."""
    basis = answer["basis"]
    lines = [
        f"{len(basis['studies'])} studies of ketamine, {basis['people']:,} people: {', '.join(basis['studies'])}.",
        "By design: " + "; ".join(f"{count} {words}" for words, count in basis["designs"].items()) + ".",
        f"Certainty: {basis['certainty']} ({'; '.join(basis['certainty_reasons']) or 'nothing took it down'}).",
    ]
    if basis["left_out"]:
        told = "; ".join(f"{reason} ({count})" for reason, count in basis["left_out"].items())
        lines.append(f"Studies of ketamine with rows left out, by reason: {told}.")
    if basis["retracted"]:
        lines.append(f"Retracted, kept and not used: {', '.join(basis['retracted'])}.")
    bullets(console, "What it rests on", lines)


def bullets(console: Console, title: str, lines: Any, style: str = "") -> None:
    """Print a heading and its lines; nothing when there are none."""
    lines = list(lines)
    if not lines:
        return
    console.print(Text(title, style="bold"))
    for each in lines:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(overflow="fold")
        table.add_row("-", Text(each, style=style))
        console.print(Padding(table, (0, 0, 0, 1)))
    console.print()
