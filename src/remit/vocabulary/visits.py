"""What is known of one person under treatment: who they are, what they scored, what they were given and is planned."""

from __future__ import annotations

from dataclasses import dataclass, field

from remit.vocabulary.observations import Score
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.units import Amount


@dataclass(frozen=True, slots=True)
class Given:
    """One dose as it was written down.

    Attributes:
        time_h: start, hours since the first dose [h].
        amount: as base; None is the dose of every session.
        duration_h: length of an infusion [h]; None is that of every session.
    """

    time_h: float
    amount: Amount | None = None
    duration_h: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """One person's record.

    Attributes:
        scores: in order of time; one at the time of a dose was taken before it.
        doses: given so far, in order of time.
        planned: doses to come, in order of time.
        missed: visits without a score and without a dose.
        weight_kg, age_y, diagnosis: of the person; None where the record does not say.
        co_medication: other medicines, as written.
        drug, route, daily: names as written; None where the record does not say.
        warnings: what looked odd while it was read.
    """

    scores: tuple[Score, ...] = ()
    doses: tuple[Given, ...] = ()
    planned: tuple[Given, ...] = ()
    missed: int = 0
    weight_kg: float | None = None
    age_y: float | None = None
    diagnosis: Diagnosis | None = None
    co_medication: tuple[str, ...] = ()
    drug: str | None = None
    route: str | None = None
    daily: str | None = None
    warnings: tuple[str, ...] = field(default=())

    @property
    def until_h(self) -> float:
        """Time of the last score or dose [h]; 0 where there is none."""
        return max([0.0, *(score.time_h for score in self.scores), *(dose.time_h for dose in self.doses)])
