"""Every rule at its limits, and pairs of all inputs, against a second reading of the published files.

The second reading shares no code with the package: it opens the YAML itself and compares by its own table.
"""

import itertools
from importlib.resources import files

import pytest
import yaml
from pairwise import pairwise

from remit.evidence.conditions import load_variables
from remit.evidence.rules import load_eligibility, load_rules
from remit.safety.eligibility import VERDICTS, find, screen
from remit.safety.finding import outcome
from remit.safety.person_record import fields, parse_record
from remit.safety.policy import load_policies

PUBLISHED = files("remit.evidence") / "published"
RAW = {
    rule["id"]: rule
    for name in ("eligibility.yaml", "monitoring.yaml")
    for rule in yaml.safe_load((PUBLISHED / name).read_text(encoding="utf-8"))["rules"]
}
HOLDS = {  # one unit below a limit, at it, one unit above it
    "<": (True, False, False), "<=": (True, True, False), "==": (False, True, False),
    ">=": (False, True, True), ">": (False, False, True),
}  # fmt: skip


def _limits():
    """Each numeric comparison of each rule, those that say when another applies included."""
    for rule_id, rule in RAW.items():
        for place, condition in enumerate(rule.get("conditions") or []):
            for inner, each in enumerate([condition, *(condition.get("only_when") or [])]):
                if isinstance(each["threshold"], (int, float)) and not isinstance(each["threshold"], bool):
                    yield pytest.param(rule_id, place, inner, id=f"{rule_id}-{place}-{inner}")


def _meeting(condition):
    """A value that meets a comparison with room to spare, and one that does not."""
    threshold = condition["threshold"]
    if isinstance(threshold, bool):
        return threshold, not threshold
    if isinstance(threshold, (int, float)):
        wide = {"<": (-2, 2), "<=": (-2, 2), ">": (2, -2), ">=": (2, -2), "==": (0, 2)}[condition["operator"]]
        return threshold + wide[0], threshold + wide[1]
    choices = load_variables()[condition["variable"]].choices
    good = threshold if isinstance(threshold, list) else [threshold]
    return good[0], next(each for each in choices if each not in good)


def test_there_are_limits_to_try():
    assert len(list(_limits())) >= 55


@pytest.mark.parametrize(("rule_id", "place", "inner"), list(_limits()))
def test_one_unit_on_either_side_of_every_limit(rule_id, place, inner):
    rule, raw = load_rules()[rule_id], RAW[rule_id]
    condition = raw["conditions"][place]
    tried = [condition, *(condition.get("only_when") or [])][inner]
    triggers, joined = raw["sense"] == "triggers", raw["logic"] == "all"
    # the other comparisons are set so that this one decides
    values = {}
    for other, each in enumerate(raw["conditions"]):
        if other != place and each["variable"] not in values:
            values[each["variable"]] = _meeting(each)[0 if joined else 1]
        for when in each.get("only_when") or []:
            values.setdefault(when["variable"], _meeting(when)[1])
    for each in condition.get("only_when") or []:
        values[each["variable"]] = _meeting(each)[0]
    # where the limit tried is one of when it applies, the comparison itself must speak
    values[condition["variable"]] = _meeting(condition)[0 if triggers else 1] if inner else None
    for step, holds in zip((-1, 0, 1), HOLDS[tried["operator"]], strict=True):
        values[tried["variable"]] = tried["threshold"] + step
        assert outcome(rule, values) is _second_reading(raw, values), (values, tried)
        alone = sum(c["variable"] == tried["variable"] for c in raw["conditions"]) == 1
        if inner == 0 and alone:
            assert outcome(rule, values) is holds, (values, tried)


def _second_reading(raw, values):
    """The outcome where everything is known, by comparing on the raw record."""

    def met(condition):
        value, limit = values[condition["variable"]], condition["threshold"]
        if isinstance(limit, (int, float)) and not isinstance(limit, bool):
            return HOLDS[condition["operator"]][1 + (value > limit) - (value < limit)]
        return value in limit if isinstance(limit, list) else value == limit

    found = []
    for condition in raw["conditions"]:
        fits = all(met(each) for each in condition.get("only_when") or [])
        found.append((met(condition) and fits) if raw["sense"] == "triggers" else (met(condition) or not fits))
    return all(found) if raw["logic"] == "all" else any(found)


def _partial(raw, values):
    """The outcome where some is unknown: what all whole numbers around the limits agree on."""
    conditions = [each for c in raw["conditions"] for each in (c, *(c.get("only_when") or []))]
    missing = sorted({c["variable"] for c in conditions if values.get(c["variable"]) is None})
    choices = []
    for name in missing:
        variable = load_variables()[name]
        if variable.kind == "number":
            limits = [c["threshold"] for c in conditions if c["variable"] == name]
            choices.append([limit + step for limit in limits for step in (-3, -1, 0, 1, 3)])
        else:
            choices.append([True, False] if variable.kind == "yes_no" else list(variable.choices))
    ends = {
        _second_reading(raw, {**values, **dict(zip(missing, filled, strict=True))})
        for filled in itertools.product(*choices)
    }
    return ends.pop() if len(ends) == 1 else None


@pytest.fixture(scope="module")
def rows():
    """Records in which every pair of answers of every two fields occurs: below, at and above every limit, unknown."""
    limits = {}
    for raw in RAW.values():
        for condition in raw.get("conditions") or []:
            for each in (condition, *(condition.get("only_when") or [])):
                if isinstance(each["threshold"], (int, float)) and not isinstance(each["threshold"], bool):
                    limits.setdefault(each["variable"], set()).add(each["threshold"])
    inputs = {}
    for name, variable in fields().items():
        if variable.kind == "number":
            around = {limit + step for limit in limits.get(name, ()) for step in (-1, 0, 1)}
            inputs[name] = [None, *sorted(v for v in around if variable.low <= v <= variable.high)]
        else:
            inputs[name] = [None, *([True, False] if variable.kind == "yes_no" else variable.choices)]
    made = pairwise(inputs)
    pairs = {(a, row[a], b, row[b]) for row in made for a, b in itertools.combinations(inputs, 2)}
    assert len(pairs) == sum(len(inputs[a]) * len(inputs[b]) for a, b in itertools.combinations(inputs, 2))
    return made


def test_pairs_of_all_answers_agree_with_a_second_reading(rows):
    policy = load_policies()["as_published"]
    said = set()
    for row in rows:
        record = parse_record(row)
        for rule in load_eligibility().values():
            if not rule.conditions or any(c.variable not in row for c in rule.conditions):
                continue
            expected = _partial(RAW[rule.id], row)
            finding = find(rule, record.values(), policy, {})
            counts = policy.kind_of(rule)
            if counts == "context":
                continue
            if expected is None:
                wanted = "requirement open" if counts == "requirement" else "unknown"
            elif counts == "requirement":
                wanted = "met" if expected else "requirement open"
            else:
                wanted = {"contraindication": "contraindicated"}.get(counts, counts) if expected else "met"
            assert finding.kind == wanted, (rule.id, row)
            assert finding.is_unmet == (counts == "requirement" and expected is False)
            said.add((rule.id, finding.kind, finding.is_unmet))
    # every rule was seen to fire, to be met and to be unknown: a check that cannot fail is none
    for rule_id in {each for each, *_ in said}:
        assert len({each for each in said if each[0] == rule_id}) == 3, rule_id


def test_no_pair_makes_unknown_eligible(rows):
    for row in rows:
        found = screen(parse_record(row))
        waiting = [each for each in found.findings if each.kind in {"unknown", "requirement open"}]
        assert found.verdict != VERDICTS[3] or not waiting
