"""The published evidence as flat tables: one record a row, each with file, line and source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remit.evidence.adverse_effects import load_adverse_effects
from remit.evidence.exposures import load_exposures
from remit.evidence.findings import load_findings
from remit.evidence.instruments import load_instruments, load_scale_facts
from remit.evidence.kinetics import load_models
from remit.evidence.moderators import load_moderators
from remit.evidence.regulation import load_ongoing_trials, load_regulatory_facts
from remit.evidence.rules import load_rules
from remit.evidence.searches import load_searches
from remit.evidence.sources import load_sources
from remit.evidence.trials import load_trials
from remit.vocabulary.errors import InputRefused, OutputRefused

if TYPE_CHECKING:
    import polars as pl

Record = dict[str, Any]
KINDS = (".csv", ".parquet", ".json")
JOINED = "; "


def _studies() -> Iterable[Record]:
    for trial in load_trials().values():
        record = {name: getattr(trial, name) for name in trial.__dataclass_fields__ if name not in {"arms", "outcomes"}}
        record["flags"] = [f"{flag.kind}: {flag.text}" for flag in trial.flags]
        yield {**record, "retracted": trial.is_retracted, "arms": len(trial.arms), "rows": len(trial.outcomes)}


def _arms() -> Iterable[Record]:
    for trial in load_trials().values():
        for arm in trial.arms:
            yield {"study_id": trial.study_id, **asdict(arm)}


def _outcomes() -> Iterable[Record]:
    for trial in load_trials().values():
        for row in trial.outcomes:
            arm = trial.arm(row.arm_id)
            study = {
                "design": trial.design, "blinding": trial.blinding, "comparator": trial.comparator,
                "retracted": trial.is_retracted, "treatment": arm.treatment, "route": arm.route,
                "dose_value": arm.dose_value, "dose_unit": arm.dose_unit,
            }  # fmt: skip
            yield {**asdict(row), **study}


def _parameters() -> Iterable[Record]:
    for model in load_models().values():
        shared = {
            "model_id": model.model_id, "status": model.status, "compound": model.compound,
            "sampling_site": model.sampling_site, "source_id": model.source_id,
        }  # fmt: skip
        for name, parameter in model.parameters.items():
            yield {**shared, "parameter": name, **asdict(parameter)}


def _instruments() -> Iterable[Record]:
    for instrument in load_instruments().values():
        scale = instrument.scale
        yield {
            "scale": scale.name, "full_name": instrument.name, "low": scale.low, "high": scale.high,
            "minimal_important_change": scale.minimal_important_change,
            "response_fraction": scale.response_fraction, "remission_at_or_below": scale.remission_at_or_below,
            "rater": instrument.rater, "items": instrument.items, "licence": instrument.licence,
            "sources": instrument.sources, "note": instrument.note,
        }  # fmt: skip


TABLES: dict[str, tuple[str, Callable[[], Iterable[Record]]]] = {
    "studies": ("design, blinding, comparator and status of every study", _studies),
    "arms": ("what each group of people got", _arms),
    "outcomes": ("every published outcome", _outcomes),
    "moderators": ("who responds, and what else goes with benefit", lambda: map(asdict, load_moderators())),
    "findings": ("findings that bear on a claim", lambda: map(asdict, load_findings().values())),
    "searches": ("what was looked up, when, and what came of it", lambda: map(asdict, load_searches().values())),
    "exposures": ("observed concentrations and what is derived from them", lambda: map(asdict, load_exposures())),
    "parameters": ("parameters of the published kinetic models", _parameters),
    "adverse_effects": ("side effects, blood pressure, dissociation", lambda: map(asdict, load_adverse_effects())),
    "rules": ("rules of eligibility and monitoring", lambda: map(asdict, load_rules().values())),
    "scales": ("rating scales: range, cut-offs, licence", _instruments),
    "scale_facts": ("published numbers about rating scales", lambda: map(asdict, load_scale_facts())),
    "regulatory": ("approvals and warnings", lambda: map(asdict, load_regulatory_facts())),
    "ongoing_trials": ("trials under way", lambda: map(asdict, load_ongoing_trials())),
    "sources": ("where each number was seen", lambda: map(asdict, load_sources().values())),
}
"""Name of each table: what it holds, and its records."""


def records(table: str) -> list[Record]:
    """The records of a table.

    Raises:
        InputRefused: there is no such table.
    """
    if table not in TABLES:
        raise InputRefused(f"there is no table {table!r}", allowed=", ".join(TABLES), where="--table")
    return [{name: _plain(value) for name, value in record.items()} for record in TABLES[table][1]()]


def _plain(value: Any) -> Any:
    """A value that every format can hold: lists joined, records as text."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return JOINED.join(str(_plain(each)) for each in value) or None
    if isinstance(value, dict):
        return JOINED.join(f"{name}: {_plain(each)}" for name, each in value.items()) or None
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def frame(table: str) -> pl.DataFrame:
    """A table as a data frame; a column's type is that of all its values."""
    import polars as pl

    return pl.DataFrame(records(table), infer_schema_length=None)


def export(table: str, path: Path) -> int:
    """Write a table; the ending of the path chooses the kind. Whole or not at all.

    Args:
        table: its name.
        path: FILE.csv, .parquet or .json.

    Returns:
        Number of rows written.

    Raises:
        InputRefused: no such table or kind.
        OutputRefused: the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise InputRefused(f"{path.name} is no table", allowed=", ".join(KINDS), where="export")
    if not path.parent.is_dir():
        raise OutputRefused(f"there is no folder {path.parent}", remedy="Create it first", where="export")
    found = frame(table)
    fresh = path.with_name(f".{path.name}.tmp")
    try:
        if kind == ".csv":
            found.write_csv(fresh)
        elif kind == ".parquet":
            found.write_parquet(fresh)
        else:
            import json

            fresh.write_text(json.dumps(found.to_dicts(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
        fresh.replace(path)
    except OSError as fault:
        fresh.unlink(missing_ok=True)
        raise OutputRefused(f"{path} cannot be written ({fault.strerror or fault})", where="export") from None
    return found.height
