"""Time the workloads beside peers in the same run and write benchmarks/results/: `make bench`.

`python -m benchmarks events mixed` runs some of them and leaves the others of the file as they were.
"""

import itertools
import json
import os
import platform
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from scipy.integrate import solve_ivp

import remit  # noqa: F401  (64-bit floats)
from benchmarks import workloads as w
from benchmarks.events import workload as events_workload
from benchmarks.mixed import workload as mixed_workload
from benchmarks.network import workload as network_workload
from benchmarks.one_person import fourth_workload, people_workload
from benchmarks.reports import workload as reports_workload
from remit.pharmacology.disposition import Tree, solve
from remit.pharmacology.effect_site import effect_modes
from remit.pharmacology.superposition import blocks, plan
from remit.pharmacology.superposition import follow as follow_plan
from remit.response.grid import course_grid, positions, with_midpoints
from remit.response.relief import Traits, session_course

ROUNDS = 15
BLOCK = 125
"""People computed at once in the full chain, one block a processor: their courses stay near it."""
RESULTS = Path(__file__).parent / "results"
MG_PER_L = 1e-3  # of one ng/mL


def modes_of(person):
    """The two exponentials of each person's plasma concentration."""
    tree = Tree(
        jnp.stack([person["V1"], person["V2"]], axis=-1),
        jnp.asarray(person["Q"])[:, None],
        jnp.stack([person["CL"], jnp.zeros_like(person["CL"])], axis=-1),
        ((0, 1),),
    )
    return solve(tree).response(0, 0)


def w1_ours(person, drawn, count):
    @jax.jit
    def run(values):
        return follow_plan(modes_of(values), values["DOSE"][:, None] * jnp.ones(len(w.W1_STARTS_H)), drawn) * MG_PER_L

    parts = [{name: value[piece] for name, value in person.items()} for piece in blocks(count, 5_000)]
    return lambda: [run(part).block_until_ready() for part in parts]


def w1_numpy(person):
    k10, k12, k21 = person["CL"] / person["V1"], person["Q"] / person["V1"], person["Q"] / person["V2"]
    total = k10 + k12 + k21
    fast = 0.5 * (total + np.sqrt(total**2 - 4 * k10 * k21))
    slow = k10 * k21 / fast
    rates = ((fast, (fast - k21) / (fast - slow) / person["V1"]), (slow, (k21 - slow) / (fast - slow) / person["V1"]))
    out = np.zeros((len(total), len(w.W1_TIMES_H)))
    for start in w.W1_STARTS_H:
        since = w.W1_TIMES_H - start
        on, off = np.clip(since, 0, w.INFUSION_H), np.clip(since - w.INFUSION_H, 0, None)
        for rate, weight in rates:
            gain = (person["DOSE"] / w.INFUSION_H * weight / rate)[:, None]
            out += gain * -np.expm1(-rate[:, None] * on) * np.exp(-rate[:, None] * off)
    return out


CHAIN = {
    "sustained": 0.5, "k_out": np.log(2) / 120.0, "acute": 0.4, "acute_c50": 60.0, "gradual": 0.5, "session": 0.2,
    "tau_h": 300.0, "tau_session_h": 6.0,
}  # fmt: skip


def chain_traits(person):
    shape = jnp.ones_like(person["EC50"])
    fixed = {name: value * shape for name, value in CHAIN.items()}
    return Traits(k_in=person["KIN"] * 1.0, drive_c50=person["EC50"] / MG_PER_L, **fixed)


