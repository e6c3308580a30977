"""Draws from one person's posterior by adaptive importance sampling.

A person comes from one of K draws of the population (`person_prior`); the draw k is carried along as a number of its
own. Three steps are repeated:

1. Weigh people by prior x likelihood / proposal.
2. Fit a line to their totals, and from it the posterior of each draw k were totals linear
   (`remit.inference.linear_proposal`).
3. Draw new people from those normals, with the tails of Student's t, and a few from the prior.

Scouts go first, and are repeated while hardly any of them says anything about the posterior. The draws that are used
follow in lots from one proposal, until as many are effective as were asked for; they are pooled, each with its own
weight, and judged together: a Pareto shape below 0.7. The line is only a proposal. It decides how many draws are worth
how much, never what they are: the weights use the exact course and the exact probability of each whole-number total, so
bounds, skewness and several modes stay. With few scores the scouts say that the prior's own draws will do. What does
not meet the rule is not a result (`remit.inference.tempering` takes over).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

from remit.inference.linear_proposal import TAILS, Proposal, Round, normal_density, proposal_for, t_density
from remit.inference.pareto import effective_draws, smoothed
from remit.inference.person_course import Ratings, Timing, chance_of, totals_of
from remit.inference.person_prior import Layout, Prior
from remit.kept import kept
from remit.program import program

PRIOR_EVERY = 21
"""Every so many proposals one is from the prior, so that no weight is larger than the likelihood over a twentieth of
its mean; odd, so that each kinetic person gets some."""
BLOCK = 4096  # choice: courses of so many people at once use little memory and lose no time between blocks
KEPT = 2048
"""Draws of equal weight that are handed on."""
LEAST_LOTS = 2
"""Lots that are drawn however much each draw is worth.  # choice: as many draws as are handed on"""
_LOT_APART = 0.6180339887498949  # choice: the golden section, so that systematic draws of lots fall between each other
_SEED = 20261126


@jax.tree_util.register_static
@dataclass(frozen=True)
class Effort:
    """How hard to try.

    Attributes:
        lot: people drawn at a time, a multiple of the kinetic people.
        lots: most lots, at least `LEAST_LOTS`.
        scouts: people in a round of scouts, a part of a lot.
        wanted: effective draws to stop at.
        scouting: most rounds of scouts.
        kept: effective draws that the line is fitted to [fraction of scouts].
    """

    lot: int = 1024
    lots: int = 8
    scouts: int = 512
    wanted: float = 1000.0
    scouting: int = 4
    kept: float = 0.05

    @property
    def draws(self) -> int:
        """Most people drawn, scouts not counted."""
        return self.lot * self.lots


class Chances(NamedTuple):
    """Evenly spread numbers that make the draws of a person; the same for all but for a turn of their own.

    Attributes:
        normals: standard normal numbers, shape (lots, lot, numbers).
        stretch: factor that turns normal numbers into those of Student's t, shape (lots, lot).
        turn: rotation of the numbers, shape (numbers, numbers).
        shift: where systematic draws begin [0, 1).
    """

    normals: Float[Array, "lots lot numbers"]
    stretch: Float[Array, "lots lot"]
    turn: Float[Array, "numbers numbers"]
    shift: Float[Array, ""]


class Drawn(NamedTuple):
    """Draws of equal weight, as many times as their weight says, with what says whether they may be used.

    Attributes:
        numbers: what makes the person, shape (draws, numbers).
        kinetic: kinetic person of each draw, shape (draws,).
        pareto_k: shape of the tail of the weights.
        effective: effective draws.
        drawn: people drawn, scouts not counted.
        rounds: rounds of scouts and lots it took; none when the prior's own draws are the result.
        log_evidence: log probability of the scores before they were seen, up to the error of the weights.
    """

    numbers: Float[Array, "draws numbers"]
    kinetic: Int[Array, " draws"]
    pareto_k: Float[Array, ""]
    effective: Float[Array, ""]
    drawn: Int[Array, ""]
    rounds: Int[Array, ""]
    log_evidence: Float[Array, ""]


class _Pooled(NamedTuple):
    """Draws of all lots so far.

    Attributes:
        x: their numbers.
        log_weights: minus infinity where there is none yet.
        lots: how many.
        top: the largest log weight.
        weight, square: sums of the weights and of their squares, the largest being one.
    """

    x: Array
    log_weights: Array
    lots: Array
    top: Array
    weight: Array
    square: Array


class _Proposed(NamedTuple):
    """Draws x with their log prior and the log density they were drawn with."""

    x: Array
    prior: Array
    density: Array


