"""Draws from one person's posterior by adaptive importance sampling.

A person comes from one of K draws of the population (`person_prior`); the draw k is carried along as a number of its
own. Three steps are repeated:

1. Weigh people by prior x likelihood / proposal.
2. Over the weighted people, fit a line to the predicted totals: f(x) = c + J x, with the covariance R of what the line
   misses. To a linear model with noise sd^2 I + R the posterior of each draw k is a normal in closed form, and so is
   the chance of the draw itself (iterated posterior linearisation, Garcia-Fernandez, Svensson, Sarkka 2017, IEEE Trans
   Signal Process 65:56).
3. Draw new people from those normals, with the tails of Student's t, and a few from the prior.

A quarter as many people, the scouts, go first and are repeated while hardly any of them says anything about the
posterior; then come the draws that are used, again while their weights cannot be trusted: a Pareto shape below 0.7 and
as many effective draws as asked for. The line is only a proposal. It decides how many draws are worth how much, never
what they are: the weights use the exact course and the exact probability of each whole-number total, so bounds,
skewness and several modes stay. With few scores the scouts say that the prior's own draws will do. What does not meet
the rule is not a result (`remit.inference.tempering` takes over).
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
from jax.scipy.special import gammaln
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

from remit.inference.pareto import K_LIMIT, effective_draws, smoothed
from remit.inference.person_course import Ratings, Timing, chance_of, totals_of
from remit.inference.person_prior import Layout, Prior
from remit.inference.small_matrix import cholesky, forward, inverse_root
from remit.kept import kept
from remit.program import program

TAILS = 10.0
"""Degrees of freedom of the proposal.  # choice: heavier than a posterior is, light enough to waste few draws; with 6
a fifth of people with eight scores needed more draws, with 10 an eighth"""
PRIOR_EVERY = 21
"""Every so many proposals one is from the prior, so that no weight is larger than the likelihood over a twentieth of
its mean; odd, so that each kinetic person gets some."""
SPREAD_EVENLY = 0.1
"""Share of draws spread evenly over the draws of the population, in case the line is wrong about which matter."""
BLOCK = 4096  # choice: courses of so many people at once use little memory and lose no time between blocks
KEPT = 2048
"""Draws of equal weight that are handed on."""
_BISECTIONS = 20
_POOLS = 4
_SEED = 20261126


@jax.tree_util.register_static
@dataclass(frozen=True)
class Effort:
    """How hard to try.

    Attributes:
        draws: people drawn in each round, a multiple of ``BLOCK``.
        wanted: effective draws to stop at.
        rounds: most rounds, those of scouts not counted.
        scouting: most rounds of scouts.
        kept: effective draws that the line of a round is fitted to [fraction of draws].
    """

    draws: int = 4096
    wanted: float = 1000.0
    rounds: int = 2
    scouting: int = 4
    kept: float = 0.05

    @property
    def scouts(self) -> int:
        """People in a round of scouts."""
        return self.draws // 4


class Chances(NamedTuple):
    """Evenly spread numbers that make the draws of a person; the same for all but for a turn of their own.

    Attributes:
        normals: standard normal numbers, shape (pools, draws, numbers).
        stretch: factor that turns normal numbers into those of Student's t, shape (pools, draws).
        turn: rotation of the numbers, shape (numbers, numbers).
        shift: where systematic draws begin [0, 1).
    """

    normals: Float[Array, "pools draws numbers"]
    stretch: Float[Array, "pools draws"]
    turn: Float[Array, "numbers numbers"]
    shift: Float[Array, ""]


class Drawn(NamedTuple):
    """Draws of equal weight, as many times as their weight says, with what says whether they may be used.

    Attributes:
        numbers: what makes the person, shape (draws, numbers).
        kinetic: kinetic person of each draw, shape (draws,).
        pareto_k: shape of the tail of the weights.
        effective: effective draws.
        rounds: rounds it took, scouts included; none when the prior's own draws are the result.
        log_evidence: log probability of the scores before they were seen, up to the error of the weights.
    """

    numbers: Float[Array, "draws numbers"]
    kinetic: Int[Array, " draws"]
    pareto_k: Float[Array, ""]
    effective: Float[Array, ""]
    rounds: Int[Array, ""]
    log_evidence: Float[Array, ""]


class _Round(NamedTuple):
    """Draws of one round: x, predicted totals, and log prior, likelihood and proposal density of each."""

    x: Array
    totals: Array
    prior: Array
    likelihood: Array
    proposal: Array


class _State(NamedTuple):
    round: _Round
    log_weights: Array
    rounds: Array
    pareto_k: Array
    effective: Array


class _Proposed(NamedTuple):
    """Draws x with their log prior and the log density they were drawn with."""

    x: Array
    prior: Array
    density: Array


class _Fitted(NamedTuple):
    """A t distribution for each draw of the population, and how often each is used."""

    log_share: Array
    means: Array
    log_scale: Array
    root: Array
    inverse_root: Array


@lru_cache(maxsize=16)
def _pools(draws: int, numbers: int) -> tuple[Array, Array]:
    """Latin hypercubes: each number alone is spread evenly over its distribution."""
    # kept, because the library of these distributions takes longer to load than a person to draw
    both = kept(
        f"pools {_POOLS} {_SEED} {TAILS} {draws} {numbers} scipy {version('scipy')}", lambda: _drawn(draws, numbers)
    )
    return jnp.asarray(both[..., :-1]), jnp.asarray(both[..., -1])


def _drawn(draws: int, numbers: int) -> NDArray[np.float64]:
    """Normal numbers of each pool, and last what stretches them to a t distribution."""
    from scipy.special import gammaincinv, ndtri

    rng = np.random.default_rng(_SEED)
    shape = (_POOLS, draws, numbers + 1)
    order = rng.permuted(np.broadcast_to(np.arange(draws)[:, None], shape), axis=1)
    even = (order + rng.random(shape)) / draws
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
    normals, stretch = _pools(effort.draws, layout.numbers)
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


def power_kept(base: Float[Array, " draws"], likelihood: Float[Array, " draws"], kept: float) -> Float[Array, ""]:
    """The largest power of the likelihood, up to one, at which enough draws keep a say.

    Args:
        base: log prior less log proposal density.
        likelihood: log likelihood.
        kept: effective draws that are enough [fraction of draws].
    """
    enough = kept * base.shape[0]

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = 0.5 * (low + high)
        good = effective_draws(base + middle * likelihood) >= enough
        return jnp.where(good, middle, low), jnp.where(good, high, middle)

    low, _ = jax.lax.fori_loop(0, _BISECTIONS, halve, (jnp.asarray(0.0), jnp.asarray(2.0)))
    return jnp.minimum(low, 1.0)


def _fitted(prior: Prior, rated: Ratings, values: _Round, kept: float) -> _Fitted:
    """The posterior of each draw of the population were totals linear in x."""
    numbers = values.x.shape[-1]
    base = values.prior - values.proposal
    weights = jax.nn.softmax(base + power_kept(base, values.likelihood, kept) * values.likelihood)
    mean, middle = weights @ values.x, weights @ values.totals
    apart, off = values.x - mean, values.totals - middle
    weighed = apart * weights[:, None]
    # choice: a sliver of the prior's spread keeps the fit solvable where draws do not move in some direction
    tight = inverse_root(weighed.T @ apart + 1e-6 * jnp.eye(numbers))
    slope = tight.T @ (tight @ (weighed.T @ off))
    # what the line misses goes together from visit to visit, so that many visits of a bent course do not make it sure
    missed = (off - apart @ slope) * rated.seen
    scatter = jnp.where(rated.seen > 0, rated.noise_sd[rated.scale] ** 2, 1.0)
    noise = (missed * weights[:, None]).T @ missed + jnp.diag(scatter)
    quiet = inverse_root(noise)
    trusted = (quiet @ (slope * rated.seen).T).T
    information = trusted @ trusted.T
    pull = trusted @ (quiet @ ((rated.total - middle + mean @ slope) * rated.seen))
    precision = information + jnp.eye(numbers) * prior.precisions[:, None, :]
    # written out whatever their size: people are drawn on several threads (see `small_matrix`)
    lower = cholesky(precision, numbers)
    inverse = forward(lower, jnp.broadcast_to(jnp.eye(numbers), lower.shape), numbers)
    toward = prior.means * prior.precisions + pull
    halfway = jnp.einsum("kij,kj->ki", inverse, toward)
    means = jnp.einsum("kij,ki->kj", inverse, halfway)
    evidence = 0.5 * (jnp.log(prior.precisions).sum(axis=1) - (prior.means**2 * prior.precisions).sum(axis=1))
    log_scale = jnp.log(jnp.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    evidence += 0.5 * (halfway**2).sum(axis=1) - log_scale
    share = (1.0 - SPREAD_EVENLY) * jax.nn.softmax(evidence) + SPREAD_EVENLY / len(evidence)
    return _Fitted(jnp.log(share), means, log_scale, lower, inverse)


def _normal_density(x: Array, means: Array, precisions: Array) -> Array:
    numbers = x.shape[-1]
    square = ((x - means) ** 2 * precisions).sum(axis=-1)
    return 0.5 * (jnp.log(precisions).sum(axis=-1) - square - numbers * math.log(2.0 * math.pi))


def _t_density(square: Array, numbers: int) -> Array:
    """Log density of Student's t at a squared distance, but for the log determinant of its scale."""
    constant = gammaln(0.5 * (TAILS + numbers)) - gammaln(0.5 * TAILS) - 0.5 * numbers * math.log(TAILS * math.pi)
    return constant - 0.5 * (TAILS + numbers) * jnp.log1p(square / TAILS)


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
    def weigh(proposed: _Proposed) -> _Round:
        count = len(proposed.x)
        block = min(BLOCK, count)
        numbers = (prior.centre + prior.spread * proposed.x).reshape(-1, block // kinetics, kinetics, layout.numbers)
        if len(numbers) == 1:
            totals = totals_of(layout, numbers[0], when.site, when, rated)
        else:
            totals = jax.lax.map(lambda few: totals_of(layout, few, when.site, when, rated), numbers)
        totals = totals.reshape(count, -1)
        return _Round(proposed.x, totals, proposed.prior, chance_of(totals, rated), proposed.density)

    def of_prior(count: int) -> _Proposed:
        chosen = jnp.arange(count) * draws // count
        normals = luck.normals[0, :: effort.draws // count] @ luck.turn
        x = prior.means[chosen] + normals * jax.lax.rsqrt(prior.precisions[chosen])
        log_prior = _normal_density(x, prior.means[chosen], prior.precisions[chosen]) - math.log(draws)
        return _Proposed(x, log_prior, log_prior)

    def drawn(seen: _Round, count: int, pool: Array) -> _Proposed:
        found = _fitted(prior, rated, seen, effort.kept)
        every = effort.draws // count
        normals = luck.normals[pool, ::every] @ luck.turn
        from_prior = jnp.arange(count) % PRIOR_EVERY == 0
        chosen = systematic(jnp.exp(found.log_share), count, luck.shift)
        # those from the prior take the draws of the population in turn
        chosen = jnp.where(from_prior, (jnp.arange(count) // PRIOR_EVERY) % draws, chosen)
        means, precisions = prior.means[chosen], prior.precisions[chosen]
        stretched = normals * luck.stretch[pool, ::every][:, None]
        near = found.means[chosen] + jnp.einsum("nij,ni->nj", found.inverse_root[chosen], stretched)
        x = jnp.where(from_prior[:, None], means + normals * jax.lax.rsqrt(precisions), near)
        log_prior = _normal_density(x, means, precisions) - math.log(draws)
        # a draw of the t distribution knows how far out it is; only those from the prior have to be looked up
        few = chosen[::PRIOR_EVERY]
        away = jnp.einsum("nij,ni->nj", found.root[few], x[::PRIOR_EVERY] - found.means[few])
        square = (stretched**2).sum(axis=-1).at[::PRIOR_EVERY].set((away**2).sum(axis=-1))
        near_density = found.log_share[chosen] + found.log_scale[chosen] + _t_density(square, x.shape[-1])
        share = 1.0 / PRIOR_EVERY
        density = jnp.logaddexp(math.log(share) + log_prior, math.log1p(-share) + near_density)
        return _Proposed(x, log_prior, density)

    def worth(values: _Round) -> Array:
        return effective_draws(values.prior + values.likelihood - values.proposal)

    def judged(values: _Round, rounds: Array) -> _State:
        log_smooth, k = smoothed(values.prior + values.likelihood - values.proposal)
        return _State(values, log_smooth, rounds, k, effective_draws(log_smooth))

    def lost(state: tuple[_Round, Array]) -> Array:
        return (worth(state[0]) < effort.kept * effort.scouts) & (state[1] < effort.scouting)

    def search(state: tuple[_Round, Array]) -> tuple[_Round, Array]:
        return weigh(drawn(state[0], effort.scouts, state[1] % _POOLS)), state[1] + 1

    def unfinished(state: _State) -> Array:
        poor = (state.effective < effort.wanted) | ~(state.pareto_k < K_LIMIT)
        return poor & (state.rounds < effort.rounds)

    def again(state: _State) -> _State:
        return judged(weigh(drawn(state.round, effort.draws, (state.rounds + 1) % _POOLS)), state.rounds + 1)

    first = weigh(of_prior(effort.scouts))
    # choice: with a tenth more than is wanted among the scouts, the prior's own draws will do
    plain = worth(first) * effort.draws > 1.1 * effort.wanted * effort.scouts
    scouts, scouting = jax.lax.while_loop(lost, search, (first, jnp.asarray(1)))
    proposed = jax.lax.cond(plain, lambda: of_prior(effort.draws), lambda: drawn(scouts, effort.draws, jnp.asarray(1)))
    state = judged(weigh(proposed), jnp.asarray(1))
    if effort.rounds > 1:
        state = jax.lax.while_loop(unfinished, again, state)
    raw = state.round.prior + state.round.likelihood - state.round.proposal
    chosen = systematic(jnp.exp(state.log_weights), KEPT, luck.shift)
    return Drawn(
        prior.centre + prior.spread * state.round.x[chosen],
        # draw i belongs to kinetic person i, and so on in turn
        chosen % kinetics,
        state.pareto_k,
        state.effective,
        jnp.where(plain & (state.rounds == 1), 0, state.rounds + scouting),
        jax.nn.logsumexp(raw) - math.log(effort.draws),
    )
