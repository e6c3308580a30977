"""The map counts every study of ketamine once in each place it belongs, and none that it must not."""

import pytest

from remit.answers.evidence_map import DEPRESSION, MASKED, evidence_map
from remit.evidence.appraisal import people_in
from remit.evidence.trials import load_trials
from remit.reports.evidence_map_chart import described, evidence_map_chart, map_table


@pytest.fixture(scope="module")
def found():
    return evidence_map()


def test_people_and_maskings_add_up_to_the_studies_of_a_cell(found):
    trials = load_trials()
    for cell in found.cells:
        own = [trials[study] for study in cell.studies]
        assert cell.people == sum(people_in(trial) for trial in own) == sum(cell.by_masking.values())
        better = [trial for trial in own if MASKED.get(trial.masking) == "better"]
        assert cell.by_masking["better"] == sum(people_in(trial) for trial in better)
        assert set(cell.in_use) <= set(cell.studies)


def test_retracted_studies_and_pools_are_not_on_it(found):
    trials = load_trials()
    shown = {study for cell in found.cells for study in cell.studies}
    assert not any(trials[study].is_retracted or trials[study].kind in {"meta_analysis", "pooled"} for study in shown)
    assert len(shown) == found.studies
    assert "mills2025_kads" not in shown


def test_a_study_of_depression_that_rated_anxiety_stands_with_anxiety_alone(found):
    places = {cell.people_are for cell in found.cells if "lii2023" in cell.studies}
    assert places == {"depression with anxiety"}
    assert any(cell.people_are == DEPRESSION for cell in found.cells)


@pytest.mark.parametrize("narrow", [False, True])
def test_every_cell_is_drawn_told_and_tabled(found, narrow):
    texts = str(evidence_map_chart(found, narrow=narrow)["layer"])
    assert texts.count("'none'") == (0 if narrow else len(found.rows) * len(found.columns) - len(found.cells))
    assert len(map_table(found)[1]) == len(found.cells)
    assert all(f"{cell.people_are}, {cell.given}: " in described(found) for cell in found.cells)


def test_an_unknown_number_of_people_is_not_said_to_be_none(found):
    assert any(not cell.people for cell in found.cells)
    assert " 0 people" not in described(found)
    assert "not stated" in {row[4] for row in map_table(found)[1]}
