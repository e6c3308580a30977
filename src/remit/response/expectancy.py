"""What happens without the drug: expectation, care, regression to the mean and time.

    -log(1 - X(t)) = gradual (1 - exp(-t / tau)) + session (1 - exp(-t / tau_session)) exp(-t / tau)

The first part is what placebo arms of daily treatment show: it rises over days and is flat after a few weeks. The
second is what a single masked session does (saline, midazolam and anaesthesia arms improve within a day); it passes
into the first. On this scale the parts add, a person may get worse (negative parts), and a score never falls below
zero.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def rise(times_h: Float[Array, " times"], tau_h: Float[Array, "..."]) -> Float[Array, "... times"]:
    """Share reached of an exponential approach, 1 - exp(-t / tau) [fraction]; zero before the start.

    Args:
        times_h: hours since the start [h].
        tau_h: time constant [h], one value a person.
    """
    # not expm1: its exactness near zero is lost in the sum it enters, and it takes five times as long
    return 1.0 - jnp.exp(-jnp.maximum(times_h, 0.0) / tau_h[..., None])


def session_share(
    times_h: Float[Array, " times"], tau_session_h: Float[Array, "..."], tau_h: Float[Array, "..."]
) -> Float[Array, "... times"]:
    """Share of the session part present at a time [fraction]: rises within hours, passes over days."""
    return rise(times_h, tau_session_h) * (1.0 - rise(times_h, tau_h))


def log_gradual(
    times_h: Float[Array, " times"], gradual: Float[Array, "..."], tau_h: Float[Array, "..."]
) -> Float[Array, "... times"]:
    """The gradual part of log(1 - X(t)): what a placebo tablet taken daily shows.

    Args:
        times_h: hours since the start [h].
        gradual: its size on the log scale, one value a person.
        tau_h: its time constant [h].
    """
    return -gradual[..., None] * rise(times_h, tau_h)


def log_control(
    times_h: Float[Array, " times"],
    gradual: Float[Array, "..."],
    session: Float[Array, "..."],
    tau_h: Float[Array, "..."],
    tau_session_h: Float[Array, "..."],
) -> Float[Array, "... times"]:
    """log(1 - X(t)): the log of the share of anxiety left without the drug.

    Args:
        times_h: hours since the first session [h].
        gradual, session: sizes of the two parts on the log scale, one value a person.
        tau_h, tau_session_h: time constants [h], one value a person.
    """
    passing = session[..., None] * session_share(times_h, tau_session_h, tau_h)
    return log_gradual(times_h, gradual, tau_h) - passing
