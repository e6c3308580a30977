"""The chain from a dose to symptoms over time: plasma, receptor block, plasticity, symptoms, each with its band.

Bands of plasma and receptor block are between people at their published kinetics. Those of plasticity and symptoms are
what is not known of the typical person: nobody has measured how plasticity differs between people.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.answers.answer import typical_band
from remit.answers.courses import TYPICAL, Rating, multiple, padded
from remit.answers.keys import kinetic_key, study_key
from remit.answers.question import HowFast
from remit.evidence.assumptions import load_assumptions
from remit.inference.fitted import Posterior, people_of
from remit.pharmacology.chosen_records import kinetics
from remit.pharmacology.published_models import Subjects
from remit.pharmacology.simulation import simulate
from remit.population.cohort import NUMBERS
from remit.population.variability import Population, traits
from remit.program import program
from remit.response.drive import receptor_drive
from remit.response.grid import course_grid, positions, with_midpoints
from remit.response.relief import on_scale_of_log, session_course
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.clock import days

Floats = NDArray[np.float64]
PEOPLE = 64  # choice: one block of courses
FOLLOWED_D = 28.0
"""How long after the last session the chain is drawn [d]."""


def chain_times(question: HowFast) -> Floats:
    """Times of the pictures [h]: minutes after each session, hours and days later."""
    end = question.last_dose_h + days(FOLLOWED_D)
    # choice: the bend of an infusion and its tail; a long series is drawn session by session at its ends only
    near = np.array([0.0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0, 12.0, 18.0, 24.0])
    starts = np.array(question.regimen().times_h)
    starts = starts if len(starts) <= 12 else starts[[0, -1]]
    wanted = np.concatenate([(starts[:, None] + near).ravel(), np.geomspace(24.0, end, 24), [end]])
    found = np.unique(np.round(wanted, 6)).astype(np.float64)
    return found[found <= end]


@program()
def _typical(population: Population, responsiveness: Array, site: Array, grid: Array, at: Array) -> tuple[Array, ...]:
    """Plasticity, the share left with the drug and without it, of the typical person under every draw."""
    person = traits(population, jnp.zeros((1, NUMBERS)))
    person = type(person)(*(value[:, 0] for value in person))
    course = session_course(person, jnp.broadcast_to(site, (*person.k_in.shape, site.shape[-1])), grid, at)
    power = responsiveness[:, None]
    return (
        course.plasticity,
        on_scale_of_log(course.log_left, power),
        on_scale_of_log(course.log_without_drug, power),
    )


def chain(question: HowFast, posterior: Posterior, rating: Rating) -> dict[str, Any]:
    """Courses of every step of the chain on one grid of times, as plain values.

    Args:
        question: checked input.
        posterior: its draws are those of plasticity and symptoms.
        rating: how courses become totals.
    """
    regimen, times, level = question.regimen(), chain_times(question), question.level
    records = kinetics(regimen.drug, regimen.route)
    people = np.append(np.arange(PEOPLE), TYPICAL)
    who = Subjects(jax.device_put(np.full(len(people), question.weight_kg)))
    key, indices = kinetic_key(question.seed), jax.device_put(people)
    plasma = simulate(records, regimen, times, who, key=key, people=indices).values[:, 0]
    site = np.asarray(esketamine_equivalent(regimen, question.weight_kg, times, key, indices))
    half = load_assumptions()["drive_c50"].value
    drive = np.asarray(receptor_drive(*jax.device_put((site, np.full(len(people), half)))))
    grid = course_grid(regimen.times_h, times, regimen.doses[0].duration_h)
    fine = with_midpoints(padded(grid, multiple(len(grid))))
    own = esketamine_equivalent(regimen, question.weight_kg, fine)
    at = padded(positions(grid, times), multiple(len(times)))
    population = people_of(posterior, question.diagnosis, study_key(question.seed))
    found = _typical(population, *jax.device_put((rating.responsiveness, own[0], fine[0::2], at)))
    grown, left, without = (np.asarray(value)[:, : len(times)] for value in found)

    def total(share: Floats) -> Floats:
        return np.clip(rating.low + (rating.baseline - rating.low) * share, rating.low, rating.high)

    return {
        "time_h": times.tolist(),
        "doses": [
            {"time_h": dose.time_h, "to_h": dose.time_h + dose.duration_h, "mg": dose.amount_mg}
            for dose in regimen.doses
        ],
        "plasma": {"unit": "ng/mL", "analyte": records.analytes[0], "model": records.plasma.model_id,
                   "sampling_site": records.plasma.sampling_site or "not_stated", **_band(plasma, level)},
        "receptor_block": {"unit": "percent", **_band(100.0 * drive, level)},
        "plasticity": {"unit": "percent", **typical_band(100.0 * grown, level)},
        "symptoms": {"unit": "points", **typical_band(total(left), level)},
        "symptoms_without": {"unit": "points", **typical_band(total(without), level)},
        "kinetic_assumptions": list(records.assumptions),
    }  # fmt: skip


def _band(values: Floats, level: float) -> dict[str, list[float]]:
    low, high = np.quantile(values[:-1], (0.5 - level / 2, 0.5 + level / 2), axis=0)
    return {
        "typical": values[-1].round(4).tolist(), "people_low": low.round(4).tolist(),
        "people_high": high.round(4).tolist(),
    }  # fmt: skip
