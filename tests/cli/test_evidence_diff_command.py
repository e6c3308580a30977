"""remit evidence diff: rows against a folder, and what cannot be compared."""

import json
import shutil
from pathlib import Path

from remit.cli.__main__ import main
from remit.evidence.tables import published
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
    side = {"stale": "", "claims_fault": "", "numbers": {}, "claims": {"a": "partly", "b": "unknown"}}
    found = {
        "posterior": "It changed.",
        "before": side,
        "after": {**side, "claims": {"a": "supported", "b": "unknown"}},
    }
    assert answer_lines(found) == ["It changed.", "a: partly, now supported"]
    found["after"] = {**side, "stale": "old"}
    assert "Stale now: old" in answer_lines(found)
    found["after"] = side
    assert answer_lines(found)[-1] == "No verdict of a claim changed."
