"""A fit as xarray groups with the names of ArviZ, and as NetCDF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from remit import __version__
from remit.vocabulary.errors import OutputRefused

if TYPE_CHECKING:
    from remit.inference.network.analysis import Analysis
    from remit.inference.network.fit import Fit
    from remit.inference.network.prediction import Pointwise


def as_tree(fit: Fit, points: Pointwise, summary: dict[str, Any] | None = None) -> Any:
    """The groups posterior, posterior_predictive, log_likelihood, observed_data, constant_data and sample_stats.

    ``posterior_predictive`` and ``log_likelihood`` hold evenly spaced draws of all chains, as one chain. Of the latter,
    ``y`` is the density given every coefficient, ``y_given_rest`` that given all other rows, of which PSIS-LOO is made.

    Args:
        fit: a fitted network.
        points: from `pointwise`.
        summary: written as an attribute.
    """
    import xarray as xr

    from remit.inference.network.effects import sizes

    network = fit.network
    names = list(network.treatments)
    columns = fit.model.curve.columns
    coords: dict[str, Any] = {
        "chain": np.arange(fit.settings.chains),
        "draw": np.arange(fit.settings.draws),
        "treatment": names,
        "study": [study.name for study in network.studies],
        "column": np.arange(columns),
        "row": np.arange(len(network.rows)),
    }
    posterior: dict[str, Any] = {}
    for name, value in fit.parameters.items():
        axes = ["chain", "draw"]
        if value.ndim == 3:
            axes.append("treatment" if name in fit.model.curve.shapes else "column")
        posterior[name] = (axes, value)
    effects = sizes(fit).reshape(*fit.sampled.position.shape[:2], len(names), columns)
    posterior["effect"] = (["chain", "draw", "treatment", "column"], effects)
    posterior["level"] = (["chain", "draw", "study"], fit.coefficients["level"])
    posterior["course"] = (["chain", "draw", "study", "column"], fit.coefficients["course"])
    stats = {
        "lp": (["chain", "draw"], fit.sampled.lp),
        "diverging": (["chain", "draw"], fit.sampled.diverging),
        "energy": (["chain", "draw"], fit.sampled.energy),
        "acceptance_rate": (["chain", "draw"], fit.sampled.accepted),
        "n_steps": (["chain", "draw"], fit.sampled.steps),
    }
    kept = {"chain": np.arange(1), "draw": np.arange(len(points.fitted)), "row": coords["row"]}
    chance = np.random.default_rng((fit.settings.seed, 5))
    rows = network.rows
    if fit.model.likelihood == "binomial":
        people = np.array([row.n for row in rows])
        again = {"events": chance.binomial(people.astype(int), 1.0 / (1.0 + np.exp(-points.fitted)))}
        observed = {"events": ("row", [row.events for row in rows]), "people": ("row", people)}
    else:
        again = {"y": points.fitted + points.spread * chance.normal(size=points.fitted.shape)}
        observed = {"y": ("row", [row.y for row in rows])}
    constant = {
        "study_name": ("row", [row.study for row in rows]),
        "arm": ("row", [row.arm for row in rows]),
        "treatment_name": ("row", [row.treatment for row in rows]),
        "time": ("row", [row.time for row in rows]),
        "se": ("row", [row.se for row in rows]),
    }
    attributes = {"creation_library": "remit", "remit_version": __version__, "time_unit": network.table.unit}
    if summary is not None:
        attributes["summary"] = json.dumps(summary)
    used = {name: coords[name] for name in ("chain", "draw", "treatment", "study", "column")}
    groups = {
        "/": xr.Dataset(attrs=attributes),
        "/posterior": xr.Dataset(posterior, coords=used),
        "/sample_stats": xr.Dataset(
            stats,
            coords={name: coords[name] for name in ("chain", "draw")},
            attrs={
                "sampler": fit.sampled.sampler,
                "proposal_evenness": fit.sampled.evenness,
                "proposal_pareto_k": fit.sampled.tail,
            },
        ),
        "/posterior_predictive": xr.Dataset(
            {name: (["chain", "draw", "row"], value[None]) for name, value in again.items()}, coords=kept
        ),
        "/log_likelihood": xr.Dataset(
            {
                "y": (["chain", "draw", "row"], points.given_all[None]),
                "y_given_rest": (["chain", "draw", "row"], points.given_rest[None]),
            },
            coords=kept,
        ),
        "/observed_data": xr.Dataset(observed, coords={"row": coords["row"]}),
        "/constant_data": xr.Dataset(constant, coords={"row": coords["row"]}),
    }
    return xr.DataTree.from_dict(groups)


def write_record(analysis: Analysis, folder: Path) -> None:
    """Write ``fit.nc`` and ``summary.json``; each appears whole or not at all.

    Raises:
        OutputRefused: a file cannot be written.
    """
    try:
        fresh = folder / "fit.nc.tmp"
        as_tree(analysis.fit, analysis.points, analysis.summary).to_netcdf(fresh, engine="h5netcdf")
        fresh.replace(folder / "fit.nc")
        words = folder / "summary.json.tmp"
        words.write_text(json.dumps(plain(analysis.summary), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
        words.replace(folder / "summary.json")
    except OSError as fault:
        raise OutputRefused(f"{folder} cannot be written to ({fault.strerror})", where="--out") from None


def plain(value: Any) -> Any:
    """A value that JSON can hold: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
