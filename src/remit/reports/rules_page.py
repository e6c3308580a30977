"""The decision table: every safety rule with its conditions, weight under each policy and sources, as a page."""

from __future__ import annotations

from collections.abc import Sequence

from remit.evidence.rules import Rule, Timing, load_eligibility, load_monitoring
from remit.evidence.sources import load_sources
from remit.safety.finding import spoken
from remit.safety.interactions import load_medicines
from remit.safety.person_record import fields
from remit.safety.policy import Policy, load_policies

INTRO = """# The safety rules

Written by `remit screen --rules`; do not edit. Every published rule that was read, with what it asks for, what it
counts as under each [policy](#policies), and where it was read. Where sources disagree every rule stands. How the
rules are applied: [safety](safety.md). Nothing here is a decision: a clinician decides.

**How to read a row.** A contraindication, caution or interaction fires when its conditions hold; a requirement is
open until they do. What is not known makes a rule *unknown* (a requirement *open*), unless every answer would lead to
the same end. `-` in a policy's column: shown beside, not followed.
"""
SHORT = {"contraindication": "contraindicated", "requirement": "required"}


def rules_page() -> str:
    """The page, in Markdown."""
    policies = list(load_policies().values())
    parts = [INTRO, "## Policies\n", _policies(policies)]
    for kind in ("contraindication", "requirement", "caution", "interaction", "context"):
        rules = [rule for rule in load_eligibility().values() if rule.kind == kind]
        parts += [f"## Eligibility: {kind}\n", _rules(rules, policies)]
    topics = dict.fromkeys(rule.topic for rule in load_monitoring().values())
    for topic in topics:
        rules = [rule for rule in load_monitoring().values() if rule.topic == topic]
        parts += [f"## Watching: {str(topic).replace('_', ' ')}\n", _watching(rules)]
    parts += ["## Fields of a record\n", _fields(), "## Medicines the sources name\n", _medicines()]
    used = {source for rule in (*load_eligibility().values(), *load_monitoring().values()) for source in rule.sources}
    known = load_sources()
    lines = [f"- `{name}`: {known[name].citation}{_address(known[name].url)}" for name in sorted(used)]
    parts += ["## Sources\n", "\n".join(lines) + "\n"]
    return "\n".join(parts)


def _address(url: str | None) -> str:
    return f", <{url}>" if url else ""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(header), "|" + "---|" * len(header), *(line(row) for row in rows)]) + "\n"


def _policies(policies: Sequence[Policy]) -> str:
    rows = []
    for policy in policies:
        said = policy.statement + (" **Taken when none is named.**" if policy.is_default else "")
        aside = "; ".join(f"{rule}: {why}" for rule, why in policy.sets_aside.items())
        limits = "; ".join(f"{rule}: {limit.source}. {limit.because}" for rule, limit in policy.limits.items())
        rows.append([f"`{policy.id}`", said, ", ".join(policy.jurisdictions) or "all", limits, aside])
    return _table(["policy", "what it does", "jurisdictions", "limits it follows", "sets aside"], rows)


def _if(rule: Rule) -> str:
    """The conditions of a rule in words."""
    if not rule.conditions:
        return "nothing to measure"
    found = []
    for condition in rule.conditions:
        only = " and ".join(spoken(inner) for inner in condition.only_when)
        said = spoken(condition) + (f" (where {only})" if only else "")
        if condition.times and condition.times > 1:
            said += f", {condition.times} times {condition.interval_min:g} min apart"
        if condition.sustained_min:
            said += f" for {condition.sustained_min:g} min"
        found.append(said + (f" [{condition.source_id}]" if condition.source_id else ""))
    joint = {"all": " **and** ", "any": " **or** ", "alternatives": " **or, of another source,** "}[rule.logic or "any"]
    return ("must hold: " if rule.sense == "must_hold" else "") + joint.join(found)


