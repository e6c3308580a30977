"""The likelihood of people with their random effects integrated out, and its exact gradient.

    log p(y) = log of the integral of p(y, b) db
    Laplace, FOCE, FOCE-I:  log p(y, b^) + q/2 log 2 pi - 1/2 log det H      b^ the mode, H the information there
    adaptive quadrature:    Gauss-Hermite nodes placed at b^ + sqrt(2) C x,   C C' = H^-1

H is the exact curvature for Laplace and quadrature, the expected one for FOCE-I, and the same without the variance's
dependence on the person for FOCE. b^ moves with the population; its derivative is that of one Newton step (implicit
differentiation), so that the gradient is exact wherever the mode was found.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from remit.inference.mixed.individual import expected_information, joint_density
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.records import Records
from remit.inference.most_likely import Local, most_likely
from remit.inference.small_matrix import backward, cholesky, forward

MODE_TOLERANCE = 1e-7
"""Largest step left of a person's mode [posterior SDs]; the next step would be its square."""
_LOG_2PI = float(np.log(2.0 * np.pi))


class Method(StrEnum):
    """How the random effects are integrated out."""

    FOCE = "foce"
    FOCEI = "focei"
    LAPLACE = "laplace"
    QUADRATURE = "agq"

    @property
    def interaction(self) -> bool:
        """Whether the residual variance follows the person's own prediction."""
        return self is not Method.FOCE


class Marginal(NamedTuple):
    """The likelihood at one population.

    Attributes:
        each: log likelihood of each person, shape (people,).
        scores: gradient of each with respect to the estimated numbers, shape (people, free).
        modes: standardised random effects, shape (people, effects).
        left: step left to each mode [posterior SDs].
    """

    each: Any
    scores: Any
    modes: Any
    left: Any


def modes(model: MixedModel, method: Method, estimated: Array, records: Records, start: Array) -> tuple[Array, Array]:
    """Modes of the random effects of all people, and the step left to each."""
    pop = model.population(estimated)

    def local(b: Array) -> Local:
        def one(at: Array, rec: Records) -> tuple[Array, Array, Array]:
            density = partial(_joint, model, method, pop, rec)
            value, gradient = density(at), jax.jacfwd(density)(at)
            exact = -curvature(density, at)
            expected = expected_information(model, pop, at, rec, method.interaction)
            # the curvature itself where it is that of a maximum, which converges faster
            bent = jnp.isfinite(cholesky(exact)).all()
            return value, gradient, jnp.where(bent, exact, expected)

        return Local(*jax.vmap(one)(b, records))

    found = most_likely(local, start, MODE_TOLERANCE)
    return found.numbers, found.left


def _joint(model: MixedModel, method: Method, pop: Any, records: Records, b: Array) -> Array:
    return joint_density(model, pop, b, records, method.interaction)


def integrated(model: MixedModel, method: Method, nodes: int, estimated: Array, records: Records, b: Array) -> Array:
    """Log likelihood of one person by the method's formula around given random effects."""
    pop = model.population(estimated)
    density = partial(_joint, model, method, pop, records)
    size = b.shape[0]
    if method in {Method.LAPLACE, Method.QUADRATURE}:
        information = -curvature(density, b)
    else:
        information = expected_information(model, pop, b, records, method.interaction)
    factor = cholesky(information)
    half_log_det = jnp.sum(jnp.log(jnp.diagonal(factor)))
    if method is Method.QUADRATURE:
        points, weights = grid(nodes, size)
        moved = jax.vmap(lambda x: b + jnp.sqrt(2.0) * backward(factor, x))(jnp.asarray(points))
        values = jax.vmap(density)(moved) + jnp.asarray(weights)
        return jax.scipy.special.logsumexp(values) + 0.5 * size * jnp.log(2.0) - half_log_det
    return density(b) + 0.5 * size * _LOG_2PI - half_log_det


def curvature(function: Callable[[Array], Array], at: Array) -> Array:
    """Second derivatives by forward differentiation, which compiles faster than its mixture with the backward one."""
    return jax.jacfwd(jax.jacfwd(function))(at)


def contribution(
    model: MixedModel, method: Method, nodes: int, estimated: Array, records: Records, mode: Array
) -> tuple[Array, Array]:
    """Log likelihood of one person and its exact gradient at their mode.

    With M(b, x) the method's formula and l the joint density, the mode moves by H^-1 d2l/db dx, so the gradient is
    dM/dx + (H^-1 dM/db)' d2l/db dx.
    """

    def formula(joined: Array) -> Array:
        return integrated(model, method, nodes, joined[size:], records, joined[:size])

    def density(b: Array, x: Array) -> Array:
        return _joint(model, method, model.population(x), records, b)

    # forward differentiation throughout: the numbers are few, and XLA takes minutes over the backward one
    size = mode.shape[0]
    joined = jnp.concatenate([mode, estimated])
    value, slope = formula(joined), jax.jacfwd(formula)(joined)
    root = cholesky(-curvature(lambda b: density(b, estimated), mode))
    way = backward(root, forward(root, slope[:size, None])[:, 0])
    along = jax.jacfwd(lambda x: jax.jvp(lambda b: density(b, x), (mode,), (way,))[1])(estimated)
    return value, slope[size:] + along


def grid(nodes: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of Gauss-Hermite quadrature in several dimensions, and the logarithm of weight x exp(x^2)."""
    x, w = np.polynomial.hermite.hermgauss(nodes)
    points = np.stack([axis.ravel() for axis in np.meshgrid(*[x] * size, indexing="ij")], axis=-1)
    weights = np.stack([axis.ravel() for axis in np.meshgrid(*[w] * size, indexing="ij")], axis=-1)
    return points, np.log(weights).sum(axis=-1) + np.square(points).sum(axis=-1)


def compiled(model: MixedModel, method: Method, nodes: int = 1) -> Callable[[Array, Records, Array], Marginal]:
    """The likelihood, its scores and the modes as one compiled program of (estimated, records, start of the modes)."""

    def run(estimated: Array, records: Records, start: Array) -> Marginal:
        found, left = modes(model, method, estimated, records, start)
        one = partial(contribution, model, method, nodes)
        each, scores = jax.vmap(one, in_axes=(None, 0, 0))(estimated, records, found)
        return Marginal(each, scores, found, left)

    return jax.jit(run)
