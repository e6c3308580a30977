"""Predicted beside observed exposure, row by row. Observed exposures are compared with here and enter no model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from remit.evidence.exposure_notes import ExposureNotes, load_notes
from remit.evidence.exposures import Exposure, load_exposures
from remit.pharmacology.chosen_records import Kinetics, models_of
from remit.pharmacology.exposure_prediction import given, obstacle, predicted, records_for
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug

WITHIN = 1.5
"""A prediction within this fold of what was observed counts as near."""
TARGET_GMFE = 1.25
TARGET_SHARE = 0.9


class Standing(StrEnum):
    """What a comparison can show."""

    SAME_SITE = "same_site"
    SITE_NOT_STATED = "site_not_stated"
    OTHER_SITE = "other_site"
    ASSUMED_ABSORPTION = "assumed_absorption"
    NOT_COMPARABLE = "not_comparable"

    @property
    def spoken(self) -> str:
        """The standing in words."""
        return _SPOKEN[self]


_SPOKEN = {
    Standing.SAME_SITE: "complete model, same sampling site",
    Standing.SITE_NOT_STATED: "sampling site of the row or the model not stated",
    Standing.OTHER_SITE: "other sampling site",
    Standing.ASSUMED_ABSORPTION: "assumed absorption",
    Standing.NOT_COMPARABLE: "not comparable",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One observed row and what is predicted for it.

    Attributes:
        row: as published.
        standing: what the comparison can show.
        model: id of the model of the parent; empty where there is no prediction.
        predicted: in the unit of the row; None where it cannot be compared.
        independent: whether neither model nor assumption was built from the people or numbers of the row.
        counted: whether the row counts in rates; a range, or a number that stands elsewhere too, does not.
        why: why it cannot be compared, or why it misses, in words.
    """

    row: Exposure
    standing: Standing
    model: str
    predicted: float | None
    independent: bool
    counted: bool
    why: str

    @property
    def fold(self) -> float | None:
        """Predicted over observed; of a published range over its nearer end, 1 inside it."""
        if self.predicted is None:
            return None
        if self.row.value is not None:
            return self.predicted / self.row.value if self.row.value > 0 else None
        low, high = self.row.dispersion_low or 0.0, self.row.dispersion_high or math.inf
        if self.predicted < low:
            return self.predicted / low
        return self.predicted / high if self.predicted > high else 1.0

    @property
    def is_near(self) -> bool:
        """Whether the prediction lies within 1.5-fold."""
        return self.fold is not None and 1.0 / WITHIN <= self.fold <= WITHIN


@dataclass(frozen=True, slots=True)
class Rate:
    """How near a group of predictions lies.

    Attributes:
        rows: how many were counted.
        gmfe: geometric mean fold error, exp(mean |log(predicted / observed)|).
        bias: geometric mean of predicted over observed.
        near: share within 1.5-fold [fraction].
    """

    rows: int
    gmfe: float
    bias: float
    near: float

    @property
    def meets_target(self) -> bool:
        """Whether the target for complete models at the same site is met."""
        return self.gmfe <= TARGET_GMFE and self.near >= TARGET_SHARE


def rate(comparisons: Iterable[Comparison]) -> Rate | None:
    """Geometric mean fold error and share within 1.5-fold of the counted rows; None when there are none."""
    found = [each for each in comparisons if each.counted and each.fold is not None]
    if not found:
        return None
    logs = np.log([each.fold or np.nan for each in found])
    near = sum(each.is_near for each in found) / len(found)
    return Rate(len(found), float(np.exp(np.abs(logs).mean())), float(np.exp(logs.mean())), near)


def compare_all(
    rows: Sequence[Exposure] | None = None,
    notes: ExposureNotes | None = None,
    report: Callable[[int], None] | None = None,
) -> tuple[Comparison, ...]:
    """Every observed row beside its prediction.

    Args:
        rows: published exposures to compare; all when None.
        notes: what must be known beyond the rows; the published notes when None.
        report: called with the number of rows done.
    """
    every = load_exposures()
    known = load_notes() if notes is None else notes
    found = []
    for number, row in enumerate(every if rows is None else rows, start=1):
        found.append(_compare(row, every, known))
        if report is not None:
            report(number)
    return tuple(found)


def _compare(row: Exposure, every: Sequence[Exposure], notes: ExposureNotes) -> Comparison:
    why = notes.why_not_comparable(row) or obstacle(row, every)
    if why:
        return Comparison(row, Standing.NOT_COMPARABLE, "", None, False, False, why)
    drug, _ = given(row)
    records = records_for(drug, Route(row.route), row.sampling_site)
    value = predicted(row, every, notes)
    independent = row.study_id not in notes.built_from.get(records.plasma.model_id, ())
    if records.absorption is not None:
        independent = row.study_id not in notes.built_from.get(f"{drug} {row.route}", ())
        if row.metric == "availability" and not independent:
            why = "The assumed availability was taken from this number."
            return Comparison(row, Standing.NOT_COMPARABLE, "", None, False, False, why)
    elsewhere = [each for each in every if each.study_id == row.overlaps]
    again = any(
        (each.analyte, each.route, each.metric) == (row.analyte, row.route, row.metric) and each.value is not None
        for each in elsewhere
    )
    found = Comparison(
        row, _standing(row, records), records.plasma.model_id, value, independent,
        row.value is not None and not again, "",
    )  # fmt: skip
    if found.is_near:
        return found
    return Comparison(row, found.standing, found.model, value, independent, found.counted, notes.why_missed(row))


def _standing(row: Exposure, records: Kinetics) -> Standing:
    if records.absorption is not None:
        return Standing.ASSUMED_ABSORPTION
    sites = {row.sampling_site, records.plasma.sampling_site}
    if "not_stated" in sites:
        return Standing.SITE_NOT_STATED
    return Standing.SAME_SITE if len(sites) == 1 else Standing.OTHER_SITE


def rates_of_models(
    drug: Drug, route: Route, rows: Sequence[Exposure] | None = None, notes: ExposureNotes | None = None
) -> dict[str, Rate]:
    """How near each published model of a drug comes to the same rows: what another choice of model would give.

    Args:
        drug, route: the parent alone is compared, in the rows that are counted.
        rows, notes: as for `compare_all`.
    """
    every = load_exposures() if rows is None else rows
    known = load_notes() if notes is None else notes
    counted = [
        each
        for each in compare_all(every, known)
        if each.counted and each.row.route == route.value and each.row.analyte == drug.value == given(each.row)[0].value
    ]
    found = {}
    for model_id in models_of(drug):
        own = [replace(each, predicted=predicted(each.row, every, known, model_id)) for each in counted]
        if (measured := rate(own)) is not None:
            found[model_id] = measured
    return found
