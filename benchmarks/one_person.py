"""W4: most likely kinetics of 1,000 people; and posteriors of single people. Peers run in the same process."""

import time

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from benchmarks import workloads as w
from remit.inference.most_likely import Local, most_likely
from remit.pharmacology.disposition import Tree, solve
from remit.pharmacology.superposition import follow, plan

MG_PER_L = 1e-3  # of one ng/mL


def w4_ours(person, observed):
    """All people in one compiled program; each stops by the rule of `most_likely`."""
    drawn = plan([0.0], [w.INFUSION_H], w.W4_TIMES_H)

    def slopes(function, eta):
        """Value and derivatives with respect to both numbers."""
        first, one = jax.jvp(function, (eta,), (jnp.zeros_like(eta).at[:, 0].set(1.0),))
        _, two = jax.jvp(function, (eta,), (jnp.zeros_like(eta).at[:, 1].set(1.0),))
        return first, jnp.stack([one, two], axis=-1)

    @jax.jit
    def run(typical, seen):
        def local(eta, data):
            person, seen = data

            def concentration(eta):
                cl, v1 = person["CL"] * jnp.exp(eta[:, 0]), person["V1"] * jnp.exp(eta[:, 1])
                tree = Tree(
                    jnp.stack([v1, person["V2"]], axis=-1), person["Q"][:, None],
                    jnp.stack([cl, jnp.zeros_like(cl)], axis=-1), ((0, 1),),
                )  # fmt: skip
                return follow(solve(tree).response(0, 0), person["DOSE"][:, None], drawn) * MG_PER_L

            def gradient_of(eta):
                value, slope = slopes(concentration, eta)
                off, variance = seen - value, (w.W4_SIGMA * value) ** 2
                toward = off / variance + off**2 / (variance * value) - 1.0 / value
                return jnp.einsum("pt,pti->pi", toward, slope) - eta / w.W4_OMEGA2

            value, slope = slopes(concentration, eta)
            variance = (w.W4_SIGMA * value) ** 2
            density = -0.5 * ((seen - value) ** 2 / variance).sum(axis=1) - jnp.log(value).sum(axis=1)
            gradient, curvature = slopes(gradient_of, eta)
            weight = 1.0 / variance + 2.0 / value**2
            expected = jnp.einsum("pti,pt,ptj->pij", slope, weight, slope) + jnp.eye(2) / w.W4_OMEGA2
            # the curvature itself where it is that of a maximum, which converges faster; else what is expected of it
            bent = (curvature[:, 0, 0] < 0) & (
                curvature[:, 0, 0] * curvature[:, 1, 1] - curvature[:, 0, 1] * curvature[:, 1, 0] > 0
            )
            information = jnp.where(bent[:, None, None], -curvature, expected)
            return Local(density - 0.5 * (eta**2).sum(axis=1) / w.W4_OMEGA2, gradient, information)

        return most_likely(local, jnp.zeros((len(seen), 2)), (typical, seen))

    typical = {name: jnp.asarray(value) for name, value in person.items()}
    seen = jnp.asarray(observed)
    return lambda: jax.block_until_ready(run(typical, seen))


def w4_objective(person, observed, index):
    """Minus the log posterior of one person in plain numpy: an independent closed form."""
    one = {name: float(value[index]) for name, value in person.items()}
    times = w.W4_TIMES_H
    on, off = np.clip(times, 0, w.INFUSION_H), np.clip(times - w.INFUSION_H, 0, None)

    def objective(eta):
        cl, v1 = one["CL"] * np.exp(eta[0]), one["V1"] * np.exp(eta[1])
        k10, k12, k21 = cl / v1, one["Q"] / v1, one["Q"] / one["V2"]
        total = k10 + k12 + k21
        fast = 0.5 * (total + np.sqrt(total**2 - 4 * k10 * k21))
        slow = k10 * k21 / fast
        value = np.zeros(len(times))
        for rate, weight in ((fast, (fast - k21) / (fast - slow)), (slow, (k21 - slow) / (fast - slow))):
            value += one["DOSE"] / w.INFUSION_H * weight / v1 / rate * -np.expm1(-rate * on) * np.exp(-rate * off)
        variance = (w.W4_SIGMA * value) ** 2
        fit = 0.5 * ((observed[index] - value) ** 2 / variance).sum() + np.log(value).sum()
        return fit + 0.5 * (eta**2).sum() / w.W4_OMEGA2

    return objective


