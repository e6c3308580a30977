"""The most likely numbers of one person: a point in milliseconds, where a posterior is not needed.

What is believed before the scores is a mixture (`person_prior`); a mode of that would be a mode of its kernels. The
point is therefore the mode under the normal distribution of the mixture's mean and covariance, as empirical Bayes
estimates are in population kinetics, with the exact probability of each whole-number total and the kinetic people
summed out. It is for starting values, checks and previews; answers are drawn by `remit.inference.one_person`.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from remit.inference.most_likely import Local, Maximum, most_likely
from remit.inference.one_person import Belief, Case, arrays
from remit.inference.person_course import Ratings, Timing, chance_of, totals_of
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


@program()
def _found(layout: Layout, prior: Prior, when: Timing, rated: Ratings) -> Maximum:
    kinetics = when.site.shape[0]
    means = prior.means - prior.means.mean(axis=0)
    covariance = means.T @ means / len(means) + jnp.diag((1.0 / prior.precisions).mean(axis=0))
    precision = jnp.linalg.inv(covariance)
    middle = prior.means.mean(axis=0)

    def centres(x: Array) -> Array:
        numbers = jnp.broadcast_to(prior.centre + prior.spread * x, (kinetics, layout.numbers))
        return totals_of(layout, numbers, when.site, when, rated)

    def value(x: Array) -> Array:
        return jax.nn.logsumexp(chance_of(centres(x), rated)) - 0.5 * (x - middle) @ precision @ (x - middle)

    def slopes(x: Array) -> tuple[Array, tuple[Array, Array]]:
        here, gradient = jax.value_and_grad(value)(x)
        return gradient, (here, gradient)

    def expected(x: Array) -> Array:
        share, slope = jax.nn.softmax(chance_of(centres(x), rated)), jax.jacfwd(centres)(x)
        weight = rated.seen / rated.noise_sd[rated.scale] ** 2
        return jnp.einsum("k,kvi,v,kvj->ij", share, slope, weight, slope) + precision

    def local(people: Array, _: tuple[()]) -> Local:
        x = people[0]
        bend, (here, gradient) = jax.jacfwd(slopes, has_aux=True)(x)
        # the curvature itself where it is that of a maximum, which ends in few steps; else what is expected of it
        maximum = jnp.isfinite(jnp.linalg.cholesky(-bend)).all()
        information = jax.lax.cond(maximum, lambda: -bend, lambda: expected(x))
        return Local(here[None], gradient[None], information[None])

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
    found = jax.device_get(_found(held.layout, held.prior, when, rated))
    if not found.done[0]:
        raise NotConverged(
            f"the most likely numbers of this person were not reached: {found.left[0]:.1e} posterior SDs are left "
            f"after {found.iterations[0]} steps",
            remedy="Check the scores and doses for a typing error; nothing is shown",
        )
    numbers = np.asarray(held.prior.centre) + np.asarray(held.prior.spread) * found.numbers[0]
    return PersonMode(held, numbers, float(found.value[0]), float(found.left[0]), int(found.iterations[0]))
