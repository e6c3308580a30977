"""Rating scales and scores. A score outside its scale cannot be built."""

from __future__ import annotations

from dataclasses import dataclass

from remit.vocabulary.errors import OutOfRange


@dataclass(frozen=True, slots=True)
class Scale:
    """A rating scale whose total is a bounded integer; higher is worse.

    Args:
        name: as published, for example ``HAM-A``.
        low, high: smallest and largest possible total [points].
        step: smallest difference between two totals [points].
        response_fraction: fall from baseline that counts as response [fraction of baseline].
        remission_at_or_below: total that counts as remission [points]; None where no cut-off is published.
        minimal_important_change: smallest change a person would notice [points]; None where none is published.
        within_person_sd: scatter of a total when nothing has changed [points]; None where none is published.
    """

    name: str
    low: int
    high: int
    step: float = 1.0
    response_fraction: float | None = None
    remission_at_or_below: float | None = None
    minimal_important_change: float | None = None
    within_person_sd: float | None = None

    @property
    def span(self) -> float:
        """Largest minus smallest total [points]."""
        return float(self.high - self.low)

    def check(self, total: float, *, where: str = "") -> float:
        """The total, if the scale allows it.

        Raises:
            OutOfRange: the total lies outside the scale.
        """
        if not self.low <= total <= self.high:
            raise OutOfRange(f"{total:g} is not a {self.name} total", allowed=f"{self.low} to {self.high}", where=where)
        return total
