"""scales.csv: the rating scales, with range, cut-offs and smallest important change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from remit.evidence.sources import load_sources
from remit.evidence.tables import Field, near_miss, published, read_csv
from remit.vocabulary.errors import EvidenceRefused, InputRefused
from remit.vocabulary.scales import Scale

FILE = "scales.csv"
FIELDS = (
    Field("scale", required=True), Field("name", required=True), Field("rater", choices=("self", "clinician")),
    Field("items", "integer", low=1), Field("low", "integer", required=True, low=0), Field("high", "integer", required=True, low=1),
    Field("step", "number", required=True, low=0), Field("response_fraction", "number", low=0, high=1),
    Field("remission_at_or_below", "number", low=0), Field("minimal_important_change", "number", low=0),
    Field("within_person_sd", "number", low=0), Field("recall"), Field("severity"), Field("licence"),
    Field("range_how", required=True, choices=("read", "derived", "assumed")), Field("sources", "list", required=True), Field("note"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Instrument:
    """A scale with what surrounds it.

    Attributes:
        scale: the scale itself.
        name: in full.
        rater: who fills it in.
        items: number of items.
        recall: period it asks about.
        severity: bands of the total, lowest first: label, from, to.
        licence: what is known of it.
        range_how: whether the range was read, derived or assumed.
        sources: ids of sources.
        note: where sources disagree, and what was chosen.
    """

    scale: Scale
    name: str
    rater: str | None
    items: int | None
    recall: str | None
    severity: tuple[tuple[str, int, int], ...]
    licence: str | None
    range_how: str
    sources: tuple[str, ...]
    note: str | None


def _bands(text: str | None, where: str) -> tuple[tuple[str, int, int], ...]:
    bands = []
    for part in (text or "").split(";"):
        if not part.strip():
            continue
        label, _, span = part.strip().rpartition(" ")
        low, dash, high = span.partition("-")
        if not (label and dash and low.isdigit() and high.isdigit()):
            raise EvidenceRefused(f"severity band {part.strip()!r}", allowed="label low-high; ...", where=f"{where}, column severity")
        bands.append((label, int(low), int(high)))
    return tuple(bands)


@cache
def load_instruments() -> dict[str, Instrument]:
    """All instruments by the name of their scale.

    Raises:
        EvidenceRefused: the file is malformed, a range is empty, or a cut-off lies outside its range.
    """
    found: dict[str, Instrument] = {}
    for row in read_csv(published() / FILE, FIELDS, FILE):
        low, high = row["low"], row["high"]
        if low >= high:
            raise EvidenceRefused(f"a range from {low} to {high}", allowed="low below high", where=row.where)
        for column in ("remission_at_or_below",):
            if row[column] is not None and not low <= row[column] <= high:
                raise EvidenceRefused(f"{column} is {row[column]:g}", allowed=f"{low} to {high}", where=f"{row.where}, column {column}")
        for source in row["sources"]:
            if source not in load_sources():
                raise EvidenceRefused(
                    f"source {source!r}", remedy=near_miss(source, load_sources()) or "Add it to sources_scales.csv",
                    where=f"{row.where}, column sources",
                )  # fmt: skip
        if row["scale"] in found:
            raise EvidenceRefused(f"scale {row['scale']!r} stands twice", where=row.where)
        scale = Scale(
            row["scale"], low, high, row["step"], row["response_fraction"], row["remission_at_or_below"],
            row["minimal_important_change"], row["within_person_sd"],
        )  # fmt: skip
        found[row["scale"]] = Instrument(
            scale, row["name"], row["rater"], row["items"], row["recall"], _bands(row["severity"], row.where), row["licence"],
            row["range_how"], row["sources"], row["note"],
        )  # fmt: skip
    return found


@cache
def load_scales() -> dict[str, Scale]:
    """All scales by name."""
    return {name: instrument.scale for name, instrument in load_instruments().items()}


def find_scale(name: str, *, where: str = "") -> Scale:
    """The scale of a name, whatever the case.

    Raises:
        InputRefused: there is none of that name.
    """
    known = load_scales()
    for candidate, scale in known.items():
        if candidate.lower() == name.strip().lower():
            return scale
    raise InputRefused(f"unknown scale {name!r}", allowed=", ".join(known), remedy=near_miss(name, known), where=where)
