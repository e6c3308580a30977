"""What a trial saw itself is what a hand calculation gives; a study without a control has no effect of the drug."""

import math

import pytest
from scipy.stats import norm, t

from remit.answers.forest import GROUPS, LATEST_H, forest
from remit.answers.shares import difference, exact_share
from remit.answers.study_effects import FARTHEST, NEAREST, RESPONDS, TAKES, study_effects
from remit.evidence.trials import load_trials
from remit.inference.fitted import load
from remit.reports.forest_of_trials_chart import described, forest_of_trials_chart, forest_table, silent_lines
from remit.vocabulary.clock import days
from remit.vocabulary.errors import OutOfRange

WEEK = days(7.0)


def one(effects, study, measure, scale=None):
    (found,) = [e for e in effects if (e.study, e.measure) == (study, measure) and scale in {None, e.scale}]
    return found


def test_responders_are_the_difference_of_two_exact_shares():
    found = one(study_effects(WEEK, 0.9)[0], "duek2023", RESPONDS)
    value, low, high = difference(exact_share(6, 13, 0.9), exact_share(2, 13, 0.9))
    assert (found.value, found.low, found.high) == pytest.approx((100 * value, 100 * low, 100 * high))
    assert found.people == 26
    assert found.fall == 0.5


def test_totals_follow_the_delta_method_and_student():
    found = one(study_effects(WEEK, 0.9)[0], "duek2023", TAKES)
    # 49.62 (SD 12.37) to 31.15 (20.59) against 44.38 (14.43) to 35.08 (16.77), 13 people each; correlation a half
    arms = []
    for before, sd, after, later in ((49.62, 12.37, 31.15, 20.59), (44.38, 14.43, 35.08, 16.77)):
        share = after / before
        a, b = later / math.sqrt(13) / before, share * sd / math.sqrt(13) / before
        arms.append((share, a * a + b * b - a * b))
    value, total = arms[1][0] - arms[0][0], arms[0][1] + arms[1][1]
    freedom = total**2 / (arms[0][1] ** 2 / 12 + arms[1][1] ** 2 / 12)
    reach = t.ppf(0.95, freedom) * math.sqrt(total)
    assert found.value == pytest.approx(100 * value)
    assert (found.low, found.high) == pytest.approx((100 * (value - reach), 100 * (value + reach)))
    # wider than the normal one, as few people ask for
    assert found.high - found.low > 200 * norm.ppf(0.95) * math.sqrt(total)


def test_a_change_without_a_control_is_told_apart_and_gets_no_interval_nobody_published():
    effects, _ = study_effects(WEEK, 0.9)
    trials = load_trials()
    for each in effects:
        drugs = {arm.treatment for arm in trials[each.study].arms}
        assert each.controlled == bool(drugs - {"ketamine", "esketamine"}), each.study
    change = one(effects, "bloch2012", TAKES)
    assert (change.value, change.low, change.high, change.controlled) == (12.0, None, None, False)


@pytest.mark.parametrize("at_h", [2.0, 24.0, WEEK, days(28.0)])
def test_every_study_in_use_tells_an_effect_or_why_not(at_h):
    effects, silent = study_effects(at_h, 0.9)
    told = {each.study for each in effects}
    assert not told & set(silent)
    assert {"taylor2018", "lii2023", "feder2014", "hartland2023"} <= told | set(silent)
    assert all(NEAREST * at_h <= each.after_h <= FARTHEST * at_h for each in effects)
    assert all(each.low is None or each.low <= each.value <= each.high for each in effects)
    assert not any(trial.is_retracted for trial in load_trials().values() if trial.study_id in told)


@pytest.fixture(scope="module")
def found():
    return forest(WEEK, 0.9, load().thinned(24)).as_dict()


def test_rows_stand_by_mask_with_the_model_asked_the_same(found):
    order = [list(GROUPS).index(row["group"]) for row in found["rows"]]
    assert order == sorted(order)
    series = next(row for row in found["rows"] if row["study"] == "feder2021")
    single = next(row for row in found["rows"] if row["study"] == "duek2023" and row["measure"] == RESPONDS)
    # six sessions and a fall by 30 % count more than one session and a fall by half
    assert series["model"] > single["model"]
    for row in found["rows"]:
        assert row["model"] is None or row["model_low"] <= row["model"] <= row["model_high"]
    assert "5 trials with a control (141 people)" in found["sentence"]


def test_a_time_at_which_sessions_are_not_rated_is_refused():
    with pytest.raises(OutOfRange, match="1 h to 4 weeks"):
        forest(2 * LATEST_H)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_picture_has_its_words_and_numbers(found, narrow):
    header, rows = forest_table(found)
    assert len(rows) == len(found["rows"])
    assert all(len(row) == len(header) for row in rows)
    text = str(forest_of_trials_chart(found, narrow=narrow))
    for row in found["rows"]:
        assert row["study"] in text
        assert row["study"] in described(found)
    assert "no control: the whole change" in text
    assert any("hartland2023" in line for line in silent_lines(found))
