"""What one study says about a part of a claim."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """One finding of a study.

    Attributes:
        study: whose people; findings of one study are counted together.
        speaks: ``for``, ``against`` or ``neither``.
        text: what was found.
        is_direct: whether its people are whom the claim is about.
        people: who they were, as a code.
        n: how many; None where not stated.
        is_randomised, is_masked: of what is compared.
        source_id: where it was seen.
        note: what a reader must know.
    """

    study: str
    speaks: str
    text: str
    is_direct: bool
    people: str
    n: int | None
    is_randomised: bool
    is_masked: bool
    source_id: str
    note: str
