"""The sampler: draws come with diagnostics or not at all, and a fit that was stopped goes on."""

import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import pytest

from remit.inference.diagnostics import Diagnostics, diagnose, require_converged
from remit.inference.sampling import Settings, resample, sample
from remit.vocabulary.errors import NotConverged

QUICK = Settings(chains=2, warmup=100, draws=100, block=50, target_accept=0.8)
LONGER = Settings(chains=2, warmup=200, draws=600, block=600, target_accept=0.8)


def easy(values):
    centre = numpyro.sample("centre", dist.Normal(0.0, 5.0))
    spread = numpyro.sample("spread", dist.HalfNormal(3.0))
    numpyro.sample("values", dist.Normal(centre, spread), obs=values)


VALUES = jnp.asarray(np.random.default_rng(3).normal(2.0, 1.5, 60))


def test_a_fit_finds_what_is_there_and_says_how_well():
    fit = sample(easy, (VALUES,), LONGER, label="easy")
    require_converged(fit.diagnostics)
    draws = fit.draws
    assert draws["centre"].shape == (2, 600)
    assert draws["centre"].mean() == pytest.approx(float(VALUES.mean()), abs=0.05)
    assert draws["spread"].mean() == pytest.approx(float(VALUES.std()), abs=0.15)


class StoppedError(Exception):
    """Somebody pressed Ctrl-C."""


def test_a_stopped_fit_goes_on_and_gives_the_same_draws(tmp_path):
    whole = sample(easy, (VALUES,), QUICK, label="easy").draws
    checkpoint = tmp_path / "under_way.pickle"

    def stop(stage, done, total):
        if stage == "sampling" and done >= QUICK.warmup + QUICK.block:
            raise StoppedError

    with pytest.raises(StoppedError):
        sample(easy, (VALUES,), QUICK, label="easy", checkpoint=checkpoint, report=stop)
    assert checkpoint.exists()
    seen = []
    resumed = sample(
        easy,
        (VALUES,),
        QUICK,
        label="easy",
        checkpoint=checkpoint,
        report=lambda stage, done, _: seen.append((stage, done)),
    ).draws
    assert seen[0] == ("sampling", QUICK.warmup + QUICK.block)
    for name in whole:
        np.testing.assert_array_equal(whole[name], resumed[name])


def test_a_state_of_other_data_is_not_taken_up(tmp_path):
    checkpoint = tmp_path / "under_way.pickle"
    sample(easy, (VALUES,), QUICK, label="easy", checkpoint=checkpoint)
    seen = []
    sample(
        easy,
        (VALUES,),
        QUICK,
        label="other",
        checkpoint=checkpoint,
        report=lambda stage, done, _: seen.append((stage, done)),
    )
    assert seen[0] == ("finding the shape", 0)


def weighted(values, weight):
    """The same with a power on the likelihood."""
    centre = numpyro.sample("centre", dist.Normal(0.0, 5.0))
    numpyro.factor("rows", weight * dist.Normal(centre, 1.5).log_prob(values).sum())


def test_one_program_serves_other_weights():
    fit = sample(weighted, (VALUES,), LONGER, label="weighted", changing=(jnp.asarray(1.0),))
    without = resample(fit, (jnp.asarray(0.0),), chains=2, warmup=300, draws=1500, number=1)
    # the prior: the chains must leave where the data had them
    assert without.draws["centre"].std() == pytest.approx(5.0, rel=0.15)
    assert abs(without.draws["centre"].mean()) < 1.0
    assert fit.draws["centre"].std() == pytest.approx(1.5 / np.sqrt(60), rel=0.1)
    again = resample(fit, (jnp.asarray(0.0),), chains=2, warmup=300, draws=1500, number=1)
    np.testing.assert_array_equal(without.draws["centre"], again.draws["centre"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rhat": 1.02, "rhat_of": "centre"}, "R-hat of centre is 1.020"),
        ({"rhat": float("nan")}, "R-hat"),
        ({"ess": 399.0, "ess_of": "spread"}, "bulk ESS of spread is 399"),
        ({"divergences": 40}, "40 of 4000 transitions diverged"),
        ({"energy": 0.1}, "energy fraction 0.10"),
    ],
)
def test_draws_that_did_not_converge_are_refused_by_name(changes, said):
    good = {
        "rhat": 1.001,
        "rhat_of": "a",
        "ess": 900.0,
        "ess_of": "b",
        "divergences": 3,
        "transitions": 4000,
        "energy": 0.8,
    }
    require_converged(Diagnostics(**good))
    with pytest.raises(NotConverged, match="did not converge") as refusal:
        require_converged(Diagnostics(**{**good, **changes}))
    assert said in str(refusal.value)
    assert refusal.value.exit_code == 4
    assert "nothing was written" in str(refusal.value)


def test_chains_that_disagree_and_chains_that_crawl_are_seen():
    rng = np.random.default_rng(1)
    free = rng.normal(size=(4, 500))
    energies = rng.normal(size=(4, 500))
    assert diagnose({"x": free}, 0, energies).refusal() == ""
    apart = free + np.array([0.0, 0.0, 0.0, 1.0])[:, None]
    assert diagnose({"x": apart, "y": free}, 0, energies).rhat_of == "x"
    assert "R-hat" in diagnose({"x": apart}, 0, energies).refusal()
    crawling = np.cumsum(0.05 * free, axis=1)
    assert diagnose({"x": crawling, "y": free}, 0, energies).ess_of == "x"
