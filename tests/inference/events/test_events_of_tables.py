import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import remit
from remit.evidence.instruments import find_scale
from remit.inference.events.analysis import Wanted
from remit.inference.events.bands import bootstrap
from remit.inference.events.definition import EVENTS, define, timed
from remit.inference.events.interval_table import intervals_from
from remit.inference.events.log_rank import log_rank, subject_scores
from remit.inference.events.score_table import scores_to_intervals
from remit.inference.events.turnbull import turnbull
from remit.vocabulary.errors import InputRefused, NotConverged

HAM_A = find_scale("HAM-A")
NO_INTEREST = {"change": 4.0}


@pytest.mark.parametrize(
    ("event", "scores", "left", "right", "reason"),
    [
        ("response", [20, 15, 12, 30], 1, 7, ""),
        ("response", [15], 0, 1, ""),
        ("response", [20, 20], 7, np.inf, ""),
        ("response", [], 0, np.inf, "no visit after baseline"),
        ("sustained-response", [15, 20, 15, 14], 7, 14, ""),
        ("sustained-response", [20, 20, 20, 14], 14, np.inf, ""),
        ("remission", [20, 8, 7, 3], 7, 14, ""),
        ("onset", [28, 26, 20, 20], 1, 7, ""),
        ("relapse", [10, 12, 20, 12], 7 - 1, 14 - 0, ""),
        ("relapse", [20, 15, 14, 15], 28 - 7, np.inf, ""),
        ("relapse", [20, 20, 20, 20], 0, np.inf, "never responded"),
        ("relapse", [20, 20, 20, 10], 0, np.inf, "no visit after the response"),
        ("loss-of-response", [10, 16, 20, 12], 0, 7 - 0, ""),
    ],
)
def test_scores_leave_the_interval_of_the_event(event, scores, left, right, reason):
    definition = define(event, HAM_A, **(NO_INTEREST if event == "onset" else {}))
    found = timed(definition, 30, [1, 7, 14, 28][: len(scores)], scores)
    assert found.reason == reason
    if not reason:
        assert (found.left, found.right) == (left, right)


def test_a_clock_that_starts_where_the_response_was_seen():
    definition = define("relapse", HAM_A, start="seen")
    found = timed(definition, 30, [1, 7, 14, 28], [20, 10, 12, 21])
    assert (found.left, found.right) == (14 - 7, 28 - 7)


def test_thresholds_come_from_the_scale_or_are_asked_for():
    assert define("remission", HAM_A).cut_off == HAM_A.remission_at_or_below
    with pytest.raises(InputRefused, match="no published threshold for onset"):
        define("onset", HAM_A)
    with pytest.raises(InputRefused, match="unknown event"):
        define("recovery", HAM_A)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(EVENTS), st.lists(st.integers(0, 56), max_size=8), st.integers(0, 56))
def test_an_interval_runs_forwards_and_ends_at_visits(event, scores, baseline):
    times = [float(3 * (place + 1)) for place in range(len(scores))]
    found = timed(define(event, HAM_A, **NO_INTEREST), baseline, times, scores)
    if found.reason:
        return
    assert 0 <= found.left < found.right
    assert {found.left, found.right} <= {0.0, *times, np.inf}


def records(text):
    lines = [line.strip().split(",") for line in text.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]], lines[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("left,right\n1,2", "the unit of the column left is not said"),
        ("left_d,right_w\n1,2", "several units"),
        ("left_d,rigth_d\n1,2", "no column 'right'"),
        ("left_d,right_d\n3,2", r"t, row 2, column left_d: left \(3\) lies after right \(2\)"),
        ("left_d,right_d\n1,2\nx,2", "t, row 3, column left_d: 'x' is not a number"),
        ("left_d,right_d\n-1,2", "row 2, column left_d: -1 lies before"),
        ("left_d,right_d\n0,0", "an event at time 0"),
        ("left_d,right_d,entry_d\n1,2,1.5", "is not before the event can be"),
        ("left_d,right_d,weight\n1,2,0", "a weight of 0"),
        ("subject,left_d,right_d\na,1,2\na,2,3", "stands in row 2, too"),
        ("left_d,right_d\n1,2\n,", "row 3, column left_d: neither left nor right"),
        ("left_d,right_d\n1,2\nNA,NA", "row 3, column left_d: neither left nor right"),
    ],
)
def test_a_malformed_table_names_row_and_column(text, said):
    rows, columns = records(text)
    with pytest.raises(InputRefused, match=said):
        intervals_from(rows, columns, "t")


def test_an_unknown_left_end_is_the_start():
    rows, columns = records("left_d,right_d\nNA,2\n.,3\n,4\n2,NA")
    np.testing.assert_array_equal(intervals_from(rows, columns, "t").left, [0, 0, 0, 2])


