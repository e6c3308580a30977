"""New data of a fit's own design: visual predictive checks and prediction distribution errors."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.found import Fit
from remit.inference.mixed.individual import compared, curve_program, is_log, is_rated, log_variance, rated
from remit.inference.mixed.residuals import observed_rows

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[Any]
QUANTILES = (0.05, 0.5, 0.95)
"""Of a predictive check.  # choice: those of most published checks"""


def simulated(fit: Fit, replicates: int = 500, seed: int = 1) -> Floats:
    """New observations at the rows of the data, shape (replicates, people, times).

    Args:
        fit: a fit.
        replicates: how many data sets.
        seed: the same seed gives the same data.
    """
    model, records = fit.model, fit.records
    run, held = curve_program(model, fit.quick), jax.device_put(records)
    number, times = records.time.shape
    lognormal = is_log(model, records)
    chance, found = np.random.default_rng((seed, 11)), []
    # of a posterior every data set has a population of its own
    source = fit.estimated[None] if fit.draws is None else fit.draws
    for place in np.linspace(0, len(source) - 1, replicates).round().astype(int):
        numbers = source[place]
        pop = model.population(numbers)
        b, noise = chance.normal(size=(number, model.size)), chance.normal(size=(number, times))
        curve = np.asarray(run(numbers, b, held))
        base = np.asarray(run(numbers, np.zeros_like(b), held)) if fit.method == "foce" else curve
        sd = np.exp(0.5 * log_variance(model, pop, base, records))
        value = compared(model, curve, records) + sd * noise
        value = np.where(lognormal, np.exp(np.where(lognormal, value, 0.0)), value)
        if model.structure.bounds is not None and rated(model):
            low, high, step = model.structure.bounds
            value = np.where(is_rated(model, records), np.clip(np.round(value / step) * step, low, high), value)
        found.append(value)
    return np.stack(found)


def predictive_check(
    fit: Fit, drawn: Floats, *, bins: int = 10, corrected: bool = False, output: int = 0
) -> pl.DataFrame:
    """A predictive check as a table; see `checked`."""
    import polars as pl

    typical = observed_rows(fit)["PRED"] if corrected else None
    return pl.DataFrame(checked(fit, drawn, bins=bins, output=output, typical=typical))


def checked(
    fit: Fit, drawn: Floats, *, bins: int = 10, output: int = 0, typical: Floats | None = None
) -> list[dict[str, Any]]:
    """Quantiles of the observations over time, with 95 % intervals of the same quantiles of simulated data.

    Where rows are below a limit of quantification, everything below the highest such limit counts as the limit itself,
    in the observations and in simulated data alike: to leave such rows out would lift the observed quantiles.

    Args:
        fit: the fit.
        drawn: from `simulated`.
        bins: of time, each with about as many observations.
        output: position of the output.
        typical: prediction for the typical person of every observation of the table (PRED), by which values are scaled
            to that of their bin (pcVPC; Bergstrand et al. 2011); None where they are not scaled.

    Returns:
        Rows of ``time`` (median of the bin), ``from``, ``to``, ``quantile``, ``observed``, ``low``, ``median``,
        ``high``, ``rows``.
    """
    chosen = np.asarray(fit.records.counted) & (np.asarray(fit.records.output) == output)
    time, seen = np.asarray(fit.records.time)[chosen], np.asarray(fit.records.observed)[chosen]
    made, below = drawn[:, chosen], np.asarray(fit.records.below)[chosen]
    if below.any():
        limit = float(seen[below].max())
        seen, made = np.maximum(seen, limit), np.maximum(made, limit)
    corrected = typical is not None
    own_typical = typical[chosen[np.asarray(fit.records.counted)]] if typical is not None else np.ones(len(time))
    place = _stretches(time, bins)
    rows = []
    for each in np.unique(place):
        own = place == each
        near = own_typical[own]
        scale = np.median(near) / np.where(np.abs(near) > 0, near, np.nan) if corrected else 1.0
        scale = np.where(np.isfinite(scale), scale, 1.0)
        observed = np.quantile(seen[own] * scale, QUANTILES)
        simulated_quantiles = np.quantile(made[:, own] * scale, QUANTILES, axis=1)
        low, middle, high = np.quantile(simulated_quantiles, (0.025, 0.5, 0.975), axis=1)
        for number, quantile in enumerate(QUANTILES):
            rows.append({
                "time": float(np.median(time[own])),
                "from": float(time[own].min()),
                "to": float(time[own].max()),
                "quantile": quantile,
                "observed": float(observed[number]),
                "low": float(low[number]),
                "median": float(middle[number]),
                "high": float(high[number]),
                "rows": int(own.sum()),
            })  # fmt: skip
    return rows


def _stretches(time: Floats, bins: int) -> NDArray[np.int64]:
    """Which stretch of time each observation lies in: cut where the times leave the widest gaps, seen on a log axis.

    # choice: at least five observations in a stretch, below which quantiles say nothing
    """
    order = np.sort(time)
    small = max(float(np.median(order)) / 10.0, 1e-12)
    gaps = np.diff(np.log(order - order[0] + small))
    cuts: list[int] = []
    for place in np.argsort(-gaps, kind="stable"):
        if len(cuts) == bins - 1 or gaps[place] <= 0.0:
            break
        edges = sorted([0, *cuts, int(place) + 1, len(order)])
        if min(np.diff(edges)) >= min(5, len(order)):
            cuts.append(int(place) + 1)
    starts = order[sorted(cuts)]
    return np.searchsorted(starts, time, side="right")


def prediction_errors(fit: Fit, drawn: Floats) -> Floats:
    """Normalised prediction distribution errors (NPDE), N(0, 1) under the model (Brendel et al. 2006).

    Observations of a person are decorrelated with mean and covariance of the simulated ones; each is ranked among them.
    Totals of a scale are first spread evenly over the step they were rounded to, else ranks would tie. For an
    observation below a limit stands one of the simulated values below it (Nguyen, Comets and Mentre 2012).

    Args:
        fit: the fit.
        drawn: from `simulated`; at least as many replicates as a person has observations.

    Returns:
        One for each observation, in the order of `observed_rows`.
    """
    observed, below = np.asarray(fit.records.observed), np.asarray(fit.records.below)
    chance = np.random.default_rng(12)  # choice: one draw for each value, the same for the same data
    if fit.model.structure.bounds is not None and rated(fit.model):
        step = fit.model.structure.bounds[2]
        own = is_rated(fit.model, fit.records) * step
        observed = observed + own * (chance.random(observed.shape) - 0.5)
        drawn = drawn + own * (chance.random(drawn.shape) - 0.5)
    found: list[float] = []
    for person in range(drawn.shape[1]):
        own = np.asarray(fit.records.counted)[person]
        made, seen = drawn[:, person][:, own], observed[person][own]
        if not len(seen):
            continue
        for place in np.flatnonzero(below[person][own]):
            under = np.sort(made[made[:, place] < seen[place], place])
            seen[place] = under[int(chance.random() * len(under))] if len(under) else made[:, place].min()
        centre = made.mean(axis=0)
        covariance = np.atleast_2d(np.cov(made, rowvar=False))
        root = np.linalg.cholesky(covariance + 1e-12 * np.trace(covariance) / len(seen) * np.eye(len(seen)))
        apart, one = np.linalg.solve(root, (made - centre).T).T, np.linalg.solve(root, seen - centre)
        rank = (apart < one).mean(axis=0)
        half = 0.5 / len(made)
        found += np.clip(rank, half, 1.0 - half).tolist()
    return np.array([NormalDist().inv_cdf(each) for each in found])
