"""Who may be treated: every published rule against what is known of a person, under a named policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from remit import __version__
from remit.evidence.conditions import load_variables
from remit.evidence.fingerprint import fingerprint
from remit.evidence.rules import Rule, load_eligibility
from remit.evidence.sources import load_sources
from remit.safety.finding import Finding, applies, compared, outcome, seen_by, spoken, told, unknown_of
from remit.safety.interactions import Medicine, with_medicines
from remit.safety.person_record import ASKED, Record
from remit.safety.policy import Policy, find_policy
from remit.safety.questionnaire import Scored, scored
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused

EVIDENCE_PARTS = ("eligibility.yaml", "medicines.csv", "monitoring.yaml", "policies.yaml", "rule_variables.csv")
SCHEMA = "remit.screening/1"
VERDICTS = ("contraindicated", "requirement not met", "not excluded so far", "not excluded")
"""Verdicts, the gravest first. None of them says eligible while something is unknown."""
GRAVE = {"contraindication": "contraindicated", "caution": "caution", "interaction": "interaction"}


@dataclass(frozen=True, slots=True)
class Screening:
    """What the rules say about a person.

    Attributes:
        person, drug, route: of the record.
        policy, policy_statement: how the rules were read.
        verdict: one of `VERDICTS`.
        sentence: the verdict in words, with how much is unknown.
        findings: of followed rules, the gravest first; rules that are met or do not apply are counted, not listed.
        beside: findings of rules the policy does not follow that say something against treatment.
        passed: number of followed rules that say nothing against treatment.
        ask: by unknown variable: the rules it would decide.
        medicines, questionnaires: what was read of them.
        notes: remarks on the record.
        sources: by id: citation and address.
        evidence_hash, version, schema: of rules, of remit, of this record.
    """

    person: str | None
    drug: str | None
    route: str | None
    policy: str
    policy_statement: str
    verdict: str
    sentence: str
    findings: tuple[Finding, ...]
    beside: tuple[Finding, ...]
    passed: int
    ask: Mapping[str, tuple[str, ...]]
    medicines: tuple[Medicine, ...]
    questionnaires: tuple[Scored, ...]
    notes: tuple[str, ...]
    sources: Mapping[str, str]
    evidence_hash: str
    version: str
    schema: str = SCHEMA

    @property
    def count(self) -> Counter[str]:
        """Number of findings by kind."""
        return Counter(each.kind for each in self.findings)

    @property
    def unknowns(self) -> int:
        """How many followed rules wait for something that is not known."""
        return sum(each.kind in {"unknown", "requirement open"} and not each.is_unmet for each in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The screening as plain values, ready for JSON."""
        return {**asdict(self), "count": dict(self.count), "unknowns": self.unknowns}


def rules_for(drug: Drug | None, rules: Iterable[Rule] | None = None) -> tuple[Rule, ...]:
    """Eligibility rules of a drug that a record can answer; those of both drugs where none is planned yet."""
    variables = load_variables()
    return tuple(
        rule
        for rule in (load_eligibility().values() if rules is None else rules)
        if (drug is None or rule.applies_to in {"both", drug.value})
        and all(variables[condition.variable].asked in ASKED for condition in rule.conditions)
    )


def screen(record: Record, policy: Policy | None = None, rules: Iterable[Rule] | None = None) -> Screening:
    """Apply every rule.

    Args:
        record: what is known; see `remit.safety.person_record`.
        policy: how rules are read; the default one when None.
        rules: instead of the published ones, for tests.

    Raises:
        InputRefused: a medicine contradicts an answer, or a questionnaire cannot be scored.
    """
    policy = policy or find_policy(None)
    values, medicines, notes = with_medicines(record.values(), record.medicines)
    totals = scored(record.questionnaires)
    values, more = _with_totals(values, totals)
    found = [find(rule, values, policy, record.judged) for rule in rules_for(record.drug, rules)]
    followed = [each for each in found if each.is_followed]
    order = ("contraindicated", "requirement open", "unknown", "caution", "interaction", "context")
    listed = sorted(
        (each for each in followed if each.kind != "met"),
        key=lambda each: (order.index(each.kind), not each.is_unmet, GRAVITY.index(each.counts_as)),
    )
    beside = tuple(
        each
        for each in found
        if not each.is_followed and (each.kind in {"contraindicated", "caution", "interaction"} or each.is_unmet)
    )
    ask: dict[str, list[str]] = {}
    for each in listed:
        if each.kind in {"unknown", "requirement open"} and not each.is_unmet:
            for name in each.unknown:
                ask.setdefault(name, []).append(each.rule_id)
    verdict, sentence = _verdict(listed)
    cited = {source for each in (*listed, *beside) for source in each.sources} | {each.source_id for each in totals}
    known = load_sources()
    return Screening(
        person=record.person,
        drug=record.drug and record.drug.value,
        route=record.route and record.route.value,
        policy=policy.id,
        policy_statement=policy.statement,
        verdict=verdict,
        sentence=sentence,
        findings=tuple(listed),
        beside=beside,
        passed=sum(each.kind == "met" for each in followed),
        ask={name: tuple(rules) for name, rules in ask.items()},
        medicines=medicines,
        questionnaires=totals,
        notes=(*notes, *more),
        sources={
            name: f"{known[name].citation}{f', {known[name].url}' if known[name].url else ''}" for name in sorted(cited)
        },
        evidence_hash=fingerprint(*EVIDENCE_PARTS),
        version=__version__,
    )


GRAVITY = ("contraindication", "requirement", "caution", "interaction", "context", "monitoring")


