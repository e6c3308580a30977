"""One session by the minute: concentration in plasma and the acute effect."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.answers.courses import BLOCK, TYPICAL
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
PEOPLE = BLOCK
"""How many people make its bands; as many as a block of courses, so that compiled programs are shared."""


def timeline(question: HowFast, posterior: Posterior) -> dict[str, Any]:
    """Plasma concentration of the drug and acute fall of anxiety in the first four hours.

    Bands of the concentration are between people. The acute fall has two: between people at the typical draw, and
    what is not known of the
    typical person.
    """
    _, kinetic_key, study_key = jax.random.split(jax.random.key(question.seed), 3)
    people = np.append(np.arange(PEOPLE), TYPICAL)
    regimen = question.regimen()
    single = Regimen(regimen.drug, regimen.route, regimen.doses[:1])
    hours = np.array(CURVE_MIN) / MINUTES_PER_HOUR
    records = kinetics(regimen.drug, regimen.route)
    subjects = Subjects(jax.device_put(np.full(len(people), question.weight_kg)))
    plasma = simulate(records, single, hours, subjects, key=kinetic_key, people=jax.device_put(people)).values[:, 0]
    site = esketamine_equivalent(single, question.weight_kg, hours, kinetic_key, jax.device_put(people))
    population = people_of(posterior, question.diagnosis, study_key)
    middle, acute = (
        100.0 * np.asarray(fall)
        for fall in _acute(population, *jax.device_put((evenly_spread(question.seed, people), site)))
    )
    ends = (0.5 - question.level / 2, 0.5 + question.level / 2)
    return {
        "time_min": list(CURVE_MIN),
        "table_min": list(MINUTES),
        "analyte": records.analytes[0],
        "model": records.plasma.model_id,
        "sampling_site": records.plasma.sampling_site or "not stated",
        "kinetic_assumptions": list(records.assumptions),
        "plasma_ng_per_ml": {"typical": _rounded(plasma[-1]), **_band(plasma[:-1], ends, "people")},
        "acute_fall_percent": {
            "typical": _rounded(np.median(middle, axis=0)),
            **_band(middle, ends, "typical"),
            **_band(acute, ends, "people"),
        },
    }


@program()
def _acute(population: Population, numbers: Array, site: Array) -> tuple[Array, Array]:
    """Acute fall of the typical person under every draw, and of people under the typical draw [fraction]."""
    typical = Population(*(jnp.median(value) for value in population))
    persons = traits(typical, numbers[:-1])
    largest = -jnp.expm1(-jnp.asarray(population.acute_mean))
    same = jnp.broadcast_to(site[-1], (largest.shape[0], site.shape[-1]))
    middle = acute_relief(same, largest, jnp.asarray(population.acute_c50))
    return middle, acute_relief(site[:-1], persons.acute, persons.acute_c50)


def _band(values: NDArray[np.float64], ends: tuple[float, float], of: str) -> dict[str, list[float]]:
    low, high = np.quantile(values, ends, axis=0)
    return {f"{of}_low": _rounded(low), f"{of}_high": _rounded(high)}


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return np.round(values, 3).tolist()
