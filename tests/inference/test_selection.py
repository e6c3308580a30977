"""Which published rows enter the calibration."""

import dataclasses

import pytest

from remit.evidence.instruments import load_scales
from remit.evidence.trials import load_trials
from remit.inference.refit import data
from remit.inference.selection import METRICS, select


@pytest.fixture(scope="module")
def selection():
    return data()[0]


def test_every_row_about_anxiety_is_used_or_left_out_for_a_reason(selection):
    used = {(row.study_id, row.line) for rows in selection.used.values() for row in rows}
    out = {(left.row.study_id, left.row.line) for left in selection.left_out}
    assert used
    assert not used & out
    assert all(left.reason for left in selection.left_out)


def test_the_retracted_trial_is_never_used(selection):
    assert "mills2025_kads" not in selection.used
    trials = load_trials()
    withdrawn = {name: dataclasses.replace(trial, status="retracted") for name, trial in trials.items()}
    assert not select(withdrawn, load_scales(), frozenset()).used


def test_children_and_enriched_responders_are_left_out(selection):
    for study in selection.used:
        trial = load_trials()[study]
        assert not trial.has_flag("children")
        assert not trial.has_flag("enriched_responders")


def test_one_fact_enters_once(selection):
    for rows in selection.used.values():
        facts = [
            (row.arm_id, row.population, row.scale, row.time_h, row.window_from_h)
            for row in rows
            if row.metric in METRICS and row.reference is None
        ]
        assert len(facts) == len(set(facts))


def test_a_study_can_be_left_out_for_checks(selection):
    some = next(iter(selection.used))
    assert some not in select(load_trials(), load_scales(), frozenset({some})).used


def test_every_design_is_used_that_the_page_promises(selection):
    trials = [load_trials()[study] for study in selection.used]
    treatments = {arm.treatment for trial in trials for arm in trial.arms}
    assert {"ketamine", "midazolam", "placebo"} <= treatments
    assert len([trial for trial in trials if any(arm.treatment == "ketamine" for arm in trial.arms)]) >= 10
