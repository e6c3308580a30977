"""The person a question is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from remit.vocabulary.errors import InputRefused, OutOfRange


class Diagnosis(StrEnum):
    """Conditions the evidence speaks of; the codes of the ``population`` column."""

    GAD = "GAD"
    SAD = "SAD"
    PD = "PD"
    PTSD = "PTSD"
    OCD = "OCD"
    MIXED_ANXIETY = "mixed_anxiety"
    ANXIOUS_DEPRESSION = "anxious_depression"

    @property
    def spoken(self) -> str:
        """The diagnosis in words."""
        return _SPOKEN[self]


_SPOKEN = {
    Diagnosis.GAD: "generalised anxiety disorder",
    Diagnosis.SAD: "social anxiety disorder",
    Diagnosis.PD: "panic disorder",
    Diagnosis.PTSD: "post-traumatic stress disorder",
    Diagnosis.OCD: "obsessive-compulsive disorder",
    Diagnosis.MIXED_ANXIETY: "anxiety disorders",
    Diagnosis.ANXIOUS_DEPRESSION: "depression with anxiety",
}


def parse_diagnosis(text: str, *, where: str = "") -> Diagnosis:
    """The diagnosis named by its code, whatever the case.

    Raises:
        InputRefused: no diagnosis has that code.
    """
    for diagnosis in Diagnosis:
        if diagnosis.value.lower() == text.strip().lower().replace("-", "_"):
            return diagnosis
    allowed = ", ".join(f"{diagnosis.value} ({diagnosis.spoken})" for diagnosis in Diagnosis)
    raise InputRefused(f"unknown diagnosis {text!r}", allowed=allowed, where=where)


@dataclass(frozen=True, slots=True)
class Person:
    """An adult for whom a course is predicted.

    Args:
        weight_kg: body weight [kg].
        age_y: age [years]; None when not known.
        diagnosis: main diagnosis.
    """

    weight_kg: float
    diagnosis: Diagnosis
    age_y: float | None = None

    def __post_init__(self) -> None:
        # choice: the widest body weights that adults in the evidence had (39 to 170 kg), rounded outwards
        if not 30 <= self.weight_kg <= 250:
            raise OutOfRange(f"a body weight of {self.weight_kg:g} kg", allowed="30 to 250 kg")
        if self.age_y is not None and not 18 <= self.age_y <= 110:
            raise OutOfRange(f"an age of {self.age_y:g} years", allowed="18 to 110 years (adults)")
