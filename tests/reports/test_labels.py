"""Labels keep apart, stay inside and do not wander."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.reports.labels import roomiest, spread


@given(st.lists(st.floats(0, 100), max_size=8), st.floats(0.5, 10))
def test_labels_keep_their_distance_and_their_order(wanted, gap):
    found = spread(wanted, gap, 0.0, 100.0)
    ordered = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    placed = [found[index] for index in ordered]
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(placed))
    assert all(-1e-6 <= value <= 100 + 1e-6 for value in found)


def test_labels_with_room_stay_where_they_are():
    assert spread([10.0, 50.0, 90.0], 5.0, 0.0, 100.0) == [10.0, 50.0, 90.0]


def test_two_that_meet_move_the_same_way_apart():
    assert spread([50.0, 50.0], 10.0, 0.0, 100.0) == pytest.approx([45.0, 55.0])


def test_more_labels_than_room_are_squeezed_not_lost():
    found = spread([1.0] * 5, 10.0, 0.0, 20.0)
    assert sorted(found) == pytest.approx([0.0, 5.0, 10.0, 15.0, 20.0])


ACROSS = [float(x) for x in range(0, 401, 10)]


def test_the_roomiest_place_is_far_from_lines():
    low, high, line = [0.0] * len(ACROSS), [100.0] * len(ACROSS), [20.0] * len(ACROSS)
    spot = roomiest(ACROSS, [(low, high)], [line, low, high], [], half_width=40)
    assert spot is not None
    assert abs(spot[1] - 20.0) >= 16
    assert 40 <= spot[0] <= 360


def test_no_room_no_label():
    low, high = [0.0] * len(ACROSS), [10.0] * len(ACROSS)
    assert roomiest(ACROSS, [(low, high)], [low, high], [], half_width=40) is None
