"""Draws from a posterior that no proposal follows: many people moved by small steps from the prior to the posterior.

Tempered sequential Monte Carlo (Del Moral, Doucet, Jasra 2006, J R Stat Soc B 68:411). People are drawn from the prior;
the power of the likelihood rises from zero to one, each time as far as half of the draws keep a say; draws are chosen
anew by weight and then moved by steps that leave the tempered posterior as it is: differences of two other draws (ter
Braak and Vrugt 2008, Stat Comput 18:435), which take the posterior's own shape, and a change of the kinetic person. At
power one the moves go on until a draw no longer remembers where the moves began. Several groups run apart; that they
agree (R-hat) and forget (correlation) decides whether the draws may be used.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

from remit.inference.importance import systematic
from remit.inference.linear_proposal import power_kept
from remit.inference.person_course import Ratings, Timing, chance_of, totals_of
from remit.inference.person_prior import Layout, Prior, draw, log_density

GROUPS = 4
IN_GROUP = 512
STEPS = 20
"""Moves between two looks."""
MOST_LOOKS = 100
FORGOTTEN = 0.2
"""Largest correlation of a draw with where its moves began.  # choice: draws then count for nearly all of themselves"""
RHAT_BELOW = 1.03
"""# choice: groups of 512 that agree fully lie between 1.000 and 1.010; a group astray lies far above"""


class _Crowd(NamedTuple):
    """People under way, groups first: x, kinetic person, log prior and log likelihood."""

    x: Array
    kinetic: Array
    prior: Array
    likelihood: Array


class Tempered(NamedTuple):
    """Draws of equal weight and what says whether they may be used.

    Attributes:
        numbers: shape (draws, numbers).
        kinetic: kinetic person of each.
        rhat: largest R-hat over groups.
        memory: largest correlation with where the moves at power one began.
        looks: how often they were looked at.
        effective: draws less what they remember.
    """

    numbers: NDArray[np.float64]
    kinetic: NDArray[np.int64]
    rhat: float
    memory: float
    looks: int
    effective: float


def _likelihood(layout: Layout, prior: Prior, when: Timing, rated: Ratings, x: Array, kinetic: Array) -> Array:
    numbers = prior.centre + prior.spread * x

    def group(part: tuple[Array, Array]) -> Array:
        own, who = part
        return chance_of(totals_of(layout, own, jnp.asarray(when.site)[who], when, rated), rated)

    return jnp.nan_to_num(jax.lax.map(group, (numbers, kinetic)), nan=-1e9)


@jax.jit
def _start(layout: Layout, prior: Prior, when: Timing, rated: Ratings, key: Array) -> _Crowd:
    one, two = jax.random.split(key)
    x = draw(prior, one, GROUPS * IN_GROUP).reshape(GROUPS, IN_GROUP, -1)
    kinetic = jax.random.randint(two, (GROUPS, IN_GROUP), 0, when.site.shape[0])
    return _Crowd(x, kinetic, log_density(prior, x), _likelihood(layout, prior, when, rated, x, kinetic))


@jax.jit
def _chosen(crowd: _Crowd, power: Array, key: Array) -> tuple[_Crowd, Array]:
    """Each group chosen anew at the next power."""
    rest = jax.vmap(lambda each: power_kept(jnp.zeros_like(each), (1.0 - power) * each, 0.5))(crowd.likelihood)
    step = rest.min() * (1.0 - power)
    shifts = jax.random.uniform(key, (GROUPS,), dtype=jnp.float64)
    weights = jax.nn.softmax(step * crowd.likelihood, axis=1)
    index: Int[Array, "groups draws"] = jax.vmap(lambda own, shift: systematic(own, IN_GROUP, shift))(weights, shifts)
    chosen = jax.tree.map(lambda part: jax.vmap(lambda own, which: own[which])(part, index), crowd)
    return chosen, power + step


