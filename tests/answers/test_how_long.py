"""How long it lasts: laws under any posterior, the same people under every schedule, and what is said of it."""

import json

import numpy as np
import pytest

from remit.answers.how_long import DAYS_AFTER, LOOKS_D, SPAN_D, _half_lost, day_words, how_long
from remit.answers.maintenance import SCHEDULES, maintained, series_evidence
from remit.answers.question import HowFast
from remit.evidence.lasting import load_lasting
from remit.evidence.trials import load_trials
from remit.inference.before_data import before_data
from remit.vocabulary.dosing import Dose, Regimen, Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import OutOfRange

QUESTION = HowFast(draws=10, people=32, sessions=3)


@pytest.fixture(scope="module")
def answer():
    return how_long(QUESTION, before_data(10, 3)).as_dict()


@pytest.mark.parametrize(("every", "count"), [(7.0, 11), (14.0, 5), (28.0, 2), (30.0, 2), (84.0, 0), (None, 0)])
def test_further_sessions_begin_before_the_last_rating(every, count):
    series = Regimen(Drug.KETAMINE, Route.IV, (Dose(0.0, 37.0, 0.5), Dose(48.0, 37.0, 0.5)))
    found = maintained(series, every, SPAN_D)
    assert len(found.doses) == 2 + count
    assert found.doses[:2] == series.doses
    assert all(dose.time_h < 48.0 + 24.0 * SPAN_D for dose in found.doses)
    assert {dose.amount_mg for dose in found.doses} == {37.0}


def test_half_of_an_exponential_is_lost_at_its_half_life():
    hours = 24.0 * DAYS_AFTER
    gain = 5.0 * 0.5 ** (np.array([[4.0], [30.0], [300.0]]) ** -1 * (DAYS_AFTER - 1.0))
    found = _half_lost(gain, hours)
    assert found[:2] == pytest.approx([5.0, 31.0], abs=0.02)
    assert np.isinf(found[2])


def test_without_further_sessions_nobody_gains_and_with_more_nobody_loses(answer):
    rows = {row["name"]: row for row in answer["detail"]["schedules"]}
    assert list(rows) == [each.name for each in SCHEDULES]
    for look in rows["none"]["still"]:
        assert look["added"]["percent"] == 0
    for name in ("monthly", "fortnightly", "weekly"):
        assert all(look["added"]["low_percent"] >= -1e-6 for look in rows[name]["still"])
    weekly, monthly = (np.array(rows[name]["curve"]["percent"]) for name in ("weekly", "monthly"))
    assert weekly[-1] >= monthly[-1] - 1e-9
    assert rows["weekly"]["session_days_after_last"] == [7.0 * week for week in range(1, 12)]


def test_schedules_agree_until_the_first_further_session(answer):
    none, monthly = (answer["detail"]["schedules"][place]["curve"]["percent"] for place in (0, 1))
    assert none[:28] == pytest.approx(monthly[:28], abs=1e-6)
    assert monthly[28] > none[28]


def test_what_goes_beyond_the_evidence_is_marked(answer):
    detail = answer["detail"]
    known = series_evidence()
    assert detail["evidence"]["maintenance"] == list(known.maintenance) == []
    for row in detail["schedules"]:
        for look in row["still"]:
            started = row["every_d"] is not None and look["days_after_last"] > row["every_d"]
            assert look["beyond_data"] == (started or look["days_after_last"] > known.series_seen_days)
    assert any(line.startswith("maintenance:") for line in answer["extrapolations"])
    assert "no usable anxiety trial has tested them" in answer["sentence"]


def test_series_are_read_from_the_rows_in_use():
    known = series_evidence()
    assert set(known.followed) <= set(known.series)
    assert not set(known.series) & set(known.once)
    assert known.seen_days(1) == known.once_seen_days > 0


def test_every_number_that_studies_saw_is_an_outcome_and_none_is_retracted(answer):
    seen = load_lasting()
    assert len(seen) == len(answer["detail"]["observed"]) > 20
    for each in seen:
        assert each.row in load_trials()[each.row.study_id].outcomes
        assert not load_trials()[each.row.study_id].is_retracted
    assert answer["detail"]["observed"][0]["domain"] in {"anxiety", "ptsd", "ocd"}


def test_estimates_are_those_of_the_detail(answer):
    row = answer["detail"]["schedules"][3]
    for look in row["still"]:
        found = answer["estimates"][f"still_responding_weekly_at_{look['days_after_last']}_d"]
        assert found["value"] == look["percent"]
    assert [look["days_after_last"] for look in row["still"]] == list(LOOKS_D)
    json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"value": 9.27, "low": 5.3, "high": 15.6}, "9 days (5 to 16)"),
        ({"value": 9.0, "low": 1.0, "high": None}, "9 days (1 to more than 84)"),
        ({"value": None, "low": 3.0, "high": None}, "more than 12 weeks"),
    ],
)
def test_times_are_said_in_days_and_those_not_reached_as_such(found, said):
    assert day_words(found) == said


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(OutOfRange, match="--keep"):
        how_long(QUESTION, before_data(10, 3), keep=1.0)
