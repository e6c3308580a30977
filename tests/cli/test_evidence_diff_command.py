"""remit evidence diff: rows against a folder, and what cannot be compared."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from remit.cli.__main__ import main
from remit.evidence.tables import published
from remit.inference.fitted import default_folder
from remit.reports.evidence_diff_page import answer_lines


def test_rows_are_held_against_a_folder(tmp_path, capsys):
    old = tmp_path / "old"
    shutil.copytree(Path(str(published())), old)
    assert main(["evidence", "diff", str(old), "--rows"]) == 0
    said = capsys.readouterr().out
    assert "no change" in said
    assert "no posterior beside it" in said
    (old / "findings.csv").write_text(
        (old / "findings.csv").read_text().replace("Ketamine lowered", "Ketamine changed")
    )
    assert main(["evidence", "diff", str(old), "--rows", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (row,) = found["rows"]
    assert row["kind"] == "changed"
    assert row["row"] == "nmda_spect"
    assert list(row["after"]) == ["finding"]


def test_what_holds_no_evidence_is_refused(tmp_path, capsys):
    assert main(["evidence", "diff", str(tmp_path), "--rows"]) == 2
    assert "holds no evidence" in capsys.readouterr().err
    assert main(["evidence", "diff", "no-such-revision", "--rows"]) == 2


def test_the_answers_before_and_after_are_put_in_words():
    side = {
        "stale": "", "claims_fault": "", "claims_note": "", "numbers": {}, "claims": {"a": "suggested", "b": "unknown"},
    }  # fmt: skip
    found = {
        "posterior": "It changed.",
        "before": side,
        "after": {**side, "claims": {"a": "supported", "b": "unknown"}},
    }
    assert answer_lines(found) == ["It changed.", "a: suggested, now supported"]
    found["after"] = {**side, "stale": "old"}
    assert "Stale now: old" in answer_lines(found)
    found["after"] = {**side, "claims_note": "older"}
    assert "Claims now: older" in answer_lines(found)
    found["after"] = side
    assert answer_lines(found)[-1] == "No verdict of a claim changed."


def older_revision():
    """The newest revision before the last change of the evidence; None where the history is not there."""
    root = Path(str(published())).parents[3]
    command = ["git", "-C", str(root), "log", "--format=%H", "-n", "2", "--", "src/remit/evidence/published/*.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    revisions = done.stdout.split()
    return revisions[1] if done.returncode == 0 and len(revisions) == 2 else None


def test_rows_are_held_against_an_older_revision(capsys):
    revision = older_revision()
    if revision is None:
        pytest.skip("no history of the evidence here")
    assert main(["evidence", "diff", revision, "--rows", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["revision"] == revision
    assert found["rows"]
    assert {each["kind"] for each in found["rows"]} <= {"added", "removed", "changed"}
    assert found["before"] is None
    assert "posterior" in found["posterior"]


def test_answers_of_older_evidence_are_told_by_todays_claims(tmp_path, capsys):
    """Release 1 of the evidence had no claims of today's form and no record of searches."""
    old = tmp_path / "old"
    shutil.copytree(Path(str(published())), old)
    shutil.copytree(default_folder(), old / "posterior")
    text = (old / "claims.yaml").read_text()
    (old / "claims.yaml").write_text(text.replace("    short: half of the effect within 24 hours\n", "", 1))
    (old / "searches.csv").unlink()
    (old / "regulatory.csv").write_text(
        "\n".join(line for line in (old / "regulatory.csv").read_text().splitlines() if "not_approved" not in line)
        + "\n"
    )
    assert main(["evidence", "diff", str(old), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "older form" in found["before"]["claims_note"]
    assert found["after"]["claims_note"] == ""
    assert found["before"]["claims"]["approved-for-anxiety"] == "unknown"
    assert found["after"]["claims"]["approved-for-anxiety"] == "contradicted"
    assert found["before"]["numbers"] == found["after"]["numbers"]
    assert found["before"]["numbers"]["half_life"]["low"] < found["before"]["numbers"]["half_life"]["high"]
    assert "approved-for-anxiety: unknown, now contradicted" in answer_lines(found)
