"""Inputs of the workloads, seeded. Time in h, amounts in mg, volumes in L, concentrations in mg/L.

The definitions are shared with the measurements of other engines that docs/benchmarks.md quotes: they must not change.
"""

import numpy as np

SEED = 20260111
INFUSION_H = 40.0 / 60.0
W1_STARTS_H = np.array([0, 2, 4, 7, 9, 11]) * 24.0
W1_TIMES_H = np.linspace(0.0, 14 * 24.0, 500)
W2_STARTS_H = np.array([0, 3, 7, 10, 14, 17, 21, 24, 28, 31, 35, 38]) * 24.0
W2_TIMES_H = np.linspace(0.0, 84 * 24.0, 500)
W2_FIXED = {
    "FM": 0.6, "CLM": 60.0, "VM": 150.0, "KE0": 2.0, "KOUT": np.log(2) / 120.0,
    "IMAX": 0.8, "IP50": 2.0, "KSOUT": np.log(2) / 168.0, "S0": 30.0,
}  # fmt: skip
W4_TIMES_H = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 24.0])
W4_OMEGA2 = 0.09
W4_SIGMA = 0.15
W1_SUM, W1_LARGEST, W1_FIRST, W1_LAST = 41545.24722, 0.4044167809, 0.198558507552, 8.09767399564e-11
"""What independent engines agree on for W1."""


def people(count, rng):
    """Two-compartment parameters of people who differ; 0.5 mg/kg each."""
    weight = np.clip(rng.normal(75, 15, count), 45, 130)
    eta = rng.normal(0, 0.3, (count, 2))
    return {
        "CL": 80 * (weight / 70) ** 0.75 * np.exp(eta[:, 0]),
        "V1": 60 * (weight / 70) * np.exp(eta[:, 1]),
        "Q": 120 * (weight / 70) ** 0.75,
        "V2": 170 * (weight / 70),
        "DOSE": 0.5 * weight,
    }


def w1(count=10_000):
    """W1: plasma concentration, six infusions over 14 days, 500 times."""
    return people(count, np.random.default_rng(SEED + 1))


def w2(count=1_000):
    """W2: drug, metabolite, effect site, occupancy, plasticity and score, 12 infusions over 84 days, 500 times."""
    rng = np.random.default_rng(SEED + 2)
    found = people(count, rng)
    eta = rng.normal(0, 0.3, (count, 2))
    return {**found, "EC50": 0.1 * np.exp(eta[:, 0]), "KIN": 0.5 * np.exp(eta[:, 1])}


def w5():
    """W5: rows of a simulated network: study, arm, treatment, week, y, se, n; 30 studies of 2 or 3 arms, 6 times.

    y = a_s + E t / (1.5 + t) + N(0, se^2), se = 6 / sqrt(n); a_s ~ N(30, 2^2); E of placebo ~ N(-4, 1.5^2),
    of treatment k that plus N(d_k, 1), arms of a study correlated 0.5; d = (0, -3, -5, -8).
    """
    rng = np.random.default_rng(SEED + 5)
    effects, rows = np.array([0, -3.0, -5.0, -8.0]), []
    for study in range(30):
        count = 2 + (study % 3 == 0)
        active = list(rng.choice([2, 3, 4], size=count - 1, replace=False))
        treatments = sorted([1] + [int(each) for each in active])
        if study % 7 == 6:  # some without placebo
            treatments = sorted(int(each) for each in rng.choice([2, 3, 4], size=count, replace=False))
        level, course, common = rng.normal(30, 2), rng.normal(-4, 1.5), rng.normal()
        for arm, treatment in enumerate(treatments):
            people_in_arm = int(rng.integers(60, 200))
            error = 6 / np.sqrt(people_in_arm)
            departure = 0.0 if treatment == 1 else np.sqrt(0.5) * common + np.sqrt(0.5) * rng.normal()
            size = course + effects[treatment - 1] + departure
            for week in (0.5, 1.0, 2.0, 4.0, 8.0, 12.0):
                y = level + size * week / (1.5 + week) + error * rng.normal()
                rows.append((study + 1, arm + 1, treatment, week, y, error, people_in_arm))
    return np.array(rows)


def w4(count=1_000):
    """W4: one infusion, six concentrations with 15 % error; typical parameters of each person, and what was seen."""
    rng = np.random.default_rng(SEED + 4)
    weight = np.clip(rng.normal(75, 15, count), 45, 130)
    eta = rng.normal(0, 0.3, (count, 2))
    typical = {
        "CL": 80 * (weight / 70) ** 0.75, "V1": 60 * (weight / 70), "Q": 120 * (weight / 70) ** 0.75,
        "V2": 170 * (weight / 70), "DOSE": 0.5 * weight,
    }  # fmt: skip
    true = {**typical, "CL": typical["CL"] * np.exp(eta[:, 0]), "V1": typical["V1"] * np.exp(eta[:, 1])}
    k10, k12, k21 = true["CL"] / true["V1"], true["Q"] / true["V1"], true["Q"] / true["V2"]
    total = k10 + k12 + k21
    fast = 0.5 * (total + np.sqrt(total**2 - 4 * k10 * k21))
    slow = k10 * k21 / fast
    exact = np.zeros((count, len(W4_TIMES_H)))
    on, off = np.clip(W4_TIMES_H, 0, INFUSION_H), np.clip(W4_TIMES_H - INFUSION_H, 0, None)
    for rate, share in ((fast, (fast - k21) / (fast - slow)), (slow, (k21 - slow) / (fast - slow))):
        gain = true["DOSE"] / INFUSION_H * share / true["V1"] / rate
        exact += gain[:, None] * -np.expm1(-rate[:, None] * on) * np.exp(-rate[:, None] * off)
    seen = exact * (1 + W4_SIGMA * rng.normal(size=exact.shape))
    return typical, np.maximum(seen, 1e-6)


def w6(count=5_000):
    """W6: Weibull times, log T = 3 + 0.5 x1 - 0.3 x2 + 0.6 log(-log U), seen at visits about every 4, a fifth missed.

    Returns the ends of (left, right], inf where the event was not seen, and both covariates.
    """
    rng = np.random.default_rng(SEED + 6)
    x1 = (rng.random(count) < 0.5).astype(float)
    x2 = rng.normal(size=count)
    time = np.exp(3 + 0.5 * x1 - 0.3 * x2 + 0.6 * np.log(-np.log(rng.random(count))))
    visits = np.arange(4, 61, 4)[None, :] + rng.uniform(-1, 1, (count, 15))
    visits = np.round(np.minimum(visits, 60.0), 1)
    visits = np.where(rng.random((count, 15)) < 0.2, np.nan, visits)
    left = np.nanmax(np.where(visits < time[:, None], visits, 0.0), axis=1)
    right = np.nanmin(np.where(visits >= time[:, None], visits, np.inf), axis=1)
    return left, right, x1, x2
