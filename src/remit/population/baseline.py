"""Where people stand before the first dose: the level around which their first ratings scatter.

    level = low + (high - low) sigmoid(middle + spread z),   z ~ N(0, 1)

so that a level always lies inside its scale, however far people differ.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
from jaxtyping import Array, Float

from remit.vocabulary.scales import Scale


class Entry(NamedTuple):
    """How levels before the first dose are distributed, on the logit of the share of the scale's range.

    Attributes:
        middle: median.
        spread: SD between people.
    """

    middle: float
    spread: float


def entry_of(scale: Scale, typical: float, sd: float) -> Entry:
    """The distribution with this median and about this SD.

    Args:
        scale: of the totals.
        typical: median level [points].
        sd: SD of levels between people [points].
    """
    share = min(max((typical - scale.low) / scale.span, 0.02), 0.98)
    return Entry(math.log(share / (1.0 - share)), sd / scale.span / (share * (1.0 - share)))


def level(place: Float[Array, "..."], low: Float[Array, "..."], high: Float[Array, "..."]) -> Float[Array, "..."]:
    """Level before the first dose [points] of people at these places of the logit scale.

    Args:
        place: middle + spread z.
        low, high: bounds of the scale [points].
    """
    return low + (high - low) * jax.nn.sigmoid(place)
