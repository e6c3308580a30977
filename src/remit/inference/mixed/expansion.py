"""The prediction of a person around a place: value and derivatives in the person's coordinates.

Everything a likelihood needs of the structural model is these arrays; what follows from them (variances, densities,
informations and their derivatives) is small algebra. So the structural model, which is the dear part, is differentiated
and compiled once, not once for each use. The derivatives are exact: in place of the prediction stands its Taylor
polynomial, whose derivatives at that place up to its order are those of the prediction itself.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.records import Records


class Expansion(NamedTuple):
    """Derivatives of one person's prediction at a place.

    Attributes:
        at: the place: coordinates that move, shape (moving,).
        value: prediction at every row, shape (times,).
        slope: first derivatives, shape (moving, times).
        bend: second derivatives, shape (moving, moving, times); None where they were not asked for.
        twist: third derivatives, shape (moving, moving, moving, times); None where they were not asked for.
    """

    at: Float[Array, " moving"]
    value: Float[Array, " times"]
    slope: Float[Array, "moving times"]
    bend: Float[Array, "moving moving times"] | None = None
    twist: Float[Array, "moving moving moving times"] | None = None

    def near(self, place: Float[Array, " moving"]) -> Float[Array, " times"]:
        """The polynomial at a place; its derivatives at ``at`` are the prediction's."""
        away = place - self.at
        found = self.value + away @ self.slope
        if self.bend is not None:
            found = found + 0.5 * _along(away, _along(away, self.bend))
        if self.twist is not None:
            found = found + _along(away, _along(away, _along(away, self.twist))) / 6.0
        return found

    def slope_near(self, place: Float[Array, " moving"]) -> Float[Array, "moving times"]:
        """First derivatives of the polynomial at a place."""
        away, found = place - self.at, self.slope
        if self.bend is not None:
            found = found + _along(away, self.bend)
        if self.twist is not None:
            found = found + 0.5 * _along(away, _along(away, self.twist))
        return found

    def bend_near(self, place: Float[Array, " moving"]) -> Float[Array, "moving moving times"]:
        """Second derivatives of the polynomial at a place."""
        found = self.bend if self.bend is not None else jnp.zeros((*self.slope.shape[:1], *self.slope.shape))
        return found if self.twist is None else found + _along(place - self.at, self.twist)


def _along(way: Array, derivative: Array) -> Array:
    """A symmetric derivative along a way: contracted over its first axis."""
    return jnp.tensordot(way, derivative, 1)


def prediction(model: MixedModel, coordinates: Array, records: Records) -> Float[Array, " times"]:
    """Prediction of one person at every row, from all coordinates."""
    values = model.values(coordinates, records)
    curves = model.structure.predict(values, records.doses, records.time, {**records.covariates, **records.setting})
    if curves.ndim == 1:
        return curves
    return jnp.take_along_axis(curves, records.output[None], axis=0)[0]


def expand(
    model: MixedModel, coordinates: Array, records: Records, order: int, directions: NDArray[np.int64] | None = None
) -> Expansion:
    """The prediction of one person around a place.

    Args:
        model: whose structure predicts.
        coordinates: the place, shape (coordinates,).
        records: of the person.
        order: 1, 2 or 3: the highest derivatives wanted.
        directions: positions of the coordinates that move; those of the model when None.
    """
    moving = model.moving if directions is None else directions

    def curve(part: Array) -> Array:
        return prediction(model, coordinates.at[moving].set(part), records)

    at, unit = coordinates[moving], np.eye(len(moving))
    # each unordered choice of directions once, and the prediction traced once for all orders
    chosen = np.array(list(combinations_with_replacement(range(len(moving)), order)))

    def along(*ways: Array) -> list[Array]:
        """Value, and derivatives along the first, the first two, ... of the ways."""

        def first(x: Array) -> tuple[Array, ...]:
            return jax.jvp(curve, (x,), (ways[0],))

        if order == 1:
            return list(first(at))

        def second(x: Array) -> tuple[Array, ...]:
            (value, one), (_, two) = jax.jvp(first, (x,), (ways[1],))
            return value, one, two

        if order == 2:
            return list(second(at))
        (value, one, two), (_, _, three) = jax.jvp(second, (at,), (ways[2],))
        return [value, one, two, three]

    # the value does not depend on the ways: it is computed once
    found = jax.vmap(along, out_axes=[None] + [0] * order)(
        *(jnp.asarray(unit[chosen[:, place]]) for place in range(order))
    )
    kept = [found[0]]
    for depth in range(1, order + 1):
        wanted = np.sort(np.indices((len(moving),) * depth).reshape(depth, -1).T, axis=1)
        # a choice that begins with these directions holds their derivative
        begins = {tuple(row[:depth]): place for place, row in reversed(list(enumerate(chosen.tolist())))}
        places = np.array([begins[tuple(row)] for row in wanted.tolist()])
        kept.append(found[depth][places].reshape(*(len(moving),) * depth, -1))
    return Expansion(at, *kept)
