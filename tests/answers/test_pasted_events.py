"""Pasted scores give the numbers of `remit events`, and what cannot be read is refused in words."""

from pathlib import Path

import pytest

from remit.answers.pasted_events import MOST_ROWS, pasted_events
from remit.inference.events.analysis import Wanted
from remit.inference.events.of_table import events
from remit.reports.events_chart import MOST_NARROW, curve_picture
from remit.vocabulary.errors import InputRefused

SCORES = Path(__file__).parents[2] / "docs/examples/scores.csv"


def test_the_numbers_are_those_of_the_file():
    pasted = pasted_events(SCORES.read_text(), "response", "HAM-A", "arm", draws=0)
    own = events(SCORES, "response", scale="HAM-A", by="arm", wanted=Wanted(level=0.9, draws=0)).summary
    assert {key: value for key, value in pasted.items() if key != "table"} == {
        key: value for key, value in own.items() if key != "table"
    }


@pytest.mark.parametrize(
    ("text", "event", "said"),
    [
        ("", "response", "no row"),
        ("subject,day,score", "response", "no row"),
        ("subject,day,score\na,0", "response", "line 2 has 2 values"),
        ("subject,day,score\n" + "a,0,3\n" * (MOST_ROWS + 1), "response", "too many"),
        ("subject,day,score\na,0,3", "joy", "unknown event"),
    ],
)
def test_what_cannot_be_read_is_refused(text, event, said):
    with pytest.raises(InputRefused, match=said):
        pasted_events(text, event, "GAD-7")


def test_a_narrow_picture_names_groups_under_the_curves_and_keeps_numbers_apart():
    found = pasted_events(SCORES.read_text(), "relapse", "HAM-A", "arm", draws=0)
    parts = curve_picture(found, narrow=True)["vconcat"]
    said = [layer["mark"].get("text") for layer in parts[1]["layer"]]
    assert [group["name"] for group in found["groups"]] == [each for each in said if each]
    assert len({row["place"] for row in parts[2]["layer"][0]["data"]["values"]}) <= MOST_NARROW
