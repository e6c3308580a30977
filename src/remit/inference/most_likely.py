"""The most likely numbers of many people at once: damped Newton steps, each person stopped by a rule of their own.

    step = (I + m diag(I))^-1 g,   stop where g' I^-1 g < tolerance^2

g is the gradient of the log posterior and I its information: its curvature where that is one of a maximum, else what
is expected of it, so that it is never negative. A first step goes a few posterior SDs at most, as beyond that neither
says much. One that does not raise the log posterior is not taken and the damping m grows; one that does is taken, m
shrinks, and the next may be longer. A person is done when the step left to take is a small fraction of the posterior's
own spread, not after a count of iterations: with a fixed count some are left far from their maximum and nobody notices.
Who is not done is said.

This gives a point, for starting values and comparisons. A posterior is drawn by `remit.inference.one_person`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from remit.inference.small_matrix import UNROLLED, backward, cholesky, forward

TOLERANCE = 1e-6
"""Largest step left [posterior SDs]; far below what any digit of an estimate means."""
MOST = 200
LONGEST, LONGER = 5.0, 3.0
"""Longest first step [posterior SDs], and how many times as long each one after a step that was taken may be.
# choice: 1,000 people with kinetics of their own take fewest steps with 5; those who begin far away need longer ones"""
_FIRST_DAMPING = 1e-3
_REFUSED_DAMPING = 1.0  # choice: least after a step was refused: small damping does not make a bad step a good one
_LEAST, _LARGEST = 1e-12, 1e12
MANY, FEW = 256, 8
"""From so many people on, the last eighth goes on alone.  # choice: fewer do not repay a second compilation"""


class Local(NamedTuple):
    """The log posterior of each person at their numbers.

    Attributes:
        value: shape (people,).
        gradient: shape (people, numbers).
        information: shape (people, numbers, numbers), positive definite.
        extra: anything else that was computed on the way, with people first; handed back as it was at the maximum.
    """

    value: Float[Array, " people"]
    gradient: Float[Array, "people numbers"]
    information: Float[Array, "people numbers numbers"]
    extra: Any = None


class Maximum(NamedTuple):
    """Where the log posterior is largest.

    Attributes:
        numbers: shape (people, numbers).
        value: log posterior there.
        left: step left to take [posterior SDs].
        done: whether that is below the tolerance.
        iterations: how many each person needed.
        extra: see `Local`.
    """

    numbers: Float[Array, "people numbers"]
    value: Float[Array, " people"]
    left: Float[Array, " people"]
    done: Bool[Array, " people"]
    iterations: Int[Array, " people"]
    extra: Any = None


class _State(NamedTuple):
    tried: Array
    numbers: Array
    local: Local
    damping: Array
    reach: Array
    left: Array
    iterations: Array
    rounds: Array


def _solve(matrix: Array, vector: Array) -> Array:
    """Solution of small positive definite systems; two numbers by hand, which a batch of people does in a tenth of the
    time, and a few more written out, which compiles sooner than a call of LAPACK."""
    if vector.shape[-1] == 2:
        a, b, d = matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 1]
        scale = 1.0 / (a * d - b * b)
        return jnp.stack([d * vector[:, 0] - b * vector[:, 1], a * vector[:, 1] - b * vector[:, 0]], 1) * scale[:, None]
    if vector.shape[-1] <= UNROLLED:
        factor = cholesky(matrix)
        return backward(factor, forward(factor, vector[..., None])[..., 0])
    return jnp.linalg.solve(matrix, vector[..., None])[..., 0]


def most_likely(
    local: Callable[[Array, Any], Local],
    start: Float[Array, "people numbers"],
    data: Any = (),
    tolerance: float = TOLERANCE,
    blank: Any = None,
) -> Maximum:
    """Maxima of the log posteriors of many people. Traceable.

    Args:
        local: log posterior, gradient and information of people at their numbers, of (numbers, their data).
        start: where to begin.
        data: arrays with people first, handed to ``local``.
        tolerance: largest step left that counts as done [posterior SDs].
        blank: arrays of the shape of `Local.extra`, whose values are not used.
    """
    people, size = start.shape
    nothing = Local(
        jnp.zeros(people), jnp.zeros((people, size)), jnp.broadcast_to(jnp.eye(size), (people, size, size)), blank
    )
    state = _State(
        start, start, nothing, jnp.full(people, _FIRST_DAMPING), jnp.full(people, LONGEST),
        jnp.full(people, jnp.inf), jnp.zeros(people, dtype=int), jnp.asarray(0),
    )  # fmt: skip
    few = people // FEW if people >= MANY else 0
    state = _climbed(local, state, data, tolerance, few)
    if few:
        # most are done after a few steps, and every step costs as much as all who take part
        last = jnp.argsort(state.left <= tolerance, stable=True)[:few]
        theirs = jax.tree.map(lambda part: part[last], data)
        own = jax.tree.map(lambda part: part[last] if part.ndim else part, state)
        ended = _climbed(local, own, theirs, tolerance, 0)
        state = jax.tree.map(lambda whole, part: whole.at[last].set(part) if whole.ndim else part, state, ended)
    return Maximum(
        state.numbers, state.local.value, state.left, state.left <= tolerance, state.iterations, state.local.extra
    )


def _climbed(local: Callable[[Array, Any], Local], state: _State, data: Any, tolerance: float, few: int) -> _State:
    """Steps until at most so few people are not done."""
    size = state.numbers.shape[1]

    def unfinished(state: _State) -> Array:
        return ((state.left > tolerance).sum() > few) & (state.rounds <= MOST)

    def again(state: _State) -> _State:
        # the start is evaluated here, too: `local` is the dear part and is compiled once
        first = state.rounds == 0
        fresh = local(state.tried, data)
        going = state.left > tolerance
        # equal values are taken: at the maximum a rise is lost in rounding
        better = going & (first | (fresh.value >= state.local.value - 1e-12 * jnp.abs(state.local.value)))

        def either(new: Array, old: Array) -> Array:
            return jnp.where(better.reshape(-1, *(1,) * (new.ndim - 1)), new, old)

        numbers, kept = either(state.tried, state.numbers), jax.tree.map(either, fresh, state.local)
        grown = jnp.maximum(10.0 * state.damping, _REFUSED_DAMPING)
        damping = jnp.clip(jnp.where(better, 0.1 * state.damping, grown), _LEAST, _LARGEST)
        damping = jnp.where(first, state.damping, damping)
        diagonal = jnp.diagonal(kept.information, axis1=1, axis2=2)
        damped = kept.information + jnp.eye(size) * (damping[:, None] * diagonal)[:, None, :]
        # the next step and what is left, both at once: the solver is compiled once
        both = _solve(jnp.concatenate([damped, kept.information]), jnp.concatenate([kept.gradient, kept.gradient]))
        step, whole = both[: len(numbers)], (kept.gradient * both[len(numbers) :]).sum(axis=1)
        left = jnp.where(better, jnp.sqrt(jnp.maximum(whole, 0.0)), state.left)
        length = jnp.sqrt((step * (kept.information * step[:, None, :]).sum(axis=-1)).sum(axis=-1))
        reach = jnp.where(first | ~better, LONGEST, LONGER * state.reach)
        step = step * jnp.minimum(1.0, reach / jnp.maximum(length, 1e-300))[:, None]
        return _State(
            numbers + step, numbers, kept, damping, reach, left, state.iterations + (going & ~first), state.rounds + 1
        )

    return jax.lax.while_loop(unfinished, again, state)
