"""Studies and tables: what is here, and what malformed files are told."""

import pytest

from remit.evidence import trials
from remit.evidence.tables import Field, parse_csv, parse_yaml
from remit.evidence.trials import OUTCOME_FIELDS, STUDY_FIELDS, load_trial, load_trials, parse_study
from remit.vocabulary.errors import EvidenceRefused

STUDY = """\
study_id: someone2020
citation: Someone A. A trial. 2020.
year: 2020
design: rct_parallel
blinding: double_blind
masking: active_control
comparator: midazolam
status: published
kind: trial
domain: anxiety
arms:
- arm_id: ket
  treatment: ketamine
  role: active
  route: iv
  dose_value: 0.5
  dose_unit: mg/kg
  dose_how: read
"""
HEADER = ",".join(field.name for field in OUTCOME_FIELDS)


def outcome(**changes):
    values = {
        "arm_id": "ket", "population": "GAD", "n": "12", "scale": "HAM-A", "metric": "response_rate", "time_h": "24",
        "value": "50", "unit": "percent", "how": "read", "source_id": "glue2017_abstract", "place": "abstract",
    }  # fmt: skip
    values.update(changes)
    return HEADER + "\n" + ",".join(values.get(field.name, "") for field in OUTCOME_FIELDS) + "\n"


def test_every_published_outcome_is_here_once():
    every = load_trials()
    rows = [row for trial in every.values() for row in trial.outcomes]
    # 449 and 827 rows were collected; six stood in both collections
    assert len(rows) == 449 + 827 - 6
    assert all(row.source_id and row.place and row.how and row.unit for row in rows)
    assert all(row.derivation for row in rows if row.how == "derived" and row.unit == "percent_points")


def test_the_retracted_trial_is_seen_and_marked():
    trial = load_trial("mills2025_kads")
    assert trial.is_retracted
    assert trial.has_flag("retracted")
    assert len(trial.outcomes) == 3


@pytest.mark.parametrize(
    ("changes", "column", "said"),
    [
        ({"value": "fifty"}, "value", "a number"),
        ({"value": ""}, "value", "may not be blank"),
        ({"metric": "reponse_rate"}, "metric", "Did you mean 'response_rate'"),
        ({"value": "120"}, "value", "0 to 100 percent"),
        ({"arm_id": "kte"}, "arm_id", "Did you mean 'ket'"),
        ({"n": "0"}, "n", "a number from 1"),
        ({"unit": "kg"}, "unit", "points"),
        ({"place": ""}, "place", "may not be blank"),
    ],
)
def test_a_bad_row_is_refused_with_file_line_column_value_and_remedy(changes, column, said):
    def read():
        rows = parse_csv(outcome(**changes), OUTCOME_FIELDS, "outcomes/someone2020.csv")
        parse_study(STUDY, rows, "studies/someone2020.yaml")

    with pytest.raises(EvidenceRefused) as refusal:
        read()
    text = str(refusal.value)
    assert f"outcomes/someone2020.csv, line 2, column {column}" in text
    assert said in text
    assert refusal.value.exit_code == 3
    assert refusal.value.allowed or refusal.value.remedy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STUDY.replace("double_blind", "duoble_blind"), "Did you mean 'double_blind'"),
        (STUDY.replace("citation:", "citations:"), "Did you mean 'citation'"),
        (STUDY.replace("design: rct_parallel\n", ""), "may not be blank"),
        (STUDY.replace("year: 2020", "year: twenty"), "a number"),
        (STUDY + "  dose_times_h: [24, 0]\n", "a rising list of hours"),
        (STUDY + "- arm_id: ket\n  treatment: saline\n  role: control\n", "an arm stands twice"),
        (STUDY + "   x: [", "not YAML"),
    ],
)
def test_a_bad_study_is_refused(text, said):
    with pytest.raises(EvidenceRefused, match=r"someone2020\.yaml") as refusal:
        parse_study(text, [], "studies/someone2020.yaml")
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("a,b\n1,2,3\n", "3 values for 2 columns"),
        ("a\n1\n", r"missing columns \['b'\]"),
        ("a,b,c\n1,2,3\n", "c is 'c'"),
        ("a,b,b\n1,2,3\n", "a column stands twice"),
    ],
)
def test_a_bad_table_is_refused(text, said):
    with pytest.raises(EvidenceRefused, match=said):
        parse_csv(text, (Field("a"), Field("b")), "t.csv")


def test_a_study_asked_for_by_a_wrong_name_gets_a_hint():
    with pytest.raises(EvidenceRefused, match="glue2017"):
        load_trial("glue207")
    with pytest.raises(EvidenceRefused, match="unknown arm 'nobody'"):
        load_trial("glue2017").arm("nobody")


def test_every_declared_field_is_read():
    assert {field.name for field in OUTCOME_FIELDS} < set(trials.Outcome.__dataclass_fields__)
    assert {field.name for field in STUDY_FIELDS} < set(trials.Trial.__dataclass_fields__)
    assert parse_yaml("a: 1", "x.yaml") == {"a": 1}
