"""The tables inside an answer, and the answer as a card of HTML for notebooks. Works on plain values alone.

A list of records is a table; a record of columns of one length is one too. A record inside a record becomes columns
with the names joined by ``_``. A list of records inside a row, or columns inside one, become a table of their own,
named ``outer.inner``, whose first columns say which row they belong to.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from remit.vocabulary.errors import InputRefused

Rows = list[dict[str, Any]]
NAMING = ("name", "diagnosis", "topic", "id", "study_id", "label")
"""Fields that say which row it is."""
TIMES = "time_h"
"""Name of the times that several courses of one record share [h]."""
MAIN = 14  # choice: as many estimates as fit on a screen; the tables hold all


def tables_of(answer: Mapping[str, Any]) -> dict[str, Rows]:
    """Every table of an answer by name, ``estimates`` first.

    Args:
        answer: `Answer.as_dict()`.
    """
    found: dict[str, Rows] = {}
    if answer["estimates"]:
        found["estimates"] = [{"name": name, **value} for name, value in answer["estimates"].items()]
    _walk("", answer["detail"], {}, found)
    return found


def _walk(name: str, value: Any, owner: dict[str, Any], found: dict[str, Rows]) -> None:
    if _is_records(value):
        for number, each in enumerate(value):
            mine = {**owner, **_naming(name, each, number)}
            row = dict(owner)
            _flatten(each, "", row, lambda key, inner, mine=mine: _walk(f"{name}.{key}", inner, mine, found))
            found.setdefault(name, []).append(row)
    elif _is_columns(value):
        length = len(next(each for each in value.values() if _is_column(each)))
        fixed = {**owner, **{key: each for key, each in value.items() if not isinstance(each, list | dict)}}
        columns = {key: each for key, each in value.items() if _is_column(each) and len(each) == length}
        rows = found.setdefault(name, [])
        rows += [{**fixed, **{key: each[place] for key, each in columns.items()}} for place in range(length)]
    elif isinstance(value, Mapping):
        times = value.get(TIMES)
        for key, inner in value.items():
            whole = {TIMES: times, **inner} if _share_times(times, inner) else inner
            _walk(f"{name}.{key}" if name else str(key), whole, owner, found)


def _naming(name: str, row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The field that says which row it is; its number from 0 where it has none."""
    prefix = name.rsplit(".", 1)[-1]
    named = ({f"{prefix}_{key}": row[key]} for key in NAMING if isinstance(row.get(key), str))
    return next(named, {f"{prefix}_number": number})


def _share_times(times: Any, inner: Any) -> bool:
    """Whether columns inside a record stand at the times of the record."""
    if not (_is_column(times) and _is_columns(inner)) or TIMES in inner:
        return False
    return len(next(each for each in inner.values() if _is_column(each))) == len(times)


def _flatten(value: Mapping[str, Any], prefix: str, row: dict[str, Any], apart: Any) -> None:
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if _is_table(inner):
            apart(name, inner)
        elif isinstance(inner, Mapping):
            _flatten(inner, f"{name}_", row, apart)
        elif isinstance(inner, list):
            row[name] = "; ".join(str(each) for each in inner)
        else:
            row[name] = inner


def _is_table(value: Any) -> bool:
    return _is_records(value) or _is_columns(value)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _is_column(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and not any(isinstance(each, list | dict) for each in value)


def _is_columns(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    lengths = [len(each) for each in value.values() if _is_column(each)]
    return len(lengths) > 1 and len(set(lengths)) == 1


def table_named(answer: Mapping[str, Any], name: str) -> Rows:
    """The rows of one table.

    Args:
        answer: `Answer.as_dict()`.
        name: one of `tables_of`.

    Raises:
        InputRefused: there is none of that name.
    """
    known = tables_of(answer)
    if name not in known:
        raise InputRefused(f"there is no table {name!r} in this answer", allowed=", ".join(known))
    return known[name]


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows as columns; a field that a row lacks is None."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def card(answer: Mapping[str, Any]) -> str:
    """A small piece of HTML: the sentence, the main numbers, what it rests on, and the rest folded away. Every word of
    the answer is escaped; nothing is loaded from anywhere.

    Args:
        answer: `Answer.as_dict()`.
    """
    basis, text = answer["basis"], html.escape
    rows = "".join(
        f"<tr><th scope='row' style='text-align:left;font-weight:400;padding:.1rem .8rem .1rem 0'>"
        f"{text(name.replace('_', ' '))}</th><td style='text-align:right'>{_number(each['value'])} "
        f"({_number(each['low'])} to {_number(each['high'])}) {text(str(each['unit']))}</td></tr>"
        for name, each in list(answer["estimates"].items())[:MAIN]
    )
    left = len(answer["estimates"]) - MAIN
    more = f"<p>{left} more in the table of estimates.</p>" if left > 0 else ""
    rests = (
        f"Rests on {len(basis['studies'])} studies, {basis['people']:,} people. Certainty: {basis['certainty']}. "
        f"Evidence {answer['evidence_hash'][:12]}, seed {answer['seed']}, remit {answer['version']}."
    )
    folded = "".join(
        _folded(title, lines)
        for title, lines in (
            ("Beyond the evidence", answer["extrapolations"]), ("Beware", answer["caveats"]),
            ("Assumed", answer["assumptions"].values()),
        )
    )  # fmt: skip
    return (
        f"<div style='max-width:46rem;line-height:1.45'><p style='opacity:.75;margin:.2rem 0'>"
        f"{text(answer['question'])}</p><p style='font-size:1.1em;font-weight:600;margin:.3rem 0'>"
        f"{text(answer['sentence'])}</p><table style='font-variant-numeric:tabular-nums'><tbody>{rows}</tbody></table>"
        f"{more}<p style='opacity:.75'>{text(rests)}</p>{folded}<p style='opacity:.75'>Not medical advice.</p></div>"
    )


def _folded(title: str, lines: Any) -> str:
    items = "".join(f"<li>{html.escape(str(each))}</li>" for each in lines)
    return f"<details><summary>{html.escape(title)}</summary><ul>{items}</ul></details>" if items else ""


def _number(value: float | None) -> str:
    return "not reached" if value is None else f"{value:.3g}"
