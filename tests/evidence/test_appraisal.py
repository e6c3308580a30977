"""Certainty is computed by one stated rule."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.evidence.appraisal import LEVELS, OF_SYMPTOMS, Witness, appraise, certainty_of
from remit.evidence.trials import load_trials


def people(count, **changes):
    return Witness("a", count, **{"is_randomised": True, "is_masked": True, "is_direct": True, **changes})


@pytest.mark.parametrize(
    ("witnesses", "differ", "level"),
    [
        ([people(200), people(200)], False, "high"),
        ([people(200), people(199)], False, "moderate"),
        ([people(400)], True, "moderate"),
        ([people(200), people(200)], True, "moderate"),
        ([people(200), people(200, is_masked=False)], False, "high"),
        ([people(200), people(201, is_masked=False)], False, "moderate"),
        ([people(200, is_direct=False), people(200, is_direct=False)], False, "moderate"),
        ([people(200, is_randomised=False), people(200, is_randomised=False)], False, "low"),
        ([people(10, is_randomised=False, is_masked=False)], True, "very low"),
        ([people(10, is_masked=False, is_direct=False)], True, "very low"),
        ([people(None), people(None)], False, "moderate"),
        ([], True, "very low"),
    ],
)
def test_certainty_follows_its_rule(witnesses, differ, level):
    found = certainty_of(witnesses, differ)
    assert found.level == level
    assert bool(found.reasons) == (level != "high")


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 900), st.booleans(), st.booleans(), st.booleans()), min_size=2, max_size=5),
    st.booleans(),
)
def test_nothing_gets_surer_when_a_study_loses_its_mask(rows, differ):
    before = [Witness(str(i), n, a, b, c) for i, (n, a, b, c) in enumerate(rows)]
    after = [Witness(str(i), n, a, False, c) for i, (n, a, _, c) in enumerate(rows)]
    ranks = [LEVELS.index(certainty_of(each, differ).level) for each in (before, after)]
    assert ranks[1] <= ranks[0]


def test_the_words_name_what_was_asked():
    found = certainty_of([people(10, is_masked=False, is_direct=False), people(20)], True, OF_SYMPTOMS)
    assert "only 20 of 30 randomised people were in trials that could hide the drug" not in found.reasons
    assert found.reasons == (
        "30 randomised people in all, fewer than 400",
        "the effect differs between studies by more than its average",
    )


def test_symptoms_are_carried_by_randomised_studies_alone():
    trials = [trial for trial in load_trials().values() if trial.domain == "ptsd"]
    open_ones = [trial for trial in trials if not trial.design.startswith("rct")]
    assert open_ones
    assert appraise(open_ones, "PTSD", 0.0).reasons == ("no randomised study",)
    assert appraise(trials, "PTSD", 0.0) == appraise([each for each in trials if each not in open_ones], "PTSD", 0.0)
