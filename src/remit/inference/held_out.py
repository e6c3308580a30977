"""Every trial predicted from the others: what the model says about a trial it has not seen.

For each study the posterior without it is needed. Where the study moves what is common to all studies only a little,
the draws of the full posterior are weighted by 1 / p(rows of the study | what is common), which is the integral over
the study's own effects (its course, its drug effect, and members of groups that no other study informs). Pareto
smoothing judges the weights (Vehtari et al. 2024); where its k is above 0.7 the model is fitted again with the study's
likelihood switched off. In both roads the study's own effects
are drawn from what the other studies say about a new one.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from jax import Array
from numpy.typing import NDArray

from remit.inference.calibration import CENTRED, sample_effects, study_log_densities
from remit.inference.checkpoint import keep
from remit.inference.design import NONE, Design
from remit.inference.diagnostics import Draws
from remit.inference.predictive import Replicas, expecting, flattened, replicate
from remit.inference.row_check import HeldOut
from remit.inference.sampling import Fit, Report, resample
from remit.vocabulary.errors import NotConverged

Floats = NDArray[np.float64]
WORST_K = 0.7
# choice: 100 points for two to six of a study's own effects give the log of its probability to some hundredths, less
# than the weights differ; 800 draws give the tails of a 95 % interval to about a point
DRAWS, POINTS, FUTURES = 800, 100, 4
AT_ONCE = 32  # choice: so many points at once keep both processors busy and fill little memory
WIDER = 1.3
"""Proposals are wider than what the posterior says of a study's own effects, so that no part of them is missed."""
REFIT_CHAINS, REFIT_WARMUP, REFIT_DRAWS = 2, 60, 160
LEAST_ESS = 40.0
WORST_RHAT = 1.05
"""A refit whose predictions mix worse than these is made longer, and refused if that does not help."""


