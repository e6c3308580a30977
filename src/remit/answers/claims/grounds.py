"""What the verdict of a part comes down to, and the one line of a claim that names every part with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from remit.answers.claims.verdict import (
    AGAINST,
    CONTRADICTED,
    FOR,
    IN_PART,
    SUGGESTED,
    SUPPORTED,
    UNKNOWN,
    UNSUPPORTED,
)

ORDER = (SUPPORTED, IN_PART, SUGGESTED, CONTRADICTED, UNSUPPORTED, UNKNOWN)
"""Of the parts in a line: what holds first, what nobody knows last."""


class Heard(NamedTuple):
    """What studies, or routes, said of a part.

    Attributes:
        speaking: which way each speaks.
        is_direct: whether any on the side that decides is of whom the claim is about.
        is_randomised: whether any of those drew by lot what is compared.
        is_human: whether any of those saw it in people.
    """

    speaking: Sequence[str]
    is_direct: bool
    is_randomised: bool
    is_human: bool


def of_number(verdict: str, raw: str, keeps_half: bool) -> str:
    """The ground of a number of the engine.

    Args:
        verdict: of the part.
        raw: before certainty took anything off it.
        keeps_half: whether it has a lower limit and probably keeps half of it.
    """
    if verdict == UNKNOWN:
        return "nobody_studied"
    if verdict == SUPPORTED:
        return "shown"
    if verdict == SUGGESTED:
        return "thin" if raw == SUPPORTED else "probable"
    if keeps_half:
        return "less" if raw == CONTRADICTED else "perhaps_less"
    if verdict == CONTRADICTED:
        return "refuted"
    return "leans_against" if raw == CONTRADICTED else "not_shown"


def of_studies(verdict: str, raw: str, heard: Heard) -> str:
    """The ground of studies, or routes, that speak for, against, or for neither.

    Args:
        verdict: of the part.
        raw: before certainty took anything off it.
        heard: what they said.
    """
    yes, no = heard.speaking.count(FOR), heard.speaking.count(AGAINST)
    if not heard.speaking:
        return "not_collected"
    if verdict == SUPPORTED:
        return "shown"
    if verdict == CONTRADICTED:
        return "refuted"
    if verdict == SUGGESTED:
        if no and raw == SUGGESTED:
            return "more_for"
        if not heard.is_direct:
            return "elsewhere" if heard.is_human else "animals"
        if not heard.is_randomised:
            return "not_randomised"
        return "thin" if raw == SUPPORTED else "some"
    if raw == CONTRADICTED or (no and not yes):
        return "leans_against"
    return "disagree" if no else "not_shown"


def of_facts(verdict: str) -> str:
    """The ground of facts of record."""
    return {SUPPORTED: "on_record", CONTRADICTED: "record_against", IN_PART: "differ"}.get(verdict, "not_collected")


def line(parts: Sequence[tuple[str, str, str]]) -> str:
    """Every part of a claim in one line, those of one ground together, what holds first.

    Args:
        parts: of each its verdict, the words of its ground, and what it is about.
    """
    said: dict[str, list[str]] = {}
    for _, ground, short in sorted(parts, key=lambda each: ORDER.index(each[0])):
        said.setdefault(ground, []).append(short)
    told = "; ".join(f"{ground}: {', '.join(shorts)}" for ground, shorts in said.items())
    return f"{told[:1].upper()}{told[1:]}."
