"""Words and numbers of a time to an event."""

import math

import pytest

from remit.reports.events_page import chance_rows, median_said, parameter_rows, too_few, when


@pytest.mark.parametrize(
    ("unit", "hours", "time", "said"),
    [
        ("d", 24.0, 21.0, "21 d"),
        ("d", 24.0, 1.0, "1 d"),
        ("w", 168.0, 4.0, "4 w"),
        ("h", 1.0, 336.0, "14 d"),
        ("year", None, 1.0, "1 year"),
        ("d", 24.0, math.inf, "never reached"),
    ],
)
def test_a_page_tells_times_in_one_unit(unit, hours, time, said):
    assert when({"unit": unit, "hours_per_unit": hours}, time) == said


def test_a_cure_model_says_what_share_never_has_the_event():
    def row(name, value):
        return {"name": name, "estimate": value, "low": value - 1, "high": value + 1, "se": 0.5, "robust_se": 0.5}

    own = [row("intercept", 3.0), row("ever: intercept", math.log(4.0)), row("ever: group=b", math.log(2.0))]
    told = parameter_rows({"models": [{"name": "weibull+cure", "ratio": "time ratio", "parameters": own}]})[1]
    assert [each[-1] for each in told] == [
        "", "never in the first group 20 (8 to 40) of 100", "odds ratio of ever 2 (0.736 to 5.44)",
    ]  # fmt: skip
    # of people whose covariates are 0 nothing is said
    own[2] = row("ever: age", 0.1)
    told = parameter_rows({"models": [{"name": "weibull+cure", "ratio": "time ratio", "parameters": own}]})[1]
    assert told[1][-1] == ""


def _summary(**quantile):
    middle = {"share": 0.5, "time": 5.5, "least": 1.0, "most": 7.0, "low": 1.0, "high": math.inf, **quantile}
    chance = {"time": 1.0, "event": 0.0, "least": 0.0, "most": 0.0, "low": 0.0, "high": 0.0, "known_without": 3.0,
              "known_with": 0.0}  # fmt: skip
    group = {"name": "drug", "quantiles": [middle], "chances": [chance], "counts": {"between": 2.0, "not_seen": 1.0}}
    return {"unit": "d", "hours_per_unit": 24.0, "latest": 7.0, "draws": 200, "best": None, "groups": [group]}


def test_no_time_is_told_where_visits_only_tell_two_that_lie_far_apart():
    summary = _summary()
    assert median_said(summary, summary["groups"][0]) == "between 1 d and 7 d (1 d to later than 7 d)"
    near = _summary(least=5.4, most=5.6, high=6.0)
    assert median_said(near, near["groups"][0]) == "5.5 d (1 d to 6 d)"


def test_few_people_are_said_and_no_band_of_no_width_is_shown():
    summary = _summary()
    assert "Only 3 people in drug" in too_few(summary)
    assert chance_rows(summary)[1] == [["1 d", "0, no band", "3", "0"]]
    summary["groups"][0]["counts"]["between"] = 29.0
    assert too_few(summary) is None
