"""THE concentration routine: doses x sum of exponentials -> concentration at times.

Doses add, so a regimen is the sum of its doses. Two forms give the same numbers:

* `course`, for grids: between two edges of the input (a dose begins, an infusion ends) the input is constant, and each exponential moves by
  its own factor. The state is carried over the edges once; each time then costs one exp per exponential, however many doses came before.
* `superposed`, for few points or when every digit of the first minutes counts: each dose at each time, with `remit.pharmacology.inputs`.

Amounts are mg of base, concentrations ng/mL. Times and the plan of the doses are the same for all people of a call; amounts and
kinetics may differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

from remit.pharmacology import inputs
from remit.pharmacology.disposition import Modes
from remit.vocabulary.errors import OutOfRange
from remit.vocabulary.units import NG_PER_ML_IN_MG_PER_L

Floats = NDArray[np.float64]


class Plan(NamedTuple):
    """When drug enters: the edges between which the input is constant. Plain numbers, the same for all people.

    Attributes:
        edges_h: rising times at which the input changes [h], shape (edges,).
        rate_share: share of each dose that enters per hour after each edge [1/h], shape (edges, doses).
        jump_share: share of each dose that enters at once at each edge, shape (edges, doses).
    """

    edges_h: Floats
    rate_share: Floats
    jump_share: Floats


def plan(starts_h: ArrayLike, durations_h: ArrayLike = 0.0) -> Plan:
    """The edges of a regimen.

    Args:
        starts_h: start of each dose [h], in any order; infusions may overlap.
        durations_h: length of each infusion [h], one number or one a dose; 0 is a bolus.

    Raises:
        OutOfRange: a duration is negative, or a number is not finite.
    """
    starts = np.atleast_1d(np.asarray(starts_h, dtype=np.float64))
    durations = np.broadcast_to(np.asarray(durations_h, dtype=np.float64), starts.shape)
    if not (np.isfinite(starts).all() and np.isfinite(durations).all() and (durations >= 0).all()):
        raise OutOfRange(
            f"doses at {starts.tolist()} h over {durations.tolist()} h",
            allowed="finite times and durations of 0 h or more",
        )
    edges = np.unique(np.concatenate([starts, starts + durations]))
    begins = np.searchsorted(edges, starts)
    ends = np.searchsorted(edges, starts + durations)
    rate = np.zeros((len(edges), len(starts)))
    jump = np.zeros_like(rate)
    for dose, (first, last, duration) in enumerate(zip(begins, ends, durations, strict=True)):
        if duration > 0:
            rate[first:last, dose] = 1.0 / duration
        else:
            jump[first, dose] = 1.0
    return Plan(edges, rate, jump)


def course(
    modes: Modes,
    amounts_mg: Float[Array, "... doses"],
    starts_h: ArrayLike,
    durations_h: ArrayLike,
    times_h: ArrayLike,
) -> Float[Array, "... times"]:
    """Concentration [ng/mL] at the times of a grid, by the state recursion; exact to rounding of the largest concentration.

    Args:
        modes: what 1 mg does, shape (..., modes).
        amounts_mg: amount of each dose [mg], shape (doses,) or (..., doses).
        starts_h: start of each dose [h], shape (doses,).
        durations_h: length of each infusion [h], one number or shape (doses,).
        times_h: times [h], shape (times,), in any order; before the first dose the concentration is 0. At the very start of a bolus
            the value is the one just after it.
    """
    return _recursion(
        modes, jnp.asarray(amounts_mg), plan(starts_h, durations_h), np.asarray(times_h, dtype=np.float64)
    )


def _recursion(modes: Modes, amounts_mg: Array, drawn: Plan, times_h: Floats) -> Array:
    rates, weights = modes
    doses = amounts_mg * NG_PER_ML_IN_MG_PER_L
    rate_in = jnp.einsum("ed,...d->e...", drawn.rate_share, doses)
    jump_in = jnp.einsum("ed,...d->e...", drawn.jump_share, doses)
    lengths = np.append(np.diff(drawn.edges_h), 0.0)

    def step(state: Array, edge: tuple[Array, Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        rate, jump, length = edge
        level = weights * rate[..., None] / rates  # what a lasting input would reach
        above = state + weights * jump[..., None] - level
        return level + above * jnp.exp(-rates * length), (above, jnp.sum(level, axis=-1))

    shape = jnp.broadcast_shapes(rates.shape, (*rate_in.shape[1:], 1))
    _, (above, level) = jax.lax.scan(step, jnp.zeros(shape), (rate_in, jump_in, jnp.asarray(lengths)))

    # the state of its segment is brought to each time; times before the first edge get a segment of zeros
    segment = np.searchsorted(drawn.edges_h, times_h, side="right")
    since = np.where(segment > 0, times_h - drawn.edges_h[np.maximum(segment - 1, 0)], 0.0)
    above = jnp.concatenate([jnp.zeros_like(above[:1]), above])
    level = jnp.concatenate([jnp.zeros_like(level[:1]), level])
    total = jnp.moveaxis(level, 0, -1)[..., segment]
    for mode in range(rates.shape[-1]):
        own = jnp.moveaxis(above[..., mode], 0, -1)[..., segment]
        total = total + own * jnp.exp(-rates[..., mode, None] * since)
    return total


def superposed(
    modes: Modes,
    amounts_mg: Float[Array, "... doses"],
    starts_h: ArrayLike,
    durations_h: ArrayLike,
    times_h: ArrayLike,
    depot_rate: Float[Array, "..."] | None = None,
) -> Float[Array, "... times"]:
    """Concentration [ng/mL], dose by dose; exact to rounding of each value, however small.

    Args:
        modes, amounts_mg, starts_h, durations_h, times_h: as for `course`.
        depot_rate: rate of a first-order delay on the way [1/h], one value a person: a depot the doses enter, or an effect site.
    """
    starts = np.atleast_1d(np.asarray(starts_h, dtype=np.float64))
    durations = np.broadcast_to(np.asarray(durations_h, dtype=np.float64), starts.shape)
    times = jnp.asarray(np.asarray(times_h, dtype=np.float64))
    doses = jnp.asarray(amounts_mg) * NG_PER_ML_IN_MG_PER_L
    rates = modes.rates[..., None]
    total: Array | float = 0.0
    for dose, (start, duration) in enumerate(zip(starts, durations, strict=True)):
        if depot_rate is None:
            shape = inputs.infusion(times - start, rates, jnp.asarray(duration))
        else:
            shape = inputs.zero_then_first_order(
                times - start, rates, jnp.asarray(depot_rate)[..., None, None], jnp.asarray(duration)
            )
        total = total + doses[..., dose, None] * jnp.einsum("...m,...mt->...t", modes.weights, shape)
    return jnp.asarray(total)


def blocks(people: int, size: int = 2_000) -> Iterator[slice]:
    """Slices that cover the people in blocks, so that memory does not grow with their number.

    Args:
        people: how many.
        size: people in a block.  # choice: 2,000 people x 500 times are 8 MB, which stays near the processor
    """
    for start in range(0, people, size):
        yield slice(start, min(start + size, people))