@lru_cache(maxsize=16)
def _lots(lots: int, lot: int, numbers: int) -> tuple[Array, Array]:
    """Latin hypercubes: each number alone is spread evenly over its distribution."""
    # kept, because the library of these distributions takes longer to load than a person to draw
    both = kept(
        f"lots {lots} {lot} {_SEED} {TAILS} {numbers} scipy {version('scipy')}", lambda: _drawn((lots, lot, numbers))
    )
    return jnp.asarray(both[..., :-1]), jnp.asarray(both[..., -1])


def _drawn(shape: tuple[int, int, int]) -> NDArray[np.float64]:
    """Normal numbers of each lot, and last what stretches them to a t distribution."""
    from scipy.special import gammaincinv, ndtri

    rng = np.random.default_rng(_SEED)
    lots, lot, numbers = shape
    whole = (lots, lot, numbers + 1)
    order = rng.permuted(np.broadcast_to(np.arange(lot)[:, None], whole), axis=1)
    even = (order + rng.random(whole)) / lot
    stretch = np.sqrt(0.5 * TAILS / gammaincinv(0.5 * TAILS, even[..., -1:]))
    return np.concatenate([ndtri(even[..., :-1]), stretch], axis=-1)


def chances(layout: Layout, effort: Effort, seed: int, person: int = 0) -> Chances:
    """The numbers a person's draws are made of.

    Args:
        layout: of the person.
        effort: how many draws.
        seed: of the only key.
        person: index; each person's numbers are turned in a way of their own, so that errors do not add up over people.
    """
    rng = np.random.default_rng([_SEED, seed, person])
    normals, stretch = _lots(effort.lots, effort.lot, layout.numbers)
    turn, upper = np.linalg.qr(rng.standard_normal((layout.numbers, layout.numbers)))
    # host numbers become device arrays in the program
    return Chances(normals, stretch, turn * np.sign(np.diag(upper)), np.float64(rng.random()))  # type: ignore[arg-type]


def systematic(weights: Float[Array, " draws"], count: int, shift: Float[Array, ""] | float) -> Int[Array, " count"]:
    """Indices drawn in proportion to weights, each as often as its share of the count, up to one; rising.

    Args:
        weights: not negative, of any sum.
        count: how many.
        shift: where the first lies, in [0, 1).
    """
    edges = jnp.cumsum(weights)
    places = (jnp.arange(count) + shift) / count
    return jnp.clip(jnp.searchsorted(edges / edges[-1], places, side="right"), 0, weights.shape[0] - 1)


