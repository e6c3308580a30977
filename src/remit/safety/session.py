"""The plan of a session: what to measure when, when to act, before, during and after, for a drug, route and policy.

A rule written for another route is used only where it is about watching, and is then marked as borrowed: no schedule of
watching was read for ketamine into the muscle, under the skin, under the tongue or by mouth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from remit import __version__
from remit.evidence.conditions import load_variables
from remit.evidence.fingerprint import fingerprint
from remit.evidence.rules import Rule, Timing, load_eligibility, load_monitoring
from remit.evidence.sources import load_sources
from remit.safety.discharge import NO_CUT_OFF, Item, checklist
from remit.safety.finding import spoken
from remit.safety.follow_up import FollowUp, after_session, forms, no_driving
from remit.safety.policy import Policy, find_policy
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import OutOfRange
from remit.vocabulary.units import Amount

EVIDENCE_PARTS = ("eligibility.yaml", "leaving.csv", "monitoring.yaml", "policies.yaml", "rule_variables.csv")
SCHEMA = "remit.session_plan/1"
WATCHED = {
    "blood_pressure": "blood pressure", "vital_signs": "vital signs", "oxygen_saturation": "oxygen and breathing",
    "dissociation": "dissociation", "cognition": "thinking and sleepiness", "observation": "observation",
}  # fmt: skip
"""Topics that are measured during a session, and their names."""
COURSES = frozenset({"dissociation", "cognition"})
"""Topics whose times are those of a published course, not of an order to measure."""
BORROWABLE = frozenset({*WATCHED, "discharge", "personnel", "bp_action", "sedation"})
"""Topics for which a rule of another route is better than none."""
LONGEST_MIN = 600
"""choice: an infusion longer than this is a slip of the pen [min]."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Something to measure or to expect at a time.

    Attributes:
        at_min: since the start of the dose [min]; None for before it, or throughout.
        when: in words.
        what: what is measured.
        kind: ``order`` of a rule, or ``course`` where a published course peaks or ends then.
        statement, rule_id, sources: where it comes from.
        is_followed, is_borrowed: under the policy; written for another route.
    """

    at_min: float | None
    when: str
    what: str
    kind: str
    statement: str
    rule_id: str
    sources: tuple[str, ...]
    is_followed: bool
    is_borrowed: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """A value that calls for attention.

    Attributes:
        limit: in words.
        statement, action, rule_id, sources, flag, note: the rule it comes from, and what a reader must know.
        is_followed, is_borrowed: under the policy; written for another route.
    """

    limit: str
    statement: str
    action: str | None
    rule_id: str
    sources: tuple[str, ...]
    flag: str | None
    note: str | None
    is_followed: bool
    is_borrowed: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """A rule to read before or during a session."""

    statement: str
    rule_id: str
    sources: tuple[str, ...]
    is_followed: bool
    is_borrowed: bool
    note: str


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """The plan.

    Attributes:
        drug, route, dose, infusion_min: what is given; 0 min where it is no infusion.
        start: of the dose.
        stays_until: planned end of watching; the checklist decides.
        stays_because: which rule or course sets it.
        policy, policy_statement: how rules were read.
        before, place: what to see to before the dose; people and equipment.
        pressure_before: published limits of the pressure before the dose.
        timeline: what to measure when.
        alarms: values that call for attention.
        leaving: the checklist.
        driving: when driving is allowed again; the policy's is followed.
        follow_up: dates and windows after the session.
        caveats: what a reader must know.
        sources: by id: citation and address.
        evidence_hash, version, schema: of rules, of remit, of this record.
    """

    drug: str
    route: str
    dose: str
    infusion_min: float
    start: datetime
    stays_until: datetime
    stays_because: str
    policy: str
    policy_statement: str
    before: tuple[Advice, ...]
    place: tuple[Advice, ...]
    pressure_before: tuple[Alarm, ...]
    timeline: tuple[Measurement, ...]
    alarms: tuple[Alarm, ...]
    leaving: tuple[Item, ...]
    driving: tuple[FollowUp, ...]
    follow_up: tuple[FollowUp, ...]
    caveats: tuple[str, ...]
    sources: Mapping[str, str]
    evidence_hash: str
    version: str
    schema: str = SCHEMA

    def as_dict(self) -> dict[str, Any]:
        """The plan as plain values, ready for JSON; dates as ``2026-03-04T09:30``."""
        return _plain(asdict(self))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def rules_of_session(drug: Drug, route: Route) -> dict[str, bool]:
    """Monitoring rules that bear on a session: by id, whether each is borrowed from another route.

    A rule is borrowed only where no rule of its topic was written for the route.
    """
    of_drug = [rule for rule in load_monitoring().values() if rule.applies_to in {"both", drug.value}]
    own = {rule.topic for rule in of_drug if route.value in rule.routes}
    found = {}
    for rule in of_drug:
        if not rule.routes or route.value in rule.routes:
            found[rule.id] = False
        elif rule.topic in BORROWABLE and rule.topic not in own:
            found[rule.id] = True
    return found


def plan_session(
    drug: Drug, route: Route, amount: Amount, start: datetime, infusion_min: float = 0.0, policy: Policy | None = None
) -> SessionPlan:
    """Plan a session.

    Args:
        drug, route, amount: what is given.
        start: of the dose, on the clinic's own clock.
        infusion_min: length of an infusion [min]; 0 otherwise.
        policy: how rules are read; the default one when None.

    Raises:
        OutOfRange: the infusion is longer than 600 min, negative, or the route has none.
    """
    if not 0 <= infusion_min <= LONGEST_MIN or (infusion_min > 0 and route is not Route.IV):
        raise OutOfRange(
            f"an infusion of {infusion_min:g} min", allowed=f"0 to {LONGEST_MIN} min, and 0 unless intravenous"
        )
    policy = policy or find_policy(None)
    rules = rules_of_session(drug, route)
    known = load_monitoring()
    measured = [rule for rule in rules if known[rule].topic in WATCHED]
    # what the policy does not follow may not lengthen or shorten the stay
    followed = {rule: rules[rule] for rule in measured if policy.follows(known[rule])}
    end, because = _end(followed, infusion_min)
    timeline = [each for rule in measured for each in _times(known[rule], rules[rule], policy, infusion_min, end)]
    timeline.sort(key=lambda each: (each.when == "throughout", each.at_min or 0.0, each.what))
    over = start + timedelta(minutes=infusion_min)
    driving = tuple(
        each
        for rule in rules
        if known[rule].topic == "driving"
        for each in no_driving(known[rule], policy, over, is_borrowed=rules[rule])
    )
    follow_up = (*after_session(rules, policy, start), *forms(drug.value, policy, start))
    parts = {
        "before": _before(drug, rules, policy),
        "place": _advice(rules, policy, {"personnel", "home"}),
        "pressure_before": _alarms(rules, policy, {"bp_predose"}),
        "alarms": _alarms(rules, policy, {"bp_action", "vital_limits", "sedation", "dissociation"}),
        "leaving": checklist(rules, policy),
    }
    everything = [*timeline, *driving, *follow_up, *(each for part in parts.values() for each in part)]
    sources = load_sources()
    cited = sorted({source for each in everything for source in each.sources})
    return SessionPlan(
        drug=drug.value,
        route=route.value,
        dose=str(amount),
        infusion_min=infusion_min,
        start=start,
        stays_until=start + timedelta(minutes=end),
        stays_because=because,
        policy=policy.id,
        policy_statement=policy.statement,
        timeline=tuple(timeline),
        driving=driving,
        follow_up=follow_up,
        caveats=_caveats(drug, route, rules),
        sources={
            name: f"{sources[name].citation}{f', {sources[name].url}' if sources[name].url else ''}" for name in cited
        },
        evidence_hash=fingerprint(*EVIDENCE_PARTS),
        version=__version__,
        **parts,
    )


def _minutes(timing: Timing, infusion_min: float) -> float | None:
    if timing.minutes_after is None:
        return None
    return timing.minutes_after + (infusion_min if timing.after == "end_of_infusion" else 0.0)


def _end(rules: Mapping[str, bool], infusion_min: float) -> tuple[float, str]:
    """Planned end of watching [min since the start of the dose], and why: the latest time of a followed rule."""
    latest, because = infusion_min, "no rule gives a time; the checklist decides"
    for rule_id in rules:
        rule = load_monitoring()[rule_id]
        for timing in rule.timing:
            at = _minutes(timing, infusion_min)
            if at is not None and (at > latest or (at == latest and timing.at == "observe_until")):
                latest, because = at, f"{rule.statement} [{rule_id}]"
    return latest, because


def _times(rule: Rule, borrowed: bool, policy: Policy, infusion_min: float, end: float) -> list[Measurement]:
    def one(at: float | None, when: str) -> Measurement:
        kind = "course" if rule.topic in COURSES else "order"
        what = WATCHED[str(rule.topic)]
        return Measurement(at, when, what, kind, rule.statement, rule.id, rule.sources, policy.follows(rule), borrowed)

    found = []
    for timing in rule.timing:
        at = _minutes(timing, infusion_min)
        if timing.at == "pre_dose":
            found.append(one(None, "before the dose"))
        elif timing.at == "prior_to_completion":
            found.append(one(end, "before leaving"))
        elif at is not None:
            found.append(one(at, "stay until" if timing.at == "observe_until" else ""))
        elif timing.every_minutes and timing.phase == "infusion" and infusion_min:
            count = int(infusion_min / timing.every_minutes + 1e-9)
            found += [one(step * timing.every_minutes, "") for step in range(1, count + 1)]
        elif timing.every_minutes and timing.phase == "recovery":
            count = int((end - infusion_min) / timing.every_minutes + 1e-9)
            found += [one(infusion_min + step * timing.every_minutes, "") for step in range(1, count + 1)]
    return found or ([] if rule.conditions or rule.timing else [one(None, "throughout")])


def _alarms(rules: Mapping[str, bool], policy: Policy, topics: set[str]) -> tuple[Alarm, ...]:
    found = []
    for rule_id, borrowed in rules.items():
        rule = load_monitoring()[rule_id]
        if rule.topic not in topics or (not rule.conditions and rule.topic != "bp_action"):
            continue
        follows = policy.follows(rule)
        chosen = policy.limits.get(rule_id)
        limits = [(_limit(each), each.source_id) for each in rule.conditions] or [("", None)]
        if rule.logic == "all":
            limits = [(" and ".join(limit for limit, _ in limits), None)]
        for limit, source in limits:
            is_chosen = chosen is None or source is None or source == chosen.source
            found.append(
                Alarm(
                    limit, rule.statement, rule.action, rule.id, (source,) if source else rule.sources, rule.flag,
                    rule.note, follows and is_chosen, borrowed,
                )
            )  # fmt: skip
    return tuple(found)


def _limit(condition: Any) -> str:
    said = spoken(condition)
    if condition.only_when:
        said += f", where {' and '.join(spoken(each) for each in condition.only_when)}"
    if condition.times and condition.times > 1:
        said += f", {condition.times} times {condition.interval_min:g} min apart"
    return said + (f" for {condition.sustained_min:g} min" if condition.sustained_min else "")


def _advice(rules: Mapping[str, bool], policy: Policy, topics: set[str]) -> tuple[Advice, ...]:
    return tuple(
        Advice(rule.statement, rule.id, rule.sources, policy.follows(rule), rules[rule.id], rule.note or "")
        for rule in load_monitoring().values()
        if rule.id in rules and rule.topic in topics
    )


def _before(drug: Drug, rules: Mapping[str, bool], policy: Policy) -> tuple[Advice, ...]:
    """Fasting, and what the eligibility rules ask for on the day; pressures have a table of their own."""
    on_day = [
        Advice(rule.statement, rule.id, rule.sources, policy.follows(rule), False, rule.note or "")
        for rule in load_eligibility().values()
        if rule.applies_to in {"both", drug.value}
        and any(load_variables()[each.variable].asked == "day" for each in rule.conditions)
        and not any("_bp_" in each.variable for each in rule.conditions)
        and not any("nasal" in each.variable for each in rule.conditions)
    ]
    return (*_advice(rules, policy, {"fasting"}), *on_day)


def _caveats(drug: Drug, route: Route, rules: Mapping[str, bool]) -> tuple[str, ...]:
    found = [
        "Published rules side by side, not an order of treatment: a clinician decides, and a sick person is treated, "
        "not a number.",
        NO_CUT_OFF,
    ]
    if any(rules.values()):
        found.insert(0, f"Rules marked as borrowed were written for another route than {route.spoken} {drug.value}.")
    if not any(load_monitoring()[each].topic == "fasting" for each in rules):
        found.append(f"No published rule on fasting before {route.spoken} {drug.value} was read.")
    if not any(load_monitoring()[each].topic == "dosing_frequency" and each in rules for each in rules):
        found.append(f"No published rule on how often {route.spoken} {drug.value} is given was read.")
    return tuple(found)
