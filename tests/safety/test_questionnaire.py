"""GAD-7 and PHQ-9: every way to answer them; bands of other scales."""

import itertools

import numpy as np
import pytest

from remit.evidence.instruments import load_instruments
from remit.evidence.sources import load_sources
from remit.safety.questionnaire import BANDS_FROM, ITEMS, score, severity_of, total_of
from remit.vocabulary.errors import InputRefused, OutOfRange

BANDS = {
    "GAD-7": ["minimal"] * 5 + ["mild"] * 5 + ["moderate"] * 5 + ["severe"] * 7,
    "PHQ-9": ["minimal"] * 5 + ["mild"] * 5 + ["moderate"] * 5 + ["moderately severe"] * 5 + ["severe"] * 8,
}


@pytest.mark.parametrize("scale", list(ITEMS))
def test_every_way_to_answer(scale):
    items = ITEMS[scale]
    # all answers as digits in base four: an independent sum
    digits = (np.arange(4**items)[:, None] // 4 ** np.arange(items)) % 4
    totals = np.fromiter((total_of(scale, answers) for answers in digits.tolist()), dtype=int, count=4**items)
    assert (totals == digits.sum(axis=1)).all()
    assert (totals.min(), totals.max()) == (0, 3 * items)
    bands = np.array([severity_of(load_instruments()[scale], total) for total in range(3 * items + 1)])
    assert (bands[totals] == np.array(BANDS[scale])[totals]).all()
    # how many ways lead to each total: the coefficients of (1 + x + x^2 + x^3)^items
    ways = np.array([1])
    for _ in range(items):
        ways = np.convolve(ways, [1, 1, 1, 1])
    assert (np.bincount(totals) == ways).all()


@pytest.mark.parametrize("scale", list(ITEMS))
def test_a_missing_or_wrong_answer_is_refused(scale):
    with pytest.raises(InputRefused, match="never taken for 0"):
        score(scale, [0] * (ITEMS[scale] - 1))
    for wrong in (4, -1, 1.5, True, None):
        with pytest.raises(OutOfRange, match="item 2"):
            score(scale, [0, wrong, *[0] * (ITEMS[scale] - 2)])
    with pytest.raises(OutOfRange):
        score(scale, 3 * ITEMS[scale] + 1)
    with pytest.raises(OutOfRange, match="whole"):
        score(scale, 3.5)


def test_other_scales_are_totals_only():
    with pytest.raises(InputRefused, match="total"):
        score("HAM-A", [1] * 14)
    assert score("HAM-A", 24).severity == "severe"
    assert score("ham-a", 24).variable == "ham_a_total"
    with pytest.raises(InputRefused, match="unknown scale"):
        score("HAM-Q", 4)


def test_item_nine_is_said_whatever_the_total():
    assert score("PHQ-9", [0] * 8 + [1]).notes
    assert not score("PHQ-9", [3] * 8 + [0]).notes


def test_bands_leave_no_total_out_and_none_twice_where_they_cover_the_scale():
    for name, instrument in load_instruments().items():
        scale = instrument.scale
        if not instrument.severity or instrument.severity[0][1] != scale.low:
            continue
        for total in range(scale.low, scale.high + 1):
            assert sum(low <= total <= high for _, low, high in instrument.severity) == 1, (name, total)


def test_bands_have_a_source():
    for source, instrument in itertools.product(BANDS_FROM.values(), [load_instruments()["GAD-7"]]):
        assert source in load_sources()
        assert instrument.severity
