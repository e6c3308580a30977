"""A table of a user's own as a frame: CSV, whose cells stay text, or Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from remit.evidence.tables import near_miss
from remit.vocabulary.errors import InputRefused

if TYPE_CHECKING:
    import polars as pl


def read_frame(path: Path, where: str) -> pl.DataFrame:
    """The frame of a file.

    Args:
        path: FILE.csv or FILE.parquet.
        where: name of the argument, for messages.

    Raises:
        InputRefused: the file is not there, is no table or cannot be read.
    """
    import polars as pl

    if not path.is_file():
        raise InputRefused(f"there is no file {path}", where=where)
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        if path.suffix.lower() == ".csv":
            return pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as fault:
        raise InputRefused(
            f"{path.name} cannot be read ({str(fault).splitlines()[0]})",
            remedy="Check that every row has as many cells as the header, and that the text is UTF-8", where=where,
        ) from None  # fmt: skip
    raise InputRefused(f"{path.name} is no table", allowed="FILE.csv or FILE.parquet", where=where)


def with_names(frame: pl.DataFrame, columns: Mapping[str, str], name: str) -> pl.DataFrame:
    """The frame with columns under the names that have a meaning.

    Args:
        frame: as read.
        columns: what a column is called in the table, by its name here. A column of that name that another stands for
            becomes ``NAME in table``.
        name: of the table, for messages.

    Raises:
        InputRefused: the table has no such column.
    """
    for given in columns.values():
        if given not in frame.columns:
            raise InputRefused(
                f"{name} has no column {given}", allowed=", ".join(frame.columns),
                remedy=near_miss(given, frame.columns), where="--column",
            )  # fmt: skip
    aside = {each: f"{each} in table" for each in columns if each in frame.columns and columns[each] != each}
    return frame.rename(aside | {given: wanted for wanted, given in columns.items()})
