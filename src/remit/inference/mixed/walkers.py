"""Chains of people's random effects, and what estimates follow from them: the programs of stochastic approximation EM.

See `remit.inference.mixed.saem`, which says what for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.inference.mixed.complete import Parts, complete_density, free_parts, person_means
from remit.inference.mixed.individual import compared, joint_density, predicted
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.records import Records

Floats = NDArray[Any]
WALKERS = 200
"""Chains of all people together, at least.  # choice: more make an iteration dearer and the estimates less noisy"""
LEAST_CHAINS = 4
HELD, HELD_BLOCK = 1000, 100
"""Iterations with the estimates held, to measure the score.  # choice: leaves about 0.03 standard errors of noise"""
LONGEST = 0.5  # choice: longest Newton step of a number that has no closed form
_ANNEAL = 0.95  # choice: a variance loses at most 5 % in an iteration of the search, as in Lavielle's programs
_ASKED = 0.35  # choice: share of proposals taken that random walks are tuned to


class Walk(NamedTuple):
    """Where the chains stand.

    Attributes:
        x: estimated numbers.
        b: standardised random effects, shape (chains, people, effects).
        scale: log step of each move, shape (moves, people).
        statistics: running averages.
        key: of the random numbers.
    """

    x: Array
    b: Array
    scale: Array
    statistics: Any
    key: Array


class Statistics(NamedTuple):
    """Running averages over iterations.

    Attributes:
        first, second: of phi and phi phi', per person.
        occasion: of squared shifts of each occasion parameter.
        squares: of squared scaled residuals of each output.
        slope, bend: gradient and minus the curvature of the complete-data density in numbers without a closed form.
    """

    first: Array
    second: Array
    occasion: Array
    squares: Array
    slope: Array
    bend: Array


class Held(NamedTuple):
    """What chains show at held estimates.

    Attributes:
        scores: gradient of each person's log likelihood, shape (people, free).
        information: of all people.
        noise: Monte Carlo covariance of the summed score.
        mean, covariance: of each person's standardised random effects.
    """

    scores: Floats
    information: Floats
    noise: Floats
    mean: Floats
    covariance: Floats


class _Moves(NamedTuple):
    independent: Any
    mask: Any


def _moves(size: int) -> _Moves:
    """Two proposals from the population, two walks along everything, one along each effect."""
    mask = np.concatenate([np.ones((4, size)), np.eye(size)]) if size > 1 else np.ones((4, 1))
    return _Moves(np.arange(len(mask)) < 2, mask)


