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
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from remit.inference.mixed.expansion import Expansion, expand
from remit.inference.mixed.individual import QUICK, predicted
from remit.inference.mixed.model import MixedModel, Population
from remit.inference.mixed.records import Records
from remit.inference.mixed.rows import Bent, bent
from remit.inference.most_likely import Local, most_likely
from remit.inference.small_matrix import backward, cholesky, forward

MODE_TOLERANCE = 1e-7
"""Largest step left of a person's mode [posterior SDs]; the next step would be its square."""
_LOG_2PI = float(np.log(2.0 * np.pi))
_FLAT = 0.1
"""Share of the expected information that the exact one must have everywhere for the nodes of quadrature to lie by it.
# choice: flatter tops, of people with few samples, would spread the nodes over more than three times the width of the
rest, or over none where the top is flat to all digits"""


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


class _Near(NamedTuple):
    """Prediction of one person and its derivatives by the random effects.

    Attributes:
        curve: shape (times,).
        slope: shape (times, effects).
        bend: shape (times, effects, effects); empty where it is not needed.
    """

    curve: Array
    slope: Array
    bend: Array


def _near(model: MixedModel, pop: Population, around: Expansion, b: Array, records: Records, *, bends: bool) -> _Near:
    place, lever = model.coordinates(pop, b, records)[model.moving], model.leverage(pop)
    slope = around.slope_near(place).T @ lever
    bend = _bends(around.bend_near(place), lever) if bends else jnp.zeros(0)
    return _Near(around.near(place), slope, bend)


def _bends(bend: Any, lever: Array) -> Array:
    """Second derivatives by the random effects, shape (times, effects, effects)."""
    return jnp.tensordot(jnp.tensordot(bend, lever, ((0,), (0,))), lever, ((0,), (0,)))


def _expected(rows: Bent, near: _Near) -> Array:
    """I + J' weight J."""
    return jnp.eye(near.slope.shape[1]) + (near.slope * rows.weight[:, None]).T @ near.slope


def _exact(rows: Bent, near: _Near) -> Array:
    """Minus the curvature of the joint density."""
    data = (near.slope * rows.bend[:, None]).T @ near.slope + jnp.tensordot(rows.slope, near.bend, 1)
    return jnp.eye(near.slope.shape[1]) - data


def _placing(exact: Array, expected: Array) -> Array:
    """The information by which nodes are placed: the exact one, or the expected one where the top is flat.

    The integral does not depend on where nodes lie as long as they cover it.
    """
    return jnp.where(_steep(exact, expected), exact, expected)


def _steep(exact: Array, expected: Array) -> Array:
    return jnp.isfinite(cholesky(exact - _FLAT * expected)).all()


def _normal(b: Array) -> Array:
    """Log density of standard normal random effects."""
    return -0.5 * (b @ b + b.shape[0] * _LOG_2PI)


def modes(
    model: MixedModel, method: Method, estimated: Array, records: Records, start: Array, censored: bool
) -> tuple[Array, Array, Expansion]:
    """Modes of the random effects of all people, the step left to each, and the predictions around them."""
    pop = model.population(estimated)

    def local(b: Array, theirs: Records) -> Local:
        def one(at: Array, rec: Records) -> tuple[Array, Array, Array, Expansion]:
            around = expand(model, model.coordinates(pop, at, rec), rec, 2)
            typical = None if method.interaction else predicted(model, pop, jnp.zeros_like(at), rec)
            lever = model.leverage(pop)
            near = _Near(around.value, around.slope.T @ lever, _bends(around.bend, lever))
            rows = bent(model, pop, around.value, typical, rec, censored)
            exact = _exact(rows, near)
            # the curvature itself where it is that of a maximum, which converges faster
            usable = jnp.isfinite(cholesky(exact)).all()
            information = jnp.where(usable, exact, _expected(rows, near))
            return rows.value.sum() + _normal(at), rows.slope @ near.slope - at, information, around

        return Local(*jax.vmap(one)(b, theirs))

    people, times = records.time.shape
    moving = len(model.moving)
    blank = Expansion(*(
        jnp.zeros((people, *shape))
        for shape in ((moving,), (times,), (moving, times), (moving, moving, times))
    ))  # fmt: skip
    found = most_likely(local, start, records, MODE_TOLERANCE, blank)
    return found.numbers, found.left, found.extra


class _Around(NamedTuple):
    """Predictions of one person around the places where a method needs them.

    Attributes:
        mode: around the mode.
        typical: around the typical person; None with interaction.
        nodes: around every node of quadrature; None of other methods.
    """

    mode: Expansion
    typical: Expansion | None
    nodes: Expansion | None


class Formula(NamedTuple):
    """Which likelihood it is.

    Attributes:
        model, method: of the likelihood.
        nodes: of quadrature in each dimension.
        censored: whether any row of the table lies below a limit.
    """

    model: MixedModel
    method: Method
    nodes: int
    censored: bool


