"""Simulated people, fitted: what made them comes back, the same seed gives the same, and a stopped run goes on."""

import numpy as np
import pytest

from remit.inference.mixed.recovery import DESIGNS, once, recover, simulate

SPARSE = "infusion, 60 people, 3 samples, covariate"


def test_simulated_people_are_those_of_the_design():
    table, model = simulate(SPARSE, 3, 0)
    again, _ = simulate(SPARSE, 3, 0)
    assert table == again
    assert len(table.people) == DESIGNS[SPARSE].people
    assert len(DESIGNS[SPARSE].truth) == model.free.sum()
    weights = [events[0].covariates["WT"] for events in table.events]
    assert 60 < np.mean(weights) < 90


def test_a_stopped_run_goes_on_where_it_was(tmp_path, monkeypatch):
    from remit.inference.mixed import recovery

    kept, asked = tmp_path / "kept", []
    monkeypatch.setattr(recovery, "once", lambda *given: asked.append(given[2]) or [(0.0, -1.0, 1.0)] * 7)
    name = next(iter(DESIGNS))
    recover(name, 3, 5, kept)
    recover(name, 5, 5, kept)
    assert asked == [0, 1, 2, 3, 4]


def test_one_fit_holds_most_of_what_made_it():
    rows = once(SPARSE, 1, 0)
    truth = np.array(DESIGNS[SPARSE].truth)
    truth[3:] = np.exp(truth[3:])
    assert sum(low <= true <= high for true, (_, low, high) in zip(truth, rows, strict=True)) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("name", list(DESIGNS))
def test_intervals_hold_the_truth_about_as_often_as_they_say(name):
    """Forty data sets; 95 % intervals that hold it in 80 % are outside the binomial limits of chance."""
    for row in recover(name, 40, 20261128):
        assert row.replicates >= 36
        assert row.coverage >= 0.80, row
        assert abs(row.bias) < 0.5 * row.rmse + 0.03, row
