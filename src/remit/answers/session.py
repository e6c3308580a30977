"""One session by the minute: concentration in plasma and the acute effect."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.answers.answer import ends_of
from remit.answers.courses import ANSWERED, TYPICAL
from remit.answers.keys import kinetic_key, study_key
from remit.answers.question import HowFast
from remit.inference.fitted import Posterior, people_of
from remit.pharmacology.published_models import Subjects
from remit.pharmacology.simulation import kinetics, simulate
from remit.population.cohort import evenly_spread
from remit.population.variability import Population, traits
from remit.program import program
from remit.response.acute import acute_relief
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.clock import MINUTES_PER_HOUR
from remit.vocabulary.dosing import Regimen

MINUTES = (5, 10, 20, 40, 60, 90, 120, 240)
"""Minutes after the start of a session that the table shows."""
CURVE_MIN = tuple(range(0, 245, 5))
"""Minutes that the curve is drawn at; they hold those of the table."""
PEOPLE = ANSWERED
"""How many people make its bands."""


def timeline(question: HowFast, posterior: Posterior) -> dict[str, Any]:
    """Plasma concentration of the drug and acute fall of anxiety in the first four hours.

    Bands of the concentration are between people. The acute fall has two: between people at the typical draw, and
    what is not known of the
    typical person.
    """
    regimen = question.regimen()
    records = kinetics(regimen.drug, regimen.route)
    single = Regimen(regimen.drug, regimen.route, regimen.doses[:1])
    plasma, site = _concentrations(single, question.weight_kg, question.seed)
    population = people_of(posterior, question.diagnosis, study_key(question.seed))
    middle, acute = (
        100.0 * np.asarray(fall) for fall in _acute(population, evenly_spread(question.seed, _people()), site)
    )
    ends = (0.5 - question.level / 2, 0.5 + question.level / 2)
    return {
        "time_min": list(CURVE_MIN),
        "table_min": list(MINUTES),
        "analyte": records.analytes[0],
        "model": records.plasma.model_id,
        "sampling_site": records.plasma.sampling_site or "not stated",
        "kinetic_assumptions": list(records.assumptions),
        "plasma_ng_per_ml": {"typical": _rounded(plasma[-1]), **_band(plasma[:PEOPLE], ends, "people")},
        "acute_fall_percent": {
            "typical": _rounded(np.median(middle, axis=0)),
            **_band(middle, ends, "typical"),
            **_band(acute, ends, "people"),
        },
    }


def _people() -> NDArray[np.int64]:
    # the typical one stands twice, as with the two blocks of a course, so that compiled programs are shared
    return np.append(np.arange(PEOPLE), [TYPICAL, TYPICAL])


# choice: the doses, routes and weights of a handful of people who explore at once
@lru_cache(maxsize=256)
def _concentrations(single: Regimen, weight_kg: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """In plasma [ng/mL] and at the effect site [ng/mL of esketamine], shape (people, times); the same for everybody who
    asks about one dose."""
    key = kinetic_key(seed)
    people, hours = _people(), np.array(CURVE_MIN) / MINUTES_PER_HOUR
    subjects = Subjects(jax.device_put(np.full(len(people), weight_kg)))
    records = kinetics(single.drug, single.route)
    plasma = simulate(records, single, hours, subjects, key=key, people=jax.device_put(people)).values[:, 0]
    return plasma, esketamine_equivalent(single, weight_kg, hours, key, jax.device_put(people))


@program()
def _acute(population: Population, numbers: Array, site: Array) -> tuple[Array, Array]:
    """Acute fall of the typical person under every draw, and of people under the typical draw [fraction]."""
    typical = Population(*(jnp.median(value) for value in population))
    persons = traits(typical, numbers[:PEOPLE])
    largest = -jnp.expm1(-jnp.asarray(population.acute_mean))
    same = jnp.broadcast_to(site[-1], (largest.shape[0], site.shape[-1]))
    middle = acute_relief(same, largest, jnp.asarray(population.acute_c50))
    return middle, acute_relief(site[:PEOPLE], persons.acute, persons.acute_c50)


def _band(values: NDArray[np.float64], ends: tuple[float, float], of: str) -> dict[str, list[float]]:
    low, high = ends_of(values, ends)
    return {f"{of}_low": _rounded(low), f"{of}_high": _rounded(high)}


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return np.round(values, 3).tolist()
