"""scales.csv and scale_facts.csv: the rating scales, and every published number about them, chosen or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from remit.evidence.sources import load_sources
from remit.evidence.tables import Field, near_miss, published, read_csv
from remit.vocabulary.errors import EvidenceRefused, InputRefused
from remit.vocabulary.scales import Scale

FILE = "scales.csv"
FIELDS = (
    Field("scale", required=True),
    Field("name", required=True),
    Field("rater", choices=("self", "clinician")),
    Field("items", "integer", low=1),
    Field("low", "integer", required=True, low=0),
    Field("high", "integer", required=True, low=1),
    Field("step", "number", required=True, low=0),
    Field("response_fraction", "number", low=0, high=1),
    Field("remission_at_or_below", "number", low=0),
    Field("minimal_important_change", "number", low=0),
    Field("within_person_sd", "number", low=0),
    Field("recall"),
    Field("severity"),
    Field("licence"),
    Field("range_how", required=True, choices=("read", "derived", "assumed")),
    Field("sources", "list", required=True),
    Field("note"),
)
FACTS_FILE = "scale_facts.csv"
FACT_FIELDS = (
    Field("scale", required=True),
    Field("fact", required=True),
    Field("value", "number", required=True),
    Field("value_high", "number"),
    Field("unit", required=True, choices=("points", "fraction", "correlation", "coefficient", "ICC", "count")),
    Field("population"),
    Field("n", "integer", low=1),
    Field("source_id", required=True),
    Field("place", required=True),
    Field("how", required=True, choices=("read", "derived", "assumed")),
    Field("chosen", required=True, choices=("yes", "no")),
    Field("note"),
)


@dataclass(frozen=True, slots=True)
class ScaleFact:
    """One published number about a scale.

    Attributes:
        scale: name of the scale; a few facts are about scales that no trial here uses.
        fact: what it is, for example ``minimal_important_change`` or ``test_retest``.
        value, value_high: the number [unit], or the ends of a range.
        unit: ``points``, ``fraction`` of baseline, ``correlation`` ...
        population, n: of whom.
        source_id, place, how: where it was seen and how it was obtained.
        chosen: whether scales.csv follows it.
        note: arithmetic, or why it was not chosen.
    """

    scale: str
    fact: str
    value: float
    value_high: float | None
    unit: str
    population: str | None
    n: int | None
    source_id: str
    place: str
    how: str
    chosen: bool
    note: str | None


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
            raise EvidenceRefused(
                f"severity band {part.strip()!r}", allowed="label low-high; ...", where=f"{where}, column severity"
            )
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
                raise EvidenceRefused(
                    f"{column} is {row[column]:g}", allowed=f"{low} to {high}", where=f"{row.where}, column {column}"
                )
        for source in row["sources"]:
            if source not in load_sources():
                raise EvidenceRefused(
                    f"source {source!r}",
                    remedy=near_miss(source, load_sources()) or "Add it to sources_scales.csv",
                    where=f"{row.where}, column sources",
                )
        if row["scale"] in found:
            raise EvidenceRefused(f"scale {row['scale']!r} stands twice", where=row.where)
        scale = Scale(
            row["scale"],
            low,
            high,
            row["step"],
            row["response_fraction"],
            row["remission_at_or_below"],
            row["minimal_important_change"],
            row["within_person_sd"],
        )
        found[row["scale"]] = Instrument(
            scale,
            row["name"],
            row["rater"],
            row["items"],
            row["recall"],
            _bands(row["severity"], row.where),
            row["licence"],
            row["range_how"],
            row["sources"],
            row["note"],
        )
    return found


@cache
def load_scales() -> dict[str, Scale]:
    """All scales by name."""
    return {name: instrument.scale for name, instrument in load_instruments().items()}


@cache
def load_scale_facts() -> tuple[ScaleFact, ...]:
    """All published numbers about scales, in order of the file.

    Raises:
        EvidenceRefused: the file is malformed, a range runs backwards or a source is unknown.
    """
    facts = []
    for row in read_csv(published() / FACTS_FILE, FACT_FIELDS, FACTS_FILE):
        if row["value_high"] is not None and row["value_high"] < row["value"]:
            raise EvidenceRefused(
                f"a range from {row['value']:g} to {row['value_high']:g}", where=f"{row.where}, column value_high"
            )
        if row["source_id"] not in load_sources():
            raise EvidenceRefused(
                f"source {row['source_id']!r}",
                remedy=near_miss(row["source_id"], load_sources()) or "Add it to sources_scales.csv",
                where=f"{row.where}, column source_id",
            )
        facts.append(ScaleFact(**{**row.values, "chosen": row["chosen"] == "yes"}))  # type: ignore[arg-type]
    return tuple(facts)


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
