"""Predictive checks as tables beside the posterior: ``checks.csv`` and ``held_out.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from remit.inference.fitted import default_folder
from remit.inference.row_check import LEVELS, HeldOut, RowCheck
from remit.vocabulary.errors import StalePosterior

FITTED, HELD_OUT = "checks.csv", "held_out.csv"
COLUMNS = (
    "study", "origin", "what", "observed", "median",
    *(f"{end}_{level:g}" for level in LEVELS for end in ("low", "high")),
)  # fmt: skip
HELD_OUT_COLUMNS = (*COLUMNS, "given", "people", "spread", "percentile", "refitted", "k")


def _cells(row: RowCheck) -> list[str]:
    ends = [f"{end:.6g}" for interval in row.intervals for end in interval]
    return [row.study, row.origin, row.what, f"{row.observed:.6g}", f"{row.median:.6g}", *ends]


def _row(cells: dict[str, str]) -> RowCheck:
    intervals = tuple((float(cells[f"low_{level:g}"]), float(cells[f"high_{level:g}"])) for level in LEVELS)
    return RowCheck(
        cells["study"], cells["origin"], cells["what"], float(cells["observed"]), float(cells["median"]), intervals
    )


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    fresh = path.with_suffix(".tmp")
    with fresh.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(rows)
    fresh.replace(path)


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        raise StalePosterior(f"there is no {path.name} beside the posterior", remedy="Run: remit calibrate")
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def save_checks(checks: Iterable[RowCheck], folder: Path) -> None:
    """Write every fitted row beside its predictive intervals; the file appears whole or not at all."""
    _write(folder / FITTED, COLUMNS, (_cells(row) for row in checks))


def load_checks(folder: Path | None = None) -> list[RowCheck]:
    """The predictive checks that were made with a posterior.

    Raises:
        StalePosterior: there are none.
    """
    return [_row(cells) for cells in _read((folder or default_folder()) / FITTED)]


def save_held_out(rows: Iterable[HeldOut], folder: Path) -> None:
    """Write every row as it is predicted by the trials other than its own."""
    lines = (
        [
            *_cells(one.row), one.given, one.people, str(int(one.spread)), f"{one.percentile:.4f}",
            str(int(one.refitted)), f"{one.k:.3f}",
        ]
        for one in rows
    )  # fmt: skip
    _write(folder / HELD_OUT, HELD_OUT_COLUMNS, lines)


def load_held_out(folder: Path | None = None) -> list[HeldOut]:
    """Every row as it is predicted by the trials other than its own.

    Raises:
        StalePosterior: there are none.
    """
    return [
        HeldOut(
            _row(cells),
            cells["given"],
            cells["people"],
            bool(int(cells["spread"])),
            float(cells["percentile"]),
            bool(int(cells["refitted"])),
            float(cells["k"]),
        )
        for cells in _read((folder or default_folder()) / HELD_OUT)
    ]
