"""What a typical person can expect from a treatment taken daily, on the axes of the answer."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from remit.answers.courses import Floats, Names, Rating, multiple, padded
from remit.inference.fitted import Posterior, daily_population
from remit.population.cohort import NUMBERS
from remit.population.variability import traits
from remit.response.relief import daily_course, on_scale
from remit.vocabulary.people import Diagnosis

SSRIS = ("citalopram", "escitalopram", "fluoxetine", "fluvoxamine", "paroxetine", "sertraline")


@partial(jax.jit, static_argnames=("names", "diagnosis", "treatments"))
def _days(
    draws: dict[str, Array],
    key: Array,
    responsiveness: Array,
    times_h: Array,
    names: Names,
    diagnosis: Diagnosis,
    treatments: tuple[str | None, ...],
) -> Array:
    posterior = Posterior(draws, dict(names), {})  # type: ignore[arg-type]
    found = []
    for treatment in treatments:
        population, onset_h = daily_population(posterior, diagnosis, treatment, "pill", key)
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
) -> Floats:
    """Totals of the typical person under daily treatments [points], shape (treatments, draws, times).

    Args:
        posterior: its draws are an axis.
        treatments: names in its treatment group; None is a placebo tablet.
        diagnosis: whose people.
        rating: how courses become totals.
        times_h: rising times [h].
        seed: of the only key.
    """
    study_key = jax.random.split(jax.random.key(seed), 3)[2]
    names = tuple(posterior.names.items())
    draws, responsiveness, times = jax.device_put(
        (posterior.draws, rating.responsiveness, padded(times_h, multiple(len(times_h))))
    )
    share = _days(draws, study_key, responsiveness, times, names, diagnosis, treatments)
    totals = rating.low + (rating.baseline - rating.low) * np.asarray(share)[..., : len(times_h)]
    return np.clip(totals, rating.low, rating.high)
