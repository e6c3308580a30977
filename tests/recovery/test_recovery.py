"""Simulate trials whose truth is known, fit them, and look whether the fit finds it. Slow; `make test-slow`."""

import dataclasses

import jax
import numpy as np
import numpyro
import pytest

from remit.evidence.trials import load_trials
from remit.inference.calibration import model, sample_effects
from remit.inference.likelihood import chance_of_event, expected_means, predict, unit_of_baseline
from remit.inference.refit import data
from remit.inference.sampling import Settings, sample

TRUTH = {
    "sustained_mean": 0.2, "sustained_sd": 0.8, "k_in_mean": -0.4, "k_in_sd": 0.3, "half_life_mean": 5.0,
    "half_life_sd": 0.3, "acute_mean": 0.8, "acute_sd": 0.2, "gradual_mean": -0.9, "gradual_sd": 0.4,
    "session_mean": 0.15, "session_sd": 0.1, "tau_mean": 5.6, "tau_session_mean": 1.8, "bias_scale": 0.1,
    "study_drug_sd": 0.2, "study_control_sd": 0.2, "diagnosis_drug_sd": 0.2, "diagnosis_control_sd": 0.2,
    "scale_sd": 0.1, "control_kind_sd": 0.2, "misfit_sd": 0.03, "overdispersion": 4.0,
}  # fmt: skip


def session_trials():
    """The trials that gave sessions: few, so that a fit takes minutes."""
    given = {"ketamine", "esketamine"}
    others = {name for name, trial in load_trials().items() if not given & {arm.treatment for arm in trial.arms}}
    return data(frozenset(others))[1]


def simulate(design, seed):
    """The same rows with values drawn from the model at `TRUTH`."""
    fixed = numpyro.handlers.substitute(numpyro.handlers.seed(sample_effects, jax.random.key(seed)), TRUTH)
    effects, _ = fixed(design)
    predicted = predict(design, effects)
    rng = np.random.default_rng(seed)
    expected, own = (np.asarray(part) for part in expected_means(design, predicted))
    se = np.where(np.isnan(design.means.se), own, np.nan_to_num(design.means.se, nan=1.0))
    misfit = TRUTH["misfit_sd"] * np.asarray(unit_of_baseline(design, predicted))
    means = dataclasses.replace(design.means, value=expected + np.hypot(se, misfit) * rng.standard_normal(len(se)))
    chance = np.clip(np.asarray(chance_of_event(design, predicted)), 1e-6, 1 - 1e-6)
    people = np.exp(TRUTH["overdispersion"])
    events = rng.binomial(
        np.maximum(np.round(design.counts.n), 1).astype(int), rng.beta(chance * people, (1 - chance) * people)
    )
    counts = dataclasses.replace(design.counts, events=np.minimum(events.astype(float), design.counts.n))
    spread = np.asarray(predicted.sd)[design.spreads.point]
    error = np.sqrt(0.5 / np.maximum(design.spreads.n - 1.0, 1.0))
    spreads = dataclasses.replace(design.spreads, sd=spread * np.exp(error * rng.standard_normal(len(spread))))
    return dataclasses.replace(design, means=means, counts=counts, spreads=spreads)


@pytest.mark.slow
def test_a_fit_finds_the_truth_behind_simulated_trials():
    design = simulate(session_trials(), 11)
    settings = Settings(chains=2, warmup=300, draws=300, block=100, target_accept=0.9)
    fit = sample(model, (design,), settings, label="recovery")
    draws = fit.draws
    assert fit.diagnostics.rhat < 1.1
    inside = {}
    for name, value in TRUTH.items():
        low, high = np.quantile(draws[name], [0.05, 0.95])
        inside[name] = bool(low <= value <= high)
    # 90 % intervals of 23 parameters: fewer than 17 inside has a chance below 1 in 100
    assert sum(inside.values()) >= 17, inside
    for name in ("sustained_mean", "gradual_mean", "half_life_mean"):
        low, high = np.quantile(draws[name], [0.005, 0.995])
        assert low <= TRUTH[name] <= high, name
