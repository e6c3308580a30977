"""A table of a user's own as a frame: CSV, whose cells stay text, or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
