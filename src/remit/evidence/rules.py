"""eligibility.yaml and monitoring.yaml: published safety rules as data. They work without a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.evidence.conditions import Condition, RuleFile, list_of, need_source, parse_condition
from remit.evidence.tables import Field, line_of, near_miss, parse_yaml, published, read_text
from remit.vocabulary.dosing import Route
from remit.vocabulary.errors import EvidenceRefused

KINDS = ("contraindication", "caution", "requirement", "interaction", "context", "monitoring")
DRUGS = ("ketamine", "esketamine", "both")
SENSES = ("triggers", "must_hold")
LOGICS = ("any", "all", "alternatives")
JURISDICTIONS = ("CA", "CA-AB", "CZ", "EU", "NZ", "PH", "UK", "US")
RULE_FIELDS = (
    Field("id", required=True),
    Field("kind", choices=KINDS),
    Field("topic"),
    Field("applies_to", required=True, choices=DRUGS),
    Field("statement", required=True),
    Field("jurisdictions"),
    Field("routes"),
    Field("sense", required=True, choices=SENSES),
    Field("logic", choices=LOGICS),
    Field("conditions"),
    Field("timing"),
    Field("action"),
    Field("effect"),
    Field("disagrees_with"),
    Field("disagreement"),
    Field("flag", choices=("older_label", "forum")),
    Field("note"),
    Field("sources", required=True),
)
TIMING_FIELDS = (
    Field("at", choices=("pre_dose", "prior_to_completion", "observe_until", "end_of_week", "between_devices")),
    Field("minutes_after", "number", low=0),
    Field("after", choices=("dose", "end_of_infusion")),
    Field("every_minutes", "number", low=0),
    Field("every_weeks", "number", low=0),
    Field("pause_min", "number", low=0),
    Field("phase", choices=("infusion", "recovery", "induction", "optimisation", "maintenance")),
    Field("week_from", "integer", low=1),
    Field("week_to", "integer", low=1),
    Field("sessions_per_week_low", "number", low=0),
    Field("sessions_per_week_high", "number", low=0),
    Field("sessions_total", "integer", low=1),
    Field("dose_value", "number", low=0),
    Field("dose_unit", choices=("mg", "mg/kg")),
    Field("route", choices=("sc",)),
)
EFFECT_FIELDS = (Field("what", required=True), Field("change", "number", required=True), Field("unit", required=True))


@dataclass(frozen=True, slots=True)
class Timing:
    """When a rule asks for something, or how often doses are given; None where the source does not say.

    Attributes:
        at: a named moment.
        minutes_after, after: minutes after the dose or the end of the infusion [min].
        every_minutes, every_weeks: interval [min], [weeks].
        pause_min: rest between devices [min].
        phase, week_from, week_to: part of a course [weeks].
        sessions_per_week_low, sessions_per_week_high, sessions_total: how often [1/week], [1].
        dose_value, dose_unit, route: of one dose.
    """

    at: str | None
    minutes_after: float | None
    after: str | None
    every_minutes: float | None
    every_weeks: float | None
    pause_min: float | None
    phase: str | None
    week_from: int | None
    week_to: int | None
    sessions_per_week_low: float | None
    sessions_per_week_high: float | None
    sessions_total: int | None
    dose_value: float | None
    dose_unit: str | None
    route: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """How much an interaction changes an exposure: ``change`` [unit] of ``what``."""

    what: str
    change: float
    unit: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A published rule.

    Attributes:
        id: its name.
        kind: contraindication, caution, requirement, interaction, context or monitoring.
        topic: what a monitoring rule is about.
        applies_to: ``ketamine``, ``esketamine`` or ``both``.
        statement: the rule in remit's own words.
        jurisdictions: where its sources speak from; empty where they are studies.
        routes: codes of the routes it was written for; empty where it names none.
        sense: whether meeting the conditions ``triggers`` the rule, or they ``must_hold``.
        logic: ``any`` or ``all`` of the conditions; ``alternatives`` are limits of different sources; none is chosen.
        conditions: empty where the source gives nothing to measure.
        timing: when to measure, or how doses follow each other.
        action, effect: what to do; how much an exposure changes.
        disagrees_with, disagreement: rules that say otherwise, and where sources differ. Both sides stand.
        flag: ``older_label`` rests on a label text of 2019 alone, ``forum`` on a forum post.
        note, sources: remarks, and ids of sources.
    """

    id: str
    kind: str
    topic: str | None
    applies_to: str
    statement: str
    jurisdictions: tuple[str, ...]
    routes: tuple[str, ...]
    sense: str
    logic: str | None
    conditions: tuple[Condition, ...]
    timing: tuple[Timing, ...]
    action: str | None
    effect: Effect | None
    disagrees_with: tuple[str, ...]
    disagreement: str | None
    flag: str | None
    note: str | None
    sources: tuple[str, ...]


