"""Words of a study's numbers."""

import re
from collections import Counter

import pytest

from remit.evidence.trials import load_trials
from remit.reports.evidence_page import outcome_rows


@pytest.mark.parametrize(
    ("study", "place", "said"),
    [
        ("glue2017", 2, "time to onset: first assessment with reduced anxiety (hours)"),
        ("glue2020", 2, "duration: persistence of improvement after one dose (hours, upper bound)"),
        ("allgulander2006", 6, "derived: 375/491 = 76.4 %; open label"),
    ],
)
def test_a_name_is_said_once(study, place, said):
    assert said in [row[place] for row in outcome_rows(load_trials()[study])]


def test_no_word_said_of_a_number_is_lost_but_its_name():
    for trial in load_trials().values():
        for row, shown in zip(trial.outcomes, outcome_rows(trial), strict=True):
            for name, said, place in ((row.metric, row.event, 2), (row.how, row.derivation, 6)):
                left_out = Counter(_words(said or "")) - Counter(_words(shown[place]))
                assert set(left_out) <= set(_words(name.replace("_", " "))), (trial.study_id, said)


def _words(text):
    return re.findall(r"\w+", text.lower())
