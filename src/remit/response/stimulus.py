"""What a regimen does at the effect site, in equivalents of esketamine: the one input of the response model."""

from __future__ import annotations

import math
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from numpy.typing import ArrayLike

from remit.evidence.assumptions import load_assumptions
from remit.pharmacology.published_models import Effects, choice, draw_effects, runnable
from remit.pharmacology.simulation import effect_site_course
from remit.program import program
from remit.vocabulary.clock import MINUTES_PER_HOUR
from remit.vocabulary.dosing import Regimen


@program("model_id")
def _effects(key: PRNGKeyArray, people: Int[Array, " people"], model_id: str) -> Effects:
    """Random effects of people as one compiled program, which starts faster than its steps one by one."""
    return draw_effects(runnable(model_id), key, people)


def esketamine_equivalent(
    regimen: Regimen,
    weight_kg: ArrayLike,
    times_h: ArrayLike,
    key: PRNGKeyArray | None = None,
    people: Int[Array, " people"] | None = None,
    changed: Mapping[str, float] | None = None,
) -> Float[np.ndarray, "people times"]:
    """Effect-site concentration [ng/mL of esketamine] at times.

    Args:
        regimen: doses [mg of base].
        weight_kg: body weight [kg], one number or one a person.
        times_h: times [h].
        key: key of the population; None gives the typical person.
        people: indices of the people, with ``key``; one row each.
        changed: other values of the fixed assumptions ``effect_site_half_life`` and ``racemate_potency``.

    Raises:
        InputRefused: no model and no assumption covers the drug and route.
    """
    fixed = {name: each.value for name, each in load_assumptions().items()} | dict(changed or {})
    ke0 = math.log(2.0) * MINUTES_PER_HOUR / fixed["effect_site_half_life"]
    potency = fixed["racemate_potency"] if regimen.drug.is_racemate else 1.0
    effects = None
    weight = np.atleast_1d(np.asarray(weight_kg, dtype=np.float64))
    if key is not None:
        indices = jnp.arange(len(weight)) if people is None else people
        weight = np.broadcast_to(weight, indices.shape)
        effects = _effects(key, indices, choice(regimen.drug, regimen.route).effect)
    return np.maximum(potency * effect_site_course(regimen, times_h, weight, ke0, effects=effects), 0.0)
