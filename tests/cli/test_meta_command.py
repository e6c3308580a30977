import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from remit.cli.__main__ import main
from remit.cli.meta import _kept

BCG = Path(__file__).parents[1] / "golden" / "bcg.csv"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "trials.csv"
    lines = ["study,treatment,time,mean,sd,n"]
    for study, arms in enumerate([("placebo", "x"), ("placebo", "y"), ("x", "y"), ("placebo", "x"), ("placebo", "y")]):
        for arm in arms:
            for week in (1, 2, 4, 8):
                size = {"placebo": -3.0, "x": -6.0, "y": -8.0}[arm] * week / (week + 1.5)
                wobble = 0.15 * ((study * 7 + week * 3 + len(arm)) % 5 - 2)
                lines.append(f"s{study},{arm},{week},{24 + size + wobble:.3f},6,200")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_table_is_answered_written_and_drawn(table, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["meta", str(table), "--time-unit", "w", "--at", "8w", "--reference", "placebo", "--no-splits",
                 "--chains", "2", "--draws", "800", "--out", str(out)]  # fmt: skip
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert said.startswith("At 8 w, beside placebo (95 % interval): y")
    assert "half of the 8 w effect" in " ".join(said.split())
    files = {path.name for path in out.iterdir()}
    assert files == {
        "fit.nc", "summary.json", "report.html", "courses.svg", "forest.svg", "studies.svg", "funnel.svg",
    }  # fmt: skip
    summary = json.loads((out / "summary.json").read_text())
    assert summary["people"] == 2000
    assert [row["treatment"] for row in summary["ranks"]] == ["y", "x", "placebo"]
    page = (out / "report.html").read_text()
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "League table" in page


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["missing.csv"], 2, "there is no file"),
        (["{table}"], 2, "the unit of the column time is not said"),
        (["{table}", "--time-unit", "w", "--curve", "wave"], 2, "unknown curve 'wave'"),
        (["{table}", "--time-unit", "w", "--at", "soon"], 2, "is not a duration"),
        (["{table}", "--time-unit", "w", "--reference", "place"], 2, "no treatment 'place'"),
        (["{table}", "--time-unit", "w", "--level", "2"], 2, "is no level"),
        (["{table}", "--time-unit", "w", "--draws", "5"], 2, "too few"),
        (["{table}", "--time-unit", "w", "--picture", "gif"], 2, "unknown kind of picture"),
        (["{table}", "--time-unit", "w", "--scale", "HAM-A"], 2, "choose rows of `evidence`"),
        (["{table}", "--time-unit", "w", "--out", "{table}"], 6, "is a file"),
        (["{table}", "--time", "sometimes"], 2, "unknown 'sometimes'"),
    ],
)
def test_what_cannot_be_used_is_refused_at_once(table, arguments, code, said, capsys):
    filled = [each.format(table=table) for each in arguments]
    assert main(["meta", *filled]) == code
    assert said in capsys.readouterr().err


def test_counts_are_asked_of_tables_of_counts(table, capsys):
    assert main(["meta", str(table), "--time-unit", "w", "--counts", "exact"]) == 2
    assert "--counts is for tables of events" in capsys.readouterr().err


def test_one_time_is_pooled_as_in_a_textbook(tmp_path, capsys):
    asked = ["meta", str(BCG), "--time", "none", "--measure", "RR", "--reference", "control"]
    assert main([*asked, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["pooled"]["estimate"] == pytest.approx(-0.7145, abs=1e-4)
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0
    assert "a ratio of 0.489 (0.344 to 0.696)" in " ".join(capsys.readouterr().out.split())
    assert (tmp_path / "out" / "report.html").exists()


def test_networks_of_one_time_have_a_league_and_splits(tmp_path, capsys):
    lines = ["study,treatment,y,se"]
    for number in range(12):
        for arm, value in [("a", 0.0), ("b", 1.0), ("c", 2.0)][number % 3 % 2 : 2 + number % 3 % 2] + [("c", 2.0)] * (
            number % 3 == 2
        ):
            lines.append(f"s{number},{arm},{value + 0.01 * (number % 4)},0.2")
    path = tmp_path / "network.csv"
    path.write_text("\n".join(lines) + "\n")
    assert main(["meta", str(path), "--time", "none", "--reference", "a"]) == 0
    said = capsys.readouterr().out
    assert "League table" in said
    assert "P-score" in said
    assert main(["meta", str(path), "--time", "none", "--method", "DL"]) == 2
    assert "fixed, REML" in capsys.readouterr().err
    assert main(["meta", str(path), "--time", "none", "--knapp-hartung"]) == 2


def test_published_evidence_needs_a_scale(capsys):
    assert main(["meta", "evidence"]) == 2
    assert "HAM-A" in capsys.readouterr().err


def interrupted(arguments, ready):
    """Run a command, send SIGINT once it is ready, and return its exit code and what it said."""
    command = [sys.executable, "-m", "remit.cli", "meta", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        end = time.monotonic() + 120
        while not ready() and running.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        assert running.poll() is None, "it ended before it could be stopped"
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=120)
    return running.returncode, " ".join(said.split())


def test_an_interruption_keeps_what_is_done_and_the_same_command_goes_on(table, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = [str(table), "--time-unit", "w", "--reference", "placebo", "--chains", "2", "--draws", "4000",
                 "--out", str(out)]  # fmt: skip
    kept = out / "under_way"
    code, said = interrupted(arguments, lambda: len(list(kept.glob("*.draws"))) >= 1)
    assert code == 130
    assert f"kept in {kept}" in said
    assert "the same command goes on from there" in said
    assert not (out / "summary.json").exists()
    assert main(["meta", *arguments]) == 0
    capsys.readouterr()
    assert (out / "summary.json").exists()
    assert not kept.exists()


def test_what_an_interruption_leaves_is_said(tmp_path):
    assert "Nothing is kept: with --out FOLDER" in _kept(None)
    for name in ("a-800.draws", "b-800.draws", "c.state"):
        (tmp_path / name).touch()
    assert _kept(tmp_path).startswith(f"2 finished fits are kept in {tmp_path}, and one that is under way; the same")
