import json
from pathlib import Path

import pytest

from remit.cli.__main__ import main

SCORES = Path(__file__).parents[2] / "docs" / "examples" / "scores.csv"
GOLDEN = Path(__file__).parents[1] / "golden"
ASKED = ["events", str(SCORES), "--event", "response", "--scale", "HAM-A", "--by", "arm", "--draws", "50"]


def test_scores_are_answered_written_and_drawn(tmp_path, capsys):
    out = tmp_path / "out"
    assert main([*ASKED, "--out", str(out), "--picture", "svg", "--picture", "pdf", "--at", "2w"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("Median time to response, 95 % interval: midazolam: between 15 d and 21 d (")
    assert "Response: a fall of at least 50 % from baseline." in said
    assert "Log-rank test for intervals" in said
    files = {path.name for path in out.iterdir()}
    assert files == {"report.html", "curves.svg", "curves.pdf", "estimates.csv", "events.nc", "summary.json"}
    page = (out / "report.html").read_text()
    assert "http" not in page.replace("http://www.w3.org", "")
    summary = json.loads((out / "summary.json").read_text())
    assert [group["name"] for group in summary["groups"]] == ["midazolam", "ketamine"]
    assert [each["time"] for each in summary["groups"][0]["chances"]] == [14.0]


def test_intervals_in_years_are_answered_as_json(capsys):
    asked = ["events", str(GOLDEN / "nephropathy.csv"), "--time-unit", "year", "--covariate", "gender", "--draws", "0"]
    assert main([*asked, "--model", "hazards,odds,weibull", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    values = {each["name"]: each["log_likelihood"] for each in summary["models"]}
    assert values["hazards"] == pytest.approx(-1964.96, abs=5e-3)
    assert main([*asked, "--at", "10"]) == 0
    assert "years" in capsys.readouterr().out


def test_columns_have_the_names_they_have(tmp_path, capsys):
    table = tmp_path / "own.csv"
    table.write_text("L,R,left,arm\n0,2,x,b\n2,4,x,b\n4,NA,x,b\n0,2,x,a\n2,4,x,a\n4,6,x,a\n")
    asked = ["events", str(table), "--time-unit", "w", "--draws", "0"]
    assert main([*asked, "--by", "arm", "--column", "left=L", "--column", "right=R", "--model", "weibull"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "6 people: 3 had it between two visits, 2 had it before the first visit, 1 had not had it by" in said
    assert said.startswith("Only 3 people in b, 3 people in a: with so few")
    # what is as likely is told in the unit of the table, and it is said which group the others are compared with
    assert "between 2 w and 4 w" in said
    assert "Models compare groups with b." in said
    assert "Columns not used: left in table." in said
    assert main([*asked, "--column", "left=low"]) == 2
    assert "has no column low. Allowed: L, R, left, arm" in " ".join(capsys.readouterr().err.split())
    assert main([*asked, "--column", "left"]) == 2
    table.write_text("L,R\n0,2\n")
    assert main(asked) == 2
    assert "say --column left=NAME" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["missing.csv"], 2, "there is no file"),
        ([str(SCORES)], 2, "a table of scores needs an event"),
        ([str(SCORES), "--event", "cure"], 2, "the scale of the scores is not said"),
        ([str(SCORES), "--event", "cure", "--scale", "HAM-A"], 2, "unknown event 'cure'"),
        ([str(SCORES), "--event", "onset", "--scale", "HAM-A"], 2, "no published threshold for onset"),
        ([str(SCORES), "--event", "response", "--scale", "HAM-A", "--by", "arms"], 2, "no column 'arms'"),
        ([str(SCORES), "--model", "cox"], 2, "unknown model 'cox'"),
        ([str(SCORES), "--draws", "5"], 2, "5 draws"),
        ([str(SCORES), "--level", "3"], 2, "is no level"),
        ([str(SCORES), "--picture", "gif"], 2, "unknown kind of picture"),
        ([str(SCORES), "--out", str(SCORES)], 6, "is a file"),
        ([str(GOLDEN / "lung_tumours.csv")], 2, "the unit of the column left is not said"),
        ([str(GOLDEN / "lung_tumours.csv"), "--time-unit", "d", "--model", "hazards"], 2, "free curve without"),
    ],
)
def test_what_cannot_be_used_is_refused(arguments, code, said, capsys):
    assert main(["events", *arguments]) == code
    assert said in " ".join(capsys.readouterr().err.split())
