"""The posterior of each draw of the population were totals linear in a person's numbers: what people are drawn from.

Over weighted people a line is fitted to the predicted totals, f(x) = c + J x, with the covariance R of what the line
misses. To a linear model with noise sd^2 I + R the posterior of each draw k is a normal in closed form, and so is the
chance of the draw itself (iterated posterior linearisation, Garcia-Fernandez, Svensson, Sarkka 2017, IEEE Trans Signal
Process 65:56). `remit.inference.importance` weighs what is drawn from it by the exact model.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.special import gammaln
from jaxtyping import Array, Float

from remit.inference.pareto import effective_draws
from remit.inference.person_course import Ratings
from remit.inference.person_prior import Prior
from remit.inference.small_matrix import cholesky, forward, inverse_root

TAILS = 10.0
"""Degrees of freedom of the proposal.  # choice: heavier than a posterior is, light enough to waste few draws; with 6
a fifth of people with eight scores needed more draws, with 10 an eighth"""
SPREAD_EVENLY = 0.1
"""Share of draws spread evenly over the draws of the population, in case the line is wrong about which matter."""
_BISECTIONS = 12  # choice: a power of the likelihood to the nearest 2,000th; it only shapes a proposal


class Round(NamedTuple):
    """Draws of one round.

    Attributes:
        x: their numbers, shape (draws, numbers).
        totals: predicted at the visits, shape (draws, visits) [points].
        prior, likelihood, proposal: log density of each.
    """

    x: Array
    totals: Array
    prior: Array
    likelihood: Array
    proposal: Array


class Proposal(NamedTuple):
    """A t distribution for each draw of the population, and how often each is used.

    Attributes:
        log_share: how often, shape (draws,).
        means: shape (draws, numbers).
        log_scale: half the log determinant of the precision.
        root, inverse_root: Cholesky factor of the precision, and its inverse, shape (draws, numbers, numbers).
    """

    log_share: Array
    means: Array
    log_scale: Array
    root: Array
    inverse_root: Array


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


def proposal_for(prior: Prior, rated: Ratings, values: Round, kept: float) -> Proposal:
    """The posterior of each draw of the population were totals linear in x.

    Args:
        prior: of the person.
        rated: scores.
        values: people the line is fitted to.
        kept: effective draws that are enough for it [fraction of draws].
    """
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
    return Proposal(jnp.log(share), means, log_scale, lower, inverse)


def normal_density(x: Array, means: Array, precisions: Array) -> Array:
    """Log density of independent normals, one for each row."""
    numbers = x.shape[-1]
    square = ((x - means) ** 2 * precisions).sum(axis=-1)
    return 0.5 * (jnp.log(precisions).sum(axis=-1) - square - numbers * math.log(2.0 * math.pi))


def t_density(square: Array, numbers: int) -> Array:
    """Log density of Student's t at a squared distance, but for the log determinant of its scale."""
    constant = gammaln(0.5 * (TAILS + numbers)) - gammaln(0.5 * TAILS) - 0.5 * numbers * math.log(TAILS * math.pi)
    return constant - 0.5 * (TAILS + numbers) * jnp.log1p(square / TAILS)
