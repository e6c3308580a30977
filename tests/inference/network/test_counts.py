"""Exact counts: the density is the binomial one whatever steers it, and no cell needs correcting."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, norm

from remit.inference.network import binomial
from remit.inference.network.analysis import Wanted, analyse
from remit.inference.network.count_row import log_of_mean, log_probability, tangents
from remit.inference.network.design import default_priors, make_design
from remit.inference.network.effects import effects_at, summarise
from remit.inference.network.fit import Assumptions, fit_network, make_model
from remit.inference.network.marginal import Design, log_prior
from remit.inference.network.network import make_network
from remit.inference.network.record import as_tree
from remit.inference.network.settings import Settings
from remit.inference.network.table import rows_from
from remit.vocabulary.errors import InputRefused

QUICK = Settings(chains=2, draws=600)
SIZES = {"p": 0.0, "a": 1.5, "b": 2.5}
TIMES = (1.0, 2.0, 4.0, 8.0)


def sparse(studies=12, people=20, seed=1, base=-3.5, spread=0.3):
    """Few events: an Emax network of log odds with t50 1 week."""
    rng = np.random.default_rng(seed)
    records = []
    for study in range(studies):
        level, course = base + 0.5 * rng.normal(), 0.5 + 0.3 * rng.normal()
        for arm in [("p", "a"), ("p", "b"), ("a", "b")][study % 3]:
            own = spread * 0.5**0.5 * rng.normal()
            for time in TIMES:
                odds = level + (course + SIZES[arm] + own) * time / (1 + time)
                events = rng.binomial(people, 1 / (1 + np.exp(-odds)))
                records.append(
                    {"study": str(study), "treatment": arm, "time_w": f"{time:g}", "events": str(events),
                     "n": str(people)}
                )  # fmt: skip
    return make_network(rows_from(records, list(records[0]), "sparse.csv"), "p")


@pytest.fixture(scope="module")
def network():
    return sparse()


def test_the_density_is_the_binomial_one_whatever_steers_it():
    """In coefficients c(z) it is prior(theta) prior(c) Binomial |dc/dz|; z without a coefficient is normal."""
    network = sparse(studies=3)
    assumed = Assumptions(effects="common", misfit=False, course="free")
    model = make_model(network, assumed)
    priors = default_priors(network, exact=True)
    design = make_design(network, model, priors)
    model = replace(model, noise=binomial.noise_count(model, design))
    rng = np.random.default_rng(0)
    effects = design.contrast.shape[-1]
    active = np.r_[0:2, effects : model.noise]  # two treatments; then level and course of every study
    gaps = []
    for shift, wide in ((0.0, 1.0), (0.7, 1.5), (-0.4, 0.8)):
        steered = design._replace(y=design.y + shift, se=design.se * wide)
        device = Design(*map(jnp.asarray, steered))
        for _ in range(2):
            position = np.concatenate([0.5 * rng.normal(size=1), rng.normal(size=model.noise)])
            named = model.split(jnp.asarray(position))

            def flat(z, position=position, device=device):
                drawn = binomial.draw_log_odds(model, jnp.asarray(position), device, z)
                return jnp.concatenate([drawn["effects"][:2, 0], drawn["level"], drawn["course"][:, 0]]), drawn

            z = named["noise"]
            values, drawn = flat(z)
            slope = np.asarray(jax.jacfwd(lambda own: flat(own)[0])(z))[:, active]
            widths = np.concatenate([design.effect_sd[:2], design.level_sd, design.course_sd])
            events, people, seen = (np.asarray(each) for each in (design.events, design.people, design.mask > 0))
            chance = 1 / (1 + np.exp(-np.asarray(drawn["log_odds"])))
            expected = (
                float(log_prior(model, named, device))
                + norm.logpdf(np.asarray(values), 0, widths).sum()
                + binom.logpmf(events[seen], people[seen], chance[seen]).sum()
                + np.linalg.slogdet(slope)[1]
                + norm.logpdf(np.delete(np.asarray(z), active)).sum()
            )
            gaps.append(float(binomial.log_density(model, jnp.asarray(position), device)) - expected)
    assert np.ptp(gaps) == pytest.approx(0.0, abs=1e-8)


def test_empty_and_full_cells_need_no_correction(network):
    rows = [row.events for row in network.rows]
    assert sum(each == 0 for each in rows) > 10
    fit = fit_network(network, Assumptions(), QUICK)
    assert fit.quality.sampler == "independence"
    assert fit.quality.tail < 0.7
    effects = effects_at(fit, 8.0)
    for number, name in ((1, "a"), (2, "b")):
        seen = summarise(effects[:, number], 0.99)
        assert seen.low < SIZES[name] * 8 / 9 < seen.high
    # every cell is what the table says, empty ones too: turned over, 0 becomes all and effects change their sign
    records = [
        {"study": row.study, "treatment": row.treatment, "time_w": f"{row.time:g}", "n": f"{row.n:g}",
         "events": f"{row.n - row.events:g}"}
        for row in network.rows
    ]  # fmt: skip
    other = fit_network(make_network(rows_from(records, list(records[0]), "turned.csv"), "p"), Assumptions(), QUICK)
    assert np.median(effects_at(other, 8.0), axis=0) == pytest.approx(-np.median(effects, axis=0), abs=0.12)


def test_an_arm_without_events_has_an_effect_open_on_one_side():
    records = [
        {"study": str(study), "treatment": arm, "time_w": f"{time:g}", "events": str(count), "n": "50"}
        for study in range(4)
        for arm, few in (("p", 6), ("a", 0))
        for time, count in ((1.0, few), (4.0, 2 * few))
    ]
    network = make_network(rows_from(records, list(records[0]), "none.csv"), "p")
    fit = fit_network(network, Assumptions(effects="common", misfit=False), QUICK)
    seen = summarise(effects_at(fit, 4.0)[:, 1])
    # nobody of 400: the chance of that is 0.05 at log odds of -4.9, 3.6 below the others'
    assert seen.high < -2.0
    assert seen.low < -6.0


def test_a_row_is_averaged_over_its_log_odds():
    events, people = np.array([0.0, 3.0, 20.0, 40.0]), np.array([20.0, 25.0, 20.0, 400.0])
    middle, variance = np.array([[-2.0, -1.0, 3.0, -2.5]]), np.array([[0.4, 1.5, 0.3, 0.8]])
    network = sparse(studies=3)
    design = make_design(network, make_model(network, Assumptions()), default_priors(network, exact=True))
    design = design._replace(
        events=events.reshape(1, 1, 4), people=people.reshape(1, 1, 4), mask=np.ones((1, 1, 4)), y=np.zeros((1, 1, 4))
    )
    y, se = tangents(design, middle.reshape(1, 1, 4))
    found = log_of_mean(events, people, middle, variance, y.ravel(), se.ravel())
    for n in range(4):

        def weighed(odds, n=n):
            density = norm.pdf(odds, middle[0, n], np.sqrt(variance[0, n]))
            return density * binom.pmf(events[n], people[n], 1 / (1 + np.exp(-odds)))

        expected, _ = quad(
            weighed, middle[0, n] - 8, middle[0, n] + 8, points=[np.log(max(events[n], 0.5) / people[n])]
        )
        assert found[0, n] == pytest.approx(np.log(expected), abs=2e-3)
    assert log_probability(events, people, middle[0]) == pytest.approx(
        binom.logpmf(events, people, 1 / (1 + np.exp(-middle[0])))
    )


def test_a_record_of_counts_holds_counts(network):
    analysis = analyse(network, Assumptions(), QUICK, Wanted(8.0, splits=False))
    found = analysis.points
    rows = len(network.rows)
    assert analysis.summary["curves"][0]["deviance"] < 1.3 * rows
    # leaving a row out loses what it said itself; nine in ten of the rows lie where they are predicted
    assert (found.given_rest.mean(axis=0) < found.given_all.mean(axis=0) + 0.05).mean() > 0.9
    tree = as_tree(analysis.fit, found)
    again = tree["posterior_predictive"]["events"].to_numpy()[0]
    low, high = np.quantile(again, [0.05, 0.95], axis=0)
    seen = tree["observed_data"]["events"].to_numpy()
    assert np.mean((low <= seen) & (seen <= high)) > 0.9
    assert "exact binomial" in " ".join(analysis.summary["notes"])


def test_what_exact_counts_cannot_have_is_refused(network):
    with pytest.raises(InputRefused, match="--counts approximate"):
        fit_network(network, Assumptions(residual="exchangeable"), QUICK)
    with pytest.raises(InputRefused, match="unknown 'roughly'"):
        fit_network(network, Assumptions(counts="roughly"), QUICK)


@pytest.mark.slow
def test_exact_counts_agree_with_plain_numpyro(network):
    import numpyro
    import numpyro.distributions as dist
    from numpyro.infer import MCMC, NUTS, init_to_median

    fit = fit_network(network, Assumptions(), Settings(draws=2000))
    centre, wide = fit.priors.shapes["t50"]
    studies = {study.name: number for number, study in enumerate(network.studies)}
    rows = network.rows
    which = np.array([studies[row.study] for row in rows])
    base = np.array([network.index(network.studies[s].arms[0].treatment) for s in which])
    own = np.array([network.index(row.treatment) for row in rows])
    time, events, people = (np.array([getattr(row, name) for row in rows]) for name in ("time", "events", "n"))

    def plain():
        t50 = jnp.exp(numpyro.sample("log_t50", dist.Normal(centre, wide)))
        sd, misfit = numpyro.sample("sd", dist.HalfNormal(1.0)), numpyro.sample("misfit", dist.HalfNormal(0.5))
        course_sd = numpyro.sample("course_sd", dist.HalfNormal(1.0))
        mean = numpyro.sample("mean", dist.Normal(0, 30))
        effects = jnp.concatenate([jnp.zeros(1), numpyro.sample("d", dist.Normal(0, 30).expand([2]))])
        level = numpyro.sample("level", dist.Normal(0, 10).expand([len(studies)]))
        course = mean + course_sd * numpyro.sample("course", dist.Normal(0, 1).expand([len(studies)]))
        away = sd * numpyro.sample("away", dist.Normal(0, 1).expand([len(studies)]))
        apart = misfit * numpyro.sample("apart", dist.Normal(0, 1).expand([len(rows)]))
        size = course[which] + jnp.where(own == base, 0.0, effects[own] - effects[base] + away[which])
        odds = level[which] + size * time / (t50 + time) + apart
        numpyro.sample("events", dist.Binomial(people.astype(int), logits=odds), obs=events.astype(int))
        numpyro.deterministic("at", effects[1:] * 8.0 / (t50 + 8.0))

    kernel = NUTS(plain, target_accept_prob=0.95, init_strategy=init_to_median)
    peer = MCMC(kernel, num_warmup=1500, num_samples=4000, num_chains=2, chain_method="sequential", progress_bar=False)
    peer.run(jax.random.key(0))
    drawn = peer.get_samples()
    ours, theirs = effects_at(fit, 8.0)[:, 1:], np.asarray(drawn["at"])
    assert np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) / theirs.std(axis=0) == pytest.approx(0, abs=0.15)
    assert ours.std(axis=0) == pytest.approx(theirs.std(axis=0), rel=0.1)
    for name in ("sd", "misfit", "course_sd"):
        one, two = fit.parameters[name].ravel(), np.asarray(drawn[name])
        assert one.mean() == pytest.approx(two.mean(), abs=0.15 * two.std()), name


@pytest.mark.slow
def test_gradients_find_the_same_posterior_of_counts(network):
    one = fit_network(network, Assumptions(), Settings(draws=1500))
    two = fit_network(network, Assumptions(), Settings(draws=1000, sampler="nuts"))
    assert two.quality.sampler == "nuts"
    first, second = (effects_at(fit, 8.0)[:, 1:] for fit in (one, two))
    assert np.abs(first.mean(axis=0) - second.mean(axis=0)) / second.std(axis=0) == pytest.approx(0, abs=0.15)
    assert first.std(axis=0) == pytest.approx(second.std(axis=0), rel=0.12)


@pytest.mark.slow
def test_intervals_of_sparse_counts_cover_where_normal_log_odds_do_not():
    rounds, inside = 60, {"exact": 0, "approximate": 0}
    for seed in range(rounds):
        network = sparse(seed=200 + seed)
        for counts in inside:
            effects = effects_at(fit_network(network, Assumptions(counts=counts, course="pooled"), Settings()), 8.0)
            for number, name in ((1, "a"), (2, "b")):
                seen = summarise(effects[:, number], 0.9)
                inside[counts] += seen.low < SIZES[name] * 8 / 9 < seen.high
    # 108 of 120 expected; below 98 a chance of one in two hundred
    assert inside["exact"] >= 98, inside
    assert inside["approximate"] < inside["exact"] - 10, inside