def test_covariates_are_numbers_or_levels():
    rows, columns = records("left_d,right_d,age,sex\n1,2,30,male\n1,3,40,female\n2,,50,male")
    found = intervals_from(rows, columns, "t", covariates=["age", "sex"])
    assert found.covariate_names == ("age", "sex=male")
    np.testing.assert_array_equal(found.covariates, [[30, 1], [40, 0], [50, 1]])
    assert found.right[2] == np.inf
    rows[1]["sex"] = ""
    with pytest.raises(InputRefused, match="row 3, column sex: no value"):
        intervals_from(rows, columns, "t", covariates=["sex"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("subject,day,score\na,0,99", "row 2, column score: 99 is not a HAM-A total"),
        ("subject,day,score\na,0,20\na,0,21", "two scores at this time"),
        ("subject,score\na,20", "no column of times.*say --column day=NAME"),
        ("subject,day,total\na,0,20", "t, row 1: there is no column 'score'.*--column score=NAME"),
        ("subject,day,score,scale\na,0,20,HAM-A\na,1,20,GAD-7", "t, row 3, column scale: several scales"),
        ("subject,day,score,scale\na,0,20,HAMA-X\na,1,20,HAMA-X", "t, row 2, column scale: unknown scale"),
        ("subject,day,score\na,2026-01-01,20", "row 2, column day: .* Dates stand in a column named date"),
        ("subject,date,score\na,44927,20", "row 2, column date: .* probably 2023-01-01"),
        ("subject,day,score,arm\na,0,20,x\na,1,20,y", "several values of arm"),
        ("subject,day,score\na,1,20\na,2,10", "nobody is at risk of response: 1 without a baseline"),
    ],
)
def test_malformed_scores_name_row_and_column(text, said):
    rows, columns = records(text)
    by = "arm" if "arm" in columns else None
    with pytest.raises(InputRefused, match=said):
        scores_to_intervals(rows, columns, "t", event="response", scale="HAM-A", by=by)


def test_people_who_are_not_at_risk_are_counted_and_dates_are_read():
    rows, columns = records(
        "subject,date,score\na,2026-01-01,30\na,2026-01-08,20\na,2026-01-15,10\nb,2026-02-01,30\nc,2026-02-01,30\n"
        "c,2026-02-03,\nc,2026-02-04,30"
    )
    found, definition = scores_to_intervals(rows, columns, "t", event="response", scale="ham-a")
    assert definition.share == 0.5
    assert found.subject == ("a", "c")
    np.testing.assert_array_equal(found.left, [7, 3])
    np.testing.assert_array_equal(found.right, [14, np.inf])
    assert "1 of 3 people not at risk, left out: no visit after baseline" in found.notes
    assert "1 visits without a score widen intervals" in found.notes


def test_scores_of_exact_times_are_those_of_the_log_rank_test():
    time = np.array([1, 2, 3, 4, 5, 6.0])
    seen = np.array([1, 0, 1, 1, 0, 1], bool)
    found = subject_scores(turnbull(time, np.where(seen, time, np.inf)))
    hazard = np.cumsum(np.where(seen, 1 / np.arange(6, 0, -1), 0))
    np.testing.assert_allclose(found, seen - hazard, atol=1e-9)


def test_permutation_and_asymptotic_tests_agree_and_are_seeded():
    rng = np.random.default_rng(2)
    left = rng.integers(0, 10, 120).astype(float)
    group = (rng.random(120) < 0.5).astype(int)
    masses = turnbull(left, left + 1 + rng.integers(0, 3, 120))
    one, again = (log_rank(masses, group, 2, permutations=2000, seed=1) for _ in range(2))
    assert one.p_permuted == again.p_permuted
    assert one.p_permuted == pytest.approx(one.p, abs=0.04)
    assert one.excess.sum() == pytest.approx(0, abs=1e-9)


def test_draws_that_were_interrupted_are_gone_on_with(tmp_path):
    rng = np.random.default_rng(3)
    left = rng.integers(0, 10, 60).astype(float)
    masses = turnbull(left, left + 2)
    asked = {"draws": 120, "seed": 5}
    arguments = (masses.support, np.ones(60), np.array([2.0, 5.0]), np.array([0.5]))
    whole = bootstrap(*arguments, **asked)

    def stop(done, total):
        if done == 70:
            raise KeyboardInterrupt

    kept = tmp_path / "draws.npz"
    with pytest.raises(KeyboardInterrupt):
        bootstrap(*arguments, **asked, kept=kept, report=stop)
    went_on = []
    again = bootstrap(*arguments, **asked, kept=kept, report=lambda done, total: went_on.append(done))
    assert went_on[0] == 71
    np.testing.assert_array_equal(again.survival, whole.survival)
    other = bootstrap(*arguments, draws=120, seed=6, kept=kept)
    assert not np.array_equal(other.survival, whole.survival)


def test_a_frame_is_analysed_from_python():
    rng = np.random.default_rng(6)
    time = 5 * rng.weibull(1.5, 150)
    left = np.floor(time)
    frame = pl.DataFrame({"left": left, "right": np.where(left > 8, np.inf, left + 1), "arm": ["a", "b", "c"] * 50})
    wanted = Wanted(draws=60, models=("weibull", "weibull+cure", "hazards", "piecewise"))
    found = remit.events(frame, time_unit="w", by="arm", wanted=wanted)
    summary = found.summary
    assert [group["name"] for group in summary["groups"]] == ["a", "b", "c"]
    assert summary["test"]["freedom"] == 2
    assert all(group["kkt_gap"] <= 1e-6 for group in summary["groups"])
    assert {model["name"] for model in summary["models"]} | set(summary["failed"]) == set(wanted.models)
    assert found.estimates().height == 3 * 120
    assert dict(found.as_dataset().sizes) == {"group": 3, "time": 120}
    again = remit.events(frame, time_unit="w", by="arm", wanted=wanted)
    assert again.estimates().equals(found.estimates())


def test_nobody_with_the_event_is_refused_and_so_is_a_single_model_that_fails():
    frame = pl.DataFrame({"left": [1.0, 2.0], "right": [np.inf, np.inf]})
    with pytest.raises(InputRefused, match="nobody had the event"):
        remit.events(frame, time_unit="d")
    frame = pl.DataFrame({"left": [1.0, 2, 3, 4, 2, 3], "right": [2.0, 3, 4, 5, 3, 4]})
    with pytest.raises(NotConverged, match="estimated as none"):
        remit.events(frame, time_unit="d", wanted=Wanted(models=("log-normal+cure",), draws=0))
