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
from remit.inference.mixed.individual import QUICK, compared, log_variance, predicted, row_densities
from remit.inference.mixed.model import MixedModel, Population
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


class _Rows(NamedTuple):
    """Rows of one person as functions of the prediction alone, which every row has one of.

    Attributes:
        density: log density of each row.
        weight: what a squared slope of the prediction adds to the expected information: 1 / variance, and with
            interaction half the squared slope of the log variance (Almquist et al. 2015, eq. 22, without the cross
            terms whose expectation is zero). Rows below a limit count as if their value were the limit.
    """

    density: Callable[[Array], Array]
    weight: Callable[[Array], Array]


def _rows(model: MixedModel, method: Method, pop: Population, records: Records, typical: Array) -> _Rows:
    """See `_Rows`; ``typical`` is the prediction that the variance follows where there is no interaction."""

    def spread(curve: Array) -> Array:
        return log_variance(model, pop, curve if method.interaction else typical, records)

    def density(curve: Array) -> Array:
        return row_densities(model, compared(model, curve, records), spread(curve), records)

    def weight(curve: Array) -> Array:
        _, slope = _each(lambda at: compared(model, at, records), curve)
        found = jnp.exp(-spread(curve)) * slope**2
        if method.interaction:
            found = found + 0.5 * _each(spread, curve)[1] ** 2
        return jnp.where(records.counted, found, 0.0)

    return _Rows(density, weight)


def _each(function: Callable[[Array], Array], at: Array) -> tuple[Array, Array]:
    """Values and derivatives of a function that takes every row by itself."""
    return jax.jvp(function, (at,), (jnp.ones_like(at),))


def _bent(rows: _Rows, curve: Array) -> tuple[Array, Array, Array]:
    """Log densities of the rows and two derivatives with respect to the prediction."""
    (value, slope), (_, bend) = jax.jvp(lambda at: _each(rows.density, at), (curve,), (jnp.ones_like(curve),))
    return value, slope, bend


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


def _near(model: MixedModel, pop: Population, around: Expansion, b: Array, records: Records, *, bent: bool) -> _Near:
    place, lever = model.coordinates(pop, b, records)[model.moving], model.leverage(pop)
    slope = around.slope_near(place).T @ lever
    bend = jnp.einsum("ijt,ia,jb->tab", around.bend_near(place), lever, lever) if bent else jnp.zeros(0)
    return _Near(around.near(place), slope, bend)


def _expected(rows: _Rows, near: _Near) -> Array:
    """I + J' weight J."""
    return jnp.eye(near.slope.shape[1]) + jnp.einsum("ta,t,tb->ab", near.slope, rows.weight(near.curve), near.slope)


def _exact(near: _Near, slope: Array, bend: Array) -> Array:
    """Minus the curvature of the joint density, from derivatives of the rows' densities by the prediction."""
    data = jnp.einsum("ta,t,tb->ab", near.slope, bend, near.slope) + jnp.einsum("t,tab->ab", slope, near.bend)
    return jnp.eye(near.slope.shape[1]) - data


def _normal(b: Array) -> Array:
    """Log density of standard normal random effects."""
    return -0.5 * (b @ b + b.shape[0] * _LOG_2PI)


def modes(
    model: MixedModel, method: Method, estimated: Array, records: Records, start: Array
) -> tuple[Array, Array, Expansion]:
    """Modes of the random effects of all people, the step left to each, and the predictions around them."""
    pop = model.population(estimated)

    def local(b: Array) -> Local:
        def one(at: Array, rec: Records) -> tuple[Array, Array, Array, Expansion]:
            around = expand(model, model.coordinates(pop, at, rec), rec, 2)
            typical = around.value if method.interaction else predicted(model, pop, jnp.zeros_like(at), rec)
            rows = _rows(model, method, pop, rec, typical)
            near = _near(model, pop, around, at, rec, bent=True)
            value, slope, bend = _bent(rows, near.curve)
            exact = _exact(near, slope, bend)
            # the curvature itself where it is that of a maximum, which converges faster
            usable = jnp.isfinite(cholesky(exact)).all()
            information = jnp.where(usable, exact, _expected(rows, near))
            return value.sum() + _normal(at), slope @ near.slope - at, information, around

        return Local(*jax.vmap(one)(b, records))

    people, times = records.time.shape
    moving = len(model.moving)
    blank = Expansion(*(
        jnp.zeros((people, *shape))
        for shape in ((moving,), (times,), (moving, times), (moving, moving, times))
    ))  # fmt: skip
    found = most_likely(local, start, MODE_TOLERANCE, blank)
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


