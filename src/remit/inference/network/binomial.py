"""The exact binomial likelihood of counts, without giving up what is known in closed form.

Counts replaced by normal log odds (a half added to either side) would leave a network whose coefficients can be drawn
exactly: a map from standard normal numbers z to every log odds eta. The same map carries the exact model. With prior p
of the sampled numbers theta, n(y | theta) the integrated likelihood of those log odds y with errors v,

    p(theta) n(y | theta) N(z; 0, I) prod_i Binomial(events_i | eta_i(theta, z)) / N(y_i; eta_i, v_i)

is the posterior of the binomial model in (theta, z), exactly: the normal factors cancel, whatever y and v are. They
only steer; no count is corrected. Where rows may scatter about their curve, a row's own departure is part of eta.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp

from remit.inference.network.coefficient import draw_coefficients, noise_sizes
from remit.inference.network.marginal import Design, Model, Parts, integrate, log_prior, rows_of


def steering(model: Model) -> Model:
    """The model of normal log odds that steers an exact one; a model without counts is its own."""
    return model if model.likelihood == "normal" else replace(model, likelihood="normal", noise=0)


def noise_count(model: Model, design: Design) -> int:
    """How many standard normal numbers one state of an exact model needs."""
    rows = design.y.size if model.misfit else 0
    return sum(noise_sizes(model, design)) + rows


def draw_log_odds(
    model: Model, position: Any, design: Design, noise: Any, parts: Parts | None = None
) -> dict[str, Any]:
    """Coefficients as `draw_coefficients` has them, and ``log_odds`` (S, A, T) of every row.

    Args:
        model, design: the fit; ``y`` and ``se`` of the design steer.
        position: the sampled numbers.
        noise: as many standard normal numbers as `noise_count` says.
        parts: of `integrate` at this position, where it is known already.
    """
    named = model.split(position)
    first = sum(noise_sizes(model, design))
    drawn = draw_coefficients(model, position, design, noise[:first], parts)
    own, shared = rows_of(model, named, design)
    line = (
        drawn["level"][:, None, None]
        + jnp.einsum("satj,sj->sat", shared, drawn["course"])
        + jnp.einsum("satj,saj->sat", own, drawn["arms"])
    )
    if model.misfit:
        # a row's departure given its steering value: a product of two normal densities
        apart, error = jnp.exp(2.0 * named["log_misfit"][0]), jnp.square(design.se)
        share = apart / (apart + error)
        line += share * (design.y - line) + jnp.sqrt(share * error) * noise[first:].reshape(line.shape)
    return {**drawn, "log_odds": line}


def log_chance(events: Any, people: Any, log_odds: Any) -> Any:
    """Log probability of counts, without the binomial coefficient."""
    return events * jax.nn.log_sigmoid(log_odds) + (people - events) * jax.nn.log_sigmoid(-log_odds)


def put_right(design: Design, log_odds: Any) -> Any:
    """Log of exact over steering likelihood, all rows together (...,), for log odds (..., S, A, T)."""
    exact = log_chance(design.events, design.people, log_odds)
    steered = -0.5 * jnp.square((design.y - log_odds) / design.se) - jnp.log(design.se)
    return jnp.sum(jnp.where(design.mask > 0, exact - steered, 0.0), axis=(-3, -2, -1))


def log_density(model: Model, position: Any, design: Design) -> Any:
    """Log posterior density of the exact model, up to a constant; the noise stands last in the position."""
    named = model.split(position)
    value, parts = integrate(model, named, design)
    noise = named["noise"]
    log_odds = draw_log_odds(model, position, design, noise, parts)["log_odds"]
    steered = log_prior(model, named, design) + value
    return steered - 0.5 * jnp.sum(jnp.square(noise)) + put_right(design, log_odds)