@program()
def explored(layout: Layout, prior: Prior, when: Timing, rated: Ratings, luck: Chances, effort: Effort) -> Drawn:
    """Draws of one person's posterior, as one compiled program.

    Args:
        layout, prior: what is believed before the scores.
        when: visits, and concentrations of the kinetic people.
        rated: scores.
        luck: numbers of this person.
        effort: how hard to try.
    """
    kinetics, draws = when.site.shape[0], prior.means.shape[0]

    # compiled once for each number of people, however often it is called below
    @jax.jit
    def weigh(proposed: _Proposed) -> Round:
        count = len(proposed.x)
        block = min(BLOCK, count)
        numbers = (prior.centre + prior.spread * proposed.x).reshape(-1, block // kinetics, kinetics, layout.numbers)
        # people of one kinetic person side by side: a step of the course is then one pass over them
        numbers, site = numbers.swapaxes(1, 2), when.site[:, None]
        if len(numbers) == 1:
            totals = totals_of(layout, numbers[0], site, when, rated)[None]
        else:
            totals = jax.lax.map(lambda few: totals_of(layout, few, site, when, rated), numbers)
        totals = totals.swapaxes(1, 2).reshape(count, -1)
        return Round(proposed.x, totals, proposed.prior, chance_of(totals, rated), proposed.density)

    def normals_of(count: int, lot: Array) -> Array:
        return luck.normals[lot, :: effort.lot // count] @ luck.turn

    def of_prior(count: int, lot: Array) -> _Proposed:
        chosen = jnp.arange(count) * draws // count
        x = prior.means[chosen] + normals_of(count, lot) * jax.lax.rsqrt(prior.precisions[chosen])
        log_prior = normal_density(x, prior.means[chosen], prior.precisions[chosen]) - math.log(draws)
        return _Proposed(x, log_prior, log_prior)

    def drawn(found: Proposal, count: int, lot: Array) -> _Proposed:
        normals = normals_of(count, lot)
        from_prior = jnp.arange(count) % PRIOR_EVERY == 0
        chosen = systematic(jnp.exp(found.log_share), count, (luck.shift + lot * _LOT_APART) % 1.0)
        # those from the prior take the draws of the population in turn
        chosen = jnp.where(
            from_prior, (lot * (count // PRIOR_EVERY) + jnp.arange(count) // PRIOR_EVERY) % draws, chosen
        )
        means, precisions = prior.means[chosen], prior.precisions[chosen]
        stretched = normals * luck.stretch[lot, :: effort.lot // count][:, None]
        near = found.means[chosen] + jnp.einsum("nij,ni->nj", found.inverse_root[chosen], stretched)
        x = jnp.where(from_prior[:, None], means + normals * jax.lax.rsqrt(precisions), near)
        log_prior = normal_density(x, means, precisions) - math.log(draws)
        # a draw of the t distribution knows how far out it is; only those from the prior have to be looked up
        few = chosen[::PRIOR_EVERY]
        away = jnp.einsum("nij,ni->nj", found.root[few], x[::PRIOR_EVERY] - found.means[few])
        square = (stretched**2).sum(axis=-1).at[::PRIOR_EVERY].set((away**2).sum(axis=-1))
        near_density = found.log_share[chosen] + found.log_scale[chosen] + t_density(square, x.shape[-1])
        share = 1.0 / PRIOR_EVERY
        density = jnp.logaddexp(math.log(share) + log_prior, math.log1p(-share) + near_density)
        return _Proposed(x, log_prior, density)

    def log_weights(values: Round) -> Array:
        return values.prior + values.likelihood - values.proposal

    def fitted(scouts: Round) -> Proposal:
        return proposal_for(prior, rated, scouts, effort.kept)

    def lost(state: tuple[Round, Array]) -> Array:
        enough = effective_draws(log_weights(state[0])) >= effort.kept * effort.scouts
        return ~enough & (state[1] < effort.scouting)

    def search(state: tuple[Round, Array]) -> tuple[Round, Array]:
        return weigh(drawn(fitted(state[0]), effort.scouts, state[1] % effort.lots)), state[1] + 1

    first = weigh(of_prior(effort.scouts, jnp.asarray(0)))
    # choice: where a third of all lots of the prior's own draws gives a tenth more than is wanted, they will do
    plain = effective_draws(log_weights(first)) * effort.draws > 3 * 1.1 * effort.wanted * effort.scouts
    scouts, scouting = jax.lax.while_loop(lost, search, (first, jnp.asarray(1)))
    proposal = fitted(scouts)

    def unfinished(pool: _Pooled) -> Array:
        # choice: a hundredth more than is wanted, as they are judged after their tail is smoothed
        few = pool.weight**2 < 1.01 * effort.wanted * pool.square
        return (few | (pool.lots < LEAST_LOTS)) & (pool.lots < effort.lots)

    def more(pool: _Pooled) -> _Pooled:
        at = pool.lots
        proposed = jax.lax.cond(plain, lambda: of_prior(effort.lot, at), lambda: drawn(proposal, effort.lot, at))
        found, start = log_weights(weigh(proposed)), at * effort.lot
        top = jnp.maximum(pool.top, found.max())
        weights, less = jnp.exp(found - top), jnp.exp(pool.top - top)
        return _Pooled(
            jax.lax.dynamic_update_slice(pool.x, proposed.x, (start, jnp.zeros_like(start))),
            jax.lax.dynamic_update_slice(pool.log_weights, found, (start,)),
            at + 1,
            top,
            pool.weight * less + weights.sum(),
            pool.square * less**2 + (weights**2).sum(),
        )

    nothing = jnp.asarray(0.0)
    empty = _Pooled(
        jnp.zeros((effort.draws, layout.numbers)),
        jnp.full(effort.draws, -jnp.inf),
        jnp.asarray(0),
        # choice: below any log weight that counts
        jnp.asarray(-1e300),
        nothing,
        nothing,
    )
    pool = jax.lax.while_loop(unfinished, more, empty)
    count = pool.lots * effort.lot
    smooth, pareto_k = smoothed(pool.log_weights, count)
    chosen = systematic(jnp.exp(smooth), KEPT, luck.shift)
    return Drawn(
        prior.centre + prior.spread * pool.x[chosen],
        # draw i belongs to kinetic person i, and so on in turn
        chosen % kinetics,
        pareto_k,
        effective_draws(smooth),
        count,
        jnp.where(plain, 0, pool.lots + scouting),
        pool.top + jnp.log(pool.weight / count),
    )
