"""A fit as numbers that can be kept: a summary, tables, and xarray groups."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from remit import __version__
from remit.inference.mixed.courses import courses
from remit.inference.mixed.found import Fit
from remit.inference.mixed.residuals import observations, observed_rows, people, people_rows, shrinkage
from remit.inference.mixed.simulation import checked, prediction_errors, simulated
from remit.inference.mixed.table_notes import notes
from remit.inference.mixed.units import units_of
from remit.inference.mixed.words import in_words, spoken
from remit.inference.network.record import plain
from remit.vocabulary.errors import OutputRefused

if TYPE_CHECKING:
    import polars as pl

Summary = dict[str, Any]
MOST_PEOPLE = 30
"""People drawn one by one.  # choice: more do not fit a page"""
LEAST_SHRINKAGE = 30.0
"""Shrinkage [%] above which plots of random effects mislead (Savic and Karlsson 2009)."""
CONDITION = 1000.0
"""Condition number above which estimates cannot be told apart.  # choice: the usual rule of thumb"""


def as_table(fit: Fit) -> pl.DataFrame:
    """The estimates: columns name, kind, value, se, robust, natural, low, high, rhat, ess."""
    import polars as pl

    return pl.DataFrame([asdict(row) for row in fit.rows])


def as_tree(fit: Fit) -> Any:
    """The fit as xarray groups: estimates, covariance, random effects and observations."""
    import xarray as xr

    free = [name for name, flag in zip(fit.model.names, fit.model.free, strict=True) if flag]
    attributes = {
        "creation_library": "remit",
        "remit_version": __version__,
        "method": fit.method,
        "log_likelihood": fit.log_likelihood,
    }
    estimates = xr.Dataset({"value": ("number", fit.estimated)}, coords={"number": free})
    if fit.uncertainty is not None:
        for name in ("covariance", "sandwich"):
            estimates[name] = (("number", "other"), getattr(fit.uncertainty, name))
        estimates = estimates.assign_coords(other=free)
    rows = xr.Dataset({
        name: ("row", each.tolist() if each.dtype.kind == "U" else each) for name, each in observed_rows(fit).items()
    })  # fmt: skip
    etas = xr.Dataset(
        {"eta": (("person", "effect"), fit.etas)},
        coords={"person": list(fit.table.people), "effect": list(fit.model.etas)},
    )
    groups = {
        "/": xr.Dataset(attrs=attributes), "/estimates": estimates, "/random_effects": etas, "/observations": rows
    }  # fmt: skip
    if fit.draws is not None:
        groups["/posterior"] = xr.Dataset({"value": (("draw", "number"), fit.draws)}, coords={"number": free})
    return xr.DataTree.from_dict(groups)


def summarise(
    fit: Fit,
    replicates: int = 500,
    seed: int = 1,
    bins: int = 10,
    units: Mapping[str, str] | None = None,
    *,
    drawn_people: int = MOST_PEOPLE,
) -> Summary:
    """Every number of the report, as JSON can hold it.

    Args:
        fit: a fit that converged.
        replicates: data sets simulated for the predictive checks.
        seed: of them.
        bins: of time in the predictive checks.
        units: of the table; see `remit.inference.mixed.units.units_of`.
        drawn_people: whose courses are wanted, the first of the table; none where nothing is drawn, as the times of a
            picture need a program of their own.

    Raises:
        InputRefused: a unit of nothing in the table or the model.
    """
    known = units_of(fit.model.structure, [each.name for each in fit.model.parameters], units or {})
    shown = observed_rows(fit)
    drawn = simulated(fit, replicates, seed)
    errors = prediction_errors(fit, drawn)
    outputs = fit.model.structure.outputs
    checks = {
        output: {
            "plain": checked(fit, drawn, bins=bins, output=place),
            "corrected": checked(fit, drawn, bins=bins, output=place, typical=shown["PRED"]),
        }
        for place, output in enumerate(outputs)
    }
    shrunk = shrinkage(fit, shown)
    summary: Summary = {
        "remit": __version__,
        "table": fit.table.name,
        "people": len(fit.table.people),
        "observations": len(shown["DV"]),
        "below_limit": int(shown["CENS"].sum()),
        "model": dict(spoken(fit.model)),
        "method": fit.method,
        "nodes": fit.nodes,
        "log_likelihood": fit.log_likelihood,
        **fit.criteria,
        "simulation": dict(fit.simulation),
        "units": known,
        "estimates": [{**asdict(row), **in_words(fit, row, known)} for row in fit.rows],
        "shrinkage": shrunk,
        "convergence": {
            "largest_gradient": fit.gradient,
            "step_left_se": fit.left,
            "steps": fit.steps,
            "evaluations": fit.evaluations,
            "condition": fit.uncertainty.condition if fit.uncertainty else None,
        },
        "npde": {"mean": float(errors.mean()), "sd": float(errors.std(ddof=1))},
        "checks": checks,
        "rows": _by_row({**shown, "NPDE": errors}),
        "courses": courses(fit, drawn_people) if drawn_people else [],
        "people_table": _by_row(people_rows(fit)),
        "outputs": list(outputs),
        "replicates": replicates,
        "seed": seed,
    }
    summary["remarks"] = _remarks(fit, summary)
    return plain(summary)


