"""What is predicted for one observed exposure: the same regimen, substance, window and measure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.evidence.exposure_notes import ExposureNotes
from remit.evidence.exposures import Exposure
from remit.pharmacology.chosen_records import Kinetics, kinetics
from remit.pharmacology.disposition import solve
from remit.pharmacology.exposure import area, curve_grid, slowest_rates
from remit.pharmacology.published_models import Subjects, choice, individual_values, parent
from remit.pharmacology.simulation import simulate
from remit.vocabulary.clock import HOURS_PER_DAY, minutes
from remit.vocabulary.dosing import Dose, Regimen, Route
from remit.vocabulary.drugs import Analyte, Drug

Floats = NDArray[np.float64]

WEIGHT_KG = 70.0
"""Of people whose weight is not published: the weight the models refer to."""
LAST_H = 2.0 * HOURS_PER_DAY
"""How long a curve is followed before its tail is added as an exponential [h]."""
ENANTIOMERS = frozenset({Analyte.ESKETAMINE, Analyte.NORESKETAMINE, Analyte.HYDROXYNORESKETAMINE})
BY_TIME = frozenset({"cmax", "tmax", "concentration"})
AFTER_VEIN = frozenset({"clearance", "volume"})


def obstacle(row: Exposure, every: Sequence[Exposure]) -> str:
    """Why nothing predicted would mean the same as the row; empty where something does."""
    if row.flag == "outside_scope":
        return "Outside the scope: people under anaesthesia or in intensive care."
    if row.route == "rectal":
        return "The rectal route is not modelled."
    if row.analyte in {"arketamine", "norarketamine"}:
        return "No published model of R-ketamine is here."
    if row.analyte == "hydroxynorketamine":
        return "No published model of hydroxynorketamine after the racemate is here."
    if row.form in {"prolonged_release", "controlled_release"}:
        return "Tablets that release the drug over hours are not modelled."
    if row.metric in {"cmax", "concentration", "auc"} and row.dose_value is None:
        return "The dose is not given."
    if row.route == "iv" and row.metric in BY_TIME and row.infusion_min is None:
        return "The length of the infusion is not given."
    if row.metric == "tmax" and row.infusion_min == 0 and is_parent(row):
        return "The peak of a bolus is at its start in any compartment model; the published time is that of a sample."
    if row.metric == "cmax" and row.infusion_min == 0 and is_parent(row) and sampled_at(row, every) is None:
        return "After a bolus the peak depends on when the first sample was taken, which is not given."
    return ""


def is_parent(row: Exposure) -> bool:
    """Whether the drug itself was measured, not a metabolite."""
    return row.analyte in {"ketamine", "esketamine"}


def sampled_at(row: Exposure, every: Sequence[Exposure]) -> float | None:
    """Published time of the peak on the same curve [h]."""
    found = [e.value for e in every if e.regimen == row.regimen and e.analyte == row.analyte and e.metric == "tmax"]
    return found[0] if found else None


def given(row: Exposure) -> tuple[Drug, float]:
    """The drug a model is needed for, and its share of the dose.

    S-ketamine measured after the racemate is half the dose of esketamine: the racemate holds equal masses of both.
    """
    if row.drug == "ketamine" and row.analyte in ENANTIOMERS:
        return Drug.ESKETAMINE, 0.5
    return (Drug.ESKETAMINE if row.drug == "esketamine" else Drug.KETAMINE), 1.0


@cache
def records_for(drug: Drug, route: Route, site: str) -> Kinetics:
    """The records for a row: those of `remit exposure`, or the arterial model of the same drug where blood was drawn
    from an artery."""
    usual = kinetics(drug, route)
    if site != "arterial" or usual.plasma.sampling_site == "arterial":
        return usual
    arterial = kinetics(drug, route, choice(drug, route).effect)
    same = arterial.plasma.compound == drug.value and arterial.plasma.sampling_site == "arterial"
    return arterial if same and arterial.absorption is None else usual


class Curve(NamedTuple):
    """Course of every substance in the typical person.

    Attributes:
        times_h: [h].
        values: [ng/mL], shape (substances, times).
        slowest: slowest rate of each [1/h], shape (substances,).
    """

    times_h: Floats
    values: Floats
    slowest: Floats


def predicted(row: Exposure, every: Sequence[Exposure], notes: ExposureNotes, model_id: str | None = None) -> float:
    """The measure of a row, in its unit, for the typical person.

    Args:
        row: a row without an `obstacle`.
        every: all rows, for the time a peak was sampled at.
        notes: weights, windows and ancestry.
        model_id: another model of the parent than the one `records_for` chooses.
    """
    drug, share = given(row)
    records = records_for(drug, Route(row.route), row.sampling_site)
    if model_id is not None:
        records = kinetics(drug, Route(row.route), model_id)
    weight = notes.weight_kg.get(row.study_id, WEIGHT_KG)
    ancestry = next((groups for words, groups in notes.ancestry.items() if row.population.endswith(words)), ())
    if row.metric in AFTER_VEIN:
        clearance, volume = after_vein(records, weight)
        found = clearance if row.metric == "clearance" else volume
        return found / {"/kg": weight, "/70kg": weight / WEIGHT_KG}.get(
            row.unit.removeprefix("L").removeprefix("/h"), 1
        )
    named = records.plasma.model_id if records.alone else None
    curve = _curve(_regimen(row, drug, share, weight), named, weight, ancestry)
    position = _position(row, records)
    own, times = curve.values[position], curve.times_h
    if row.metric == "concentration":
        return float(np.interp(row.time_h or 0.0, times, own))
    if row.metric == "half_life":
        return float(np.log(2.0) / curve.slowest[position])
    if row.metric in {"auc", "availability"}:
        window = notes.window_h.get(row.study_id) if row.metric == "auc" else None
        kept = slice(None) if window is None else times <= window + 1e-9
        whole = float(area(times[kept], own[kept], curve.slowest[position] if window is None else None))
        if row.metric == "auc":
            return whole
        vein = records_for(drug, Route.IV, row.sampling_site) if records.absorption is not None else records
        amount = _regimen(row, drug, share, weight).doses[0].amount_mg
        return whole * after_vein(vein, weight)[0] / (amount * 1000.0)
    sampled = sampled_at(row, every)
    if row.metric == "cmax" and row.infusion_min == 0 and is_parent(row) and sampled is not None:
        return float(np.interp(sampled, times, own))
    return float(own.max() if row.metric == "cmax" else times[own.argmax()])


def after_vein(records: Kinetics, weight_kg: float) -> tuple[float, float]:
    """Clearance [L/h] and volume at steady state [L] of the parent: dose / AUC and dose AUMC / AUC^2 of a bolus."""
    who = Subjects(jnp.array([weight_kg]))
    tree = parent(records.plasma, individual_values(records.plasma, who), records.analytes[0]).tree
    modes = solve(tree).response(0, 0)
    whole = float(modes.area()[0])
    moment = float(jnp.sum(modes.weights / modes.rates**2, axis=-1)[0])
    return 1.0 / whole, moment / whole**2


def _position(row: Exposure, records: Kinetics) -> int:
    return records.analytes.index(row.analyte)


def _regimen(row: Exposure, drug: Drug, share: float, weight_kg: float) -> Regimen:
    each = weight_kg if row.dose_unit == "mg/kg" else 1.0
    length = minutes(row.infusion_min or 0.0)
    steps = row.step_doses or (row.dose_value or 1.0,)
    span = length / len(steps)
    doses = tuple(Dose(span * n, step * each * share, span) for n, step in enumerate(steps))
    return Regimen(drug, Route(row.route), doses)


@cache
def _curve(regimen: Regimen, model_id: str | None, weight_kg: float, ancestry: tuple[str, ...]) -> Curve:
    records = kinetics(regimen.drug, regimen.route, model_id)
    who = Subjects(jnp.array([weight_kg]), None, ancestry)
    times = curve_grid(regimen, LAST_H)
    found = simulate(records, regimen, times, who)
    return Curve(times, found.values[0], slowest_rates(records, who, found)[0])
