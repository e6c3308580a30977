"""Differences between two folders of evidence are those that were made."""

import shutil
from pathlib import Path

import pytest

from remit.evidence.row_changes import changes, rows_of
from remit.evidence.tables import published


@pytest.fixture
def copy(tmp_path):
    here = tmp_path / "evidence"
    shutil.copytree(Path(str(published())), here)
    return here


def test_the_same_evidence_has_no_difference():
    rows = rows_of(Path(str(published())))
    assert changes(rows, rows) == []
    assert len(rows["regulatory.csv"]) == 36
    assert "claims onset-hours" in rows["claims.yaml"]
    assert len(rows["eligibility.yaml"]) > 20


def test_what_was_added_removed_and_changed_is_said(copy):
    before = rows_of(copy)
    table = copy / "outcomes" / "taylor2018.csv"
    lines = table.read_text().splitlines()
    cells = lines[1].split(",")
    place = lines[0].split(",").index("value")
    cells[place] = "77"
    table.write_text("\n".join([lines[0], ",".join(cells), *lines[2:-1]]) + "\n")
    (copy / "studies" / "glue2017.yaml").unlink()
    rules = copy / "claims.yaml"
    rules.write_text(rules.read_text().replace("likely: {value: 0.9", "likely: {value: 0.8"))
    found = changes(before, rows_of(copy))
    kinds = {(each.file, each.kind) for each in found}
    assert kinds == {
        ("outcomes/taylor2018.csv", "changed"), ("outcomes/taylor2018.csv", "removed"),
        ("studies/glue2017.yaml", "removed"), ("claims.yaml", "changed"),
    }  # fmt: skip
    changed = next(each for each in found if each.file == "outcomes/taylor2018.csv" and each.kind == "changed")
    assert changed.after == {"value": "77"}
    assert changed.before["value"] != "77"
    assert changed.table == "outcomes"
    backwards = changes(rows_of(copy), before)
    assert {(each.file, each.kind) for each in backwards} >= {("studies/glue2017.yaml", "added")}


def test_rows_that_look_alike_are_told_apart(copy):
    table = copy / "outcomes" / "taylor2018.csv"
    before = rows_of(copy)
    table.write_text(table.read_text() + table.read_text().splitlines()[1] + "\n")
    (found,) = changes(before, rows_of(copy))
    assert found.kind == "added"
    assert found.row.endswith("(2)")
