"""Fits: both samplers agree, diagnostics refuse, what is stopped goes on, and summaries mean what they say."""

from dataclasses import replace

import numpy as np
import pytest

from remit.inference.network import gradient
from remit.inference.network.analysis import Wanted, analyse, curves_of
from remit.inference.network.effects import effects_at, summarise, time_to_share
from remit.inference.network.fit import Assumptions, fit_network
from remit.inference.network.network import make_network
from remit.inference.network.proposal import find
from remit.inference.network.quality import judge
from remit.inference.network.record import as_tree, write_record
from remit.inference.network.settings import Sampled, Settings
from remit.inference.network.table import rows_from
from remit.vocabulary.errors import InputRefused, NotConverged

QUICK = Settings(chains=2, draws=700)
PLAIN = Assumptions(misfit=False)
TRUTH = {"p": 0.0, "a": -2.0, "b": -4.0}


def simulated(studies=15, seed=4, unit="w", scale=1.0, order=1):
    """An Emax network with t50 1.5 weeks and SD 0.5 of effects between studies."""
    rng = np.random.default_rng(seed)
    records = []
    hours = {"w": 1.0, "d": 7.0}[unit]
    for study in range(studies):
        arms = [("p", "a"), ("p", "b"), ("a", "b")][study % 3]
        level, course = rng.normal(30, 2), rng.normal(-4, 1)
        away = {arm: rng.normal(0, 0.5 * 0.5**0.5) for arm in arms}
        for arm in arms:
            for time in (0.5, 1.0, 2.0, 4.0, 8.0):
                value = level + (course + TRUTH[arm] + away[arm]) * time / (1.5 + time) + 0.3 * rng.normal()
                records.append(
                    {"study": str(study), "treatment": arm, f"time_{unit}": f"{time * hours:g}",
                     "y": f"{scale * value:.6f}", "se": f"{scale * 0.3:g}"}
                )  # fmt: skip
    return make_network(rows_from(records[::order], list(records[0]), "simulated.csv"), "p")


@pytest.fixture(scope="module")
def network():
    return simulated()


@pytest.fixture(scope="module")
def fit(network):
    return fit_network(network, PLAIN, QUICK)


def test_a_fit_recovers_what_made_the_data(fit):
    assert fit.quality.sampler == "independence"
    assert fit.quality.refusal() == ""
    for name, truth in (("t50", 1.5), ("sd", 0.5)):
        seen = summarise(fit.parameters[name].ravel(), 0.99)
        assert seen.low < truth < seen.high, name
    effects = effects_at(fit, 1e9)
    for number, name in enumerate(fit.network.treatments):
        seen = summarise(effects[:, number], 0.99)
        assert seen.low <= TRUTH[name] <= seen.high


def test_the_same_seed_gives_the_same_draws_and_another_gives_others(network, fit):
    again = fit_network(network, PLAIN, QUICK)
    assert np.array_equal(again.sampled.position, fit.sampled.position)
    assert np.array_equal(again.coefficients["effects"], fit.coefficients["effects"])
    other = fit_network(network, PLAIN, replace(QUICK, seed=1))
    assert not np.array_equal(other.sampled.position, fit.sampled.position)


def test_units_and_the_order_of_rows_change_nothing(fit):
    other = fit_network(simulated(unit="d", scale=10.0, order=-1), PLAIN, QUICK)
    assert np.median(other.parameters["t50"]) == pytest.approx(7 * np.median(fit.parameters["t50"]), rel=0.03)
    assert np.median(other.parameters["sd"]) == pytest.approx(10 * np.median(fit.parameters["sd"]), rel=0.06)
    here, there = effects_at(fit, 8.0), effects_at(other, 56.0)
    assert np.median(there, axis=0) == pytest.approx(10 * np.median(here, axis=0), abs=0.6)


