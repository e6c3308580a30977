"""How sure one may be of a number, by a stated rule from the studies behind it: computed, never typed in.

The rule follows GRADE in spirit, and is the same for any outcome. It starts at high where at least half of the people
were in randomised comparisons with a control, and at low otherwise, and goes down one step for each of

    masking        fewer than half of the people were in double-blind studies
    size           fewer than 400 people in all
    consistency    the studies differ by more than chance (I squared above one half), or there is only one
    directness     fewer than half of the people have the condition asked about

A level below the lowest is the lowest; a number that rests on nobody has no level and no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remit.evidence.appraisal import ENOUGH_PEOPLE, LEVELS, Certainty

HALF = 0.5
"""choice: the majority decides whether a body of evidence is randomised, masked or direct."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One study as far as certainty is concerned.

    Attributes:
        study_id: its name.
        people: people in it; None where not stated, which counts as none.
        is_randomised: with a control that was drawn by lot.
        is_masked: double-blind.
        is_direct: its people have the condition asked about.
    """

    study_id: str
    people: int | None
    is_randomised: bool
    is_masked: bool
    is_direct: bool


def certainty_of(witnesses: Sequence[Witness], inconsistency: float | None) -> Certainty:
    """Certainty of a number.

    Args:
        witnesses: the studies behind it.
        inconsistency: share of their variance that is not chance [fraction]; None where there is only one.
    """
    people = sum(each.people or 0 for each in witnesses)
    if not witnesses:
        return Certainty(LEVELS[0], ("no study",))

    def most(*chosen: bool) -> bool:
        held = sum(each.people or 0 for each, is_so in zip(witnesses, chosen, strict=True) if is_so)
        return held >= HALF * people if people else all(chosen)

    reasons = []
    start = len(LEVELS) - 1
    if not most(*(each.is_randomised for each in witnesses)):
        # not randomised: low at best, which is two steps
        start -= 2
        reasons.append("most people were not in a randomised comparison")
    down = 0
    for is_fine, said in (
        (most(*(each.is_masked for each in witnesses)), "most people were not in double-blind studies"),
        (people >= ENOUGH_PEOPLE, f"fewer than {ENOUGH_PEOPLE} people in all ({people})"),
        (len(witnesses) > 1, "one study only, so consistency cannot be judged"),
        (len(witnesses) < 2 or (inconsistency or 0.0) <= HALF, "studies differ by more than chance"),
        (most(*(each.is_direct for each in witnesses)), "most people did not have an anxiety disorder"),
    ):
        if not is_fine:
            down += 1
            reasons.append(said)
    return Certainty(LEVELS[max(0, start - down)], tuple(reasons))
