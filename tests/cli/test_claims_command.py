"""remit claims: the board, one claim, and what cannot be used."""

import json

import pytest

from remit.cli.__main__ import main


def test_one_claim_has_all_its_faces(tmp_path, capsys):
    sheet = tmp_path / "claim.html"
    assert main(["claims", "approved-for-anxiety", "--html", str(sheet)]) == 0
    shown = capsys.readouterr().out
    assert "contradicted" in shown
    assert "FDA" in shown
    assert b"What is missing" in sheet.read_bytes()
    assert main(["claims", "approved-for-anxiety", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["schema"] == "remit.answer/1"
    assert answer["detail"]["claims"][0]["id"] == "approved-for-anxiety"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["claims", "aproved-for-anxiety"], "Did you mean 'approved-for-anxiety'"),
        (["claims", "onset-hours", "--chart", "x.svg"], "Leave CLAIM out"),
        (["claims", "--chart", "x.doc"], "no picture"),
        (["claims", "--html", "x.txt"], "no page"),
    ],
)
def test_what_cannot_be_used_is_refused(typed, said, capsys):
    assert main(typed) == 2
    assert said in capsys.readouterr().err.replace("\n", " ")
