"""The joint density of one person's observations and random effects, and its derivatives."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from remit.inference.mixed.expansion import prediction
from remit.inference.mixed.model import MixedModel, Population
from remit.inference.mixed.records import Records
from remit.population.scores import log_chance

_LOG_2PI = float(np.log(2.0 * np.pi))


class Curves(NamedTuple):
    """How one person's prediction follows from the coordinates that move (`MixedModel.moving`).

    Attributes:
        own: of the person.
        typical: of the same person without random effects, whom the variance follows where there is no interaction.
    """

    own: Callable[[Array], Array]
    typical: Callable[[Array], Array]


def predicted(model: MixedModel, pop: Population, b: Array, records: Records) -> Float[Array, " times"]:
    """Prediction of one person at every row."""
    return prediction(model, model.coordinates(pop, b, records), records)


QUICK = {
    "xla_backend_optimization_level": 0,
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_use_fusion_emitters": False,
}
"""Compiler options of a program that runs too briefly to repay its optimisation: a fifth of the time to compile, and
four times as long to run."""
_BRIEF = 20_000
"""Numbers in the second derivatives of all people.  # choice: below it an evaluation takes milliseconds either way"""

AT_ONCE = 25
"""Vectors of estimated numbers at which all people are predicted in one call while a start is searched for."""


def brief(model: MixedModel, records: Records) -> bool:
    """Whether a table is so small that compiling is most of a fit."""
    return records.time.size * len(model.moving) ** 2 < _BRIEF


def _of_people(model: MixedModel) -> Callable[[Any, Any, Records], Array]:
    def run(estimated: Array, b: Array, records: Records) -> Array:
        pop = model.population(estimated)
        return jax.vmap(lambda own, rec: predicted(model, pop, own, rec))(b, records)

    return run


@lru_cache(maxsize=16)
def curve_program(model: MixedModel, quick: bool = False) -> Callable[[Any, Any, Records], Array]:
    """Predictions of all people as a compiled program of (estimated numbers, random effects, records)."""

    return jax.jit(_of_people(model), compiler_options=QUICK if quick else None)


@lru_cache(maxsize=16)
def _typical_program(model: MixedModel, quick: bool) -> Callable[[Any, Records], Array]:
    def run(estimated: Array, records: Records) -> Array:
        return _of_people(model)(estimated, jnp.zeros((records.time.shape[0], model.size)), records)

    return jax.jit(jax.vmap(run, (0, None)), compiler_options=QUICK if quick else None)


def typical_curves(
    model: MixedModel, quick: bool, points: Float[np.ndarray, "points numbers"], records: Records
) -> Float[np.ndarray, "points people times"]:
    """Predictions of all people without random effects, at several vectors of estimated numbers at once.

    # choice: `AT_ONCE` of them where a start is searched for, so that every question there asks one compiled program

    Args:
        model, records: as prepared.
        quick: whether the program is compiled without optimisation.
        points: the vectors, at most `AT_ONCE`.
    """
    rows = AT_ONCE if model.guessed else len(points)
    filled = np.concatenate([points, np.broadcast_to(points[-1], (rows - len(points), points.shape[1]))])
    return np.asarray(_typical_program(model, quick)(filled, records))[: len(points)]


def log_variance(model: MixedModel, pop: Population, curve: Any, records: Records) -> Any:
    """Logarithm of the residual variance at every row, of one person or many; that of log y for log-normal error."""
    xp, place = jnp if isinstance(curve, jax.Array) else np, 0
    variance = xp.zeros_like(curve)
    for output, error in enumerate(model.errors):
        named = {kind: pop.error_sd[place + number] for number, kind in enumerate(error.kinds)}
        place += len(named)
        if "linear" in named:
            total = (named["additive"] + named["linear"] * xp.abs(curve)) ** 2
        elif "power" in named:
            # a prediction of 0 has no spread, and no derivative
            size = xp.where(curve != 0.0, xp.abs(curve), 1e-30)
            total = (named["proportional"] * size ** named["power"]) ** 2
        else:
            total = xp.zeros_like(curve)
            for kind, sd in named.items():
                total = total + (sd * curve) ** 2 if kind == "proportional" else total + sd**2
        variance = xp.where(records.output == output, total, variance)
    return xp.log(xp.where(records.counted, variance, 1.0))


def is_log(model: MixedModel, records: Records) -> Any:
    """Rows whose error is log-normal."""
    found = np.zeros(records.output.shape, bool)
    for output, error in enumerate(model.errors):
        if "log" in error.kinds:
            found = found | (records.output == output)
    return found


