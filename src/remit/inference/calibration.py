"""The hierarchical model of all usable anxiety arms.

Typical values are learned by pooling; each study, diagnosis, scale and kind of control may depart from them by an
amount that is itself learned. Arms whose people could tell that they had the drug carry a bias that is estimated and
reported, and that the answers leave out: what an open study reports is not taken at face value.
`docs/decisions/0010-calibration.md` gives the reasons.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from jaxtyping import Array, Float

from remit.evidence.assumptions import load_assumptions
from remit.inference.design import NONE, Design
from remit.inference.likelihood import (
    Effects,
    chance_of_event,
    count_log_mass,
    expected_means,
    mean_log_density,
    predict,
    spread_log_density,
    unit_of_baseline,
)
from remit.inference.priors import prior
from remit.population.variability import Population

REFERENCE_CONTROL = "pill"
"""The kind of control that the control course is stated for; the others are relative to it."""
REFERENCE_MASKING = "anaesthesia"
"""The masking that leaves no bias by definition."""

TYPICAL = (
    "sustained_mean", "sustained_sd", "k_in_mean", "k_in_sd", "half_life_mean", "half_life_sd", "acute_mean",
    "acute_sd", "gradual_mean", "gradual_sd", "session_mean", "session_sd", "tau_mean", "tau_session_mean",
    "daily_mean", "daily_sd", "onset_mean",
)  # fmt: skip
SPREADS = (
    "diagnosis_control_sd", "diagnosis_drug_sd", "study_drug_sd", "study_control_sd", "scale_sd", "control_kind_sd",
    "daily_treatment_sd", "onset_sd",
)  # fmt: skip


OTHERS = ("misfit_sd", "overdispersion", "bias_scale")


def _sampled(name: str, distribution: dist.Distribution) -> Array:
    """A sampled site as an array, whatever the library's annotation allows besides."""
    return jnp.asarray(numpyro.sample(name, distribution))


def _exchangeable(name: str, size: int, scale: Float[Array, ""], centred: float = 0.0) -> Float[Array, " group"]:
    """Group effects around zero, normal with SD ``scale``.

    Args:
        name: of the group of effects.
        size: number of members.
        scale: SD between members.
        centred: 0 samples standard normals that are then scaled, which suits members with little data; 1 samples the
            effects where they lie, which suits members with much; between the two a power of the scale is left to the
            scaling (Papaspiliopoulos et al. 2007). The model is the same, only the sampler's path differs.
    """
    width = dist.Normal(0.0, scale**centred).expand((size,)).to_event(1)
    raw = _sampled(f"{name}_raw", width)
    return jnp.asarray(numpyro.deterministic(name, raw * scale ** (1.0 - centred)))


def _at(effect: Float[Array, " group"], index: np.ndarray) -> Float[Array, " arms"]:
    """The group effect of each arm, zero where it has none."""
    if effect.shape[0] == 0:  # for example no daily treatment among the studies
        return jnp.zeros(index.shape)
    return jnp.where(index == NONE, 0.0, effect[np.where(index == NONE, 0, index)])


