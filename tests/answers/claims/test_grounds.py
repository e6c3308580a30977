"""What a verdict comes down to, with made-up inputs: every ground is reached, and by what it says."""

import pytest

from remit.answers.claims.grounds import Heard, line, of_facts, of_number, of_studies
from remit.answers.claims.verdict import (
    CONTRADICTED,
    IN_PART,
    SUGGESTED,
    SUPPORTED,
    UNKNOWN,
    UNSUPPORTED,
)
from remit.evidence.claims import GROUNDS, load_claims

NUMBERS = [
    (SUPPORTED, SUPPORTED, True, "shown"), (SUGGESTED, SUGGESTED, True, "probable"),
    (SUGGESTED, SUPPORTED, True, "thin"),
    (UNSUPPORTED, UNSUPPORTED, True, "perhaps_less"), (UNSUPPORTED, UNSUPPORTED, False, "not_shown"),
    (CONTRADICTED, CONTRADICTED, True, "less"), (CONTRADICTED, CONTRADICTED, False, "refuted"),
    (UNSUPPORTED, CONTRADICTED, False, "leans_against"), (UNKNOWN, UNKNOWN, True, "nobody_studied"),
]  # fmt: skip
YES, NO, MUTE = "for", "against", "neither"
STUDIES = [
    (SUPPORTED, SUPPORTED, [YES, YES], (True, True, True), "shown"),
    (SUGGESTED, SUPPORTED, [YES, YES], (False, True, True), "elsewhere"),
    (SUGGESTED, SUPPORTED, [YES, YES], (False, False, False), "animals"),
    (SUGGESTED, SUPPORTED, [YES, YES], (True, False, True), "not_randomised"),
    (SUGGESTED, SUPPORTED, [YES, YES], (True, True, True), "thin"),
    (SUGGESTED, SUGGESTED, [YES, MUTE], (True, True, True), "some"),
    (SUGGESTED, SUGGESTED, [YES, YES, NO, MUTE], (True, True, True), "more_for"),
    (UNSUPPORTED, UNSUPPORTED, [YES, NO], (True, True, True), "disagree"),
    (UNSUPPORTED, UNSUPPORTED, [MUTE, MUTE], (True, True, True), "not_shown"),
    (UNSUPPORTED, UNSUPPORTED, [NO, MUTE], (True, True, True), "leans_against"),
    (UNSUPPORTED, CONTRADICTED, [NO, NO, YES], (True, True, True), "leans_against"),
    (CONTRADICTED, CONTRADICTED, [NO, NO], (True, True, True), "refuted"),
    (UNKNOWN, UNKNOWN, [], (False, False, False), "not_collected"),
]
FACTS = [(SUPPORTED, "on_record"), (CONTRADICTED, "record_against"), (IN_PART, "differ"), (UNKNOWN, "not_collected")]


@pytest.mark.parametrize(("verdict", "raw", "half", "ground"), NUMBERS)
def test_numbers(verdict, raw, half, ground):
    assert of_number(verdict, raw, half) == ground


@pytest.mark.parametrize(("verdict", "raw", "speaking", "heard", "ground"), STUDIES)
def test_studies(verdict, raw, speaking, heard, ground):
    assert of_studies(verdict, raw, Heard(speaking, *heard)) == ground


def test_every_ground_can_be_reached_and_has_words():
    reached = {row[-1] for row in NUMBERS + STUDIES} | {ground for _, ground in FACTS}
    # what was looked up is known to the board alone
    assert reached == set(GROUNDS) - {"not_found"}
    assert all(of_facts(verdict) == ground for verdict, ground in FACTS)
    said = [each.said for each in load_claims().grounds.values()]
    assert len(set(said)) == len(said)


def test_the_line_names_every_part_once_what_holds_first():
    parts = [
        (UNKNOWN, "unknown here", "c"),
        (SUPPORTED, "shown", "a"),
        (UNSUPPORTED, "not shown", "d"),
        (SUPPORTED, "shown", "b"),
    ]
    assert line(parts) == "Shown: a, b; not shown: d; unknown here: c."
