"""remit calibrate from a command line to its exit code; tests/recovery holds the fit itself."""

import itertools
import json
import shutil

import pytest

from remit.cli.__main__ import main
from remit.inference import fitted
from remit.vocabulary.errors import NotConverged


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--chains", "1"], 2, "2 or more"),
        (["--warmup", "3"], 2, "10 or more"),
        (["--draws", "5"], 2, "10 or more"),
        (["--no-fit", "--page", "/nowhere/x.md"], 6, "there is no folder"),
    ],
)
def test_refusals(words, code, said, capsys, tmp_path):
    assert main(["calibrate", "--out", str(tmp_path), *words]) == code
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_page_of_a_posterior_without_a_fit(capsys, tmp_path):
    shutil.copytree(fitted.default_folder(), tmp_path / "posterior")
    page = tmp_path / "calibration.md"
    assert main(["calibrate", "--no-fit", "--out", str(tmp_path / "posterior"), "--page", str(page)]) == 0
    said = capsys.readouterr().out
    assert "largest R-hat" in said
    text = page.read_text()
    for heading in ("## The fit", "## What it found", "## Coverage"):
        assert heading in text
    assert "glue" in text
    assert "<svg" in page.with_suffix(".svg").read_text()


def test_a_fit_that_did_not_converge_writes_nothing_and_can_go_on(capsys, tmp_path, monkeypatch):
    def failing(settings, *, checkpoint, report, without=frozenset()):
        checkpoint.write_bytes(b"state")
        raise NotConverged("the fit did not converge: R-hat of x is 1.2", remedy="Run it again with more draws")

    monkeypatch.setattr("remit.inference.refit.refit", failing)
    assert main(["calibrate", "--out", str(tmp_path)]) == 4
    assert "R-hat of x" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["under_way.pickle"]


def test_the_page_in_docs_is_that_of_the_shipped_posterior(tmp_path, pytestconfig):
    page = tmp_path / "calibration.md"
    assert main(["calibrate", "--no-fit", "--page", str(page)]) == 0
    assert page.read_text() == (pytestconfig.rootpath / "docs/validation/calibration.md").read_text(), "run `make docs`"


def test_the_page_of_held_out_trials_is_that_of_the_shipped_predictions(tmp_path, pytestconfig, capsys):
    page = tmp_path / "trials.md"
    assert main(["validate", "trials", "--page", str(page)]) == 0
    said = capsys.readouterr().out
    assert "The standard is met." in said
    docs = pytestconfig.rootpath / "docs/validation"
    assert page.read_text() == (docs / "trials.md").read_text(), "run `make docs`"
    for picture in ("trials.svg", "trials-percentiles.svg"):
        assert "<svg" in (tmp_path / picture).read_text()
        assert (docs / picture).exists()


def test_held_out_trials_as_records(capsys):
    assert main(["validate", "trials", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert {"glue2017", "taylor2018", "lii2023"} <= {record["study"] for record in records}
    for record in records:
        bands = [record["intervals"][level] for level in ("0.5", "0.8", "0.95")]
        assert all(wide[0] <= narrow[0] <= narrow[1] <= wide[1] for narrow, wide in itertools.pairwise(bands))
        assert 0.0 <= record["percentile"] <= 1.0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [(["--page", "/nowhere/x.md"], 6, "there is no folder"), (["--page", "x.txt"], 2, "is no page")],
)
def test_refusals_of_held_out_pages(words, code, said, capsys):
    assert main(["validate", "trials", *words]) == code
    assert said in capsys.readouterr().err
