"""What follows a session: when driving is allowed again, how sessions follow each other, what to look for and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from remit.evidence.rules import Rule, load_eligibility, load_monitoring
from remit.safety.finding import spoken
from remit.safety.policy import Policy
from remit.vocabulary.clock import HOURS_PER_WEEK

REPEATS = 4
"""choice: how many dates of something that goes on without an end are written out."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something to do after a session.

    Attributes:
        what: in words.
        begins, ends: from when, and by or until when; None where no source gives a time.
        rule_id, sources: where it comes from.
        is_followed, is_borrowed: under the policy; written for another route.
        note: what a reader must know.
    """

    what: str
    begins: datetime | None
    ends: datetime | None
    rule_id: str
    sources: tuple[str, ...]
    is_followed: bool
    is_borrowed: bool
    note: str


def no_driving(rule: Rule, policy: Policy, over: datetime, *, is_borrowed: bool) -> tuple[FollowUp, ...]:
    """When driving is allowed again: every published interval, the policy's followed.

    Args:
        rule: with alternatives in hours.
        policy: whose limit is followed.
        over: when the dose has been given.
        is_borrowed: written for another route.
    """
    chosen = policy.limits.get(rule.id)
    words = rule.disagreement or ""
    found = [FollowUp(rule.statement, over, None, rule.id, rule.sources, policy.follows(rule), is_borrowed, words)]
    for condition in rule.conditions:
        hours = float(condition.threshold)  # type: ignore[arg-type]
        is_chosen = chosen is None or condition.source_id == chosen.source
        found.append(
            FollowUp(
                f"No driving and no machines for {hours:g} hours",
                over,
                over + timedelta(hours=hours),
                rule.id,
                (condition.source_id,) if condition.source_id else rule.sources,
                policy.follows(rule) and is_chosen,
                is_borrowed,
                chosen.because if chosen is not None and is_chosen else "",
            )
        )
    return tuple(found)


def after_session(rules: Mapping[str, bool], policy: Policy, start: datetime) -> tuple[FollowUp, ...]:
    """Dates and windows from the rules of a session; the first session of a course is taken to be this one.

    Args:
        rules: by id of a monitoring rule that bears on the session: whether it is borrowed.
        policy: which of them are followed.
        start: of the session.
    """
    found: list[FollowUp] = []
    for rule_id, borrowed in rules.items():
        rule = load_monitoring()[rule_id]
        if rule.topic not in {"dosing_frequency", "bladder", "cognition", "side_effect_tool", "documentation"}:
            continue
        found += _of(rule, policy, start, borrowed)
    return tuple(sorted(found, key=lambda each: (each.begins is None, each.begins or start)))


def forms(drug: str, policy: Policy, start: datetime) -> tuple[FollowUp, ...]:
    """What must be sent by when after each session, from the eligibility rules that speak of days."""
    found = []
    for rule in load_eligibility().values():
        for condition in rule.conditions:
            if condition.unit == "days" and rule.applies_to in {"both", drug} and rule.sense == "must_hold":
                by = start + timedelta(days=float(condition.threshold))  # type: ignore[arg-type]
                whose = (rule.id, rule.sources, policy.follows(rule), False)
                found.append(FollowUp(rule.statement, start, by, *whose, spoken(condition)))
    return tuple(found)


def _of(rule: Rule, policy: Policy, start: datetime, borrowed: bool) -> list[FollowUp]:
    def one(begins: datetime | None, ends: datetime | None, what: str = "") -> FollowUp:
        return FollowUp(
            what or rule.statement, begins, ends, rule.id, rule.sources, policy.follows(rule), borrowed, rule.note or ""
        )

    if not rule.timing:
        return [one(None, None)]
    found = []
    for timing in rule.timing:
        if timing.every_weeks:
            step = timedelta(hours=timing.every_weeks * HOURS_PER_WEEK)
            found += [one(start + count * step, None) for count in range(1, REPEATS + 1)]
        elif timing.at == "end_of_week" and timing.week_to:
            found.append(one(start + timedelta(weeks=timing.week_to), None))
        elif timing.week_from:
            begins = start + timedelta(weeks=timing.week_from - 1)
            found.append(one(begins, start + timedelta(weeks=timing.week_to) if timing.week_to else None))
        elif timing.minutes_after is None and not timing.every_minutes:
            found.append(one(None, None))
    return found