def test_times_to_shares_are_those_of_the_curve(fit):
    t50 = fit.parameters["t50"].ravel()
    half = time_to_share(fit, 1, 8.0, 0.5)
    # t / (t50 + t) = 1/2 of 8 / (t50 + 8)
    share = 0.5 * 8 / (t50 + 8)
    assert half == pytest.approx(share * t50 / (1 - share), rel=1e-3)


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_say():
    inside, rounds = {"t50": 0, "sd": 0, "a": 0, "b": 0}, 60
    for seed in range(rounds):
        found = fit_network(simulated(seed=100 + seed), PLAIN, QUICK)
        drawn = {name: found.parameters[name].ravel() for name in ("t50", "sd")}
        drawn |= {name: effects_at(found, 1e9)[:, found.network.index(name)] for name in ("a", "b")}
        for name, truth in (("t50", 1.5), ("sd", 0.5), ("a", -2.0), ("b", -4.0)):
            seen = summarise(drawn[name], 0.9)
            inside[name] += seen.low < truth < seen.high
    # 54 expected of 60; fewer than 46 or all of them would be a chance of one in a hundred or less
    assert all(46 <= count <= rounds for count in inside.values()), inside
    assert sum(inside.values()) >= 0.84 * 4 * rounds, inside


@pytest.mark.slow
def test_nuts_agrees_with_independence_sampling(network, fit):
    other = fit_network(network, PLAIN, replace(QUICK, sampler="nuts", draws=1500, chains=4))
    assert other.quality.sampler == "nuts"
    for name in ("t50", "sd"):
        one, two = fit.parameters[name].ravel(), other.parameters[name].ravel()
        assert np.mean(one) == pytest.approx(np.mean(two), abs=0.15 * np.std(two))
        assert np.std(one) == pytest.approx(np.std(two), rel=0.15)


def test_a_stopped_chain_goes_on_where_it_was(network, fit, tmp_path):
    settings = Settings(chains=2, draws=60, warmup=60, block=20, sampler="nuts")
    design, model = fit.design, fit.model
    starts = fit.sampled.position[:, 0]
    whole = gradient.sample(model, design, starts, settings)

    def stop(stage, done, total):
        if done >= 60 + 40:
            raise KeyboardInterrupt

    state = tmp_path / "state"
    with pytest.raises(KeyboardInterrupt):
        gradient.sample(model, design, starts, settings, checkpoint=state, report=stop)
    assert state.exists()
    resumed = gradient.sample(model, design, starts, settings, checkpoint=state)
    assert np.array_equal(resumed.position, whole.position)
    state.write_bytes(b"not a state")
    assert gradient._load(state, "x") is None


def test_finished_fits_are_kept_and_taken_up(network, tmp_path):
    first = fit_network(network, PLAIN, QUICK, folder=tmp_path)
    kept = list(tmp_path.glob("*.draws"))
    assert len(kept) == 1
    seen = kept[0].stat().st_mtime_ns
    again = fit_network(network, PLAIN, QUICK, folder=tmp_path)
    assert kept[0].stat().st_mtime_ns == seen
    assert np.array_equal(first.sampled.position, again.sampled.position)


def test_draws_that_do_not_mix_are_refused():
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(2, 500)) + np.array([[0.0], [3.0]])
    nothing = np.zeros((2, 500))
    sampled = Sampled("nuts", apart[..., None], nothing, nothing, nothing.astype(bool), nothing, nothing.astype(int))
    quality = judge(sampled, {"a": apart})
    assert quality.rhat > 1.5
    with pytest.raises(NotConverged, match="R-hat of a") as refusal:
        quality.require()
    assert refusal.value.exit_code == 4
    good = judge(sampled, {"a": rng.normal(size=(2, 500))})
    assert good.refusal() == ""
    assert "Pareto k" in replace(good, tail=0.9).refusal()
    assert "diverged" in replace(good, divergences=50).refusal()


