"""Cut-offs come from the scale, never from a guess."""

import numpy as np
import pytest

from remit.answers.milestone_table import asked_times, cut_points, missing_cuts
from remit.evidence.instruments import find_scale
from remit.vocabulary.scales import Scale


def test_cuts_are_totals_the_scale_can_show():
    assert cut_points(find_scale("GAD-7"), 13.0) == {"response": 6.0, "change": 9.0, "remission": 4.0}
    assert cut_points(find_scale("HAM-A"), 24.0) == {"response": 12.0, "remission": 7.0}


def test_a_fraction_that_is_not_exact_in_binary_does_not_lose_a_point():
    scale = Scale("S", 0, 100, response_fraction=0.3)
    assert cut_points(scale, 70.0)["response"] == 49.0


def test_an_unpublished_cut_is_not_available():
    assert missing_cuts(find_scale("HAM-A"), 24.0) == {"change": "not available: no published cut-off"}


def test_who_is_in_remission_cannot_reach_it():
    scale = find_scale("GAD-7")
    assert "remission" not in cut_points(scale, 4.0)
    assert missing_cuts(scale, 4.0)["remission"] == "already there at baseline"


@pytest.mark.parametrize("last", [0.0, 240.0])
def test_the_reference_stands_first(last):
    times = asked_times(last)
    assert times[0] == last + 24.0
    assert np.all(np.diff(times[4:]) > 0)
