"""A number with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """How a number was obtained."""

    READ = "read"
    """Printed in the source as it stands here."""
    DERIVED = "derived"
    """Computed from printed numbers; the arithmetic is given."""
    ASSUMED = "assumed"
    """Nobody measured it; the reason is given."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value [unit] with its source, the place in the source and how it was obtained."""

    value: float
    unit: str
    source_id: str
    place: str
    how: How
    note: str = ""
