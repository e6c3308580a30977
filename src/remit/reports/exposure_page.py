"""Exposure in the terminal: one table, the model, what was assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from remit.vocabulary.clock import spoken

COLUMNS = 110
"""Widest page [letters]."""
MEASURES = ("Cmax, ng/mL", "Tmax", "AUC, ng h/mL", "terminal half-life")


def table_rows(found: dict[str, Any]) -> list[list[str]]:
    """A row a substance: typical value and band of each measure.

    Args:
        found: from `remit.reports.exposure_record.record`.
    """
    return [
        [
            each["analyte"],
            _number(each["cmax_ng_per_ml"]),
            _time(each["tmax_h"]),
            _number(each["auc_ng_h_per_ml"]),
            _time(each["half_life_h"]),
        ]
        for each in found["analytes"]
    ]


def _number(values: dict[str, float]) -> str:
    return f"{_three(values['typical'])} ({_three(values['low'])} to {_three(values['high'])})"


def _three(value: float) -> str:
    """Three digits, never in powers of ten."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _time(values: dict[str, float]) -> str:
    return f"{spoken(values['typical'])} ({spoken(values['low'])} to {spoken(values['high'])})"


def print_page(found: dict[str, Any], console: Console, pictures: Sequence[object] = ()) -> None:
    """Print the page.

    Args:
        found: from `remit.reports.exposure_record.record`.
        console: where to.
        pictures: files that were written.
    """
    console.print(Text(found["sentence"], style="bold"))
    for line in found["extrapolations"]:
        console.print(Text(f"EXTRAPOLATION - {line}.", style="bold yellow"))
    regimen, model = found["regimen"], found["model"]
    age = "" if regimen["age_y"] is None else f", {regimen['age_y']:g} years"
    console.print(
        Text(
            f"{regimen['course']}; {regimen['dose_mg_base']:.3g} mg of base each; {regimen['weight_kg']:g} kg{age}.",
            style="dim",
        )
    )
    console.print()
    table = Table(
        title=f"Typical person, and between which values {100 * found['level']:g} of 100 people lie",
        title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False,
    )  # fmt: skip
    table.add_column("substance", no_wrap=True)
    for name in MEASURES:
        table.add_column(name, justify="right")
    for row in table_rows(found):
        table.add_row(*row)
    console.print(table)
    console.print(Text("Cmax and AUC are of the whole course; Tmax counts from the dose before the peak.", style="dim"))
    console.print()
    console.print(Text("Model", style="bold"))
    site = model["sampling_site"].replace("_", " ")
    console.print(Text(f"  {model['id']}, of {model['compound']}; sampling site {site}. {model['citation']}"))
    for problem in model["known_problems"]:
        console.print(Text(f"  Known problem: {problem}"))
    console.print(Text("Assumed, borrowed or left out", style="bold"))
    missing = found["not_varied"]
    extra = [f"The published variance of {', '.join(missing)} is missing; it does not vary here."] if missing else []
    for line in [*found["assumed"], *extra]:
        console.print(Text(f"  - {line}"))
    console.print(
        Text(
            f"remit {found['version']}, evidence {found['evidence_hash'][:12]}, seed {found['seed']}, "
            f"{found['people']} virtual people. Not medical advice. Picture: add --chart exposure.svg (or .png, .pdf, "
            ".html). Numbers: add --json.",
            style="dim",
        )
    )
    for path in pictures:
        console.print(f"Picture: {path}")
