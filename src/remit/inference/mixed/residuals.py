"""Predictions and residuals of a fit, one row an observation, and how far the people are shrunk to the typical one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.found import Fit
from remit.inference.mixed.individual import compared, curve_program, log_variance

if TYPE_CHECKING:
    import polars as pl

Columns = dict[str, NDArray[Any]]
_STEP = 0.02
"""Of a random effect [SD].  # choice: five points of this step leave errors below 1e-7 of a slope"""


def observations(fit: Fit) -> pl.DataFrame:
    """Every observation with its predictions and residuals; see `observed_rows` for the columns."""
    import polars as pl

    return pl.DataFrame(observed_rows(fit))


def observed_rows(fit: Fit) -> Columns:
    """Every observation with its predictions and residuals, as columns.

    Columns: ``ID``, ``TIME``, ``DVID``, ``DV``, ``CENS``, ``PRED`` (typical person), ``IPRED`` (this person), ``IWRES``
    (individual residual in residual SDs) and ``CWRES`` (residual from the mean at the person's mode in SDs of all
    variability; Hooker, Staatz and Karlsson 2007). Where the error is log-normal, residuals are of logarithms.
    """
    model, records = fit.model, fit.records
    pop = model.population(fit.estimated)
    run = curve_program(model, fit.quick)
    curve = np.asarray(run(fit.estimated, fit.modes, records))
    typical = np.asarray(run(fit.estimated, np.zeros_like(fit.modes), records))
    slope = _slopes(fit, lambda b: compared(model, np.asarray(run(fit.estimated, b, records)), records))
    centre = compared(model, curve, records)
    sd = np.exp(0.5 * log_variance(model, pop, typical if fit.method == "foce" else curve, records))
    seen = compared(model, np.asarray(records.observed), records)
    individual = (seen - centre) / sd
    conditional = np.zeros_like(seen)
    for person, own in enumerate(np.asarray(records.counted)):
        part = slope[person][own]
        root = np.linalg.cholesky(part @ part.T + np.diag(sd[person][own] ** 2))
        off = seen[person][own] - (centre[person][own] - part @ fit.modes[person])
        conditional[person][own] = np.linalg.solve(root, off)
    counted = np.asarray(fit.records.counted)
    people = np.broadcast_to(np.array(fit.table.people)[:, None], counted.shape)
    outputs = np.array(model.structure.outputs)[np.asarray(fit.records.output)]
    return {
        "ID": people[counted],
        "TIME": np.asarray(fit.records.time)[counted],
        "DVID": outputs[counted],
        "DV": np.asarray(fit.records.observed)[counted],
        "CENS": np.asarray(fit.records.below)[counted],
        "PRED": typical[counted],
        "IPRED": curve[counted],
        "IWRES": individual[counted],
        "CWRES": conditional[counted],
    }


def _slopes(fit: Fit, centre: Callable[[NDArray[Any]], NDArray[Any]]) -> NDArray[Any]:
    """Derivatives of what observations are normal around by the random effects, shape (people, times, effects).

    Differences of predictions that are there anyway: a program of exact derivatives took longer to compile than all
    else that is made of a fit.
    """
    found = []
    for place in range(fit.model.size):
        step = np.zeros(fit.model.size)
        step[place] = _STEP
        near = centre(fit.modes + step) - centre(fit.modes - step)
        far = centre(fit.modes + 2.0 * step) - centre(fit.modes - 2.0 * step)
        found.append((8.0 * near - far) / (12.0 * _STEP))
    return np.stack(found, axis=-1)


def shrinkage(fit: Fit, shown: Columns) -> dict[str, float]:
    """Shrinkage [%] of each random effect, and of the residuals: 100 (1 - SD of the estimates / SD).

    Residuals are named ``residual``, of several outputs ``residual cp`` and so on.

    Args:
        fit: the fit.
        shown: from `observed_rows`.
    """
    factor = fit.model.population(fit.estimated).factor
    sd = np.sqrt(np.diag(factor @ factor.T))
    found = {
        name: 100.0 * (1.0 - float(each.std(ddof=1)) / float(spread))
        for name, each, spread in zip(fit.model.etas, fit.etas.T, sd, strict=True)
    }
    outputs = fit.model.structure.outputs
    for output in outputs:
        exact = shown["IWRES"][~shown["CENS"] & (shown["DVID"] == output)]
        name = "residual" if len(outputs) == 1 else f"residual {output}"
        if len(exact) > 1:
            found[name] = 100.0 * (1.0 - float(exact.std(ddof=1)))
    return found


def people(fit: Fit) -> pl.DataFrame:
    """Each person, one row; see `people_rows` for the columns."""
    import polars as pl

    return pl.DataFrame(people_rows(fit))


def people_rows(fit: Fit) -> dict[str, list[Any]]:
    """Each person's random effects (``eta ...``, transformed scale) and parameters on their natural scale.

    A parameter that changes within a person is given at their first observation.
    """
    model = fit.model
    pop = model.population(fit.estimated)
    each = [
        model.individual(pop, b, jax.tree.map(lambda part, place=place: np.asarray(part)[place], fit.records))
        for place, b in enumerate(fit.modes)
    ]
    columns: dict[str, Any] = {"ID": list(fit.table.people)}
    for place, name in enumerate(model.etas):
        columns[f"eta {name}"] = fit.etas[:, place].tolist()
    for name in each[0]:
        columns[name] = [float(np.ravel(values[name])[0]) for values in each]
    return columns