def sample_effects(design: Design) -> tuple[Effects, dict[str, Float[Array, ""]]]:
    """Draw every parameter from its prior and lay it out by arm. The one place where arms get their parameters."""
    names, arms = design.names, design.arms
    p = {name: _sampled(name, prior(name)) for name in (*TYPICAL, *SPREADS, *OTHERS)}
    diagnosis_control = _exchangeable("diagnosis_control", len(names.diagnosis), p["diagnosis_control_sd"])
    diagnosis_drug = _exchangeable("diagnosis_drug", len(names.diagnosis), p["diagnosis_drug_sd"])
    # choice: the data halve the variance of a typical study's control course, and take a quarter off its drug effect
    study_control = _exchangeable("study_control", len(names.study), p["study_control_sd"], centred=0.5)
    study_drug = _exchangeable("study_drug", len(names.study), p["study_drug_sd"], centred=0.25)
    scale = _exchangeable("scale", len(names.scale), p["scale_sd"])
    control = _exchangeable("control", len(names.control), p["control_kind_sd"])
    control = control * np.array([name != REFERENCE_CONTROL for name in names.control])
    treatment = _exchangeable("treatment", len(names.treatment), p["daily_treatment_sd"])
    onset = _exchangeable("onset", len(names.treatment), p["onset_sd"])
    biased = np.array([name != REFERENCE_MASKING for name in names.masking], dtype=np.float64)
    bias_raw = _sampled("bias_raw", dist.HalfNormal(1.0).expand((len(names.masking),)).to_event(1))
    bias = jnp.asarray(numpyro.deterministic("bias", bias_raw * p["bias_scale"] * biased))

    control_course = (
        _at(diagnosis_control, arms.diagnosis) + _at(study_control, arms.study) + _at(control, arms.control)
    )
    arm_bias = _at(bias, arms.masking)
    session_size = p["session_mean"] * jnp.exp(_at(study_control, arms.study))
    drug_size = _at(diagnosis_drug, arms.diagnosis) + _at(study_drug, arms.study)
    daily = arms.treatment != NONE
    fixed = load_assumptions()
    given, in_session = jnp.asarray(arms.has_drug), jnp.asarray(arms.has_session)
    # an arm that got nothing has no sustained effect at all: a logit of -30 is zero to rounding
    nothing = -30.0
    sustained = jnp.where(
        daily,
        p["daily_mean"] + _at(treatment, arms.treatment) + _at(study_drug, arms.study),
        jnp.where(given > 0, p["sustained_mean"] + drug_size, nothing),
    )
    every = jnp.ones(len(arms.study))
    population = Population(
        sustained_mean=sustained,
        sustained_sd=jnp.where(daily, p["daily_sd"], jnp.where(given > 0, p["sustained_sd"], 0.0)),
        k_in_mean=p["k_in_mean"] * every,
        k_in_sd=p["k_in_sd"] * every,
        k_out_mean=(np.log(np.log(2.0)) - p["half_life_mean"]) * every,
        k_out_sd=p["half_life_sd"] * every,
        acute_mean=p["acute_mean"] * given,
        acute_sd=p["acute_sd"] * given,
        # a bias adds to both parts of the control course: it comes within hours and stays
        gradual_mean=jnp.exp(p["gradual_mean"] + control_course) + arm_bias,
        gradual_sd=p["gradual_sd"] * every,
        session_mean=session_size * in_session + arm_bias,
        session_sd=p["session_sd"] * in_session,
        tau_h=jnp.exp(p["tau_mean"]) * every,
        tau_session_h=jnp.exp(p["tau_session_mean"]) * every,
        drive_c50=fixed["drive_c50"].value * every,
        acute_c50=fixed["acute_c50"].value * every,
    )
    effects = Effects(
        population,
        onset_h=jnp.exp(p["onset_mean"] + _at(onset, arms.treatment)),
        responsiveness=jnp.exp(_at(scale, arms.scale)),
    )
    return effects, p


def model(design: Design, parts: bool = False) -> None:
    """The NumPyro model: priors, forward model, likelihood of every row.

    Args:
        design: the arms and rows.
        parts: also record what each row should show and its log density (for checks; not while sampling).
    """
    effects, p = sample_effects(design)
    predicted = predict(design, effects)
    expected, model_se = expected_means(design, predicted)
    misfit = p["misfit_sd"] * unit_of_baseline(design, predicted)
    chance = chance_of_event(design, predicted)
    people = jnp.exp(p["overdispersion"])
    densities = {
        "means": mean_log_density(design.means, expected, model_se, misfit),
        "counts": count_log_mass(design.counts, chance, people),
        "spreads": spread_log_density(design.spreads, predicted.sd),
    }
    for name, density in densities.items():
        numpyro.factor(name, density.sum())
        if parts:
            numpyro.deterministic(f"log_{name}", density)
    if parts:
        se = jnp.where(np.isnan(design.means.se), model_se, np.nan_to_num(design.means.se, nan=1.0))
        numpyro.deterministic("expected_means", expected)
        numpyro.deterministic("sd_means", jnp.sqrt(se**2 + misfit**2))
        numpyro.deterministic("expected_counts", chance)
        numpyro.deterministic("expected_spreads", predicted.sd[design.spreads.point])
