"""The likelihood of a network with every linear coefficient integrated out, and the draws of those coefficients.

Row i of arm a of study s:

    y = alpha_s + phi_0(t)' mu_s + phi_a(t)' (C_sa d + L_sa u_s sd) + e,   e ~ N(0, V)

alpha_s (level of the study), mu_s (its course under the first arm; pooled, mu_s = m + s v_s), u_s (departures of its
treatment effects) and d (treatment effects) have normal priors, so that given the few shape numbers and spreads
everything is normal. Each study becomes a small block; a Schur complement onto d joins them. The samplers draw only
what is left; `remit.inference.network.coefficient` draws the rest exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from remit.inference.network.curve import Curve, columns_of
from remit.inference.small_matrix import cholesky, forward

LOG_TWO_PI = 1.8378770664093453  # log(2 pi)


class Design(NamedTuple):
    """A network as padded arrays; S studies, A arms, T times, M basic effects, K treatments, D doses.

    Attributes:
        y, se, times, mask: (S, A, T); mask is 1.0 for a row that exists, 0.0 for padding.
        treatment: (S, A) index of the arm's treatment, for shapes that differ between treatments.
        contrast: (S, A, M) which basic effects make up an arm's effect; the last two are the extra effect of a split
            and the mean course, which no arm is made of.
        spread: (S, A, A) Cholesky factor of the correlation of an arm's departures.
        level_sd, course_sd: (S,) prior SDs of alpha and mu; 0 leaves one out.
        effect_sd: (M,) prior SD of the basic effects; 0 leaves one out.
        within: (M,) 1.0 for a treatment's departure from its class, whose SD is estimated.
        doses: (S, A, D) dose times, infinite where there is none.
        daily: (S, A) whether the arm's treatment is taken daily.
        gap: length of one step of the residual correlation AR(1) [time unit].
        shape_centre, shape_scale: (number of shapes,) of their priors.
        sd_scale, misfit_scale: of the half-normal priors of heterogeneity and misfit.
        events, people: (S, A, T) of counts; zeros elsewhere.
    """

    y: Any
    se: Any
    times: Any
    mask: Any
    treatment: Any
    contrast: Any
    spread: Any
    level_sd: Any
    course_sd: Any
    effect_sd: Any
    within: Any
    doses: Any
    daily: Any
    gap: Any
    shape_centre: Any
    shape_scale: Any
    sd_scale: Any
    misfit_scale: Any
    events: Any
    people: Any


@dataclass(frozen=True, slots=True)
class Model:
    """What a fit assumes; together with the sizes of the arrays it names one compiled program.

    Attributes:
        curve: the family of time courses.
        treatments: K, the reference counted.
        shapes: ``shared`` by all treatments, or ``each`` its own, drawn together.
        heterogeneity: whether treatment effects differ between studies.
        residual: ``independent``, ``exchangeable`` or ``autoregressive`` rows of one arm.
        correlation: of the residuals; None estimates it.
        misfit: whether rows scatter more than their standard errors say.
        shape_prior: ``log-normal`` or ``half-normal`` (of the time itself).
        dosed: whether dose times of the arms are used.
        course: ``free``: every study's own course has a vague prior; ``pooled``: they come from one normal population.
        classes: ``none``, ``common`` or ``random``: how treatments of one class go together.
        likelihood: ``normal``, or ``binomial`` of counts.
        noise: how many standard normal numbers are sampled with the others; 0 where coefficients are integrated out.
    """

    curve: Curve
    treatments: int
    shapes: str = "shared"
    heterogeneity: bool = True
    residual: str = "independent"
    correlation: float | None = None
    misfit: bool = False
    shape_prior: str = "log-normal"
    dosed: bool = False
    course: str = "free"
    classes: str = "none"
    likelihood: str = "normal"
    noise: int = 0

    @property
    def sites(self) -> tuple[tuple[str, int], ...]:
        """Names and sizes of the sampled numbers, in order."""
        found: list[tuple[str, int]] = []
        for name in self.curve.shapes:
            found.append((f"log_{name}", 1))
            if self.shapes == "each":
                found.append((f"{name}_departure", self.treatments))
        if self.heterogeneity:
            found.append(("log_sd", self.curve.columns))
        if self.classes == "random":
            found.append(("log_class_sd", self.curve.columns))
        if self.course == "pooled":
            found.append(("log_course_sd", self.curve.columns))
        if self.residual != "independent" and self.correlation is None:
            found.append(("logit_correlation", 1))
        if self.misfit:
            found.append(("log_misfit", 1))
        if self.noise:
            found.append(("noise", self.noise))
        return tuple(found)

    @property
    def size(self) -> int:
        """How many numbers are sampled."""
        return sum(size for _, size in self.sites)

    def split(self, position: Any) -> dict[str, Any]:
        """The sampled numbers by name."""
        found, start = {}, 0
        for name, size in self.sites:
            found[name] = position[..., start : start + size]
            start += size
        return found


SHAPE_SPREAD = 0.5
"""choice: SD of how much log times of shapes differ between treatments, a factor of 1.6 either way. It is fixed:
networks seldom have the treatments to estimate it, and an estimated one makes a funnel that no sampler likes."""


def shapes_by_treatment(model: Model, named: dict[str, Any]) -> Any:
    """Log shape numbers (K, number of shapes)."""
    found = []
    for name in model.curve.shapes:
        centre = named[f"log_{name}"]
        if model.shapes == "each":
            centre = centre + SHAPE_SPREAD * named[f"{name}_departure"]
        found.append(jnp.broadcast_to(centre, (model.treatments,)))
    return jnp.stack(found, axis=-1) if found else jnp.zeros((model.treatments, 0))


def log_prior(model: Model, named: dict[str, Any], design: Design) -> Any:
    """Log density of the sampled numbers on their unbounded scales, up to a constant."""
    total = jnp.float64(0.0)
    for number, name in enumerate(model.curve.shapes):
        value = named[f"log_{name}"][0]
        centre, scale = design.shape_centre[number], design.shape_scale[number]
        if model.shape_prior == "half-normal":
            total += value - 0.5 * jnp.square(jnp.exp(value) / scale)
        else:
            total -= 0.5 * jnp.square((value - centre) / scale)
        if model.shapes == "each":
            total -= 0.5 * jnp.sum(jnp.square(named[f"{name}_departure"]))
    if model.heterogeneity:
        total += _log_half_normal(named["log_sd"], design.sd_scale)
    if model.classes == "random":
        total += _log_half_normal(named["log_class_sd"], design.sd_scale)
    if model.course == "pooled":
        total += _log_half_normal(named["log_course_sd"], design.sd_scale)
    if "logit_correlation" in named:
        total += jnp.sum(
            jax.nn.log_sigmoid(named["logit_correlation"]) + jax.nn.log_sigmoid(-named["logit_correlation"])
        )
    if model.misfit:
        total += _log_half_normal(named["log_misfit"], design.misfit_scale)
    return total


def _log_half_normal(log_value: Any, scale: Any) -> Any:
    return jnp.sum(log_value - 0.5 * jnp.square(jnp.exp(log_value) / scale))


class Parts(NamedTuple):
    """What integrating leaves behind, from which the coefficients are drawn."""

    level_factor: Any
    level_cross: Any
    level_right: Any
    level_scale: Any
    arm_gram: Any
    arm_right: Any
    spread: Any
    spread_factor: Any
    effects: Any
    effect_scale: Any
    effect_factor: Any
    effect_right: Any


def rows_of(model: Model, named: dict[str, Any], design: Design) -> tuple[Any, Any]:
    """Columns of every row under its arm's treatment and under the study's first course, (S, A, T, J) each."""
    shapes = shapes_by_treatment(model, named)
    doses, daily = (design.doses, design.daily) if model.dosed else (None, None)
    if model.shapes == "shared":
        own = columns_of(model.curve, design.times, shapes[0][None, None, None, :], doses, daily)
        if model.curve.name != "as-given":
            return own, own
        # without a session nothing wears off: the course of a study under its own control rises and stays
        alike = columns_of(
            model.curve, design.times, shapes[0][None, None, None, :], doses, jnp.ones_like(design.daily)
        )
        return own, alike
    own = columns_of(model.curve, design.times, shapes[design.treatment][:, :, None, :], doses, daily)
    every = jnp.ones_like(design.daily) if model.curve.name == "as-given" else daily
    return own, columns_of(model.curve, design.times, shapes[0][None, None, None, :], doses, every)


def integrate(model: Model, named: dict[str, Any], design: Design) -> tuple[Any, Parts]:
    """Log likelihood with all coefficients integrated out, and what is needed to draw them."""
    own, first = rows_of(model, named, design)
    studies, arms = design.y.shape[:2]
    columns = model.curve.columns
    table = jnp.concatenate([jnp.ones_like(design.y)[..., None], first, own, design.y[..., None]], axis=-1)
    gram, log_det = _weighted(model, named, design, table)
    width = 1 + model.curve.columns
    level_scale = jnp.concatenate([design.level_sd[:, None], course_scale(model, named, design)], axis=1)
    whole = gram.sum(axis=1)
    level = jnp.eye(width) + level_scale[:, :, None] * whole[:, :width, :width] * level_scale[:, None, :]
    level_factor = cholesky(level)
    blocks = gram[:, :, width:-1, width:-1]
    arm_gram = jnp.einsum("saij,ab->saibj", blocks, jnp.eye(arms)).reshape(studies, arms * columns, arms * columns)
    arm_right = gram[:, :, width:-1, -1].reshape(studies, arms * columns)
    cross = gram[:, :, :width, width:-1].transpose(0, 2, 1, 3).reshape(studies, width, arms * columns)
    if model.course == "pooled":
        # the mean course stands as one more arm whose columns are those of the study's course
        shared = cross[:, 1:, :]
        arm_gram = jnp.concatenate(
            [
                jnp.concatenate([arm_gram, shared.transpose(0, 2, 1)], axis=2),
                jnp.concatenate([shared, whole[:, 1:width, 1:width]], axis=2),
            ],
            axis=1,
        )
        arm_right = jnp.concatenate([arm_right, whole[:, 1:width, -1]], axis=1)
        cross = jnp.concatenate([cross, whole[:, :width, 1:width]], axis=2)
    count = arm_right.shape[1]
    cross = level_scale[:, :, None] * cross
    right = level_scale * whole[:, :width, -1]
    solved = forward(level_factor, jnp.concatenate([cross, right[..., None]], axis=-1))
    level_cross, level_right = solved[..., :-1], solved[..., -1]

    arm_gram -= jnp.einsum("sic,sid->scd", level_cross, level_cross)
    arm_right -= jnp.einsum("sic,si->sc", level_cross, level_right)
    square = whole[:, -1, -1].sum() - jnp.sum(level_right**2)
    log_det += 2.0 * jnp.sum(jnp.log(jnp.diagonal(level_factor, axis1=1, axis2=2)))

    if model.heterogeneity:
        sd = jnp.exp(named["log_sd"])
        spread = jnp.einsum("sab,ij,j->saibj", design.spread, jnp.eye(columns), sd)
        spread = spread.reshape(studies, arms * columns, arms * columns)
        spread = jnp.pad(spread, ((0, 0), (0, count - arms * columns), (0, 0)))
        seen = jnp.einsum("sca,scd->sad", spread, jnp.concatenate([arm_gram, arm_right[..., None]], axis=-1))
        spread_factor = cholesky(jnp.eye(arms * columns) + jnp.einsum("sac,scb->sab", seen[..., :-1], spread))
        taken = forward(spread_factor, seen)
        gram_left = arm_gram - jnp.einsum("sac,sad->scd", taken[..., :-1], taken[..., :-1])
        right_left = arm_right - jnp.einsum("sac,sa->sc", taken[..., :-1], taken[..., -1])
        square -= jnp.sum(taken[..., -1] ** 2)
        log_det += 2.0 * jnp.sum(jnp.log(jnp.diagonal(spread_factor, axis1=1, axis2=2)))
    else:
        spread = spread_factor = jnp.zeros((studies, 0, 0))
        gram_left, right_left = arm_gram, arm_right

    effects = _effect_columns(model, design)
    effect_scale = scale_of_effects(model, named, design)
    scaled = effects * effect_scale
    information = jnp.einsum("scm,scd,sdn->mn", scaled, gram_left, scaled)
    effect_factor = cholesky(jnp.eye(information.shape[0]) + information)
    effect_right = forward(effect_factor, jnp.einsum("scm,sc->m", scaled, right_left)[:, None])[:, 0]
    square -= jnp.sum(effect_right**2)
    log_det += 2.0 * jnp.sum(jnp.log(jnp.diagonal(effect_factor)))
    parts = Parts(
        level_factor, level_cross, level_right, level_scale, arm_gram, arm_right, spread, spread_factor, effects,
        effect_scale, effect_factor, effect_right,
    )  # fmt: skip
    return -0.5 * (square + log_det + LOG_TWO_PI * design.mask.sum()), parts


def course_scale(model: Model, named: dict[str, Any], design: Design) -> Any:
    """SD of the studies' courses about their mean (S, J); 0 where a study has none."""
    wide = jnp.repeat(design.course_sd[:, None], model.curve.columns, axis=1)
    if model.course == "free":
        return wide
    return jnp.where(wide > 0, jnp.exp(named["log_course_sd"])[None, :], 0.0)


