"""The files of a new study: complete, readable once filled in, and never over another's."""

import shutil
from dataclasses import replace

import pytest
import yaml

from remit.cli.__main__ import main
from remit.evidence import trials
from remit.evidence.new_study import SOURCE_TABLE, write_study
from remit.evidence.sources import UNFILLED, load_sources, require_source
from remit.evidence.tables import Row, published, read_text
from remit.vocabulary.errors import EvidenceRefused, InputRefused, OutputRefused


@pytest.fixture
def folder(tmp_path):
    for name in ("studies", "outcomes"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_every_declared_key_and_column_is_there(folder):
    record, table, sources = write_study("author2026", folder)
    written = yaml.safe_load(record.read_text())
    assert list(written) == [field.name for field in trials.STUDY_FIELDS]
    assert list(written["arms"][0]) == [field.name for field in trials.ARM_FIELDS]
    assert written["study_id"] == "author2026"
    assert table.read_text().strip().split(",") == [field.name for field in trials.OUTCOME_FIELDS]
    assert sources.name == SOURCE_TABLE
    for field in trials.STUDY_FIELDS:
        if field.choices:
            assert ", ".join(field.choices) in record.read_text()


def test_a_second_study_adds_its_source_and_nothing_is_written_over(folder):
    write_study("author2026", folder)
    write_study("other2026", folder)
    assert len((folder / SOURCE_TABLE).read_text().splitlines()) == 3
    before = {path: path.read_text() for path in folder.rglob("*.*")}
    with pytest.raises(OutputRefused, match="is there already"):
        write_study("author2026", folder)
    assert before == {path: path.read_text() for path in folder.rglob("*.*")}


def test_what_was_filled_in_is_read(folder):
    record, *_ = write_study("author2026", folder)
    known = read_text(published() / "studies" / "taylor2018.yaml", "taylor2018.yaml")
    filled = {**yaml.safe_load(record.read_text()), **yaml.safe_load(known), "study_id": "author2026"}
    assert set(filled) == set(yaml.safe_load(record.read_text()))


@pytest.mark.parametrize("name", ["Author 2026", "a", "../x", "2026author", "taylor2018"])
def test_a_name_that_cannot_be_one_is_refused(folder, name):
    with pytest.raises(InputRefused):
        write_study(name, folder)
    assert not list((folder / "studies").iterdir())


def test_the_command_says_what_to_do_next(folder, capsys):
    assert main(["evidence", "new", "author2026", "--into", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "author2026.yaml" in said
    assert "remit evidence audit" in said
    assert main(["evidence", "new", "author2026", "--into", str(folder)]) == 6
    shutil.rmtree(folder / "studies")
    assert main(["evidence", "new", "other2026", "--into", str(folder)]) == 6


def test_a_row_whose_source_is_not_filled_in_is_refused(monkeypatch):
    known = load_sources()["taylor2018_abstract"]
    row = Row("outcomes/author2026.csv", 2, {"source_id": known.source_id})
    require_source(row)
    monkeypatch.setattr(
        "remit.evidence.sources.load_sources", lambda: {known.source_id: replace(known, citation=UNFILLED)}
    )
    with pytest.raises(EvidenceRefused, match="is still 'TO FILL IN'"):
        require_source(row)
