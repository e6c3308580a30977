"""Reading tables and records against declared fields; every fault names file, line, column, value and remedy."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from remit.vocabulary.errors import EvidenceRefused

Value = str | float | int | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table or a key of a record.

    Attributes:
        name: as in the file.
        kind: ``text``, ``number``, ``integer`` or ``list`` (texts separated by semicolons).
        required: whether it may be blank.
        choices: allowed texts; empty allows any.
        low, high: allowed numbers, ends included.
    """

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its values by column, and where it stands."""

    file: str
    line: int
    values: Mapping[str, Value]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def where(self) -> str:
        """File and line, for messages."""
        return f"{self.file}, line {self.line}"


_elsewhere: list[Traversable] = []


@cache
def published() -> Traversable:
    """The folder of the published evidence."""
    return _elsewhere[-1] if _elsewhere else shipped_evidence()


def shipped_evidence() -> Traversable:
    """The folder of the evidence that ships with this program, whatever is read."""
    return files("remit.evidence") / "published"


def read_from(folder: Traversable) -> None:
    """Read another folder of evidence in this process, for example that of an earlier release.

    Args:
        folder: with the layout of the published evidence.

    Raises:
        RuntimeError: something was read already, so that two folders would be mixed.
    """
    if published.cache_info().currsize:
        raise RuntimeError("the evidence was read already")
    _elsewhere.append(folder)


def near_miss(name: str, known: Iterable[str]) -> str:
    """A hint at the nearest known name, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _refuse(file: str, line: int, column: str, text: str, allowed: str, remedy: str = "") -> EvidenceRefused:
    return EvidenceRefused(
        f"{column} is {text!r}",
        allowed=allowed,
        remedy=remedy or "Correct the file",
        where=f"{file}, line {line}, column {column}",
    )


def _convert(field: Field, text: str, file: str, line: int) -> Value:
    text = text.strip()
    if not text:
        if field.required:
            raise _refuse(file, line, field.name, text, "a value; this column may not be blank")
        return () if field.kind == "list" else None
    if field.kind == "list":
        return tuple(part.strip() for part in text.split(";"))
    if field.kind in {"number", "integer"}:
        try:
            number = float(text)
        except ValueError:
            raise _refuse(file, line, field.name, text, "a number") from None
        if not (math.isfinite(number) and field.low <= number <= field.high):
            raise _refuse(file, line, field.name, text, f"a number from {field.low:g} to {field.high:g}")
        if field.kind == "integer":
            if number != int(number):
                raise _refuse(file, line, field.name, text, "a whole number")
            return int(number)
        return number
    if field.choices and text not in field.choices:
        raise _refuse(file, line, field.name, text, ", ".join(field.choices), near_miss(text, field.choices))
    return text


def parse_csv(text: str, fields: Sequence[Field], file: str) -> list[Row]:
    """Rows of the text of a CSV file whose columns are exactly the declared ones, in any order.

    Raises:
        EvidenceRefused: a column is missing or unknown, a line has too many or too few values, or a value is not
            allowed.
    """
    reader = csv.reader(io.StringIO(text))
    header = next(reader, None)
    if header is None:
        raise EvidenceRefused("the file is empty", allowed="a header line", where=file)
    known = {field.name: field for field in fields}
    for name in header:
        if name not in known:
            raise _refuse(file, 1, name, name, ", ".join(known), near_miss(name, known) or "Remove the column")
    missing = [name for name in known if name not in header]
    if missing or len(set(header)) != len(header):
        raise EvidenceRefused(
            f"missing columns {missing}" if missing else "a column stands twice",
            allowed=", ".join(known),
            where=f"{file}, line 1",
        )
    order = [known[name] for name in header]
    rows = []
    for cells in reader:
        line = reader.line_num
        if not cells:
            continue
        if len(cells) != len(order):
            raise EvidenceRefused(
                f"{len(cells)} values for {len(order)} columns",
                remedy="Look for a missing comma or quotation mark",
                where=f"{file}, line {line}",
            )
        rows.append(
            Row(file, line, {f.name: _convert(f, cell, file, line) for f, cell in zip(order, cells, strict=True)})
        )
    return rows


def read_csv(path: Traversable, fields: Sequence[Field], file: str = "") -> list[Row]:
    """Rows of a CSV file; see `parse_csv`. ``file`` is the name used in messages."""
    return parse_csv(read_text(path, file or path.name), fields, file or path.name)


def read_text(path: Traversable, file: str) -> str:
    """The text of a file of the evidence.

    Raises:
        EvidenceRefused: it is not there or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise EvidenceRefused("there is no such file", where=file) from None
    except UnicodeDecodeError as fault:
        raise EvidenceRefused(
            f"not UTF-8 text ({fault.reason} at byte {fault.start})", where=file, remedy="Save it as UTF-8"
        ) from None


def parse_yaml(text: str, file: str) -> Any:
    """The content of the text of a YAML file.

    Raises:
        EvidenceRefused: it is not YAML.
    """
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (both are safe loaders)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise EvidenceRefused(f"not YAML ({getattr(fault, 'problem', fault)})", where=f"{file}{line}") from None


def line_of(text: str, key: str) -> int:
    """Line of the first place where a key of a YAML text stands, or 1."""
    return _first_lines(text).get(key, 1)


@lru_cache(maxsize=4)
def _first_lines(text: str) -> dict[str, int]:
    """Where each key of a text first stands."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        found.setdefault(line.lstrip(" -").partition(":")[0], number)
    return found


def check_record(record: Mapping[str, Any], fields: Sequence[Field], file: str, text: str) -> dict[str, Any]:
    """The values of a record (a mapping of YAML) against declared fields; absent optional ones become None.

    Raises:
        EvidenceRefused: a key is missing or unknown, or a value is not allowed.
    """
    if not isinstance(record, Mapping):
        raise EvidenceRefused(f"{record!r} is not a mapping", allowed=", ".join(f.name for f in fields), where=file)
    known = {field.name: field for field in fields}
    for name in record:
        if name not in known:
            line = line_of(text, str(name))
            raise _refuse(
                file, line, str(name), str(name), ", ".join(known), near_miss(str(name), known) or "Remove the key"
            )
    checked: dict[str, Any] = {}
    for name, field in known.items():
        value = record.get(name)
        line = line_of(text, name)
        if value is None or value == "":
            if field.required:
                raise _refuse(file, line, name, "", "a value; this key may not be blank")
            checked[name] = None
        elif field.kind in {"number", "integer"} and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise _refuse(file, line, name, str(value), "a number")
        elif field.kind in {"number", "integer"} and not field.low <= value <= field.high:
            raise _refuse(file, line, name, str(value), f"a number from {field.low:g} to {field.high:g}")
        elif field.choices and str(value) not in field.choices:
            raise _refuse(file, line, name, str(value), ", ".join(field.choices), near_miss(str(value), field.choices))
        else:
            checked[name] = str(value) if field.kind == "text" and not isinstance(value, list | dict) else value
    return checked
