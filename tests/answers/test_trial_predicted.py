"""A study beside what the others predict of it: the published numbers are those of the evidence, row by row."""

import pytest

from remit.answers.trial_predicted import trial_predicted
from remit.evidence.trials import load_trials
from remit.inference.check_tables import load_held_out
from remit.reports.trial_fan_chart import described, fan_table, sentence, trial_fan_chart


def test_every_study_that_was_held_out_can_be_shown_with_every_outcome():
    rows = [each for each in load_held_out() if not each.spread]
    assert sum(len(trial_predicted(study).rows) for study in {each.row.study for each in rows}) == len(rows)


def test_published_values_are_those_of_the_evidence():
    found = trial_predicted("duek2023")
    published = {
        (row.arm_id, row.scale, row.time_h): row.value
        for row in load_trials()["duek2023"].outcomes
        if row.metric == "mean_score"
    }
    for row in found.rows:
        if row.what == "total":
            assert row.observed == published[row.arm, row.scale, row.time_h]


def test_intervals_widen_and_hold_the_middle():
    for row in trial_predicted("lii2023").rows:
        ends = [end for pair in row.intervals for end in pair]
        assert min(ends) == row.intervals[-1][0]
        assert max(ends) == row.intervals[-1][1]
        assert row.intervals[0][0] <= row.median <= row.intervals[0][1]
        assert row.is_inside == (row.intervals[-1][0] <= row.observed <= row.intervals[-1][1])


def test_a_study_without_a_row_in_use_is_not_predicted():
    assert trial_predicted("mills2025_kads") is None


@pytest.mark.parametrize("study", ["duek2023", "lii2023", "taylor2018"])
def test_every_outcome_is_a_dot_a_row_and_a_word(study):
    found = trial_predicted(study)

    def dots(part):
        if isinstance(part, dict):
            mark = part.get("mark")
            own = len(part["data"]["values"]) if isinstance(mark, dict) and mark["type"] == "point" else 0
            return own + sum(dots(value) for value in part.values())
        return sum(dots(each) for each in part) if isinstance(part, list) else 0

    assert dots(trial_fan_chart(found)) == len(found.rows) == len(fan_table(found)[1])
    assert described(found).count("published ") == len(found.rows) + 1
    assert sentence(found).startswith(f"{sum(row.is_inside for row in found.rows)} of {len(found.rows)} ")