class _Person:
    """The method's formula for one person around given predictions.

    Args:
        how: which likelihood.
        records: of the person.
        around: the predictions; derivatives are exact where they were made.
    """

    def __init__(self, how: Formula, records: Records, around: _Around) -> None:
        self.model, self.method, self.nodes, self.censored = how
        self.records, self.around = records, around

    def rows(self, pop: Population, curve: Array) -> Bent:
        """The rows around a prediction."""
        typical = None
        if self.around.typical is not None:
            place = self.model.coordinates(pop, jnp.zeros(self.model.size), self.records)
            typical = self.around.typical.near(place[self.model.moving])
        return bent(self.model, pop, curve, typical, self.records, self.censored)

    def informations(self, pop: Population, b: Array) -> tuple[Array, Array]:
        """Minus the curvature of the joint density, and what is expected of it."""
        near = _near(self.model, pop, self.around.mode, b, self.records, bends=True)
        rows = self.rows(pop, near.curve)
        return _exact(rows, near), _expected(rows, near)

    def formula(self, b: Array, estimated: Array) -> Array:
        """Log likelihood by the method around given random effects, and the gradient of the joint density by them."""
        pop, size = self.model.population(estimated), b.shape[0]
        bends = self.method in {Method.LAPLACE, Method.QUADRATURE}
        near = _near(self.model, pop, self.around.mode, b, self.records, bends=bends)
        rows = self.rows(pop, near.curve)
        information = _exact(rows, near) if bends else _expected(rows, near)
        if self.around.nodes is not None:
            information = _placing(information, _expected(rows, near))
        factor = cholesky(information)
        half_log_det = jnp.sum(jnp.log(jnp.diagonal(factor)))
        if self.around.nodes is not None:
            _, weights = grid(self.nodes, size)
            values = jax.vmap(partial(self._at_node, pop))(_points(self.nodes, b, factor), self.around.nodes)
            value = jax.nn.logsumexp(values + jnp.asarray(weights)) + 0.5 * size * jnp.log(2.0) - half_log_det
        else:
            value = rows.value.sum() + _normal(b) + 0.5 * size * _LOG_2PI - half_log_det
        return jnp.concatenate([value[None], rows.slope @ near.slope - b])

    def _at_node(self, pop: Population, point: Array, around: Expansion) -> Array:
        place = self.model.coordinates(pop, point, self.records)[self.model.moving]
        return self.rows(pop, around.near(place)).value.sum() + _normal(point)


def _around(how: Formula, estimated: Array, records: Records, mode: Array, second: Expansion) -> _Around:
    model, method = how.model, how.method
    pop = model.population(estimated)

    def placed(b: Array) -> Array:
        return model.coordinates(pop, b, records)

    exact = method in {Method.LAPLACE, Method.QUADRATURE}
    here = expand(model, placed(mode), records, 3) if exact else second
    typical = None if method.interaction else expand(model, placed(jnp.zeros_like(mode)), records, 1)
    at_nodes = None
    if method is Method.QUADRATURE:
        person = _Person(how, records, _Around(here, typical, None))
        points = _points(how.nodes, mode, cholesky(_placing(*person.informations(pop, mode))))
        at_nodes = jax.vmap(lambda b: expand(model, placed(b), records, 1))(points)
    return _Around(here, typical, at_nodes)


def _points(nodes: int, mode: Array, factor: Array) -> Array:
    """Where the nodes of quadrature lie, shape (nodes, effects)."""
    points, _ = grid(nodes, mode.shape[0])
    return jax.vmap(lambda x: mode + jnp.sqrt(2.0) * backward(factor, x))(jnp.asarray(points))


def contribution(
    how: Formula, estimated: Array, records: Records, mode: Array, second: Expansion
) -> tuple[Array, Array]:
    """Log likelihood of one person and its exact gradient at their mode.

    With M(b, x) the method's formula and l the joint density, the mode moves by H^-1 d2l/db dx, so the gradient is
    dM/dx + (H^-1 dM/db)' d2l/db dx. M and dl/db are differentiated together, once, by all numbers.
    """
    person = _Person(how, records, _around(how, estimated, records, mode, second))
    size = mode.shape[0]

    # forward differentiation throughout: the numbers are few, and XLA takes minutes over the backward one
    def formula(joined: Array) -> Array:
        return person.formula(joined[:size], joined[size:])

    def along(way: Array) -> tuple[Array, Array]:
        return jax.jvp(formula, (jnp.concatenate([mode, estimated]),), (way,))

    here, slope = jax.vmap(along, out_axes=(None, 0))(jnp.eye(size + estimated.shape[0]))
    root = cholesky(-slope[:size, 1:])
    way = backward(root, forward(root, slope[:size, :1])[:, 0])
    if how.method is Method.QUADRATURE:  # nodes that stay where they are give the same integral, and a flat top no way
        flat = ~_steep(*person.informations(how.model.population(estimated), mode))
        way = jnp.where(flat, 0.0, way)
    return here[0], slope[size:, 0] + slope[size:, 1:] @ way


def grid(nodes: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of Gauss-Hermite quadrature in several dimensions, and the logarithm of weight x exp(x^2)."""
    x, w = np.polynomial.hermite.hermgauss(nodes)
    points = np.stack([axis.ravel() for axis in np.meshgrid(*[x] * size, indexing="ij")], axis=-1)
    weights = np.stack([axis.ravel() for axis in np.meshgrid(*[w] * size, indexing="ij")], axis=-1)
    return points, np.log(weights).sum(axis=-1) + np.square(points).sum(axis=-1)


@lru_cache(maxsize=16)
def compiled(
    model: MixedModel, method: Method, nodes: int = 1, quick: bool = False, censored: bool = True
) -> Callable[[Any, Records, Any], Marginal]:
    """The likelihood, its scores and the modes as one compiled program of (estimated, records, start of the modes).

    Args:
        model, method: of the likelihood.
        nodes: of quadrature in each dimension.
        quick: whether it is compiled without optimisation; see `remit.inference.mixed.individual.QUICK`.
        censored: whether any row of the records lies below a limit.
    """

    def run(estimated: Array, records: Records, start: Array) -> Marginal:
        found, left, around = modes(model, method, estimated, records, start, censored)
        one = partial(contribution, Formula(model, method, nodes, censored))
        each, scores = jax.vmap(one, in_axes=(None, 0, 0, 0))(estimated, records, found, around)
        return Marginal(each, scores, found, left)

    return jax.jit(run, compiler_options=QUICK if quick else None)
