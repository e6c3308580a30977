"""One call from a table to its analysis: `remit.meta`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remit.inference.network.analysis import Analysis, Wanted, analyse, curves_of
from remit.inference.network.fit import Assumptions
from remit.inference.network.network import make_network
from remit.inference.network.settings import Settings
from remit.inference.network.table import read_table
from remit.vocabulary.clock import parse_duration


def meta(
    table: str | Path,
    curve: str = "emax",
    *,
    at: str | None = None,
    reference: str | None = None,
    time_unit: str | None = None,
    level: float = 0.95,
    splits: bool = True,
    settings: Settings | None = None,
    **assumed: Any,
) -> Analysis:
    """Time-course network meta-analysis of a file.

    Args:
        table: FILE.csv or FILE.parquet, with the columns of docs/meta.md.
        curve: a key of `remit.inference.network.curve.MEANING`, or ``all``.
        at: time of the summary, for example ``8w``; the last observed time if left out.
        reference: treatment that others are compared with.
        time_unit: of a column ``time``: ``h``, ``d`` or ``w``.
        level: of intervals.
        splits: whether to split direct from indirect evidence.
        settings: how to sample.
        assumed: fields of `Assumptions`, for example ``shapes="each"``.

    Raises:
        InputRefused: the table or an option cannot be used.
        NotConverged: a diagnostic is not met.
    """
    network = make_network(read_table(Path(table), time_unit=time_unit), reference)
    time = float(network.times.max()) if at is None else parse_duration(at, where="at") / network.table.hours
    wanted = Wanted(at=time, curves=curves_of(curve), level=level, splits=splits)
    return analyse(network, Assumptions(**assumed), settings or Settings(), wanted)
