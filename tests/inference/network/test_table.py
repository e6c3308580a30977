"""What is wrong with a table is named with file, row and column."""

import math

import polars as pl
import pytest

from remit.inference.network.graph import parts, split_pairs
from remit.inference.network.network import make_network
from remit.inference.network.published_rows import published_table
from remit.inference.network.table import log_odds, only, read_table, rows_from
from remit.vocabulary.errors import InputRefused

HEADER = "study,treatment,time_w,y,se"
GOOD = ["a,placebo,1,1.0,0.5", "a,drug,1,2.0,0.5"]


def written(folder, *lines, header=HEADER):
    path = folder / "t.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,drug,1,x,0.5", "row 4, column y: 'x' is no number"),
        ("a,drug,1,2,0", "row 4, column se: 0 cannot be. Allowed: a number above 0"),
        ("a,drug,1,2,", "row 4, column se: is missing"),
        ("a,drug,1,NA,1", "row 4, column y: is missing"),
        ("a,drug,-1,2,1", "row 4, column time_w: -1 cannot be"),
        ("a,,1,2,1", "row 4, column treatment: is empty"),
        (",drug,1,2,1", "row 4, column study: is empty"),
        ("a,drug,1,inf,1", "row 4, column y: inf cannot be"),
        ("a,drug,1,2,1", "row 4: study a, arm drug, time 1 stands in row 3 already"),
    ],
)
def test_a_bad_cell_is_named(tmp_path, line, said):
    with pytest.raises(InputRefused) as refusal:
        read_table(written(tmp_path, *GOOD, line))
    assert said in str(refusal.value)
    assert "t.csv" in str(refusal.value)
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("study,treatment,time_w,y", "no column says what was found"),
        ("study,treatment,y,se", "no column of times"),
        ("study,treatment,time,y,se", "the unit of the column time is not said"),
        ("study,treatment,time_w,time_d,y,se", "2 columns of times"),
        ("study,drug,time_w,y,se", "there is no column 'treatment'"),
        ("study,treatment,time_w,y,se,mean,sd,n", "more than once"),
    ],
)
def test_a_missing_column_is_named(tmp_path, header, said):
    cells = ",".join("1" for _ in header.split(","))
    with pytest.raises(InputRefused, match=said):
        read_table(written(tmp_path, cells, header=header))


def test_what_is_no_table_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="there is no file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "t.txt").write_text("a")
    with pytest.raises(InputRefused, match="is no table"):
        read_table(tmp_path / "t.txt")
    (tmp_path / "u.csv").write_bytes(b"study,treatment\n\xff\xfe,2\n")
    with pytest.raises(InputRefused, match=r"u\.csv, row 2: not UTF-8 text"):
        read_table(tmp_path / "u.csv")
    with pytest.raises(InputRefused, match=r"row 1: the header .* is row 1 and no row follows it"):
        read_table(written(tmp_path))


def test_means_counts_and_parquet_are_read(tmp_path):
    path = written(tmp_path, "a,placebo,1,10,3,9", header="study,treatment,time_w,mean,sd,n")
    assert read_table(path).rows[0].se == pytest.approx(1.0)
    path = written(tmp_path, "a,placebo,1,3,9", header="study,treatment,time_w,events,n")
    row = read_table(path).rows[0]
    assert (row.y, row.se) == pytest.approx((math.log(3.5 / 6.5), math.sqrt(1 / 3.5 + 1 / 6.5)))
    assert log_odds(0, 10)[0] == pytest.approx(math.log(0.5 / 10.5))
    frame = pl.DataFrame(
        {"study": ["a", "a"], "treatment": ["x", "y"], "time_d": [7, 7], "y": [1.0, 2.0], "se": [1.0, 1.0]}
    )
    frame.write_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert (table.unit, table.hours, table.rows[1].y) == ("d", 24.0, 2.0)


def test_more_events_than_people_are_refused(tmp_path):
    with pytest.raises(InputRefused, match="row 2, column events: 10 is more than the 9 people"):
        read_table(written(tmp_path, "a,placebo,1,10,9", header="study,treatment,time_w,events,n"))


def test_a_network_in_parts_is_refused_with_its_parts(tmp_path):
    lines = ["a,placebo,1,1,1", "a,drug,1,1,1", "b,talk,1,1,1", "b,list,1,1,1"]
    table = read_table(written(tmp_path, *lines))
    with pytest.raises(InputRefused, match=r"part 1: drug, placebo; part 2: list, talk"):
        make_network(table)
    kept = make_network(table, "placebo", connected=True)
    assert kept.treatments == ("placebo", "drug")
    assert any("list, talk" in note for note in kept.notes)


