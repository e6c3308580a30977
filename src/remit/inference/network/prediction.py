"""How well a fit predicts rows it has not seen: PSIS-LOO and WAIC, and how well it fits those it has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.network.count_row import log_of_mean, log_probability, tangents
from remit.inference.network.design import is_centred
from remit.inference.network.fit import Fit
from remit.inference.network.independence import in_batches
from remit.inference.network.marginal import (
    LOG_TWO_PI,
    Design,
    Model,
    correlation_of,
    course_scale,
    rows_of,
    variance_of,
)

MOST = 1000  # choice: draws the predictions use, evenly spaced; each needs a dense block a study


@dataclass(frozen=True, slots=True, eq=False)
class Pointwise:
    """What a fit says of every row; rows in the order of the network.

    Attributes:
        given_rest: (draws, rows) log density given all other rows and the sampled numbers: study level, course and
            departures are integrated out. PSIS-LOO is made of it (integrated importance sampling, Vehtari et al. 2016).
        given_all: (draws, rows) log density given every coefficient. WAIC is made of it.
        fitted: (draws, rows) expected value [outcome]; of exact counts log odds.
        spread: (draws, rows) residual SD [outcome]; of exact counts that of the share with the event.
        deviance: (draws, rows) squared residual in SDs; of exact counts the binomial deviance.
    """

    given_rest: NDArray[np.float64]
    given_all: NDArray[np.float64]
    fitted: NDArray[np.float64]
    spread: NDArray[np.float64]
    deviance: NDArray[np.float64]


@lru_cache(maxsize=64)
def _program(model: Model) -> Any:
    def one(position: Any, effects: Any, arms: Any, level: Any, course: Any, design: Design) -> Any:
        named = model.split(position)
        own, first = rows_of(model, named, design)
        studies, many, long, columns = own.shape
        size = many * long
        mask = design.mask.reshape(studies, size)
        variance = jnp.where(design.mask > 0, variance_of(model, named, design), 1.0)
        fitted = (
            level[:, None, None] + jnp.einsum("satj,sj->sat", first, course) + jnp.einsum("satj,saj->sat", own, arms)
        )
        conditional = -0.5 * (jnp.square(design.y - fitted) / variance + jnp.log(variance) + LOG_TWO_PI)
        residual = _residual(model, named, design, variance)
        flat_first = first.reshape(studies, size, columns) * mask[..., None]
        by_arm = (
            jnp.einsum("satj,ab->satbj", own, jnp.eye(many)).reshape(studies, size, many * columns) * mask[..., None]
        )
        cover = residual + jnp.square(design.level_sd)[:, None, None] * mask[:, :, None] * mask[:, None, :]
        half = flat_first * course_scale(model, named, design)[:, None, :]
        cover += jnp.einsum("sij,skj->sik", half, half)
        if model.heterogeneity:
            sd = jnp.exp(named["log_sd"])
            spread = jnp.einsum("sab,ij,j->saibj", design.spread, jnp.eye(columns), sd)
            half = jnp.einsum("sic,scd->sid", by_arm, spread.reshape(studies, many * columns, -1))
            cover += jnp.einsum("sid,skd->sik", half, half)
        mean = jnp.einsum("satj,sam,mj->sat", own, design.contrast, effects).reshape(studies, size)
        if model.course == "pooled":
            mean += jnp.einsum("sij,j->si", flat_first, effects[-1])
        away = (design.y.reshape(studies, size) - mean) * mask
        inverse = jnp.linalg.inv(cover)
        pull = jnp.einsum("sij,sj->si", inverse, away)
        precision = jnp.diagonal(inverse, axis1=1, axis2=2)
        rest = -0.5 * (jnp.square(pull) / precision - jnp.log(precision) + LOG_TWO_PI)
        others = design.y - (pull / precision).reshape(design.y.shape), (1.0 / precision).reshape(design.y.shape)
        return rest.reshape(design.y.shape), conditional, fitted, jnp.sqrt(variance), *others

    return jax.jit(jax.vmap(one, (0, 0, 0, 0, 0, None)))


def _residual(model: Model, named: dict[str, Any], design: Design, variance: Any) -> Any:
    """Residual covariance of a study's rows (S, A T, A T); arms are independent."""
    studies, many, long = design.y.shape
    same = jnp.eye(long)
    if model.residual == "independent":
        pattern = jnp.broadcast_to(same, (studies, many, long, long))
    else:
        rho = correlation_of(model, named)
        if model.residual == "exchangeable":
            pattern = rho + (1 - rho) * same
        else:
            pattern = rho ** (jnp.abs(design.times[..., :, None] - design.times[..., None, :]) / design.gap)
        both = design.mask[..., :, None] * design.mask[..., None, :]
        pattern = jnp.where((both > 0) | (same > 0), jnp.broadcast_to(pattern, (studies, many, long, long)), 0.0)
        pattern = jnp.where((both == 0) & (same > 0), 1.0, pattern)
    sd = jnp.sqrt(variance)
    blocks = pattern * sd[..., :, None] * sd[..., None, :]
    return jnp.einsum("satu,ab->satbu", blocks, jnp.eye(many)).reshape(studies, many * long, many * long)


