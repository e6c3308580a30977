"""The forecast of one person as a value."""

import itertools
import json

import jax.numpy as jnp
import numpy as np
import pytest

from remit.answers.person_checks import total_chances
from remit.answers.person_outlook import _chance, _written_at_or_below, ahead_times
from remit.answers.person_plan import plan_of
from remit.answers.question import HowFast
from remit.answers.this_person import Forecast, _decide, _times, forecast
from remit.evidence.instruments import find_scale
from remit.inference.before_data import before_data
from remit.inference.person_prediction import SAME_H, Predicted
from remit.population.scores import chance_at_or_below
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.observations import Score
from remit.vocabulary.visits import Given, History

POSTERIOR = before_data(256, 1)
GAD7 = find_scale("GAD-7")
SERIES = HowFast(sessions=4)


def history(totals, doses=2, **more):
    scores = tuple(Score(24.0 * day, GAD7, total) for day, total in totals)
    return History(scores, tuple(Given(48.0 * place) for place in range(doses)), **more)


@pytest.fixture(scope="module")
def answer():
    return forecast(Forecast(history([(0, 15), (1, 11), (3, 9)]), SERIES), POSTERIOR)


def test_it_is_plain_values_with_what_it_rests_on(answer):
    plain = json.loads(json.dumps(answer.as_dict(), allow_nan=False))
    assert plain["schema"] == "remit.forecast/1"
    assert plain["evidence_hash"] == POSTERIOR.manifest["evidence_hash"]
    assert plain["detail"]["diagnostics"]["effective_draws"] >= 1000
    assert "no advice on dose" in " ".join(plain["caveats"])


def test_bands_hold_each_other_and_stay_on_the_scale(answer):
    for schedule in answer.detail["schedules"]:
        course = {name: np.array(values) for name, values in schedule["course"].items()}
        assert (course["total95_low"] <= course["total80_low"]).all()
        assert (course["total80_low"] <= course["total50_low"]).all()
        assert (course["total50_high"] <= course["total80_high"]).all()
        assert (course["total80_high"] <= course["total95_high"]).all()
        assert course["total95_low"].min() >= 0
        assert course["total95_high"].max() <= 21


def test_chances_are_chances_and_by_is_never_less_than_at(answer):
    for schedule in answer.detail["schedules"]:
        by = [row["response"]["by"] for row in schedule["chances"]]
        assert all(b >= a - 1e-9 for a, b in itertools.pairwise(by))
        for row in schedule["chances"]:
            assert 0 <= row["response"]["at"] <= row["response"]["by"] + 1e-9 <= 1 + 2e-9


def test_schedules_share_the_past_and_part_after_now(answer):
    plan, stop = (next(row for row in answer.detail["schedules"] if row["name"] == name)
                  for name in ("as planned", "no more sessions"))  # fmt: skip
    now = answer.detail["now_h"]
    past = [place for place, time in enumerate(plan["course"]["time_h"]) if time <= now]
    np.testing.assert_allclose([plan["course"]["level"][i] for i in past], [stop["course"]["level"][i] for i in past],
                               atol=1e-3)  # fmt: skip
    assert plan["sessions_to_come"] == 2
    assert stop["sessions_to_come"] == 0


def test_a_response_that_was_seen_is_a_fact():
    found = forecast(Forecast(history([(0, 15), (1, 6), (3, 7)]), SERIES), POSTERIOR)
    assert found.detail["seen"]["response"] == 24.0
    assert all(row["response"]["by"] == 1.0 for row in found.detail["schedules"][0]["chances"])
    assert found.detail["schedules"][0]["relapse"]["given"] == "seen"
    assert found.sentence.startswith("A response was seen")


def test_better_scores_make_a_response_likelier(answer):
    worse = forecast(Forecast(history([(0, 15), (1, 15), (3, 16)]), SERIES), POSTERIOR)
    good, bad = (found.detail["schedules"][0]["chances"][-1]["response"]["at"] for found in (answer, worse))
    assert good > bad + 0.1


def test_no_score_and_a_daily_drug_are_answered_too():
    nothing = forecast(Forecast(History(), SERIES), POSTERIOR)
    assert nothing.detail["standing"] is None
    assert nothing.detail["diagnostics"]["method"] == "importance sampling from the prior"
    daily = forecast(Forecast(history([(0, 15), (14, 11)], doses=0), HowFast(), "sertraline"), POSTERIOR)
    assert [row["name"] for row in daily.detail["schedules"]] == ["as planned"]
    with pytest.raises(InputRefused, match="no calibrated course"):
        forecast(Forecast(History(), HowFast(), "tea"), POSTERIOR)
    with pytest.raises(InputRefused, match="sessions together with daily"):
        plan_of(history([(0, 15)]), SERIES, "sertraline")


def test_a_score_that_does_not_fit_is_pointed_out():
    found = forecast(Forecast(history([(0, 15), (1, 14), (2, 15), (3, 0), (4, 14), (5, 15)]), SERIES), POSTERIOR)
    assert any("improbable" in warning for warning in found.detail["warnings"])


def test_a_first_score_of_another_scale_is_pointed_out():
    lsas = find_scale("LSAS")
    scores = (Score(0.0, lsas, 12.0), Score(24.0, lsas, 9.0))
    found = forecast(Forecast(History(scores, (Given(0.0),)), HowFast(scale="LSAS")), POSTERIOR)
    assert any("check the scale" in warning for warning in found.detail["warnings"])


def test_a_session_that_was_due_before_now_is_moved_and_said():
    plan = plan_of(history([(0, 15), (20, 9)]), SERIES, None)
    following = [time for time in plan.schedules["as planned"].times_h if time > plan.now_h]
    assert len(following) == 2
    assert any("was due" in note for note in plan.notes)


def test_the_chance_on_plain_arrays_is_the_populations():
    centre = np.linspace(0.0, 21.0, 50)
    expected = chance_at_or_below(*(jnp.asarray(value) for value in (7.0, centre, 2.02)))
    np.testing.assert_allclose(_chance(7.0, centre, GAD7, 2.02), expected, rtol=1e-12)


def test_counting_draws_in_bins_changes_no_chance():
    scale = find_scale("GAD-7")
    centres = np.random.default_rng(4).uniform(0.0, 21.0, size=(5, 400))
    totals, below = _written_at_or_below(centres, scale, 1.7)
    exact = np.cumsum(total_chances(centres, scale, 1.7)[1].mean(axis=1), axis=1)
    assert totals.tolist() == list(range(22))
    np.testing.assert_allclose(below, exact, atol=3e-4)


@pytest.mark.parametrize("week", [364.99999999999994, 53.291254948932014, 6.103515625e-05, 1 / 3])
def test_every_time_that_is_asked_about_is_among_those_followed(week):
    now = week * 168.0
    history = History(scores=(Score(now, find_scale("PDSS-SR"), 10.0),))
    plan = plan_of(history, HowFast(spacing_days=77.0, scale="PDSS-SR"), None)
    times = _times(plan, history)
    assert (np.diff(times) > SAME_H).all()
    course = Predicted(times, times[None], times[None], times[None])
    asked = [now, plan.end_h, _decide(plan), *ahead_times(now, plan.series_end_h, plan.end_h).values()]
    assert [course.time_h[course.place(time)] for time in asked] == pytest.approx(asked, abs=SAME_H)