def test_studies_that_compare_nothing_are_left_out_and_named(tmp_path):
    network = make_network(read_table(written(tmp_path, *GOOD, "alone,drug,1,1,1")))
    assert [study.name for study in network.studies] == ["a"]
    assert any("alone" in note for note in network.notes)
    with pytest.raises(InputRefused, match="no study compares"):
        make_network(read_table(written(tmp_path, "alone,drug,1,1,1")))


def test_the_reference_is_chosen_or_refused(tmp_path):
    table = read_table(written(tmp_path, *GOOD))
    assert make_network(table).treatments[0] == "placebo"
    assert make_network(table, "drug").treatments[0] == "drug"
    with pytest.raises(InputRefused, match=r"no treatment 'drag'.*drug"):
        make_network(table, "drag")
    with pytest.raises(InputRefused, match="no treatment 'z'"):
        only(table, ["z"])


def test_contrasts_share_an_arm(tmp_path):
    header = "study,treatment,versus,time_w,effect,se"
    table = read_table(written(tmp_path, "a,x,p,8,1,0.5", "a,y,p,8,2,0.5", "b,x,p,4,1,1", "b,x,p,8,1,1", header=header))
    network = make_network(table, "p")
    first, second = network.studies
    assert [arm.name for arm in first.arms] == ["p", "x", "y"]
    # the shared arm has half of the variance: contrasts then correlate by one half
    assert [arm.rows[0].se for arm in first.arms] == pytest.approx([0.125**0.5] * 3)
    assert [len(arm.rows) for arm in second.arms] == [0, 2]
    bad = written(tmp_path, "a,x,p,4,1,1", "a,y,p,8,1,1", header=header)
    with pytest.raises(InputRefused, match="of unknown correlation"):
        make_network(read_table(bad), "p")
    mixed = written(tmp_path, "a,x,p,4,1,1", "a,y,x,4,1,1", header=header)
    with pytest.raises(InputRefused, match="contrasts of study a are with p and x"):
        make_network(read_table(mixed), "p")
    with pytest.raises(InputRefused, match="is the treatment itself"):
        read_table(written(tmp_path, "a,p,p,4,1,1", header=header))


def test_doses_and_how_a_treatment_is_given_are_read(tmp_path):
    header = HEADER + ",doses,given"
    table = read_table(written(tmp_path, "a,placebo,1,1,1,,daily", "a,drug,1,1,1,2;0;1,", header=header))
    network = make_network(table)
    assert network.schedule("drug") == ((0.0, 1.0, 2.0), False)
    assert network.schedule("placebo") == (None, True)
    with pytest.raises(InputRefused, match="column doses: 'x' is no list of times"):
        read_table(written(tmp_path, "a,drug,1,1,1,x,", header=header))
    with pytest.raises(InputRefused, match="column given: 'weekly' is unknown"):
        read_table(written(tmp_path, "a,drug,1,1,1,,weekly", header=header))


def test_parts_and_pairs_of_a_graph():
    assert parts([("a", "b"), ("c", "d"), ("b", "e")]) == [{"a", "b", "e"}, {"c", "d"}]
    triangle = [("a", "b"), ("b", "c"), ("a", "c")]
    assert split_pairs(triangle, ["a", "b", "c"]) == [("a", "b"), ("a", "c"), ("b", "c")]
    # one study of three arms gives direct evidence only
    assert split_pairs([("a", "b", "c")], ["a", "b", "c"]) == []


def test_the_published_evidence_is_a_table():
    table = published_table(scale="HAM-A", populations=["GAD"])
    assert table.kind == "estimates"
    assert len({row.study for row in table.rows}) > 3
    assert all(row.se > 0 for row in table.rows)
    assert any("without a spread" in note for note in table.notes)
    with pytest.raises(InputRefused, match="no scale was chosen"):
        published_table()
    with pytest.raises(InputRefused, match="no HAM-A of 'nobody'"):
        published_table(scale="HAM-A", populations=["nobody"])


def test_a_table_of_records_needs_no_file():
    table = rows_from(
        [{"study": "a", "treatment": "x", "y": "1", "se": "1"}],
        ["study", "treatment", "y", "se"],
        "here",
        timeless=True,
    )
    assert table.rows[0].time == 0.0
