"""The posterior without some studies, from the draws of the whole one: importance weights instead of another fit.

A draw is worth 1 / p(rows of the studies left out | the draw), which takes their likelihood off again. What a study has
of its own (its control course, its drug effect, a scale or diagnosis that no other study has) is integrated out, as in
`remit.inference.held_out`; everything else is taken as drawn. Pareto smoothing judges the
weights (Vehtari et al. 2024): above a shape of 0.7 the draws do not say what the posterior without the studies is, and
only another fit does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from jax import Array
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from remit.evidence.instruments import load_scales
from remit.evidence.trials import load_trials
from remit.inference.assembly import assemble
from remit.inference.calibration import (
    CENTRED,
    DEPRESSION,
    OTHERS,
    SPREADS,
    TYPICAL,
    sample_effects,
    study_log_densities,
)
from remit.inference.design import NONE, Design
from remit.inference.fitted import GROUPS, Posterior
from remit.inference.held_out import AT_ONCE, log_probabilities
from remit.inference.pareto import K_LIMIT, effective_draws, smoothed
from remit.inference.selection import DIAGNOSES, Selection, select
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.people import Diagnosis

Floats = NDArray[np.float64]
OWN = ("study_control_raw", "study_drug_raw")
FAR = 4.5
"""How far from zero a study's own effects are looked for at first [SD between studies]."""
FIRST = 25
# choice: a grid a third of an SD fine finds where a study lies; how widely need only be roughly right
LOOKS = 8
"""Draws at which it is looked where a study lies."""
POINTS = 128  # choice: a power of two, as an even spread wants; errors of a log probability stay below some hundredths
SEED = 20261128
WIDTH = {name: (f"{name}_sd", 1.0) for name in ("diagnosis_control", "diagnosis_drug")} | {
    "scale": ("scale_sd", 1.0), "control": ("control_kind_sd", 1.0), "treatment": ("daily_treatment_sd", 1.0),
    "onset": ("onset_sd", 1.0), "bias": ("bias_scale", 1.0), "domain": ("domain_sd", 1.0),
}  # fmt: skip
"""What the effects of a group are divided by to become the numbers that the model samples."""


@dataclass(frozen=True, slots=True, eq=False)
class Reweighted:
    """What is left when studies are left out.

    Attributes:
        studies: those left out that have rows of anxiety in the calibration.
        timing_kept: those whose depression rows lend the calibration its timing and stay.
        weight: of each draw, summing to one, shape (draws,).
        k: Pareto shape of the weights.
        effective: how many independent draws they are worth.
    """

    studies: tuple[str, ...]
    timing_kept: tuple[str, ...]
    weight: Floats
    k: float
    effective: float

    @property
    def is_trusted(self) -> bool:
        """Whether the draws say what the posterior without the studies is."""
        return self.k < K_LIMIT


def without(posterior: Posterior, studies: Collection[str]) -> Reweighted:
    """Weights of the draws when studies are left out.

    Args:
        posterior: all of its draws are used.
        studies: ids; those without rows in the calibration make no difference.

    Raises:
        InputRefused: none has rows of anxiety in it.
    """
    selection = select(load_trials(), load_scales())
    used = tuple(study for study in selection.used if study in set(studies))
    timing = tuple(study for study in selection.timing if study in set(studies))
    if not used:
        command = " ".join(f"--without {study}" for study in timing)
        raise InputRefused(
            "none of these studies has rows of anxiety in the calibration",
            remedy=f"Those that lend it their timing need another fit: remit calibrate {command} --out FOLDER"
            if timing else "Leave out others; remit evidence show STUDY says what a study holds",
        )  # fmt: skip
    design = design_of(selection, used)
    sites = with_own_effects(posterior, design, sites_of(posterior, design))
    owners = owners_of(selection, design)
    logs = log_probabilities(design, sites, SEED, owners, even_normals(owners))
    log_weight, k = smoothed(jnp.asarray(-logs.sum(axis=1)))
    effective = float(effective_draws(log_weight))
    weight = np.exp(np.asarray(log_weight))
    return Reweighted(used, timing, weight / weight.sum(), float(k), effective)


def design_of(selection: Selection, studies: Collection[str]) -> Design:
    """The anxiety rows of some studies, laid out as in the calibration of all."""
    return assemble(replace(selection, timing={}), load_trials(), load_scales(), esketamine_equivalent, only=studies)


def sites_of(posterior: Posterior, design: Design) -> dict[str, Floats]:
    """What the model of a design samples, from the draws of a posterior, but for the studies' own effects.

    Returns:
        One array a site, its first axis the draws.
    """
    draws = posterior.draws
    found = {name: draws[name] for name in (*TYPICAL, *SPREADS, *OTHERS, *DEPRESSION)}
    for effect, (width, power) in WIDTH.items():
        group = GROUPS[effect]
        names = posterior.names[group] if group == "timing" else getattr(design.names, group)
        own = [posterior.names[group].index(name) for name in names]
        scale = np.maximum(draws[width], 1e-12)[:, None] ** power
        found[f"{effect}_raw"] = draws[effect][:, own] / scale
    # depression arms alone have it, and none of them is here
    found["depression_bias_raw"] = np.zeros((posterior.size, len(design.names.masking)))
    return found


