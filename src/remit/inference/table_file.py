"""A table of a user's own as a frame: CSV, whose cells stay text, or Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def with_names(header: Sequence[str], columns: Mapping[str, str], name: str) -> list[str]:
    """A header with columns under the names that have a meaning.

    Args:
        header: as read.
        columns: what a column is called in the table, by its name here. A column of that name that another stands for
            is an ordinary one, ``NAME in table``.
        name: of the table, for messages.

    Raises:
        InputRefused: the table has no such column.
    """
    for given in columns.values():
        if given not in header:
            known = [each for each in header if each]
            raise InputRefused(
                f"{name} has no column {given}", allowed=", ".join(known), remedy=near_miss(given, known),
                where="--column",
            )  # fmt: skip
    wanted = {given: wanted for wanted, given in columns.items()}
    return [wanted.get(each, f"{each} in table" if each in columns else each) for each in header]
