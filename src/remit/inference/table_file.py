"""A table of a user's own as a frame: CSV, whose cells stay text, or Parquet."""

from __future__ import annotations

import csv
import io
import math
import re
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
            header, rows = _text_rows(path.read_bytes(), path.name)
            columns = zip(*rows, strict=True) if rows else ((),) * len(header)
            return pl.DataFrame(
                [
                    pl.Series(name, [cell or None for cell in own], pl.String)
                    for name, own in zip(header, columns, strict=True)
                ]
            )
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise InputRefused(f"{path.name} cannot be read ({str(fault).splitlines()[0]})", where=where) from None
    raise InputRefused(f"{path.name} is no table", allowed="FILE.csv or FILE.parquet", where=where)


def _text_rows(content: bytes, name: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV; blank lines at the end are left out.

    Raises:
        InputRefused: it is no text, a column stands twice, a row has more or fewer cells than the header, or no row
            follows it.
    """
    if content.startswith(b"PK"):
        raise InputRefused("this is a spreadsheet or an archive", remedy="Save the table as CSV (UTF-8)", where=name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        row = content[: fault.start].count(b"\n") + 1
        raise InputRefused(
            "not UTF-8 text", remedy="Save the table as CSV (UTF-8)", where=f"{name}, row {row}"
        ) from None
    lines = text.rstrip().splitlines()
    if not lines:
        raise InputRefused("the table is empty", allowed="a header and rows", where=name)
    header, *rows = cells_of(lines)
    header = [each.strip() for each in header]
    twice = [each for place, each in enumerate(header) if each in header[:place]]
    if twice:
        raise InputRefused(f"column {twice[0]} stands twice", remedy="Rename one", where=f"{name}, row 1")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise InputRefused(
                f"{len(row)} cell{'s' * (len(row) != 1)} for {len(header)} columns",
                remedy="Look for a comma too few or too many: decimals have a point, and every row has all its commas",
                where=f"{name}, row {number}",
            )
    if not rows:
        raise only_header(header, 1, name)
    return header, rows


def only_header(header: Sequence[str], row: int, name: str) -> InputRefused:
    """The refusal of a table whose header is all there is: what was read, and where."""
    return InputRefused(
        f"the header ({', '.join(filter(None, header))}) is row {row} and no row follows it",
        allowed="a header, and below it a row for each observation",
        remedy="Look whether the table was saved whole",
        where=f"{name}, row {row}",
    )


def cells_of(lines: Sequence[str]) -> list[list[str]]:
    """Lines of text as cells; what stands between them is what the header has: a comma, semicolon, tab, or blanks."""
    delimiter = next((mark for mark in (",", ";", "\t") if mark in lines[0]), None)
    if delimiter is None:
        return [line.split() for line in lines]
    return list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, skipinitialspace=True))


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def mended(text: str) -> str:
    """What to write in place of a text that is no number."""
    if is_number(text.replace(",", ".", 1)):
        return f"Write {text.replace(',', '.', 1)}: decimals have a point"
    if re.fullmatch(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*", text):
        return "Dates stand in a column named date; elsewhere write the time since the start as a number"
    return "Write a number, or leave the cell blank where nothing is known"


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
