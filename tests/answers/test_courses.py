"""Simulated people: person n is the same person in any split, and chances keep their laws."""

import numpy as np
import pytest

from remit.answers import courses
from remit.answers.comparators import daily_typical
from remit.answers.courses import GROUPS, Rating, session_courses
from remit.inference.before_data import before_data
from remit.population.cohort import evenly_spread
from remit.population.variability import TRAITS
from remit.vocabulary.dosing import Dose, Regimen, Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.people import Diagnosis

DRAWS, PEOPLE = 8, 40
TIMES = np.array([0.0, 0.5, 1.0, 2.0, 6.0, 24.0, 48.0, 72.0, 168.0, 336.0, 672.0])
ASKED = np.array([24.0, 2.0, 72.0, 168.0, 672.0])
POSTERIOR = before_data(DRAWS, 3)
RATING = Rating(0.0, 21.0, 1.0, 14.0, 2.0, np.ones(DRAWS))
CUTS = (7.0, 10.0, 4.0)


def _run(times_h: tuple[float, ...] = (0.0,), mg: float = 37.0, **changed):
    regimen = Regimen(Drug.KETAMINE, Route.IV, tuple(Dose(time, mg, 2 / 3) for time in times_h))
    chosen = {"people": PEOPLE, "seed": 5, "block": PEOPLE, **changed}
    return session_courses(POSTERIOR, regimen, Diagnosis.GAD, 74.0, RATING, CUTS, TIMES, ASKED, **chosen)


ONCE = _run()


@pytest.mark.parametrize("block", [7, 16, 64])
def test_any_split_gives_the_same_people(block):
    other = _run(block=block)
    for name, values in ONCE._asdict().items():
        np.testing.assert_allclose(getattr(other, name), values, rtol=1e-12, atol=1e-12, err_msg=name)


def test_more_people_leave_the_first_ones_as_they_are():
    more = _run(people=60, block=60).totals
    own = PEOPLE // GROUPS
    np.testing.assert_allclose(more[0::GROUPS, :own], ONCE.totals[0::GROUPS], rtol=1e-12)


def test_draws_take_the_groups_of_people_in_turn():
    numbers = evenly_spread(5, np.arange(PEOPLE))[:, TRAITS.index("k_out")].reshape(GROUPS, -1)
    for draw, lives in enumerate(ONCE.half_lives_h):
        # who loses a gain faster keeps it for less long, in whatever draw
        np.testing.assert_array_equal(np.argsort(-lives), np.argsort(numbers[draw % GROUPS]))


