"""The joint density of one person's observations and random effects, and its derivatives."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from remit.inference.mixed.model import MixedModel, Population
from remit.inference.mixed.records import Records

_LOG_2PI = float(jnp.log(2.0 * jnp.pi))


def predicted(model: MixedModel, pop: Population, b: Array, records: Records) -> Float[Array, " times"]:
    """Prediction of one person at every row."""
    values = model.individual(pop, b, records)
    curves = model.structure.predict(values, records.doses, records.time, records.covariates)
    if curves.ndim == 1:
        return curves
    return jnp.take_along_axis(curves, records.output[None], axis=0)[0]


def log_variance(model: MixedModel, pop: Population, curve: Array, records: Records) -> Float[Array, " times"]:
    """Logarithm of the residual variance at every row; of log y where the error is log-normal."""
    place, found = 0, []
    for error in model.errors:
        total = jnp.zeros_like(curve)
        for kind in error.kinds:
            sd = pop.error_sd[place]
            total = total + (sd * curve) ** 2 if kind == "proportional" else total + sd**2
            place += 1
        found.append(total)
    variance = found[0] if len(found) == 1 else jnp.take_along_axis(jnp.stack(found), records.output[None], axis=0)[0]
    return jnp.log(jnp.where(records.counted, variance, 1.0))


def is_log(model: MixedModel, records: Records) -> Array:
    """Rows whose error is log-normal."""
    flags = jnp.array(["log" in error.kinds for error in model.errors])
    return flags[records.output]


def terms(model: MixedModel, pop: Population, b: Array, records: Records, interaction: bool) -> tuple[Array, Array]:
    """What the observation is normal around, and the logarithm of its variance, at every row of one person.

    Args:
        model, pop, b, records: as for `predicted`.
        interaction: whether the variance follows the person's own prediction; else that of the typical person.
    """
    curve = predicted(model, pop, b, records)
    base = curve if interaction else predicted(model, pop, jnp.zeros_like(b), records)
    spread = log_variance(model, pop, base, records)
    if any("log" in error.kinds for error in model.errors):
        lognormal = is_log(model, records)
        curve = jnp.where(lognormal, jnp.log(jnp.where(lognormal & (curve > 0), curve, 1.0)), curve)
    return curve, spread


def data_density(model: MixedModel, pop: Population, b: Array, records: Records, interaction: bool = True) -> Array:
    """Log density of one person's observations given their random effects: the full normal density, with its constant.

    Where all that is known is that the value lies below a limit, it is the probability of that (M3; Beal 2001).
    """
    curve, spread = terms(model, pop, b, records, interaction)
    observed = records.observed
    jacobian = jnp.zeros_like(curve)
    if any("log" in error.kinds for error in model.errors):
        lognormal = is_log(model, records) & records.counted
        safe = jnp.log(jnp.where(lognormal & (observed > 0), observed, 1.0))
        observed, jacobian = jnp.where(lognormal, safe, observed), jnp.where(lognormal & ~records.below, safe, 0.0)
    scaled = (observed - curve) * jnp.exp(-0.5 * spread)
    normal = -0.5 * (_LOG_2PI + spread + scaled**2) - jacobian
    row = jnp.where(records.below, jax.scipy.stats.norm.logcdf(scaled), normal)
    return jnp.sum(jnp.where(records.counted, row, 0.0))


def joint_density(model: MixedModel, pop: Population, b: Array, records: Records, interaction: bool = True) -> Array:
    """Log density of one person's observations and standardised random effects."""
    return data_density(model, pop, b, records, interaction) - 0.5 * (b @ b + b.shape[0] * _LOG_2PI)


def expected_information(
    model: MixedModel, pop: Population, b: Array, records: Records, interaction: bool
) -> Float[Array, "effects effects"]:
    """Curvature of the joint density that first derivatives give: I + J' J / variance + c' c / 2.

    J and c are the derivatives of the prediction and of the log variance (Almquist et al. 2015, eq. 22, without the
    cross terms whose expectation is zero). Rows below a limit count as if their value were the limit.
    """

    def both(at: Array) -> tuple[Array, Array]:
        return terms(model, pop, at, records, interaction)

    slope, bend = jax.jacfwd(both)(b)
    _, spread = both(b)
    weight = jnp.where(records.counted, jnp.exp(-spread), 0.0)
    found = jnp.eye(b.shape[0]) + jnp.einsum("ti,t,tj->ij", slope, weight, slope)
    if interaction:
        found = found + 0.5 * jnp.einsum("ti,t,tj->ij", bend, jnp.where(records.counted, 1.0, 0.0), bend)
    return found
