"""What is odd in a table of events and yet can be read: said beside a fit, not refused."""

from __future__ import annotations

from collections import Counter

from remit.inference.mixed.event_table import EventTable

_LOWER = "LIMIT"
"""Where Monolix and nlmixr2 look for the lower end of an interval that holds a value."""


def notes(table: EventTable) -> list[str]:
    """Sentences on rows that are read otherwise than their writer may think, with the first row of each kind."""
    found = []
    if table.unread:
        found.append(
            f"{_rows(len(table.unread))} with an AMT also {_have(len(table.unread))} a DV, which is not read: a row "
            f"is a dose or an observation. The first is row {table.unread[0]}."
        )
    twice = [
        event.row
        for events in table.events
        for place, event in enumerate(events)
        if event.observes
        and any(
            (each.time, each.dvid, each.occ) == (event.time, event.dvid, event.occ)
            for each in events[:place]
            if each.observes
        )
    ]
    if twice:
        found.append(
            f"{_rows(len(twice))} {_have(len(twice))} the time of an observation before: each counts "
            f"as an observation of its own. The first is row {twice[0]}."
        )
    below = [event.row for events in table.events for event in events if event.observes and event.cens]
    if below and _LOWER in table.covariates:
        found.append(
            f"Column {_LOWER} is not read: a value below a limit (CENS 1) may lie anywhere below it, as method M3 has "
            f"it. The first is row {below[0]}."
        )
    given = [any(event.evid in {1, 4} for event in events) for events in table.events]
    without = [name for name, dosed in zip(table.people, given, strict=True) if not dosed]
    if without and any(given):
        many = "1 person has" if len(without) == 1 else f"{len(without)} people have"
        found.append(f"{many} no dose, the first {without[0]}.")
    alone = [name for name, count in Counter(_observed(table)).items() if count == 1]
    if len(alone) > len(table.people) / 2:
        found.append("Most people have one observation: what differs between people and what scatters cannot be told.")
    return found


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def _observed(table: EventTable) -> list[str]:
    return [name for name, events in zip(table.people, table.events, strict=True) for each in events if each.observes]
