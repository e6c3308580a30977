"""Every rule of a verdict at its boundaries, with made-up inputs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.answers.claims.verdict import (
    AGAINST,
    CONTRADICTED,
    FOR,
    IN_PART,
    NEITHER,
    SUGGESTED,
    SUPPORTED,
    UNKNOWN,
    UNSUPPORTED,
    VERDICTS,
    capped,
    of_chance,
    of_record,
    of_tally,
    one_study,
    together,
)
from remit.evidence.claims import THRESHOLDS, Threshold

LIMITS = {
    name: Threshold(value, "made up")
    for name, value in {
        "likely": 0.9, "probable": 0.6, "unlikely": 0.1, "most": 2 / 3, "some": 1 / 3, "enough": 2, "apart": 0.1,
        "half": 0.5, "least_trials": 1,
    }.items()
}  # fmt: skip


def test_the_made_up_thresholds_are_those_the_rules_know():
    assert set(LIMITS) == set(THRESHOLDS)


@pytest.mark.parametrize(
    ("share", "trials", "verdict"),
    [
        (1.0, None, SUPPORTED), (0.9, None, SUPPORTED), (0.899, None, SUGGESTED), (0.6, None, SUGGESTED),
        (0.599, None, UNSUPPORTED), (0.101, None, UNSUPPORTED), (0.1, None, CONTRADICTED), (0.0, None, CONTRADICTED),
        (1.0, 0, UNKNOWN), (0.0, 0, UNKNOWN), (1.0, 1, SUPPORTED),
    ],
)  # fmt: skip
def test_a_chance(share, trials, verdict):
    assert of_chance(share, trials, LIMITS) == verdict


@pytest.mark.parametrize(
    ("yes", "no", "neither", "verdict"),
    [
        (0, 0, 0, UNKNOWN), (2, 0, 0, SUPPORTED), (1, 0, 0, SUGGESTED), (2, 1, 0, SUPPORTED), (2, 0, 2, SUGGESTED),
        (1, 1, 0, UNSUPPORTED), (1, 0, 2, SUGGESTED), (1, 0, 3, UNSUPPORTED), (0, 0, 3, UNSUPPORTED),
        (0, 2, 0, CONTRADICTED),
        (2, 3, 0, UNSUPPORTED), (2, 1, 1, SUGGESTED), (0, 1, 0, UNSUPPORTED),
        (0, 2, 1, CONTRADICTED), (0, 2, 2, UNSUPPORTED), (1, 2, 0, CONTRADICTED),
    ],
)  # fmt: skip
def test_a_tally(yes, no, neither, verdict):
    assert of_tally([FOR] * yes + [AGAINST] * no + [NEITHER] * neither, LIMITS) == verdict


@pytest.mark.parametrize(
    ("yes", "no", "verdict"), [(0, 0, UNKNOWN), (3, 0, SUPPORTED), (0, 1, CONTRADICTED), (1, 1, IN_PART)]
)
def test_a_record(yes, no, verdict):
    assert of_record(yes, no) == verdict


@pytest.mark.parametrize(
    ("before", "certainty", "is_direct", "after"),
    [
        (SUPPORTED, "low", True, SUPPORTED), (SUPPORTED, "very low", True, SUGGESTED),
        (SUPPORTED, "high", False, SUGGESTED),
        (CONTRADICTED, "very low", True, UNSUPPORTED), (CONTRADICTED, "low", True, CONTRADICTED),
        (SUGGESTED, "very low", False, SUGGESTED), (UNKNOWN, "very low", False, UNKNOWN),
        (UNSUPPORTED, "very low", True, UNSUPPORTED), (SUPPORTED, None, True, SUPPORTED),
        (SUPPORTED, None, False, SUGGESTED),
    ],
)  # fmt: skip
def test_thin_evidence_takes_the_edge_off(before, certainty, is_direct, after):
    assert capped(before, certainty, is_direct) == after


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ([SUPPORTED], SUPPORTED), ([SUPPORTED, SUPPORTED], SUPPORTED), ([SUPPORTED, SUGGESTED], SUGGESTED),
        ([SUGGESTED, SUGGESTED], SUGGESTED), ([SUPPORTED, CONTRADICTED], IN_PART), ([SUPPORTED, UNKNOWN], IN_PART),
        ([SUGGESTED, UNSUPPORTED], IN_PART), ([SUGGESTED, UNSUPPORTED, UNKNOWN], UNSUPPORTED),
        ([SUPPORTED, CONTRADICTED, UNKNOWN], CONTRADICTED), ([IN_PART, UNKNOWN], IN_PART),
        ([UNSUPPORTED, UNKNOWN], UNSUPPORTED),
        ([CONTRADICTED, UNKNOWN], CONTRADICTED), ([CONTRADICTED, UNSUPPORTED], CONTRADICTED),
        ([UNKNOWN, UNKNOWN], UNKNOWN), ([CONTRADICTED, CONTRADICTED], CONTRADICTED),
    ],
)  # fmt: skip
def test_parts_together(parts, verdict):
    assert together(parts, LIMITS) == verdict
    assert together(parts[::-1], LIMITS) == verdict


def test_a_study_that_says_both_speaks_for_neither():
    assert one_study([FOR, NEITHER]) == FOR
    assert one_study([AGAINST, AGAINST]) == AGAINST
    assert one_study([FOR, AGAINST]) == NEITHER
    assert one_study([NEITHER]) == NEITHER


RANK = {CONTRADICTED: 0, UNSUPPORTED: 1, SUGGESTED: 2, SUPPORTED: 3}


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_draws_never_make_a_verdict_worse(one, other):
    low, high = sorted([one, other])
    assert RANK[of_chance(low, None, LIMITS)] <= RANK[of_chance(high, None, LIMITS)]


@given(st.lists(st.sampled_from([FOR, AGAINST, NEITHER]), min_size=1, max_size=12), st.data())
def test_a_study_that_changes_to_for_never_makes_a_verdict_worse(speaking, data):
    place = data.draw(st.integers(0, len(speaking) - 1))
    changed = [*speaking[:place], FOR, *speaking[place + 1 :]]
    assert RANK[of_tally(speaking, LIMITS)] <= RANK[of_tally(changed, LIMITS)]


@given(st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=5))
def test_every_mixture_of_parts_has_a_verdict(parts):
    assert together(parts, LIMITS) in VERDICTS


def test_a_claim_is_never_better_than_all_of_its_parts_nor_worse_than_each():
    for one in (SUPPORTED, SUGGESTED, UNSUPPORTED, CONTRADICTED):
        for other in (SUPPORTED, SUGGESTED, UNSUPPORTED, CONTRADICTED):
            whole = together([one, other], LIMITS)
            assert whole != SUPPORTED or one == other == SUPPORTED
            assert whole != CONTRADICTED or CONTRADICTED in {one, other}