def scale_of_effects(model: Model, named: dict[str, Any], design: Design) -> Any:
    """Prior SD of every column of every basic effect (M J,)."""
    wide = jnp.repeat(design.effect_sd, model.curve.columns)
    if model.classes != "random":
        return wide
    own = jnp.tile(jnp.exp(named["log_class_sd"]), design.within.shape[0])
    return jnp.where(jnp.repeat(design.within, model.curve.columns) > 0, own, wide)


def _effect_columns(model: Model, design: Design) -> Any:
    """Which basic effects make up each arm, and the mean course, column by column (S, A J or (A + 1) J, M J)."""
    studies, arms, basic = design.contrast.shape
    contrast = design.contrast
    if model.course == "pooled":
        mean = jnp.zeros((studies, 1, basic)).at[:, 0, -1].set(jnp.where(design.course_sd > 0, 1.0, 0.0))
        contrast = jnp.concatenate([contrast, mean], axis=1)
        arms += 1
    columns = model.curve.columns
    return jnp.einsum("sam,ij->saimj", contrast, jnp.eye(columns)).reshape(studies, arms * columns, basic * columns)


def log_density(model: Model, position: Any, design: Design) -> Any:
    """Log posterior density of the sampled numbers, up to a constant."""
    named = model.split(position)
    return log_prior(model, named, design) + integrate(model, named, design)[0]


