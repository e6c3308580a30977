"""Tables of a user's own: names of columns, the same for frames and for tables of events."""

import pytest

from remit.inference.table_file import mended, read_frame, with_names
from remit.vocabulary.errors import InputRefused


def test_columns_take_the_names_that_have_a_meaning():
    assert with_names(["who", "conc", "DV", ""], {"ID": "who", "DV": "conc"}, "own.csv") == [
        "ID", "DV", "DV in table", "",
    ]  # fmt: skip
    assert with_names(["ID", "DV"], {"DV": "DV"}, "own.csv") == ["ID", "DV"]


def test_a_column_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(InputRefused, match=r"own\.csv has no column concn\. Allowed: who, conc\. Did you mean 'conc'"):
        with_names(["who", "conc", ""], {"DV": "concn"}, "own.csv")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_is_read_whatever_stands_between_its_cells(tmp_path, mark):
    path = tmp_path / "own.csv"
    path.write_text("\ufeffwho,day,note\na,0,\nb,1,late\n\n".replace(",", mark))
    assert read_frame(path, "DATA").to_dict(as_series=False) == {
        "who": ["a", "b"], "day": ["0", "1"], "note": [None, "late"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"own\.csv: the table is empty"),
        (b"PK\x03\x04rest", r"spreadsheet or an archive\. Save the table as CSV"),
        ("who,day\na,0\nM\u00fcller,1\n".encode("latin-1"), r"own\.csv, row 3: not UTF-8 text"),
        (b"who,day,day\na,0,1\n", r"own\.csv, row 1: column day stands twice"),
        (b"who,day\na,0\nb,1,2\n", r"own\.csv, row 3: 3 cells for 2 columns\. Look for a comma"),
        (b"who,day\na\n", r"own\.csv, row 2: 1 cell for 2 columns"),
        (b"who,day\n", r"own\.csv, row 1: the header \(who, day\) is row 1 and no row follows it"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_row(tmp_path, content, said):
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    with pytest.raises(InputRefused, match=said):
        read_frame(path, "DATA")


def test_a_text_that_is_no_number_is_told_how_to_be_one():
    assert mended("2,5") == "Write 2.5: decimals have a point"
    assert "column named date" in mended("2026-02-01")
    assert mended("low").startswith("Write a number")
