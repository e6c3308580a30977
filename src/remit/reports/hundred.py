"""A hundred people at one time: who would respond anyway, whom the drug adds, who perhaps, who not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from remit.vocabulary.clock import days

LOOKS = ((2.0, "2 hours"), (days(1.0), "1 day"), (days(7.0), "1 week"), (days(28.0), "4 weeks"))
"""Times at which a hundred people are shown [h], and their names."""
PEOPLE = 100


@dataclass(frozen=True, slots=True)
class Hundred:
    """A hundred people at one time, counted as whole people.

    Attributes:
        when: in words.
        anyway: would respond without the drug.
        added: more who respond with it.
        perhaps: more who would, at the upper end of the interval.
        told, low, high: of 100 who respond, with the interval.
        without: of 100 without the drug.
    """

    when: str
    anyway: int
    added: int
    perhaps: int
    told: int
    low: int
    high: int
    without: int

    @property
    def dots(self) -> tuple[str, ...]:
        """What each of the hundred is: ``anyway``, ``added``, ``perhaps`` or ``none``."""
        counted = ("anyway",) * self.anyway + ("added",) * self.added + ("perhaps",) * self.perhaps
        return (*counted, *("none",) * (PEOPLE - len(counted)))

    @property
    def spoken(self) -> str:
        """The same in a sentence, for those who cannot see it."""
        return (
            f"{self.when[:1].upper()}{self.when[1:]}: {self.told} of 100 respond ({self.low} to {self.high}); "
            f"{self.without} of 100 without the drug."
        )


def hundred(cell: dict[str, Any], when: str) -> Hundred:
    """A hundred people counted from shares with their intervals.

    Args:
        cell: of an answer: ``at`` and ``control_at``.
        when: in words.
    """
    told, low, high = (round(cell["at"][key]) for key in ("percent", "low_percent", "high_percent"))
    without = round(cell["control_at"]["percent"])
    anyway = min(without, told)
    return Hundred(when, anyway, told - anyway, high - told, told, low, high, without)


def hundreds(answer: dict[str, Any]) -> list[Hundred]:
    """A hundred people at a few times of an answer to "how fast"."""
    rows = {row["time_h"]: row["response"] for row in answer["detail"]["horizons"]}
    return [hundred(rows[hours], name) for hours, name in LOOKS if hours in rows]
