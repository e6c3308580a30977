"""The question "how fast", checked before anything is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

from remit.evidence.assumptions import load_assumptions
from remit.evidence.instruments import find_scale, load_scales
from remit.evidence.trials import load_trials
from remit.vocabulary.clock import MINUTES_PER_HOUR, days, hours_of_horizons
from remit.vocabulary.dosing import Dose, Regimen, Route, session_times
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import ExtrapolationRefused, InputRefused, OutOfRange
from remit.vocabulary.people import Diagnosis, Person
from remit.vocabulary.scales import Scale
from remit.vocabulary.units import Amount, DoseUnit

HORIZONS_H = hours_of_horizons()
"""The times an answer speaks about [h]."""
INFUSED = frozenset({Route.IV})
SEED = 20261124
USUAL_DOSE = Amount(0.5, DoseUnit.MG_PER_KG)  # choice: the dose of nearly every controlled trial of an infusion
LAST_OF_SERIES_D = 28.0
"""How long after the last session an answer looks [d]."""
_ROUNDING = 1.0 + 1e-6


@dataclass(frozen=True, slots=True)
class HowFast:
    """What is asked.

    Attributes:
        drug, route, amount, duration_h: of one session. The default is the single infusion that most controlled
        trials gave.
        sessions, spacing_days: how many and how far apart [d].
        diagnosis, scale: of whom, measured how. The default is anxiety disorders together, on the scale that most
        treated people were rated
            on and that has every cut-off published.
        baseline: total before the first session [points]; None takes the typical one of the evidence.
        weight_kg: body weight [kg].
        level: of the intervals [fraction].
        seed: of the only key.
        people, draws: virtual people, and posterior draws they are followed under.
        extrapolate: whether a dose above any published one was asked for on purpose.

    Raises:
        OutOfRange: a number that its kind does not allow.
        InputRefused: a scale without a rule for response, or an unknown one.
        ExtrapolationRefused: a dose above any published one, without ``extrapolate``.
    """

    drug: Drug = Drug.KETAMINE
    route: Route = Route.IV
    amount: Amount = USUAL_DOSE
    duration_h: float = 40.0 / MINUTES_PER_HOUR
    sessions: int = 1
    spacing_days: float = 2.0
    diagnosis: Diagnosis = Diagnosis.MIXED_ANXIETY
    scale: str = "GAD-7"
    baseline: float | None = None
    weight_kg: float = field(default_factory=lambda: load_assumptions()["default_weight"].value)
    level: float = 0.9
    seed: int = SEED
    people: int = 64
    draws: int = 200
    extrapolate: bool = False

    def __post_init__(self) -> None:
        Person(self.weight_kg, self.diagnosis)
        if not 0.5 <= self.level < 1:
            raise OutOfRange(f"a level of {self.level:g}", allowed="0.5 to below 1", where="--level")
        # choice: a course of more sessions than any published maintenance is a typing error
        if not 1 <= self.sessions <= 100:
            raise OutOfRange(f"{self.sessions} sessions", allowed="1 to 100", where="--sessions")
        if not 0.25 <= self.spacing_days <= 90:
            raise OutOfRange(f"a spacing of {self.spacing_days:g} days", allowed="0.25 to 90", where="--spacing")
        if not 0 <= self.duration_h <= 24 or self.duration_h > days(self.spacing_days):
            raise OutOfRange(
                f"an infusion of {self.duration_h:g} h",
                allowed="0 to 24 h, and not into the next session",
                where="--over",
            )
        if not 10 <= self.people <= 100_000 or not 10 <= self.draws <= 1000:
            raise OutOfRange(
                f"{self.people} people and {self.draws} draws", allowed="10 to 100,000 people, 10 to 1,000 draws"
            )
        if not 0 <= self.seed < 2**32:
            raise OutOfRange(f"a seed of {self.seed}", allowed="0 to 4294967295", where="--seed")
        scale = self.the_scale()
        object.__setattr__(self, "scale", scale.name)  # as published, whatever the case it was typed in
        if self.baseline is not None:
            scale.check(self.baseline, where="--baseline")
            if not math.isclose(self.baseline % scale.step, 0.0, abs_tol=1e-9):
                raise OutOfRange(
                    f"{self.baseline:g} is not a {scale.name} total",
                    allowed=f"whole steps of {scale.step:g}",
                    where="--baseline",
                )
            if self.baseline <= scale.low:
                raise OutOfRange(f"a baseline of {self.baseline:g}", allowed=f"above {scale.low}", where="--baseline")
        self._refuse_unpublished_dose()

    def _refuse_unpublished_dose(self) -> None:
        own = largest_dose_mg(self.drug, self.route, self.weight_kg)
        known = own or largest_dose_mg(self.drug, None, self.weight_kg)
        dose = self.amount.in_mg(self.weight_kg)
        if known is not None and dose > known * _ROUNDING and not self.extrapolate:
            by = self.route.spoken if own else "any-route"
            raise ExtrapolationRefused(
                f"{self.amount} of {self.route.spoken} {self.drug} is {float(f'{dose:.3g}'):,g} mg; the largest "
                f"published {by} dose is {known:.3g} mg at this weight",
                remedy="Check the unit, or add --extrapolate to see a marked extrapolation",
                where="--dose",
            )

    def the_scale(self) -> Scale:
        """The scale asked about, if it has a rule for response.

        Raises:
            InputRefused: there is none of that name, or it has no published rule for response.
        """
        scale = find_scale(self.scale, where="--scale")
        if scale.response_fraction is None:
            usable = ", ".join(name for name, known in load_scales().items() if known.response_fraction is not None)
            raise InputRefused(f"{scale.name} has no published rule for response", allowed=usable, where="--scale")
        return scale

    def regimen(self) -> Regimen:
        """The doses [mg] for this person."""
        duration = self.duration_h if self.route in INFUSED else 0.0
        amount = self.amount.in_mg(self.weight_kg)
        times = session_times(self.sessions, self.spacing_days)
        return Regimen(self.drug, self.route, tuple(Dose(time, amount, duration) for time in times))

    @property
    def last_dose_h(self) -> float:
        """Start of the last session [h]."""
        return days(self.spacing_days) * (self.sessions - 1)

    @property
    def follow_up_h(self) -> float:
        """How far the course is followed [h]: eight weeks, or four after the last session."""
        return max(days(56.0), self.last_dose_h + days(LAST_OF_SERIES_D))

    def course_spoken(self) -> str:
        """The sessions in words: ``one session`` or ``6 sessions, one every 2 days``."""
        if self.sessions == 1:
            return "one session"
        every = "day" if self.spacing_days == 1 else f"{self.spacing_days:g} days"
        return f"{self.sessions} sessions, one every {every}"

    def dose_spoken(self) -> str:
        """One session in words: ``intravenous ketamine 0.5 mg/kg over 40 minutes``."""
        over = (
            f" over {self.duration_h * MINUTES_PER_HOUR:.0f} minutes"
            if self.route in INFUSED and self.duration_h
            else ""
        )
        return f"{self.route.spoken} {self.drug} {self.amount}{over}"

    def spoken(self) -> str:
        """The question in words."""
        return (
            f"How fast does {self.dose_spoken()} ({self.course_spoken()}) work for {self.diagnosis.spoken}, "
            f"measured by {self.scale}?"
        )


@lru_cache(maxsize=256)
def largest_dose_mg(drug: Drug, route: Route | None, weight_kg: float) -> float | None:
    """Largest dose of one session in the published trials [mg], for a body weight; None where there is none.

    Args:
        drug: what is given.
        route: of the trials; None for any.
        weight_kg: body weight [kg].
    """
    doses = [
        Amount(arm.dose_value, DoseUnit(arm.dose_unit)).in_mg(weight_kg)
        for trial in load_trials().values()
        if not trial.is_retracted
        for arm in trial.arms
        if arm.treatment == drug.value
        and (route is None or arm.route == route.value)
        and arm.dose_value
        and arm.dose_unit in set(DoseUnit)
    ]
    return max(doses, default=None)
