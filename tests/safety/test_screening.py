"""Screening: unknown never reads as eligible, sources that disagree both show, records are read strictly."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remit.cli.__main__ import main
from remit.evidence.conditions import load_variables
from remit.evidence.rules import load_eligibility, load_rules
from remit.safety.eligibility import rules_for, screen
from remit.safety.interactions import load_medicines
from remit.safety.person_record import fields, parse_record, read_record, template, to_judge
from remit.safety.policy import find_policy, load_policies, parse_policies
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import EvidenceRefused, InputRefused


def clear(drug="esketamine"):
    """A record in which every answer is known and speaks for treatment."""
    record = {}
    for name, variable in fields().items():
        if variable.kind == "yes_no":
            record[name] = False
    record |= {
        "drug": drug, "age": 40, "systolic_bp_predose": 120, "diastolic_bp_predose": 75, "hours_since_alcohol": 100,
        "hours_between_nasal_product_and_dose": 24, "weeks_since_cardiovascular_event": 6000,
        "diazepam_equivalent_daily": 0, "lorazepam_equivalent_daily": 0, "child_pugh_class": "A",
        "concomitant_antipsychotic": "none", "capacity_to_consent": True, "rems_certified_setting": True,
        "rems_patient_enrolled": True, "administration_setting": "supervised_clinic",
        "emergency_airway_equipment_available": True, "failed_adequate_antidepressant_trials": 2,
        "judged": {"bp_rise_serious_hazard": False, "baseline_evaluation_apa": True,
                   "baseline_history_physical_askp": True},
    }  # fmt: skip
    return record


@pytest.mark.parametrize("drug", ["ketamine", "esketamine"])
@pytest.mark.parametrize("policy", list(load_policies()))
def test_a_clear_record_is_not_excluded(drug, policy):
    found = screen(parse_record(clear(drug)), load_policies()[policy])
    assert found.verdict == "not excluded"
    assert not found.unknowns
    assert {each.kind for each in found.findings} <= {"context"}


def test_nothing_known_is_not_excluded_so_far_and_says_how_much_is_unknown():
    found = screen(parse_record({}))
    assert found.verdict == "not excluded so far"
    assert "things unknown" in found.sentence
    assert "ligible" not in found.sentence


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_leaving_any_answer_out_never_reads_as_not_excluded(data):
    drug = data.draw(st.sampled_from(list(Drug)))
    policy = load_policies()[data.draw(st.sampled_from(sorted(load_policies())))]
    record = clear(drug.value)
    decides = {
        c.variable
        for rule in rules_for(drug)
        if policy.follows(rule) and policy.kind_of(rule) != "context"
        for c in rule.conditions
        if not c.only_when
    }
    gone = data.draw(st.sets(st.sampled_from(sorted(decides)), min_size=1, max_size=6))
    how = data.draw(st.sampled_from(["absent", None, "unknown", "Unknown"]))
    for name in gone:
        record.pop(name) if how == "absent" else record.update({name: how})
    found = screen(parse_record(record), policy)
    assert found.verdict == "not excluded so far"
    assert gone <= set(found.ask)
    assert found.unknowns > 0


@pytest.mark.parametrize("rule", to_judge())
def test_what_only_a_clinician_can_judge_stays_open_until_judged(rule):
    drug = "ketamine" if load_eligibility()[rule].applies_to == "ketamine" else "esketamine"
    record = clear(drug)
    record["judged"].pop(rule)
    found = screen(parse_record(record))
    assert found.verdict == "not excluded so far"
    assert [each.rule_id for each in found.findings if each.kind in {"unknown", "requirement open"}] == [rule]


@pytest.mark.parametrize("rule_id", [rule.id for rule in load_eligibility().values() if rule.conditions])
def test_each_rule_by_itself_changes_the_verdict(rule_id):
    rule = load_eligibility()[rule_id]
    drug = "ketamine" if rule.applies_to in {"ketamine", "both"} else "esketamine"
    if rule not in rules_for(Drug(drug)):
        return  # known after a session only
    record, policy = clear(drug), load_policies()["as_published"]
    condition = rule.conditions[0]
    for each in (condition, *condition.only_when):
        wanted = rule.sense == "triggers" or each is not condition
        step = {"<": -1, ">": 1, "<=": 0, ">=": 0, "==": 0}[each.operator] if each.operator != "in" else 0
        value = each.threshold
        if load_variables()[each.variable].kind == "number":
            value = value + step if wanted else value + {">=": -1, "<=": 1, "==": 1, ">": 0, "<": 0}[each.operator]
        elif each.operator == "in":
            value = value[0]
        elif not wanted:
            value = (
                (not value)
                if isinstance(value, bool)
                else next(c for c in load_variables()[each.variable].choices if c != value)
            )
        record[each.variable] = value
    found = {each.rule_id: each for each in screen(parse_record(record), policy).findings}
    if policy.kind_of(rule) == "context":
        return
    finding = found[rule_id]
    wanted = {"contraindication": "contraindicated", "requirement": "requirement open"}
    assert finding.kind == wanted.get(rule.kind, rule.kind)
    assert finding.is_unmet == (rule.kind == "requirement")
    assert finding.reason
    assert finding.sources


def test_the_gravest_comes_first():
    found = screen(parse_record({**clear(), "age": 16, "hypersensitivity_ketamine_esketamine": True}))
    assert found.verdict == "contraindicated"
    assert found.findings[0].rule_id == "hypersensitivity"
    assert screen(parse_record({**clear(), "age": 16})).verdict == "requirement not met"


def test_a_pressure_above_every_limit_needs_no_age():
    found = {f.rule_id: f for f in screen(parse_record({"drug": "esketamine", "systolic_bp_predose": 151})).findings}
    assert found["bp_predose_eu_by_age"].kind == "caution"
    found = {f.rule_id: f for f in screen(parse_record({"drug": "esketamine", "systolic_bp_predose": 145})).findings}
    assert found["bp_predose_eu_by_age"].kind == "unknown"
    assert found["bp_predose_eu_by_age"].unknown == ("age", "diastolic_bp_predose")


def test_sources_that_disagree_both_show_and_the_policy_chooses():
    record = parse_record({**clear(), "age": 70, "starting_dose": 28, "systolic_bp_predose": 145})
    us, eu = (screen(record, load_policies()[name]) for name in ("us", "eu"))
    assert "bp_predose_140_90" in {each.rule_id for each in us.findings}
    assert "bp_predose_140_90" not in {each.rule_id for each in eu.findings}
    assert [(each.rule_id, each.is_followed) for each in eu.beside] == [("bp_predose_140_90", False)]
    assert eu.verdict == "not excluded"
    heart = parse_record({**clear(), "weeks_since_cardiovascular_event": 3})
    assert screen(heart, load_policies()["eu"]).verdict == "contraindicated"
    in_us = screen(heart, load_policies()["us"])
    assert [each.kind for each in in_us.findings if each.rule_id == "recent_cardiovascular_event"] == ["caution"]


def test_whoever_a_rule_disagrees_with_is_named_and_exists():
    for rule in load_rules().values():
        assert set(rule.disagrees_with) <= set(load_rules())
    found = screen(parse_record({"drug": "esketamine", "systolic_bp_predose": 170, "diastolic_bp_predose": 80}))
    assert next(f for f in found.findings if f.rule_id == "bp_predose_140_90").disagrees_with


def test_a_clinic_adds_a_policy_of_its_own(tmp_path):
    own = tmp_path / "ours.yaml"
    own.write_text(
        "policies:\n  - id: ours\n    based_on: us\n    statement: Ours.\n    weights:\n"
        "      - {rule: glaucoma, kind: contraindication, because: We have no eye clinic.}\n"
    )
    policy = find_policy(str(own))
    assert policy.jurisdictions == ("US",)
    record = parse_record({**clear("ketamine"), "glaucoma": True})
    assert screen(record, policy).verdict == "contraindicated"
    assert screen(record).verdict == "not excluded"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("policy: 3", "policies"),
        ("policies:\n  - {id: a}", "statement"),
        ("policies:\n  - {id: a, statement: s, based_on: b}", "based_on"),
        ("policies:\n  - {id: a, statement: s, jurisdictions: [XX]}", "XX"),
        ("policies:\n  - {id: a, statement: s, sets_aside: [{rule: glaucma, because: b}]}", "glaucoma"),
        ("policies:\n  - {id: a, statement: s, limits: [{rule: driving, source: us_pdr, because: b}]}", "zen"),
        ("policies:\n  - {id: a, statement: s, weights: [{rule: glaucoma, kind: bad, because: b}]}", "bad"),
        ("policies:\n  - {id: a, statement: s}\n  - {id: a, statement: s}", "twice"),
    ],
)
def test_a_wrong_policy_is_refused(text, said):
    with pytest.raises(EvidenceRefused, match=said):
        parse_policies(text, "own.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"agee": 4}, ["unknown field 'agee'", "'age'"]),
        ({"age": 400}, ["field age", "400", "0 to 120 years"]),
        ({"age": "forty"}, ["field age", "forty", "a number [years]"]),
        ({"age": True}, ["field age"]),
        ({"age": [4]}, ["field age"]),
        ({"systolic_bp_predose": "120 kg"}, ["systolic_bp_predose", "mmHg"]),
        ({"systolic_bp_predose": 14}, ["systolic_bp_predose", "40 to 300 mmHg"]),
        ({"pregnant": 1}, ["field pregnant", "true, false or unknown"]),
        ({"child_pugh_class": "D"}, ["child_pugh_class", "A, B, C"]),
        ({"drug": "propofol"}, ["drug", "propofol"]),
        ({"route": "rectal"}, ["route", "rectal"]),
        ({"judged": {"pregnancy": True}}, ["pregnancy", "bp_rise_serious_hazard"]),
        ({"questionnaires": {"GAD-7": 22}}, ["22", "0 to 21"]),
        ({"medicines": ["clozapine"], "concomitant_antipsychotic": "none"}, ["clozapine", "none"]),
        ({"ham_a_total": 20, "questionnaires": {"HAM-A": 25}}, ["ham_a_total", "25"]),
        ([], ["a JSON object"]),
    ],
)
def test_a_wrong_record_is_refused_with_field_value_and_what_is_allowed(content, said):
    with pytest.raises(InputRefused) as refusal:
        screen(parse_record(content))
    for part in said:
        assert part in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("systolic_bp_predose", "140 mmHg", 140.0),
        ("systolic_bp_predose", "20 kPa", 20 * 7.50061575846),
        ("weeks_since_cardiovascular_event", "42 days", 6.0),
        ("hours_since_alcohol", "1 day", 24.0),
        ("diazepam_equivalent_daily", "8 mg/d", 8.0),
        ("pregnant", "no", False),
        ("age", " ", None),
    ],
)
def test_units_are_converted_once(name, given, value):
    got = parse_record({name: given}).values()[name] if given.strip() else None
    assert got == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value)


def test_a_converted_limit_is_still_that_limit():
    record = parse_record({**clear(), "weeks_since_cardiovascular_event": "42 days"})
    assert screen(record).verdict == "not excluded"


def test_the_template_is_a_record_in_which_nothing_is_known():
    assert screen(parse_record(template())).sentence == screen(parse_record({})).sentence


def test_medicines_say_yes_and_never_no():
    assert len(load_medicines()) >= 18
    quiet = screen(parse_record({"medicines": []}))
    assert "concomitant_opioid" in quiet.ask
    found = screen(
        parse_record({**clear("ketamine"), "concomitant_theophylline": None, "medicines": ["Aminophylline"]})
    )
    assert "theophylline" in {each.rule_id for each in found.findings if each.kind == "interaction"}
    assert screen(parse_record({"medicines": ["sertraline"]})).notes


def test_a_field_twice_is_refused(tmp_path):
    file = tmp_path / "p.json"
    file.write_text('{"age": 30, "age": 70}')
    with pytest.raises(InputRefused, match="'age' stands twice"):
        read_record(file)
    file.write_text("{")
    with pytest.raises(InputRefused, match="not JSON"):
        read_record(file)


@pytest.mark.parametrize(
    ("change", "code"),
    [({}, 0), ({"age": 16}, 21), ({"age": None}, 22), ({"history_intracerebral_haemorrhage": True}, 20)],
)
def test_the_command_ends_with_the_code_of_its_verdict(tmp_path, capsys, change, code):
    file, page = tmp_path / "p.json", tmp_path / "p.html"
    file.write_text(json.dumps({**clear(), **change}))
    assert main(["screen", str(file), "--json", "--html", str(page)]) == code
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "remit.screening/1"
    assert found["sentence"] in page.read_text()
    assert "http" not in page.read_text().split("<body>")[0].replace("http://www.w3.org", "")
    assert main(["screen", str(file)]) == code
    assert found["sentence"][:40] in " ".join(capsys.readouterr().out.split())


def test_the_command_refuses_in_words(tmp_path, capsys):
    assert main(["screen"]) == 2
    assert "--template" in capsys.readouterr().err
    file = tmp_path / "p.json"
    file.write_text("{}")
    assert main(["screen", str(file), "--policy", "cautius"]) == 2
    assert "cautious" in capsys.readouterr().err
    assert main(["screen", str(file), "--html", str(tmp_path / "a.pdf")]) == 2


def test_the_decision_table_is_the_one_in_the_documents():
    from pathlib import Path

    from remit.reports.rules_page import rules_page

    page = rules_page()
    assert page == (Path(__file__).parents[2] / "docs/safety-rules.md").read_text(encoding="utf-8")
    for name in load_rules():
        assert f"| `{name}` |" in page
