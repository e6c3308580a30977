"""Tables of a user's own: names of columns, the same for frames and for tables of events."""

import pytest

from remit.inference.table_file import with_names
from remit.vocabulary.errors import InputRefused


def test_columns_take_the_names_that_have_a_meaning():
    assert with_names(["who", "conc", "DV", ""], {"ID": "who", "DV": "conc"}, "own.csv") == [
        "ID", "DV", "DV in table", "",
    ]  # fmt: skip
    assert with_names(["ID", "DV"], {"DV": "DV"}, "own.csv") == ["ID", "DV"]


def test_a_column_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(InputRefused, match=r"own\.csv has no column concn\. Allowed: who, conc\. Did you mean 'conc'"):
        with_names(["who", "conc", ""], {"DV": "concn"}, "own.csv")
