"""Dates as people write them, read without guessing which number is the month."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from remit.vocabulary.errors import InputRefused

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::\d{2})?)?")
_SPREADSHEET = re.compile(r"[1-9]\d{4}(?:[.,]\d+)?")
_WRITTEN = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})(?: (\d{1,2}):(\d{2}))?")


def read_dates(texts: Sequence[str], places: Sequence[str]) -> tuple[list[datetime], list[str]]:
    """Dates, with times of day where they are written, and what looked odd.

    ``2026-03-04`` and ``2026-03-04 09:30`` are read as they stand; ``4.3.2026`` has the day first. ``04/03/2026`` is
    read in the order in which every date of the file exists and none runs backwards, if there is just one.

    Args:
        texts: as written.
        places: where each stands, for messages.

    Raises:
        InputRefused: one is no date, or the order of day and month cannot be told.
    """
    slashed = [place for place, text in enumerate(texts) if "/" in text]
    orders = ("day first", "month first") if slashed else ("day first",)
    readings: dict[str, list[datetime]] = {}
    for order in orders:
        try:
            readings[order] = [_one(text, place, order) for text, place in zip(texts, places, strict=True)]
        except ValueError:
            continue
        except InputRefused:
            if len(orders) == 1 or (order == orders[-1] and not readings):
                raise
    if not readings:
        raise InputRefused(
            f"{texts[slashed[0]]!r} and the other dates cannot all be read in one order",
            remedy="Write dates as 2026-03-04",
            where=places[slashed[0]],
        )
    rising = {order: dates for order, dates in readings.items() if dates == sorted(dates)}
    chosen = rising or readings
    if len(chosen) > 1 and len({tuple(dates) for dates in chosen.values()}) > 1:
        raise InputRefused(
            f"{texts[slashed[0]]!r} can be read with the day or the month first",
            remedy="Write dates as 2026-03-04",
            where=places[slashed[0]],
        )
    dates = next(iter(chosen.values()))
    return dates, _swapped(dates, texts, places)


def _one(text: str, place: str, order: str) -> datetime:
    if found := _ISO.fullmatch(text.strip()):
        year, month, day, hour, minute = (int(part or 0) for part in found.groups())
    elif found := _WRITTEN.fullmatch(text.strip()):
        first, sign, second, year, hour, minute = found.groups()
        day, month = (first, second) if sign == "." or order == "day first" else (second, first)
        year, month, day, hour, minute = (int(part or 0) for part in (year, month, day, hour, minute))
    else:
        raise InputRefused(
            f"{text!r} is not a date", allowed="2026-03-04 or 2026-03-04 09:30", remedy=_counted(text), where=place
        )
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001  (a clinic's own clock; only differences count)
    except ValueError:
        if "/" in text:
            raise
        raise InputRefused(f"there is no date {text!r}", where=place) from None


def _counted(text: str) -> str:
    """What a number means that a spreadsheet wrote for a date; empty for other texts."""
    if not _SPREADSHEET.fullmatch(text.strip()):
        return ""
    day = datetime(1899, 12, 30) + timedelta(days=int(text.strip()[:5]))  # noqa: DTZ001  (where spreadsheets begin to count)
    return f"Spreadsheets count days: this is probably {day:%Y-%m-%d}. Format the column as a date before saving"


def _swapped(dates: list[datetime], texts: Sequence[str], places: Sequence[str]) -> list[str]:
    """A date that runs backwards and would not with day and month exchanged."""
    found = []
    for place, (before, here) in enumerate(itertools.pairwise(dates), start=1):
        if here >= before:
            continue
        after = dates[place + 1] if place + 1 < len(dates) else None
        for odd, low, high in ((place, before, after), (place - 1, dates[place - 2] if place > 1 else None, here)):
            date = dates[odd]
            if date.day <= 12 and date.day != date.month:
                turned = date.replace(month=date.day, day=date.month)
                if (low is None or turned >= low) and (high is None or turned <= high):
                    found.append(
                        f"{places[odd]}: {texts[odd]} runs backwards; with day and month exchanged it would not"
                    )
                    break
    return found
