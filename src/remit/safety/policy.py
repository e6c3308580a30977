"""Policies: how the published rules are read where their sources disagree. They choose; what is not chosen is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from remit.evidence.rules import JURISDICTIONS, KINDS, Rule, load_rules
from remit.evidence.sources import load_sources
from remit.evidence.tables import Field, check_record, near_miss, parse_yaml, published, read_text
from remit.vocabulary.errors import EvidenceRefused, InputRefused, RemitError

FILE = "policies.yaml"
FIELDS = (
    Field("id", required=True),
    Field("default"),
    Field("based_on"),
    Field("statement", required=True),
    Field("jurisdictions"),
    Field("weights"),
    Field("limits"),
    Field("sets_aside"),
)
WEIGHT_FIELDS = (
    Field("rule", required=True),
    Field("kind", required=True, choices=KINDS),
    Field("because", required=True),
    Field("sources"),
)
LIMIT_FIELDS = (Field("rule", required=True), Field("source", required=True), Field("because", required=True))
ASIDE_FIELDS = (Field("rule", required=True), Field("because", required=True))


@dataclass(frozen=True, slots=True)
class Weight:
    """A rule counts as another kind, because of these sources."""

    kind: str
    because: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """Of a rule with alternatives, the limit of this source is followed."""

    source: str
    because: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A way to read the published rules.

    Attributes:
        id, statement: its name, and what it does in words.
        is_default: whether it is taken when none is named.
        jurisdictions: rules of these are followed, and rules of studies; empty means all.
        weights: by rule: what it counts as.
        limits: by rule with alternatives: whose limit is followed.
        sets_aside: by rule that is not followed: why.
    """

    id: str
    statement: str
    is_default: bool
    jurisdictions: tuple[str, ...]
    weights: Mapping[str, Weight]
    limits: Mapping[str, Limit]
    sets_aside: Mapping[str, str]

    def follows(self, rule: Rule) -> bool:
        """Whether a rule counts under this policy.

        A rule that names no jurisdiction comes from studies and counts; so does one of which the policy names a limit.
        """
        if rule.id in self.sets_aside:
            return False
        if rule.id in self.limits:
            return True
        return not (self.jurisdictions and rule.jurisdictions) or bool(
            set(self.jurisdictions) & set(rule.jurisdictions)
        )

    def kind_of(self, rule: Rule) -> str:
        """What a rule counts as."""
        weight = self.weights.get(rule.id)
        return rule.kind if weight is None else weight.kind

    def why_not(self, rule: Rule) -> str:
        """Why a rule is not followed, in words; empty where it is."""
        if self.follows(rule):
            return ""
        return self.sets_aside.get(rule.id) or f"its sources speak from {', '.join(rule.jurisdictions)}"


def parse_policies(text: str, file: str, known: Mapping[str, Policy] | None = None) -> dict[str, Policy]:
    """Policies by id from the text of a file.

    Args:
        text: of the file.
        file: its name, for messages.
        known: policies that these may be based on.

    Raises:
        EvidenceRefused: a key, rule, kind, source or jurisdiction is not known, or a policy stands twice.
    """
    content = parse_yaml(text, file)
    if not isinstance(content, Mapping) or not isinstance(content.get("policies"), list):
        raise EvidenceRefused("no list of policies", allowed="a key `policies` with a list", where=file)
    found: dict[str, Policy] = {}
    for record in content["policies"]:
        policy = _policy(record, file, text, {**(known or {}), **found})
        if policy.id in found:
            raise EvidenceRefused(f"policy {policy.id!r} stands twice", where=file, remedy="Rename one")
        found[policy.id] = policy
    return found