@jax.jit
def _moved(
    layout: Layout, prior: Prior, when: Timing, rated: Ratings, crowd: _Crowd, power: Array, key: Array
) -> _Crowd:
    numbers = crowd.x.shape[-1]
    gamma = 2.38 / np.sqrt(2.0 * numbers)

    def step(number: int, crowd: _Crowd) -> _Crowd:
        own = jax.random.split(jax.random.fold_in(key, number), 6)
        # differences of two draws of the same group; now and then a whole one, which leaps along a ridge or to a mode
        orders = jax.vmap(lambda each: jax.random.permutation(each, IN_GROUP))(jax.random.split(own[0], GROUPS))
        shifted = jnp.roll(orders, 1, axis=1)
        pick = jax.vmap(lambda part, which: part[which])
        size = jnp.exp(jax.random.uniform(own[1], (GROUPS, IN_GROUP, 1), dtype=jnp.float64, minval=-2.5)) * gamma
        size = jnp.where(jax.random.uniform(own[2], size.shape) < 0.1, 1.0, size)
        jitter = 1e-3 * jax.random.normal(own[3], crowd.x.shape, dtype=jnp.float64)
        x = crowd.x + size * (pick(crowd.x, orders) - pick(crowd.x, shifted)) + jitter
        other = jax.random.randint(own[4], crowd.kinetic.shape, 0, when.site.shape[0])
        kinetic = jnp.where(number % 4 == 0, other, crowd.kinetic)
        fresh = _Crowd(x, kinetic, log_density(prior, x), _likelihood(layout, prior, when, rated, x, kinetic))
        gain = fresh.prior - crowd.prior + power * (fresh.likelihood - crowd.likelihood)
        taken = jnp.log(jax.random.uniform(own[5], gain.shape, dtype=jnp.float64)) < gain

        def either(new: Array, old: Array) -> Array:
            return jnp.where(taken[..., None] if new.ndim > taken.ndim else taken, new, old)

        return jax.tree.map(either, fresh, crowd)

    return jax.lax.fori_loop(0, STEPS, step, crowd)


def _rhat(x: Float[np.ndarray, "groups draws numbers"]) -> float:
    """Largest R-hat of any number over groups that ran apart."""
    within = x.var(axis=1, ddof=1).mean(axis=0)
    between = x.mean(axis=1).var(axis=0, ddof=1)
    return float(np.sqrt((within * (1.0 - 1.0 / x.shape[1]) + between) / within).max())


def _memory(start: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    flat = [part.reshape(-1, part.shape[-1]) for part in (start, now)]
    apart = [part - part.mean(axis=0) for part in flat]
    return float(np.abs((apart[0] * apart[1]).mean(axis=0) / (apart[0].std(axis=0) * apart[1].std(axis=0))).max())


def temper(layout: Layout, prior: Prior, when: Timing, rated: Ratings, seed: int, person: int) -> Tempered:
    """Draws of one person's posterior by tempering; whether they may be used is for the caller to judge.

    Args:
        layout, prior, when, rated: as for `remit.inference.importance.explored`.
        seed: of the only key.
        person: index of the person.
    """
    key = jax.random.fold_in(jax.random.key(seed), person)
    crowd, power = _start(layout, prior, when, rated, key), jnp.asarray(0.0)
    looks = 0
    while float(power) < 1.0 and looks < MOST_LOOKS:
        looks += 1
        own = jax.random.split(jax.random.fold_in(key, looks))
        crowd, power = _chosen(crowd, power, own[0])
        crowd = _moved(layout, prior, when, rated, crowd, power, own[1])
    begin = np.asarray(crowd.x)
    memory = rhat = np.inf
    while (memory > FORGOTTEN or rhat > RHAT_BELOW) and looks < MOST_LOOKS:
        looks += 1
        crowd = _moved(layout, prior, when, rated, crowd, power, jax.random.fold_in(key, looks))
        memory, rhat = _memory(begin, np.asarray(crowd.x)), _rhat(np.asarray(crowd.x))
    numbers = np.asarray(prior.centre + prior.spread * crowd.x).reshape(-1, layout.numbers)
    effective = len(numbers) * (1.0 - min(memory, 1.0)) / (1.0 + min(memory, 1.0))
    if float(power) < 1.0:
        memory = np.inf
    return Tempered(numbers, np.asarray(crowd.kinetic).ravel(), rhat, memory, looks, effective)
