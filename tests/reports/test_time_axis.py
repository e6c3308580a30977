"""Hours to weeks on one axis."""

import pytest

from remit.reports.time_axis import BEFORE_H, place, ticks, time_at


@pytest.mark.parametrize("time", [-0.3, 0.0, 0.5, 24.0, 1344.0])
def test_place_and_time_undo_each_other(time):
    assert time_at(place(time, 1344.0), 1344.0) == pytest.approx(time, abs=1e-9)


def test_ends_of_the_axis():
    assert place(BEFORE_H, 1344.0) == 0.0
    assert place(1344.0, 1344.0) == 1.0


def test_ticks_people_use():
    assert [label for _, label in ticks(1344.0)] == [
        "start", "1 h", "2 h", "6 h", "1 d", "3 d", "1 w", "2 w", "4 w", "8 w"
    ]  # fmt: skip
    assert set(ticks(1344.0, narrow=True)) < set(ticks(1344.0))
