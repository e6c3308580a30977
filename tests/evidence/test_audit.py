"""The audit: each check finds what it is for, and nothing in the published evidence is left without a verdict."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.evidence import audit as checks
from remit.evidence.audit import CHECKS, audit, can_be_mean, can_be_share
from remit.evidence.audit_notes import load_notes, note_on, parse_notes
from remit.evidence.trials import load_trial, load_trials
from remit.vocabulary.errors import EvidenceRefused


@given(people=st.integers(1, 300), data=st.data(), decimals=st.integers(0, 2))
def test_every_true_share_and_mean_is_possible(people, data, decimals):
    responders = data.draw(st.integers(0, people))
    assert can_be_share(round(100.0 * responders / people, decimals), people, decimals)
    total = data.draw(st.integers(0, 50 * people))
    assert can_be_mean(round(total / people, decimals), people, decimals)


def test_impossible_shares_and_means_are_found():
    assert not can_be_share(71.0, 18, 0)
    assert can_be_share(72.0, 18, 0)
    assert not can_be_mean(15.44, 17, 2)
    assert can_be_mean(15.47, 17, 2)


def changed(**changes):
    """A study of one real row, changed."""
    trial = load_trial("taylor2018")
    row = dataclasses.replace(next(row for row in trial.outcomes if row.metric == "response_rate"), **changes)
    return {trial.study_id: dataclasses.replace(trial, outcomes=(row,))}


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("lacks_unit", {"unit": "other"}),
        ("lacks_place", {"place": "not stated"}),
        ("lacks_people", {"n": None}),
        ("lacks_dispersion", {"metric": "mean_score", "unit": "points", "dispersion_low": None}),
        ("impossible_share", {"value": 71.0, "n": 18.0}),
        ("impossible_mean", {"metric": "mean_score", "unit": "points", "value": 15.44, "n": 17.0, "how": "read"}),
        ("contradicting_spread", {"dispersion_kind": "sd", "dispersion_low": 0.0}),
        (
            "contradicting_spread",
            {"dispersion_kind": "ci95", "dispersion_low": 80.0, "dispersion_high": 90.0, "value": 70.0},
        ),
        (
            "contradicting_spread",
            {"metric": "mean_score", "unit": "points", "scale": "HAM-A", "value": 20.0, "dispersion_kind": "se",
             "dispersion_low": 9.0, "n": 30.0},
        ),
        ("does_not_add_up", {"derivation": "5/18*100=33.3", "n": 18.0}),
        ("does_not_add_up", {"derivation": "6/18*100=33.3", "n": 17.0}),
        ("does_not_add_up", {"metric": "count", "value": 19.0, "n": 18.0}),
        ("outside_scale", {"metric": "mean_score", "unit": "points", "scale": "GAD-7", "value": 22.0}),
    ],
)  # fmt: skip
def test_each_check_finds_what_it_is_for(check, changes):
    assert [found.check for found in CHECKS[check](changed(**changes))] == [check]


def test_more_remitters_than_responders_and_wrong_changes_are_found():
    trial = load_trial("taylor2018")
    row = next(row for row in trial.outcomes if row.metric == "response_rate")
    more = dataclasses.replace(row, metric="remission_rate", value=row.value + 10)
    assert list(checks.does_not_add_up({"x": dataclasses.replace(trial, outcomes=(row, more))}))
    before = dataclasses.replace(row, metric="mean_score", unit="points", time_h=0.0, value=20.0, derivation=None)
    after = dataclasses.replace(before, time_h=24.0, value=12.0)
    change = dataclasses.replace(after, metric="mean_change", value=-3.0)
    assert list(checks.does_not_add_up({"x": dataclasses.replace(trial, outcomes=(before, after, change))}))
    right = dataclasses.replace(change, value=-8.0)
    assert not list(checks.does_not_add_up({"x": dataclasses.replace(trial, outcomes=(before, after, right))}))


def test_a_number_that_stands_twice_is_found():
    trial = load_trial("taylor2018")
    row = dataclasses.replace(trial.outcomes[0], n=18.0, value=50.0, dispersion_kind="sd", dispersion_low=7.0)
    assert list(checks.doubled({"x": dataclasses.replace(trial, outcomes=(row, row))}))
    other = dataclasses.replace(trial, study_id="other", registry=None, doi=None, pmid=None,
                                outcomes=(dataclasses.replace(row, study_id="other"),))  # fmt: skip
    one = dataclasses.replace(trial, registry=None, outcomes=(row,))
    assert list(checks.doubled({one.study_id: one, "other": other}))


def test_nothing_published_is_left_without_a_verdict():
    notes, findings = load_notes(), audit()
    open_findings = [f"{found.file} line {found.line}: {found.what}" for found in findings if not note_on(found, notes)]
    assert not open_findings
    used = {id(note_on(found, notes)) for found in findings}
    assert all(id(note) in used for note in notes), "a note that no finding needs"
    assert any(found.check == "withdrawn" and found.study_id == "mills2025_kads" for found in findings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {check: lacks_uint, outcome: explained, because: x}", "lacks_unit"),
        ("- {check: lacks_unit, outcome: forgiven, because: x}", "mended, flagged, explained"),
        ("- {check: lacks_unit, outcome: explained}", "because"),
        ("- {check: lacks_unit, study: nobody, outcome: explained, because: x}", "nobody"),
        ("- {check: lacks_unit, rows: {colour: red}, outcome: explained, because: x}", "colour"),
    ],
)
def test_a_bad_note_is_refused(text, said):
    with pytest.raises(EvidenceRefused, match=said):
        parse_notes(text, load_trials())
