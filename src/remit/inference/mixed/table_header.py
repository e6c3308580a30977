"""The header of a table of events: names with a meaning, what other tables call them, and columns of words."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from remit.inference.table_file import is_number
from remit.vocabulary.errors import InputRefused

KNOWN = (
    "ID",
    "TIME",
    "AMT",
    "RATE",
    "DUR",
    "EVID",
    "CMT",
    "DV",
    "DVID",
    "MDV",
    "ADDL",
    "II",
    "SS",
    "CENS",
    "LLOQ",
    "OCC",
)
"""Columns with a meaning of their own; every other column of numbers is a covariate."""
MISSING = {"", ".", "na", "nan"}
_ALIKE = {
    "ID": ("SUBJECT", "SUBJ", "SUBJECTID", "SUBJECT_ID", "USUBJID", "PATIENT", "PATIENT_ID", "PERSON", "NO"),
    "TIME": ("T", "HOURS", "HOUR", "TIME_H", "TAFD", "TIMES", "DAY", "WEEK", "AGE"),
    "DV": ("CONC", "CONCENTRATION", "CP", "Y", "SCORE", "TOTAL", "VALUE", "OBS", "LEVEL"),
}
"""What other tables call the columns that are needed."""
DOSES = ("DOSE", "AMOUNT", "DOSES", "DOSE_MG", "MG")
"""What other tables call amounts."""


def check_header(header: Sequence[str], name: str) -> None:
    """Refuse a header without the columns that are needed, or with one twice.

    Raises:
        InputRefused: says which is absent, what the table has, and which column is probably meant.
    """
    absent = [column for column in _ALIKE if column not in header]
    if absent:
        others = [each for each in header if each and each not in KNOWN]
        likely = {column: _likely(column, others) for column in absent}
        if "AMT" not in header and (dose := next((each for each in others if each in DOSES), "")):
            likely["AMT"] = dose
        said = " ".join(f"--column {column}={likely[column] or 'NAME'}" for column in likely)
        raise InputRefused(
            f"there is no column {' and no column '.join(absent)}; the table has {', '.join(filter(None, header))}",
            allowed=", ".join(KNOWN) + " and covariates",
            remedy=f"Say which it is: {said}" + ("" if all(likely.values()) else ", with the name of your column"),
            where=f"{name}, row 1",
        )
    twice = {column for column in header if header.count(column) > 1}
    if twice:
        raise InputRefused(f"column {sorted(twice)[0]} stands twice", remedy="Rename one", where=f"{name}, row 1")


def _likely(column: str, others: Sequence[str]) -> str:
    """The column that is probably meant, or an empty text."""
    known = next((each for each in others if each in _ALIKE[column]), "")
    close = difflib.get_close_matches(column, others, n=1, cutoff=0.5)
    return known or (close[0] if close else "")


def levels_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Columns of words with their levels: those most of whose cells are no numbers; one number in words is a fault."""
    found = {}
    for place, column in enumerate(header):
        if column in KNOWN or not column:
            continue
        seen = [cell for row in rows if (cell := row[place].strip()).lower() not in MISSING]
        words = [cell for cell in seen if not is_number(cell)]
        if len(words) > len(seen) / 2:
            found[column] = tuple(sorted({cell.upper() for cell in seen}))
    return found
