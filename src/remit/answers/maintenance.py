"""Sessions that go on after a series, and what the evidence holds of series and of going on."""

from __future__ import annotations

from dataclasses import dataclass

from remit.answers.standing import SessionArm, session_arms
from remit.vocabulary.clock import DAYS_PER_WEEK, HOURS_PER_DAY, days
from remit.vocabulary.dosing import Dose, Regimen


@dataclass(frozen=True, slots=True)
class Schedule:
    """How sessions go on after the last one of a series.

    Attributes:
        name, label: in code, and in words.
        every_days: from one session to the next [d]; None where none follows.
    """

    name: str
    label: str
    every_days: float | None


SCHEDULES = (
    Schedule("none", "no more sessions", None),
    Schedule("monthly", "every 4 weeks", 4 * DAYS_PER_WEEK),
    Schedule("fortnightly", "every 2 weeks", 2 * DAYS_PER_WEEK),
    Schedule("weekly", "every week", DAYS_PER_WEEK),
)
WIDER = 2.0
"""choice: sessions at least this many times as far apart at the end as at the beginning are maintenance."""
FOLLOWED_H = days(7.0)
"""choice: people rated at least this long after their last session were followed after it [h]."""


def maintained(regimen: Regimen, every_days: float | None, span_days: float) -> Regimen:
    """A regimen whose last session is followed by equally spaced ones, like it.

    Args:
        regimen: the sessions before.
        every_days: from one session to the next [d]; None adds none.
        span_days: sessions begin before this many days after the last one of ``regimen`` [d].
    """
    if every_days is None:
        return regimen
    last = regimen.doses[-1]
    count = int(-(-span_days // every_days)) - 1
    more = [
        Dose(last.time_h + number * days(every_days), last.amount_mg, last.duration_h) for number in range(1, count + 1)
    ]
    return Regimen(regimen.drug, regimen.route, (*regimen.doses, *more))


@dataclass(frozen=True, slots=True)
class SeriesEvidence:
    """What the rows in use hold of series. Names are ids of studies.

    Attributes:
        once: studies that gave one session.
        series: studies that gave several.
        followed: of these, those that rated people a week or more after the last session.
        maintenance: of these, those whose sessions were spaced out after a first stretch.
        once_seen_days, series_seen_days: longest rating after the only, or the last, session [d].
    """

    once: tuple[str, ...]
    series: tuple[str, ...]
    followed: tuple[str, ...]
    maintenance: tuple[str, ...]
    once_seen_days: float
    series_seen_days: float

    def seen_days(self, sessions: int) -> float:
        """How long after the last session people of such arms were rated [d]."""
        return self.once_seen_days if sessions == 1 else self.series_seen_days


def series_evidence() -> SeriesEvidence:
    """Studies among the rows in use by how many sessions they gave, and how long they looked after the last."""
    arms = session_arms()
    single = [arm for arm in arms if len(arm.dose_times_h) == 1]
    several = [arm for arm in arms if len(arm.dose_times_h) > 1]
    return SeriesEvidence(
        _studies(single),
        _studies(several),
        _studies([arm for arm in several if _after_last(arm) >= FOLLOWED_H]),
        _studies([arm for arm in several if _is_spaced_out(arm)]),
        max((_after_last(arm) for arm in single), default=0.0) / HOURS_PER_DAY,
        max((_after_last(arm) for arm in several), default=0.0) / HOURS_PER_DAY,
    )


def _after_last(arm: SessionArm) -> float:
    return max(0.0, arm.seen_until_h - arm.dose_times_h[-1])


def _is_spaced_out(arm: SessionArm) -> bool:
    times = arm.dose_times_h
    return len(times) > 2 and times[-1] - times[-2] >= WIDER * (times[1] - times[0])


def _studies(arms: list[SessionArm]) -> tuple[str, ...]:
    return tuple(sorted({arm.study for arm in arms}))
