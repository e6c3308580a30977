"""Files of visits: what is read, and what is refused with its row and column."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.evidence.instruments import load_scales
from remit.vocabulary.dates import read_dates
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.visit_file import read_history


def read(tmp_path, text, name="visits.csv", scale=None):
    path = tmp_path / name
    path.write_text(text)
    return read_history(path, load_scales(), scale)


def test_two_columns_are_enough(tmp_path):
    found = read(tmp_path, "day,score\n0,15\n7,9\n")
    assert [(score.time_h, score.total, score.scale.name) for score in found.scores] == [
        (0.0, 15.0, "GAD-7"), (168.0, 9.0, "GAD-7"),
    ]  # fmt: skip


def test_time_runs_from_the_first_dose(tmp_path):
    found = read(tmp_path, "date,score,dose\n2026-03-01,16,\n2026-03-04 09:00,15,yes\n2026-03-11 09:00,9,0.5mg/kg\n")
    assert [score.time_h for score in found.scores] == [-81.0, 0.0, 168.0]
    assert [dose.time_h for dose in found.doses] == [0.0, 168.0]
    assert found.doses[0].amount is None
    assert found.doses[1].amount.value == 0.5


def test_items_are_summed_and_blank_rows_are_missed_visits(tmp_path):
    items = ",".join(f"gad7_{item}" for item in range(1, 8))
    found = read(tmp_path, f"day,{items}\n0,3,2,2,2,1,1,3\n2,,,,,,,\n")
    assert [score.total for score in found.scores] == [14.0]
    assert found.missed == 1


def test_json_says_the_same_and_more(tmp_path):
    record = {
        "visits": [{"day": 0, "score": 15, "dose": "yes"}, {"day": 2, "score": 11}],
        "plan": [{"day": 4}, {"day": 6, "dose": "40mg"}],
        "person": {"age": 44, "weight_kg": 80, "diagnosis": "gad", "co_medication": ["sertraline"]},
    }
    found = read(tmp_path, json.dumps(record), "visits.json")
    assert [dose.time_h for dose in found.planned] == [96.0, 144.0]
    assert (found.weight_kg, found.age_y, found.diagnosis.value) == (80.0, 44.0, "GAD")
    assert found.co_medication == ("sertraline",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,score\n0,22\n", "row 2, column score: 22 is not a GAD-7 total. Allowed: 0 to 21"),
        ("day,score\n0,15\n2,9.5\n", "row 3, column score: 9.5 is not a GAD-7 total"),
        ("day,score\n0,high\n", "row 2, column score: 'high' is not a number"),
        ("day,score,scale\n0,15,GAD7\n", "row 2, column scale: unknown scale 'GAD7'"),
        ("day,scroe\n0,15\n", "row 1: unknown column 'scroe'"),
        ("score\n15\n", "no column of time"),
        ("day,week,score\n0,0,15\n", "times in day and week"),
        ("day,score\n0,15\n,9\n", "row 3, column day: no time"),
        ("day,score\n0,15\n0,14\n", "row 3, column score: GAD-7 14 at the time at which"),
        ("day,score,dose\n0,15,0.5\n", "row 2, column dose: a dose of 0.5 without a unit"),
        ("day,score,dose,dose_unit\n0,15,-1,mg\n", "row 2, column dose"),
        ("day,score,dose\n0,15,yes\n0,15,yes\n", "two doses at 0 h"),
        ("day,score,dose,visit\n0,,yes,\n3,15,,baseline\n", "row 3, column visit: a baseline after the first dose"),
        ("day,score\n0,15,3\n", "row 2: 3 cells under 2 columns"),
        ("day,score\n0,15\n9000,9\n", "row 3, column day"),
        ("date,score\n2026-02-30,9\n", "there is no date"),
        ("date,score\n03/04/2026,15\n05/04/2026,9\n", "day or the month first"),
        ("day,gad7_1\n0,3\n", "1 of 7 items"),
        ("", "the file is empty"),
    ],
)
def test_what_contradicts_itself_is_refused_by_row_and_column(tmp_path, text, said):
    with pytest.raises(InputRefused) as refusal:
        read(tmp_path, text)
    assert said in str(refusal.value)
    assert refusal.value.exit_code == 2


def test_items_that_do_not_add_up_are_refused(tmp_path):
    items = ",".join(f"gad7_{item}" for item in range(1, 8))
    with pytest.raises(InputRefused, match="add up to 14"):
        read(tmp_path, f"day,score,{items}\n0,13,3,2,2,2,1,1,3\n")


def test_a_date_with_day_and_month_exchanged_is_pointed_out(tmp_path):
    found = read(tmp_path, "date,score\n2026-03-01,15\n2026-05-03,12\n2026-03-09,9\n")
    assert any("day and month exchanged" in warning for warning in found.warnings)


def test_the_order_of_slashed_dates_is_read_off_the_file():
    dates, odd = read_dates(["03/02/2026", "25/02/2026"], ["a", "b"])
    assert [date.month for date in dates] == [2, 2]
    assert odd == []


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "visits.csv"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    with contextlib.suppress(InputRefused):
        read_history(path, load_scales())
