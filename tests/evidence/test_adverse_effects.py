"""Safety numbers: complete, possible, refused where they contradict themselves."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.evidence.adverse_effects import (
    FIELDS,
    UNITS,
    load_adverse_effects,
    odd_adverse_effects,
    parse_adverse_effects,
)
from remit.evidence.tables import parse_csv
from remit.vocabulary.errors import EvidenceRefused

GOOD = {
    "population": "TRD",
    "treatment": "esketamine",
    "route": "in",
    "dose_low": "56",
    "dose_high": "84",
    "dose_unit": "mg",
    "n": "115",
    "measure": "nausea",
    "metric": "share_of_people",
    "value": "27.0",
    "unit": "percent",
    "how": "read",
    "source_id": "us_pi_2019_7",
    "place": "table 7",
}


def _parse(**changes: str):
    names = [field.name for field in FIELDS]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerow({**dict.fromkeys(names, ""), **GOOD, **changes})
    return parse_adverse_effects(parse_csv(text.getvalue(), FIELDS, "safety/x.csv"), "x")


def test_every_collected_number_is_here() -> None:
    effects = load_adverse_effects()
    assert len(effects) == 252
    assert len({effect.study_id for effect in effects}) == 37


def test_every_row_has_a_unit_of_its_metric_and_a_place() -> None:
    for effect in load_adverse_effects():
        assert effect.unit in UNITS[effect.metric]
        assert effect.place
        assert effect.value is not None or effect.dispersion_kind == "range"


@pytest.mark.parametrize(
    ("study", "measure", "treatment", "value"),
    [
        ("fedgchin2019_transform1", "dissociation", "placebo", 3.5),
        ("yale2024", "systolic_bp", "ketamine", 16.0),
        ("rivaposse2018", "diastolic_bp", "ketamine", 3.17),
        ("ekstrand2022_ketect", "dissociation_over_24_h", "ketamine", 7.7),
        ("glue2018", "cadss", "ketamine", 8.8),
    ],
)
def test_known_numbers_survive_the_conversion(study: str, measure: str, treatment: str, value: float) -> None:
    found = [
        effect.value
        for effect in load_adverse_effects()
        if (effect.study_id, effect.measure, effect.treatment) == (study, measure, treatment)
    ]
    assert value in found


def test_times_are_hours_and_the_printed_minutes_are_kept() -> None:
    peak = [row for row in load_adverse_effects() if row.metric == "time_to_peak"]
    assert peak
    for row in peak:
        assert row.value == pytest.approx(40 / 60, rel=1e-4)
        assert row.printed == "40 min"


def test_the_only_odd_row_is_flagged_in_the_data() -> None:
    effects = load_adverse_effects()
    odd = {(found.effect.where, found.code) for found in odd_adverse_effects(effects)}
    assert odd == {(row.where, row.flag) for row in effects if row.flag == "percentage_does_not_fit_n"}
    assert len(odd) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": "127"}, ["line 2, column value", "127", "0 to 100"]),
        ({"unit": "mmHg"}, ["line 2, column unit", "'mmHg'", "percent"]),
        ({"measure": "nausae"}, ["column measure", "'nausae'", "nausea"]),
        ({"value": ""}, ["column value", "a range"]),
        (
            {"dispersion_kind": "ci95", "dispersion_low": "30", "dispersion_high": "40"},
            ["column value", "outside 30 to 40"],
        ),
        ({"dispersion_kind": "sd"}, ["column dispersion_kind"]),
        ({"dose_low": "90"}, ["column dose_low"]),
        ({"dose_unit": ""}, ["column dose_low"]),
        ({"how": "derived"}, ["column derivation"]),
        ({"source_id": "us_pi_2019_77"}, ["column source_id", "us_pi_2019_7"]),
        ({"population": "everyone"}, ["column population", "'everyone'"]),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(changes: dict[str, str], said: list[str]) -> None:
    with pytest.raises(EvidenceRefused) as refusal:
        _parse(**changes)
    for part in ["safety/x.csv", *said]:
        assert part in str(refusal.value)


@given(n=st.integers(1, 500), data=st.data())
def test_a_percentage_of_whole_people_is_never_odd(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    decimals = data.draw(st.integers(0, 2))
    rows = _parse(n=str(n), value=f"{100 * count / n:.{decimals}f}")
    assert odd_adverse_effects(rows) == ()


def test_an_impossible_percentage_and_a_duplicate_are_found() -> None:
    rows = _parse(n="10", value="27.5")
    assert [found.code for found in odd_adverse_effects(rows)] == ["percentage_does_not_fit_n"]
    rows = (*_parse(), *_parse())
    assert [found.code for found in odd_adverse_effects(rows)] == ["duplicate"]
