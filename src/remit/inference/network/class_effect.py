"""What treatments of one class do on average at a time, and what a further treatment of the class would do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from remit.inference.network.effects import Summary, columns_at, summarise
from remit.inference.network.fit import Fit


@dataclass(frozen=True, slots=True)
class ClassEffect:
    """One class.

    Attributes:
        name: as in the table.
        treatments: of it.
        effect: beside the reference at the time [outcome]; of random classes the mean of the class.
        new_treatment: effect of a further treatment of the class [outcome]; None where all share one effect.
    """

    name: str
    treatments: tuple[str, ...]
    effect: Summary
    new_treatment: Summary | None


def class_effects(fit: Fit, time: float, level: float = 0.95) -> list[ClassEffect]:
    """Effects of classes at a time, in the order of treatments; empty where effects of classes are not assumed.

    Where treatments have shapes of their own, a class has the mean course of its treatments.

    Args:
        fit: a fitted network.
        time: [the table's unit].
        level: of intervals.
    """
    drawn = fit.coefficients["effects"]
    flat = drawn.reshape(-1, *drawn.shape[2:])
    noise = np.random.default_rng((fit.settings.seed, 6))
    found = []
    for name, place in fit.basics.classes.items():
        members = [k for k, row in enumerate(fit.basics.loading) if row[place]]
        at = np.mean([columns_at(fit, k, np.array([time]))[:, 0] for k in members], axis=0)
        mean = np.einsum("nj,nj->n", at, flat[:, place])
        new = None
        if "class_sd" in fit.parameters:
            sd = fit.parameters["class_sd"].reshape(len(mean), -1)
            new = summarise(mean + np.einsum("nj,nj->n", at, sd * noise.normal(size=sd.shape)), level)
        treatments = tuple(fit.network.treatments[k] for k in members)
        found.append(ClassEffect(name, treatments, summarise(mean, level), new))
    return found
