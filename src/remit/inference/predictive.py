"""Posterior predictive checks: does the calibrated model give back the rows it was fitted to, study by study?"""

from __future__ import annotations

import jax
import numpy as np
from numpy.typing import NDArray
from numpyro.infer import Predictive

from remit.inference.calibration import model
from remit.inference.design import NONE, Design
from remit.inference.row_check import LEVELS, RowCheck
from remit.inference.sampling import Draws

KINDS = ("total", "change", "percent change", "difference", "standardised difference")


def _check(study: str, origin: str, what: str, observed: float, replicas: NDArray[np.float64]) -> RowCheck:
    intervals = tuple(
        (float(np.quantile(replicas, 0.5 - level / 2)), float(np.quantile(replicas, 0.5 + level / 2)))
        for level in LEVELS
    )
    return RowCheck(study, origin, what, observed, float(np.median(replicas)), intervals)


def flattened(draws: Draws, size: int) -> Draws:
    """Evenly spaced draws of all chains as arrays of shape (size, ...), of the sampled sites only."""
    flat = {name: value.reshape(-1, *value.shape[2:]) for name, value in draws.items()}
    total = len(next(iter(flat.values())))
    keep = np.linspace(0, total - 1, min(size, total)).astype(int)
    derived = {name.removesuffix("_raw") for name in flat if name.endswith("_raw")}
    return {name: value[keep] for name, value in flat.items() if name not in derived}


def check(design: Design, draws: Draws, seed: int, size: int = 400) -> list[RowCheck]:
    """Every row with its predictive intervals.

    Args:
        design: what was fitted.
        draws: posterior draws, shape (chains, draws, ...).
        seed: of the replicas.
        size: draws to use.
    """
    chosen = flattened(draws, size)
    seen = Predictive(model, posterior_samples=chosen, parallel=False)(jax.random.key(seed), design, parts=True)
    rng = np.random.default_rng(seed)
    names, arms, points = design.names, design.arms, design.points
    checks: list[RowCheck] = []

    def label(point: int) -> tuple[str, str]:
        arm = points.arm[point]
        return names.study[arms.study[arm]], f"{names.scale[arms.scale[arm]]} at {points.time_h[point]:g} h"

    expected, sd = np.asarray(seen["expected_means"]), np.asarray(seen["sd_means"])
    replicas = expected + sd * rng.standard_normal(expected.shape)
    for row, origin in enumerate(design.mean_origin):
        study, place = label(design.means.points[row][design.means.points[row] != NONE][-1])
        what = f"{KINDS[design.means.kind[row]]}, {place}"
        checks.append(_check(study, origin, what, float(design.means.value[row]), replicas[:, row]))
    chance = np.clip(np.asarray(seen["expected_counts"]), 1e-6, 1 - 1e-6)
    people = np.exp(chosen["overdispersion"])[:, None]
    share = rng.beta(chance * people, (1 - chance) * people)
    n = np.maximum(np.round(design.counts.n), 1).astype(int)
    counted = 100.0 * rng.binomial(n, share) / n
    for row, origin in enumerate(design.count_origin):
        study, place = label(design.counts.points[row][design.counts.points[row] != NONE][-1])
        observed = 100.0 * design.counts.events[row] / design.counts.n[row]
        checks.append(
            _check(study, origin, f"per cent of people with the event, {place}", float(observed), counted[:, row])
        )
    spread = np.asarray(seen["expected_spreads"])
    error = np.sqrt(0.5 / np.maximum(design.spreads.n - 1.0, 1.0) + 0.15**2)
    spreads = np.exp(np.log(spread) + error * rng.standard_normal(spread.shape))
    for row, origin in enumerate(design.spread_origin):
        study, place = label(int(design.spreads.point[row]))
        checks.append(_check(study, origin, f"SD, {place}", float(design.spreads.sd[row]), spreads[:, row]))
    return checks
