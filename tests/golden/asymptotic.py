"""Growth towards a height: SSasymp of R."""

import jax.numpy as jnp

PARAMETERS = {"ASYM": "identity", "R0": "identity", "LRC": "identity"}


def asymptotic(parameters, doses, times, covariates):
    """ASYM + (R0 - ASYM) exp(-exp(LRC) t)."""
    left = parameters["R0"] - parameters["ASYM"]
    return parameters["ASYM"] + left * jnp.exp(-jnp.exp(parameters["LRC"]) * times)
