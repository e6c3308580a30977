"""Questionnaires: GAD-7 and PHQ-9 scored from their items, other scales as totals; severity bands with their source.

Only these two may be scored here from items: their authors let anybody use them. Of other instruments a total is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remit.evidence.instruments import Instrument, find_scale, load_instruments
from remit.vocabulary.errors import InputRefused, OutOfRange

ITEMS = {"GAD-7": 7, "PHQ-9": 9}
"""Scales that may be scored from items, and how many there are."""
HIGHEST = 3
"""Answers are 0 (not at all), 1 (several days), 2 (more than half the days), 3 (nearly every day)."""
BANDS_FROM = {"GAD-7": "gad7_loinc", "PHQ-9": "phq9_kroenke2001"}
"""Where the severity bands of these two were read; of other scales the first source of the scale."""
VARIABLES = {"HAM-A": "ham_a_total", "LSAS-SR": "lsas_sr_total"}
"""Totals that rules ask for."""
SELF_HARM_ITEM = 9
"""The item of the PHQ-9 that asks about being better off dead or hurting oneself."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A total with what it means.

    Attributes:
        scale, total, low, high: the total [points] and the range of its scale.
        severity: band of the total; None where the scale has none.
        source_id: where the bands were read.
        variable: of rules that ask for this total.
        from_items: whether it was added up here.
        notes: what a clinician must see.
    """

    scale: str
    total: float
    low: int
    high: int
    severity: str | None
    source_id: str
    variable: str | None
    from_items: bool
    notes: tuple[str, ...]


def total_of(scale: str, answers: Sequence[int]) -> int:
    """The total of a questionnaire [points]: the sum of its items.

    Args:
        scale: ``GAD-7`` or ``PHQ-9``.
        answers: one whole number from 0 to 3 an item, none left out.

    Raises:
        InputRefused: the scale is not one that is scored from items, or an item is missing.
        OutOfRange: an answer is not 0, 1, 2 or 3.
    """
    if scale not in ITEMS:
        raise InputRefused(
            f"{scale} is not scored from items here",
            allowed=f"items of {', '.join(ITEMS)}",
            remedy="Give its total",
            where="questionnaires",
        )
    if len(answers) != ITEMS[scale]:
        raise InputRefused(
            f"{len(answers)} answers of {scale}",
            allowed=f"{ITEMS[scale]}, one an item: a missing answer is never taken for 0",
            where="questionnaires",
        )
    for number, answer in enumerate(answers, start=1):
        if isinstance(answer, bool) or answer not in range(HIGHEST + 1):
            raise OutOfRange(f"item {number} is {answer!r}", allowed="0, 1, 2 or 3", where=f"questionnaires, {scale}")
    return sum(answers)


def severity_of(instrument: Instrument, total: float) -> str | None:
    """The band a total lies in; None where the scale has no bands, or none holds it."""
    return next((label for label, low, high in instrument.severity if low <= total <= high), None)


def score(scale: str, given: float | Sequence[int]) -> Scored:
    """A questionnaire from its items or its total.

    Raises:
        InputRefused: there is no such scale, or it is not scored from items.
        OutOfRange: the total or an answer lies outside the scale.
    """
    known = find_scale(scale, where="questionnaires")
    instrument = load_instruments()[known.name]
    from_items = isinstance(given, (list, tuple))
    total = float(total_of(known.name, given) if from_items else known.check(given, where=f"questionnaires, {scale}"))  # type: ignore[arg-type]
    if (total - known.low) % known.step:
        raise OutOfRange(f"{total:g} is not a {known.name} total", allowed="a whole number", where="questionnaires")
    notes = []
    if known.name == "PHQ-9" and from_items and given[SELF_HARM_ITEM - 1] > 0:
        notes.append("PHQ-9 item 9 is above 0: ask about suicidal thoughts today, whatever the total.")
    return Scored(
        known.name,
        total,
        known.low,
        known.high,
        severity_of(instrument, total),
        BANDS_FROM.get(known.name, instrument.sources[0]),
        VARIABLES.get(known.name),
        from_items,
        tuple(notes),
    )


def scored(given: Mapping[str, float | Sequence[int]]) -> tuple[Scored, ...]:
    """All questionnaires of a record."""
    return tuple(score(scale, each) for scale, each in given.items())
