"""Words of a study's numbers."""

import re
from collections import Counter

import pytest

from remit.evidence.trials import load_trials
from remit.reports.evidence_page import outcome_rows
from remit.reports.study_words import quantity


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
                left_out = Counter(_words((said or "").replace("_", " "))) - Counter(_words(shown[place]))
                assert set(left_out) <= set(_words(name.replace("_", " "))), (trial.study_id, said)


def _words(text):
    return re.findall(r"\w+", text.lower())


@pytest.mark.parametrize(
    ("study", "what", "value"),
    [
        ("glue2017", "time to onset", "1 hour"),
        ("glue2017", "change in per cent", "-50 %"),
        ("lader1998", "mean change", "-10.75 points"),
    ],
)
def test_a_number_has_its_unit_in_words(study, what, value):
    assert (what, value) in {(row[2].split(":")[0], row[4]) for row in outcome_rows(load_trials()[study])}


def test_every_number_is_shown_with_a_unit_or_named_by_what_it_is():
    shown = {row.unit: quantity(2.0, row.unit) for trial in load_trials().values() for row in trial.outcomes}
    assert not any("_" in text for text in shown.values())
    assert {unit for unit, text in shown.items() if text == "2"} <= {
        "ratio",
        "count",
        "correlation",
        "probability",
        "other",
    }
