"""An analysis of events as files: a table, NetCDF and JSON."""

from __future__ import annotations

import json
from pathlib import Path

from remit.inference.events.analysis import Events
from remit.inference.network.record import plain
from remit.vocabulary.errors import OutputRefused


def write_record(found: Events, folder: Path) -> None:
    """Write ``estimates.csv``, ``events.nc`` and ``summary.json``; each appears whole or not at all.

    Raises:
        OutputRefused: a file cannot be written.
    """
    try:
        table = folder / "estimates.csv.tmp"
        found.estimates().write_csv(table)
        table.replace(folder / "estimates.csv")
        fresh = folder / "events.nc.tmp"
        found.as_dataset().to_netcdf(fresh, engine="h5netcdf")
        fresh.replace(folder / "events.nc")
        words = folder / "summary.json.tmp"
        words.write_text(json.dumps(plain(found.summary), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
        words.replace(folder / "summary.json")
    except OSError as fault:
        raise OutputRefused(f"{folder} cannot be written to ({fault.strerror})", where="--out") from None
