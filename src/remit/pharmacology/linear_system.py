"""Any linear system of compartments, exactly: depots, transit chains, parent and metabolites together, whatever their
rates.

    dx/dt = K x + inputs

Sums of exponentials (`disposition`, `superposition`) are the fast form for a parent and for people by the thousand.
They divide by differences of rates, so a transit chain, whose stages are equally fast, or a metabolite that leaves as
fast as it is formed needs another form. Here the transition exp(K t) is summed as a series. K of compartments has no
negative entry off its diagonal, so with q the fastest loss K + q I has none at all: exp(K t) = exp(-q t) exp((K + q I)
t) adds and multiplies positive numbers only, and nothing cancels. The time is halved until the series is short and the
result squared back; each squaring doubles the relative error, so a day of a chain with a rate of 100 per hour costs
three to four of the sixteen digits.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# choice: 14 terms leave less than 1e-16 of the sum when the scaled norm is at most one half
_TERMS = 14
_NORM = 0.5


class Input(NamedTuple):
    """Doses that enter one compartment.

    Attributes:
        entered: position of the compartment.
        amounts: what enters, shape (doses,) or (people, doses).
        starts_h: start of each dose [h], shape (doses,).
        duration_h: time over which each enters evenly [h], one number or one a person; 0 enters at once.
    """

    entered: int
    amounts: Float[Array, "... doses"]
    starts_h: Floats
    duration_h: Float[Array, "..."] | float


@partial(jax.jit, inline=False)
def transition(matrix: Float[Array, "... size size"], time_h: Float[Array, "..."]) -> Float[Array, "... size size"]:
    """exp(K t) of matrices without negative entries off the diagonal.

    Args:
        matrix: K [1/h].
        time_h: t [h], zero or more, broadcast against the leading axes of K.
    """
    size = matrix.shape[-1]
    eye = jnp.eye(size)
    fastest = jnp.max(-jnp.diagonal(matrix, axis1=-2, axis2=-1), axis=-1)
    largest = jnp.max(jnp.sum(matrix + fastest[..., None, None] * eye, axis=-2), axis=-1)
    norm = jnp.max(jnp.maximum(largest, fastest) * time_h)
    squarings = jnp.ceil(jnp.log2(jnp.maximum(norm / _NORM, 1.0))).astype(jnp.int32)
    step = time_h * jnp.exp2(-squarings.astype(time_h.dtype))
    positive = (matrix + fastest[..., None, None] * eye) * step[..., None, None]

    def add(order: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        term, total = state
        term = positive @ term / order
        return term, total + term

    start = jnp.broadcast_to(eye, positive.shape)
    _, total = jax.lax.fori_loop(1, _TERMS + 1, add, (start, start))
    total = total * jnp.exp(-fastest * step)[..., None, None]
    return jax.lax.fori_loop(0, squarings, lambda _, whole: whole @ whole, total)


def amounts(
    matrix: Float[Array, "people size size"], inputs: tuple[Input, ...], times_h: ArrayLike
) -> Float[Array, "people times size"]:
    """Content of every compartment at times, from empty.

    Args:
        matrix: K of each person [1/h].
        inputs: doses; those into the same compartment may stand in one or several.
        times_h: times [h], rising, shape (times,). At the very start of a dose that enters at once the value is the
            one just after it.
    """
    times = np.asarray(times_h, dtype=np.float64)
    people, size = matrix.shape[0], matrix.shape[-1]
    stops = [
        entry.starts_h + float(entry.duration_h) for entry in inputs if np.ndim(entry.duration_h) == 0
    ]  # ends that all people share become grid times; others are met inside a step
    last = times.max(initial=0.0)
    marks = np.concatenate([times, *(entry.starts_h for entry in inputs), *stops])
    grid = np.unique(marks[marks <= last])
    lengths = np.diff(grid)
    distinct, which = _grouped(lengths)

    # a constant input is one more compartment that holds its rate and loses nothing
    joined = jnp.zeros((people, size + len(inputs), size + len(inputs))).at[:, :size, :size].set(matrix)
    for position, entry in enumerate(inputs):
        joined = joined.at[:, entry.entered, size + position].set(1.0)
    moved = transition(joined[:, None], jnp.asarray(distinct)[None, :])

    gained = jnp.zeros((people, len(grid), size))
    for position, entry in enumerate(inputs):
        gained = gained + _gains(joined, moved, which, grid, entry, size, size + position)

    def step(content: Array, change: tuple[Array, Array]) -> tuple[Array, Array]:
        index, gain = change
        content = jnp.einsum("pij,pj->pi", moved[:, index, :size, :size], content) + gain
        return content, content

    first = gained[:, 0]
    _, rest = jax.lax.scan(step, first, (jnp.asarray(which), jnp.moveaxis(gained[:, 1:], 1, 0)))
    course = jnp.concatenate([first[:, None], jnp.moveaxis(rest, 0, 1)], axis=1)
    return course[:, np.searchsorted(grid, times)]


def _grouped(lengths: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Different step lengths, and which one each step has. Lengths that differ by rounding of the times count as
    one."""
    order = np.argsort(lengths)
    # choice: times up to some thousand hours are rounded to 1e-12 h; at 100 per hour that is 1e-10 of a step's
    # transition
    group = np.concatenate([[0], np.cumsum(np.diff(lengths[order]) > 1e-11)]).astype(np.intp)[: len(lengths)]
    which = np.empty(len(lengths), dtype=np.intp)
    which[order] = group
    count = np.bincount(which)
    return np.bincount(which, weights=lengths) / np.maximum(count, 1), which


def _gains(
    joined: Array, moved: Array, which: NDArray[np.intp], grid: Floats, entry: Input, size: int, held: int
) -> Array:
    """What the doses of one input have added by the end of each step of the grid, shape (people, grid, size)."""
    people = joined.shape[0]
    doses = jnp.broadcast_to(jnp.asarray(entry.amounts), (people, len(entry.starts_h)))
    duration = jnp.broadcast_to(jnp.asarray(entry.duration_h, dtype=jnp.float64), (people,))
    gained = jnp.zeros((people, len(grid), size))
    shared = np.ndim(entry.duration_h) == 0
    for dose, start in enumerate(entry.starts_h):
        if start > grid[-1]:
            continue
        amount = doses[:, dose]
        begin = int(np.searchsorted(grid, start))
        if shared and float(entry.duration_h) == 0.0:
            gained = gained.at[:, begin, entry.entered].add(amount)
            continue
        rate = amount / duration
        left = jnp.asarray(grid[begin:-1] - start)
        right = jnp.asarray(grid[begin + 1 :] - start)
        steps = len(grid) - begin - 1
        if steps == 0:
            continue
        # choice: ends within 1e-12 h of a grid time count as that time
        whole = right[None, :] <= duration[:, None] + 1e-12
        during = jnp.where(whole[..., None], moved[..., :size, held][:, which[begin:]] * rate[:, None, None], 0.0)
        if not shared:
            ends_in = (left[None, :] < duration[:, None]) & ~whole
            own = jnp.argmax(ends_in, axis=1)
            on = jnp.where(ends_in.any(axis=1), duration - left[own], 0.0)
            off = jnp.where(ends_in.any(axis=1), right[own] - duration, 0.0)
            pushed = transition(joined, on)[:, :size, held] * rate[:, None]
            carried = jnp.einsum("pij,pj->pi", transition(joined, off)[:, :size, :size], pushed)
            during = during + jnp.where(ends_in[..., None], carried[:, None, :], 0.0)
        gained = gained.at[:, begin + 1 :].add(during)
    return gained
