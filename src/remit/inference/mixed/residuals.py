"""Predictions and residuals of a fit, one row an observation, and how far the people are shrunk to the typical one."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
from jaxtyping import Array

from remit.inference.mixed.fit import Fit
from remit.inference.mixed.individual import terms
from remit.inference.mixed.records import Records


def observations(fit: Fit) -> pl.DataFrame:
    """Every observation with its predictions and residuals.

    Columns: ``ID``, ``TIME``, ``DVID``, ``DV``, ``CENS``, ``PRED`` (typical person), ``IPRED`` (this person), ``IWRES``
    (individual residual in residual SDs) and ``CWRES`` (residual from the mean at the person's mode in SDs of all
    variability; Hooker, Staatz and Karlsson 2007). Where the error is log-normal, residuals are of logarithms.
    """
    model = fit.model
    pop = model.population(jnp.asarray(fit.estimated))
    interaction = fit.method not in {"foce"}

    def one(b: Array, rec: Records) -> tuple[Array, ...]:
        zero = jnp.zeros_like(b)
        typical, _ = terms(model, pop, zero, rec, interaction)
        curve, spread = terms(model, pop, b, rec, interaction)
        slope = jax.jacfwd(lambda at: terms(model, pop, at, rec, interaction)[0])(b)
        slope = jnp.where(rec.counted[:, None], slope, 0.0)
        scale = jnp.sqrt(jnp.diagonal(slope @ slope.T) + jnp.exp(spread))
        covariance = slope @ slope.T + jnp.diag(jnp.where(rec.counted, jnp.exp(spread), 1.0))
        root = jnp.linalg.cholesky(covariance)
        off = jnp.where(rec.counted, _seen(model, rec) - (curve - slope @ b), 0.0)
        conditional = jax.scipy.linalg.solve_triangular(root, off, lower=True)
        return typical, curve, (_seen(model, rec) - curve) * jnp.exp(-0.5 * spread), conditional, scale

    typical, curve, individual, conditional, _ = (
        np.asarray(each) for each in jax.jit(jax.vmap(one))(jnp.asarray(fit.modes), fit.records)
    )
    counted = np.asarray(fit.records.counted)
    lognormal = np.array(["log" in error.kinds for error in model.errors])[np.asarray(fit.records.output)]
    typical, curve = (np.where(lognormal, np.exp(np.where(lognormal, each, 0.0)), each) for each in (typical, curve))
    people = np.broadcast_to(np.array(fit.table.people)[:, None], counted.shape)
    outputs = np.array(model.structure.outputs)[np.asarray(fit.records.output)]
    return pl.DataFrame(
        {
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
    )


def _seen(model: Any, rec: Records) -> Array:
    if not any("log" in error.kinds for error in model.errors):
        return rec.observed
    flags = jnp.array(["log" in error.kinds for error in model.errors])[rec.output] & (rec.observed > 0)
    return jnp.where(flags, jnp.log(jnp.where(flags, rec.observed, 1.0)), rec.observed)


def shrinkage(fit: Fit, shown: pl.DataFrame) -> dict[str, float]:
    """Shrinkage [%] of each random effect, and of the residuals (``residual``): 100 (1 - SD of the estimates / SD).

    Args:
        fit: the fit.
        shown: from `observations`.
    """
    factor = np.asarray(fit.model.population(jnp.asarray(fit.estimated)).factor)
    sd = np.sqrt(np.diag(factor @ factor.T))
    found = {
        name: 100.0 * (1.0 - float(each.std(ddof=1)) / float(spread))
        for name, each, spread in zip(fit.model.etas, fit.etas.T, sd, strict=True)
    }
    exact = shown.filter(~pl.col("CENS"))["IWRES"].to_numpy()
    return {**found, "residual": 100.0 * (1.0 - float(exact.std(ddof=1)))}


def people(fit: Fit) -> pl.DataFrame:
    """Each person's random effects (``eta ...``, transformed scale) and parameters on their natural scale.

    A parameter that changes within a person is given at their first observation.
    """
    model = fit.model
    pop = model.population(jnp.asarray(fit.estimated))
    values = jax.vmap(lambda b, rec: model.individual(pop, b, rec))(jnp.asarray(fit.modes), fit.records)
    columns: dict[str, Any] = {"ID": list(fit.table.people)}
    for place, name in enumerate(model.etas):
        columns[f"eta {name}"] = fit.etas[:, place]
    for name, value in values.items():
        shown = np.asarray(value)
        columns[name] = shown if shown.ndim == 1 else shown[:, 0]
    return pl.DataFrame(columns)
