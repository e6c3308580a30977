"""The fraction of a dose that arrives, and where it is lost on the way."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def hepatic_extraction(
    flow_l_per_h: Float[Array, "..."], intrinsic_l_per_h: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Fraction a well-stirred liver takes out in one pass, CLint / (Q + CLint).

    Args:
        flow_l_per_h: flow through the liver Q [L/h].
        intrinsic_l_per_h: intrinsic clearance CLint [L/h]; volume times the rates of loss in a hepatic compartment.
    """
    return intrinsic_l_per_h / (flow_l_per_h + intrinsic_l_per_h)


def sprays(dose_mg: Float[Array, "..."], device_mg: float) -> Float[Array, "..."]:
    """How many devices a nasal dose takes."""
    # choice: a thousandth of a device more or less is rounding of the dose, not another spray
    return jnp.maximum(jnp.ceil(dose_mg / device_mg - 1e-3), 1.0)


def nasal_share(
    first: Float[Array, "... #doses"], count: Float[Array, " doses"], factor: float
) -> Float[Array, "... doses"]:
    """Share of a dose absorbed through the nose when later sprays are absorbed less: F (1 + (N - 1) factor) / N.

    Args:
        first: share of the first spray F [fraction].
        count: number of sprays N, one value a dose.
        factor: share of a later spray relative to the first.
    """
    return first * (1.0 + (count - 1.0) * factor) / count
