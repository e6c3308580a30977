"""Every test runs with shapes and types of arrays checked at each call, and with JAX strict about its random keys."""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

from jaxtyping import install_import_hook

# before anything of the package is imported, so that every annotated function checks the shapes it is given
CHECKED = [
    "remit.population.cohort", "remit.population.scores", "remit.response.acute", "remit.response.drive",
    "remit.response.expectancy", "remit.response.plasticity", "remit.response.relief",
]  # fmt: skip
install_import_hook(CHECKED, "beartype.beartype")

import jax  # noqa: E402

import remit  # noqa: E402, F401  (64-bit floats are its doing)

jax.config.update("jax_legacy_prng_key", "error")
