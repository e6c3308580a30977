"""remit how-fast from a command line to its exit code."""

import json

import pytest

from remit.cli.__main__ import main
from remit.cli.compiled import cache_folder
from remit.inference.before_data import before_data
from remit.inference.fitted import save


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("posterior")
    save(before_data(10, 3), place)
    return place


@pytest.fixture(autouse=True)
def _cache_of_its_own(monkeypatch, tmp_path_factory):
    monkeypatch.setattr("remit.cli.compiled.cache_folder", lambda: None)


def _run(folder, *words):
    return main(["how-fast", "--posterior", str(folder), "--people", "20", "--draws", "10", *words])


def test_the_page_and_the_picture(folder, tmp_path, capsys):
    assert _run(folder, "--chart", str(tmp_path / "a.svg")) == 0
    said = capsys.readouterr().out
    assert "of 100 people with anxiety disorders" in said
    assert "a.svg" in said
    assert (tmp_path / "a.svg").exists()


def test_json_is_the_answer_and_nothing_else(folder, capsys):
    assert _run(folder, "--json", "--seed", "7", "--level", "0.8") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["seed"] == 7
    assert answer["detail"]["level"] == 0.8


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--route", "nose"], 2, "Allowed: iv (intravenous)"),
        (["--drug", "aspirin"], 2, "Allowed: ketamine, esketamine"),
        (["--dose", "0.5"], 2, "Allowed: a number and mg or mg/kg"),
        (["--dose", "0.5mL"], 2, "--dose"),
        (["--dose=-1mg"], 2, "above zero"),
        (["--dose", "5mg/kg"], 7, "--extrapolate"),
        (["--over", "40"], 2, "--over"),
        (["--route", "im", "--over", "40min"], 2, "no infusion time"),
        (["--spacing", "2"], 2, "--spacing"),
        (["--baseline", "40"], 2, "0 to 21"),
        (["--weight", "heavy"], 2, "--weight"),
        (["--weight", "7"], 2, "30 to 250 kg"),
        (["--scale", "GAD7"], 2, "GAD-7"),
        (["--diagnosis", "sadness"], 2, "Allowed: GAD"),
        (["--chart", "picture.gif"], 2, ".svg, .png, .pdf, .html"),
        (["--chart", "no/such/folder/a.svg"], 6, "no folder"),
        (["--theme", "sepia", "--chart", "a.svg"], 2, "light, dark"),
        (["--sessions", "many"], 2, "--sessions"),
        (["--nonsense"], 2, "--nonsense"),
    ],
)
def test_refusals_say_what_is_allowed_and_write_nothing(folder, tmp_path, capsys, monkeypatch, words, code, said):
    monkeypatch.chdir(tmp_path)
    assert _run(folder, *words) == code
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert list(tmp_path.iterdir()) == []


def test_no_posterior_is_said(tmp_path, capsys):
    assert main(["how-fast", "--posterior", str(tmp_path)]) == 5
    assert "remit calibrate" in capsys.readouterr().err


def test_help_names_the_defaults(capsys):
    assert main(["how-fast", "--help"]) == 0
    said = capsys.readouterr().out
    for words in ("--sessions", "mixed_anxiety", "0.5mg/kg", "Not medical advice"):
        assert words in said


def test_a_home_that_cannot_be_written_is_no_fault(monkeypatch, tmp_path):
    monkeypatch.undo()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache_folder() is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert cache_folder() == tmp_path / "caches" / "remit" / "compiled"
