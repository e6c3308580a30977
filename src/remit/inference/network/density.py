"""The density that is sampled, and draws of what was integrated out of it: of normal rows, or of exact counts."""

from __future__ import annotations

from typing import Any

from remit.inference.network import binomial, marginal
from remit.inference.network.coefficient import draw_coefficients, noise_sizes
from remit.inference.network.marginal import Design, Model


def log_density(model: Model, position: Any, design: Design) -> Any:
    """Log posterior density of the sampled numbers, up to a constant."""
    which = marginal if model.likelihood == "normal" else binomial
    return which.log_density(model, position, design)


def fresh_noise(model: Model, design: Design) -> int:
    """How many standard normal numbers a draw of the coefficients needs besides the position."""
    return sum(noise_sizes(model, design)) if model.likelihood == "normal" else 0


def coefficients(model: Model, position: Any, design: Design, noise: Any) -> dict[str, Any]:
    """Coefficients at a position; of exact counts its own noise fixes them, and ``log_odds`` of the rows with them."""
    if model.likelihood == "normal":
        return draw_coefficients(model, position, design, noise)
    return binomial.draw_log_odds(model, position, design, model.split(position)["noise"])