def fourth_workload(timed, looped=200):
    person, observed = w.w4()
    ours = w4_ours(person, observed)
    found = ours()
    numbers = np.asarray(found.numbers)
    start = time.perf_counter()
    for index in range(looped):
        minimize(w4_objective(person, observed, index), np.zeros(2), method="L-BFGS-B")
    loop = 1000 * (time.perf_counter() - start) * len(observed) / looped
    worst = 0.0
    for index in range(0, len(observed), 5):
        # a tight reference from another method, started at zero; Nelder-Mead needs no gradient to be right
        tight = minimize(
            w4_objective(person, observed, index), np.zeros(2), method="Nelder-Mead",
            options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 2000},
        )  # fmt: skip
        worst = max(worst, float(np.abs(tight.x - numbers[index]).max()))
    return {
        "remit": timed(ours),
        f"scipy L-BFGS-B loop ({looped} people, scaled to 1,000)": {"median_ms": round(loop)},
        "not_converged": int((~np.asarray(found.done)).sum()),
        "largest_step_left_in_posterior_SDs": float(np.asarray(found.left).max()),
        "most_iterations_of_a_person": int(np.asarray(found.iterations).max()),
        "largest_difference_in_eta_to_a_tight_solution_of_200_people": worst,
    }


def people_workload(people=200, batch=1000):
    """People with eight scores in a series of six sessions: posteriors alone and in a batch, and modes."""
    from remit.evidence.instruments import find_scale
    from remit.inference.fitted import load
    from remit.inference.one_person import Case, belief, person_posterior, person_posteriors
    from remit.inference.person_mode import person_mode
    from remit.inference.person_trial import SETTINGS, WEIGHT_KG, simulate
    from remit.vocabulary.people import Diagnosis

    setting = next(each for each in SETTINGS if each.name == "six sessions, eight scores")
    thin = load().thinned(256)
    held = belief(thin, Diagnosis.MIXED_ANXIETY, [find_scale("GAD-7")], 7)
    truth = simulate(thin, setting, batch, 7, held.layout.names)
    used = len(setting.days)
    cases = [
        Case(truth.times_h[:used], totals[:used], truth.scale[:used], truth.regimen, WEIGHT_KG)
        for totals in truth.totals
    ]
    # every program is compiled first, also those for people who need more draws
    first = person_posteriors(cases, held, 7)
    start = time.perf_counter()
    again = person_posteriors(cases, held, 7)
    together = time.perf_counter() - start
    assert all(np.array_equal(one.numbers, two.numbers) for one, two in zip(first, again, strict=True))
    effective = [found.trust.effective for found in first]
    person_mode(cases[0], held)

    def each(work):
        seen = []
        for person, case in enumerate(cases[:people]):
            start = time.perf_counter()
            work(case, person)
            seen.append(1000 * (time.perf_counter() - start))
        return {
            "median_ms": round(float(np.median(seen)), 2), "best_ms": round(min(seen), 2),
            "p95_ms": round(float(np.quantile(seen, 0.95)), 2), "people": people,
        }  # fmt: skip

    return {
        "remit": each(lambda case, person: person_posterior(case, held, 7, person)),
        "remit, most likely numbers": each(lambda case, _: person_mode(case, held)),
        "batch_s": round(together, 2),
        "batch_people": batch,
        "least_effective_draws": round(min(effective)),
    }
