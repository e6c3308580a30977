"""For whom: topics hold every finding, grades follow their rule, and nothing is guessed where there is nothing."""

from dataclasses import replace

import pytest

from remit.answers.by_diagnosis import ketamine_trials
from remit.answers.for_whom import for_whom
from remit.answers.question import HowFast
from remit.answers.topic_table import NONE, grade, point_apart, topics
from remit.evidence.appraisal import LEVELS
from remit.evidence.moderators import load_moderators
from remit.inference.before_data import before_data
from remit.vocabulary.people import Diagnosis

QUESTION = HowFast(draws=10, diagnosis=Diagnosis.SAD, scale="LSAS", baseline=90.0)


@pytest.fixture(scope="module")
def answer():
    return for_whom(QUESTION, before_data(10, 3)).as_dict()


def test_every_diagnosis_is_there_with_its_own_studies(answer):
    rows = {row["diagnosis"]: row for row in answer["detail"]["diagnoses"]}
    assert set(rows) == {each.value for each in Diagnosis}
    for name, row in rows.items():
        own = [trial.study_id for trial in ketamine_trials(Diagnosis(name))]
        assert row["studies"] == own
        missing = f"{row['label']}: no usable ketamine trial" in " ".join(answer["extrapolations"])
        assert missing == (not own)


def test_the_drug_takes_nothing_negative_and_the_intervals_are_in_order(answer):
    for row in answer["detail"]["diagnoses"]:
        for look in row["at"]:
            assert -1e-9 <= look["drug_takes_low"] <= look["drug_takes_percent"] <= look["drug_takes_high"] <= 100


def test_a_diagnosis_is_told_apart_only_where_nearly_all_draws_agree(answer):
    for row in answer["detail"]["diagnoses"]:
        share = row["effect"]["larger_than_average_percent"]
        apart = share is not None and (share >= 90 or share <= 10)
        assert (row["diagnosis"] in answer["detail"]["told_apart"]) == apart


def test_every_published_finding_stands_under_a_topic():
    placed = {(row["study_id"], row["moderator"], row["outcome"]) for each in topics() for row in each["findings"]}
    assert placed == {(each.study_id, each.moderator, each.outcome) for each in load_moderators()}


def test_a_topic_without_a_finding_in_anxiety_has_no_grade():
    for each in topics():
        held = sum(each["cells"][domain]["studies"] for domain in ("anxiety", "ptsd", "ocd"))
        assert (each["certainty"] == NONE) == (held == 0)
        assert each["certainty_reasons"]


def test_retracted_findings_are_shown_and_not_counted():
    dose = next(each for each in topics() if each["topic"] == "dose")
    retracted = {row["study_id"] for row in dose["findings"] if row["retracted"]}
    assert retracted
    assert not retracted & set(dose["studies_in_anxiety"])


def test_findings_that_point_apart_lower_the_grade():
    some = [each for each in load_moderators() if each.study_id in {"salloum2019", "feeney2022"}]
    more = [replace(each, relation="more_benefit") for each in some]
    less = [*more, replace(some[0], relation="less_benefit")]
    assert not point_apart(more)
    assert point_apart(less)
    assert "findings point different ways" in grade(less).reasons
    assert "findings point different ways" not in grade(more).reasons
    assert LEVELS.index(grade(less).level) <= LEVELS.index(grade(more).level)


def test_one_kind_of_person_is_looked_at_on_their_own_scale(answer):
    kind = answer["detail"]["this_kind"]
    assert (kind["diagnosis"], kind["scale"], kind["baseline_points"]) == ("SAD", "LSAS", 90.0)
    for looks in kind["events"].values():
        for look in looks:
            assert 0 <= look["low_percent"] <= look["percent"] <= look["high_percent"] <= 100
    # the responses the cut allows are half of ninety
    assert kind["cut_points"]["response"] <= 90.0


def test_the_sentence_says_that_it_is_not_known(answer):
    assert answer["sentence"].startswith("It is not known for whom")
    assert "no evidence in anxiety at all" in answer["sentence"]
