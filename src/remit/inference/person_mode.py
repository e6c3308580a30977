"""The most likely numbers of one person: a point in milliseconds, where a posterior is not needed.

What is believed before the scores is a mixture (`person_prior`); a mode of that would be a mode of its kernels. The
point is therefore the mode under the normal distribution of the mixture's mean and covariance, as empirical Bayes
estimates are in population kinetics, with the exact probability of each whole-number total and the kinetic people
summed out. It is for starting values, checks and previews; answers are drawn by `remit.inference.one_person`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from remit.inference.most_likely import Local, Maximum, most_likely
from remit.inference.one_person import Belief, Case, arrays
from remit.inference.person_course import Ratings, Timing, each_chance, totals_of
from remit.inference.person_prior import Layout, Prior
from remit.program import program
from remit.vocabulary.errors import NotConverged

TOLERANCE = 1e-4
"""Largest step left [posterior SDs].  # choice: a ten-thousandth of what is not known; no score says more"""


@dataclass(frozen=True, slots=True, eq=False)
class PersonMode:
    """The most likely numbers of one person.

    Attributes:
        belief: what was believed before.
        numbers: shape (numbers,), named by ``belief.layout.names``.
        log_posterior: there, up to a constant.
        left: step left to take [posterior SDs].
        iterations: steps it took.
    """

    belief: Belief
    numbers: Float[np.ndarray, " numbers"]
    log_posterior: float
    left: float
    iterations: int


class _Told(NamedTuple):
    """What the scores say of a person's numbers: log likelihood, its derivatives where the course is taken as a line in
    the numbers, the pull of each score on its total (which the course's own curvature is weighed with), and the
    information expected of scores of the kind."""

    value: Array
    gradient: Array
    curvature: Array
    pull: Array
    expected: Array


def _told(centre: Array, slope: Array, rated: Ratings) -> _Told:
    """The likelihood of the scores, kinetic people summed out.

    A score depends on its own total only, so one slope and one curvature a score make all the derivatives.

    Args:
        centre: totals without scatter [points], shape (kinetics, visits).
        slope: of those by the numbers, shape (kinetics, visits, numbers).
        rated: the scores.
    """
    one = jnp.ones_like(centre)

    def moved(centre: Array) -> tuple[Array, Array]:
        return jax.jvp(lambda centre: each_chance(centre, rated), (centre,), (one,))

    (each, first), (_, second) = jax.jvp(moved, (centre,), (one,))
    chance = each.sum(axis=-1)
    share = jax.nn.softmax(chance)
    of_kinetic = jnp.einsum("kv,kvi->ki", first, slope)
    gradient = share @ of_kinetic
    flat = slope.reshape(-1, slope.shape[-1])

    def squared(weight: Array) -> Array:
        return flat.T @ ((share[:, None] * weight).reshape(-1, 1) * flat)

    between = of_kinetic.T @ (share[:, None] * of_kinetic) - jnp.outer(gradient, gradient)
    known = jnp.broadcast_to(rated.seen / rated.noise_sd[rated.scale] ** 2, centre.shape)
    return _Told(
        jax.nn.logsumexp(chance), gradient, squared(second) + between, share[:, None] * first, squared(known)
    )  # fmt: skip


class _Normal(NamedTuple):
    """The normal distribution of a prior's mean and covariance, and what its numbers are scaled by."""

    middle: Array
    precision: Array
    centre: Array
    spread: Array


@lru_cache(maxsize=32)
def _normal(held: Belief) -> _Normal:
    """That of what is believed: the same for all people who are believed the same of."""
    prior = Prior(*(np.asarray(value) for value in held.prior))  # pyright: ignore[reportArgumentType]
    covariance = np.cov(prior.means.T, bias=True) + np.diag((1.0 / prior.precisions).mean(axis=0))
    found = (prior.means.mean(axis=0), np.linalg.inv(covariance), prior.centre, prior.spread)
    return _Normal(*jax.device_put(found))


@program()
def _found(layout: Layout, normal: _Normal, when: Timing, rated: Ratings) -> Maximum:
    kinetics = when.site.shape[0]
    middle, precision, centre, spread = normal

    def centres(x: Array) -> tuple[Array, Array]:
        numbers = jnp.broadcast_to(centre + spread * x, (kinetics, layout.numbers))
        found = totals_of(layout, numbers, when.site, when, rated, summed=True)
        return found, found

    def local(people: Array, _: tuple[()]) -> Local:
        x = people[0]
        slope, here = jax.jacfwd(centres, has_aux=True)(x)
        told = _told(here, slope, rated)

        def pulled(x: Array) -> Array:
            return (told.pull * centres(x)[0]).sum()

        away = precision @ (x - middle)
        curvature = told.curvature + jax.jacfwd(jax.grad(pulled))(x) - precision
        # the curvature itself where it is that of a maximum, which ends in few steps; else what is expected of it
        maximum = jnp.isfinite(jnp.linalg.cholesky(-curvature)).all()
        information = jnp.where(maximum, -curvature, told.expected + precision)
        value = told.value - 0.5 * (x - middle) @ away
        return Local(value[None], (told.gradient - away)[None], information[None])

    return most_likely(local, middle[None], tolerance=TOLERANCE)


def person_mode(case: Case, held: Belief) -> PersonMode:
    """The most likely numbers of one person.

    Args:
        case: scores and doses.
        held: what is believed before.

    Raises:
        NotConverged: the steps did not end.
    """
    when, rated = arrays(case, held)
    # to be read where they lie: a copy to the host takes as long as two steps
    found = jax.tree.map(np.asarray, _found(held.layout, _normal(held), when, rated))
    if not found.done[0]:
        raise NotConverged(
            f"the most likely numbers of this person were not reached: {found.left[0]:.1e} posterior SDs are left "
            f"after {found.iterations[0]} steps",
            remedy="Check the scores and doses for a typing error; nothing is shown",
        )
    numbers = np.asarray(held.prior.centre) + np.asarray(held.prior.spread) * found.numbers[0]
    return PersonMode(held, numbers, float(found.value[0]), float(found.left[0]), int(found.iterations[0]))
