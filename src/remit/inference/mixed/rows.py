"""Rows as functions of their own prediction: log density, its slope and bend, and what the slope's square is worth.

With m what the observation y is normal around (the prediction c, or its logarithm), V its variance, s = log V and
r = y - m:

    density = -1/2 (log 2 pi + s + r^2 / V)
    slope   = -s'/2 + r m' / V + r^2 s' / 2 V
    bend    = -s''/2 + (-m'^2 + r m'' - 2 r m' s' + r^2 (s'' - s'^2) / 2) / V

Derivatives are by c and written out: a likelihood that is differentiated again would else be three derivatives deep,
and tracing and compiling those was most of a first fit.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from remit.inference.mixed.individual import (
    compared,
    is_log,
    is_rated,
    log_total,
    log_variance,
    rated,
    row_densities,
)
from remit.inference.mixed.model import MixedModel, Population
from remit.inference.mixed.records import Records


class Bent(NamedTuple):
    """Rows of one person, each array of shape (times,); 0 where there is no observation.

    Attributes:
        value: log density.
        slope, bend: derivatives of it by the prediction.
        weight: what a squared slope of the prediction adds to the expected information: m'^2 / V, and with interaction
            s'^2 / 2 (Almquist et al. 2015, eq. 22, without the cross terms whose expectation is zero). Totals of a
            scale count as if they were not rounded, rows below a limit as if their value were the limit.
    """

    value: Float[Array, " times"]
    slope: Float[Array, " times"]
    bend: Float[Array, " times"]
    weight: Float[Array, " times"]


def bent(
    model: MixedModel, pop: Population, curve: Array, typical: Array | None, records: Records, censored: bool
) -> Bent:
    """The rows around a prediction.

    Args:
        model, pop, records: of the person.
        curve: prediction of every row.
        typical: prediction that the variance follows; None where it follows the person's own (interaction).
        censored: whether any row of the table lies below a limit: what no row has need not be compiled.
    """
    spread = log_variance(model, pop, curve if typical is None else typical, records)
    centre = compared(model, curve, records)
    value = row_densities(model, centre, spread, records, censored)
    m1, m2 = _logarithm(model, curve, records)
    s1, s2 = _spreading(model, pop, curve, spread, records) if typical is None else (0.0, 0.0)
    seen = compared(model, records.observed, records)
    precision, off = jnp.exp(-spread), seen - centre
    scaled = off * precision
    squared = off * scaled
    slope = scaled * m1 + 0.5 * s1 * (squared - 1.0)
    bend = scaled * (m2 - 2.0 * m1 * s1) - precision * m1**2 + 0.5 * (squared * (s2 - s1**2) - s2)
    if rated(model):
        slope, bend = _totals(model, centre, spread, records, (slope, bend))
    if censored:
        slope, bend = _below(records, (slope, bend), off, spread, m1, m2, s1, s2)
    weight = precision * m1**2 + 0.5 * s1**2

    def counted(part: Array) -> Array:
        return jnp.where(records.counted, part, 0.0)

    return Bent(value, counted(slope), counted(bend), counted(weight))


def _totals(
    model: MixedModel, centre: Array, spread: Array, records: Records, normal: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Slope and bend with totals of a scale, whose variance does not follow the prediction."""

    def first(curve: Array) -> tuple[Array, Array]:
        return jax.jvp(lambda at: log_total(model, at, spread, records), (curve,), (jnp.ones_like(curve),))

    (_, slope), (_, bend) = jax.jvp(first, (centre,), (jnp.ones_like(centre),))
    own = is_rated(model, records)
    return jnp.where(own, slope, normal[0]), jnp.where(own, bend, normal[1])


def _logarithm(model: MixedModel, curve: Array, records: Records) -> tuple[Array | float, Array | float]:
    """m' and m'': 1 and 0, or of log c where the error is log-normal."""
    if not any("log" in error.kinds for error in model.errors):
        return 1.0, 0.0
    lognormal = is_log(model, records)
    one = jnp.where(lognormal, 1.0 / jnp.where(lognormal & (curve > 0), curve, 1.0), 1.0)
    return one, jnp.where(lognormal, -(one**2), 0.0)


def _spreading(
    model: MixedModel, pop: Population, curve: Array, spread: Array, records: Records
) -> tuple[Array | float, Array | float]:
    """s' and s'' of V; see `remit.inference.mixed.parameter.Error` for the kinds it is made of."""
    if not any({"proportional", "linear"} & set(error.kinds) for error in model.errors):
        return 0.0, 0.0
    first, second, place = jnp.zeros_like(curve), jnp.zeros_like(curve), 0
    for output, error in enumerate(model.errors):
        named = {kind: pop.error_sd[place + number] for number, kind in enumerate(error.kinds)}
        place += len(named)
        if "linear" in named:
            one = 2.0 * named["linear"] * jnp.sign(curve) * jnp.exp(-0.5 * spread)
            two = -0.5 * one**2
        elif "power" in named:
            one = 2.0 * named["power"] / jnp.where(curve != 0.0, curve, 1.0)
            two = -(one**2) / (2.0 * named["power"])
        elif "proportional" in named:
            relative = 2.0 * named["proportional"] ** 2 * jnp.exp(-spread)
            one = relative * curve
            two = relative - one**2
        else:
            continue
        own = records.output == output
        first, second = jnp.where(own, one, first), jnp.where(own, two, second)
    return first, second


def _below(
    records: Records,
    exact: tuple[Array, Array],
    off: Array,
    spread: Array,
    m1: Array | float,
    m2: Array | float,
    s1: Array | float,
    s2: Array | float,
) -> tuple[Array, Array]:
    """Slope and bend with rows below a limit, whose density is log Phi(z), z = (limit - m) / SD."""
    root = jnp.exp(-0.5 * spread)
    z = off * root
    z1 = -m1 * root - 0.5 * s1 * z
    z2 = root * (s1 * m1 - m2) + z * (0.25 * s1**2 - 0.5 * s2)
    hazard = jnp.exp(jax.scipy.stats.norm.logpdf(z) - jax.scipy.stats.norm.logcdf(z))
    slope, bend = hazard * z1, hazard * z2 - hazard * (z + hazard) * z1**2
    return jnp.where(records.below, slope, exact[0]), jnp.where(records.below, bend, exact[1])