def rated(model: MixedModel) -> bool:
    """Whether any output is a total of a scale, rounded and cut off at its ends."""
    return any("bounded" in error.kinds for error in model.errors)


def is_rated(model: MixedModel, records: Records) -> Any:
    """Rows that are totals of a scale."""
    found = np.zeros(records.output.shape, bool)
    for output, error in enumerate(model.errors):
        if "bounded" in error.kinds:
            found = found | (records.output == output)
    return found


def log_total(model: MixedModel, curve: Array, spread: Array, records: Records) -> Float[Array, " times"]:
    """Log probability of each total, as `remit forecast` takes it; of rows that are none it has no meaning."""
    assert model.structure.bounds is not None  # noqa: S101  (checked when the model is made)
    low, high, step = (jnp.asarray(float(each)) for each in model.structure.bounds)
    return log_chance(records.observed, curve, jnp.exp(0.5 * spread), low, high, step)


def compared(model: MixedModel, curve: Any, records: Records) -> Any:
    """What the observation, or its logarithm where the error is log-normal, is normal around; of one person or many."""
    if not any("log" in error.kinds for error in model.errors):
        return curve
    xp, lognormal = jnp if isinstance(curve, jax.Array) else np, is_log(model, records)
    return xp.where(lognormal, xp.log(xp.where(lognormal & (curve > 0), curve, 1.0)), curve)


def terms(
    model: MixedModel, pop: Population, b: Array, records: Records, interaction: bool, curves: Curves | None = None
) -> tuple[Array, Array]:
    """What the observation is normal around, and the logarithm of its variance, at every row of one person.

    Args:
        model, pop, b, records: as for `predicted`.
        interaction: whether the variance follows the person's own prediction; else that of the typical person.
        curves: what stands for the prediction; the prediction itself when None.
    """

    def curve_of(random: Array, near: Callable[[Array], Array] | None) -> Array:
        place = model.coordinates(pop, random, records)
        return prediction(model, place, records) if near is None else near(place[model.moving])

    curve = curve_of(b, curves and curves.own)
    base = curve if interaction else curve_of(jnp.zeros_like(b), curves and curves.typical)
    return compared(model, curve, records), log_variance(model, pop, base, records)


def data_density(
    model: MixedModel,
    pop: Population,
    b: Array,
    records: Records,
    interaction: bool = True,
    curves: Curves | None = None,
) -> Array:
    """Log density of one person's observations given their random effects: the full normal density, with its constant.

    Where all that is known is that the value lies below a limit, it is the probability of that (M3; Beal 2001).
    """
    return density_of(model, *terms(model, pop, b, records, interaction, curves), records)


def density_of(model: MixedModel, curve: Array, spread: Array, records: Records) -> Array:
    """Log density of one person's observations from `terms`."""
    return jnp.sum(row_densities(model, curve, spread, records))


def row_densities(
    model: MixedModel, curve: Array, spread: Array, records: Records, censored: bool = True
) -> Float[Array, " times"]:
    """Log density of every row from `terms`; 0 where there is no observation.

    ``censored`` says whether any row lies below a limit: what no row has need not be compiled.
    """
    observed = records.observed
    jacobian = jnp.zeros_like(curve)
    if any("log" in error.kinds for error in model.errors):
        lognormal = is_log(model, records) & records.counted
        safe = jnp.log(jnp.where(lognormal & (observed > 0), observed, 1.0))
        observed, jacobian = jnp.where(lognormal, safe, observed), jnp.where(lognormal & ~records.below, safe, 0.0)
    scaled = (observed - curve) * jnp.exp(-0.5 * spread)
    normal = -0.5 * (_LOG_2PI + spread + scaled**2) - jacobian
    row = jnp.where(records.below, jax.scipy.stats.norm.logcdf(scaled), normal) if censored else normal
    if rated(model):
        own = is_rated(model, records) & ~records.below
        row = jnp.where(own, log_total(model, curve, spread, records), row)
    return jnp.where(records.counted, row, 0.0)


def joint_density(
    model: MixedModel,
    pop: Population,
    b: Array,
    records: Records,
    interaction: bool = True,
    curves: Curves | None = None,
) -> Array:
    """Log density of one person's observations and standardised random effects."""
    return data_density(model, pop, b, records, interaction, curves) - 0.5 * (b @ b + b.shape[0] * _LOG_2PI)
