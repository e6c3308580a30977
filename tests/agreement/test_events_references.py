from pathlib import Path

import pytest

from remit.cli.__main__ import main
from remit.inference.events.recovery import DESIGNS, recover
from remit.inference.events.reference import compare

GOLDEN = Path(__file__).parents[1] / "golden"


def test_published_results_are_found_again():
    found = compare(GOLDEN)
    assert len(found) == 88
    assert all(each.agrees for each in found)
    for each in found:
        if each.computed and each.quantity == "log_likelihood":
            assert each.ours[0] > each.published[0] - 1e-5  # nobody's maximum is higher, but for rounding


@pytest.mark.parametrize("name", list(DESIGNS))
def test_a_few_replicates_of_a_design_are_near_the_truth(name):
    rows = recover(name, 6, 3)
    again = recover(name, 6, 3)
    assert rows == again
    for row in rows:
        assert abs(row.bias) < max(0.35, 3 * row.rmse / 6**0.5)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in DESIGNS if "curve without" not in name])
def test_intervals_hold_the_truth_as_often_as_they_say(name):
    for row in recover(name, 200, 20261125):
        assert row.failed <= 4
        # 3.3 standard errors of a share of 95 % in 200
        assert row.coverage >= 0.95 - 0.051, row


def test_the_page_is_written(tmp_path, capsys):
    page = tmp_path / "events.md"
    assert main(["validate", "events", "--data", str(GOLDEN), "--replicates", "0", "--page", str(page)]) == 0
    assert "13 of 13 printed results agree" in " ".join(capsys.readouterr().out.split())
    assert page.read_text().startswith("# Is `remit events` right?")
