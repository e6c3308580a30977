"""Published results of metafor and MBNMAtime beside ours; W5 beside plain NumPyro."""

import os
from pathlib import Path

import numpy as np
import pytest

from remit.inference.network.reference import references
from remit.reports.reference_page import verdict, write_references

GOLDEN = Path(__file__).parents[1] / "golden"
PAGE = Path(__file__).parents[2] / "docs" / "validation" / "meta.md"
DIFFERENT_MODEL = "osteopain split"


def test_bcg_agrees_with_every_published_number():
    found = [each for each in references(GOLDEN) if each.example == "bcg"]
    assert len(found) == 9
    assert all(each.now and each.agrees for each in found)


def test_the_page_says_what_was_computed(tmp_path):
    found = references(GOLDEN)
    write_references(found, tmp_path / "meta.md")
    assert (tmp_path / "meta.md").read_text() == PAGE.read_text()
    assert verdict(found) in PAGE.read_text()
    kept = [each for each in found if not each.now and each.example != DIFFERENT_MODEL]
    assert kept
    assert all(each.agrees for each in kept)


@pytest.mark.skipif("REMIT_REFERENCE_DATA" not in os.environ, reason="the table of MBNMAtime is not part of remit")
def test_alogliptin_agrees_with_mbnmatime():
    found = [each for each in references(Path(os.environ["REMIT_REFERENCE_DATA"])) if each.example.startswith("alog")]
    assert len(found) == 11
    assert all(each.now and each.agrees for each in found)


@pytest.mark.slow
def test_w5_has_the_posterior_of_the_peers_and_is_fast_enough():
    """Posterior means of JAGS, Stan, NumPyro and PyMC (docs/benchmarks.md), within 0.15 of a posterior SD."""
    from benchmarks.network import ours

    found = ours()
    peers = np.array([-3.235, -4.975, -8.26, 1.548, 0.9585])
    spread = np.array([0.30, 0.285, 0.30, 0.097, 0.147])
    assert np.abs(np.array(found["posterior_mean_d2_d3_d4_t50_sd"]) - peers) / spread == pytest.approx(0, abs=0.15)
    assert np.array(found["posterior_sd"]) == pytest.approx(spread, rel=0.1)
    assert found["min_bulk_ess_per_s_median"] > 1000


@pytest.mark.slow
def test_w5_agrees_with_plain_numpyro():
    from benchmarks.network import workload

    assert workload()["largest_difference_of_means_in_sd"] < 0.15
