"""A few kinetic people who stand for how people differ in concentration under the same doses."""

from __future__ import annotations

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.dosing import Regimen

Floats = NDArray[np.float64]
KINETIC_PEOPLE = 8
"""How many stand for all.  # choice: scores say little about clearance; eight strata give its spread to a tenth"""
_CROWD = 128  # choice: enough people to find the middles of eight strata
_SEED = 20261125


@lru_cache(maxsize=32)
def chosen_people(regimen: Regimen, weight_kg: float) -> tuple[int, ...]:
    """Indices of the people who stand in the middle of equal strata of exposure after the first dose.

    Args:
        regimen: the doses; only the first counts.
        weight_kg: body weight [kg].
    """
    single = Regimen(regimen.drug, regimen.route, regimen.doses[:1])
    times = single.times_h[0] + np.concatenate([[0.0], np.geomspace(0.05, 24.0, 63)])
    crowd = jax.device_put(np.arange(_CROWD))
    site = esketamine_equivalent(single, weight_kg, times, jax.random.key(_SEED), crowd)
    exposure = np.trapezoid(site, times, axis=1)
    order = np.argsort(exposure)
    middles = ((np.arange(KINETIC_PEOPLE) + 0.5) / KINETIC_PEOPLE * _CROWD).astype(int)
    return tuple(int(index) for index in order[middles])


@lru_cache(maxsize=256)
def _site(regimen: Regimen, weight_kg: float, fine: bytes) -> Floats:
    people = jnp.asarray(np.array(chosen_people(regimen, weight_kg)))
    return esketamine_equivalent(regimen, weight_kg, np.frombuffer(fine), jax.random.key(_SEED), people)


def sites(regimen: Regimen, weight_kg: float, fine_h: Floats) -> Floats:
    """Effect-site concentration [ng/mL of esketamine] of the kinetic people, shape (people, times).

    Args:
        regimen: the doses.
        weight_kg: body weight [kg].
        fine_h: times [h].
    """
    return _site(regimen, weight_kg, np.ascontiguousarray(fine_h).tobytes())