def _by_row(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = [each.tolist() if isinstance(each, np.ndarray) else each for each in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*listed, strict=True)]


def _remarks(fit: Fit, summary: Summary) -> list[str]:
    """What a reader must know beside the numbers."""
    found = notes(fit.table)
    if fit.method == "nuts":
        found.append("Estimates are posterior medians and means; the priors they rest on are listed.")
    if fit.method == "saem":
        found.append(
            f"Simulated: the log likelihood is sure to {fit.simulation['log_likelihood_error']:.2g}, the estimates to "
            f"{fit.simulation['step_noise_se']:.2g} standard errors. Random effects are conditional means."
        )
    if fit.method == "lme":
        found.append(
            "Method lme linearises as R's nlme does: its log likelihood is of the linear model, and SDs have no "
            "standard errors here."
        )
    if fit.model.published:
        found.append(
            f"Published values count as the mean of {fit.model.published:g} people who differ as the fitted ones do. "
            "The log likelihood is that of the table alone."
        )
    condition = summary["convergence"]["condition"]
    if condition is not None and condition > CONDITION:
        found.append(f"Condition number {condition:.0f}: some estimates cannot be told apart by these data.")
    shrunk = [f"{name} {value:.0f} %" for name, value in summary["shrinkage"].items() if value > LEAST_SHRINKAGE]
    if shrunk:
        found.append(
            f"Shrinkage above {LEAST_SHRINKAGE:.0f} %: {', '.join(shrunk)}. Values of single people say little there."
        )
    if summary["below_limit"]:
        found.append(
            f"{summary['below_limit']} observations lie below the limit of quantification. In predictive checks they "
            "and simulated values below the limit count as the limit; other pictures of residuals leave them out."
        )
    number = summary["observations"]
    if abs(summary["npde"]["mean"]) > 3.0 / np.sqrt(number) or abs(summary["npde"]["sd"] - 1.0) > 3.0 / np.sqrt(
        2 * number
    ):
        found.append(
            f"Prediction errors are not N(0, 1) (mean {summary['npde']['mean']:.2f}, SD {summary['npde']['sd']:.2f}): "
            "the model misses part of the data."
        )
    return found


def write_record(fit: Fit, summary: Summary, folder: Path) -> None:
    """Write ``summary.json``, ``estimates.csv``, ``observations.csv``, ``people.csv`` and ``fit.nc``, each whole.

    Raises:
        OutputRefused: a file cannot be written.
    """
    tables = {"estimates": as_table(fit), "observations": observations(fit), "people": people(fit)}
    try:
        for name, table in tables.items():
            fresh = folder / f"{name}.csv.tmp"
            table.write_csv(fresh)
            fresh.replace(folder / f"{name}.csv")
        fresh = folder / "fit.nc.tmp"
        as_tree(fit).to_netcdf(fresh, engine="h5netcdf")
        fresh.replace(folder / "fit.nc")
        fresh = folder / "summary.json.tmp"
        fresh.write_text(json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
        fresh.replace(folder / "summary.json")
    except OSError as fault:
        raise OutputRefused(f"{folder} cannot be written to ({fault.strerror})", where="--out") from None
