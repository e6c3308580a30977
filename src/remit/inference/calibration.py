"""The hierarchical model of all usable anxiety arms.

Typical values are learned by pooling; each study, diagnosis, scale and kind of control may depart from them by an
amount that is itself learned. Arms whose people could tell that they had the drug carry a bias that is estimated and
reported, and that the answers leave out: what an open study reports is not taken at face value. Depression arms lend
their timing: their sizes are numbers of their own, and their rates and times differ from those of anxiety by a domain
effect whose spread is learned.
`docs/decisions/0010-calibration.md` gives the reasons.
"""

from __future__ import annotations

import jax
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
    chance_of_loss,
    count_log_mass,
    expected_means,
    mean_deviation,
    mean_log_density,
    median_log_mass,
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


OTHERS = ("misfit_sd", "overdispersion", "bias_scale", "row_correlation", "daily_spread", "therapy_spread")
DEPRESSION = (
    "domain_sd", "depression_sustained_mean", "depression_sustained_sd", "depression_acute_mean",
    "depression_gradual_mean", "depression_session_mean", "depression_tau_mean",
)  # fmt: skip
TIMING = ("k_in_mean", "half_life_mean", "tau_session_mean")
"""Parameters of timing that depression lends, in the order of the domain effects. The gradual part of the control
course is not among them: depression trials have sessions as controls, anxiety trials mostly weeks of tablets."""


CENTRED = {"study_control_raw": ("study_control_sd", 0.5), "study_drug_raw": ("study_drug_sd", 0.25)}
"""Sites of group effects that are sampled part of the way to where they lie: the SD of the group, and how far. The data
halve the variance of a typical study's control course, and take a quarter off its drug effect."""


def _sampled(name: str, distribution: dist.Distribution) -> Array:
    """A sampled site as an array, whatever the library's annotation allows besides."""
    return jnp.asarray(numpyro.sample(name, distribution))


def _exchangeable(name: str, size: int, scale: Float[Array, ""]) -> Float[Array, " group"]:
    """Group effects around zero, normal with SD ``scale``.

    How far a group is centred stands in `CENTRED`: 0 samples standard normals that are then scaled, which suits members
    with little data; 1 samples the effects where they lie, which suits members with much; between the two a power of
    the scale is left to the scaling (Papaspiliopoulos et al. 2007). The model is the same, only the sampler's path
    differs.

    Args:
        name: of the group of effects.
        size: number of members.
        scale: SD between members.
    """
    centred = CENTRED.get(f"{name}_raw", ("", 0.0))[1]
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
    p = {name: _sampled(name, prior(name)) for name in (*TYPICAL, *SPREADS, *OTHERS, *DEPRESSION)}
    diagnosis_control = _exchangeable("diagnosis_control", len(names.diagnosis), p["diagnosis_control_sd"])
    diagnosis_drug = _exchangeable("diagnosis_drug", len(names.diagnosis), p["diagnosis_drug_sd"])
    study_control = _exchangeable("study_control", len(names.study), p["study_control_sd"])
    study_drug = _exchangeable("study_drug", len(names.study), p["study_drug_sd"])
    scale = _exchangeable("scale", len(names.scale), p["scale_sd"])
    control = _exchangeable("control", len(names.control), p["control_kind_sd"])
    control = control * np.array([name != REFERENCE_CONTROL for name in names.control])
    treatment = _exchangeable("treatment", len(names.treatment), p["daily_treatment_sd"])
    onset = _exchangeable("onset", len(names.treatment), p["onset_sd"])
    biased = np.array([name != REFERENCE_MASKING for name in names.masking], dtype=np.float64)
    bias_raw = _sampled("bias_raw", dist.HalfNormal(1.0).expand((len(names.masking),)).to_event(1))
    bias = jnp.asarray(numpyro.deterministic("bias", bias_raw * p["bias_scale"] * biased))
    depression_bias_raw = _sampled(
        "depression_bias_raw", dist.HalfNormal(1.0).expand((len(names.masking),)).to_event(1)
    )
    domain = _exchangeable("domain", len(TIMING), p["domain_sd"])
    depressed = jnp.asarray(arms.depressed)

    def timing(name: str) -> Float[Array, " arms"]:
        return p[name] + domain[TIMING.index(name)] * depressed

    def size(name: str) -> Float[Array, " arms"]:
        return jnp.where(depressed > 0, p[f"depression_{name}"], p[name])

    # trials of sessions are the reference, because answers are about a new place that gives sessions
    apart = jnp.exp(jnp.stack([jnp.zeros(()), p["daily_spread"], p["therapy_spread"]]))[arms.setting]
    own_control, own_drug = _at(study_control, arms.study) * apart, _at(study_drug, arms.study) * apart
    kind_of_control = jnp.where(depressed > 0, 0.0, _at(control, arms.control))
    control_course = _at(diagnosis_control, arms.diagnosis) + own_control + kind_of_control
    own_bias = depression_bias_raw * p["bias_scale"] * biased
    arm_bias = jnp.where(depressed > 0, _at(own_bias, arms.masking), _at(bias, arms.masking))
    session_size = size("session_mean") * jnp.exp(own_control)
    drug_size = _at(diagnosis_drug, arms.diagnosis) + own_drug
    daily = arms.treatment != NONE
    fixed = load_assumptions()
    given, in_session = jnp.asarray(arms.has_drug), jnp.asarray(arms.has_session)
    # an arm that got nothing has no sustained effect at all: a logit of -30 is zero to rounding
    nothing = -30.0
    sustained = jnp.where(
        daily,
        p["daily_mean"] + _at(treatment, arms.treatment) + own_drug,
        jnp.where(given > 0, size("sustained_mean") + drug_size, nothing),
    )
    every = jnp.ones(len(arms.study))
    population = Population(
        sustained_mean=sustained,
        sustained_sd=jnp.where(daily, p["daily_sd"], jnp.where(given > 0, size("sustained_sd"), 0.0)),
        k_in_mean=timing("k_in_mean"),
        k_in_sd=p["k_in_sd"] * every,
        k_out_mean=np.log(np.log(2.0)) - timing("half_life_mean"),
        k_out_sd=p["half_life_sd"] * every,
        acute_mean=size("acute_mean") * given,
        acute_sd=p["acute_sd"] * given,
        # a bias adds to both parts of the control course: it comes within hours and stays
        gradual_mean=jnp.exp(size("gradual_mean") + control_course) + arm_bias,
        gradual_sd=p["gradual_sd"] * every,
        session_mean=session_size * in_session + arm_bias,
        session_sd=p["session_sd"] * in_session,
        tau_h=jnp.exp(size("tau_mean")),
        tau_session_h=jnp.exp(timing("tau_session_mean")),
        drive_c50=fixed["drive_c50"].value * every,
        acute_c50=fixed["acute_c50"].value * every,
    )
    effects = Effects(
        population,
        onset_h=jnp.exp(p["onset_mean"] + _at(onset, arms.treatment)),
        responsiveness=jnp.exp(_at(scale, arms.scale)),
    )
    return effects, p


