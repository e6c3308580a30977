"""Plasticity at a few visits of a few people, where derivatives by their rates are wanted, as a sum over steps.

The steps of `remit.response.plasticity` written out: with b_i what step i adds by its end, and R the integral of kappa,

    P(t_j) = sum_i b_i exp(-(R_j - R_i+1)) over the steps i that end by t_j

R is linear in the rates, and every term is brought forward to the first visit after it and only then from visit to
visit. There is no step after another, which for a few people is most of the time; for many the pass is quicker.

P of a person follows from their own two rates alone, so its slopes and curvatures by those are five more rows, whatever
the number of directions a derivative is asked for. They are computed once, not once a direction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_derivatives import SymbolicZero
from jaxtyping import Array, Float, Int

from remit.response.plasticity import step_drive, step_rates


def plasticity_sum(
    drive: Float[Array, "... fine"],
    times_h: Float[Array, " times"],
    k_in: Float[Array, "..."],
    k_out: Float[Array, "..."],
    at: Int[Array, " wanted"],
) -> Float[Array, "... wanted"]:
    """Plasticity P [fraction] at some of the grid times; as `remit.response.plasticity.plasticity`.

    Args:
        drive: receptor drive O [fraction] at the grid times and the middle of each step.
        times_h: grid times [h].
        k_in: gain per unit of drive, one value a person [1/h].
        k_out: loss, one value a person [1/h].
        at: positions on the grid at which it is wanted, in any order.
    """
    people = jnp.broadcast_shapes(jnp.shape(k_in), jnp.shape(k_out), drive.shape[:-1])
    return _sum(drive, times_h, jnp.broadcast_to(k_in, people), jnp.broadcast_to(k_out, people), at)


def _terms(drive: Array, times_h: Array, k_in: Array, k_out: Array, at: Array) -> Array:
    """The sum, by the plain rules of differentiation."""
    mean, tilt, steps = step_drive(drive, times_h)
    area = jnp.concatenate([jnp.zeros_like(mean[..., :1]), jnp.cumsum(mean * steps, axis=-1)], axis=-1)
    since = times_h - times_h[0]
    order = jnp.argsort(at)
    visits = at[order]
    following = jnp.searchsorted(visits, jnp.arange(1, len(steps) + 1))  # first visit at the end of a step or after it
    counts = (following[:, None] == jnp.arange(len(at))).astype(mean.dtype)
    until = visits[jnp.minimum(following, len(at) - 1)]

    kappa, toward = step_rates(mean, tilt, k_in[..., None], k_out[..., None], (k_in * k_out)[..., None])
    added = toward / kappa * -jnp.expm1(-kappa * steps)
    # steps after the last visit count nowhere; that they fade by nothing keeps their slopes finite
    later = following < len(at)
    fading = k_in[..., None] * jnp.where(later, area[..., until] - area[..., 1:], 0.0)
    fading += k_out[..., None] * jnp.where(later, since[until] - since[1:], 0.0)
    arrived = (added * jnp.exp(-fading)) @ counts

    area, since, earlier = area[..., visits], since[visits], jnp.tri(len(at), dtype=mean.dtype)
    between = k_in[..., None, None] * (area[..., :, None] - area[..., None, :]) * earlier
    between += k_out[..., None, None] * (since[:, None] - since[None, :]) * earlier
    grown = (arrived[..., None, :] * jnp.exp(-between) * earlier).sum(axis=-1)
    return grown[..., jnp.argsort(order)]


def _by_each(function: Callable[..., Any], k_in: Array, k_out: Array) -> tuple[Any, Any]:
    """A function of each person's own rates there, and its slopes by the one and by the other, rate first."""
    one, zero = jnp.ones_like(k_in), jnp.zeros_like(k_in)

    def along(of_in: Array, of_out: Array) -> tuple[Any, Any]:
        return jax.jvp(function, (k_in, k_out), (of_in, of_out))

    return jax.vmap(along, out_axes=(None, 0))(jnp.stack([one, zero]), jnp.stack([zero, one]))


def _along(slopes: Array, of_in: Array, of_out: Array) -> Array:
    return slopes[0] * of_in[..., None] + slopes[1] * of_out[..., None]


def _of_rates(drive: Array, times_h: Array, at: Array) -> Callable[[Array, Array], Array]:
    return lambda k_in, k_out: _terms(drive, times_h, k_in, k_out, at)


def _moved(values: Sequence[Array], tangents: Sequence[Any]) -> tuple[Any, ...]:
    """Tangents as arrays, also those that are nothing."""
    return tuple(
        np.zeros(value.shape, jax.dtypes.float0)
        if not jnp.issubdtype(value.dtype, jnp.floating)
        else jnp.zeros_like(value)
        if isinstance(tangent, SymbolicZero)
        else tangent
        for value, tangent in zip(values, tangents, strict=True)
    )


def _rates_alone(tangents: Sequence[Any]) -> bool:
    """Whether nothing but the rates moves."""
    return all(isinstance(tangents[place], SymbolicZero) for place in (0, 1))


@jax.custom_jvp
def _sum(drive: Array, times_h: Array, k_in: Array, k_out: Array, at: Array) -> Array:
    return _terms(drive, times_h, k_in, k_out, at)


@jax.custom_jvp
def _slopes(drive: Array, times_h: Array, k_in: Array, k_out: Array, at: Array) -> tuple[Array, Array]:
    """The sum, and its slopes by each rate."""
    return _by_each(_of_rates(drive, times_h, at), k_in, k_out)


def _curvatures(drive: Array, times_h: Array, k_in: Array, k_out: Array, at: Array) -> tuple[Array, Array, Array]:
    """The sum, its slopes by each rate, and their slopes by each rate."""
    plain = _of_rates(drive, times_h, at)
    (grown, slopes), (_, bends) = _by_each(lambda *rates: _by_each(plain, *rates), k_in, k_out)
    return grown, slopes, bends


def _sum_moves(values: tuple[Array, ...], tangents: tuple[Any, ...]) -> tuple[Array, Array]:
    if not _rates_alone(tangents):
        return jax.jvp(_terms, values, _moved(values, tangents))
    grown, slopes = _slopes(*values)
    _, _, of_in, of_out, _ = _moved(values, tangents)
    return grown, _along(slopes, of_in, of_out)


def _slopes_move(values: tuple[Array, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    moved = _moved(values, tangents)
    if not _rates_alone(tangents):
        return jax.jvp(lambda *given: _by_each(_of_rates(given[0], given[1], given[4]), *given[2:4]), values, moved)
    grown, slopes, bends = _curvatures(*values)
    _, _, of_in, of_out, _ = moved
    return (grown, slopes), (_along(slopes, of_in, of_out), _along(bends, of_in, of_out))


_sum.defjvp(_sum_moves, symbolic_zeros=True)
_slopes.defjvp(_slopes_move, symbolic_zeros=True)
