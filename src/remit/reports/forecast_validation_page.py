"""Are forecasts of one person what they claim to be: ranks and coverage over simulated people, as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from remit.inference.person_trial import BINS, LEVELS, Trial
from remit.reports.picture import write_whole

COLUMNS = (
    "setting", "people", *(f"{100 * level:g} % bands hold" for level in LEVELS), "least even number (p)",
    "effective draws, 5 % of people below", "more draws, tempered, refused",
)  # fmt: skip


def row_of(trial: Trial) -> list[str]:
    """A setting as cells."""
    coverage = trial.coverage()
    name, p = min(trial.uneven().items(), key=lambda pair: pair[1])
    return [
        trial.setting.name,
        str(trial.people),
        *(f"{100 * coverage[level]:.1f} %" for level in LEVELS),
        f"{name} ({p:.2g})",
        f"{np.quantile(trial.effective, 0.05):.0f}",
        f"{trial.more_draws}, {trial.tempered}, {trial.refused}",
    ]


def print_table(trials: Sequence[Trial], console: Console) -> None:
    """Print the settings and what is wrong."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for index, column in enumerate(COLUMNS):
        table.add_column(column, justify="left" if index == 0 else "right")
    for trial in trials:
        table.add_row(*row_of(trial))
    console.print(table)
    for trial in trials:
        for fault in trial.faults():
            console.print(f"{trial.setting.name}: {fault}")


def _histogram(column: Sequence[float]) -> str:
    """Ranks in ten bins as marks from low to high; even ranks make a level line."""
    seen, _ = np.histogram(column, 10, (0.0, 1.0))
    marks = "▁▂▃▄▅▆▇█"
    share = seen / max(len(column), 1) * 10.0
    return "".join(marks[int(np.clip(round(4.0 * value) - 1, 0, 7))] for value in share)


def write_page(trials: Sequence[Trial], seed: int, path: Path) -> None:
    """Write the page.

    Args:
        trials: the settings.
        seed: of the people.
        path: where to.
    """
    lines = [
        "# Are forecasts of one person what they claim?",
        "",
        f"Written by `remit validate forecast --people {trials[0].people} --seed {seed}`. Simulated people, drawn by "
        "the code that simulates trials and not by the code that infers, are forecast from part of their scores. "
        "Decision 0013 says what is checked and why.",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
        *("| " + " | ".join(row_of(trial)) + " |" for trial in trials),
        "",
        "A band of 80 % should hold 80 % of totals that were not used; with "
        f"{trials[0].people} people chance alone moves the shares by "
        f"{100 * np.sqrt(0.25 / trials[0].people):.1f} (50 %), {100 * np.sqrt(0.16 / trials[0].people):.1f} (80 %) and "
        f"{100 * np.sqrt(0.0475 / trials[0].people):.1f} points (95 %), one SD. The least even number is the one whose "
        f"ranks depart most from even ({BINS} bins, chi-square); among a dozen numbers a p of 0.01 is expected. "
        "The last column counts people who needed more draws, whose draws came from tempering, and whose posterior was "
        "not reached, to whom nothing is shown.",
        "",
        "## Ranks",
        "",
        "Share of people whose true number lies in each tenth of its posterior, lowest tenth first. Level is right; a "
        "hill is too wide, a valley too narrow, a slope is biased.",
        "",
    ]
    faults = [f"- {trial.setting.name}: {fault}" for trial in trials for fault in trial.faults()]
    for trial in trials:
        lines += [f"### {trial.setting.name[:1].upper()}{trial.setting.name[1:]}", "", "| number | ranks | p |",
                  "|---|---|---|"]  # fmt: skip
        uneven = trial.uneven()
        columns = dict(zip(trial.names, np.array(trial.ranks).T, strict=True)) | {"total": np.concatenate(trial.places)}
        lines += [
            f"| {name} | {_histogram(column.tolist())} | {uneven[name]:.2g} |" for name, column in columns.items()
        ]
        lines.append("")
    lines += ["## What is wrong", "", *(faults or ["Nothing beyond chance."]), ""]
    write_whole("\n".join(lines).encode(), path)