class _Person:
    """The method's formula for one person around given predictions.

    Args:
        model, method, nodes, records: as for `contribution`.
        around: the predictions; derivatives are exact where they were made.
    """

    def __init__(self, model: MixedModel, method: Method, nodes: int, records: Records, around: _Around) -> None:
        self.model, self.method, self.nodes, self.records, self.around = model, method, nodes, records, around

    def rows(self, pop: Population, b: Array) -> _Rows:
        """The rows under a population."""
        typical = self.around.mode.value
        if self.around.typical is not None:
            place = self.model.coordinates(pop, jnp.zeros_like(b), self.records)
            typical = self.around.typical.near(place[self.model.moving])
        return _rows(self.model, self.method, pop, self.records, typical)

    def near(self, pop: Population, b: Array, *, bent: bool) -> _Near:
        """The prediction near the mode."""
        return _near(self.model, pop, self.around.mode, b, self.records, bent=bent)

    def exact(self, pop: Population, b: Array) -> Array:
        """Minus the curvature of the joint density."""
        near = self.near(pop, b, bent=True)
        _, slope, bend = _bent(self.rows(pop, b), near.curve)
        return _exact(near, slope, bend)

    def formula(self, b: Array, estimated: Array) -> Array:
        """Log likelihood by the method around given random effects."""
        pop, size = self.model.population(estimated), b.shape[0]
        rows = self.rows(pop, b)
        if self.method in {Method.LAPLACE, Method.QUADRATURE}:
            information = self.exact(pop, b)
        else:
            information = _expected(rows, self.near(pop, b, bent=False))
        factor = cholesky(information)
        half_log_det = jnp.sum(jnp.log(jnp.diagonal(factor)))
        if self.around.nodes is not None:
            _, weights = grid(self.nodes, size)
            values = jax.vmap(partial(self._at_node, pop, rows))(_points(self.nodes, b, factor), self.around.nodes)
            return jax.nn.logsumexp(values + jnp.asarray(weights)) + 0.5 * size * jnp.log(2.0) - half_log_det
        place = self.model.coordinates(pop, b, self.records)[self.model.moving]
        joint = rows.density(self.around.mode.near(place)).sum() + _normal(b)
        return joint + 0.5 * size * _LOG_2PI - half_log_det

    def _at_node(self, pop: Population, rows: _Rows, point: Array, around: Expansion) -> Array:
        place = self.model.coordinates(pop, point, self.records)[self.model.moving]
        return rows.density(around.near(place)).sum() + _normal(point)

    def toward(self, way: Array, b: Array, estimated: Array) -> Array:
        """Derivative of the joint density along a way in the random effects."""
        pop = self.model.population(estimated)
        near = self.near(pop, b, bent=False)
        _, slope = _each(self.rows(pop, b).density, near.curve)
        return slope @ (near.slope @ way) - b @ way


def _around(
    model: MixedModel, method: Method, nodes: int, estimated: Array, records: Records, mode: Array, second: Expansion
) -> _Around:
    pop = model.population(estimated)

    def placed(b: Array) -> Array:
        return model.coordinates(pop, b, records)

    exact = method in {Method.LAPLACE, Method.QUADRATURE}
    here = expand(model, placed(mode), records, 3) if exact else second
    typical = None if method.interaction else expand(model, placed(jnp.zeros_like(mode)), records, 1)
    at_nodes = None
    if method is Method.QUADRATURE:
        person = _Person(model, method, nodes, records, _Around(here, typical, None))
        points = _points(nodes, mode, cholesky(person.exact(pop, mode)))
        at_nodes = jax.vmap(lambda b: expand(model, placed(b), records, 1))(points)
    return _Around(here, typical, at_nodes)


def _points(nodes: int, mode: Array, factor: Array) -> Array:
    """Where the nodes of quadrature lie, shape (nodes, effects)."""
    points, _ = grid(nodes, mode.shape[0])
    return jax.vmap(lambda x: mode + jnp.sqrt(2.0) * backward(factor, x))(jnp.asarray(points))


def contribution(
    model: MixedModel, method: Method, nodes: int, estimated: Array, records: Records, mode: Array, second: Expansion
) -> tuple[Array, Array]:
    """Log likelihood of one person and its exact gradient at their mode.

    With M(b, x) the method's formula and l the joint density, the mode moves by H^-1 d2l/db dx, so the gradient is
    dM/dx + (H^-1 dM/db)' d2l/db dx.
    """
    person = _Person(model, method, nodes, records, _around(model, method, nodes, estimated, records, mode, second))
    size = mode.shape[0]

    # forward differentiation throughout: the numbers are few, and XLA takes minutes over the backward one
    def formula(joined: Array) -> Array:
        return person.formula(joined[:size], joined[size:])

    def along(way: Array) -> Array:
        value, slope = jax.jvp(formula, (jnp.concatenate([mode, estimated]),), (way,))
        return jnp.stack([value, slope])

    found = jax.vmap(along)(jnp.eye(size + estimated.shape[0]))
    value, slope = found[0, 0], found[:, 1]
    root = cholesky(person.exact(model.population(estimated), mode))
    way = backward(root, forward(root, slope[:size, None])[:, 0])
    return value, slope[size:] + jax.jacfwd(lambda x: person.toward(way, mode, x))(estimated)


def grid(nodes: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of Gauss-Hermite quadrature in several dimensions, and the logarithm of weight x exp(x^2)."""
    x, w = np.polynomial.hermite.hermgauss(nodes)
    points = np.stack([axis.ravel() for axis in np.meshgrid(*[x] * size, indexing="ij")], axis=-1)
    weights = np.stack([axis.ravel() for axis in np.meshgrid(*[w] * size, indexing="ij")], axis=-1)
    return points, np.log(weights).sum(axis=-1) + np.square(points).sum(axis=-1)


@lru_cache(maxsize=16)
def compiled(
    model: MixedModel, method: Method, nodes: int = 1, quick: bool = False
) -> Callable[[Any, Records, Any], Marginal]:
    """The likelihood, its scores and the modes as one compiled program of (estimated, records, start of the modes).

    Args:
        model, method: of the likelihood.
        nodes: of quadrature in each dimension.
        quick: whether it is compiled without optimisation; see `remit.inference.mixed.individual.QUICK`.
    """

    def run(estimated: Array, records: Records, start: Array) -> Marginal:
        found, left, around = modes(model, method, estimated, records, start)
        one = partial(contribution, model, method, nodes)
        each, scores = jax.vmap(one, in_axes=(None, 0, 0, 0))(estimated, records, found, around)
        return Marginal(each, scores, found, left)

    return jax.jit(run, compiler_options=QUICK if quick else None)