def _rule(record: Any, default_kind: str | None, file: RuleFile) -> Rule:
    rule_id = str(record.get("id")) if isinstance(record, Mapping) else "?"
    values = file.check(record, RULE_FIELDS, rule_id)
    kind = values["kind"] or default_kind
    if kind is None:
        raise file.refuse(rule_id, "kind", "a rule without a kind", ", ".join(KINDS))
    conditions = tuple(parse_condition(entry, rule_id, file) for entry in list_of(record, "conditions", rule_id, file))
    if bool(conditions) != (values["logic"] is not None):
        raise file.refuse(
            rule_id, "logic", f"logic is {values['logic']!r}", "one of " + ", ".join(LOGICS) + " beside conditions"
        )
    entries = list_of(record, "timing", rule_id, file)
    timing = [Timing(**file.check(entry, TIMING_FIELDS, rule_id)) for entry in entries]
    jurisdictions = tuple(list_of(record, "jurisdictions", rule_id, file))
    for name in jurisdictions:
        if name not in JURISDICTIONS:
            raise file.refuse(rule_id, "jurisdictions", f"jurisdiction {name!r}", ", ".join(JURISDICTIONS))
    routes = tuple(list_of(record, "routes", rule_id, file))
    for name in routes:
        if name not in set(Route):
            raise file.refuse(rule_id, "routes", f"route {name!r}", ", ".join(Route))
    sources = tuple(list_of(record, "sources", rule_id, file))
    for source in sources:
        need_source(source, rule_id, file)
    effect = Effect(**file.check(values["effect"], EFFECT_FIELDS, rule_id)) if values["effect"] else None
    made = {
        "kind": kind,
        "jurisdictions": jurisdictions,
        "routes": routes,
        "conditions": conditions,
        "timing": tuple(timing),
        "effect": effect,
        "disagrees_with": tuple(list_of(record, "disagrees_with", rule_id, file)),
        "sources": sources,
    }
    return Rule(**{**values, **made})


def parse_rules(text: str, file: str, default_kind: str | None = None) -> dict[str, Rule]:
    """Rules by id from the text of a file.

    Args:
        text: of the file.
        file: its name, for messages.
        default_kind: kind of rules that name none.

    Raises:
        EvidenceRefused: a key or value is not allowed, a variable or source is unknown, or a rule stands twice.
    """
    content = parse_yaml(text, file)
    if not isinstance(content, Mapping) or not isinstance(content.get("rules"), list):
        raise EvidenceRefused(
            "no list of rules", allowed="a key `rules` with a list", where=f"{file}, line {line_of(text, 'rules')}"
        )
    reading = RuleFile(file, text)
    found: dict[str, Rule] = {}
    for record in content["rules"]:
        rule = _rule(record, default_kind, reading)
        if rule.id in found:
            raise reading.refuse(rule.id, "id", f"rule {rule.id!r} stands twice", "one rule an id")
        found[rule.id] = rule
    return found


@cache
def load_eligibility() -> dict[str, Rule]:
    """Who may be treated: all eligibility rules by id.

    Raises:
        EvidenceRefused: the file is malformed.
    """
    return parse_rules(read_text(published() / "eligibility.yaml", "eligibility.yaml"), "eligibility.yaml")


@cache
def load_monitoring() -> dict[str, Rule]:
    """What to watch: all monitoring rules by id.

    Raises:
        EvidenceRefused: the file is malformed.
    """
    return parse_rules(read_text(published() / "monitoring.yaml", "monitoring.yaml"), "monitoring.yaml", "monitoring")


@cache
def load_rules() -> dict[str, Rule]:
    """All rules of both files by id.

    Raises:
        EvidenceRefused: a file is malformed, an id stands in both, or a rule disagrees with one that is not there.
    """
    eligibility, monitoring = load_eligibility(), load_monitoring()
    shared = sorted(set(eligibility) & set(monitoring))
    if shared:
        raise EvidenceRefused(
            f"rule {shared[0]!r} stands twice", where="eligibility.yaml and monitoring.yaml", remedy="Rename one"
        )
    rules = {**eligibility, **monitoring}
    for rule in rules.values():
        for other in rule.disagrees_with:
            if other not in rules:
                raise EvidenceRefused(
                    f"disagrees_with is {other!r}", remedy=near_miss(other, rules), where=f"rule {rule.id}"
                )
    return rules