def test_groups_of_people_who_do_not_divide_evenly_share_some():
    uneven, lives = _run(people=PEOPLE + 1), np.argsort(-ONCE.half_lives_h[0])
    assert uneven.half_lives_h.shape == (DRAWS, PEOPLE // GROUPS + 1)
    # the first group is the same but for one more of its people
    kept = [place for place in np.argsort(-uneven.half_lives_h[0]) if place < PEOPLE // GROUPS]
    np.testing.assert_array_equal(kept, lives)


def test_groups_of_the_people_give_what_all_of_them_give():
    few, many = _run(people=64), _run(people=4096, block=512)
    np.testing.assert_allclose(np.median(few.at, axis=0), np.median(many.at, axis=0), atol=0.02)
    np.testing.assert_allclose(few.at, many.at, atol=0.06)


def test_one_person_is_followed_under_every_draw():
    alone = _run(people=1, block=1)
    assert alone.totals.shape == (DRAWS, 1, len(TIMES))
    np.testing.assert_allclose(alone.typical, ONCE.typical, rtol=1e-12)


def test_same_seed_same_numbers_and_another_seed_others():
    assert np.array_equal(_run().at, ONCE.at)
    assert not np.array_equal(_run(seed=6).at, ONCE.at)


def test_by_is_never_less_than_at_and_never_falls():
    assert (ONCE.by >= ONCE.at - 1e-12).all()
    assert (ONCE.control_by >= ONCE.control_at - 1e-12).all()
    assert (np.diff(ONCE.by[:, :, 1:], axis=-1) >= -1e-12).all()
    assert (np.diff(ONCE.first_by, axis=-1) >= -1e-12).all()


def test_a_wider_cut_is_met_at_least_as_often():
    response, change, remission = (ONCE.at[:, event] for event in range(3))
    assert (change >= response - 1e-12).all()
    assert (response >= remission - 1e-12).all()


def test_a_dose_of_next_to_nothing_is_a_masked_session():
    nothing = _run(mg=1e-9)
    np.testing.assert_allclose(nothing.at, nothing.control_at, atol=1e-9)
    np.testing.assert_allclose(nothing.at, ONCE.control_at, atol=1e-9)


def test_more_sessions_are_not_fewer_responders():
    series = _run((0.0, 48.0, 96.0))
    assert (series.by[:, :, -1] >= ONCE.by[:, :, -1] - 1e-9).all()


def test_shares_are_shares_and_totals_lie_on_the_scale():
    for name in ("at", "by", "control_at", "control_by", "still", "first_by"):
        values = getattr(ONCE, name)
        assert values.min() >= 0.0
        assert values.max() <= 1.0 + 1e-12
    assert ONCE.totals.min() >= 0.0
    assert ONCE.totals.max() <= 21.0
    assert (ONCE.still <= ONCE.at + 1e-12).all()


def test_everybody_starts_at_the_baseline():
    np.testing.assert_allclose(ONCE.totals[:, :, 0], 14.0)
    np.testing.assert_allclose(ONCE.typical[:, 0], 14.0)


def test_reports_of_open_arms_are_those_of_people_with_the_bias_in_their_control_course(monkeypatch):
    usual, bias = courses.people_of, np.asarray(POSTERIOR.member("bias", "open"))

    def biased(*args):
        people = usual(*args)
        return people._replace(
            gradual_mean=np.asarray(people.gradual_mean) + bias, session_mean=np.asarray(people.session_mean) + bias
        )

    reported = _run(masking="open")
    np.testing.assert_array_equal(reported.at, ONCE.at)
    monkeypatch.setattr(courses, "people_of", biased)
    np.testing.assert_allclose(reported.reported_at, _run().at[:, 0], rtol=1e-10)
    assert (reported.reported_at > ONCE.at[:, 0] + 1e-6).any()


def test_without_another_masking_what_is_reported_is_so():
    np.testing.assert_allclose(ONCE.reported_at, ONCE.at[:, 0], rtol=1e-12)


def test_a_placebo_tablet_and_tablets_on_top_of_it():
    totals = daily_typical(POSTERIOR, (None, "sertraline"), Diagnosis.GAD, RATING, TIMES, 5)
    assert totals.shape == (2, DRAWS, len(TIMES))
    np.testing.assert_allclose(totals[:, :, 0], 14.0)
    assert (totals[1] <= totals[0] + 1e-9).all()


def test_more_room_on_the_grid_changes_nothing():
    roomy = _run(room=200)
    for name, values in ONCE._asdict().items():
        np.testing.assert_allclose(getattr(roomy, name), values, rtol=1e-10, atol=1e-10, err_msg=name)


def test_who_responds_and_would_have_without_the_drug_is_at_most_who_responds():
    first, at, without = ONCE.at[:, :, :1], ONCE.at, ONCE.control_at
    assert (ONCE.still <= np.minimum(first, at) + 1e-12).all()
    assert (ONCE.still_without <= np.minimum(first, without) + 1e-12).all()


def test_a_changed_constant_changes_only_what_the_drug_does():
    other = _run(changed=(("drive_c50", 60.0),))
    assert (other.at[:, 0] > ONCE.at[:, 0]).all()
    np.testing.assert_allclose(other.control_at, ONCE.control_at, rtol=1e-12)
    same = _run(changed=(("effect_site_half_life", 8.3), ("racemate_potency", 0.5)))
    np.testing.assert_allclose(same.at, ONCE.at, rtol=1e-12)
