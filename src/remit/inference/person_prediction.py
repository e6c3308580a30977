"""What one person's draws say about other times and other doses."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.inference.one_person import PersonPosterior, timing_of
from remit.inference.person_course import Ratings, Timing, course_of, on_each_scale, padded_visits
from remit.inference.person_prior import Layout
from remit.program import program
from remit.vocabulary.dosing import Regimen

Floats = NDArray[np.float64]
_BLOCK = 256  # choice: draws followed at once; their courses stay near the processor

SAME_H = 1e-6
"""choice: times closer than this are one, because those that are asked about are rounded to as much [h]"""


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """Totals without scatter on one scale [points], each of shape (draws, times).

    Attributes:
        time_h: hours since the first dose [h].
        with_drug: under the doses.
        lasting: the same without the acute effect of a session under way.
        control: had no drug been given.
    """

    time_h: Floats
    with_drug: Floats
    lasting: Floats
    control: Floats

    def at(self, times_h: Floats) -> Floats:
        """Totals under the doses at some of the times, shape (draws, times)."""
        return self.with_drug[:, np.searchsorted(self.time_h, times_h - SAME_H)]

    def place(self, time_h: float) -> int:
        """Which of the times one is that was asked about [h]."""
        return int(np.searchsorted(self.time_h, time_h - SAME_H))


@program()
def _followed(
    layout: Layout, numbers: Array, kinetic: Array, when: Timing, rated: Ratings, scale: Array
) -> tuple[Array, Array, Array]:
    every = jnp.broadcast_to(scale, when.at.shape)

    def one(block: tuple[Array, Array]) -> tuple[Array, Array, Array]:
        own, who = block
        found = course_of(layout, own, jnp.asarray(when.site)[who], when)

        def total(log_left: Array) -> Array:
            return on_each_scale(layout, own, log_left, every, rated)

        lasting = found.log_left - jnp.log(1.0 - found.acute)
        return total(found.log_left), total(lasting), total(found.log_without_drug)

    blocks = (numbers.reshape(-1, _BLOCK, numbers.shape[-1]), kinetic.reshape(-1, _BLOCK))
    return jax.tree.map(lambda part: part.reshape(-1, part.shape[-1]), jax.lax.map(one, blocks))


def predict(
    person: PersonPosterior, regimen: Regimen | None, weight_kg: float, times_h: Floats, scale: int = 0
) -> Predicted:
    """A person's course under doses that may differ from those they were given.

    Args:
        person: draws.
        regimen: every dose, given and to come; None under a daily treatment.
        weight_kg: body weight [kg].
        times_h: rising times [h]; before the first dose nothing has changed.
        scale: place among the person's scales.
    """
    held = person.belief
    when = timing_of(regimen, weight_kg, times_h, padded_visits(len(times_h)), coarse=True)
    bounds = np.array([(own.low, own.high, own.step) for own in held.scales], dtype=np.float64).T
    nothing = np.zeros(len(when.at))
    rated = Ratings(nothing, nothing.astype(int), nothing, *bounds, np.array(held.noise_sd))  # type: ignore[arg-type]
    parts = jax.device_get(_followed(held.layout, person.numbers, person.kinetic, when, rated, np.asarray(scale)))
    return Predicted(times_h, *(np.asarray(part)[:, : len(times_h)] for part in parts))
