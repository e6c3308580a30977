"""THE concentration routine: doses x sum of exponentials -> concentration at times.

Doses add, so a regimen is the sum of its doses. Two forms give the same numbers:

* `course`, for grids: between two edges of the input (a dose begins, an infusion ends) the input is constant, and each
exponential moves by
  its own factor. The state is carried over the edges once; each time then costs one exp per exponential, however many
  doses came before.
* `superposed`, for few points or when every digit of the first minutes counts: each dose at each time, with
`remit.pharmacology.inputs`.

Amounts are mg of base, concentrations ng/mL. Times and the plan of the doses are the same for all people of a call;
amounts and kinetics may differ.
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
    """When drug enters, and where each time asked for stands in it. The same for all people; plain numbers, so that a
    compiled routine serves every plan of the same size.

    Attributes:
        rate_share: share of each dose that enters per hour after each edge [1/h], shape (edges, doses).
        jump_share: share of each dose that enters at once at each edge, shape (edges, doses).
        lengths_h: time from each edge to the next [h], shape (edges,); 0 after the last.
        segment: the edge before each time asked for, shape (times,).
        since_h: time since that edge [h], shape (times,).
        begun: whether a dose has begun by then, shape (times,).
    """

    rate_share: Floats
    jump_share: Floats
    lengths_h: Floats
    segment: NDArray[np.int64]
    since_h: Floats
    begun: NDArray[np.bool_]


def plan(starts_h: ArrayLike, durations_h: ArrayLike, times_h: ArrayLike) -> Plan:
    """The edges of a regimen and the place of each time among them.

    Args:
        starts_h: start of each dose [h], in any order; infusions may overlap.
        durations_h: length of each infusion [h], one number or one a dose; 0 is a bolus.
        times_h: times asked for [h], in any order.

    Raises:
        OutOfRange: a duration is negative, or a number is not finite.
    """
    starts = np.atleast_1d(np.asarray(starts_h, dtype=np.float64))
    durations = np.broadcast_to(np.asarray(durations_h, dtype=np.float64), starts.shape)
    times = np.asarray(times_h, dtype=np.float64)
    if not (np.isfinite(starts).all() and np.isfinite(durations).all() and (durations >= 0).all()):
        raise OutOfRange(
            f"doses at {starts.tolist()} h over {durations.tolist()} h",
            allowed="finite times and durations of 0 h or more",
        )
    ends = starts + durations
    edges = np.unique(np.concatenate([starts, ends]))
    rate = np.zeros((len(edges), len(starts)))
    jump = np.zeros_like(rate)
    for dose, (first, last) in enumerate(
        zip(np.searchsorted(edges, starts), np.searchsorted(edges, ends), strict=True)
    ):
        if last > first:
            rate[first:last, dose] = 1.0 / durations[dose]
        else:
            jump[first, dose] = 1.0
    segment = np.searchsorted(edges, times, side="right") - 1
    begun = segment >= 0
    segment = np.maximum(segment, 0)
    since = np.where(begun, times - edges[segment], 0.0)
    return Plan(rate, jump, np.append(np.diff(edges), 0.0), segment, since, begun)


def rounded_doses(count: int) -> int:
    """A number of doses rounded up to a power of two, four at least."""
    return max(4, 1 << (count - 1).bit_length())


def padded(drawn: Plan, block: int = 256) -> Plan:
    """The same plan with its sizes rounded up, so that few sizes need compiling. Added doses, edges and times are
    empty.

    Args:
        drawn: a plan.
        block: times are rounded up to a multiple of it.  # choice: the grids of single courses have 100 to 600 times
    """
    edges, doses = drawn.rate_share.shape
    more_doses = rounded_doses(doses) - doses
    more_edges = max(8, 1 << (edges - 1).bit_length()) - edges
    more_times = -len(drawn.segment) % block
    shares = [np.pad(share, ((0, more_edges), (0, more_doses))) for share in (drawn.rate_share, drawn.jump_share)]
    return Plan(
        shares[0],
        shares[1],
        np.pad(drawn.lengths_h, (0, more_edges)),
        np.pad(drawn.segment, (0, more_times)),
        np.pad(drawn.since_h, (0, more_times)),
        np.pad(drawn.begun, (0, more_times)),
    )


def course(
    modes: Modes,
    amounts_mg: Float[Array, "... doses"],
    starts_h: ArrayLike,
    durations_h: ArrayLike,
    times_h: ArrayLike,
) -> Float[Array, "... times"]:
    """Concentration [ng/mL] at the times of a grid, by the state recursion; exact to rounding of the largest
    concentration.

    Args:
        modes: what 1 mg does, shape (..., modes).
        amounts_mg: amount of each dose [mg], shape (doses,) or (..., doses).
        starts_h: start of each dose [h], shape (doses,).
        durations_h: length of each infusion [h], one number or shape (doses,).
        times_h: times [h], shape (times,), in any order; before the first dose the concentration is 0. At the very
            start of a bolus the value is the one just after it.
    """
    drawn = plan(starts_h, durations_h, times_h)
    total = follow(modes, jnp.asarray(amounts_mg), drawn)
    return total if drawn.begun.all() else jnp.where(drawn.begun, total, 0.0)


def follow(modes: Modes, amounts_mg: Float[Array, "... doses"], drawn: Plan) -> Float[Array, "... times"]:
    """The recursion of `course` over a plan; times before the first dose are not yet set to 0."""
    rates, weights = modes
    doses = amounts_mg * NG_PER_ML_IN_MG_PER_L
    rate_in = jnp.einsum("ed,...d->e...", drawn.rate_share, doses)
    jump_in = jnp.einsum("ed,...d->e...", drawn.jump_share, doses)

    def step(state: Array, edge: tuple[Array, Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        rate, jump, length = edge
        level = weights * rate[..., None] / rates  # what a lasting input would reach
        above = state + weights * jump[..., None] - level
        return level + above * jnp.exp(-rates * length), (above, jnp.sum(level, axis=-1))

    empty = jnp.zeros(jnp.broadcast_shapes(rates.shape, (*rate_in.shape[1:], 1)))
    _, (above, level) = jax.lax.scan(step, empty, (rate_in, jump_in, jnp.asarray(drawn.lengths_h)))

    # The state of its segment is brought to each time. The barrier keeps the gathers apart from the recursion: fused
    # with it they take twice the time
    above, level, rates = jax.lax.optimization_barrier((jnp.moveaxis(above, 0, -1), jnp.moveaxis(level, 0, -1), rates))
    total = level[..., drawn.segment]
    for mode in range(rates.shape[-1]):
        total = total + above[..., mode, :][..., drawn.segment] * jnp.exp(-rates[..., mode, None] * drawn.since_h)
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
        depot_rate: rate of a first-order delay on the way [1/h], one value a person: a depot the doses enter, or an
            effect site.
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
