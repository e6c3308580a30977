"""THE forward function: the share of anxiety left at each time, for a regimen and a person.

    Score(t) / baseline = (1 - A(t)) (1 - S P(t)) (1 - X(t))

A is the acute change during a session (`acute`), P the plasticity that outlasts it (`plasticity`), S the largest fall
it can sustain, X the control course (`expectancy`). A treatment taken daily has the same form with its onset curve in
place of P and no A (`daily`). Simulation, inference and every answer call this module; there is no second copy.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from remit.response.acute import acute_relief
from remit.response.drive import receptor_drive
from remit.response.expectancy import log_control, log_gradual, rise
from remit.response.plasticity import plasticity
from remit.response.plasticity_sum import plasticity_sum


class Traits(NamedTuple):
    """What makes one person's course, each of shape (people,) or any batch shape.

    Attributes:
        sustained: S, largest fall that plasticity can sustain [fraction of baseline], in (0, 1).
        k_in: gain of plasticity per unit of drive [1/h].
        k_out: loss of plasticity [1/h].
        drive_c50: effect-site concentration of half the largest drive [ng/mL of esketamine].
        acute: largest acute fall [fraction], below 1; negative in people whom the session makes anxious.
        acute_c50: effect-site concentration of half the acute fall [ng/mL of esketamine].
        gradual, session: the two parts of the control course [log scale].
        tau_h, tau_session_h: their time constants [h].
    """

    sustained: Float[Array, "..."]
    k_in: Float[Array, "..."]
    k_out: Float[Array, "..."]
    drive_c50: Float[Array, "..."]
    acute: Float[Array, "..."]
    acute_c50: Float[Array, "..."]
    gradual: Float[Array, "..."]
    session: Float[Array, "..."]
    tau_h: Float[Array, "..."]
    tau_session_h: Float[Array, "..."]


class Course(NamedTuple):
    """A course and its parts at the grid times, each of shape (..., times).

    Attributes:
        left: share of the baseline score that is left [fraction].
        without_drug: the same had no drug been given: 1 - X [fraction].
        drug: factor of the drug, (1 - A)(1 - S P) [fraction].
        acute: A [fraction].
        plasticity: P [fraction].
        log_without_drug, log_left: logarithms of two of them, which scales are read off. What nobody asks for is not
            computed.
    """

    left: Float[Array, "... times"]
    without_drug: Float[Array, "... times"]
    drug: Float[Array, "... times"]
    acute: Float[Array, "... times"]
    plasticity: Float[Array, "... times"]
    log_without_drug: Float[Array, "... times"]
    log_left: Float[Array, "... times"]


def session_course(
    traits: Traits,
    esketamine_equivalent: Float[Array, "... fine"],
    times_h: Float[Array, " times"],
    at: Int[Array, " wanted"] | None = None,
    *,
    summed: bool = False,
) -> Course:
    """The course under sessions of ketamine or esketamine.

    Args:
        traits: the people.
        esketamine_equivalent: effect-site concentration [ng/mL of esketamine] of each person at the grid times and the
            middle of each step (`remit.response.grid.with_midpoints`).
        times_h: a grid of `remit.response.grid.course_grid`, starting at the first dose [h].
        at: positions on the grid at which the course is wanted, every one when None. Plasticity needs the whole grid;
            the rest costs nothing where nobody asks.
        summed: whether plasticity is taken as a sum over steps, which is quicker where derivatives by the numbers of
            a few people are wanted at a few times (`remit.response.plasticity_sum`).
    """
    drive = receptor_drive(esketamine_equivalent, traits.drive_c50)
    if summed and at is not None:
        grown = plasticity_sum(drive, times_h, traits.k_in, traits.k_out, at)
    else:
        grown = plasticity(drive, times_h, traits.k_in, traits.k_out, at)
    site = esketamine_equivalent[..., 0::2]
    if at is not None:
        site, times_h = site[..., at], times_h[at]
    acute = acute_relief(site, traits.acute, traits.acute_c50)
    drug = (1.0 - acute) * (1.0 - traits.sustained[..., None] * grown)
    log_without = log_control(times_h, traits.gradual, traits.session, traits.tau_h, traits.tau_session_h)
    without_drug = jnp.exp(log_without)
    log_left = jnp.log(drug) + log_without
    return Course(drug * without_drug, without_drug, drug, acute, grown, log_without, log_left)


def daily_course(traits: Traits, onset_h: Float[Array, "..."], times_h: Float[Array, " times"]) -> Course:
    """The course under a treatment taken or practised daily: the same form with an onset curve in place of plasticity.

    Args:
        traits: the people; ``sustained`` is the largest fall of that treatment, and the parts of a session are not
            used.
        onset_h: time constant of the onset [h]; half of the effect is there at log(2) of it.
        times_h: times since the start, rising [h].
    """
    grown = rise(times_h, onset_h)
    drug = 1.0 - traits.sustained[..., None] * grown
    log_without = log_gradual(times_h, traits.gradual, traits.tau_h)
    without_drug = jnp.exp(log_without)
    nothing, reached = jnp.zeros_like(drug), jnp.broadcast_to(grown, drug.shape)
    log_left = jnp.log(drug) + log_without
    return Course(drug * without_drug, without_drug, drug, nothing, reached, log_without, log_left)


def on_scale(left: Float[Array, "..."], responsiveness: Float[Array, "..."]) -> Float[Array, "..."]:
    """Share of a scale's total left when this share of anxiety is left: left to the power of the scale's
    responsiveness.

    Args:
        left: share of anxiety left [fraction].
        responsiveness: 1 for the reference scale; larger where a scale falls further for the same relief.
    """
    # a power of a number above zero, written out: the library's takes five times as long
    return on_scale_of_log(jnp.log(left), responsiveness)


def on_scale_of_log(log_left: Float[Array, "..."], responsiveness: Float[Array, "..."]) -> Float[Array, "..."]:
    """The same where the logarithm is there already, as it is in a `Course`: a third of the time.

    Args:
        log_left: logarithm of the share of anxiety left.
        responsiveness: of the scale.
    """
    return jnp.exp(responsiveness * log_left)