def chain_ours(person):
    grid = course_grid(w.W2_STARTS_H, w.W2_TIMES_H, w.INFUSION_H)
    drawn = plan(w.W2_STARTS_H, np.full(len(w.W2_STARTS_H), w.INFUSION_H), with_midpoints(grid))
    sampled = plan(w.W2_STARTS_H, np.full(len(w.W2_STARTS_H), w.INFUSION_H), w.W2_TIMES_H)
    wanted = positions(grid, w.W2_TIMES_H)

    @jax.jit
    def run(values):
        plasma = modes_of(values)
        doses = values["DOSE"][:, None] * jnp.ones(len(w.W2_STARTS_H))
        concentration = follow_plan(plasma, doses, sampled)
        made = w.W2_FIXED["FM"] * values["CL"] / w.W2_FIXED["VM"]
        metabolite_modes = effect_modes(plasma, jnp.full_like(values["CL"], w.W2_FIXED["CLM"] / w.W2_FIXED["VM"]))
        # one mg of parent lost becomes FM mg of metabolite: the delay's gain is the rate itself, so it is taken out
        scale = made / (w.W2_FIXED["CLM"] / w.W2_FIXED["VM"])
        metabolite = follow_plan(metabolite_modes, doses, sampled) * scale[:, None]
        effect = follow_plan(effect_modes(plasma, jnp.full_like(values["CL"], w.W2_FIXED["KE0"])), doses, drawn)
        course = session_course(chain_traits(values), effect, jnp.asarray(grid))
        return concentration, metabolite, course.plasticity[:, wanted], w.W2_FIXED["S0"] * course.left[:, wanted]

    parts = [{name: value[piece] for name, value in person.items()} for piece in blocks(len(person["CL"]), BLOCK)]
    pool = ThreadPoolExecutor(os.cpu_count())
    return lambda: list(pool.map(lambda part: jax.block_until_ready(run(part)), parts))


def chain_tight(person, index):
    """The same chain for one person by an ODE solver at tight tolerance; columns C, M, P, score."""
    one = {name: float(value[index]) for name, value in person.items()}
    fixed = w.W2_FIXED

    def slope(_, state, rate):
        a1, a2, m, ce, p = state
        back = one["Q"] / one["V2"] * a2 - one["Q"] / one["V1"] * a1
        drive = ce / (ce + one["EC50"])
        return [
            rate - one["CL"] / one["V1"] * a1 + back,
            -back,
            fixed["FM"] * one["CL"] / one["V1"] * a1 - fixed["CLM"] / fixed["VM"] * m,
            fixed["KE0"] * (a1 / one["V1"] - ce),
            one["KIN"] * drive * (1 - p) - CHAIN["k_out"] * p,
        ]

    edges = np.unique(np.concatenate([w.W2_STARTS_H, w.W2_STARTS_H + w.INFUSION_H, w.W2_TIMES_H[-1:]]))
    state, rows = np.zeros(5), {0.0: np.zeros(5)}
    for begin, end in itertools.pairwise(edges):
        rate = one["DOSE"] / w.INFUSION_H if begin in w.W2_STARTS_H else 0.0
        inside = w.W2_TIMES_H[(begin < w.W2_TIMES_H) & (end >= w.W2_TIMES_H)]
        found = solve_ivp(
            slope, (begin, end), state, "LSODA", np.unique(np.append(inside, end)), args=(rate,), rtol=1e-10, atol=1e-13
        )
        rows.update(zip(found.t.tolist(), found.y.T, strict=True))
        state = found.y[:, -1]
    table = np.array([rows[float(t)] for t in w.W2_TIMES_H])
    effect, p = table[:, 3], table[:, 4]
    drive = effect / (effect + CHAIN["acute_c50"] * MG_PER_L)
    rise, early = -np.expm1(-w.W2_TIMES_H / CHAIN["tau_h"]), -np.expm1(-w.W2_TIMES_H / CHAIN["tau_session_h"])
    control = np.exp(-CHAIN["gradual"] * rise - CHAIN["session"] * early * (1 - rise))
    score = fixed["S0"] * (1 - CHAIN["acute"] * drive) * (1 - CHAIN["sustained"] * p) * control
    return np.stack([table[:, 0] / one["V1"], table[:, 2] / fixed["VM"], p, score])


def timed(run, rounds=ROUNDS):
    run()
    seen = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        seen.append(1000 * (time.perf_counter() - start))
    return {"median_ms": round(float(np.median(seen)), 2), "best_ms": round(min(seen), 2), "rounds": rounds}


