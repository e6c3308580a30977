"""One call from a table to its analysis: `remit.events`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from remit.inference.events.analysis import Events, Wanted, analyse
from remit.inference.events.interval_table import Intervals, as_records, intervals_from
from remit.inference.events.score_table import scores_to_intervals
from remit.inference.table_file import read_frame, with_names
from remit.vocabulary.errors import InputRefused


def read_intervals(
    data: Any,
    *,
    event: str | None = None,
    scale: str | None = None,
    time_unit: str | None = None,
    by: str | None = None,
    covariates: Sequence[str] = (),
    renamed: Mapping[str, str] | None = None,
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
        renamed: what a column is called in the table, by the name it has a meaning under: ``{"left": "L"}``.
        thresholds: of `remit.inference.events.definition.define`.

    Raises:
        InputRefused: the table or an option cannot be used.
    """
    from_file = isinstance(data, (str, Path))
    name = Path(data).name if from_file else "table"
    frame = read_frame(Path(data), "DATA") if from_file else data
    frame = frame.rename(dict(zip(frame.columns, with_names(frame.columns, renamed or {}, name), strict=True)))
    records, columns = as_records(frame), list(frame.columns)
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
    renamed: Mapping[str, str] | None = None,
    wanted: Wanted | None = None,
    folder: Path | None = None,
    **thresholds: float | int | str | None,
) -> Events:
    """Time to event from intervals or from repeated scores.

    Args:
        data, event, scale, time_unit, by, covariates, renamed, thresholds: see `read_intervals`.
        wanted: models, draws, level, seed.
        folder: where draws are kept, so that an interrupted call can be gone on with.

    Returns:
        Curves, models and a summary; ``.estimates()`` is a polars frame, ``.as_dataset()`` an xarray dataset.

    Raises:
        InputRefused: the table or an option cannot be used.
        NotConverged: a diagnostic is not met.
    """
    table, words = read_intervals(
        data, event=event, scale=scale, time_unit=time_unit, by=by, covariates=covariates, renamed=renamed, **thresholds
    )
    return analyse(table, wanted, event=words, folder=folder)
