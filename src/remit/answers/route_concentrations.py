"""Concentrations by route at one dose, and how far people differ in them: no model of the response is needed."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from remit.answers.question import HowFast
from remit.answers.routes_studied import studied_pairs
from remit.pharmacology.chosen_records import Kinetics, kinetics
from remit.pharmacology.exposure import Exposure, Spread, exposure
from remit.vocabulary.clock import MINUTES_PER_HOUR
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug

SHOWN_H = 6.0
"""Hours of a concentration course that the picture shows [h]."""
PEOPLE = 249
"""choice: with the typical person they fill one block of the kinetic engine, and fix a CV to about a twentieth of it"""
Row = dict[str, Any]


class AtRoute(NamedTuple):
    """Concentration of a drug by a route at the usual dose.

    Attributes:
        drug, route, label: what was given, and its words.
        spread_is: where differences between people come from.
        source_id: where the kinetic model was seen.
        row: see `concentration`.
    """

    drug: Drug
    route: Route
    label: str
    spread_is: str
    source_id: str
    row: Row


def spread_is(records: Kinetics) -> str:
    """Where differences between people come from: measured, or with an assumed range on top, or none published."""
    if records.absorption is not None:
        return "assumed absorption"
    return "published" if records.variability is not None else "none published"


def concentration(its: HowFast, records: Kinetics) -> Row:
    """Concentration of the parent at one dose by one route: peak, time to it, area, and the course.

    Args:
        its: the dose, the route and the weight.
        records: kinetics of the drug by that route.
    """
    regimen = its.regimen()
    found = exposure(
        records, regimen, its.weight_kg, people=PEOPLE, seed=its.seed, level=its.level, until_h=SHOWN_H
    )  # fmt: skip
    parent = found.analytes[0]
    return {
        "dose": its.dose_spoken(), "dose_mg": regimen.doses[0].amount_mg,
        "cmax_ng_per_ml": _plain(parent.peak), "tmax_min": _plain(parent.peak_h, MINUTES_PER_HOUR),
        "auc_ng_h_per_ml": _plain(parent.area), "curve": _curve(found),
    }  # fmt: skip


@cache
def at_the_usual_dose() -> tuple[AtRoute, ...]:
    """Every studied drug and route at the usual dose.

    Raises:
        EvidenceRefused: a kinetic model is malformed.
    """
    found = []
    for drug, route in studied_pairs():
        records = kinetics(drug, route)
        its = replace(HowFast(), drug=drug, route=route, extrapolate=True)
        label = f"{route.spoken} {drug}"
        source = records.plasma.source_id
        found.append(AtRoute(drug, route, label, spread_is(records), source, concentration(its, records)))
    return tuple(found)


def _plain(values: Spread, factor: float = 1.0) -> dict[str, float]:
    found = asdict(values)
    return {**{name: factor * found[name] for name in ("typical", "low", "high")}, "cv": found["cv"]}


def _curve(found: Exposure) -> dict[str, list[float]]:
    parent = found.analytes[0]
    # choice: every few minutes is as fine as a small panel shows
    kept = [int(np.abs(found.times_h - time).argmin()) for time in np.arange(0.0, SHOWN_H + 1e-9, 1.0 / 12.0)]
    columns = {"time_h": found.times_h, "typical": parent.typical, "people_low": parent.low, "people_high": parent.high}
    return {name: np.asarray(values)[kept].round(4).tolist() for name, values in columns.items()}
