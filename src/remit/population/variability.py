"""Between-person variability of the response: one object, drawn from by a cohort and conditioned on by a fit.

Every trait is a monotone function of one standard normal number, so a person is a short vector of normal numbers, and
the same person under other population parameters is the same vector. Correlations between traits are not known from
published arms and are taken as zero; `docs/decisions` says what that costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from remit.response.relief import Traits

TRAITS = ("sustained", "k_in", "k_out", "acute", "gradual", "session")
"""What differs between people, in the order of the numbers that make a person; the baseline score comes after them."""

SHARED = ("tau_h", "tau_session_h", "drive_c50", "acute_c50")
"""What is the same for all people of a population."""


class Population(NamedTuple):
    """Typical values and spread of the traits; each a scalar or an array of one batch shape (for example posterior
    draws).

    Attributes:
        sustained_mean, sustained_sd: of logit S.
        k_in_mean, k_in_sd: of log k_in [log 1/h].
        k_out_mean, k_out_sd: of log k_out [log 1/h].
        acute_mean, acute_sd: of -log(1 - largest acute fall).
        gradual_mean, gradual_sd: of the gradual part of the control course [log scale].
        session_mean, session_sd: of its session part [log scale].
        tau_h, tau_session_h: time constants of the control course [h], the same for all.
        drive_c50, acute_c50: half-effect concentrations [ng/mL of esketamine], the same for all.
    """

    sustained_mean: Float[Array, "..."]
    sustained_sd: Float[Array, "..."]
    k_in_mean: Float[Array, "..."]
    k_in_sd: Float[Array, "..."]
    k_out_mean: Float[Array, "..."]
    k_out_sd: Float[Array, "..."]
    acute_mean: Float[Array, "..."]
    acute_sd: Float[Array, "..."]
    gradual_mean: Float[Array, "..."]
    gradual_sd: Float[Array, "..."]
    session_mean: Float[Array, "..."]
    session_sd: Float[Array, "..."]
    tau_h: Float[Array, "..."]
    tau_session_h: Float[Array, "..."]
    drive_c50: Float[Array, "..."]
    acute_c50: Float[Array, "..."]


def traits(population: Population, normals: Float[Array, "... people traits"]) -> Traits:
    """The people a vector of normal numbers makes in a population.

    Args:
        population: typical values and spread; a batch shape is broadcast against that of ``normals``.
        normals: standard normal numbers, last axis in the order of ``TRAITS``.
    """
    deviation: dict[str, Array] = dict(zip(TRAITS, jnp.moveaxis(normals[..., : len(TRAITS)], -1, 0), strict=True))

    def value(name: str) -> Float[Array, "... people"]:
        mean, sd = getattr(population, f"{name}_mean"), getattr(population, f"{name}_sd")
        return jnp.asarray(mean)[..., None] + jnp.asarray(sd)[..., None] * deviation[name]

    values = {name: value(name) for name in TRAITS}

    def shared(name: str) -> Float[Array, "... 1"]:
        # one for all people: what depends on it alone is then computed once and not once a person
        return jnp.asarray(getattr(population, name))[..., None]

    return person_of(values, {name: shared(name) for name in SHARED})


def person_of(values: Mapping[str, Float[Array, "..."]], shared: Mapping[str, Float[Array, "..."]]) -> Traits:
    """The traits of people from their places on the scales on which people are normally distributed.

    Args:
        values: for each of ``TRAITS``: logit S, log k_in, log k_out, -log(1 - largest acute fall), and the two parts of
            the control course.
        shared: for each of ``SHARED``: what is the same for all.
    """
    return Traits(
        sustained=jax.nn.sigmoid(values["sustained"]),
        k_in=jnp.exp(values["k_in"]),
        k_out=jnp.exp(values["k_out"]),
        drive_c50=shared["drive_c50"],
        acute=-jnp.expm1(-values["acute"]),
        acute_c50=shared["acute_c50"],
        gradual=values["gradual"],
        session=values["session"],
        tau_h=shared["tau_h"],
        tau_session_h=shared["tau_session_h"],
    )
