"""Doses, and how they follow each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from remit.vocabulary.clock import HOURS_PER_DAY
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused, OutOfRange


class Route(StrEnum):
    """How a dose enters the body."""

    IV = "iv"
    IM = "im"
    SC = "sc"
    SUBLINGUAL = "sl"
    BUCCAL = "buccal"
    NASAL = "in"
    ORAL = "po"

    @property
    def spoken(self) -> str:
        """The route in words."""
        return _SPOKEN[self]


_SPOKEN = {
    Route.IV: "intravenous",
    Route.IM: "intramuscular",
    Route.SC: "subcutaneous",
    Route.SUBLINGUAL: "sublingual",
    Route.BUCCAL: "buccal",
    Route.NASAL: "nasal",
    Route.ORAL: "oral",
}
_ALIASES = {
    "intravenous": Route.IV, "intramuscular": Route.IM, "subcutaneous": Route.SC, "sublingual": Route.SUBLINGUAL,
    "nasal": Route.NASAL, "intranasal": Route.NASAL, "oral": Route.ORAL,
}  # fmt: skip


def parse_route(text: str, *, where: str = "") -> Route:
    """The route named by a code or a word.

    Raises:
        InputRefused: no route has that name.
    """
    name = text.strip().lower()
    if name in _ALIASES:
        return _ALIASES[name]
    try:
        return Route(name)
    except ValueError:
        allowed = ", ".join(f"{route.value} ({route.spoken})" for route in Route)
        raise InputRefused(f"unknown route {text!r}", allowed=allowed, where=where) from None


@dataclass(frozen=True, slots=True)
class Dose:
    """One administration.

    Args:
        time_h: start, hours since the first dose [h].
        amount_mg: amount of base [mg].
        duration_h: length of an infusion [h]; 0 is a bolus, an injection or a swallowed dose.
    """

    time_h: float
    amount_mg: float
    duration_h: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.amount_mg) and self.amount_mg > 0):
            raise OutOfRange(f"a dose of {self.amount_mg:g} mg cannot be given", allowed="a number above zero")
        if not (math.isfinite(self.duration_h) and self.duration_h >= 0):
            raise OutOfRange(f"an infusion of {self.duration_h:g} h cannot be given", allowed="0 h or longer")


@dataclass(frozen=True, slots=True)
class Regimen:
    """Doses of one drug by one route, in order of time."""

    drug: Drug
    route: Route
    doses: tuple[Dose, ...]

    def __post_init__(self) -> None:
        if not self.doses:
            raise InputRefused("a regimen without a dose", allowed="one dose or more")
        times = [dose.time_h for dose in self.doses]
        if times != sorted(times):
            raise InputRefused("the doses are not in order of time", remedy="Sort them by time_h")

    @property
    def times_h(self) -> tuple[float, ...]:
        """Start of each dose [h]."""
        return tuple(dose.time_h for dose in self.doses)


def session_times(sessions: int, spacing_days: float) -> tuple[float, ...]:
    """Start of each of equally spaced sessions [h].

    Raises:
        OutOfRange: fewer than one session, or a spacing that is not above zero.
    """
    if sessions < 1:
        raise OutOfRange(f"{sessions} sessions", allowed="1 or more")
    if sessions > 1 and not spacing_days > 0:
        raise OutOfRange(f"a spacing of {spacing_days:g} days", allowed="above 0 days")
    return tuple(index * spacing_days * HOURS_PER_DAY for index in range(sessions))
