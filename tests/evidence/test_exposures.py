"""Observed exposures: complete, consistent, refused where they contradict themselves."""

import csv
import io

import pytest

from remit.evidence.exposures import FIELDS, UNITS, load_exposures, odd_exposures, parse_exposures
from remit.evidence.tables import parse_csv
from remit.vocabulary.errors import EvidenceRefused

GOOD = {
    "drug": "ketamine",
    "analyte": "ketamine",
    "route": "iv",
    "dose_value": "0.5",
    "dose_unit": "mg/kg",
    "infusion_min": "40",
    "population": "adults",
    "n": "10",
    "sampling_site": "venous",
    "sampling_how": "read",
    "statistic": "mean",
    "kind": "observed",
    "metric": "cmax",
    "value": "185",
    "unit": "ng/mL",
    "how": "read",
    "source_id": "zanos2018_exposure_table1",
    "place": "table 1",
}


def _rows(**changes: str):
    names = [field.name for field in FIELDS]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerow({**dict.fromkeys(names, ""), **GOOD, **changes})
    return parse_csv(text.getvalue(), FIELDS, "exposures/x.csv")


def _parse(**changes: str):
    return parse_exposures(_rows(**changes), "x")


def test_every_collected_number_is_here() -> None:
    exposures = load_exposures()
    later = [row for row in exposures if row.study_id == "rolan2013"]
    assert len(exposures) - len(later) == 273
    assert len(later) == 2


def test_every_row_has_a_unit_of_its_metric_and_a_value_or_range() -> None:
    for row in load_exposures():
        assert row.unit in UNITS[row.metric]
        assert row.value is not None or row.dispersion_kind == "range"


@pytest.mark.parametrize(
    ("study", "metric", "analyte", "dose", "value"),
    [
        ("zanos2018_review", "cmax", "ketamine", 0.5, 185.0),
        ("simons2022", "auc", "esketamine", 50.0, 139.4),
        ("perez_ruixo2021_table4", "cmax", "esketamine", 84.0, 101.0),
        ("ketalar_fachinfo_ch", "availability", "ketamine", None, 0.93),
    ],
)
def test_known_numbers_survive_the_conversion(study, metric, analyte, dose, value) -> None:
    found = [
        row.value
        for row in load_exposures()
        if (row.study_id, row.metric, row.analyte, row.dose_value) == (study, metric, analyte, dose)
    ]
    assert value in found


def test_minutes_and_percentages_were_converted_and_the_original_kept() -> None:
    converted = [row for row in load_exposures() if row.printed]
    assert len(converted) > 40
    for row in converted:
        if row.metric == "tmax" and row.printed is not None and row.value is not None:
            assert row.value == pytest.approx(float(row.printed.split()[0]) / 60, rel=1e-4)


def test_a_stepped_infusion_says_its_steps() -> None:
    steps = {row.step_doses for row in load_exposures() if row.study_id == "kamp2020_bja"}
    assert steps == {(0.28, 0.57, 1.14), (0.14, 0.28, 0.57)}


def test_the_only_odd_rows_are_flagged_in_the_data() -> None:
    exposures = load_exposures()
    odd = {(o.exposure.where, o.code) for o in odd_exposures(exposures)}
    flagged = {(row.where, row.flag) for row in exposures if row.flag == "sd_above_mean"}
    assert odd == flagged


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unit": "h"}, ["line 2, column unit", "'h'", "ng/mL"]),
        ({"unit": ""}, ["line 2, column unit"]),
        ({"metric": "concentration"}, ["column time_h", "a time for a concentration"]),
        ({"time_h": "1"}, ["column time_h"]),
        ({"value": "-3"}, ["column value", "'-3'"]),
        ({"value": ""}, ["column value", "a range"]),
        ({"metric": "availability", "unit": "fraction", "value": "54"}, ["column value", "54", "0 to 1"]),
        ({"dose_unit": ""}, ["column dose_unit"]),
        ({"dispersion_kind": "sd"}, ["column dispersion_kind"]),
        (
            {"dispersion_kind": "range", "dispersion_low": "1", "dispersion_high": "2"},
            ["column value", "outside 1 to 2"],
        ),
        ({"statistic": "range_only"}, ["column statistic"]),
        ({"how": "derived"}, ["column derivation", "arithmetic"]),
        ({"source_id": "zanos2018_exposure_table2"}, ["column source_id", "zanos2018_exposure_table1"]),
        ({"step_doses": "0.1; 0.2"}, ["column step_doses", "0.3", "0.5 mg/kg"]),
        ({"step_doses": "a"}, ["column step_doses"]),
        ({"step_doses": "0.5", "infusion_min": ""}, ["column step_doses"]),
        ({"route": "iw"}, ["column route", "'iw'"]),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(changes: dict[str, str], said: list[str]) -> None:
    with pytest.raises(EvidenceRefused) as refusal:
        _parse(**changes)
    for part in ["exposures/x.csv", *said]:
        assert part in str(refusal.value)


def test_the_good_row_is_read() -> None:
    (row,) = _parse()
    assert (row.study_id, row.value, row.line) == ("x", 185.0, 2)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ({}, "duplicate"),
        ({"metric": "concentration", "time_h": "1", "value": "300"}, "below_concentration"),
        ({"metric": "auc", "unit": "ng*h/mL", "value": "100000"}, "auc_against_cmax"),
        ({"dispersion_kind": "sd", "dispersion_low": "200"}, "sd_above_mean"),
    ],
)
def test_odd_neighbours_are_found(second: dict[str, str], code: str) -> None:
    rows = (*_parse(), *_parse(**second))
    assert code in {found.code for found in odd_exposures(rows)}


def test_a_slip_of_a_unit_is_found() -> None:
    rows = (*_parse(population="a"), *_parse(population="b", value="150"), *_parse(population="c", value="0.185"))
    assert [found.exposure.population for found in odd_exposures(rows) if found.code == "unit_slip"] == ["c"]
