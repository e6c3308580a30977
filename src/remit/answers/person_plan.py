"""A record and a question become doses: those given, those planned, and schedules a clinician may weigh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remit.answers.question import INFUSED, HowFast
from remit.vocabulary.clock import days, weeks
from remit.vocabulary.dosing import Dose, Regimen
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.visits import Given, History

LOOK_AHEAD_D = 56.0
"""How far after the last known session, or after now, a forecast looks [d]."""
MAINTENANCE = (("then weekly", 1.0), ("then every 2 weeks", 2.0), ("then every 4 weeks", 4.0))
"""Schedules after the planned series, and the weeks between sessions."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Doses of one person.

    Attributes:
        given: so far; None under a daily treatment.
        schedules: name to every dose, given and to come; the plan itself is first.
        now_h: time of the last score or dose [h].
        series_end_h: start of the last session given or planned [h]; None under a daily treatment.
        end_h: how far to look [h].
        notes: what was filled in, in words.
    """

    given: Regimen | None
    schedules: dict[str, Regimen | None]
    now_h: float
    series_end_h: float | None
    end_h: float
    notes: tuple[str, ...]


def plan_of(history: History, asked: HowFast, daily: str | None) -> Plan:
    """The doses of a record, completed by what was asked.

    Args:
        history: the record.
        asked: dose, route and series of every session that the record does not describe.
        daily: name of a daily treatment; then there are no sessions.

    Raises:
        InputRefused: sessions and a daily treatment together, which no calibration covers.
    """
    now = history.until_h
    if daily is not None:
        if history.doses or history.planned:
            raise InputRefused(
                f"sessions together with daily {daily}",
                remedy="Leave --daily out: other medicines are noted, not modelled",
                where="--daily",
            )
        return Plan(None, {"as planned": None}, now, None, now + days(LOOK_AHEAD_D), ())
    notes = []
    doses = [_dose(given, asked) for given in history.doses]
    coming = [_dose(given, asked) for given in history.planned]
    series = [_dose(Given(start), asked) for start in asked.regimen().times_h]
    if not doses and not coming:
        doses = [dose for dose in series if dose.time_h <= now and history.scores]
        if history.scores and now <= 0:
            doses = []
        coming = series[len(doses) :]
        if doses:
            notes.append(f"The record names no dose: {asked.course_spoken()} of {asked.dose_spoken()} from time 0.")
    elif not coming and len(doses) < asked.sessions:
        step = days(asked.spacing_days)
        first = doses[-1].time_h + step
        if first <= now:
            first = now + days(1.0)
            notes.append("The next session was due before the last entry; it is taken to be a day after that.")
        coming = [_dose(Given(first + place * step), asked) for place in range(asked.sessions - len(doses))]
    if any(given.amount is None for given in (*history.doses, *history.planned)):
        notes.append(f"Doses without an amount are taken as {asked.dose_spoken()}.")
    every = [*doses, *coming]
    last = every[-1].time_h
    end = max(now, last) + days(LOOK_AHEAD_D)
    schedules: dict[str, Regimen | None] = {"as planned": _regimen(every, asked)}
    if coming and doses:
        schedules["no more sessions"] = _regimen(doses, asked)
    for name, gap in MAINTENANCE:
        more, start = [], max(last, now - weeks(gap)) + weeks(gap)
        while start < end - days(1.0):
            more.append(_dose(Given(start), asked))
            start += weeks(gap)
        schedules[name] = _regimen([*every, *more], asked)
    given = _regimen(doses or every[:1], asked)
    return Plan(given, schedules, now, last, end, tuple(notes))


def _dose(given: Given, asked: HowFast) -> Dose:
    amount = given.amount or asked.amount
    known = asked.duration_h if given.duration_h is None else given.duration_h
    duration = known if asked.route in INFUSED else 0.0
    return Dose(given.time_h, amount.in_mg(asked.weight_kg), duration)


def _regimen(doses: Sequence[Dose], asked: HowFast) -> Regimen:
    return Regimen(asked.drug, asked.route, tuple(doses))


def future_sessions(regimen: Regimen | None, now_h: float) -> list[float]:
    """Start of each session after now [h]."""
    return [] if regimen is None else [start for start in regimen.times_h if start > now_h]
