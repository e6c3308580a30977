"""What the calibrated model would have published in place of each row."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from jax import Array
from numpy.typing import NDArray

from remit.inference.calibration import expected_rows
from remit.inference.design import NONE, Design
from remit.inference.diagnostics import Draws
from remit.inference.row_check import LEVELS, RowCheck

KINDS = ("total", "change", "percent change", "difference", "standardised difference")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Replicas:
    """Every row beside what the model would have published.

    Attributes:
        study, origin, what: of each row.
        spread: whether the row is an SD, not an outcome.
        point: a point of each row.
        observed: as published (counts: per cent).
        values: shape (draws, rows).
    """

    study: tuple[str, ...]
    origin: tuple[str, ...]
    what: tuple[str, ...]
    spread: NDArray[np.bool_]
    point: NDArray[np.int64]
    observed: Floats
    values: Floats

    def check(self, row: int, weight: Floats | None = None) -> RowCheck:
        """A row with its predictive intervals, under weights of the draws."""
        ends = [end for level in LEVELS for end in (0.5 - level / 2, 0.5 + level / 2)]
        found = quantiles(self.values[:, row], np.array([*ends, 0.5]), weight)
        intervals = tuple((float(low), float(high)) for low, high in zip(found[:-1:2], found[1:-1:2], strict=True))
        return RowCheck(
            self.study[row], self.origin[row], self.what[row], float(self.observed[row]), float(found[-1]), intervals
        )


def quantiles(values: Floats, levels: Floats, weight: Floats | None = None) -> Floats:
    """Quantiles of weighted values; weights need not sum to one."""
    if weight is None:
        return np.quantile(values, levels)
    order = np.argsort(values)
    share = np.cumsum(weight[order])
    return np.interp(levels * share[-1], share - 0.5 * weight[order], values[order])


def flattened(draws: Draws, size: int) -> Draws:
    """Evenly spaced draws of all chains as arrays of shape (size, ...), of the sampled sites only."""
    flat = {name: value.reshape(value.shape[0] * value.shape[1], *value.shape[2:]) for name, value in draws.items()}
    total = len(next(iter(flat.values())))
    keep = np.linspace(0, total - 1, min(size, total)).astype(int)
    derived = {name.removesuffix("_raw") for name in flat if name.endswith("_raw")}
    return {name: value[keep] for name, value in flat.items() if name not in derived}


def expecting(design: Design) -> Callable[[Draws], dict[str, Array]]:
    """A compiled function from draws of the sampled sites, shape (draws, ...), to `expected_rows` of each."""

    def one(sites: dict[str, Array]) -> dict[str, Array]:
        with numpyro.handlers.seed(rng_seed=0), numpyro.handlers.substitute(data=sites):
            return expected_rows(design)

    compiled = jax.jit(lambda sites: jax.lax.map(one, sites))
    return lambda sites: compiled({name: jnp.asarray(value) for name, value in sites.items()})


def replicate(design: Design, expected: dict[str, Array], seed: int) -> Replicas:
    """Rows as they would have been published under each draw.

    Args:
        design: the rows.
        expected: from `expecting`, each of shape (draws, ...).
        seed: of the chance in each row.
    """
    seen = {name: np.asarray(value) for name, value in expected.items()}
    rng = np.random.default_rng(seed)
    means = seen["means"] + seen["sd_means"] * rng.standard_normal(seen["means"].shape)
    chance, people = np.clip(seen["counts"], 1e-6, 1 - 1e-6), seen["people"][:, None]
    n = np.maximum(np.round(design.counts.n), 1).astype(int)
    counts = 100.0 * rng.binomial(n, rng.beta(chance * people, (1 - chance) * people)) / n
    followed = np.maximum(np.round(design.medians.n), 1).astype(int)
    lost = 100.0 * rng.binomial(followed, seen["after"]) / followed
    error = np.sqrt(0.5 / np.maximum(design.spreads.n - 1.0, 1.0) + 0.15**2)
    spreads = np.exp(np.log(seen["spreads"]) + error * rng.standard_normal(seen["spreads"].shape))
    last = lambda index: np.array([row[row != NONE][-1] for row in index], dtype=np.int64)  # noqa: E731
    points = (last(design.means.points), last(design.counts.points), design.medians.after, design.spreads.point)
    words = (
        [KINDS[kind] for kind in design.means.kind],
        ["per cent of people with the event"] * len(design.counts.n),
        ["per cent of responders that has lost the response"] * len(design.medians.n),
        ["SD"] * len(design.spreads.n),
    )
    observed = (
        design.means.value,
        100.0 * design.counts.events / design.counts.n,
        np.full(len(design.medians.n), 50.0),
        design.spreads.sd,
    )
    point = np.concatenate(points)
    arm = design.points.arm[point]
    scale = [design.names.scale[index] for index in design.arms.scale[arm]]
    return Replicas(
        tuple(design.names.study[index] for index in design.arms.study[arm]),
        (*design.mean_origin, *design.count_origin, *design.median_origin, *design.spread_origin),
        tuple(
            f"{kind}, {on} at {time:g} h"
            for kind, on, time in zip(itertools.chain(*words), scale, design.points.time_h[point], strict=True)
        ),
        np.repeat([False, False, False, True], [len(part) for part in points]),
        point,
        np.concatenate(observed),
        np.concatenate([means, counts, lost, spreads], axis=1),
    )


def check(design: Design, draws: Draws, seed: int, size: int = 400) -> list[RowCheck]:
    """Every row with its predictive intervals under the posterior that was fitted to it.

    Args:
        design: what was fitted.
        draws: posterior draws, shape (chains, draws, ...).
        seed: of the replicas.
        size: draws to use.
    """
    found = replicate(design, expecting(design)(flattened(draws, size)), seed)
    return [found.check(row) for row in range(len(found.study))]
