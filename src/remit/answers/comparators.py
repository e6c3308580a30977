"""What a typical person can expect from a treatment taken daily, on the axes of the answer."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from remit.answers.courses import Floats, Rating, multiple, padded
from remit.answers.keys import study_key
from remit.inference.fitted import STAND_IN, Names, Posterior, daily_population, of_one_diagnosis
from remit.population.cohort import NUMBERS
from remit.population.variability import traits
from remit.program import program
from remit.response.relief import daily_course, on_scale
from remit.vocabulary.clock import HOURS_PER_WEEK
from remit.vocabulary.people import Diagnosis

SSRIS = ("citalopram", "escitalopram", "fluoxetine", "fluvoxamine", "paroxetine", "sertraline")


@program("names", "treatments", "control")
def _days(
    draws: dict[str, Array],
    key: Array,
    responsiveness: Array,
    times_h: Array,
    names: Names,
    treatments: tuple[str | None, ...],
    control: str,
) -> Array:
    posterior = Posterior(draws, dict(names), {})  # type: ignore[arg-type]
    found = []
    for treatment in treatments:
        population, onset_h = daily_population(posterior, STAND_IN, treatment, control, key)
        person = traits(population, jnp.zeros((1, NUMBERS)))
        left = daily_course(person, jnp.broadcast_to(onset_h[:, None], person.gradual.shape), times_h).left[:, 0]
        found.append(on_scale(left, responsiveness[:, None]))
    return jnp.stack(found)


def daily_typical(
    posterior: Posterior,
    treatments: tuple[str | None, ...],
    diagnosis: Diagnosis,
    rating: Rating,
    times_h: Floats,
    seed: int,
    control: str = "pill",
) -> Floats:
    """Totals of the typical person under daily treatments [points], shape (treatments, draws, times).

    Args:
        posterior: its draws are an axis.
        treatments: names in its treatment group; None is their control alone.
        diagnosis: whose people.
        rating: how courses become totals.
        times_h: rising times [h].
        seed: of the only key.
        control: what their control arms were given: ``pill`` or ``attention``.
    """
    own = of_one_diagnosis(posterior, diagnosis)
    names = tuple(own.names.items())
    times = padded(times_h, multiple(len(times_h)))
    # host arrays become device arrays in the program
    share = _days(own.draws, study_key(seed), rating.responsiveness, times, names, treatments, control)  # type: ignore[arg-type]
    totals = rating.low + (rating.baseline - rating.low) * np.asarray(share)[..., : len(times_h)]
    return np.clip(totals, rating.low, rating.high)


@dataclass(frozen=True, slots=True)
class OnsetTime:
    """When a treatment reaches a share of its own effect at eight weeks; low, median and high of 90 % [h].

    Attributes:
        treatment: its name.
        half, most: hours to half and to nine tenths of that effect.
        fall: what it takes away of the anxiety that its control leaves at eight weeks, in a typical person [fraction].
    """

    treatment: str
    half: tuple[float, float, float]
    most: tuple[float, float, float]
    fall: tuple[float, float, float]


HORIZON_H = 8 * HOURS_PER_WEEK
NINE_TENTHS = 0.9  # the share of its own effect at which a treatment is called nearly there
BAND = (0.05, 0.5, 0.95)


def share_reached_at(share: float, onset_h: Floats) -> Floats:
    """Hours until an exponential onset reaches a share of its value at eight weeks.

    t = -onset log(1 - share (1 - exp(-8 weeks / onset)))

    Args:
        share: share of the eight-week effect [fraction], below 1.
        onset_h: time constant [h].
    """
    return -onset_h * np.log1p(share * np.expm1(-HORIZON_H / onset_h))


def onset_times(posterior: Posterior) -> list[OnsetTime]:
    """Every daily treatment of the evidence, soonest first."""
    found = []
    for position, treatment in enumerate(posterior.names["treatment"]):
        onset = np.exp(posterior.draws["onset_mean"] + posterior.draws["onset"][:, position])
        size = 1.0 / (1.0 + np.exp(-(posterior.draws["daily_mean"] + posterior.draws["treatment"][:, position])))
        fall = size * -np.expm1(-HORIZON_H / onset)
        bands = (
            tuple(float(value) for value in np.quantile(values, BAND))
            for values in (share_reached_at(0.5, onset), share_reached_at(NINE_TENTHS, onset), fall)
        )
        # three numbers each, which a tuple of unknown length does not say
        found.append(OnsetTime(treatment, *bands))  # type: ignore[arg-type]
    return sorted(found, key=lambda one: one.half[1])
