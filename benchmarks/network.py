"""W5: a time-course network meta-analysis, with plain NumPyro as the peer: `python -m benchmarks.network`.

Model and priors are those of MBNMAtime's JAGS code: level and course N(0, 100^2), effects N(0, 31.6^2), t50 HN(100), SD
HN(4.47), arms of a study correlated 0.5. Two chains of 2,000 draws each.
"""

import json
import os
import subprocess
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
from arviz_stats.base.array import array_stats

import remit  # noqa: F401  (64-bit floats)
from benchmarks import workloads as w

CHAINS, DRAWS, WARMUP, ROUNDS = 2, 2000, 1000, 9
PEER_DEVICES = "--xla_force_host_platform_device_count=2"


def worst(draws):
    """Smallest bulk ESS over the effects, t50 and SD (parameters, chains, draws)."""
    return float(np.min(array_stats.ess(draws, method="bulk")))


def network_of_w5():
    from remit.inference.network.network import make_network
    from remit.inference.network.table import rows_from

    names = ("study", "arm", "treatment", "time_w", "y", "se")
    records = [{name: f"{value:.17g}" for name, value in zip(names, row[:6], strict=True)} for row in w.w5()]
    return make_network(rows_from(records, names, "w5"), "1")


def priors_of_w5():
    from remit.inference.network.design import Priors

    return Priors(100.0, 100.0, 1000**0.5, 20**0.5, 1.0, {"t50": (0.0, 100.0)}, half_normal=True, centred=False)


def ours():
    from remit.inference.network import independence
    from remit.inference.network.design import make_design
    from remit.inference.network.drawing import candidates
    from remit.inference.network.fit import Assumptions, make_model
    from remit.inference.network.marginal import Design

    network, priors = network_of_w5(), priors_of_w5()
    model = make_model(network, Assumptions(misfit=False, priors=priors))
    design = make_design(network, model, priors)
    device = Design(*(jnp.asarray(each) for each in design))
    seen = []
    for seed in range(ROUNDS + 1):
        start = time.perf_counter()
        found = independence.weigh(
            model, device, candidates(model, design, seed), chains=CHAINS, draws=DRAWS, seed=seed
        )
        drawn = independence.coefficients(model, device, found.position, seed)["effects"][:, :, :3, 0]
        seconds = time.perf_counter() - start
        draws = np.concatenate([np.moveaxis(drawn, -1, 0), np.moveaxis(found.position, -1, 0)])
        seen.append((seconds, worst(draws), draws))
    first, rest = seen[0], seen[1:]
    last = rest[-1][2]
    shown = np.concatenate([last[:3], np.exp(last[3:])])
    return {
        "first_s_with_compilation": round(first[0], 2),
        "median_s": round(float(np.median([each[0] for each in rest])), 3),
        "best_s": round(min(each[0] for each in rest), 3),
        "min_bulk_ess_median": round(float(np.median([each[1] for each in rest]))),
        "min_bulk_ess_per_s_median": round(float(np.median([each[1] / each[0] for each in rest]))),
        "posterior_mean_d2_d3_d4_t50_sd": [round(float(each.mean()), 3) for each in shown],
        "posterior_sd": [round(float(each.std()), 3) for each in shown],
        "note": "all in: finding the proposal, sampling, drawing coefficients; two chains, one processor",
    }


def peer_model(first, study, arm, treatment, base, times, y, se, factor):
    """The same model in NumPyro, non-centred; arms after the first depart with correlation 0.5."""
    import numpyro
    import numpyro.distributions as dist

    studies, arms = factor.shape[:2]
    effects = jnp.concatenate([jnp.zeros(1), numpyro.sample("d", dist.Normal(0, 1000**0.5).expand([3]))])
    t50 = numpyro.sample("t50", dist.HalfNormal(100.0))
    sd = numpyro.sample("sd", dist.HalfNormal(20**0.5))
    level = numpyro.sample("level", dist.Normal(0, 100).expand([studies]))
    course = numpyro.sample("course", dist.Normal(0, 100).expand([studies]))
    noise = numpyro.sample("noise", dist.Normal(0, 1).expand([studies, arms]))
    departure = sd * jnp.einsum("sab,sb->sa", factor, noise)
    size = course[study] + jnp.where(first, 0.0, effects[treatment] - effects[base] + departure[study, arm])
    numpyro.sample("y", dist.Normal(level[study] + size * times / (t50 + times), se), obs=y)


