"""remit meta --time none: a table of one time, by the textbook's estimators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remit.cli.output import print_json
from remit.cli.typed import page_console
from remit.vocabulary.errors import InputRefused

COLUMNS = 120


def run(
    table: Any,
    reference: str | None,
    *,
    connected: bool,
    method: str,
    knapp_hartung: bool,
    measure: str | None,
    level: float,
    out: Path | None,
    kinds: tuple[str, ...],
    as_json: bool,
    lower_is_better: bool,
) -> None:
    """Pool a table of one time, print it and write it."""
    from remit.inference.network.classic_summary import classic_summary
    from remit.inference.network.network import make_network
    from remit.inference.network.pairwise import METHODS
    from remit.inference.network.record import plain
    from remit.reports.classic_page import print_classic, write_classic

    if method not in METHODS:
        raise InputRefused(f"unknown method {method!r}", allowed=", ".join(METHODS), where="--method")
    network = make_network(table, reference, connected=connected)
    summary = classic_summary(
        network,
        method=method,
        knapp_hartung=knapp_hartung,
        measure=measure,
        level=level,
        lower_is_better=lower_is_better,
    )
    if out is not None:
        write_classic(summary, out, kinds)
    if as_json:
        print_json(plain(summary))
        return
    console = page_console(COLUMNS)
    print_classic(summary, console)
    if out is not None:
        console.print(f"Report: {out / 'report.html'}")