def owners_of(selection: Selection, design: Design) -> dict[str, NDArray[np.int64]]:
    """Sites that hold effects of single studies: the study of the design each entry belongs to, or NONE.

    A scale or a diagnosis that no other study of the calibration has belongs to its study; one that several have is
    taken as drawn.
    """
    trials = load_trials()
    having: dict[tuple[str, str], set[str]] = {}
    for study, rows in selection.used.items():
        for row in rows:
            having.setdefault(("scale", row.scale), set()).add(study)
            diagnosis = DIAGNOSES.get(row.population, Diagnosis.MIXED_ANXIETY.value)
            having.setdefault(("diagnosis", diagnosis), set()).add(study)
            having.setdefault(("treatment", trials[study].arm(row.arm_id).treatment), set()).add(study)
    names = design.names

    def owner(group: str, members: tuple[str, ...]) -> NDArray[np.int64]:
        found = [having.get((group, member), set()) for member in members]
        alone = [next(iter(each)) if len(each) == 1 else "" for each in found]
        return np.array([names.study.index(each) if each in names.study else NONE for each in alone], dtype=np.int64)

    each = np.arange(len(names.study))
    scale, diagnosis = owner("scale", names.scale), owner("diagnosis", names.diagnosis)
    treatment = owner("treatment", names.treatment)
    return {
        "study_control_raw": each, "study_drug_raw": each, "scale_raw": scale, "diagnosis_control_raw": diagnosis,
        "diagnosis_drug_raw": diagnosis, "treatment_raw": treatment, "onset_raw": treatment,
    }  # fmt: skip


def even_normals(owners: Mapping[str, NDArray[np.int64]]) -> dict[str, Floats]:
    """Standard normal numbers for the entries of each site, spread evenly over all that one study has.

    The studies share them, which makes no difference because each study's integral is its own. An even spread (a
    scrambled Sobol sequence) that is the same for every draw leaves far less noise in the weights than chance does.

    Args:
        owners: the study of each entry, by site.

    Returns:
        By site, shape (`POINTS`, entries).
    """
    counts: dict[int, int] = {}
    axis: dict[str, list[int]] = {name: [] for name in owners}
    for name, owner in owners.items():
        for study in owner.tolist():
            axis[name].append(counts.get(study, 0))
            counts[study] = counts.get(study, 0) + 1
    dimensions = max(counts.values(), default=1)
    even = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(SEED)).random(POINTS)
    normal = ndtri(np.clip(even, 1e-12, 1 - 1e-12))
    return {name: normal[:, places] for name, places in axis.items()}


def with_own_effects(posterior: Posterior, design: Design, sites: dict[str, Floats]) -> dict[str, Floats]:
    """The sites with rough draws of the studies' own effects, which say only where these lie and how widely.

    At some draws of the posterior each study's control course and drug effect are looked for on a grid.
    """
    studies = len(design.names.study)
    grid = _square(FAR, FIRST, studies)
    power = {name: CENTRED[name] for name in OWN}

    def density(values: Mapping[str, Array], own: Array) -> Array:
        scaled = {name: own[row] * values[power[name][0]] ** power[name][1] for row, name in enumerate(OWN)}
        with numpyro.handlers.seed(rng_seed=0), numpyro.handlers.substitute(data={**values, **scaled}):
            effects, p = sample_effects(design)
        return study_log_densities(design, effects, p) - 0.5 * (own**2).sum(axis=0)

    @jax.jit
    def on_grid(values: Mapping[str, Array]) -> Array:
        return jax.lax.map(lambda own: density(values, own), jnp.asarray(grid), batch_size=AT_ONCE)

    looks = np.linspace(0, posterior.size - 1, min(LOOKS, posterior.size)).astype(int)
    seen = np.stack([np.asarray(on_grid({n: jnp.asarray(v[look]) for n, v in sites.items()})) for look in looks])
    share = np.exp(seen - seen.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    middle = np.einsum("lps,pds->lds", share, grid)
    inner = np.einsum("lps,lpds->lds", share, (grid[None] - middle[:, None]) ** 2).mean(axis=0)
    # a study may be known more sharply than the grid can tell
    spread = np.sqrt(np.maximum(inner, (FAR / (FIRST - 1)) ** 2) + middle.var(axis=0))
    # two values a standard deviation to either side of the middle have that mean and that SD
    side = np.where(np.arange(posterior.size) % 2 == 0, 1.0, -1.0)[:, None]
    found = dict(sites)
    for row, name in enumerate(OWN):
        width = np.median(posterior.draws[power[name][0]] ** power[name][1])
        found[name] = width * (middle.mean(axis=0)[row] + side * spread[row])
    return found


def _square(far: float, points: int, studies: int) -> Floats:
    """Points of a square grid, the same for each study, shape (points squared, 2, studies)."""
    along = np.linspace(-far, far, points)
    pairs = np.stack([each.ravel() for each in np.meshgrid(along, along, indexing="ij")], axis=1)
    return np.repeat(pairs[:, :, None], studies, axis=2)
