"""What differs between two folders of evidence, row by row."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remit.evidence.tables import parse_yaml

KEYS: dict[str, tuple[str, ...]] = {
    "outcomes": ("arm_id", "population", "scale", "metric", "time_h", "window_from_h", "event", "reference"),
    "moderators": ("moderator", "outcome"),
    "safety": ("population", "people", "treatment", "route", "dose_low", "measure", "metric", "event", "time_h"),
    "exposures": ("drug", "analyte", "route", "form", "dose_value", "population", "metric", "time_h"),
    "regulatory.csv": ("fact_id",),
    "findings.csv": ("finding_id",),
    "searches.csv": ("search_id",),
    "ongoing_trials.csv": ("trial_id",),
    "safety_studies.csv": ("study_id",),
    "scales.csv": ("scale",),
    "medicines.csv": ("medicine", "variable"),
    "leaving.csv": ("item",),
}
"""Columns that say which row is which, by folder or file; a row of another table is what all its columns are."""
SOURCES = ("source_id",)


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that differs.

    Attributes:
        file: where it stands.
        row: which one, in words.
        kind: ``added``, ``removed`` or ``changed``.
        before, after: the values that differ, by column.
    """

    file: str
    row: str
    kind: str
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def table(self) -> str:
        """Folder or file of the row."""
        return self.file.split("/")[0]


Rows = dict[str, dict[str, dict[str, str]]]


def rows_of(folder: Path) -> Rows:
    """Every row of a folder of evidence: by file and by what says which row it is.

    Args:
        folder: with the layout of the published evidence; text and other files are left aside.
    """
    found: Rows = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".csv":
            found[name] = _of_csv(name, path.read_text(encoding="utf-8"))
        elif path.suffix in {".yaml", ".yml"}:
            found[name] = _of_yaml(parse_yaml(path.read_text(encoding="utf-8"), name))
    return found


def changes(before: Rows, after: Rows) -> list[RowChange]:
    """Rows added, removed and changed, in order of file."""
    found = []
    for file in sorted({*before, *after}):
        old, new = before.get(file, {}), after.get(file, {})
        for row in [*old, *(each for each in new if each not in old)]:
            if row not in new:
                found.append(RowChange(file, row, "removed", old[row], {}))
            elif row not in old:
                found.append(RowChange(file, row, "added", {}, new[row]))
            elif old[row] != new[row]:
                columns = [
                    each for each in {**old[row], **new[row]} if old[row].get(each, "") != new[row].get(each, "")
                ]
                if columns:
                    found.append(
                        RowChange(
                            file, row, "changed", {each: old[row].get(each, "") for each in columns},
                            {each: new[row].get(each, "") for each in columns},
                        )
                    )  # fmt: skip
    return found


def _of_csv(name: str, text: str) -> dict[str, dict[str, str]]:
    place = name.split("/", maxsplit=1)[0]
    keys = SOURCES if place.startswith("sources") else KEYS.get(place, ())
    found: dict[str, dict[str, str]] = {}
    seen: Counter[str] = Counter()
    for row in csv.DictReader(io.StringIO(text)):
        clean = {str(column): value or "" for column, value in row.items()}
        row_id = ", ".join(clean[key] for key in keys if clean.get(key)) or ", ".join(v for v in clean.values() if v)
        seen[row_id] += 1
        found[row_id if seen[row_id] == 1 else f"{row_id} ({seen[row_id]})"] = clean
    return found


def _of_yaml(content: Any) -> dict[str, dict[str, str]]:
    """Entries of a YAML file: of a list by their id, of a mapping of lists likewise, else the whole as one."""
    if isinstance(content, Mapping) and any(_is_entries(value) for value in content.values()) and "arms" not in content:
        found = {}
        for name, value in content.items():
            found |= {f"{name} {row}": cells for row, cells in _of_yaml(value).items()}
        return found
    if _is_entries(content):
        return {str(each["id"]): {str(name): _plain(value) for name, value in each.items()} for each in content}
    if isinstance(content, Mapping):
        return {"": {str(name): _plain(value) for name, value in content.items()}}
    return {"": {"content": _plain(content)}}


def _is_entries(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) and "id" in each for each in value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
