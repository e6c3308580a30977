"""What other programs say of public tables, beside what remit says of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from remit.inference.events.interval_table import Intervals, intervals_from, read_records
from remit.inference.events.log_rank import SCORES, log_rank
from remit.inference.events.models import covariates_of, fit_model
from remit.inference.events.proportional import Proportional
from remit.inference.events.step_curve import step_curve
from remit.inference.events.turnbull import turnbull
from remit.vocabulary.errors import InputRefused

FILE = "events_published.csv"


@dataclass(frozen=True, slots=True)
class Compared:
    """One published number or row of numbers, and ours.

    Attributes:
        table, group, model, quantity: what it is of.
        published, ours: values.
        tolerance: largest difference that is the same number.
        program, source: who says so, and where.
    """

    table: str
    group: str
    model: str
    quantity: str
    published: tuple[float, ...]
    ours: tuple[float, ...]
    tolerance: float
    program: str
    source: str

    @property
    def difference(self) -> float:
        """Largest difference; inf where the numbers of values differ."""
        if len(self.published) != len(self.ours):
            return float("inf")
        return float(np.max(np.abs(np.subtract(self.published, self.ours))))

    @property
    def computed(self) -> bool:
        """Whether the program was run for this comparison; the others are printed in its documents."""
        return self.source.startswith("computed")

    @property
    def agrees(self) -> bool:
        """Whether it is the same number, as far as it was printed."""
        return self.difference <= self.tolerance * (1 + 1e-9)


def compare(folder: Path) -> list[Compared]:
    """Fit every table of a folder again.

    Args:
        folder: holds ``events_published.csv`` and the tables it names.

    Raises:
        InputRefused: a file is missing or malformed.
    """
    records, _ = read_records(folder / FILE)
    found = []
    for record in records:
        row = {name: value or "" for name, value in record.items()}
        published = tuple(float(each) for each in row["value"].split())
        ours = _ours(folder, row["table"], row["group"], row["model"], row["quantity"])
        found.append(
            Compared(
                row["table"], row["group"], row["model"], row["quantity"], published, ours, float(row["tolerance"]),
                row["program"], row["source"],
            )
        )  # fmt: skip
    return found


@cache
def _table(folder: Path, name: str, by: str | None, covariate: str | None) -> Intervals:
    records, columns = read_records(folder / f"{name}.csv")
    covariates = [covariate] if covariate else []
    return intervals_from(records, columns, name, unit="year", by=by, covariates=covariates)


def _ours(folder: Path, name: str, group: str, model: str, quantity: str) -> tuple[float, ...]:
    if model == "curve" and quantity == "log_likelihood":
        table = _table(folder, name, None, None)
        return (turnbull(table.left, table.right).log_likelihood,)
    if model == "curve":
        column = read_records(folder / f"{name}.csv")[1][-1]
        table = _table(folder, name, column, None)
        part = table.of(np.array([each == group for each in table.group]))
        return tuple(step_curve(turnbull(part.left, part.right)).mass)
    if model in SCORES:
        table = _table(folder, name, group, None)
        number = np.array([table.groups.index(each) for each in table.group])
        test = log_rank(turnbull(table.left, table.right), number, len(table.groups), scores=model)
        return {"z": (test.z or 0.0,), "p": (test.p,), "excess": (float(test.excess[1]),)}[quantity]
    table = _table(folder, name, None, group)
    fitted = fit_model(model, table, covariates_of(table))
    if quantity == "log_likelihood":
        return (fitted.log_likelihood,)
    values = fitted.coefficients if isinstance(fitted, Proportional) else fitted.maximum.point
    named = dict(zip(fitted.names, values, strict=True))
    if quantity not in named:
        raise InputRefused(f"the {model} model has no {quantity!r}", allowed=", ".join(named), where=FILE)
    return (float(named[quantity]),)
