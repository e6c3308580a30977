"""W6: 5,000 and 100,000 interval-censored times, scipy as the peer in the same run: `python -m benchmarks.events`."""

import json
import time

import numpy as np
from scipy.optimize import minimize

from benchmarks import workloads as w
from remit.inference.events.accelerated import fit_accelerated
from remit.inference.events.family import WEIBULL
from remit.inference.events.proportional import fit_proportional
from remit.inference.events.turnbull import turnbull

ROUNDS = 15
EXPECTED = {"curve": -11548.17, "weibull": -10829.12, "hazards": -10762.30}
"""Log-likelihoods of icenReg (curve, hazards) and R survreg (weibull) on the same 5,000 people."""


def peer_weibull(left, right, design):
    """Weibull AFT by BFGS with numerical gradients, as generic tools fit it."""
    low, high = np.log(np.maximum(left, 1e-12)), np.log(np.where(np.isinf(right), 1.0, right))
    never = np.isinf(right)

    def lost(point):
        eta, scale = design @ point[:-1], np.exp(point[-1])
        before = np.exp((low - eta) / scale)
        after = np.where(never, np.inf, np.exp((high - eta) / scale))
        return -np.sum(-before + np.log(-np.expm1(before - after)))

    return minimize(lost, np.array([2.5, 0.0, 0.0, 0.0]), method="BFGS")


def peer_em(left, right, steps):
    """Turnbull's EM with a matrix of who can see what, so many steps; its time and log-likelihood."""
    from remit.inference.events.support import support_of

    support = support_of(left, right)
    start = time.perf_counter()
    place = np.arange(support.size)
    sees = ((support.first[:, None] <= place) & (place <= support.last[:, None])).astype(float)
    mass = np.full(support.size, 1 / support.size)
    for _ in range(steps):
        mass = mass * (sees.T @ (support.weight / (sees @ mass))) / support.weight.sum()
    chance = sees @ mass
    gap = float((sees.T @ (support.weight / chance)).max() / support.weight.sum() - 1)
    return 1000 * (time.perf_counter() - start), float(support.weight @ np.log(chance)), gap


def workload(rounds=ROUNDS):
    left, right, x1, x2 = w.w6()
    design = np.column_stack([np.ones(len(left)), x1, x2])
    runs = {
        "curve": lambda: turnbull(left, right),
        "weibull": lambda: fit_accelerated(WEIBULL, left, right, design),
        "hazards": lambda: fit_proportional(left, right, design[:, 1:], errors=False),
        "scipy BFGS, weibull": lambda: peer_weibull(left, right, design),
    }
    for name, value in EXPECTED.items():
        if abs(runs[name]().log_likelihood - value) > 6e-3:
            raise SystemExit(f"W6: the log-likelihood of {name} is not {value}")
    if abs(-runs["scipy BFGS, weibull"]().fun - EXPECTED["weibull"]) > 0.02:
        raise SystemExit("W6: the peer did not reach the maximum")
    seen = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seen[name].append(1000 * (time.perf_counter() - start))
    found = {
        name: {"median_ms": round(float(np.median(each)), 2), "best_ms": round(min(each), 2), "rounds": rounds}
        for name, each in seen.items()
    }
    masses = turnbull(left, right)
    spent, likelihood, gap = peer_em(left, right, 300)
    found["EM, 300 steps, curve"] = {
        "ms": round(spent), "log_likelihood_below_maximum": round(masses.log_likelihood - likelihood, 4), "gap": gap,
    }  # fmt: skip
    large_left, large_right, *_ = w.w6(100_000)
    large = []
    for _ in range(5):
        start = time.perf_counter()
        many = turnbull(large_left, large_right)
        large.append(1000 * (time.perf_counter() - start))
    return {
        "remit": found.pop("weibull"),
        "scipy BFGS, weibull": found.pop("scipy BFGS, weibull"),
        **{f"remit, {name}" if name in EXPECTED else name: each for name, each in found.items()},
        "curve, 100,000 people": {"median_ms": round(float(np.median(large)), 1), "best_ms": round(min(large), 1)},
        "kkt_gap": {"5,000": masses.gap, "100,000": many.gap},
    }


if __name__ == "__main__":
    print(json.dumps(workload(), indent=1))
