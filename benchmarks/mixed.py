"""Mixed-effects fits, numpy and scipy as the peer in the same run: `python -m benchmarks.mixed`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

TABLE = Path(__file__).parents[1] / "tests" / "golden" / "theophylline.csv"
ROUNDS = 15
LOG_LIKELIHOOD = -179.7016
"""FOCE-I of theophylline in KA, CL and V with additive error; the same from both programs of this page."""


def table():
    """Times, concentrations (people, times) and doses."""
    rows = [line.split(",") for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    header = [name.upper() for name in rows[0]]
    people = {}
    for row in rows[1:]:
        cell = dict(zip(header, row, strict=True))
        own = people.setdefault(cell["ID"], {"dose": 0.0, "time": [], "seen": []})
        if cell["AMT"] not in {"", ".", "0"}:
            own["dose"] = float(cell["AMT"])
        else:
            own["time"].append(float(cell["TIME"]))
            own["seen"].append(float(cell["DV"]))
    each = list(people.values())
    return tuple(np.array([own[name] for own in each]) for name in ("time", "seen", "dose"))


def plain_focei(start):
    """FOCE-I in plain numpy: Gauss-Newton modes of all people at once, scipy's BFGS outside, slopes by differences."""
    times, seen, doses = table()
    people, effects = len(seen), 3
    kept = np.zeros((people, effects))

    def curve(typical, eta):
        ka, cl, v = np.exp(typical[:, None] + eta.T)
        ke = cl / v
        gap = np.where(np.abs(ka - ke) < 1e-8, 1e-8, ka - ke)[:, None]
        return (doses * ka / v)[:, None] * (np.exp(-ke[:, None] * times) - np.exp(-ka[:, None] * times)) / gap

    def slopes(typical, eta):
        base, found = curve(typical, eta), []
        for place in range(effects):
            moved = eta.copy()
            moved[:, place] += 1e-6
            found.append((curve(typical, moved) - base) / 1e-6)
        return base, np.stack(found, axis=-1)

    def lost(x):
        typical, variance, sigma2 = x[:3], np.exp(2 * x[3:6]), np.exp(2 * x[6])
        eta, damping = kept.copy(), np.full(people, 1e-3)
        base, slope = slopes(typical, eta)

        def value(base, eta):
            return 0.5 * ((seen - base) ** 2).sum(axis=1) / sigma2 + 0.5 * (eta**2 / variance).sum(axis=1)

        here = value(base, eta)
        for _ in range(100):
            information = np.einsum("pti,ptj->pij", slope, slope) / sigma2 + np.diag(1 / variance)
            toward = np.einsum("pti,pt->pi", slope, seen - base) / sigma2 - eta / variance
            damped = information * (1 + damping[:, None, None] * np.eye(effects))
            step = np.linalg.solve(damped, toward[..., None])[..., 0]
            if np.abs(step).max() < 1e-9:
                break
            fresh_base, fresh_slope = slopes(typical, eta + step)
            fresh = value(fresh_base, eta + step)
            better = fresh <= here
            eta = np.where(better[:, None], eta + step, eta)
            base = np.where(better[:, None], fresh_base, base)
            slope = np.where(better[:, None, None], fresh_slope, slope)
            here = np.where(better, fresh, here)
            damping = np.where(better, 0.1 * damping, 10 * damping)
        kept[:] = eta
        information = np.einsum("pti,ptj->pij", slope, slope) / sigma2 + np.diag(1 / variance)
        dets = np.linalg.slogdet(information)[1]
        constant = 0.5 * seen.size * np.log(2 * np.pi * sigma2) + 0.5 * people * np.log(variance).sum()
        return float(here.sum() + 0.5 * dets.sum() + constant)

    return minimize(lost, start, method="BFGS", options={"gtol": 1e-2, "eps": 1e-5})


COLD = """
import sys, time
start = time.perf_counter()
from remit.cli.__main__ import main
main(["fit", sys.argv[1], "1cpt-oral", *sys.argv[2:]])
print("seconds", time.perf_counter() - start)
"""


def cold(*options, cache=None):
    """Seconds of one `remit fit` in a process of its own, with no compiled program kept unless a cache is given."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"XDG_CACHE_HOME": cache or folder}
        done = subprocess.run(
            [sys.executable, "-c", COLD, str(TABLE), *options], env=environment, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
    return float(done.stdout.split("seconds")[-1])


def workload(rounds=ROUNDS, first=3):
    from remit.inference.mixed.event_table import read_events
    from remit.inference.mixed.fit import fit
    from remit.inference.mixed.model_file import Wishes, load_model

    read = read_events(TABLE)
    model = load_model("1cpt-oral", Wishes(), read)
    seen = {"remit": [], "numpy and scipy": []}
    start = model.start[model.free]
    for _ in range(rounds + 1):
        for name, run in (("remit", lambda: fit(read, model)), ("numpy and scipy", lambda: plain_focei(start))):
            begin = time.perf_counter()
            found = run()
            seen[name].append(1000 * (time.perf_counter() - begin))
            value = found.log_likelihood if name == "remit" else -found.fun
            if abs(value - LOG_LIKELIHOOD) > 2e-3:
                raise SystemExit(f"theophylline: the log likelihood of {name} is {value}, not {LOG_LIKELIHOOD}")
    result = {
        name: {"median_ms": round(float(np.median(each[1:])), 1), "best_ms": round(min(each[1:]), 1), "rounds": rounds}
        for name, each in seen.items()
    }
    with tempfile.TemporaryDirectory() as cache:
        fresh = [cold() for _ in range(first)]
        cold(cache=cache)
        again = [cold(cache=cache) for _ in range(first)]
    result["command, first time ever"] = {"median_s": round(float(np.median(fresh)), 2), "best_s": round(min(fresh), 2)}
    result["command, from then on"] = {"median_s": round(float(np.median(again)), 2), "best_s": round(min(again), 2)}
    result["largest_difference_of_estimates_in_SE"] = _apart(fit(read, model), plain_focei(start))
    return result


def _apart(ours, theirs):
    sd = np.sqrt(np.diag(ours.uncertainty.covariance))
    mine, other = ours.estimated.copy(), np.asarray(theirs.x).copy()
    return float(np.abs((mine - other) / sd).max())


if __name__ == "__main__":
    print(json.dumps(workload(), indent=1))
