"""What each study says by itself at a time: its arms beside its first arm, given the shape all studies share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.network.binomial import steering
from remit.inference.network.effects import columns_at, effects_at
from remit.inference.network.fit import Fit
from remit.inference.network.marginal import Design, integrate

LEAST_KNOWN = 1e-6
"""choice: a study whose own curve is known worse than this beside its best known part has too few times for it."""


@dataclass(frozen=True, slots=True)
class StudyEffect:
    """One comparison of one study at a time [outcome]."""

    study: str
    treatment: str
    versus: str
    effect: float
    se: float


def study_effects(fit: Fit, time: float) -> list[StudyEffect]:
    """Every study's own effects at a time, with the curve's shape and the misfit at their posterior medians.

    Studies with too few times for the columns of the curve are left out. Counts are log odds with half a person added
    to either side, since a study without events says nothing by itself.

    Args:
        fit: a fitted network.
        time: [the table's unit].
    """
    model = replace(steering(fit.model), course="free", heterogeneity=False)
    named = {name: np.median(value, axis=(0, 1)) for name, value in fit.model.split(fit.sampled.position).items()}
    wide = np.where(fit.design.course_sd > 0, max(float(np.max(fit.design.course_sd)), 1.0), 0.0)
    own_design = fit.design._replace(course_sd=wide)
    if fit.model.likelihood == "binomial":
        rows = fit.network.arrays(centred=False)
        own_design = own_design._replace(y=rows.y, se=rows.se)
    design = Design(*(jnp.asarray(each) for each in own_design))
    parts = jax.jit(lambda values: integrate(model, values, design)[1])(
        {name: jnp.asarray(v) for name, v in named.items()}
    )
    gram, right = np.asarray(parts.arm_gram), np.asarray(parts.arm_right)
    columns = fit.model.curve.columns
    at = [
        np.median(columns_at(fit, number, np.array([time]))[:, 0], axis=0)
        for number in range(len(fit.network.treatments))
    ]
    found = []
    for s, study in enumerate(fit.network.studies):
        for size, arm in enumerate(study.arms):
            if size == 0 or arm.treatment == study.arms[0].treatment:
                continue
            index = np.arange(columns, len(study.arms) * columns)
            own = gram[s][np.ix_(index, index)]
            values, vectors = np.linalg.eigh(own)
            if not values[0] > LEAST_KNOWN * values[-1]:
                continue
            cover = (vectors / values) @ vectors.T
            mean = cover @ right[s][index]
            place = slice((size - 1) * columns, size * columns)
            row = at[fit.network.index(arm.treatment)]
            found.append(
                StudyEffect(
                    study.name, arm.treatment, study.arms[0].treatment, float(row @ mean[place]),
                    float(np.sqrt(row @ cover[place, place] @ row)),
                )
            )  # fmt: skip
    return found


def pooled_difference(fit: Fit, time: float, treatment: str, versus: str) -> NDArray[np.float64]:
    """Draws of the pooled effect of a treatment beside another at a time [outcome]."""
    effects = effects_at(fit, time)
    return effects[:, fit.network.index(treatment)] - effects[:, fit.network.index(versus)]
