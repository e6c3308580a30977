"""What is felt while the drug is at its effect site: minutes to hours, gone the same day.

Acute change of anxiety follows the effect-site concentration with an Emax relation. It is relief in most, and
more anxiety in some, so its largest size may be negative.
"""

from __future__ import annotations

from jaxtyping import Array, Float

from remit.response.drive import receptor_drive


def acute_relief(
    esketamine_equivalent: Float[Array, "... times"], largest: Float[Array, "..."], c50: Float[Array, "..."]
) -> Float[Array, "... times"]:
    """Acute fall A of anxiety [fraction of the score]; negative where the session itself makes anxious.

    Args:
        esketamine_equivalent: effect-site concentration [ng/mL].
        largest: fall at an unlimited concentration, one value a person [fraction], below one.
        c50: concentration of half that fall [ng/mL], one value a person.
    """
    return largest[..., None] * receptor_drive(esketamine_equivalent, c50)
