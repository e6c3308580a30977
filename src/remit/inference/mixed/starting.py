"""Where a search begins: from the sizes of doses, values and times of a table, and a fit of all people as one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.individual import typical_curves
from remit.inference.mixed.kinetics import Structure
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.records import Records
from remit.inference.mixed.written_out import output_of

_TRIED = (-3.0, -1.5, 0.0, 1.5, 3.0)  # choice: logarithms; a factor of twenty either way; `AT_ONCE` pairs of them
_NEAR = 1e-3  # choice: the search begins here, it does not end here
_ASIDE = 1e-4  # choice: of a logarithm, for slopes by differences
_FARTHEST = 7.0  # choice: a factor of a thousand from there


def values_of(table: EventTable, outputs: Sequence[str], output: int) -> NDArray[np.float64]:
    """Every observation of one output.

    Args:
        table: the data.
        outputs: names of all outputs of the model.
        output: position of the one asked for.
    """
    rows = (event for events in table.events for event in events if event.dv is not None)
    return np.array([event.dv for event in rows if output_of(event.dvid, outputs) == output])


def guessed(structure: Structure, table: EventTable, seen: NDArray[Any]) -> dict[str, float]:
    """Starting values of a compartment model; none of others.

    # choice: four half-lives in the time observed, the largest values soon after a dose, equal compartments; the search
    moves orders of magnitude from there

    Args:
        structure: the model.
        table: the data.
        seen: the concentrations among them.
    """
    amounts = [event.amt for events in table.events for event in events if event.amt > 0]
    if "cpt" not in structure.name or not amounts or len(structure.outputs) > 1 or not len(seen):
        return {}
    last = float(np.median([events[-1].time - events[0].time for events in table.events])) or 1.0
    volume = float(np.median(amounts)) / max(float(np.quantile(seen, 0.9)), 1e-12)
    rate = 4.0 * float(np.log(2.0)) / last
    usual = {
        "V": volume,
        "V1": volume,
        "V2": volume,
        "V3": volume,
        "CL": volume * rate,
        "Q": volume * rate,
        "Q3": 0.3 * volume * rate,
        "KE": rate,
        "KA": 10.0 * rate,
        "KTR": 20.0 * rate,
    }
    return {name: usual[name] for name in structure.parameters if name in usual}


def pooled(model: MixedModel, records: Records, begin: NDArray[np.float64], quick: bool) -> NDArray[np.float64]:
    """Starting values nearer to the data: guessed parameters from least squares of all people as one.

    Volumes and rates are first tried at several sizes. Differences are those of logarithms where the residual error
    grows with the prediction.

    Args:
        model, records: as prepared.
        begin: estimated numbers to begin with; only those of `MixedModel.guessed` are moved.
        quick: whether the program is compiled without optimisation.
    """
    from scipy.optimize import least_squares

    free = [name for name, flag in zip(model.names, model.free, strict=True) if flag]
    names = [name for name in model.guessed if name in free]
    places = np.array([free.index(name) for name in names], int)
    counted = np.asarray(records.counted) & (np.asarray(records.output) == 0)
    if not len(places) or not counted.any():
        return begin
    held = jax.device_put(records)
    seen = np.asarray(records.observed)[counted]
    logs = model.errors[0].kinds != ("additive",) and bool((seen > 0).any())
    scale = float(seen.std()) or 1.0

    def apart(moved: NDArray[np.float64]) -> NDArray[np.float64]:
        points = np.tile(begin, (len(moved), 1))
        points[:, places] += moved
        curve = typical_curves(model, quick, points, held)[:, counted]
        with np.errstate(all="ignore"):
            both = seen > 0
            far = np.where(both, np.log(np.maximum(curve, 1e-12 * scale) / np.where(both, seen, 1.0)), 0.0)
            found = far if logs else (curve - seen) / scale
        return np.where(np.isfinite(found), np.clip(found, -30.0, 30.0), 30.0)

    def slopes(moved: NDArray[np.float64]) -> NDArray[np.float64]:
        here, *aside = apart(np.concatenate([moved[None], moved + _ASIDE * np.eye(len(moved))]))
        return np.stack([(each - here) / _ASIDE for each in aside], axis=1)

    amount = np.array([float(name[0] in "VCQ") for name in names])
    rate = np.array([float(name[0] in "CQK") for name in names])
    tried = np.array([size * amount + speed * rate for size, speed in product(_TRIED, _TRIED)])
    best = tried[int(np.argmin(np.sum(np.log1p(apart(tried) ** 2), axis=1)))]
    found = least_squares(
        lambda moved: apart(moved[None])[0],
        best,
        slopes,  # pyright: ignore[reportArgumentType]  (the stubs know only names of schemes)
        bounds=(best - _FARTHEST, best + _FARTHEST),
        loss="soft_l1",
        ftol=_NEAR,
        xtol=_NEAR,
        gtol=_NEAR,
        max_nfev=60,
    )
    at = begin.copy()
    at[places] += found.x
    return at
