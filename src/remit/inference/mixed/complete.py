"""The density of observations and transformed parameters together, as EM sees it, and where each estimate enters."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from remit.inference.mixed.expansion import expand, prediction
from remit.inference.mixed.individual import compared, density_of, log_variance
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.records import Records
from remit.inference.small_matrix import forward

Places = NDArray[np.int64]
_LOG_2PI = float(np.log(2.0 * np.pi))


class Parts(NamedTuple):
    """Positions of the estimated numbers by how they enter.

    Attributes:
        mean: population values and coefficients that move the mean of a parameter in which people differ.
        entries: of the Cholesky factor of Omega.
        occasion: logarithms of SDs between occasions.
        closed: (position, output) of residual SDs whose most likely value is a mean square.
        other: everything else.
        block: which entries of Omega are free, shape (etas, etas).
    """

    mean: Places
    entries: Places
    occasion: Places
    closed: tuple[tuple[int, int], ...]
    other: Places
    block: NDArray[np.bool_]


def varying_places(model: MixedModel) -> Places:
    """Positions among the coordinates of the parameters in which people differ, in the order of Omega."""
    names = [each.name for each in model.parameters]
    return np.array([names.index(name) for name in model.etas])


def free_parts(model: MixedModel, records: Records) -> Parts:
    """Which estimated number enters where."""
    place = np.cumsum(model.free) - 1
    count, effects, entries, shifts = (
        len(model.parameters), len(model.effects), len(model.entries), len(model.shifting)
    )  # fmt: skip
    mean = [number for number, each in enumerate(model.parameters) if each.varies]
    if model.structure.constant:
        mean += [count + number for number, (name, _) in enumerate(model.effects) if name in model.varying]
    start = count + effects
    errors, closed = start + entries + shifts, []
    exact = not np.asarray(records.below).any()
    for output, error in enumerate(model.errors):
        if len(error.kinds) == 1 and "bounded" not in error.kinds and exact and not error.fixed:
            closed.append((int(place[errors]), output))
        errors += len(error.kinds)
    held = {
        "mean": np.array([place[each] for each in mean if model.free[each]], int),
        "entries": place[start : start + entries],
        "occasion": place[start + entries : start + entries + shifts],
    }
    used = {*(each for part in held.values() for each in part.tolist()), *(number for number, _ in closed)}
    other = np.array([each for each in range(int(model.free.sum())) if each not in used], int)
    block = np.zeros((len(model.etas),) * 2, bool)
    for row, column in model.entries:
        block[row, column] = block[column, row] = True
    return Parts(**held, closed=tuple(closed), other=other, block=block)


def person_means(model: MixedModel, records: Records, parts: Parts) -> tuple[Float[np.ndarray, "p e"], Any]:
    """Means of the transformed parameters of each person, offset + design @ estimates.

    Returns:
        Offset, shape (people, etas), and design, shape (people, etas, means).
    """
    places = varying_places(model)

    def means(estimated: NDArray[np.float64]) -> NDArray[np.float64]:
        pop, nothing = model.population(estimated), np.zeros(model.size)
        people = (jax.tree.map(lambda part, at=at: np.asarray(part)[at], records) for at in range(len(records.time)))
        return np.stack([model.coordinates(pop, nothing, own)[places] for own in people])

    base = model.start[model.free].copy()
    base[parts.mean] = 0.0
    offset, columns = means(base), []
    for each in parts.mean:
        moved = base.copy()
        moved[each] = 1.0
        columns.append(means(moved) - offset)
    design = np.stack(columns, axis=-1) if columns else np.zeros((*offset.shape, 0))
    return offset, design


def complete_density(model: MixedModel, x: Array, phi: Array, shifts: Array, records: Records) -> Array:
    """Log density of one person's observations, transformed parameters and shifts of occasions.

    Args:
        model: as prepared.
        x: estimated numbers; two derivatives with respect to them are exact.
        phi: transformed parameters in which people differ, in the order of Omega.
        shifts: of each occasion and parameter, shape (occasions, parameters).
        records: of the person.
    """
    pop, places = model.population(x), varying_places(model)
    placed = model.coordinates(pop, jnp.zeros(model.size), records)
    own = placed.at[places].set(phi)
    if shifts.size:
        own = own.at[len(placed) - shifts.size :].set(shifts.reshape(-1))
    # what people differ in is given: only the other numbers move the prediction
    given = {*places.tolist(), *range(len(placed) - shifts.size, len(placed))}
    searched = np.array([each for each in model.moving.tolist() if each not in given], int)
    still = jax.lax.stop_gradient(own)
    if len(searched):
        curve = expand(model, still, records, 2, searched).near(own[searched])
    else:
        curve = prediction(model, still, records)
    data = density_of(model, compared(model, curve, records), log_variance(model, pop, curve, records), records)
    away = forward(pop.factor, (phi - placed[places])[:, None])[:, 0]
    apart = shifts / pop.occasion_sd
    logs = jnp.log(jnp.diagonal(pop.factor)).sum() + shifts.shape[0] * jnp.log(pop.occasion_sd).sum()
    return data - 0.5 * (away @ away + (apart**2).sum() + (len(phi) + shifts.size) * _LOG_2PI) - logs
