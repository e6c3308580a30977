"""remit versus from a command line to its exit code."""

import json

import pytest

from remit.cli.__main__ import main
from remit.inference.before_data import before_data
from remit.inference.fitted import save


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("posterior")
    save(before_data(10, 3), place)
    return place


@pytest.fixture(autouse=True)
def _cache_of_its_own(monkeypatch):
    monkeypatch.setattr("remit.cli.compiled.cache_folder", lambda: None)


def _run(folder, *words):
    return main(["versus", "--posterior", str(folder), "--draws", "10", *words])


def test_the_page_and_the_pictures(folder, tmp_path, capsys):
    files = [tmp_path / name for name in ("a.svg", "a.html", "dark.png")]
    assert _run(folder, *(word for file in files for word in ("--chart", str(file)))) == 0
    said = capsys.readouterr().out
    assert "beyond its own control arm" in said
    assert "a.svg" in said
    assert "SSRI" in files[0].read_text()
    assert "<table>" in files[1].read_text()
    assert files[2].stat().st_size > 10_000


def test_json_is_the_answer_and_nothing_else(folder, capsys):
    assert _run(folder, "--json", "--sessions", "6", "--diagnosis", "SAD", "--scale", "LSAS") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["detail"]["scale"]["name"] == "LSAS"
    assert len(answer["detail"]["regimen"]["dose_times_h"]) == 6


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--dose", "0.5"], 2, "Allowed: a number and mg or mg/kg"),
        (["--dose", "5mg/kg"], 7, "--extrapolate"),
        (["--chart", "a.txt"], 2, ".svg"),
        (["--theme", "blue", "--chart", "a.svg"], 2, "light, dark"),
    ],
)
def test_refusals_say_what_is_allowed(folder, capsys, words, code, said):
    assert _run(folder, *words) == code
    assert said in capsys.readouterr().err