def _owner(design: Design, index: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The only study among the arms of each member of a group, or NONE where several have it."""
    found = np.full(size, NONE, dtype=np.int64)
    for member in range(size):
        studies = np.unique(design.arms.study[index == member])
        if len(studies) == 1:
            found[member] = studies[0]
    return found


def own_effects(design: Design) -> dict[str, NDArray[np.int64]]:
    """Sites that hold effects of single studies: the study each entry belongs to, or NONE."""
    names, arms = design.names, design.arms
    alone = np.arange(len(names.study))
    return {
        "study_control_raw": alone,
        "study_drug_raw": alone,
        "scale_raw": _owner(design, arms.scale, len(names.scale)),
        "treatment_raw": _owner(design, arms.treatment, len(names.treatment)),
        "onset_raw": _owner(design, arms.treatment, len(names.treatment)),
        "control_raw": _owner(design, arms.control, len(names.control)),
        "diagnosis_control_raw": _owner(design, arms.diagnosis, len(names.diagnosis)),
        "diagnosis_drug_raw": _owner(design, arms.diagnosis, len(names.diagnosis)),
    }


def _width(sites: dict[str, Array], name: str) -> Array:
    """Prior SD of the entries of a site, which depends on how far it is centred."""
    scale, power = CENTRED.get(name, ("", 0.0))
    return sites[scale] ** power if scale else jnp.asarray(1.0)


def log_probabilities(
    design: Design,
    sites: Draws,
    seed: int,
    owners: Mapping[str, NDArray[np.int64]] | None = None,
    normals: Mapping[str, Floats] | None = None,
) -> Floats:
    """Log probability of each study's rows given what is common to all studies, shape (draws, studies).

    The integral over a study's own effects is a mean over points drawn from a normal distribution around what the
    posterior says of them, weighted by prior over proposal; all studies are done at once.

    Args:
        design: the rows.
        sites: draws of the sampled sites, shape (draws, ...).
        seed: of the points.
        owners: which study each entry of a site belongs to; those of the design when None.
        normals: standard normal numbers that make the points, by site, shape (points, entries), the same for every
            draw; random ones, other for each draw, when None.
    """
    owners = own_effects(design) if owners is None else owners
    studies = len(design.names.study)
    centre = {name: jnp.asarray(sites[name].mean(axis=0)) for name in owners}
    spread = {name: jnp.asarray(WIDER * sites[name].std(axis=0)) for name in owners}

    def density(values: dict[str, Array]) -> Array:
        with numpyro.handlers.seed(rng_seed=0), numpyro.handlers.substitute(data=values):
            effects, p = sample_effects(design)
        return study_log_densities(design, effects, p)

    def random(key: Array) -> dict[str, Array]:
        return {
            name: jax.random.normal(jax.random.fold_in(key, number), owner.shape, dtype=jnp.float64)
            for number, (name, owner) in enumerate(owners.items())
        }

    def point(normal: Mapping[str, Array], values: dict[str, Array]) -> Array:
        total = jnp.zeros(studies)
        drawn = dict(values)
        for name, owner in owners.items():
            noise = normal[name]
            proposed, width = centre[name] + spread[name] * noise, _width(values, name)
            ratio = -0.5 * (proposed / width) ** 2 - jnp.log(width) + 0.5 * noise**2 + jnp.log(spread[name])
            alone = owner != NONE
            drawn[name] = jnp.where(alone, proposed, values[name])
            total += jax.ops.segment_sum(jnp.where(alone, ratio, 0.0), np.where(alone, owner, 0), studies)
        return total + density(drawn)

    def one(given: tuple[Array, dict[str, Array]]) -> Array:
        key, values = given
        if normals is None:
            points = jax.random.split(key, POINTS)
            logs = jax.lax.map(lambda own: point(random(own), values), points, batch_size=AT_ONCE)
        else:
            given_points = {name: jnp.asarray(each) for name, each in normals.items()}
            logs = jax.lax.map(lambda own: point(own, values), given_points, batch_size=AT_ONCE)
        return jax.nn.logsumexp(logs, axis=0) - jnp.log(len(logs))

    keys = jax.random.split(jax.random.key(seed), len(sites["study_drug_raw"]))
    return np.asarray(jax.jit(lambda keys, sites: jax.lax.map(one, (keys, sites)))(keys, sites))


def new_studies(design: Design, sites: Draws, seed: int) -> Draws:
    """The same draws, each `FUTURES` times, with every study's own effects drawn from their priors."""
    rng = np.random.default_rng(seed)
    many = {name: np.repeat(value, FUTURES, axis=0) for name, value in sites.items()}
    for name, owner in own_effects(design).items():
        width = np.broadcast_to(np.asarray(_width({k: jnp.asarray(v) for k, v in many.items()}, name)), len(many[name]))
        fresh = width[:, None] * rng.standard_normal(many[name].shape)
        many[name] = np.where(owner != NONE, fresh, many[name])
    return many


def _rows_of(
    replicas: Replicas,
    rows: NDArray[np.int64],
    weight: Floats | None,
    groups: Mapping[str, str],
    people: Sequence[str],
    *,
    refitted: bool,
    k: float,
) -> list[HeldOut]:
    found = []
    for row in rows:
        values, observed = replicas.values[:, row], replicas.observed[row]
        below = (values < observed) + 0.5 * (values == observed)
        found.append(
            HeldOut(
                replicas.check(int(row), weight),
                groups[replicas.study[row]],
                people[int(row)],
                bool(replicas.spread[row]),
                float(np.average(below, weights=weight)),
                refitted,
                k,
            )
        )
    return found


def _mixed(expected: dict[str, Array], rows: dict[str, NDArray[np.bool_]], chains: int) -> tuple[float, float]:
    """Largest split R-hat and smallest effective sample size of what a study's rows should show."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    parts = [np.asarray(expected[name])[:, here] for name, here in rows.items() if here.any()]
    values = np.concatenate(parts, axis=1)
    values = values.reshape(chains, -1, values.shape[1])
    return float(np.max(split_gelman_rubin(values))), float(np.min(effective_sample_size(values)))


def leave_each_out(
    fit: Fit,
    design: Design,
    groups: Mapping[str, str],
    refitted: Collection[str] = (),
    *,
    checkpoint: Path | None = None,
    label: str = "",
    report: Report = lambda *_: None,
) -> list[HeldOut]:
    """Every row of every study, predicted without the study.

    Args:
        fit: of all studies, by a program whose changing argument is the weight of each study.
        design: the rows.
        groups: study to what was given in it.
        refitted: studies for which the model is fitted again whatever their weights.
        checkpoint: file that keeps finished refits, so that a stopped run goes on from there.
        label: names data and model; kept refits with another label are not taken up.
        report: called with the stage, studies done and studies in all.

    Raises:
        NotConverged: a refit did not mix, even when it was made three times as long.
    """
    from arviz_stats.base.array import array_stats

    seed, names = fit.program.settings.seed, design.names.study
    sites = flattened(fit.draws, DRAWS)
    report("weighting", 0, len(names))
    logs = log_probabilities(design, sites, seed)
    log_weight, k = array_stats.psislw(logs.T)
    weight = np.repeat(np.exp(log_weight), FUTURES, axis=1)
    expect = expecting(design)
    replicas = replicate(design, expect(new_studies(design, sites, seed)), seed)
    arm = design.points.arm[replicas.point]
    people = [
        "depression" if design.arms.depressed[one] else design.names.diagnosis[design.arms.diagnosis[one]]
        for one in arm
    ]
    study_of_row = np.array([names.index(study) for study in replicas.study])
    again = [study for number, study in enumerate(names) if study in refitted or not k[number] < WORST_K]
    kept = _load(checkpoint, label)
    found: list[HeldOut] = []
    for number, study in enumerate(names):
        rows = np.flatnonzero(study_of_row == number)
        if study not in again:
            found += _rows_of(replicas, rows, weight[number], groups, people, refitted=False, k=float(k[number]))
            continue
        if study not in kept:
            report(f"without {study}", sum(one in kept for one in again), len(again))
            own = _refit(fit, design, number, expect, seed)
            kept[study] = _rows_of(own, rows, None, groups, people, refitted=True, k=float(k[number]))
            keep(checkpoint, (label, kept))
        found += kept[study]
    return found


def _refit(fit: Fit, design: Design, study: int, expect: Callable[[Draws], dict[str, Array]], seed: int) -> Replicas:
    """Rows under the posterior that has not seen a study."""
    weight = np.ones(len(design.names.study))
    weight[study] = 0.0
    here = {
        "means": design.study_of(design.means.points[:, 0]) == study,
        "counts": design.study_of(design.counts.points[:, 0]) == study,
        "after": design.study_of(design.medians.after) == study,
    }
    for longer in (1, 3):
        own = resample(
            fit,
            (jnp.asarray(weight),),
            chains=REFIT_CHAINS,
            warmup=longer * REFIT_WARMUP,
            draws=longer * REFIT_DRAWS,
            number=study,
        )
        drawn = flattened(own.draws, REFIT_CHAINS * longer * REFIT_DRAWS)
        rhat, ess = _mixed(expect(drawn), here, REFIT_CHAINS)
        if ess > LEAST_ESS and rhat < WORST_RHAT:
            return replicate(design, expect(new_studies(design, drawn, seed + study)), seed + study)
    raise NotConverged(
        f"the fit without {design.names.study[study]} did not mix: R-hat {rhat:.3f}, effective draws {ess:.0f}",
        allowed=f"R-hat below {WORST_RHAT}, more than {LEAST_ESS:.0f} effective draws",
        remedy="Run it again with more warm-up (--warmup)",
    )


def _load(path: Path | None, label: str) -> dict[str, list[HeldOut]]:
    if path is None or not path.exists():
        return {}
    saved, kept = pickle.loads(path.read_bytes())  # noqa: S301  (written by this module on this machine)
    return kept if saved == label else {}