def _policy(record: Any, file: str, text: str, known: Mapping[str, Policy]) -> Policy:
    values = check_record(record, FIELDS, file, text)
    name = str(values["id"])
    where = f"{file}, policy {name}"
    base = None
    if values["based_on"] is not None:
        base = known.get(values["based_on"])
        if base is None:
            raise EvidenceRefused(
                f"based_on is {values['based_on']!r}", allowed=", ".join(known) or "no policy", where=where
            )
    weights, limits, aside = (
        {each["rule"]: each for each in _entries(record, key, fields, file, text, where)}
        for key, fields in (("weights", WEIGHT_FIELDS), ("limits", LIMIT_FIELDS), ("sets_aside", ASIDE_FIELDS))
    )
    for rule, entry in limits.items():
        offered = {condition.source_id for condition in load_rules()[rule].conditions}
        if entry["source"] not in offered:
            allowed = ", ".join(sorted(filter(None, offered))) or "no source: the rule has one limit only"
            raise EvidenceRefused(f"source of {rule} is {entry['source']!r}", allowed=allowed, where=f"{where}, limits")
    jurisdictions = tuple(record.get("jurisdictions") or (base.jurisdictions if base else ()))
    for each in jurisdictions:
        if each not in JURISDICTIONS:
            raise EvidenceRefused(
                f"jurisdiction {each!r}", allowed=", ".join(JURISDICTIONS), where=f"{where}, jurisdictions"
            )
    default = record.get("default", False)
    if not isinstance(default, bool):
        raise EvidenceRefused(f"default is {default!r}", allowed="true or false", where=where)
    return Policy(
        id=name,
        statement=values["statement"],
        is_default=default,
        jurisdictions=jurisdictions,
        weights={
            **(base.weights if base else {}),
            **{rule: Weight(e["kind"], e["because"], tuple(e["sources"] or ())) for rule, e in weights.items()},
        },
        limits={
            **(base.limits if base else {}),
            **{rule: Limit(e["source"], e["because"]) for rule, e in limits.items()},
        },
        sets_aside={**(base.sets_aside if base else {}), **{rule: e["because"] for rule, e in aside.items()}},
    )


def _entries(
    record: Mapping[str, Any], key: str, fields: tuple[Field, ...], file: str, text: str, where: str
) -> list[dict[str, Any]]:
    listed = record.get(key) or []
    if not isinstance(listed, list):
        raise EvidenceRefused(f"{key} is {listed!r}", allowed="a list", where=where)
    found = []
    for entry in listed:
        values = check_record(entry, fields, file, text)
        if values["rule"] not in load_rules():
            raise EvidenceRefused(
                f"rule {values['rule']!r}",
                remedy=near_miss(values["rule"], load_rules()) or "Name a rule of docs/safety-rules.md",
                where=f"{where}, {key}",
            )
        for source in values.get("sources") or ():
            if source not in load_sources():
                raise EvidenceRefused(f"source {source!r}", remedy=near_miss(source, load_sources()), where=where)
        found.append(values)
    return found


@cache
def load_policies() -> dict[str, Policy]:
    """All published policies by id.

    Raises:
        EvidenceRefused: the file is malformed, or not exactly one is the default.
    """
    found = parse_policies(read_text(published() / FILE, FILE), FILE)
    if sum(policy.is_default for policy in found.values()) != 1:
        raise EvidenceRefused("not exactly one policy is the default", where=FILE)
    return found


def find_policy(name: str | None, *, where: str = "--policy") -> Policy:
    """The policy of a name, the last one of a clinic's own file (``.yaml``), or the default when None.

    Raises:
        InputRefused: there is none of that name, or the file cannot be used.
    """
    known = load_policies()
    if name is None:
        return next(policy for policy in known.values() if policy.is_default)
    if name in known:
        return known[name]
    if not name.endswith((".yaml", ".yml")):
        raise InputRefused(
            f"unknown policy {name!r}",
            allowed=f"{', '.join(known)}, or a file of your own that ends in .yaml",
            remedy=near_miss(name, known),
            where=where,
        )
    path = Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputRefused(f"{name} cannot be read ({fault})", where=where) from None
    try:
        own = parse_policies(text, path.name, known)
    except RemitError as fault:
        raise InputRefused(fault.what, allowed=fault.allowed, remedy=fault.remedy, where=fault.where) from None
    if not own:
        raise InputRefused(f"{name} holds no policy", allowed="a list under `policies`", where=where)
    return replace(list(own.values())[-1], is_default=False)
