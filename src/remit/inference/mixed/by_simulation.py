"""Fits whose random effects are simulated: SAEM and full Bayes, as the same value that the other methods give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.checkpoint import Kept
from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.found import Effort, Fit
from remit.inference.mixed.full_bayes import Posterior, posterior, priors_of, spoken
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.parameter import backward
from remit.inference.mixed.records import Records
from remit.inference.mixed.saem import settle
from remit.inference.mixed.uncertainty import Row, Uncertainty, estimates, labels, reported, uncertainty
from remit.vocabulary.errors import NotConverged

Floats = NDArray[Any]
Tell = Callable[[str, int, int | None], None]


def by_saem(
    table: EventTable, model: MixedModel, records: Records, start: Floats, effort: Effort, tell: Tell, kept: Kept
) -> Fit:
    """Maximum likelihood by stochastic approximation EM; random effects are conditional means.

    Raises:
        NotConverged: the estimates do not settle at a maximum.
    """

    def report(iteration: int, left: float) -> None:
        told = "iterations" if np.isnan(left) else f"{left:.2g} standard errors left to go, iterations"
        tell(told, iteration, None)

    try:
        found = settle(model, records, start, effort.seed, report, kept)
    except NotConverged as fault:
        raise NotConverged(fault.what, remedy=fault.remedy, where=f"{table.name}, {model.structure.name}") from None
    sure = uncertainty(found.held.information, found.held.scores)
    return Fit(
        table, model, records, "saem", found.estimated, found.log_likelihood, found.held.mean,
        estimates(model, found.estimated, sure.covariance, sure.sandwich), sure,
        float(np.abs(found.held.scores.sum(axis=0)).max()), found.left, found.iterations, found.iterations,
        each=found.each,
        simulation={"step_noise_se": found.noise, "log_likelihood_error": found.likelihood_error, "seed": effort.seed},
    )  # fmt: skip


def by_nuts(table: EventTable, model: MixedModel, records: Records, effort: Effort, tell: Tell, kept: Kept) -> Fit:
    """Full Bayes; estimates are posterior means, random effects posterior means.

    Raises:
        NotConverged: a diagnostic says that the draws may not be used.
    """
    priors = priors_of(model, records, effort.priors)
    try:
        found = posterior(model, records, priors, effort.sampler, tell, kept)
    except NotConverged as fault:
        raise NotConverged(fault.what, remedy=fault.remedy, where=f"{table.name}, {model.structure.name}") from None
    flat = found.numbers.reshape(-1, found.numbers.shape[-1])
    centre, covariance = flat.mean(axis=0), np.atleast_2d(np.cov(flat, rowvar=False))
    sd = np.sqrt(np.diag(covariance))
    values = np.linalg.eigvalsh(covariance / np.outer(sd, sd))
    held = found.diagnostics
    return Fit(
        table, model, records, "nuts", centre, float("nan"), _mean_effects(model, found, centre), _rows(model, found),
        Uncertainty(covariance, covariance, float(values[-1] / values[0])), float("nan"), float("nan"),
        effort.sampler.draws, held.transitions,
        simulation={
            "priors": spoken(model, priors), "chains": effort.sampler.chains, "draws": len(flat), "rhat": held.rhat,
            "rhat_of": held.rhat_of, "ess": held.ess, "ess_of": held.ess_of, "divergences": held.divergences,
            "transitions": held.transitions, "energy_fraction": held.energy, "seed": effort.sampler.seed,
        },
        draws=flat,
    )  # fmt: skip


def _mean_effects(model: MixedModel, found: Posterior, centre: Floats) -> Floats:
    """Posterior means of the random effects, standardised at the posterior mean of the population."""
    q = len(model.etas)
    flat = found.numbers.reshape(-1, found.numbers.shape[-1])
    effects = found.effects.reshape(len(flat), *found.effects.shape[2:])
    total = np.zeros(effects.shape[1:])
    for numbers, own in zip(flat, effects, strict=True):
        pop = model.population(numbers)
        shift = own[:, q:].reshape(len(own), model.occasions, len(model.shifting)) * pop.occasion_sd
        total += np.concatenate([own[:, :q] @ pop.factor.T, shift.reshape(len(own), -1)], axis=1)
    pop, mean = model.population(centre), total / len(flat)
    shift = mean[:, q:].reshape(len(mean), model.occasions, len(model.shifting)) / pop.occasion_sd
    return np.concatenate([np.linalg.solve(pop.factor, mean[:, :q].T).T, shift.reshape(len(mean), -1)], axis=1)


def _rows(model: MixedModel, found: Posterior) -> tuple[Row, ...]:
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    drawn = np.array([[reported(model, numbers) for numbers in chain] for chain in found.numbers])
    transforms, rows = {each.name: each.transform for each in model.parameters}, []
    for place, (name, kind) in enumerate(labels(model)):
        own = drawn[..., place]
        moves = bool(np.ptp(own) > 0)  # of equal numbers the SD is rounding, not zero
        natural = backward(own, transforms[name]) if kind == "typical" else own
        low, middle, high = np.quantile(natural, (0.025, 0.5, 0.975))
        rows.append(
            Row(
                name, kind, float(own.mean()), float(own.std(ddof=1)) if moves else float("nan"), float("nan"),
                float(middle), float(low), float(high),
                float(split_gelman_rubin(own)) if moves else float("nan"),
                float(effective_sample_size(own)) if moves else float("nan"),
            )
        )  # fmt: skip
    return tuple(rows)


def with_seed(effort: Effort, seed: int) -> Effort:
    """The same effort with the random numbers of another seed."""
    return replace(effort, seed=seed, sampler=replace(effort.sampler, seed=seed))
