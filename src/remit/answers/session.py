"""One session by the minute: concentration in plasma and the acute effect."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.answers.question import HowFast
from remit.inference.fitted import Posterior, session_population
from remit.pharmacology.published_models import Subjects
from remit.pharmacology.simulation import kinetics, simulate
from remit.population.cohort import normals
from remit.population.variability import Population, traits
from remit.response.acute import acute_relief
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.clock import MINUTES_PER_HOUR
from remit.vocabulary.dosing import Regimen

MINUTES = (5, 10, 20, 40, 60, 90, 120, 240)
"""Minutes after the start of a session that the table shows."""
CURVE_MIN = tuple(range(0, 245, 5))
"""Minutes that the curve is drawn at; they hold those of the table."""
PEOPLE = 100  # choice: enough for a 90 % band to within a few per cent


def timeline(question: HowFast, posterior: Posterior) -> dict[str, Any]:
    """Plasma concentration of the drug and acute fall of anxiety in the first four hours.

    Bands of the concentration are between people. The acute fall has two: between people at the typical draw, and
    what is not known of the
    typical person.
    """
    trait_key, kinetic_key, study_key = jax.random.split(jax.random.key(question.seed), 3)
    people = jnp.append(jnp.arange(PEOPLE), -1)
    regimen = question.regimen()
    single = Regimen(regimen.drug, regimen.route, regimen.doses[:1])
    hours = np.array(CURVE_MIN) / MINUTES_PER_HOUR
    records = kinetics(regimen.drug, regimen.route)
    subjects = Subjects(jnp.full(len(people), question.weight_kg))
    plasma = simulate(records, single, hours, subjects, key=kinetic_key, people=people).values[:, 0]
    site = jnp.asarray(esketamine_equivalent(single, question.weight_kg, hours, kinetic_key, people))
    population = session_population(posterior, question.diagnosis, study_key)
    typical = Population(*(jnp.median(jnp.asarray(value)) for value in population))
    persons = traits(typical, normals(trait_key, people[:-1]))
    acute = 100.0 * np.asarray(acute_relief(site[:-1], persons.acute, persons.acute_c50))
    largest = -jnp.expm1(-population.acute_mean)
    middle = 100.0 * np.asarray(
        acute_relief(jnp.broadcast_to(site[-1], (posterior.size, len(hours))), largest, population.acute_c50)
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


def _band(values: NDArray[np.float64], ends: tuple[float, float], of: str) -> dict[str, list[float]]:
    low, high = np.quantile(values, ends, axis=0)
    return {f"{of}_low": _rounded(low), f"{of}_high": _rounded(high)}


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return np.round(values, 3).tolist()
