"""remit report writes what was asked for, or says what is wrong before anything slow begins."""

import pytest

from remit.cli.__main__ import main

QUICK = ["--draws", "12"]


def test_a_page_and_a_brief_are_written(tmp_path, capsys):
    assert main(["report", str(tmp_path / "page.pdf"), str(tmp_path / "page.html"), *QUICK]) == 0
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert "Questions to ask" in (tmp_path / "page.html").read_text()
    assert main(["report", str(tmp_path / "brief.html"), "--for", "clinician", *QUICK]) == 0
    assert "The studies" in (tmp_path / "brief.html").read_text()
    assert capsys.readouterr().out.count("Written:") == 3


@pytest.mark.parametrize("name", ["page.docx", "page"])
def test_another_ending_is_refused(name, tmp_path, capsys):
    assert main(["report", str(tmp_path / name)]) == 2
    said = capsys.readouterr().err
    assert name in said
    assert ".pdf or .html" in said
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_refused(tmp_path, capsys):
    assert main(["report", str(tmp_path / "nowhere" / "page.pdf")]) != 0
    assert "no folder" in capsys.readouterr().err
