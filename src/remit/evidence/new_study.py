"""The files of a new study, to be filled in: made from the declared columns, so that they cannot drift from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from remit.evidence.sources import FIELDS as SOURCE_FIELDS
from remit.evidence.sources import UNFILLED, load_sources
from remit.evidence.tables import Field
from remit.evidence.trials import ARM_FIELDS, FLAG_FIELDS, OUTCOME_FIELDS, STUDY_FIELDS
from remit.vocabulary.errors import InputRefused, OutputRefused

NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")
SOURCE_TABLE = "sources_new.csv"
"""Where the line of a new source goes; any table named ``sources*.csv`` is read."""
SAID = {
    "contains": "ids of studies inside this one, where it pools others",
    "flags": "what a reader must know, each with a kind and a text; leave out where there is nothing",
    "arms": "one entry a group of people",
    "citation": "authors, title, journal, year",
    "dose_value": "mass of base",
    "dose_times_h": "start of each session, hours since the first",
    "n": "people",
}


def write_study(study: str, folder: Path) -> list[Path]:
    """Write ``studies/<study>.yaml`` and ``outcomes/<study>.csv``, and a line of sources, to be filled in.

    Args:
        study: id of the study, for example ``author2026``.
        folder: of the published evidence.

    Returns:
        The files written or added to.

    Raises:
        InputRefused: the id cannot be one, or its source is known already.
        OutputRefused: a file is there already, or the folder is not one of evidence.
    """
    if not NAME.fullmatch(study):
        raise InputRefused(
            f"{study!r} is no id of a study", allowed="3 to 40 small letters, digits and _, for example author2026",
            where="STUDY",
        )  # fmt: skip
    source = f"{study}_abstract"
    if source in load_sources():
        raise InputRefused(f"there is a source {source!r} already", remedy="Choose another id", where="STUDY")
    record, table = folder / "studies" / f"{study}.yaml", folder / "outcomes" / f"{study}.csv"
    if not (record.parent.is_dir() and table.parent.is_dir()):
        raise OutputRefused(
            f"{folder} holds no evidence", allowed="a folder with studies/ and outcomes/", where="--into"
        )
    for path in (record, table):
        if path.exists():
            raise OutputRefused(f"{path.name} is there already", remedy="Nothing was written; edit it", where="STUDY")
    names = ",".join(field.name for field in SOURCE_FIELDS)
    sources = folder / SOURCE_TABLE
    record.write_text(_record(study), encoding="utf-8")
    table.write_text(",".join(field.name for field in OUTCOME_FIELDS) + "\n", encoding="utf-8")
    before = sources.read_text(encoding="utf-8") if sources.exists() else f"{names}\n"
    sources.write_text(before + _source_line(source) + "\n", encoding="utf-8")
    return [record, table, sources]


def _source_line(source: str) -> str:
    filled = {"source_id": source, "citation": UNFILLED, "kind": "abstract", "licence_or_status": "fact",
              "read_on": UNFILLED}  # fmt: skip
    return ",".join(filled.get(field.name, "") for field in SOURCE_FIELDS)


def _key(field: Field, value: str = "") -> str:
    """A key with what may stand there."""
    told = "required" if field.required else "may be left out"
    if field.choices:
        told += f"; one of: {', '.join(field.choices)}"
    elif field.kind in {"number", "integer"}:
        told += "; a whole number" if field.kind == "integer" else "; a number"
    if field.name in SAID:
        told += f"; {SAID[field.name]}"
    return f"{field.name}: {value}".rstrip() + f"  # {told}"


def _entry(fields: Sequence[Field]) -> str:
    keys = [_key(field) for field in fields]
    return "\n".join(("- " if place == 0 else "  ") + key for place, key in enumerate(keys))


def _record(study: str) -> str:
    lines = [
        f"# {study}: fill in what follows; a key without a value may be removed where it may be left out.",
        "# Then: one number a line in outcomes, the address in the table of sources, remit evidence show and audit.",
        "# The columns of an outcome are described in published/README.md.",
    ]
    for field in STUDY_FIELDS:
        if field.name == "arms":
            lines += [f"arms:  # {SAID['arms']}", _entry(ARM_FIELDS)]
        elif field.name == "flags":
            lines += [f"flags: []  # {SAID['flags']}: {', '.join(each.name for each in FLAG_FIELDS)}"]
        elif field.name == "contains":
            lines.append(f"contains: []  # {SAID['contains']}")
        else:
            lines.append(_key(field, study if field.name == "study_id" else ""))
    return "\n".join(lines) + "\n"
