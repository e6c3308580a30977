"""Words and numbers of a time to an event."""

import math

import pytest

from remit.reports.events_page import parameter_rows, when


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