def _remarks(rule: Rule) -> str:
    found = [rule.disagreement or "", rule.note or ""]
    if rule.disagrees_with:
        found.append("Others: " + ", ".join(f"`{other}`" for other in rule.disagrees_with) + ".")
    if rule.flag:
        found.append({"older_label": "A label text of 2019.", "forum": "A forum post."}[rule.flag])
    return " ".join(each for each in found if each)


def _rules(rules: Sequence[Rule], policies: Sequence[Policy]) -> str:
    rows = []
    for rule in rules:
        weights = [
            (SHORT.get(policy.kind_of(rule), policy.kind_of(rule)) if policy.follows(rule) else "-")
            for policy in policies
        ]
        rows.append(
            [
                f"`{rule.id}`", rule.applies_to, rule.statement, _if(rule), *weights,
                ", ".join(rule.jurisdictions) or "studies", _remarks(rule), ", ".join(rule.sources),
            ]
        )  # fmt: skip
    names = [f"`{policy.id}`" for policy in policies]
    return _table(["rule", "drug", "statement", "if", *names, "where", "remarks", "sources"], rows)


def timing_spoken(timing: Timing) -> str:
    """When, in words."""
    found = []
    if timing.at:
        named = {
            "pre_dose": "before the dose", "prior_to_completion": "before leaving", "observe_until": "stay until",
            "end_of_week": f"at the end of week {timing.week_to}", "between_devices": "between devices",
        }  # fmt: skip
        found.append(named[timing.at])
    if timing.minutes_after is not None:
        after = "the end of the infusion" if timing.after == "end_of_infusion" else "the dose"
        found.append(f"{timing.minutes_after:g} min after {after}")
    if timing.every_minutes:
        found.append(f"every {timing.every_minutes:g} min")
    if timing.every_weeks:
        found.append(f"every {timing.every_weeks:g} weeks")
    if timing.pause_min:
        found.append(f"{timing.pause_min:g} min rest")
    if timing.phase:
        found.append(f"in {timing.phase}")
    if timing.week_from and not timing.at:
        found.append(
            f"weeks {timing.week_from} to {timing.week_to}" if timing.week_to else f"from week {timing.week_from}"
        )
    low, high = timing.sessions_per_week_low, timing.sessions_per_week_high
    if low is not None and high is not None:
        found.append(f"{low:g} sessions a week" if low == high else f"{low:g} to {high:g} sessions a week")
    if timing.sessions_total:
        found.append(f"{timing.sessions_total} sessions")
    if timing.dose_value:
        found.append(f"{timing.dose_value:g} {timing.dose_unit}{f' {timing.route}' if timing.route else ''}")
    return " ".join(found)


def _watching(rules: Sequence[Rule]) -> str:
    rows = [
        [
            f"`{rule.id}`", rule.applies_to, ", ".join(rule.routes) or "any", rule.statement,
            "; ".join(timing_spoken(each) for each in rule.timing), "" if not rule.conditions else _if(rule),
            ", ".join(rule.jurisdictions) or "studies", _remarks(rule), ", ".join(rule.sources),
        ]
        for rule in rules
    ]  # fmt: skip
    return _table(["rule", "drug", "route", "statement", "when", "if", "where", "remarks", "sources"], rows)


def _fields() -> str:
    by: dict[str, dict[str, None]] = {}
    for rule in load_eligibility().values():
        for condition in rule.conditions:
            for each in (condition, *condition.only_when):
                by.setdefault(each.variable, {})[rule.id] = None
    rows = []
    for name, variable in fields().items():
        if variable.kind == "number":
            takes = f"{variable.low:g} to {variable.high:g} {variable.unit}"
        else:
            takes = "true, false" if variable.kind == "yes_no" else ", ".join(variable.choices)
        rows.append([f"`{name}`", variable.meaning, takes, variable.asked, ", ".join(by.get(name, ())) or "-"])
    return _table(["field", "meaning", "takes (or unknown)", "known from", "rules"], rows)


def _medicines() -> str:
    rows = [
        [name, ", ".join(f"`{variable}`: {str(value).lower()}" for variable, value in says.items())]
        for name, says in sorted(load_medicines().items())
    ]
    return _table(["medicine", "answers"], rows)
