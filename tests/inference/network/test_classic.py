"""Pooling at one time: published results of metafor, closed forms, and agreement of the two ways to the same answer."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.inference.network.classic import classic_splits, contrasts_of, fit_classic
from remit.inference.network.network import make_network
from remit.inference.network.pairwise import effect_of_counts, pool, standardised
from remit.inference.network.small_study import egger
from remit.inference.network.table import read_table, rows_from
from remit.vocabulary.errors import InputRefused

BCG = Path(__file__).parents[2] / "golden" / "bcg.csv"
# documentation and tests of metafor (Viechtbauer 2010), dat.bcg, log risk ratios
METAFOR = {
    "REML": {"estimate": -0.7145, "se": 0.1798, "tau2": 0.3132, "low": -1.0669, "high": -0.3622,
             "i2": 92.22, "h2": 12.86},
    "DL": {"estimate": -0.7141, "low": -1.0644, "high": -0.3638, "tau2": 0.3088},
    "fixed": {"estimate": -0.4303, "low": -0.5097, "high": -0.3509, "q": 152.233},
}  # fmt: skip


def bcg():
    network = make_network(read_table(BCG, timeless=True), "control")
    contrasts = contrasts_of(network, "RR")
    return network, np.array([c.effects[0] for c in contrasts]), np.array([c.cover[0, 0] for c in contrasts])


@pytest.mark.parametrize("method", sorted(METAFOR))
def test_bcg_agrees_with_metafor(method):
    _, y, v = bcg()
    found = pool(y, v, method)
    for name, value in METAFOR[method].items():
        assert getattr(found, name) == pytest.approx(value, abs=0.6 * 10 ** -(2 if name in {"i2", "h2"} else 4)), name


def test_bcg_of_hartung_and_knapp_and_of_egger_agree_with_metafor():
    _, y, v = bcg()
    found = pool(y, v, "REML", knapp_hartung=True)
    assert (found.low, found.high, found.se) == pytest.approx((-1.1084, -0.3206, 0.1808), abs=6e-5)
    test = egger(y, np.sqrt(v))
    assert (test.t, test.p, test.freedom) == (pytest.approx(-1.4013, abs=6e-5), pytest.approx(0.1887, abs=6e-5), 11)


def test_paule_mandel_makes_q_its_expectation():
    _, y, v = bcg()
    found = pool(y, v, "PM")
    w = 1 / (v + found.tau2)
    assert w @ (y - found.estimate) ** 2 == pytest.approx(len(y) - 1, rel=1e-8)


def test_reml_is_at_the_top_of_the_restricted_likelihood():
    _, y, v = bcg()

    def likelihood(tau2):
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        return -0.5 * (np.log(v + tau2).sum() + np.log(w.sum()) + w @ (y - mean) ** 2)

    top = pool(y, v, "REML").tau2
    assert likelihood(top) > max(likelihood(top * 0.99), likelihood(top * 1.01))


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2)), min_size=2, max_size=12), st.floats(-2, 2))
@settings(max_examples=60, deadline=None)
def test_pooling_moves_and_scales_with_the_effects(rows, shift):
    y, v = np.array([a for a, _ in rows]), np.array([b for _, b in rows])
    for method in ("DL", "PM", "fixed"):
        plain, moved, scaled = pool(y, v, method), pool(y + shift, v, method), pool(3 * y, 9 * v, method)
        assert moved.estimate == pytest.approx(plain.estimate + shift, abs=1e-6)
        assert scaled.tau2 == pytest.approx(9 * plain.tau2, abs=1e-6)
        assert y.min() - 1e-9 <= plain.estimate <= y.max() + 1e-9


def test_a_network_of_two_treatments_is_the_pairwise_answer():
    network, y, v = bcg()
    fitted, _, _ = fit_classic(network, contrasts_of(network, "RR"))
    found = pool(y, v, "REML")
    assert fitted.effects[0] == pytest.approx(found.estimate, abs=1e-6)
    assert fitted.tau2 == pytest.approx(found.tau2, rel=1e-5)
    assert fitted.q == pytest.approx(found.q, rel=1e-9)


def triangle(rng, spread=0.0, wrong=0.0):
    """Studies of A v B, A v C and B v C; B v C is wrong by an amount; one of three arms."""
    truth = {"A": 0.0, "B": 1.0, "C": 2.0}
    records = []
    for number in range(40):
        arms = [("A", "B"), ("A", "C"), ("B", "C"), ("A", "B", "C")][number % 4]
        for name in arms:
            extra = wrong if name == "C" and arms == ("B", "C") else 0.0
            value = truth[name] + extra + spread * rng.normal() + 0.1 * rng.normal()
            records.append({"study": str(number), "treatment": name, "y": f"{value:.6f}", "se": "0.1"})
    return rows_from(records, ["study", "treatment", "y", "se"], "triangle.csv", timeless=True)


def test_splits_find_the_comparison_that_disagrees():
    rng = np.random.default_rng(3)
    network = make_network(triangle(rng, wrong=1.0), "A")
    splits = {(each.first, each.second): each for each in classic_splits(network, contrasts_of(network, None), "fixed")}
    wrong = splits["B", "C"]
    assert wrong.p < 1e-6
    # the studies of two arms are wrong by one, those of three arms are right
    assert 0.2 < wrong.difference < 0.8
    right = make_network(triangle(rng), "A")
    assert min(each.p for each in classic_splits(right, contrasts_of(right, None), "fixed")) > 0.01


def test_an_arm_shared_by_contrasts_is_counted_once():
    """Three arms of equal error: the contrasts' covariance is the first arm's variance."""
    network = make_network(triangle(np.random.default_rng(1)), "A")
    three = next(each for each in contrasts_of(network, None) if len(each.effects) == 2)
    assert three.cover == pytest.approx(np.array([[0.02, 0.01], [0.01, 0.02]]))


def test_p_scores_of_equal_treatments_are_a_half():
    rng = np.random.default_rng(5)
    network = make_network(triangle(rng), "A")
    scores = fit_classic(network, contrasts_of(network, None))[0].scores(lower_is_better=True)
    assert sum(scores.values()) == pytest.approx(1.5)
    assert scores["A"] > 0.99 > 0.01 > scores["C"]


def test_measures_of_counts_and_means_by_hand():
    value, variance = effect_of_counts(4, 123, 11, 139, "RR")
    assert value == pytest.approx(np.log((4 / 123) / (11 / 139)))
    assert variance == pytest.approx(1 / 4 - 1 / 123 + 1 / 11 - 1 / 139)
    value, variance = effect_of_counts(4, 123, 11, 139, "OR")
    assert (value, variance) == pytest.approx((np.log(4 * 128 / (119 * 11)), 1 / 4 + 1 / 119 + 1 / 11 + 1 / 128))
    assert effect_of_counts(0, 10, 3, 10, "RD")[0] == pytest.approx(0.5 / 11 - 3.5 / 11)
    g, _ = standardised(12.0, 2.0, 10, 10.0, 2.0, 10)
    assert g == pytest.approx(1.0 * (1 - 3 / (4 * 18 - 1)), rel=1e-3)


def test_what_cannot_be_pooled_is_refused():
    _, y, v = bcg()
    with pytest.raises(InputRefused, match="unknown method"):
        pool(y, v, "nonsense")
    with pytest.raises(InputRefused, match="above zero"):
        pool(y, -v)
    network, _, _ = bcg()
    with pytest.raises(InputRefused, match="no measure of counts"):
        contrasts_of(network, "SMD")
    assert egger([1.0, 2.0], [0.1, 0.2]) is None
