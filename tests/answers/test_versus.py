"""Compared with what: crossings against curves whose crossing is known, and the laws of the answer."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.answers.question import HowFast
from remit.answers.versus import LOOKS_H, crossing_h, signed, versus
from remit.inference.before_data import before_data
from remit.vocabulary.clock import days, weeks

QUESTION = HowFast(draws=12)


@pytest.fixture(scope="module")
def answer():
    return versus(QUESTION, before_data(12, 3)).as_dict()


@settings(max_examples=50, deadline=None)
@given(where=st.floats(0.5, 99.5), slope=st.floats(0.01, 3.0))
def test_straight_lines_cross_where_they_cross(where, slope):
    times = np.linspace(0.0, 100.0, 31)
    ketamine = 10.0 + slope * (times - where)
    assert crossing_h(ketamine[None], np.full((1, 31), 10.0), times)[0] == pytest.approx(where, abs=1e-9)


def test_never_lower_and_always_lower_have_no_crossing():
    times = np.arange(5.0)
    low, high = np.full((1, 5), 3.0), np.full((1, 5), 4.0)
    assert crossing_h(high, low, times)[0] == 0.0
    assert np.isinf(crossing_h(low, high, times)[0])


def test_the_last_of_several_crossings_counts():
    ketamine = np.array([[5.0, 3.0, 5.0, 3.0, 5.0]])
    assert crossing_h(ketamine, np.full((1, 5), 4.0), np.arange(5.0))[0] == pytest.approx(3.5)


def test_differences_are_those_of_the_totals_in_each_draw(answer):
    detail = answer["detail"]
    own = {look["time_h"]: look for look in detail["ketamine"]["at"]}
    assert detail["looks_h"] == list(LOOKS_H)
    for row in detail["treatments"]:
        for look in row["at"]:
            assert look["difference_low"] <= look["difference"] <= look["difference_high"]
            assert 0 <= look["ketamine_lower_percent"] <= 100
            # medians of few draws do not subtract exactly, but lie inside the interval
            apart = own[look["time_h"]]["total"] - look["total"]
            assert look["difference_low"] - 1e-6 <= apart <= look["difference_high"] + 1e-6


def test_nothing_helps_before_it_begins_and_treatments_add_to_their_controls(answer):
    for row in answer["detail"]["treatments"]:
        assert row["typical"][0] == pytest.approx(answer["detail"]["scale"]["baseline_points"])
        assert all(look["total"] <= 1e-9 for look in row["beyond_control"])


def test_the_answer_says_how_it_compares_and_what_is_missing(answer):
    assert answer["basis"]["certainty"] in answer["sentence"]
    assert "beyond their own control arms" in answer["sentence"]
    assert "compared through their own control arms" in " ".join(answer["caveats"])
    known = {row["name"] for row in answer["detail"]["treatments"]}
    assert set(answer["detail"]["no_usable_data"]).isdisjoint(known)
    assert set(answer["sources"]) >= {study for row in answer["detail"]["treatments"] for study in row["studies"]}


def test_same_question_same_bytes(answer):
    again = versus(QUESTION, before_data(12, 3)).as_dict()
    assert json.dumps(again) == json.dumps(answer)


@pytest.mark.parametrize(("value", "text"), [(0.04, "0.0"), (-0.04, "0.0"), (0.06, "+0.1"), (-1.25, "-1.2")])
def test_signs_are_written_and_nothing_has_none(value, text):
    assert signed(value) == text


def test_looks_reach_from_a_day_to_eight_weeks():
    assert LOOKS_H[0] == days(1.0)
    assert LOOKS_H[-1] == weeks(8.0)
