"""Effect-site concentration to receptor drive.

Human occupancy of the NMDA receptor has never been measured reliably, so this link is a documented assumption
(``assumptions.yaml``: ``drive_c50``, ``racemate_potency``, ``metabolite_potency``) and every answer that uses it says
so. The metabolites are taken not to drive.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def receptor_drive(
    esketamine_equivalent: Float[Array, "... times"], c50: Float[Array, "..."]
) -> Float[Array, "... times"]:
    """Drive O = Ce / (Ce + C50) [fraction], in [0, 1).

    Args:
        esketamine_equivalent: effect-site concentration [ng/mL].
        c50: concentration of half the largest drive [ng/mL], one value a person.
    """
    concentration = jnp.maximum(esketamine_equivalent, 0.0)  # superposition can leave -1e-17 before the first dose
    return concentration / (concentration + c50[..., None])