def test_a_proposal_finds_two_modes_with_their_masses():
    def density(points):
        inside = np.stack([-0.5 * np.square(points - at).sum(axis=1) for at in (-4.0, 4.0)])
        return np.logaddexp(inside[0] + np.log(0.25), inside[1] + np.log(0.75))

    def slope(point):
        step = 1e-6 * np.eye(2)
        gradient_there = [(density((point + s)[None])[0] - density((point - s)[None])[0]) / 2e-6 for s in step]
        return float(density(point[None])[0]), np.array(gradient_there)

    rng = np.random.default_rng(1)
    found = find(density, slope, rng.normal(0, 4, size=(200, 2)), rng)
    points = found.mixture.draw(rng, 20000)
    weights = np.exp(density(points) - found.mixture.log_density(points))
    assert weights[points[:, 0] > 0].sum() / weights.sum() == pytest.approx(0.75, abs=0.03)
    assert found.evenness > 0.5


def test_what_does_not_go_with_the_table_is_refused(network):
    for wrong, said in (
        ({"curve": "as-given"}, "needs a column doses"),
        ({"curve": "linear", "shapes": "each"}, "no shape that could differ"),
        ({"residual": "wild"}, "unknown 'wild'"),
        ({"correlation": 1.2, "residual": "exchangeable"}, "no such correlation"),
    ):
        with pytest.raises(InputRefused, match=said):
            fit_network(network, Assumptions(**wrong), QUICK)


@pytest.fixture(scope="module")
def analysis(network):
    return analyse(network, PLAIN, QUICK, Wanted(8.0, ("emax", "linear")))


def test_an_analysis_compares_splits_and_ranks(analysis):
    summary = analysis.summary
    assert summary["curve"] == "emax"
    assert [each["curve"] for each in summary["curves"]] == ["emax", "linear"]
    assert summary["curves"][1]["difference"] < -20
    assert [each["treatment"] for each in summary["ranks"]] == ["b", "a", "p"]
    assert len(summary["splits"]) == 3
    for each in summary["splits"]:
        assert each["difference"]["median"] == pytest.approx(
            each["direct"]["median"] - each["indirect"]["median"], abs=0.15
        )
    league = {(each["row"], each["column"]): each["median"] for each in summary["league"]}
    assert league["a", "b"] == pytest.approx(-league["b", "a"], abs=0.01)
    for each in summary["effects"][1:]:
        assert each["new_study"]["high"] - each["new_study"]["low"] > each["effect"]["high"] - each["effect"]["low"]
    assert summary["heterogeneity"]["tau"]["low"] > 0
    assert len(summary["study_effects"]) == 15


def test_a_record_has_the_groups_of_arviz(analysis, tmp_path):
    import xarray as xr
    from arviz_stats import loo, rhat

    write_record(analysis, tmp_path)
    assert not list(tmp_path.glob("*.tmp"))
    tree = xr.open_datatree(tmp_path / "fit.nc", engine="h5netcdf")
    groups = {"posterior", "posterior_predictive", "log_likelihood", "observed_data", "constant_data", "sample_stats"}
    assert set(tree.children) == groups
    assert tree["posterior"]["effect"].dims == ("chain", "draw", "treatment", "column")
    # another reader of the same record gets the same elpd
    elpd = loo(tree, var_name="y_given_rest", reff=1.0).elpd
    assert elpd == pytest.approx(analysis.summary["curves"][0]["elpd"], abs=0.05)
    assert float(rhat(tree["posterior"]["t50"])) < 1.01
    made = as_tree(analysis.fit, analysis.points)
    assert made["observed_data"]["y"].size == 150


def test_predictive_intervals_cover_the_rows(analysis):
    found = analysis.points
    rng = np.random.default_rng(0)
    draws = found.fitted + found.spread * rng.normal(size=found.fitted.shape)
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    observed = np.array([row.y for row in analysis.fit.network.rows])
    assert 0.84 < np.mean((low < observed) & (observed < high)) <= 1.0


def test_all_curves_are_compared():
    assert curves_of("all") == ("emax", "exponential", "log-linear", "spline", "rise-and-fall")
    assert curves_of("linear") == ("linear",)
