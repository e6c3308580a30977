"""Time in hours, and how people say it. The only place where a day has 24 hours.

Three clocks are kept apart by name, never by position:

    hours since the first dose      ``time_h``            0 is the start of the first dose
    hours since the latest dose     ``since_last_h``
    hours since a session started   ``session_h``
"""

from __future__ import annotations

import re

from remit.vocabulary.errors import OutOfRange, UnitRefused

MINUTES_PER_HOUR = 60.0
HOURS_PER_DAY = 24.0
DAYS_PER_WEEK = 7.0
HOURS_PER_WEEK = HOURS_PER_DAY * DAYS_PER_WEEK

_HOURS_IN = {
    "min": 1.0 / MINUTES_PER_HOUR,
    "h": 1.0,
    "d": HOURS_PER_DAY,
    "w": HOURS_PER_WEEK,
}
_NAMES = {
    "m": "min", "min": "min", "mins": "min", "minute": "min", "minutes": "min",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "d": "d", "day": "d", "days": "d",
    "w": "w", "wk": "w", "week": "w", "weeks": "w",
}  # fmt: skip
_DURATION = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*")


def days(number: float) -> float:
    """Days [d] as hours [h]."""
    return number * HOURS_PER_DAY


def weeks(number: float) -> float:
    """Weeks [w] as hours [h]."""
    return number * HOURS_PER_WEEK


def minutes(number: float) -> float:
    """Minutes [min] as hours [h]."""
    return number / MINUTES_PER_HOUR


def parse_duration(text: str, *, where: str = "") -> float:
    """Read a duration such as ``40min``, ``2 h``, ``3d`` or ``8w`` as hours [h].

    Raises:
        UnitRefused: there is no number, no unit, or a unit that is not one of time.
        OutOfRange: the number is negative.
    """
    match = _DURATION.fullmatch(text)
    unit = _NAMES.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise UnitRefused(
            f"{text!r} is not a duration",
            allowed="a number and one of min, h, d, w, for example 40min or 2d",
            where=where,
        )
    if float(match[1]) < 0:
        raise OutOfRange(f"{text!r} lies before its start", allowed="zero or more", where=where)
    return float(match[1]) * _HOURS_IN[unit]


def spoken(hours: float) -> str:
    """Hours [h] in the largest unit that keeps the number short: ``45 min``, ``2 h``, ``3 d``, ``4 w``."""
    if hours < 1.0:
        return f"{hours * MINUTES_PER_HOUR:.3g} min"
    if hours < 2 * HOURS_PER_DAY:
        return f"{hours:.3g} h"
    if hours < 3 * HOURS_PER_WEEK or hours % HOURS_PER_WEEK:
        return f"{hours / HOURS_PER_DAY:.3g} d"
    return f"{hours / HOURS_PER_WEEK:.3g} w"


_IN_FULL = {"min": "minute", "h": "hour", "d": "day", "w": "week"}
_SPOKEN = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?) (min|h|d|w)(?![\w/])")


def in_full(text: str) -> str:
    """A text whose times, written as `spoken` does, have their units in full: ``in 3 d`` as ``in 3 days``."""
    return _SPOKEN.sub(lambda each: f"{each[1]} {_IN_FULL[each[2]]}{'' if each[1] == '1' else 's'}", text)


def hours_of_horizons() -> tuple[float, ...]:
    """The times people ask about [h]: 2 hours, 1, 3, 7, 14 and 28 days."""
    return (2.0, days(1), days(3), days(7), days(14), days(28))
