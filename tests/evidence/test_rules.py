"""Safety rules: all of them, with sources, disagreements kept, faults refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.evidence.rules import load_eligibility, load_monitoring, load_rules, parse_rules
from remit.vocabulary.errors import EvidenceRefused

RULE = """rules:
  - id: pressure
    kind: caution
    applies_to: both
    statement: Wait while the pressure is high.
    jurisdictions: [US]
    sense: triggers
    logic: any
    conditions:
      - variable: systolic_bp_predose
        operator: '>'
        threshold: 140
        unit: mmHg
    sources: [us_pi_2019_5_6]
"""


def test_every_collected_rule_is_here() -> None:
    assert len(load_eligibility()) == 70
    assert len(load_monitoring()) == 45
    assert len(load_rules()) == 115


def test_every_rule_has_a_source_and_a_sentence() -> None:
    for rule in load_rules().values():
        assert rule.sources
        assert rule.statement.endswith(".")
        assert (rule.logic is None) == (not rule.conditions)


def test_requirements_must_hold_and_warnings_trigger() -> None:
    for rule in load_eligibility().values():
        assert rule.sense == ("must_hold" if rule.kind in {"requirement", "context"} else "triggers")


def test_the_pressure_limits_of_different_sources_all_stand() -> None:
    rules = load_rules()
    limits = {
        (rule_id, c.threshold, tuple((w.operator, w.threshold) for w in c.only_when))
        for rule_id in ("bp_predose_140_90", "bp_predose_eu_by_age", "bp_predose_service_160_100")
        for c in rules[rule_id].conditions
        if c.variable == "systolic_bp_predose"
    }
    assert limits == {
        ("bp_predose_140_90", 140.0, ()),
        ("bp_predose_eu_by_age", 140.0, (("<", 65.0),)),
        ("bp_predose_eu_by_age", 150.0, ((">=", 65.0),)),
        ("bp_predose_service_160_100", 160.0, ()),
    }
    assert "bp_predose_trial_rule" in rules["bp_predose_140_90"].disagrees_with


def test_disagreement_is_said_on_both_sides() -> None:
    rules = load_rules()
    assert rules["esk_observation_2h"].disagrees_with == ("eu_observation_clinical",)
    assert rules["eu_observation_clinical"].disagrees_with == ("esk_observation_2h",)
    assert rules["driving"].logic == "alternatives"


def test_conditions_that_hold_together_are_joined_by_all() -> None:
    rules = load_rules()
    joined = {rule.id for rule in rules.values() if rule.logic == "all"}
    assert joined == {"fasting", "freq_ket_limit_apa", "dissociation_threshold"}


def test_timing_is_in_numbers() -> None:
    (timing,) = load_monitoring()["esk_observation_2h"].timing
    assert (timing.at, timing.minutes_after, timing.after) == ("observe_until", 120, "dose")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: caution", "kind: cuation", ["line 3", "rule pressure", "kind", "'cuation'", "caution"]),
        ("kind: caution", "severity: high", ["line 3", "severity"]),
        ("    applies_to: both\n", "", ["applies_to"]),
        ("logic: any", "logic: some", ["line 8", "logic", "'some'"]),
        ("    logic: any\n", "", ["line 2", "logic", "alternatives"]),
        ("[US]", "[Mars]", ["line 6", "'Mars'", "EU"]),
        ("[US]", "US", ["line 6", "a list"]),
        ("[us_pi_2019_5_6]", "[us_pi_2019_5_66]", ["line 14", "us_pi_2019_5_66", "us_pi_2019_5_6"]),
        ("threshold: 140", "threshold: '140'", ["line 12", "'140'"]),
        ("rules:", "rule:", ["a key `rules`"]),
        ("unit: mmHg", "unit: [", ["not YAML", "line"]),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(old: str, new: str, said: list[str]) -> None:
    assert old in RULE
    with pytest.raises(EvidenceRefused) as refusal:
        parse_rules(RULE.replace(old, new), "eligibility.yaml")
    for part in ["eligibility.yaml", *said]:
        assert part in str(refusal.value)


def test_a_rule_twice_is_refused() -> None:
    with pytest.raises(EvidenceRefused, match="stands twice"):
        parse_rules(RULE + RULE.removeprefix("rules:\n"), "eligibility.yaml")


@given(st.floats(min_value=-1e6, max_value=1e6, allow_nan=False))
def test_any_number_is_kept_as_it_stands(threshold: float) -> None:
    rule = parse_rules(RULE.replace("140", f"{threshold:.6f}"), "eligibility.yaml")["pressure"]
    assert rule.conditions[0].threshold == pytest.approx(threshold, abs=1e-6)
