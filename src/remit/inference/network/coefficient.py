"""Exact draws of the linear coefficients, given the numbers that were sampled."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from remit.inference.network.marginal import Design, Model, Parts, integrate
from remit.inference.small_matrix import backward, forward


def noise_sizes(model: Model, design: Design) -> tuple[int, int, int]:
    """How many standard normal numbers one draw of the coefficients needs: effects, departures, levels."""
    studies, arms = design.y.shape[:2]
    columns = model.curve.columns
    departures = studies * arms * columns if model.heterogeneity else 0
    return design.contrast.shape[-1] * columns, departures, studies * (1 + columns)


def draw_coefficients(
    model: Model, position: Any, design: Design, noise: Any, parts: Parts | None = None
) -> dict[str, Any]:
    """One exact draw of every coefficient given the sampled numbers.

    Args:
        model, design: the fit.
        position: the sampled numbers (size,).
        noise: as many standard normal numbers as `noise_sizes` says.
        parts: of `integrate` at this position, where it is known already.

    Returns:
        ``effects`` (M, J), ``arms`` (S, A, J) sizes of the arms' own courses, ``level`` (S,), ``course`` (S, J).
    """
    if parts is None:
        _, parts = integrate(model, model.split(position), design)
    studies, arms = design.y.shape[:2]
    columns = model.curve.columns
    first, second, _ = noise_sizes(model, design)
    effects = parts.effect_scale * backward(parts.effect_factor, parts.effect_right + noise[:first])
    size = jnp.einsum("scm,m->sc", parts.effects, effects)
    if model.heterogeneity:
        rest = parts.arm_right - jnp.einsum("scd,sd->sc", parts.arm_gram, size)
        seen = forward(parts.spread_factor, jnp.einsum("sca,sc->sa", parts.spread, rest)[..., None])[..., 0]
        own = noise[first : first + second].reshape(seen.shape)
        size += jnp.einsum("sca,sa->sc", parts.spread, backward(parts.spread_factor, seen + own))
    own = noise[first + second :].reshape(parts.level_right.shape)
    right = parts.level_right - jnp.einsum("sic,sc->si", parts.level_cross, size) + own
    levels = parts.level_scale * backward(parts.level_factor, right)
    mean = size[:, arms * columns :] if model.course == "pooled" else 0.0
    return {
        "effects": effects.reshape(-1, columns),
        "arms": size[:, : arms * columns].reshape(studies, arms, columns),
        "level": levels[:, 0],
        "course": levels[:, 1:] + mean,
    }
