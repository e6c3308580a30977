"""Treatment effects at a time: relative to the reference and to each other, in a new study, and as ranks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.network.curve import Curve, columns_of
from remit.inference.network.fit import Fit

Draws = NDArray[np.float64]


@lru_cache(maxsize=64)
def _compiled(curve: Curve) -> Any:
    return jax.jit(lambda times, shapes, doses, daily: columns_of(curve, times, shapes, doses, daily))


def columns_at(fit: Fit, treatment: int, times: Draws) -> Draws:
    """Columns of a treatment's curve at times, for every draw (draws, T, J).

    Args:
        fit: a fitted network.
        treatment: its index.
        times: [the table's unit].
    """
    shapes = fit.shapes[:, :, treatment].reshape(-1, 1, fit.shapes.shape[-1])
    given, daily = fit.network.schedule(fit.network.treatments[treatment])
    doses = jnp.asarray(given if given is not None else (0.0,))[None, :] if fit.model.dosed else None
    often = jnp.asarray([daily]) if fit.model.dosed else None
    found = _compiled(fit.model.curve)(jnp.asarray(times)[None, :], jnp.asarray(shapes), doses, often)
    return np.broadcast_to(np.asarray(found), (shapes.shape[0], len(times), fit.model.curve.columns))


def sizes(fit: Fit) -> Draws:
    """Coefficients of every treatment, the reference's zero (draws, K, J)."""
    basic = fit.coefficients["effects"]
    flat = basic.reshape(-1, *basic.shape[2:])
    return np.einsum("nmj,km->nkj", flat[:, : len(fit.basics.pairs)], fit.basics.loading)


def course(fit: Fit, treatment: int, times: Draws) -> Draws:
    """Effect of a treatment beside the reference over time (draws, T) [outcome]."""
    return np.einsum("ntj,nj->nt", columns_at(fit, treatment, times), sizes(fit)[:, treatment])


def effects_at(fit: Fit, time: float) -> Draws:
    """Effects beside the reference at one time (draws, K) [outcome]."""
    at = np.array([time])
    return np.stack([course(fit, number, at)[:, 0] for number in range(len(fit.network.treatments))], axis=1)


def departures_at(fit: Fit, treatment: int, time: float) -> Draws:
    """SD between studies of a treatment's effect at a time (draws,) [outcome]."""
    if "sd" not in fit.parameters:
        return np.zeros(len(sizes(fit)))
    sd = fit.parameters["sd"].reshape(-1, fit.model.curve.columns)
    at = columns_at(fit, treatment, np.array([time]))[:, 0]
    return np.sqrt(np.sum(np.square(at * sd), axis=1))


def in_new_study(fit: Fit, time: float) -> Draws:
    """Effects beside the reference in a new study (draws, K) [outcome]: what such a study would find without error."""
    mean = effects_at(fit, time)
    spread = np.stack([departures_at(fit, number, time) for number in range(mean.shape[1])], axis=1)
    noise = np.random.default_rng((fit.settings.seed, 4)).normal(size=mean.shape)
    noise[:, 0] = 0.0
    return mean + spread * noise


@dataclass(frozen=True, slots=True)
class Summary:
    """Draws in four numbers."""

    median: float
    low: float
    high: float
    sd: float


def summarise(draws: Draws, level: float = 0.95) -> Summary:
    """Median, interval and SD of draws; infinite ones count as such."""
    low, median, high = np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2], method="inverted_cdf")
    finite = draws[np.isfinite(draws)]
    return Summary(float(median), float(low), float(high), float(np.std(finite)) if len(finite) else float("nan"))


@dataclass(frozen=True, slots=True)
class Rank:
    """How a treatment ranks; 1 is best.

    Attributes:
        score: SUCRA: share of the others it beats, on average (0 to 1); also called P-score.
        median, low, high: of its rank.
        best: chance that it is the best.
    """

    treatment: str
    score: float
    median: float
    low: float
    high: float
    best: float


def ranks_at(fit: Fit, time: float, *, lower_is_better: bool, level: float = 0.95) -> list[Rank]:
    """Ranks of the treatments at a time, the best first."""
    effects = effects_at(fit, time)
    signed = effects if lower_is_better else -effects
    place = 1 + np.argsort(np.argsort(signed, axis=1), axis=1)
    many = effects.shape[1]
    found = []
    for number, name in enumerate(fit.network.treatments):
        own = place[:, number].astype(float)
        seen = summarise(own, level)
        found.append(
            Rank(
                name,
                float((many - own.mean()) / (many - 1)),
                seen.median,
                seen.low,
                seen.high,
                float((own == 1).mean()),
            )
        )
    return sorted(found, key=lambda rank: -rank.score)


def time_to_share(fit: Fit, treatment: int, horizon: float, share: float, points: int = 400) -> Draws:
    """When a treatment first reaches a share of its effect at a horizon (draws,) [the table's unit].

    The first crossing on a grid of times, straight lines between them. Of a curve that falls again, the first crossing
    on its rise counts; a draw without an effect at the horizon has none (not a number).

    Args:
        fit: a fitted network.
        treatment: its index.
        horizon: [the table's unit].
        share: for example 0.5.
        points: of the grid, which is finer early.
    """
    times = horizon * np.linspace(0, 1, points) ** 3
    columns = columns_at(fit, treatment, times)
    own = np.einsum("ntj,nj->nt", columns, sizes(fit)[:, treatment]) if columns.shape[-1] > 1 else columns[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = own / own[:, -1:]
    reached = ratio >= share
    first = reached.argmax(axis=1)
    rows = np.arange(len(own))
    before = np.maximum(first - 1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = (share - ratio[rows, before]) / (ratio[rows, first] - ratio[rows, before])
    found = times[before] + np.where(first > 0, part, 0.0) * (times[first] - times[before])
    return np.where(reached.any(axis=1), found, np.nan)