def peer():
    from numpyro.infer import MCMC, NUTS, init_to_median

    rows = w.w5()
    study, arm, treatment = rows[:, 0].astype(int) - 1, rows[:, 1].astype(int) - 1, rows[:, 2].astype(int) - 1
    base = np.array([treatment[(study == s) & (arm == 0)][0] for s in range(30)])[study]
    factor = np.zeros((30, 3, 3))
    for s in range(30):
        count = arm[study == s].max()
        factor[s, 1 : count + 1, 1 : count + 1] = np.linalg.cholesky(0.5 * np.eye(count) + 0.5)
    data = (arm == 0, study, arm, treatment, base, rows[:, 3], rows[:, 4], rows[:, 5], factor)
    kernel = NUTS(peer_model, target_accept_prob=0.9, init_strategy=init_to_median(num_samples=10))
    mcmc = MCMC(
        kernel, num_warmup=WARMUP, num_samples=DRAWS, num_chains=CHAINS, chain_method="parallel", progress_bar=False
    )
    seen = []
    for seed in range(3):
        start = time.perf_counter()
        mcmc.run(jax.random.key(seed), *data)
        found = mcmc.get_samples(group_by_chain=True)
        jax.block_until_ready(found)
        seconds = time.perf_counter() - start
        parts = [
            np.moveaxis(np.asarray(found["d"]), -1, 0),
            np.asarray(found["t50"])[None],
            np.asarray(found["sd"])[None],
        ]
        draws = np.concatenate(parts)
        seen.append((seconds, worst(draws), draws))
    print(
        json.dumps(
            {
                "median_s": round(float(np.median([each[0] for each in seen])), 3),
                "best_s": round(min(each[0] for each in seen), 3),
                "min_bulk_ess_median": round(float(np.median([each[1] for each in seen]))),
                "min_bulk_ess_per_s_median": round(float(np.median([each[1] / each[0] for each in seen]))),
                "posterior_mean_d2_d3_d4_t50_sd": [round(float(each.mean()), 3) for each in seen[-1][2]],
                "posterior_sd": [round(float(each.std()), 3) for each in seen[-1][2]],
                "note": "warm-up and compilation inside, as on every run; two chains on two processors",
            }
        )
    )


def workload():
    """Ours, and the peer in a process of its own with a device for each chain; their posteriors must agree."""
    found = ours()
    flags = f"{os.environ.get('XLA_FLAGS', '')} {PEER_DEVICES}".strip()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.network", "peer"], capture_output=True, text=True, check=True,
        env={**os.environ, "XLA_FLAGS": flags},
    )  # fmt: skip
    other = json.loads(done.stdout.splitlines()[-1])
    apart = np.abs(
        np.subtract(found["posterior_mean_d2_d3_d4_t50_sd"], other["posterior_mean_d2_d3_d4_t50_sd"])
    ) / np.array(other["posterior_sd"])
    if apart.max() > 0.15:
        raise SystemExit(f"W5: posterior means differ by {apart.max():.2f} posterior SDs")
    ratio = round(found["min_bulk_ess_per_s_median"] / other["min_bulk_ess_per_s_median"], 1)
    return {
        "remit": found,
        "plain NumPyro": other,
        "ratio_of_ess_per_s": ratio,
        "largest_difference_of_means_in_sd": round(float(apart.max()), 3),
    }


if __name__ == "__main__":
    if sys.argv[1:] == ["peer"]:
        peer()
    else:
        print(json.dumps(workload(), indent=1))
