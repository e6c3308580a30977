"""What is odd in a table and yet read, and what a model of a drug cannot take."""

import pytest

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import prepare
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.table_notes import notes
from remit.vocabulary.errors import InputRefused

HEADER = "ID,TIME,AMT,DV\n"


def told(rows, header=HEADER):
    return notes(parse_events(header + rows))


def test_a_usual_table_needs_no_word():
    assert told("1,0,9,.\n1,1,.,5\n1,2,.,4\n2,0,9,.\n2,1,.,5\n2,2,.,4\n") == []
    # an EVID column says what the DV of a dose is
    assert told("1,0,9,5,1\n1,1,.,5,0\n1,2,.,4,0\n", "ID,TIME,AMT,DV,EVID\n") == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1,0,9,7\n1,1,.,5\n1,2,.,4\n", "1 row with an AMT also has a DV, which is not read: .* The first is row 2"),
        ("1,0,9,.\n1,1,.,5\n1,1,.,4\n1,1,.,3\n", "2 rows have the time of an observation before.* row 4"),
        ("1,0,9,.\n1,1,.,5\n1,2,.,4\n2,1,.,5\n2,2,.,5\n", "1 person has no dose, the first 2"),
        ("1,0,9,.\n1,1,.,5\n2,0,9,.\n2,2,.,5\n", "Most people have one observation"),
    ],
)
def test_what_is_odd_is_said(rows, said):
    import re

    (one,) = told(rows)
    assert re.match(said, one)


def test_the_lower_end_of_an_interval_is_not_read_and_that_is_said():
    header = "ID,TIME,AMT,DV,CENS,LIMIT\n"
    (one,) = told("1,0,9,.,.,.\n1,1,.,5,0,.\n1,2,.,4,1,0\n", header)
    assert one.startswith("Column LIMIT is not read: a value below a limit (CENS 1) may lie anywhere below it")
    assert one.endswith("row 4.")
    assert told("1,0,9,.,.,.\n1,1,.,5,0,.\n1,2,.,4,0,0\n", header) == []


def test_a_model_of_a_drug_needs_doses():
    table = parse_events("ID,TIME,DV,DOSE\n1,1,5,100\n1,2,4,100\n", "own.csv")
    with pytest.raises(InputRefused, match=r"own\.csv: no row is a dose.*--column AMT=DOSE"):
        load_model("1cpt-oral+emax", Wishes(), table)


@pytest.mark.parametrize(("name", "allowed"), [("1cpt-oral", "1 .depot., 2"), ("2cpt-iv", "1 .central.")])
def test_a_dose_into_a_compartment_that_is_not_there_is_refused(name, allowed):
    table = parse_events("ID,TIME,AMT,DV,CMT\n1,0,9,.,7\n1,1,.,5,.\n1,2,.,4,.\n", "own.csv")
    with pytest.raises(InputRefused, match=rf"own\.csv, row 2, column CMT: CMT is '7'\. Allowed: {allowed}"):
        prepare(table, load_model(name, Wishes(), table))
