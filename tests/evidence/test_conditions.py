"""Variables of rules, and the conditions that compare them."""

import pytest

from remit.evidence.conditions import OPERATORS, Condition, RuleFile, load_variables, parse_condition
from remit.vocabulary.errors import EvidenceRefused

TEXT = """rules:
  - id: a
    sources: [us_pi_2019_5_6]
  - id: pressure
    conditions:
      - variable: systolic_bp
        operator: '>'
        threshold: 140
        unit: mmHg
    sources: [us_pi_2019_5_6]
"""
GOOD = {"variable": "systolic_bp", "operator": ">", "threshold": 140, "unit": "mmHg"}


def _parse(**changes: object) -> Condition:
    return parse_condition({**GOOD, **changes}, "pressure", RuleFile("eligibility.yaml", TEXT))


def test_variables_have_a_unit_or_choices_where_they_need_them() -> None:
    variables = load_variables()
    assert len(variables) > 70
    for variable in variables.values():
        assert variable.kind in OPERATORS
        assert (variable.unit is not None) == (variable.kind == "number")
        assert bool(variable.choices) == (variable.kind == "category")


def test_a_condition_keeps_limit_unit_and_age() -> None:
    age = {"variable": "age", "operator": ">=", "threshold": 65, "unit": "years"}
    condition = _parse(only_when=[age], times=2, interval_min=5)
    assert (condition.threshold, condition.unit, condition.times) == (140.0, "mmHg", 2)
    assert condition.only_when[0].threshold == 65.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"variable": "systolic_bp_pedose"}, ["variable is", "systolic_bp_predose"]),
        ({"operator": "in"}, ["line 7", "operator", "'in'", ">="]),
        ({"unit": "kPa"}, ["line 9", "unit", "'kPa'", "mmHg"]),
        ({"threshold": "high"}, ["line 8", "threshold", "'high'", "a number [mmHg]"]),
        ({"threshold": True}, ["threshold", "True"]),
        ({"source_id": "us_pi_2019_5_7"}, ["us_pi_2019_5_"]),
        ({"only_when": 3}, ["only_when", "a list"]),
        ({"limit": 3}, ["limit"]),
        ({"variable": "pregnant", "operator": "==", "unit": None, "threshold": "yes"}, ["true or false"]),
        ({"variable": "child_pugh_class", "operator": "==", "unit": None, "threshold": "D"}, ["'D'", "A, B, C"]),
    ],
)
def test_a_wrong_condition_is_refused_with_its_place(changes: dict[str, object], said: list[str]) -> None:
    with pytest.raises(EvidenceRefused) as refusal:
        _parse(**changes)
    for part in ["eligibility.yaml", "pressure", *said]:
        assert part in str(refusal.value)
