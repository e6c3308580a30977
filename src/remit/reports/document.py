"""A printed report as a value: what stands on it, in order. `document_html` and `document_pdf` only set it in type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Reader(StrEnum):
    """Who reads a report: a person who weighs the treatment, or a clinician."""

    PERSON = "person"
    CLINICIAN = "clinician"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of words; ``soft`` ones stand back."""

    text: str
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; each item is a sentence or two."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of words. The first column names its rows; ``widths`` are shares of the line, even when left out."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its specification.

    Attributes:
        name: unique in the document.
        specification: Vega-Lite, with its data inside.
        words: what it shows, for those who cannot see it.
        width: share of the line it fills.
    """

    name: str
    specification: dict[str, Any]
    words: str
    width: float = 1.0

    def inset(self) -> dict[str, Any]:
        """The specification without the margin that a picture has when it stands alone."""
        return {**self.specification, "config": {**self.specification["config"], "padding": 4}}


@dataclass(frozen=True, slots=True)
class Columns:
    """Blocks side by side."""

    columns: tuple[tuple[Paragraph | Bullets | Grid | Picture, ...], ...]


Block = Paragraph | Bullets | Grid | Picture | Columns


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A report.

    Attributes:
        title: of the file.
        kicker: small words over the answer.
        lead: the answer.
        sections: in order; one without blocks is left out.
        foot: lines at the end, for example what made the numbers.
        small: whether it is set small, to fit one page.
    """

    title: str
    kicker: str
    lead: str
    sections: tuple[Section, ...]
    foot: tuple[str, ...] = field(default=())
    small: bool = False

    def pictures(self) -> list[Picture]:
        """Every picture, in order."""
        return [block for section in self.sections for block in _flat(section.blocks) if isinstance(block, Picture)]


def _flat(blocks: Sequence[Block]) -> list[Block]:
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Columns):
            for column in block.columns:
                found += _flat(column)
        else:
            found.append(block)
    return found