def processor():
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def first_workload():
    person = w.w1()
    drawn = plan(w.W1_STARTS_H, np.full(len(w.W1_STARTS_H), w.INFUSION_H), w.W1_TIMES_H)
    ours = w1_ours(person, drawn, 10_000)
    values = np.concatenate([np.asarray(part) for part in ours()])
    expected = w1_numpy(person)
    found = {"sum": float(values.sum()), "largest": float(values.max()), "first": values[0, 1], "last": values[-1, -1]}
    for name, value in {"sum": w.W1_SUM, "largest": w.W1_LARGEST, "first": w.W1_FIRST, "last": w.W1_LAST}.items():
        if not np.isclose(found[name], value, rtol=1e-9, atol=1e-15):
            raise SystemExit(f"W1: {name} is {found[name]}, not {value}")
    return {
        "remit": timed(ours),
        "numpy closed form": timed(lambda: w1_numpy(person), 3),
        "largest_difference_to_numpy_mg_per_L": float(np.abs(values - expected).max()),
    }


def chain_workload(checked=20):
    person = w.w2()
    ours = chain_ours(person)
    found = [np.concatenate(parts) for parts in zip(*ours(), strict=True)]
    start = time.perf_counter()
    tight = [chain_tight(person, index) for index in range(checked)]
    solver = 1000 * (time.perf_counter() - start) * len(person["CL"]) / checked
    found[0], found[1] = found[0] * MG_PER_L, found[1] * MG_PER_L
    worst = {}
    for position, name in enumerate(("concentration", "metabolite", "plasticity", "score")):
        largest = max(np.abs(part[position]).max() for part in tight)
        gap = max(np.abs(found[position][index] - part[position]).max() for index, part in enumerate(tight))
        worst[name] = float(gap / largest)
    return {
        "remit": timed(ours),
        "scipy LSODA, rtol 1e-10 (20 people, scaled to 1,000)": {"median_ms": round(solver)},
        "largest_error_as_share_of_the_largest_value": worst,
    }


WORKLOADS = {
    "W1": ("W1: 10,000 people, 6 infusions, 500 times", first_workload),
    "chain": ("Full chain: 1,000 people, 12 infusions, 84 days, 500 times", chain_workload),
    "W4": ("W4: most likely kinetics of 1,000 people, 6 concentrations", lambda: fourth_workload(timed)),
    "people": ("One person: posterior with 1,000 effective draws, 8 scores", people_workload),
    "network": ("W5: network of 30 studies, 420 rows, Emax", network_workload),
    "events": ("W6: 5,000 interval-censored times, Weibull AFT", events_workload),
    "reports": ("Reports on paper, drawn anew", reports_workload),
    "mixed": ("Theophylline, FOCE-I: 12 people, three random effects", mixed_workload),
}
"""Name to ask for it by: what it is, and its run."""


def main(names=()):
    """Run the workloads named, or all; others that the file of this machine holds stay as they were, with a date."""
    unknown = [name for name in names if name not in WORKLOADS]
    if unknown:
        raise SystemExit(f"there is no workload {unknown[0]}: {', '.join(WORKLOADS)}")
    machine, today = processor(), datetime.now(UTC).date().isoformat()
    label = "".join(c if c.isalnum() else "-" for c in machine.lower()).strip("-")
    path = RESULTS / f"{label}.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    results = {"date": today, "machine": machine, "jax": jax.__version__}
    for key, (title, run) in WORKLOADS.items():
        if names and key not in names:
            if title in before:
                results[title] = {"date": before["date"], **before[title]}
            continue
        result = {"date": today, **run()}
        if "ratio_of_ess_per_s" not in result:
            timings = [name for name, value in result.items() if isinstance(value, dict) and "median_ms" in value]
            peer = next((result[name] for name in timings if not name.startswith("remit")), None)
            if peer is not None and "remit" in result:
                result["ratio_peer_to_remit"] = round(peer["median_ms"] / result["remit"]["median_ms"], 1)
        results[title] = result
        print(title, json.dumps(result, indent=1), flush=True)
        RESULTS.mkdir(exist_ok=True)
        path.write_text(json.dumps({**before, **results}, indent=1) + "\n")
    path.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