def _with_totals(values: dict[str, Any], totals: Iterable[Scored]) -> tuple[dict[str, Any], list[str]]:
    """Totals of questionnaires where a rule asks for one; an answer to a field must agree."""
    notes = []
    for total in totals:
        name = total.variable
        if name is not None:
            if values.get(name) not in (None, total.total):
                raise InputRefused(
                    f"{name} is {values[name]:g} and the {total.scale} total is {total.total:g}",
                    remedy="Keep the right one",
                    where="questionnaires",
                )
            values = {**values, name: total.total}
        notes += total.notes
    return values, notes


def find(rule: Rule, values: Mapping[str, Any], policy: Policy, judged: Mapping[str, bool | None]) -> Finding:
    """What one rule says.

    Args:
        rule: the rule.
        values: by variable, in its unit; None or absent where it is not known.
        policy: what the rule counts as, and whether it is followed.
        judged: what a clinician said of rules with nothing to measure.
    """
    counts_as = policy.kind_of(rule)
    weight = policy.weights.get(rule.id)
    unknown: tuple[str, ...] = ()
    is_unmet = False
    holds = outcome(rule, values) if rule.conditions else judged.get(rule.id)
    if counts_as in {"context", "monitoring"} or (not rule.conditions and counts_as in {"caution", "interaction"}):
        kind = "met" if rule.conditions and holds is not True else "context"
    elif holds is None:
        kind = "requirement open" if counts_as == "requirement" else "unknown"
        unknown = unknown_of(rule, values)
    elif counts_as == "requirement":
        # a requirement whose rule is written as a warning cannot occur: the reader of rules refuses it
        kind, is_unmet = ("met", False) if holds is (rule.sense == "must_hold") else ("requirement open", True)
    else:
        kind = GRAVE[counts_as] if holds is (rule.sense == "triggers") else "met"
    asked = {load_variables()[name].asked for name in unknown}
    when = next((each for each in ("history", "day", "place") if each in asked), "judgement" if not unknown else "")
    return Finding(
        kind=kind,
        rule_id=rule.id,
        statement=rule.statement,
        counts_as=counts_as,
        reason=_reason(rule, values, kind, unknown, is_unmet),
        seen=seen_by(rule, values),
        unknown=unknown,
        when=when,
        is_unmet=is_unmet,
        is_followed=policy.follows(rule),
        policy_note=policy.why_not(rule) or ("" if weight is None else weight.because),
        jurisdictions=rule.jurisdictions,
        sources=rule.sources,
        disagrees_with=rule.disagrees_with,
        disagreement=rule.disagreement,
        flag=rule.flag,
        note=rule.note,
    )


def _reason(rule: Rule, values: Mapping[str, Any], kind: str, unknown: tuple[str, ...], is_unmet: bool) -> str:
    """Why, in words: what is known beside the limit, or what is not known."""
    variables = load_variables()
    if not rule.conditions:
        if kind in {"unknown", "requirement open"} and not is_unmet:
            return "a clinician has not judged it"
        return "applies to everybody" if kind == "context" else "as judged by the clinician"
    if kind in {"unknown", "requirement open"} and not is_unmet:
        return "not known: " + ", ".join(variables[name].meaning.split(";")[0] for name in unknown)
    parts = []
    for condition in rule.conditions:
        value = values.get(condition.variable)
        holds = _deciding(rule, condition, values)
        if value is None or not holds:
            continue
        variable = variables[condition.variable]
        if variable.kind == "yes_no":
            parts.append(f"{variable.meaning.split(';')[0]}: {told(variable, value)}")
        else:
            limit = spoken(condition).removeprefix(variable.meaning.split(";")[0]).strip(" :")
            only = " and ".join(spoken(inner) for inner in condition.only_when)
            wanted = "must be " if rule.sense == "must_hold" else "limit: "
            said = f"{variable.meaning.split(';')[0]} {told(variable, value)} ({wanted}{limit}"
            parts.append(said + (f", where {only})" if only else ")"))
    return "; ".join(parts) or "as the conditions of the rule say"


def _deciding(rule: Rule, condition: Any, values: Mapping[str, Any]) -> bool:
    """Whether a comparison is one of those that decided."""
    if applies(condition, values) is False:
        return False
    return compared(condition, values) is (rule.sense == "triggers")


def _verdict(findings: list[Finding]) -> tuple[str, str]:
    """The verdict, and the line that says it first."""
    count = Counter(each.kind for each in findings)
    unmet = sum(each.is_unmet for each in findings)
    waiting = [each for each in findings if each.kind in {"unknown", "requirement open"} and not each.is_unmet]
    things = len({name for each in waiting for name in each.unknown}) + sum(not each.unknown for each in waiting)
    day = len({name for each in waiting for name in each.unknown if load_variables()[name].asked == "day"})
    weigh = count["caution"] + count["interaction"]
    unknown = f"{_of(things, 'thing')} unknown" + (f", {day} of them known on the day only" if day else "")
    cautions = f"; {_of(weigh, 'caution or interaction', 'cautions and interactions')} to weigh" if weigh else ""
    if count["contraindicated"]:
        named = f"Contraindicated by {_of(count['contraindicated'], 'rule')}"
        rest = [f"{_of(unmet, 'requirement')} not met"] if unmet else []
        return VERDICTS[0], "; ".join([named, *rest, *([unknown] if things else [])]) + cautions + "."
    if unmet:
        rest = f"; {unknown}" if things else ""
        return VERDICTS[1], f"Not eligible as things stand: {_of(unmet, 'requirement')} not met{rest}{cautions}."
    if things:
        return VERDICTS[2], f"Not excluded so far; {unknown}{cautions}."
    return VERDICTS[3], f"Not excluded by any published rule that was read; nothing unknown{cautions}."


def _of(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
