"""Tables are read strictly, and every fault names row, column and remedy."""

import numpy as np
import pytest

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.written_out import padded
from remit.vocabulary.errors import InputRefused


def rows(*lines, header="ID,TIME,AMT,DV,EVID"):
    return "\n".join([header, *lines])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rows("1,0,100,.,1", "1,x,.,3,0"), ["row 3, column TIME", "'x'", "a number"]),
        (rows("1,0,100,.,1", "1,1,.,y,0"), ["row 3, column DV", "'y'"]),
        (rows("1,0,100,.,7"), ["row 2, column EVID", "from 0 to 4"]),
        (rows("1,0,.,.,1", "1,1,.,3,0"), ["row 2, column AMT", "above 0 on a dose"]),
        (rows("1,0,100,2,0"), ["row 2, column AMT", "observation"]),
        (rows("1,2,100,.,1", "1,1,.,3,0"), ["row 3, column TIME", "Sort the rows"]),
        (rows(",0,100,.,1"), ["row 2, column ID"]),
        (rows("1,0,100"), ["row 2", "3 values for 5 columns"]),
        (rows("1,0,100,.,1"), ["no row is an observation"]),
        ("ID,TIM,DV\n1,0,1", ["no column TIME", "Did you mean TIM"]),
        ("", ["empty"]),
        (rows("1,0,100,.,1,-2", "1,1,.,2,0,.", header="ID,TIME,AMT,DV,EVID,RATE"), ["column RATE", "not supported"]),
        (rows("1,0,100,.,1,3,0", "1,1,.,2,0,.,.", header="ID,TIME,AMT,DV,EVID,ADDL,II"), ["column II", "ADDL"]),
        (rows("1,0,100,.,1,.", "1,1,.,.,0,1", header="ID,TIME,AMT,DV,EVID,CENS"), ["column DV", "limit"]),
        (rows("1,0,100,.,1,.", "1,1,.,0.1,0,1", header="ID,TIME,AMT,DV,EVID,LLOQ"), ["column DV", "CENS 1"]),
    ],
)
def test_a_malformed_table_is_refused_with_its_place(text, said):
    with pytest.raises(InputRefused) as refusal:
        parse_events(text)
    for words in said:
        assert words in str(refusal.value)


def test_additional_doses_and_resets_count_from_and_to_their_rows():
    table = parse_events(
        rows(
            "1,0,100,.,1,2,12", "1,0,.,0,0,.,.", "1,12,.,5,0,.,.", "1,30,.,4,0,.,.", "1,36,.,.,3,.,.", "1,40,.,0,0,.,.",
            "1,41,50,.,4,.,.", "1,42,.,2,0,.,.", header="ID,TIME,AMT,DV,EVID,ADDL,II",
        )
    )  # fmt: skip
    records = padded(table, ("1",))
    assert records.doses.time[0].tolist() == [0, 12, 24, 41]
    assert records.doses.active[0].astype(int).tolist() == [
        [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 1],
    ]  # fmt: skip
    assert records.doses.duration is None
    assert records.doses.compartment is None


def test_an_observation_before_the_dose_row_of_the_same_time_does_not_see_it():
    table = parse_events(rows("1,0,.,0,0", "1,0,100,.,1", "1,0,.,9,0"))
    assert padded(table, ("1",)).doses.active[0, :, 0].tolist() == [False, True]


def test_time_may_begin_anew_at_a_reset():
    table = parse_events(rows("1,0,100,.,1", "1,10,.,5,0", "1,0,80,.,4", "1,3,.,6,0"))
    records = padded(table, ("1",))
    assert records.time[0].tolist() == [10, 13]
    assert records.doses.time[0].tolist() == [0, 10]
    assert records.doses.active[0].tolist() == [[True, False], [False, True]]


def test_covariates_carry_forward_and_people_may_differ_in_size():
    table = parse_events("ID,TIME,AMT,DV,WT\n1,0,10,.,70\n1,1,.,2,.\n2,0,10,.,50\n2,1,.,3,51\n2,2,.,1,.\n# left out")
    records = padded(table, ("1",))
    assert table.people == ("1", "2")
    assert records.covariates["WT"].tolist() == [[70, 70], [51, 51]]
    assert records.counted.tolist() == [[True, False], [True, True]]
    assert np.isclose(records.dose_covariates["WT"], [[70], [50]]).all()
