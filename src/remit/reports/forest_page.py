"""The forest of trials as a page of text."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remit.reports.forest_of_trials_chart import forest_table, silent_lines
from remit.reports.text_page import bullets, titled_table

COLUMNS = 130
CAVEATS = (
    "A study with few people jumps; a row alone is no answer.",
    "Arms of a crossover are taken as different people: their intervals are rather too wide.",
    "The model has seen these studies with all others; how well it foretells a trial it has not seen stands elsewhere.",
    "Published differences in points, without the total before or a spread, cannot be set on these axes.",
)


def print_page(forest: dict[str, Any], console: Console) -> None:
    """Print the forest.

    Args:
        forest: `Forest.as_dict()` of `remit.answers.forest`.
        console: where to; its width is respected.
    """
    console.print(Padding(Text(forest["sentence"], style="bold"), (0, 0, 1, 0)))
    header, rows = forest_table(forest)
    table = titled_table(f"What each trial saw itself ({100 * forest['level']:g} % intervals)", *header)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print()
    bullets(console, "In use, and silent at about that time", silent_lines(forest))
    bullets(console, "Beware", CAVEATS)
    console.print(
        Text(f"Evidence {forest['evidence_hash'][:12]}, {forest['draws']} draws. Picture: add --chart forest.svg. "
             "Numbers: add --json.", style="dim")
    )  # fmt: skip