def variance_of(model: Model, named: dict[str, Any], design: Design) -> Any:
    """Residual variance of every row (S, A, T)."""
    variance = jnp.square(design.se)
    return variance + jnp.exp(2.0 * named["log_misfit"][0]) if model.misfit else variance


def correlation_of(model: Model, named: dict[str, Any]) -> Any:
    """Residual correlation: of any two rows of an arm, or of rows one step apart."""
    if model.correlation is not None:
        return jnp.float64(model.correlation)
    return jax.nn.sigmoid(named["logit_correlation"][0])


def _weighted(model: Model, named: dict[str, Any], design: Design, table: Any) -> tuple[Any, Any]:
    """Table' V^-1 table for every arm, and log det V; rows of an arm stand in order of time, padding last."""
    variance = jnp.where(design.mask > 0, variance_of(model, named, design), 1.0)
    log_det = jnp.sum(design.mask * jnp.log(variance))
    unit = table * (design.mask * jax.lax.rsqrt(variance))[..., None]
    if model.residual == "independent":
        return jnp.einsum("satm,satn->samn", unit, unit), log_det
    rho = correlation_of(model, named)
    if model.residual == "exchangeable":
        rows = design.mask.sum(axis=-1)
        total = unit.sum(axis=2)
        gram = jnp.einsum("satm,satn->samn", unit, unit)
        gram -= (rho / (1.0 + (rows - 1.0) * rho))[..., None, None] * total[..., :, None] * total[..., None, :]
        some = rows > 0
        log_det += jnp.sum(jnp.where(some, (rows - 1.0) * jnp.log1p(-rho) + jnp.log1p((rows - 1.0) * rho), 0.0))
        return gram / (1.0 - rho), log_det
    after = design.mask[..., 1:] * design.mask[..., :-1]
    apart = jnp.where(after > 0, (design.times[..., 1:] - design.times[..., :-1]) / design.gap, 1.0)
    carried = jnp.where(after > 0, rho**apart, 0.0)
    left = 1.0 - jnp.square(carried)
    rest = (unit[..., 1:, :] - carried[..., None] * unit[..., :-1, :]) * jax.lax.rsqrt(left)[..., None]
    rest *= design.mask[..., 1:, None]
    unit = jnp.concatenate([unit[..., :1, :], rest], axis=2)
    return jnp.einsum("satm,satn->samn", unit, unit), log_det + jnp.sum(after * jnp.log(left))
