"""remit evidence from a command line to its exit code."""

import json

import polars as pl
import pytest

from remit.cli.__main__ import main
from remit.evidence.tables import published
from remit.reports.evidence_page import write_pages
from remit.reports.evidence_tables import TABLES, frame


def run(capsys, *words):
    code = main(["evidence", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_list_marks_what_is_retracted(capsys):
    code, out, _ = run(capsys, "list", "--drug", "ketamine")
    assert code == 0
    assert "glue2017" in out
    marked = [line for line in out.splitlines() if "RETRACTED" in line]
    assert len(marked) == 1
    assert "mills2025_kads" in marked[0]


def test_a_study_shows_every_number_with_its_place_and_source(capsys):
    code, out, _ = run(capsys, "show", "glue2017")
    assert code == 0
    for word in ("open label", "83.3 %", "abstract", "https://pubmed.ncbi.nlm.nih.gov/28441895/"):
        assert word in out
    assert "RETRACTED" in run(capsys, "show", "mills2025_kads")[1]


def test_the_audit_says_what_came_of_everything(capsys):
    code, out, _ = run(capsys, "audit", "--strict", "--all")
    assert code == 0
    assert "impossible share" in out
    assert "OPEN" not in out
    assert "12 of 17 is 71 %" in out


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_the_same_in_every_format(table, tmp_path, capsys):
    rows = frame(table).height
    assert rows > 0
    for kind in ("csv", "parquet", "json"):
        file = tmp_path / f"{table}.{kind}"
        code, out, _ = run(capsys, "export", table, str(file))
        assert code == 0
        assert out.startswith(f"{rows} rows")
    whole = pl.read_parquet(tmp_path / f"{table}.parquet")
    assert whole.equals(frame(table))
    assert json.loads((tmp_path / f"{table}.json").read_text()) == whole.to_dicts()
    assert pl.read_csv(tmp_path / f"{table}.csv", infer_schema_length=None).height == rows


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["show", "glue207"], 2, "Did you mean 'glue2017'"),
        (["list", "--domain", "anger"], 2, "anxiety, ptsd"),
        (["list", "--drug", "ketamin"], 2, "Did you mean 'ketamine'"),
        (["export", "outcome", "x.csv"], 2, "outcomes"),
        (["export", "outcomes"], 2, "no file to write to"),
        (["export", "outcomes", "x.xlsx"], 2, ".parquet"),
        (["export", "outcomes", "/nowhere/x.csv"], 6, "there is no folder"),
        (["pages", "--out", "/nowhere"], 6, "there is no folder"),
    ],
)
def test_refusals(words, code, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, out, err = run(capsys, *words)
    assert found == code
    assert said in err
    assert not out
    assert not list(tmp_path.iterdir())


def test_the_pages_in_docs_are_those_of_the_evidence(tmp_path, pytestconfig):
    write_pages(tmp_path)
    docs = pytestconfig.rootpath / "docs" / "evidence"
    fresh = {str(page.relative_to(tmp_path)): page.read_text() for page in tmp_path.rglob("*.md")}
    kept = {str(page.relative_to(docs)): page.read_text() for page in docs.rglob("*.md")}
    assert fresh.keys() == kept.keys()
    changed = [name for name in fresh if fresh[name] != kept[name]]
    assert not changed, "run `make docs`"


def test_every_file_of_the_evidence_has_a_licence_or_is_a_fact(tmp_path):
    write_pages(tmp_path)
    page = (tmp_path / "licences.md").read_text()

    def files(folder, prefix=""):
        for entry in folder.iterdir():
            if entry.is_dir():
                yield from files(entry, f"{prefix}{entry.name}/")
            elif not entry.name.endswith(".pyc"):
                yield f"{prefix}{entry.name}"

    for name in files(published()):
        line = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert ("ODC-By" in line) == ("/mp_" in name), line
