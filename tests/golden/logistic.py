"""Growth along a logistic curve: SSlogis of R."""

import jax.numpy as jnp

PARAMETERS = {"ASYM": "identity", "XMID": "identity", "SCAL": "identity"}


def logistic(parameters, doses, times, covariates):
    """ASYM / (1 + exp((XMID - t) / SCAL))."""
    return parameters["ASYM"] / (1.0 + jnp.exp((parameters["XMID"] - times) / parameters["SCAL"]))
