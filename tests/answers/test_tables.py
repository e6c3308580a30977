"""Tables of answers, and their card in a notebook: complete, escaped, and the same in every library."""

from dataclasses import replace

import pytest

from remit.answers.is_it_safe import is_it_safe
from remit.answers.tables import card, columns_of, table_named, tables_of
from remit.vocabulary.errors import InputRefused


@pytest.fixture(scope="module")
def answer():
    return is_it_safe()


def test_the_estimates_are_a_table(answer):
    rows = answer.tables()["estimates"]
    assert len(rows) == len(answer.estimates)
    assert set(rows[0]) == {"name", "value", "low", "high", "unit", "level"}


def test_records_become_rows_and_records_inside_become_columns(answer):
    shares = answer.tables()["shares"]
    assert len(shares) == len(answer.detail["shares"])
    first = answer.detail["shares"][0]
    assert shares[0]["percent"] == pytest.approx(first["percent"])
    assert shares[0]["control_percent"] == pytest.approx(first["control"]["percent"])


def test_columns_and_lists_inside_rows_become_tables_of_their_own():
    answer = {
        "estimates": {},
        "detail": {
            "course": {"time_h": [0.0, 1.0], "typical": [3.0, 2.0], "unit": "points"},
            "rows": [{"name": "a", "at": [{"x": 1}, {"x": 2}]}, {"name": "b", "at": [{"x": 3}]}],
            "deep": [{"name": "a", "in": {"at": [{"ends": [{"y": 1}]}]}}],
            "chain": {"time_h": [0.0, 1.0], "plasma": {"typical": [5.0, 6.0], "low": [4.0, 5.0]}},
            "alone": 4,
        },
    }
    found = tables_of(answer)
    assert found["course"] == [
        {"unit": "points", "time_h": 0.0, "typical": 3.0}, {"unit": "points", "time_h": 1.0, "typical": 2.0},
    ]  # fmt: skip
    assert found["rows"] == [{"name": "a"}, {"name": "b"}]
    assert found["rows.at"] == [{"rows_name": "a", "x": 1}, {"rows_name": "a", "x": 2}, {"rows_name": "b", "x": 3}]
    assert found["deep.in_at.ends"] == [{"deep_name": "a", "in_at_number": 0, "y": 1}]
    assert found["chain.plasma"][1] == {"time_h": 1.0, "typical": 6.0, "low": 5.0}
    assert "alone" not in found


def test_polars_and_pandas_hold_the_same(answer):
    pandas = pytest.importorskip("pandas")
    one, other = answer.to_polars("shares"), answer.to_pandas("shares")
    assert one.height == len(other) == len(answer.detail["shares"])
    assert one["percent"].to_list() == pytest.approx(other["percent"].tolist())
    assert isinstance(other, pandas.DataFrame)


def test_an_unknown_table_is_refused_with_those_there_are(answer):
    with pytest.raises(InputRefused, match="estimates, shares"):
        answer.to_polars("nothing")
    with pytest.raises(InputRefused):
        table_named(answer.as_dict(), "")


def test_rows_with_other_fields_become_columns_with_gaps():
    assert columns_of([{"a": 1}, {"b": 2}]) == {"a": [1, None], "b": [None, 2]}


def test_the_card_escapes_everything_and_loads_nothing(answer):
    hostile = replace(
        answer, sentence="<script>alert(1)</script>", question="a & b", caveats=("<img src=x>",),
        estimates={"<b>": next(iter(answer.estimates.values()))},
    )  # fmt: skip
    shown = hostile._repr_html_()
    for raw in ("<script", "<img", "<b>", "http:", "https:", "src="):
        assert raw not in shown.replace("&lt;img src=x&gt;", "")
    assert "&lt;script&gt;" in shown
    assert "a &amp; b" in shown
    assert "Certainty" in shown
    assert shown == card(hostile.as_dict())
