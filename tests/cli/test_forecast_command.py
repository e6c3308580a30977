"""remit forecast from a file to its exit code."""

import json

import pytest

from remit.cli.__main__ import main
from remit.inference.before_data import before_data
from remit.inference.fitted import save


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("posterior")
    save(before_data(64, 3), place)
    return place


@pytest.fixture(autouse=True)
def _cache_of_its_own(monkeypatch):
    monkeypatch.setattr("remit.cli.compiled.cache_folder", lambda: None)


@pytest.fixture
def visits(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("day,score,dose\n0,15,yes\n1,11,\n2,10,yes\n")
    return path


def test_the_page_and_the_pictures(folder, visits, tmp_path, capsys):
    pictures = [tmp_path / f"a.{kind}" for kind in ("svg", "html")]
    words = [word for picture in pictures for word in ("--chart", str(picture))]
    assert main(["forecast", str(visits), "--posterior", str(folder), "--sessions", "3", *words]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for part in ("In plain words", "Where a GAD-7 would fall", "Schedules a clinician may weigh", "effective draws"):
        assert part in said
    assert all(picture.stat().st_size > 10_000 for picture in pictures)


def test_json_is_the_forecast_and_nothing_else(folder, visits, capsys):
    assert main(["forecast", str(visits), "--posterior", str(folder), "--json", "--seed", "7"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["seed"], answer["schema"]) == (7, "remit.forecast/1")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere.csv"], 2, "cannot be read"),
        (["--scale", "GAD7"], 2, "unknown scale"),
        (["--dose", "5mg/kg"], 7, "--extrapolate"),
        (["--daily", "tea"], 2, "--daily"),
        (["--route", "nose"], 2, "Allowed: iv"),
        (["--chart", "a.gif"], 2, ".svg, .png, .pdf, .html"),
    ],
)
def test_what_cannot_be_used_is_refused(folder, words, code, said, capsys):
    assert main(["forecast", "--posterior", str(folder), *words]) == code
    assert said in capsys.readouterr().err


def test_a_bad_cell_is_named(folder, tmp_path, capsys):
    path = tmp_path / "visits.csv"
    path.write_text("day,score\n0,15\n2,33\n")
    assert main(["forecast", str(path), "--posterior", str(folder)]) == 2
    assert "visits.csv, row 3, column score: 33 is not a GAD-7 total" in capsys.readouterr().err


def test_a_clinics_own_people_are_weighed_and_shown(folder, visits, clinic_fit, capsys):
    fit = str(clinic_fit())

    def answered(weight: str) -> dict:
        words = ["--population", fit, "--blend", weight, "--json"]
        assert main(["forecast", str(visits), "--posterior", str(folder), *words]) == 0
        return json.loads(capsys.readouterr().out)

    weighed, unweighed = answered("0.25"), answered("0")
    clinic = weighed["detail"]["clinic"]
    assert clinic["weight_before"] == 0.25
    assert 0.0 < clinic["weight_after"] < 1.0
    assert clinic["estimated"] == ["BASE", "S", "X", "HALF"]
    held = [any("The prior holds" in each for each in answer["caveats"]) for answer in (weighed, unweighed)]
    assert held == [True, False]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--blend", "0.5"], "Name their fit"),
        (["--population", "FIT", "--blend", "1.5"], "0 (published people) to 1"),
        (["--population", "nowhere"], "remit fit scores.csv"),
    ],
)
def test_a_clinic_that_cannot_be_weighed_is_refused(arguments, said, capsys):
    assert main(["forecast", *arguments]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
