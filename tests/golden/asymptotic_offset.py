"""An asymptote approached from where the response is zero: SSasympOff of R."""

import jax.numpy as jnp

PARAMETERS = {"ASYM": "identity", "LRC": "identity", "C0": "identity"}


def asymptotic_offset(parameters, doses, times, covariates):
    """ASYM (1 - exp(-exp(LRC) (t - C0)))."""
    return parameters["ASYM"] * (1.0 - jnp.exp(-jnp.exp(parameters["LRC"]) * (times - parameters["C0"])))
