"""What a parameter, an effect of a covariate and a residual error of a mixed-effects model are, and their scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

TRANSFORMS = ("log", "logit", "identity")
ERRORS = ("additive", "proportional", "log", "bounded", "linear", "power")
TOGETHER = (
    ("additive",), ("proportional",), ("additive", "proportional"), ("additive", "linear"), ("proportional", "power"),
    ("log",), ("bounded",),
)  # fmt: skip
"""Kinds that make one residual error."""
NAMED = {
    "combined": ("additive", "proportional"),
    "combined1": ("additive", "linear"),
    "power": ("proportional", "power"),
}
"""Residual errors of several kinds, as they are asked for."""
FORMS = ("power", "exponential", "linear")


@dataclass(frozen=True, slots=True)
class CovariateEffect:
    """How a covariate moves a parameter on its transformed scale.

    Attributes:
        covariate: name of the column.
        form: ``power``: coefficient x log(value / reference); ``exponential`` and ``linear``:
            coefficient x (value - reference). On a log scale the first two are (value / reference)^coefficient and
            exp(coefficient x (value - reference)).
        reference: value without effect.
        coefficient: where the search begins, or the fixed value.
        fixed: whether it is not estimated.
    """

    covariate: str
    form: str = "power"
    reference: float = 1.0
    coefficient: float = 0.0
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the structural model.

    Attributes:
        name: as the structural model calls it.
        initial: where the search begins, on the natural scale.
        transform: ``log``, ``logit`` (between 0 and 1) or ``identity``.
        varies: whether people differ in it.
        spread: where the search of its SD between people begins, on the transformed scale.
        fixed: whether its population value is not estimated.
        occasions: whether it differs between occasions of a person (column OCC).
        effects: of covariates.
    """

    name: str
    initial: float
    transform: str = "log"
    varies: bool = True
    spread: float = 0.3
    fixed: bool = False
    occasions: bool = False
    effects: tuple[CovariateEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class Error:
    """Residual error of one output.

    Attributes:
        kinds: one of `TOGETHER`, c being the prediction: ``additive``, ``proportional`` (both: variances add);
            ``additive`` and ``linear``: SD = additive + linear |c|; ``proportional`` and ``power``: SD = proportional
            |c|^power; ``log`` (log-normal); ``bounded``: a normal value that is rounded and cut off at the ends of its
            scale (`Structure.bounds`).
        initial: where the search of each number begins.
        fixed: whether they are not estimated.
    """

    kinds: tuple[str, ...] = ("additive",)
    initial: tuple[float, ...] = (1.0,)
    fixed: bool = False


def forward(value: float, transform: str) -> float:
    """A natural value on its transformed scale."""
    if transform == "log":
        return float(np.log(value))
    return float(np.log(value / (1.0 - value))) if transform == "logit" else float(value)


def backward(value: Any, transform: str) -> Any:
    """A transformed value on its natural scale; an array of NumPy stays one, so that nothing is compiled for it."""
    if transform == "log":
        return library_of(value).exp(value)
    # at the end of its range a share is 0 or 1, and the exponential may be without bound
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + library_of(value).exp(-value)) if transform == "logit" else value


def library_of(value: Any) -> Any:
    """The library whose array this is: on the host nothing need be compiled."""
    return jnp if isinstance(value, jax.Array) else np


def moved(effect: CovariateEffect, value: Any) -> Any:
    """What a coefficient is multiplied by."""
    if effect.form == "power":
        xp = library_of(value)
        return xp.log(xp.where(value > 0, value, effect.reference) / effect.reference)
    return value - effect.reference
