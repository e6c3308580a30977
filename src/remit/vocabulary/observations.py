"""What is seen in one person at one time. Missing and below the limit are kinds of their own, never None or zero."""

from __future__ import annotations

from dataclasses import dataclass

from remit.vocabulary.drugs import Analyte
from remit.vocabulary.scales import Scale


@dataclass(frozen=True, slots=True)
class Score:
    """A total on a scale at a time [h since the first dose]."""

    time_h: float
    scale: Scale
    total: float

    def __post_init__(self) -> None:
        self.scale.check(self.total)


@dataclass(frozen=True, slots=True)
class MissedScore:
    """A visit that should have given a total and did not."""

    time_h: float
    scale: Scale


@dataclass(frozen=True, slots=True)
class Concentration:
    """A measured concentration [ng/mL] at a time [h since the first dose]."""

    time_h: float
    analyte: Analyte
    ng_per_ml: float


@dataclass(frozen=True, slots=True)
class BelowQuantification:
    """A concentration known only to lie below a limit [ng/mL]."""

    time_h: float
    analyte: Analyte
    limit_ng_per_ml: float
