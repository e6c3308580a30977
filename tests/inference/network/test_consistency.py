"""Unrelated effects: no better in a consistent network, and better in one where a loop does not close."""

import numpy as np
import pytest

from remit.inference.network.analysis import Wanted, analyse
from remit.inference.network.fit import Assumptions
from remit.inference.network.network import make_network
from remit.inference.network.settings import Settings
from remit.inference.network.table import rows_from
from remit.reports.meta_tables import consistency_said
from remit.vocabulary.errors import InputRefused

QUICK = Settings(chains=2, draws=700)
ASKED = Assumptions(effects="unrelated", misfit=False)


def loop(gap=0.0, seed=5, studies=15, arms=(("p", "a"), ("p", "b"), ("a", "b"))):
    """Studies of a triangle; where a and b meet, b is better by ``gap`` than elsewhere."""
    rng = np.random.default_rng(seed)
    records = []
    for study in range(studies):
        pair = arms[study % len(arms)]
        level = rng.normal(20, 2)
        for arm in pair:
            size = {"p": 0.0, "a": -2.0, "b": -4.0}[arm] - (gap if arm == "b" and pair[0] == "a" else 0.0)
            size += 0.2 * 0.5**0.5 * rng.normal()
            for time in (0.5, 1.0, 2.0, 4.0, 8.0):
                value = level + (size - 2.0) * time / (1.5 + time) + 0.3 * rng.normal()
                records.append(
                    {"study": str(study), "treatment": arm, "time_w": f"{time:g}", "y": f"{value:.5f}", "se": "0.3"}
                )
    return make_network(rows_from(records, list(records[0]), "loop.csv"), "p")


def test_a_consistent_network_is_left_in_peace():
    summary = analyse(loop(), ASKED, QUICK, Wanted(8.0, splits=False)).summary
    found = summary["consistency"]
    assert not found["doubt"]
    assert abs(found["difference"]) < 3.0
    assert found["rows"] == 150
    assert found["unrelated_deviance"] == pytest.approx(found["deviance"], abs=4.0)
    assert "nothing speaks against consistency" in consistency_said(found)
    for each in found["comparisons"]:
        assert each["unrelated"]["median"] == pytest.approx(each["consistent"]["median"], abs=0.5)
    assert summary["assumptions"]["effects"] == "random"


def test_a_loop_that_does_not_close_is_found():
    found = analyse(loop(gap=3.0), ASKED, QUICK, Wanted(8.0, splits=False)).summary["consistency"]
    assert found["doubt"]
    assert found["less"] > 0.95
    assert found["unrelated_tau"]["median"] < 0.5 * found["tau"]["median"]
    direct = next(each for each in found["comparisons"] if (each["first"], each["second"]) == ("a", "b"))
    assert direct["studies"] == 5
    assert direct["unrelated"]["median"] == pytest.approx(-5.0 * 8 / 9.5, abs=0.5)
    assert "disagree somewhere" in consistency_said(found)


def test_a_network_without_loops_has_nothing_to_compare():
    star = loop(arms=(("p", "a"), ("p", "b")))
    summary = analyse(star, ASKED, QUICK, Wanted(8.0, splits=False)).summary
    assert summary["consistency"] is None
    assert any("no loop of comparisons is closed" in each for each in summary["notes"])


def test_unrelated_effects_need_one_shape():
    with pytest.raises(InputRefused, match="one shape for all treatments"):
        analyse(loop(), Assumptions(effects="unrelated", shapes="each"), QUICK, Wanted(8.0, splits=False))
