"""claims.yaml: claims people meet, what each comes to in questions that can be checked, and the rules of a verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.evidence.tables import Field, check_record, near_miss, parse_yaml, published, read_text
from remit.vocabulary.errors import EvidenceRefused

FILE = "claims.yaml"
KEYS = ("rules", "thresholds", "grounds", "direct", "courses", "claims")
RULES = ("chance", "tally", "route", "record")
CLAIM_FIELDS = (Field("id", required=True), Field("claim", required=True), Field("parts"), Field("missing"))
PART_FIELDS = (
    Field("id", required=True),
    Field("asks", required=True),
    Field("short", required=True),
    Field("rule", required=True, choices=RULES),
    Field("because"),
    Field("of"),
    Field("minus"),
    Field("at_least", "number"),
    Field("at_most", "number"),
    Field("trials_of"),
    Field("from"),
    Field("direct"),
)
COURSE_FIELDS = (
    Field("sessions", "integer", low=1, high=100),
    Field("spacing_days", "number", low=0.25, high=90),
    Field("then_weekly", "integer", low=1, high=60),
    Field("diagnosis"),
    Field("scale"),
    Field("daily"),
)
THRESHOLD_FIELDS = (Field("value", "number", required=True), Field("because", required=True))
THRESHOLDS = ("likely", "probable", "unlikely", "most", "some", "enough", "apart", "half", "least_trials")
GROUND_FIELDS = (Field("said", required=True), Field("when", required=True))
GROUNDS = (
    "shown", "on_record", "probable", "elsewhere", "animals", "not_randomised", "thin", "some", "more_for", "differ",
    "perhaps_less", "less", "not_shown", "disagree", "leans_against", "refuted", "record_against", "nobody_studied",
    "not_found", "not_collected",
)  # fmt: skip
"""What the verdict of a part can come down to; `remit.answers.claims.grounds` chooses."""
MEASURES = ("tmax_min", "cmax_cv", "auc_cv")
"""Numbers of a route that others are set beside: time to peak [min], SD over mean of peak and of area [fraction]."""
SOURCES = (
    "findings", "moderators", "outcomes", "exposures", "side_effects", "durations", "regulatory", "rules", "arms",
)  # fmt: skip
"""What a tally or a record may be taken from."""
BEARS = "bears"
"""Beside moderators: which way each of their relations speaks, ``for`` or ``against``; one left out for neither."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a rule turns on, and why it is that."""

    value: float
    because: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What the verdict of a part comes down to: a few words, and when they are said."""

    said: str
    when: str


@dataclass(frozen=True, slots=True)
class Part:
    """A question that a claim comes to.

    Attributes:
        id: its name within the claim.
        asks: the question in words; yes is what the claim says.
        short: what it is about, in a few words that follow "shown:" or "not shown:".
        rule: ``chance`` of a number of the engine, ``tally`` of studies, ``route`` beside the other routes, or
            ``record`` of facts.
        because: why this number or limit.
        of, minus: the number of the engine (what, of which course, when), and what is taken off it in the same draw; or
            the measure of a route.
        at_least, at_most: limits of that number.
        trials_of: diagnosis that must have trials of ketamine for the number to count; None where any will do.
        taken_from: what a tally or record is taken from, by kind.
        direct: whose people the claim is about, as codes; others count as carried over.
    """

    id: str
    asks: str
    short: str
    rule: str
    because: str
    of: Mapping[str, Any]
    minus: Mapping[str, Any]
    at_least: float | None
    at_most: float | None
    trials_of: str | None
    taken_from: Mapping[str, Any]
    direct: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim people meet.

    Attributes:
        id: its name.
        claim: in our words.
        parts: the questions it comes to; all must hold for it to hold.
        missing: what is not in the evidence and would change the verdict.
    """

    id: str
    claim: str
    parts: tuple[Part, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything in claims.yaml.

    Attributes:
        statements: what each rule does, by name, in words.
        thresholds: what the rules turn on.
        grounds: what a verdict can come down to, by code.
        courses: sessions that numbers are taken from, by name.
        direct: whose people a claim about anxiety is about.
        claims: by id, in the order of the board.
    """

    statements: Mapping[str, str]
    thresholds: Mapping[str, Threshold]
    grounds: Mapping[str, Ground]
    courses: Mapping[str, Mapping[str, Any]]
    direct: tuple[str, ...]
    claims: Mapping[str, Claim]


def _refuse(what: str, allowed: str, where: str) -> EvidenceRefused:
    return EvidenceRefused(what, allowed=allowed, where=f"{FILE}, {where}", remedy="Mend the entry")


def _words(text: Any) -> str:
    return " ".join(str(text or "").split())


def _filled(text: str, thresholds: Mapping[str, Threshold]) -> str:
    """Words of a rule in which a threshold named between backticks has its value beside its name."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        number = thresholds[name].value if name in thresholds else None
        if number is None:
            return name
        spoken = f"{100 * number:.0f} %" if number < 1 else f"{number:g}"
        return f"{name.replace('_', ' ')} ({spoken})"

    return re.sub(r"`(\w+)`", value, text)


def _part(record: Any, claim: str, text: str, courses: Mapping[str, Any], direct: tuple[str, ...]) -> Part:
    values = check_record(record, PART_FIELDS, FILE, text)
    where = f"claim {claim!r}, part {values['id']!r}"
    of, minus, taken = record.get("of") or {}, record.get("minus") or {}, record.get("from") or {}
    if values["rule"] == "chance":
        if not of or (values["at_least"] is None and values["at_most"] is None):
            raise _refuse("a chance without a number or a limit", "of, and at_least or at_most", where)
        if not _words(values["because"]):
            raise _refuse("a limit without a reason", "because", where)
        for each in (of, minus):
            if each and each.get("course") not in courses:
                hint = near_miss(str(each.get("course")), courses) or ", ".join(courses)
                raise _refuse(f"unknown course {each.get('course')!r}", hint, where)
    elif values["rule"] == "route":
        if of.get("measure") not in MEASURES or not of.get("route") or not _words(values["because"]):
            raise _refuse("a route without a measure, a route or a reason", ", ".join(MEASURES), where)
    else:
        odd = sorted(set(taken) - {*SOURCES, BEARS})
        if odd or not set(taken) & set(SOURCES):
            named = repr(odd[0]) if odd else "nothing"
            raise _refuse(f"a {values['rule']} taken from {named}", ", ".join(SOURCES), where)
    return Part(
        values["id"], _words(values["asks"]), _words(values["short"]), values["rule"], _words(values["because"]), of,
        minus, values["at_least"], values["at_most"], values["trials_of"], taken,
        tuple(record.get("direct") or direct),
    )  # fmt: skip


def parse_claims(text: str) -> Catalogue:
    """The catalogue from the text of the file.

    Raises:
        EvidenceRefused: it is not YAML, an entry is malformed, an id stands twice, or a threshold has no reason.
    """
    whole = parse_yaml(text, FILE)
    if not isinstance(whole, Mapping) or set(whole) != set(KEYS):
        raise EvidenceRefused("not a catalogue", allowed=", ".join(KEYS), where=FILE)
    if set(whole["thresholds"]) != set(THRESHOLDS) or set(whole["rules"]) < set(RULES):
        raise EvidenceRefused("rules or thresholds are missing", allowed=", ".join(THRESHOLDS), where=FILE)
    if set(whole["grounds"]) != set(GROUNDS):
        raise EvidenceRefused("grounds are missing, or there are others", allowed=", ".join(GROUNDS), where=FILE)
    thresholds = {}
    for name, record in whole["thresholds"].items():
        values = check_record(record, THRESHOLD_FIELDS, FILE, text)
        thresholds[name] = Threshold(values["value"], _words(values["because"]))
    grounds = {}
    for name, record in whole["grounds"].items():
        values = check_record(record, GROUND_FIELDS, FILE, text)
        grounds[name] = Ground(_words(values["said"]), _filled(_words(values["when"]), thresholds))
    courses = {name: check_record(record, COURSE_FIELDS, FILE, text) for name, record in whole["courses"].items()}
    direct = tuple(whole["direct"])
    claims: dict[str, Claim] = {}
    for record in whole["claims"]:
        values = check_record(record, CLAIM_FIELDS, FILE, text)
        name = values["id"]
        if name in claims:
            raise _refuse(f"claim {name!r} stands twice", "one entry a claim", "claims")
        parts = tuple(_part(each, name, text, courses, direct) for each in record.get("parts") or ())
        if not parts or len({part.id for part in parts}) != len(parts):
            raise _refuse("no parts, or two of one name", "one part or more, each with its own id", f"claim {name!r}")
        claims[name] = Claim(name, _words(values["claim"]), parts, _words(values["missing"]))
    said = {name: _filled(_words(each), thresholds) for name, each in whole["rules"].items()}
    return Catalogue(said, thresholds, grounds, courses, direct, claims)


@cache
def load_claims() -> Catalogue:
    """The claims and rules of the published evidence.

    Raises:
        EvidenceRefused: see `parse_claims`.
    """
    return parse_claims(read_text(published() / FILE, FILE))