class Sampler:
    """The compiled programs of one model and its records.

    Args:
        model: as prepared.
        records: of all people.
        seed: of the only key.
        chains: of every person; as many as make `WALKERS` when None.
    """

    def __init__(self, model: MixedModel, records: Records, seed: int, chains: int | None = None) -> None:
        self.model, self.records = model, records
        self.people = int(records.time.shape[0])
        self.chains = chains or max(LEAST_CHAINS, -(-WALKERS // self.people))
        self.parts: Parts = free_parts(model, records)
        self.offset, self.design = (jnp.asarray(part) for part in person_means(model, records, self.parts))
        self.moves = _moves(model.size)
        self.key = jax.random.key(seed)
        self._advance = jax.jit(self._many)
        self._hold = jax.jit(self._held)
        self._weigh = jax.jit(self._importance)
        self.shifted = jax.jit(self._shifted)

    def begin(self, start: Floats) -> Walk:
        """Chains before the first iteration."""
        model, other = self.model, len(self.parts.other)
        count, q = len(self.moves.mask), len(model.etas)
        nothing = Statistics(
            jnp.zeros((self.people, q)), jnp.zeros((self.people, q, q)), jnp.zeros(len(model.shifting)),
            jnp.zeros(len(model.errors)), jnp.zeros(other), jnp.eye(other),
        )  # fmt: skip
        return Walk(
            jnp.asarray(start), jnp.zeros((self.chains, self.people, model.size)),
            jnp.full((count, self.people), -0.7), nothing, self.key,
        )  # fmt: skip

    def _swept(self, pop: Any, b: Array, scale: Array, key: Array) -> tuple[Array, Array, Array]:
        """One sweep of all moves: new effects, new scales."""

        def density(effects: Array) -> Array:
            one = jax.vmap(lambda own, rec: joint_density(self.model, pop, own, rec))
            value = jax.vmap(one, in_axes=(0, None))(effects, self.records)
            return jnp.where(jnp.isfinite(value), value, -jnp.inf)

        def move(carry: tuple[Array, Array], given: tuple[Array, Array, Array, Array]) -> Any:
            at, value = carry
            own, independent, mask, width = given
            step, chance = jax.random.split(own)
            noise = jax.random.normal(step, at.shape, dtype=jnp.float64)
            tried = jnp.where(independent, noise, at + jnp.exp(width)[None, :, None] * mask * noise)
            fresh = density(tried)
            # a proposal from the population is weighed by the data alone
            change = fresh - value + jnp.where(independent, 0.5 * (tried**2 - at**2).sum(-1), 0.0)
            taken = jnp.log(jax.random.uniform(chance, value.shape, dtype=jnp.float64)) < change
            at = jnp.where(taken[..., None], tried, at)
            return (at, jnp.where(taken, fresh, value)), taken.mean(axis=0)

        keys = jax.random.split(key, len(self.moves.mask))
        (b, value), rate = jax.lax.scan(
            move, (b, density(b)), (keys, jnp.asarray(self.moves.independent), jnp.asarray(self.moves.mask), scale)
        )
        return b, jnp.clip(scale + 0.4 * (rate - _ASKED), -6.0, 1.5), value

    def _statistics(self, x: Array, pop: Any, phi: Array, shifts: Array, b: Array) -> Statistics:
        """What one sweep adds."""
        model, parts = self.model, self.parts

        def curves(own: Array, rec: Records) -> Array:
            curve = predicted(model, pop, own, rec)
            off = compared(model, rec.observed, rec) - compared(model, curve, rec)
            found = []
            for place, error in enumerate(model.errors):
                shown = rec.counted & (rec.output == place)
                scaled = off / curve if error.kinds == ("proportional",) else off
                found.append(jnp.sum(jnp.where(shown, jnp.where(shown, scaled, 0.0) ** 2, 0.0)))
            return jnp.stack(found)

        squares = jax.vmap(jax.vmap(curves), in_axes=(0, None))(b, self.records)
        slope, bend = jnp.zeros(len(parts.other)), jnp.zeros((len(parts.other),) * 2)
        if len(parts.other):

            def density(part: Array, own: Array, shift: Array, rec: Records) -> Array:
                return complete_density(model, x.at[parts.other].set(part), own, shift, rec)

            def both(own: Array, shift: Array, rec: Records) -> tuple[Array, Array]:
                at = x[parts.other]
                one = partial(density, own=own, shift=shift, rec=rec)
                return jax.jacfwd(one)(at), -jax.jacfwd(jax.jacfwd(one))(at)

            slopes, bends = jax.vmap(jax.vmap(both), in_axes=(0, 0, None))(phi, shifts, self.records)
            slope, bend = slopes.mean(axis=0).sum(axis=0), bends.mean(axis=0).sum(axis=0)
        return Statistics(
            phi.mean(axis=0), jnp.einsum("cpi,cpj->pij", phi, phi) / len(phi), (shifts**2).mean(axis=(0, 1, 2)),
            squares.mean(axis=0).sum(axis=0), slope, bend,
        )  # fmt: skip

    def _taken(self, x: Array, kept: Statistics, searching: Array) -> Array:
        """The estimates that are most likely for the running averages."""
        model, parts, pop = self.model, self.parts, self.model.population(x)
        omega = pop.factor @ pop.factor.T
        if len(parts.mean):
            weighed = jnp.linalg.solve(omega, self.design)
            left = jnp.einsum("pia,pib->ab", self.design, weighed)
            right = jnp.einsum("pia,pi->a", weighed, kept.first - self.offset)
            x = x.at[parts.mean].set(jnp.linalg.solve(left, right))
        centre = self.offset + jnp.einsum("pia,a->pi", self.design, x[parts.mean])
        cross = jnp.einsum("pi,pj->pij", kept.first, centre)
        spread = (kept.second - cross - jnp.swapaxes(cross, 1, 2) + jnp.einsum("pi,pj->pij", centre, centre)).mean(0)
        spread = jnp.where(parts.block, spread, 0.0)
        short = jnp.maximum(_ANNEAL * jnp.diagonal(omega) - jnp.diagonal(spread), 0.0)
        root = jnp.linalg.cholesky(spread + jnp.where(searching, 1.0, 0.0) * jnp.diag(short))
        rows, columns = np.array(model.entries).T
        found = root[rows, columns]
        x = x.at[parts.entries].set(jnp.where(rows == columns, jnp.log(jnp.where(rows == columns, found, 1.0)), found))
        if len(parts.occasion):
            x = x.at[parts.occasion].set(0.5 * jnp.log(kept.occasion))
        for number, output in parts.closed:
            x = x.at[number].set(0.5 * jnp.log(kept.squares[output] / self.counts[output]))
        if len(parts.other):
            ridge = 1e-6 * jnp.eye(len(parts.other)) * jnp.maximum(jnp.abs(jnp.diagonal(kept.bend)).max(), 1.0)
            step = jnp.linalg.solve(kept.bend + ridge, kept.slope)
            x = x.at[parts.other].add(jnp.clip(jnp.where(jnp.isfinite(step), step, 0.0), -LONGEST, LONGEST))
        return x

    @property
    def counts(self) -> Any:
        """Observations of each output."""
        output, counted = np.asarray(self.records.output), np.asarray(self.records.counted)
        return np.array([max(int((counted & (output == place)).sum()), 1) for place in range(len(self.model.errors))])

    def _phi(self, x: Array, b: Array) -> tuple[Array, Array, Array]:
        """Population centre of each person, their transformed parameters and shifts of occasions."""
        model, pop = self.model, self.model.population(x)
        q = len(model.etas)
        centre = self.offset + jnp.einsum("pia,a->pi", self.design, x[self.parts.mean])
        phi = centre + b[..., :q] @ pop.factor.T
        shifts = b[..., q:].reshape(*b.shape[:2], model.occasions, len(model.shifting)) * pop.occasion_sd
        return centre, phi, shifts

    def _once(self, walk: Walk, given: tuple[Array, Array]) -> tuple[Walk, Array]:
        step, searching = given
        key, own = jax.random.split(walk.key)
        pop = self.model.population(walk.x)
        b, scale, _ = self._swept(pop, walk.b, walk.scale, own)
        _, phi, shifts = self._phi(walk.x, b)
        fresh = self._statistics(walk.x, pop, phi, shifts, b)
        kept = jax.tree.map(lambda old, new: old + step * (new - old), walk.statistics, fresh)
        x = self._taken(walk.x, kept, searching)
        return Walk(x, self._effects(x, phi, shifts), scale, kept, key), x

    def _effects(self, x: Array, phi: Array, shifts: Array) -> Array:
        """Standardised random effects at new estimates of people who stay what they are."""
        pop = self.model.population(x)
        away = phi - (self.offset + jnp.einsum("pia,a->pi", self.design, x[self.parts.mean]))
        root = jax.scipy.linalg.solve_triangular(pop.factor, away.reshape(-1, away.shape[-1]).T, lower=True)
        return jnp.concatenate([root.T.reshape(away.shape), (shifts / pop.occasion_sd).reshape(*phi.shape[:2], -1)], -1)

    def _shifted(self, walk: Walk, step: Array) -> Walk:
        """A walk with other estimates."""
        _, phi, shifts = self._phi(walk.x, walk.b)
        return walk._replace(x=walk.x + step, b=self._effects(walk.x + step, phi, shifts))

    def _many(self, walk: Walk, steps: Array, searching: Array) -> tuple[Walk, Array]:
        return jax.lax.scan(self._once, walk, (steps, searching))

    def _held(self, walk: Walk, sums: tuple[Array, ...]) -> tuple[Walk, tuple[Array, ...], Array]:
        """Chains at held estimates: sums of scores, of their squares, of curvatures and of effects, and the scores."""
        model, x = self.model, walk.x
        pop = model.population(x)

        def one(phi: Array, shift: Array, rec: Records) -> tuple[Array, Array]:
            density = partial(complete_density, model, phi=phi, shifts=shift, records=rec)
            return jax.jacfwd(density)(x), -jax.jacfwd(jax.jacfwd(density))(x)

        def once(carry: tuple[Array, Array, Array, Any], _: Any) -> Any:
            b, scale, key, sums = carry
            key, own = jax.random.split(key)
            b, scale, _ = self._swept(pop, b, scale, own)
            _, phi, shifts = self._phi(x, b)
            score, bend = jax.vmap(jax.vmap(one), in_axes=(0, 0, None))(phi, shifts, self.records)
            fresh = (
                score.mean(0), jnp.einsum("cpi,cpj->pij", score, score) / len(score), bend.mean(0).sum(0),
                b.mean(0), jnp.einsum("cpi,cpj->pij", b, b) / len(b),
            )  # fmt: skip
            return (b, scale, key, jax.tree.map(jnp.add, sums, fresh)), score.mean(0).sum(0)

        begin = (walk.b, walk.scale, walk.key, sums)
        (b, scale, key, sums), trace = jax.lax.scan(once, begin, None, length=HELD_BLOCK)
        return walk._replace(b=b, scale=scale, key=key), sums, trace

    def held(self, walk: Walk, report: Callable[[int], None] | None = None) -> tuple[Walk, Held]:
        """Score and information at the estimates of a walk.

        Args:
            walk: whose estimates are held.
            report: called with the iterations done.
        """
        free, size = walk.x.shape[0], self.model.size
        sums: Any = (
            jnp.zeros((self.people, free)), jnp.zeros((self.people, free, free)), jnp.zeros((free, free)),
            jnp.zeros((self.people, size)), jnp.zeros((self.people, size, size)),
        )  # fmt: skip
        traces = []
        for done in range(HELD_BLOCK, HELD + 1, HELD_BLOCK):
            walk, sums, trace = self._hold(walk, sums)
            traces.append(np.asarray(trace))
            if report is not None:
                report(done)
        scores, squares, bend, mean, second = (np.asarray(each) / HELD for each in sums)
        trace = np.concatenate(traces)
        missing = (squares - np.einsum("pi,pj->pij", scores, scores)).sum(axis=0)
        blocks = trace.reshape(20, -1, trace.shape[1]).mean(
            axis=1
        )  # choice: 20 stretches far longer than a chain forgets
        noise = np.cov(blocks, rowvar=False).reshape(bend.shape) / len(blocks)
        covariance = second - np.einsum("pi,pj->pij", mean, mean)
        return walk, Held(scores, 0.5 * ((bend - missing) + (bend - missing).T), noise, mean, covariance)

    def _importance(self, x: Array, mean: Array, root: Array, key: Array) -> tuple[Array, Array]:
        """Log likelihood of each person, and its simulation variance, with t around their conditional mean."""
        model, pop, size = self.model, self.model.population(x), self.model.size
        degrees, batches, each = 5.0, 20, 100  # choice: 2,000 draws leave about 0.02 of a log likelihood in most fits

        def one(own: Array) -> Array:
            normal, chi = jax.random.split(own)
            z = jax.random.normal(normal, (each, self.people, size), dtype=jnp.float64)
            g = jax.random.chisquare(chi, degrees, (each, self.people, 1), dtype=jnp.float64) / degrees
            t = z / jnp.sqrt(g)
            b = mean + jnp.einsum("pij,npj->npi", root, t)
            joint = jax.vmap(jax.vmap(lambda own, rec: joint_density(model, pop, own, rec)), in_axes=(0, None))
            log_t = (
                jax.scipy.special.gammaln(0.5 * (degrees + size)) - jax.scipy.special.gammaln(0.5 * degrees)
                - 0.5 * size * jnp.log(degrees * jnp.pi) - 0.5 * (degrees + size) * jnp.log1p((t**2).sum(-1) / degrees)
            )  # fmt: skip
            value = joint(b, self.records) - log_t + jnp.log(jnp.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
            return jnp.where(jnp.isfinite(value), value, -jnp.inf)

        weights = jax.lax.map(one, jax.random.split(key, batches)).reshape(-1, self.people)
        total = jax.nn.logsumexp(weights, axis=0) - jnp.log(weights.shape[0])
        share = jnp.exp(weights - total)
        return total, share.var(axis=0) / weights.shape[0]

    def log_likelihood(self, x: Floats, held: Held) -> tuple[Floats, float]:
        """Log likelihood of each person by importance sampling, and the simulation error of their sum."""
        size = self.model.size
        wide = held.covariance + 1e-8 * np.eye(size)
        total, variance = self._weigh(x, held.mean, np.linalg.cholesky(wide), jax.random.fold_in(self.key, 7))
        return np.asarray(total), float(np.sqrt(np.asarray(variance).sum()))

    def advanced(self, walk: Walk, steps: Floats, *, searching: bool) -> tuple[Walk, Floats]:
        """A walk some iterations on."""
        walk, seen = self._advance(walk, jnp.asarray(steps), jnp.full(len(steps), searching))
        return walk, np.asarray(seen)
