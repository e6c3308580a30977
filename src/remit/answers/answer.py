"""An answer is a value: what was asked, numbers with their intervals, what they rest on. Rendering is for others."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.vocabulary.errors import InputRefused

SCHEMA = "remit.answer/1"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval.

    Attributes:
        value: median of what the posterior allows.
        low, high: ends of the interval.
        unit: of all three.
        level: of the interval [fraction].
    """

    value: float
    low: float
    high: float
    unit: str
    level: float


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer rests on.

    Attributes:
        studies: ids of the studies that bear on it.
        people: people in them.
        designs: number of studies by design and masking.
        certainty, certainty_reasons: by the rule of `remit.evidence.appraisal`.
        left_out: studies with rows that are not used, and why.
        retracted: studies of ketamine that were retracted; none is used.
    """

    studies: tuple[str, ...]
    people: int
    designs: dict[str, int]
    certainty: str
    certainty_reasons: tuple[str, ...]
    left_out: dict[str, int]
    retracted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answered question.

    Attributes:
        question: what was asked, in words.
        sentence: the answer in one sentence or a few.
        estimates: the main numbers by name.
        detail: tables and courses as plain numbers, units in the names of keys.
        basis: what it rests on.
        assumptions: statements that were assumed, each with its id.
        caveats: what a reader must know before using it.
        extrapolations: where the question goes beyond the evidence.
        sources: ids of studies used.
        evidence_hash: of the evidence the posterior saw.
        seed: of the only key.
        version: of remit.
        schema: of this record; a change of meaning changes it.
    """

    question: str
    sentence: str
    estimates: dict[str, Estimate]
    detail: dict[str, Any]
    basis: Basis
    assumptions: dict[str, str]
    caveats: tuple[str, ...]
    extrapolations: tuple[str, ...]
    sources: tuple[str, ...]
    evidence_hash: str
    seed: int
    version: str
    schema: str = field(default=SCHEMA)

    def as_dict(self) -> dict[str, Any]:
        """The answer as plain values, ready for JSON: numbers to eight digits, and None where there is no number."""
        return _plain(self)

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Every table of the answer by name, as rows; see `remit.answers.tables`."""
        from remit.answers.tables import tables_of

        return tables_of(self.as_dict())

    def to_polars(self, table: str = "estimates") -> Any:
        """One table as a ``polars.DataFrame``.

        Args:
            table: its name, one of `tables`.

        Raises:
            InputRefused: there is none of that name.
        """
        import polars as pl

        from remit.answers.tables import columns_of, table_named

        return pl.DataFrame(columns_of(table_named(self.as_dict(), table)), strict=False)

    def to_pandas(self, table: str = "estimates") -> Any:
        """One table as a ``pandas.DataFrame``; pandas must be there, remit does not bring it.

        Args:
            table: its name, one of `tables`.

        Raises:
            InputRefused: there is none of that name, or pandas is not installed.
        """
        from remit.answers.tables import columns_of, table_named

        columns = columns_of(table_named(self.as_dict(), table))
        try:
            # by name, because it is not a dependency
            pandas = importlib.import_module("pandas")
        except ImportError:
            raise InputRefused("pandas is not installed", remedy="Install it, or use to_polars") from None
        return pandas.DataFrame(columns)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from remit.answers.tables import card

        return card(self.as_dict())


def _plain(value: Any) -> Any:
    # numbers first: they are nearly all of an answer
    if isinstance(value, (float, np.floating)):
        # choice: eight digits are more than any answer means and fewer than rounding on another machine disturbs
        return float(f"{value:.8g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [float(f"{item:.8g}") if type(item) is float and math.isfinite(item) else _plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value


def ends_of(across: NDArray[np.float64], places: Sequence[float]) -> NDArray[np.float64]:
    """Quantiles along the first axis, one row a place, linear between ranks as `numpy.quantile` has them.

    Sorting whole columns takes a third to two thirds of its time for the few hundred rows of an answer.

    Args:
        across: values, the first axis over draws or people.
        places: of the quantiles, in [0, 1].
    """
    ranked = np.sort(np.ascontiguousarray(np.moveaxis(across, 0, -1)), axis=-1)
    last = ranked.shape[-1] - 1
    found = []
    for place in places:
        below = min(int(place * last), max(last - 1, 0))
        low, high = ranked[..., below], ranked[..., min(below + 1, last)]
        found.append(low + (place * last - below) * (high - low))
    return np.stack(found)


def estimate(across: NDArray[np.float64], level: float, unit: str) -> Estimate:
    """The median and central interval of a quantity across posterior draws."""
    low, middle, high = np.quantile(across, [0.5 - level / 2, 0.5, 0.5 + level / 2])
    return Estimate(float(middle), float(low), float(high), unit, level)


def percent(across: NDArray[np.float64], level: float, of: str = "people") -> dict[str, float]:
    """The same for a share [fraction], as plain per cent."""
    found = estimate(100.0 * across, level, f"percent of {of}")
    return {"percent": found.value, "low_percent": found.low, "high_percent": found.high}


def typical_band(across: NDArray[np.float64], level: float) -> dict[str, list[float]]:
    """The typical person's course and what is not known of it [points].

    Args:
        across: totals, shape (draws, times).
        level: of the interval [fraction].
    """
    low, middle, high = ends_of(across, [0.5 - level / 2, 0.5, 0.5 + level / 2]).round(4)
    return {"typical": middle.tolist(), "typical_low": low.tolist(), "typical_high": high.tolist()}
