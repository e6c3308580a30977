"""Trials predicted from the others: weights are right where the answer is known; the gate holds and can fail."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import pytest

from remit.evidence.trials import load_trials
from remit.inference import held_out, metric
from remit.inference.calibration import model, sample_effects, study_log_densities
from remit.inference.check_tables import load_held_out
from remit.inference.design import NONE
from remit.inference.predictive import expecting, flattened, quantiles, replicate
from remit.inference.refit import data, given_in
from remit.inference.row_check import LEVELS
from remit.inference.sampling import Settings, sample
from remit.reports.held_out_page import GATE, misses, outcomes

FEW = {"glue2017", "taylor2018", "feder2014"}


@pytest.fixture(scope="module")
def design():
    """Three small trials."""
    return data(frozenset(load_trials()) - FEW)[1]


@pytest.fixture(scope="module")
def sites(design):
    """Draws from the prior of every sampled site."""

    def one(key):
        traced = numpyro.handlers.trace(numpyro.handlers.seed(sample_effects, key)).get_trace(design)
        return {name: site["value"] for name, site in traced.items() if site["type"] == "sample"}

    drawn = jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(4), 100))
    return {name: np.asarray(value) for name, value in drawn.items()}


def test_effects_that_only_one_study_informs_are_its_own(design):
    owners = held_out.own_effects(design)
    assert (owners["study_drug_raw"] == np.arange(len(design.names.study))).all()
    for name, site in (("scale", "scale_raw"), ("diagnosis", "diagnosis_drug_raw")):
        for member, owner in enumerate(owners[site]):
            studies = set(design.arms.study[getattr(design.arms, name) == member])
            assert (owner in studies and len(studies) == 1) if owner != NONE else len(studies) != 1


def test_the_integral_over_a_studys_own_effects_is_that_of_brute_force(design, sites, monkeypatch):
    monkeypatch.setattr(held_out, "POINTS", 1000)
    ours = held_out.log_probabilities(design, sites, 3)
    owners = held_out.own_effects(design)
    rng = np.random.default_rng(5)

    def density(values):
        with numpyro.handlers.seed(rng_seed=0), numpyro.handlers.substitute(data=values):
            return study_log_densities(design, *sample_effects(design))

    many = 6000
    compared = 0
    for draw in range(3):
        one = {name: jnp.asarray(value[draw]) for name, value in sites.items()}
        drawn = {}
        for name, owner in owners.items():
            width = float(held_out._width(one, name))
            fresh = width * rng.standard_normal((many, len(owner)))
            drawn[name] = jnp.asarray(np.where(owner != NONE, fresh, np.asarray(one[name])))
        logs = jax.jit(jax.vmap(lambda own, one=one: density({**one, **own})))(drawn)
        brute = np.asarray(jax.nn.logsumexp(logs, axis=0) - np.log(many))
        effective = np.exp(2 * jax.nn.logsumexp(logs, axis=0) - jax.nn.logsumexp(2 * logs, axis=0))
        sure = np.asarray(effective) > 200
        compared += sure.sum()
        np.testing.assert_allclose(ours[draw][sure], brute[sure], atol=0.4)
    assert compared > 3


def test_weighted_quantiles_are_those_of_repeated_values():
    rng = np.random.default_rng(2)
    values, weight = rng.normal(size=4000), rng.integers(0, 5, 4000)
    levels = np.array([0.025, 0.2, 0.5, 0.8, 0.975])
    ours = quantiles(values, levels, weight.astype(float))
    np.testing.assert_allclose(ours, np.quantile(np.repeat(values, weight), levels), atol=0.01)
    np.testing.assert_allclose(quantiles(values, levels, np.ones(4000)), np.quantile(values, levels), atol=0.01)


def test_new_studies_differ_by_what_is_learned_of_studies(design, sites):
    many = held_out.new_studies(design, {name: np.repeat(value[:6], 2000, axis=0) for name, value in sites.items()}, 1)
    effect = many["study_drug_raw"] * many["study_drug_sd"][:, None] ** 0.75
    ratio = effect.std(axis=1) / many["study_drug_sd"]
    assert np.median(ratio) == pytest.approx(0.85, abs=0.25)  # three studies a draw
    assert (effect / many["study_drug_sd"][:, None]).std() == pytest.approx(1.0, abs=0.03)


@pytest.mark.slow
def test_every_row_is_predicted_once_and_a_stopped_run_goes_on(design, tmp_path, monkeypatch):
    monkeypatch.setattr(metric, "STEPS", ((0.05, 60), (0.01, 40)))
    monkeypatch.setattr(held_out, "REFIT_DRAWS", 30)
    monkeypatch.setattr(held_out, "LEAST_ESS", 0.0)
    monkeypatch.setattr(held_out, "WORST_RHAT", np.inf)
    monkeypatch.setattr(held_out, "POINTS", 10)
    settings = Settings(chains=2, warmup=40, draws=40, block=20, max_tree_depth=4)
    fit = sample(model, (design,), settings, label="few", changing=(jnp.ones(len(design.names.study)),))
    groups = {study: given_in(load_trials()[study]) for study in design.names.study}
    checkpoint = tmp_path / "held_out.pickle"

    class StoppedError(Exception):
        pass

    def stop(stage, done, total):
        if stage.startswith("without") and done == 1:
            raise StoppedError

    with pytest.raises(StoppedError):
        held_out.leave_each_out(fit, design, groups, FEW, checkpoint=checkpoint, label="few", report=stop)
    stages = []
    rows = held_out.leave_each_out(
        fit, design, groups, FEW, checkpoint=checkpoint, label="few", report=lambda stage, *_: stages.append(stage)
    )
    assert len([stage for stage in stages if stage.startswith("without")]) == len(FEW) - 1
    whole = replicate(design, expecting(design)(flattened(fit.draws, 20)), 1)
    assert sorted((one.row.study, one.row.what, one.row.observed) for one in rows) == sorted(
        zip(whole.study, whole.what, whole.observed, strict=True)
    )
    assert all(one.refitted and 0.0 <= one.percentile <= 1.0 for one in rows)
    assert {one.given for one in rows} == {"ketamine, intravenous", "ketamine, subcutaneous"}


def test_the_shipped_predictions_meet_the_gate_and_worse_ones_do_not():
    rows = load_held_out()
    assert len(outcomes(rows)) > 280
    assert misses(rows) == []
    assert all(one.refitted or one.k < held_out.WORST_K for one in rows)

    def with_bands(factor):
        narrowed = []
        for one in rows:
            middle = one.row.median
            bands = tuple(
                (middle + factor * (low - middle), middle + factor * (high - middle)) for low, high in one.row.intervals
            )
            narrowed.append(dataclasses.replace(one, row=dataclasses.replace(one.row, intervals=bands)))
        return narrowed

    assert len(misses(with_bands(0.5))) == len(GATE)
    assert misses(with_bands(2.0))
    assert len(LEVELS) == 3


@pytest.mark.slow
def test_weighting_and_fitting_again_agree(monkeypatch):
    """A study of middling influence, by both roads."""
    monkeypatch.setattr(held_out, "WORST_K", np.inf)
    study = "pollack2007pd"
    _, whole = data()
    weight = jnp.ones(len(whole.names.study))
    settings = Settings(chains=2, warmup=200, draws=300)
    fit = sample(model, (whole,), settings, label="both roads", changing=(weight,))
    groups = dict.fromkeys(whole.names.study, "any")
    roads = []
    for refitted in (set(), {study}):
        held_out_rows = held_out.leave_each_out(fit, whole, groups, refitted)
        roads.append([one.row for one in held_out_rows if one.row.study == study])
    for weighted, again in zip(*roads, strict=True):
        low, high = again.intervals[1]
        assert abs(weighted.median - again.median) < 0.35 * (high - low)
        assert (weighted.intervals[1][1] - weighted.intervals[1][0]) / (high - low) == pytest.approx(1.0, abs=0.35)
