"""When people respond or relapse, from scores at visits that somebody pasted: read once, answered, not kept."""

from __future__ import annotations

import csv
import io
from typing import Any

from remit.vocabulary.errors import InputRefused

MOST_ROWS = 5000
"""choice: more belongs to the command line, which shows how far it is."""
DRAWS = 200
"""choice: enough for a band at 90 %, and done within a breath."""


def pasted_events(
    text: str, event: str, scale: str | None = None, by: str | None = None, *, level: float = 0.9, draws: int = DRAWS
) -> dict[str, Any]:
    """Time to an event from a pasted table of scores.

    Args:
        text: CSV with columns ``subject``, a time such as ``day`` or ``week``, ``score``; more as in ``remit events``.
        event: response, sustained-response, remission, onset, relapse or loss-of-response.
        scale: where no column says it.
        by: column of groups.
        level: of bands [fraction].
        draws: of the bootstrap behind them; 0 for none.

    Returns:
        Curves, chances, quantiles, test and models, as `remit.inference.events.analysis.Events.summary`.

    Raises:
        InputRefused: the table or an option cannot be used.
        NotConverged: a curve has no certificate.
    """
    import polars as pl

    from remit.inference.events.analysis import Wanted
    from remit.inference.events.definition import EVENTS
    from remit.inference.events.of_table import events

    if event not in EVENTS:
        raise InputRefused(f"unknown event {event!r}", allowed=", ".join(EVENTS), where="--event")
    lines = list(csv.reader(io.StringIO(text.strip())))
    if len(lines) < 2:
        raise InputRefused("there is no row of scores", remedy="Give a first line of names, and a line a visit")
    if len(lines) > MOST_ROWS + 1:
        raise InputRefused(
            f"{len(lines) - 1:,} rows are too many here", allowed=f"{MOST_ROWS:,}", remedy="Use: remit events"
        )
    names = [each.strip() for each in lines[0]]
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(names):
            raise InputRefused(f"line {number} has {len(line)} values", allowed=f"{len(names)}, one a column")
    columns = {name: [line[place].strip() or None for line in lines[1:]] for place, name in enumerate(names)}
    return events(
        pl.DataFrame({name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}), event,
        scale=scale, by=by, wanted=Wanted(level=level, draws=draws),
    ).summary  # fmt: skip
