"""Tables are read strictly, and every fault names row, column and remedy."""

import numpy as np
import pytest

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.model_file import Wishes, load_model
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
        ("ID,TIM,DV\n1,0,1", ["no column TIME", "the table has ID, TIM, DV", "--column TIME=TIM"]),
        ("", ["empty"]),
        ("# a remark\nID,TIME,AMT,DV\n", ["row 2", "the header (ID, TIME, AMT, DV) is row 2", "no row follows"]),
        (
            "subject,hours,dose,conc\n1,0,9,.\n",
            ["no column ID", "--column ID=SUBJECT --column TIME=HOURS --column DV=CONC --column AMT=DOSE"],
        ),
        (rows("1,0,100,.,1", "1,1,.,<0.1,0"), ["row 3, column DV", "the limit in DV and 1 in a column CENS"]),
        ("ID;TIME;DV\n1;0;5,2", ["row 2, column DV", "Write 5.2: decimals have a point"]),
        (rows("1,08:30,100,.,1"), ["row 2, column TIME", "time since the first dose as a number"]),
        (rows("1,0,-3,.,1"), ["row 2, column AMT", "a number of 0 or more"]),
        (rows("1,0,3,5", "1,1,3,2", header="ID,TIME,AMT,DV"), ["no row is an observation", "doses rows of their own"]),
        (
            rows("1,0,100,.,1,-3", "1,1,.,2,0,.", header="ID,TIME,AMT,DV,EVID,RATE"),
            ["column RATE", "duration D1"],
        ),
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


WORDS = "ID,TIME,DV,AMT,Sex,Race\n1,0,.,50,male,White\n1,1,3,.,,.\n2,0,.,50,female,Black\n2,1,4,.,female,Asian\n"


def test_a_column_of_words_is_one_of_zeros_and_ones_for_each_level_but_the_first():
    table = parse_events(WORDS)
    assert table.levels == {"SEX": ("FEMALE", "MALE"), "RACE": ("ASIAN", "BLACK", "WHITE")}
    assert table.covariates == ("SEX=MALE", "RACE=BLACK", "RACE=WHITE")
    first, second = table.events[0]
    # blanks are carried forward
    assert first.covariates == second.covariates == {"SEX=MALE": 1.0, "RACE=BLACK": 0.0, "RACE=WHITE": 1.0}
    assert table.events[1][0].covariates == {"SEX=MALE": 0.0, "RACE=BLACK": 1.0, "RACE=WHITE": 0.0}
    wishes = Wishes(covariates=["CL~SEX", "V~RACE"])
    model = load_model("1cpt-iv", wishes, table)
    assert [(name, effect.covariate) for name, effect in model.effects] == [
        ("CL", "SEX=MALE"), ("V", "RACE=BLACK"), ("V", "RACE=WHITE"),
    ]  # fmt: skip
    with pytest.raises(InputRefused, match=r"SEX is words \(FEMALE, MALE\)"):
        load_model("1cpt-iv", Wishes(covariates=["CL~SEX/70"]), table)


def test_one_word_among_numbers_is_a_fault():
    with pytest.raises(InputRefused, match="row 3, column WT"):
        parse_events("ID,TIME,DV,AMT,WT\n1,0,.,50,70\n1,1,3,.,7o\n2,0,.,50,81\n2,1,4,.,81\n")


def test_columns_of_other_names_are_said():
    text = "Subject,time,conc,dose,DV\n1,0,,50,9\n1,1,3,,9\n"
    table = parse_events(text, columns={"ID": "Subject", "DV": "conc", "AMT": "dose"})
    assert [event.dv for event in table.events[0]] == [None, 3.0]
    with pytest.raises(InputRefused, match="Did you mean 'CONC'"):
        parse_events(text, columns={"DV": "conx"})
    with pytest.raises(InputRefused, match="no column with a meaning"):
        parse_events(text, columns={"WEIGHT": "conc"})
    with pytest.raises(InputRefused, match="--column ID=NAME"):
        parse_events("who,TIME,DV\n1,0,2\n")


@pytest.mark.parametrize("mark", [",", ";", "\t", "  "])
def test_cells_stand_apart_by_what_the_header_has(mark):
    lines = [["ID", "TIME", "DV", "AMT"], ["1", "0", ".", "50"], ["1", "1", "3", "."]]
    table = parse_events("\n".join(mark.join(line) for line in lines))
    assert table.events[0][0].amt == 50.0
    assert table.observations == 1
