"""One call from a table to its analysis: `remit.events`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from remit.inference.events.analysis import Events, Wanted, analyse
from remit.inference.events.interval_table import Intervals, as_records, intervals_from, read_records
from remit.inference.events.score_table import scores_to_intervals
from remit.vocabulary.errors import InputRefused


def read_intervals(
    data: Any,
    *,
    event: str | None = None,
    scale: str | None = None,
    time_unit: str | None = None,
    by: str | None = None,
    covariates: Sequence[str] = (),
    **thresholds: float | int | str | None,
) -> tuple[Intervals, str]:
    """Intervals of a file or a frame, and the definition of the event in words.

    Args:
        data: FILE.csv, FILE.parquet or a polars frame: of intervals, or of scores where an event is named.
        event: one of `remit.inference.events.definition.EVENTS`; None for a table of intervals.
        scale: of scores whose rows name none.
        time_unit: of times whose column does not say it.
        by: column of groups.
        covariates: columns of covariates.
        thresholds: of `remit.inference.events.definition.define`.

    Raises:
        InputRefused: the table or an option cannot be used.
    """
    if isinstance(data, (str, Path)):
        (records, columns), name = read_records(Path(data)), Path(data).name
    else:
        records, columns, name = as_records(data), list(data.columns), "table"
    if event is None:
        if "score" in columns and "left" not in columns and not any(each.startswith("left_") for each in columns):
            raise InputRefused(
                "a table of scores needs an event", remedy="Say it, for example --event response", where=name
            )
        table = intervals_from(records, columns, name, unit=time_unit, by=by, covariates=covariates)
        return table, ""
    table, definition = scores_to_intervals(
        records, columns, name, event=event, scale=scale, unit=time_unit, by=by, covariates=covariates, **thresholds
    )
    return table, definition.words


def events(
    data: Any,
    event: str | None = None,
    *,
    scale: str | None = None,
    time_unit: str | None = None,
    by: str | None = None,
    covariates: Sequence[str] = (),
    wanted: Wanted | None = None,
    folder: Path | None = None,
    **thresholds: float | int | str | None,
) -> Events:
    """Time to event from intervals or from repeated scores.

    Args:
        data, event, scale, time_unit, by, covariates, thresholds: see `read_intervals`.
        wanted: models, draws, level, seed.
        folder: where draws are kept, so that an interrupted call can be gone on with.

    Returns:
        Curves, models and a summary; ``.estimates()`` is a polars frame, ``.as_dataset()`` an xarray dataset.

    Raises:
        InputRefused: the table or an option cannot be used.
        NotConverged: a diagnostic is not met.
    """
    table, words = read_intervals(
        data, event=event, scale=scale, time_unit=time_unit, by=by, covariates=covariates, **thresholds
    )
    return analyse(table, wanted, event=words, folder=folder)
