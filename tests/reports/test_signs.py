"""Minus signs and ties: where they are put, and where a hyphen stays one."""

import pytest

from remit.reports.signs import in_print, minus, page_in_print


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("-1.4 (-3.6 to +0.9)", "−1.4 (−3.6 to +0.9)"),
        ("| -.5 |", "| −.5 |"),
        ("GAD-7, 2026-12-01, 7-14 days, 10.1016/S0140-6736, (2)-3, a -b", None),
        ("--level 0.9 and -- 5", None),
    ],
)
def test_a_hyphen_before_a_number_is_a_minus_where_it_joins_nothing(typed, printed):
    assert minus(typed) == (typed if printed is None else printed)
    assert minus(minus(typed)) == minus(typed)


def test_per_cent_stays_with_its_number():
    assert in_print("90 % interval, -5 %, a % b") == "90\u00a0% interval, −5\u00a0%, a % b"


def test_of_a_page_only_its_text_is_changed():
    page = (
        '<p title="-1 at 5 %">-1 at 5 %</p><pre>x -1 5 %</pre><code>-2</code><textarea rows="2">-3 4 %</textarea>'
        "<script>a = -4</script>-6 &lt; -5"
    )
    assert page_in_print(page) == (
        '<p title="-1 at 5 %">−1 at 5\u00a0%</p><pre>x -1 5 %</pre><code>-2</code><textarea rows="2">-3 4 %</textarea>'
        "<script>a = -4</script>−6 &lt; −5"
    )
    assert page_in_print(page_in_print(page)) == page_in_print(page)
