"""Which published rows enter the calibration."""

import dataclasses

import pytest

from remit.evidence.instruments import load_scales
from remit.evidence.trials import load_trials
from remit.inference.refit import data
from remit.inference.selection import MEDIAN, METRICS, POOLS, is_session_drug, select, symptoms, window


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


def test_depression_lends_timing_by_rules_of_its_own(selection):
    trials = load_trials()
    assert not selection.used.keys() & {"han2016", "cl_suicide2022", "murrough2013rep"}
    assert {"han2016", "cl_suicide2022", "murrough2013rep", "lii2023"} <= selection.timing.keys()
    for study, rows in selection.timing.items():
        assert {symptoms(row.scale) for row in rows} == {"depression"}
        assert any(is_session_drug(arm) for arm in trials[study].arms)
    out = {(left.row.study_id, left.row.line) for left in selection.timing_left_out}
    assert not out & {(row.study_id, row.line) for rows in selection.timing.values() for row in rows}
    assert all(left.reason for left in selection.timing_left_out)


def test_pools_and_the_trials_inside_them_are_never_both_used(selection):
    trials = load_trials()
    for used in (selection.used, selection.timing):
        for study, rows in used.items():
            if trials[study].kind not in POOLS:
                continue
            subjects = {
                (trials[study].arm(row.arm_id).treatment, window(row.time_h), symptoms(row.scale))
                for row in rows
                if row.time_h
            }
            for other, theirs in used.items():
                clash = trials[other].kind in POOLS or (
                    trials[other].design.startswith("rct")
                    and (
                        other in trials[study].contains
                        or (not trials[study].contains and trials[other].year < trials[study].year)
                    )
                )
                if other == study or not clash:
                    continue
                spoken = {
                    (trials[other].arm(row.arm_id).treatment, window(row.time_h), symptoms(row.scale))
                    for row in theirs
                    if row.time_h and trials[other].arm(row.arm_id).role == "active"
                }
                assert not subjects & spoken, (study, other)


def test_a_small_trial_gives_way_to_a_large_pool_only_for_timing(selection):
    reasons = {
        left.row.study_id: left.reason for left in selection.timing_left_out if "much larger pool" in left.reason
    }
    assert {"zarate2012", "diazgranados2010"} <= reasons.keys()
    assert not [left for left in selection.left_out if "much larger pool" in left.reason]


def test_medians_enter_with_their_people_and_their_start(selection):
    rows = [
        row
        for used in (selection.used, selection.timing)
        for rows in used.values()
        for row in rows
        if row.metric == MEDIAN
    ]
    assert {row.study_id for row in rows} == {"feder2021", "murrough2013rep"}
    assert all(row.n and row.event_fraction and row.time_h > row.value for row in rows)
