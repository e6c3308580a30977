"""remit how-long from a command line to its page, its pictures and its exit code."""

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
    return main(["how-long", "--posterior", str(folder), "--draws", "10", "--people", "32", "--sessions", "3", *words])


def test_the_page_and_the_pictures(folder, tmp_path, capsys):
    files = [tmp_path / name for name in ("a.svg", "a.html", "dark.png")]
    assert _run(folder, *(word for file in files for word in ("--chart", str(file)))) == 0
    said = capsys.readouterr().out
    for words in ("every week", "What studies saw themselves", "without the drug", "a.svg"):
        assert words in said
    drawn = files[0].read_text()
    assert "no series was rated later than this" in drawn
    assert "still responding" in drawn
    assert "What studies saw themselves" in files[1].read_text()
    assert files[2].stat().st_size > 10_000


def test_json_is_the_answer_and_nothing_else(folder, capsys):
    assert _run(folder, "--json", "--keep", "0.4") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["detail"]["keep"] == 0.4
    assert answer["detail"]["regimen"]["sessions"] == 3


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [(["--keep", "1.2"], 2, "0.05 to 0.95"), (["--chart", "a.txt"], 2, ".svg"), (["--dose", "0.5"], 2, "mg/kg")],
)
def test_refusals_say_what_is_allowed(folder, capsys, words, code, said):
    assert _run(folder, *words) == code
    assert said in capsys.readouterr().err