def pointwise(fit: Fit) -> Pointwise:
    """Log densities and expected values of every row, for evenly spaced draws of all chains."""
    total = fit.settings.chains * fit.settings.draws
    keep = np.linspace(0, total - 1, min(MOST, total)).astype(int)
    flat = {name: value.reshape(total, *value.shape[2:])[keep] for name, value in fit.coefficients.items()}
    position = fit.sampled.position.reshape(total, -1)[keep]
    device = Design(*(jnp.asarray(each) for each in fit.design))
    if fit.model.likelihood == "binomial":
        return _of_counts(fit, device, position, flat)
    run = _program(fit.model)
    rest, conditional, fitted, spread = in_batches(
        lambda *parts: run(*(jnp.asarray(part) for part in parts), device)[:4],
        position, flat["effects"], flat["arms"], flat["level"], flat["course"],
    )  # fmt: skip
    real = fit.design.mask > 0
    deviance = np.square((np.asarray(fit.design.y) - fitted) / spread)[:, real]
    centred = is_centred(fit.network, fit.model, fit.priors, level=fit.assumptions.level)
    fitted = fitted + fit.network.arrays(centred=centred).offset[:, None, None]
    return Pointwise(rest[:, real], conditional[:, real], fitted[:, real], spread[:, real], deviance)


def _of_counts(fit: Fit, device: Design, position: NDArray[np.float64], flat: dict[str, Any]) -> Pointwise:
    """Exact counts: each row given the others by quadrature over its log odds (Vehtari et al. 2016, section 3.6).

    What the other rows say of them is normal, with their likelihoods' tangents at the posterior mean.
    """
    real = fit.design.mask > 0
    events, people = fit.design.events[real], fit.design.people[real]
    log_odds = flat["log_odds"][:, real]
    y, se = tangents(fit.design, fit.coefficients["log_odds"].mean(axis=(0, 1)))
    run = _program(fit.model)
    around = device._replace(y=jnp.asarray(y), se=jnp.asarray(se))
    middle, variance = in_batches(
        lambda *parts: run(*(jnp.asarray(part) for part in parts), around)[-2:],
        position, flat["effects"], flat["arms"], flat["level"], flat["course"],
    )  # fmt: skip
    rest = log_of_mean(
        events, people, middle[:, real], np.maximum(variance[:, real] - np.square(se[real]), 1e-8), y[real], se[real]
    )
    chance = 1.0 / (1.0 + np.exp(-log_odds))
    given_all = log_probability(events, people, log_odds)
    full = log_probability(events, people, np.log((events + 1e-300) / (people - events + 1e-300)))
    return Pointwise(rest, given_all, log_odds, np.sqrt(chance * (1.0 - chance) / people), 2.0 * (full - given_all))


@dataclass(frozen=True, slots=True)
class Score:
    """How well a fit predicts.

    Attributes:
        elpd: expected log predictive density by PSIS-LOO, and its standard error.
        p: effective number of parameters.
        pareto: largest Pareto k of any row; above 0.7 the row's part is not to be trusted.
        above: rows whose Pareto k is above 0.7.
        waic: elpd by WAIC, and its standard error.
        waic_high: rows whose WAIC penalty is above 0.4, where WAIC is not to be trusted.
        deviance: mean residual deviance; about the number of rows where the model fits.
        rows: how many.
        by_row: elpd of every row.
    """

    elpd: float
    se: float
    p: float
    pareto: float
    above: int
    waic: float
    waic_se: float
    waic_high: int
    deviance: float
    rows: int
    by_row: NDArray[np.float64]


def score(found: Pointwise) -> Score:
    """PSIS-LOO and WAIC.

    Args:
        found: from `pointwise`.
    """
    from arviz_stats.base.array import array_stats
    from scipy.special import logsumexp

    draws, rows = found.given_rest.shape
    elpd, k = np.empty(rows), np.empty(rows)
    for row in range(rows):
        value = found.given_rest[:, row]
        weights, k[row] = array_stats.psislw(value) if np.ptp(value) > 0 else (np.full(draws, -np.log(draws)), -np.inf)
        elpd[row] = float(np.asarray(logsumexp(weights + value))) - float(np.asarray(logsumexp(weights)))
    in_sample = np.asarray(logsumexp(found.given_rest, axis=0)) - np.log(draws)
    seen = np.asarray(logsumexp(found.given_all, axis=0)) - np.log(draws)
    penalty = found.given_all.var(axis=0, ddof=1)
    waic = seen - penalty
    deviance = found.deviance.sum(axis=1).mean()
    return Score(
        float(elpd.sum()), float(np.sqrt(rows * elpd.var())), float((in_sample - elpd).sum()), float(k.max()),
        int((k > 0.7).sum()), float(waic.sum()), float(np.sqrt(rows * waic.var())), int((penalty > 0.4).sum()),
        float(deviance), rows, elpd,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """A curve beside the best: difference of elpd and the standard error of that difference (paired by row)."""

    name: str
    score: Score
    difference: float
    difference_se: float


def compare(scores: dict[str, Score]) -> list[Compared]:
    """Curves by how well they predict, the best first."""
    best = max(scores, key=lambda name: scores[name].elpd)
    found = []
    for name, own in scores.items():
        apart = own.by_row - scores[best].by_row
        found.append(Compared(name, own, float(apart.sum()), float(np.sqrt(len(apart) * apart.var()))))
    return sorted(found, key=lambda each: -each.score.elpd)
