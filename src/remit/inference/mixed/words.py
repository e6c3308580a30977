"""A mixed-effects model and its estimates in words: what was fitted, with which units and on which scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from remit.inference.mixed.found import Fit
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.parameter import CovariateEffect
from remit.inference.mixed.uncertainty import Row

METHOD_NAMES = {
    "focei": "FOCE-I",
    "foce": "FOCE",
    "laplace": "Laplace",
    "agq": "adaptive quadrature",
    "lme": "linearised as nlme",
    "saem": "SAEM",
    "nuts": "full Bayes, NUTS",
}
"""Methods as people call them."""


def in_words(fit: Fit, row: Row, units: Mapping[str, str]) -> dict[str, Any]:
    """Unit of an estimate, the scale it was searched on, and an SD between people as a coefficient of variation.

    That is 100 sqrt(exp(SD^2) - 1) [%] of a parameter on a log scale; of others there is none.
    """
    transforms = {each.name: each.transform for each in fit.model.parameters}
    scale = transforms.get(row.name, "") if row.kind in {"typical", "sd", "occasion"} else ""
    unit = units.get(row.name, "") if row.kind == "typical" or scale == "identity" else ""
    if row.kind == "error":
        kind, _, output = row.name.partition(" ")
        unit = units.get(output or fit.model.structure.outputs[0], "") if kind in {"additive", "bounded"} else ""
    varies = row.kind in {"sd", "occasion"} and scale == "log"
    cv = 100.0 * float(np.sqrt(np.expm1(row.value**2))) if varies and row.value < 3.0 else None
    return {"unit": unit, "scale": scale, "cv": cv}


def _of_covariate(name: str, effect: CovariateEffect) -> str:
    """An effect as it is asked for, with its coefficient where that is held."""
    form = f"{name}~{effect.covariate}"
    form += f"/{effect.reference:g}" if effect.form == "power" else ""
    form += f"-{effect.reference:g}" if effect.form != "power" and effect.reference else ""
    return f"{form}^{effect.coefficient:g}" if effect.fixed else form


def spoken(model: MixedModel) -> Mapping[str, str]:
    """The model in words, by part."""
    omega = "; ".join(" + ".join(block) + (" (correlated)" if len(block) > 1 else "") for block in model.grouped)
    several = len(model.errors) > 1
    error = "; ".join(
        (f"{output}: " if several else "") + " + ".join(each.kinds)
        for output, each in zip(model.structure.outputs, model.errors, strict=True)
    )
    found = {"structure": model.structure.name}
    if model.structure.meaning:
        estimated = [each.name for each in model.parameters if not each.fixed]
        found["estimated"] = "; ".join(f"{name}, {model.structure.meaning[name]}" for name in estimated)
    found |= {"random effects": omega, "residual error": error}
    if model.shifting:
        found["between occasions"] = "; ".join(model.shifting)
    if model.effects:
        found["covariates"] = "; ".join(_of_covariate(name, effect) for name, effect in model.effects)
    if still := [f"{each.name} {each.initial:.4g}" for each in model.parameters if each.fixed]:
        found["not estimated"] = "; ".join(still)
    return {**found, "published values": f"count as {model.published:g} people"} if model.published else found