def study_log_densities(design: Design, effects: Effects, p: dict[str, Float[Array, ""]]) -> Float[Array, " studies"]:
    """Log density of all rows of each study."""
    names, points = design.names, design.points
    predicted = predict(design, effects)
    expected, model_se = expected_means(design, predicted)
    misfit = p["misfit_sd"] * unit_of_baseline(design, predicted)
    deviation, sd = mean_deviation(design.means, expected, model_se, misfit)
    people = design.arms.people
    groups = int(people.max(initial=-1)) + 1
    study_of_group = np.zeros(groups, dtype=np.int64)
    study_of_group[people] = design.arms.study
    first = design.means.points[:, 0]
    means = mean_log_density(deviation, sd, jax.nn.sigmoid(p["row_correlation"]), people[points.arm[first]], groups)
    counts = count_log_mass(design.counts, chance_of_event(design, predicted), jnp.exp(p["overdispersion"]))
    medians = median_log_mass(design.medians, *chance_of_loss(design, predicted))
    spreads = spread_log_density(design.spreads, predicted.sd)
    parts = (
        (means, study_of_group),
        (counts, design.study_of(design.counts.points[:, 0])),
        (medians, design.study_of(design.medians.from_point)),
        (spreads, design.study_of(design.spreads.point)),
    )
    return sum(
        (jax.ops.segment_sum(density, study, len(names.study)) for density, study in parts),
        start=jnp.zeros(len(names.study)),
    )


def model(design: Design, weight: Float[Array, " studies"] | None = None) -> None:
    """The NumPyro model: priors, forward model, likelihood of every row.

    Args:
        design: the arms and rows.
        weight: power of each study's likelihood; zero holds a study out without changing the program, so that its own
            effects are drawn from what the other studies say about a new one. None is one for all.
    """
    effects, p = sample_effects(design)
    density = study_log_densities(design, effects, p)
    numpyro.factor("rows", density.sum() if weight is None else (weight * density).sum())


def expected_rows(design: Design) -> dict[str, Array]:
    """What each row should show, under the parameters that a handler puts in.

    Returns:
        ``means`` and ``sd_means`` [unit of the row], ``counts`` [fraction] and ``people`` (what a share is worth),
        ``before`` and ``after`` of medians [fraction], ``spreads`` [points].
    """
    effects, p = sample_effects(design)
    predicted = predict(design, effects)
    expected, model_se = expected_means(design, predicted)
    misfit = p["misfit_sd"] * unit_of_baseline(design, predicted)
    before, after = chance_of_loss(design, predicted)
    return {
        "means": expected,
        "sd_means": mean_deviation(design.means, expected, model_se, misfit)[1],
        "counts": chance_of_event(design, predicted),
        "people": jnp.exp(p["overdispersion"]),
        "before": before,
        "after": after,
        "spreads": predicted.sd[design.spreads.point],
    }
