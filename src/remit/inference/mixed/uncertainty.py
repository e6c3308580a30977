"""Standard errors of a fit, from the curvature and robust, and the numbers a reader wants: values, SDs and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.parameter import backward

Floats = NDArray[Any]
NORMAL_95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


@dataclass(frozen=True)
class Uncertainty:
    """How sure the estimated numbers are.

    Attributes:
        covariance: inverse of the information (minus the curvature of the log likelihood).
        sandwich: covariance x sum of squared scores x covariance, valid also where the model is not quite right.
        condition: largest over smallest eigenvalue of the correlation matrix of the estimates.
    """

    covariance: Floats
    sandwich: Floats
    condition: float


def uncertainty(information: Floats, scores: Floats) -> Uncertainty:
    """Covariances of the estimates.

    Args:
        information: minus the curvature at the maximum.
        scores: of each person there, shape (people, numbers).
    """
    covariance = np.linalg.inv(information)
    sd = np.sqrt(np.diag(covariance))
    values = np.linalg.eigvalsh(covariance / np.outer(sd, sd))
    return Uncertainty(covariance, covariance @ (scores.T @ scores) @ covariance, float(values[-1] / values[0]))


@dataclass(frozen=True, slots=True)
class Row:
    """One estimate.

    Attributes:
        name: of the number.
        kind: ``typical`` (transformed scale), ``coefficient``, ``sd`` between people, ``correlation``, ``occasion`` or
            ``error``.
        value: the estimate.
        se, robust: standard errors from the curvature and from the sandwich; NaN of what was not estimated.
        natural, low, high: of a typical value, on its natural scale with its 95 % interval; else the value and its
            interval.
        rhat, ess: of draws of a posterior: split R-hat and effective sample size; else NaN.
    """

    name: str
    kind: str
    value: float
    se: float
    robust: float
    natural: float
    low: float
    high: float
    rhat: float = float("nan")
    ess: float = float("nan")


def estimates(model: MixedModel, estimated: Floats, covariance: Floats, sandwich: Floats) -> tuple[Row, ...]:
    """What was estimated, as a reader wants it; standard errors of SDs and correlations by the delta method."""
    names = labels(model)
    values = reported(model, estimated)
    # a step into the imaginary is an exact derivative and needs nothing compiled (Squire and Trapp 1998)
    steps = 1e-30j * np.eye(len(estimated))
    slope = np.stack([np.imag(reported(model, estimated + step)) / 1e-30 for step in steps], axis=1)
    se = (
        np.sqrt(np.einsum("ij,jk,ik->i", slope, covariance, slope))
        if np.isfinite(covariance).all()
        else _partial(slope, covariance)
    )
    robust = np.sqrt(np.einsum("ij,jk,ik->i", slope, sandwich, slope))
    se, robust = (np.where((slope == 0).all(axis=1), np.nan, each) for each in (se, robust))
    transforms = {each.name: each.transform for each in model.parameters}
    rows = []
    for place, (name, kind) in enumerate(names):
        value, error = float(values[place]), float(se[place])
        ends = [value, value - NORMAL_95 * error, value + NORMAL_95 * error]
        if kind == "typical":
            ends = [float(backward(np.asarray(end), transforms[name])) for end in ends]
        elif kind in {"sd", "error", "occasion"}:  # on the log scale, where the interval stays above zero
            ends[1:] = [value * np.exp(-NORMAL_95 * error / value), value * np.exp(NORMAL_95 * error / value)]
        elif kind == "correlation":
            wide, z = error / max(1.0 - value**2, 1e-12), np.arctanh(np.clip(value, -1 + 1e-12, 1 - 1e-12))
            ends[1:] = [float(np.tanh(z - NORMAL_95 * wide)), float(np.tanh(z + NORMAL_95 * wide))]
        rows.append(Row(name, kind, value, error, float(robust[place]), *(float(end) for end in ends)))
    return tuple(rows)


def _partial(slope: Floats, covariance: Floats) -> Floats:
    """Standard errors where only part of the covariance is known: of what depends on that part alone."""
    known = np.isfinite(np.diag(covariance))
    inside = np.where(np.outer(known, known), covariance, 0.0)
    found = np.sqrt(np.einsum("ij,jk,ik->i", slope, inside, slope))
    return np.where((slope[:, ~known] != 0).any(axis=1), np.nan, found)


def labels(model: MixedModel) -> list[tuple[str, str]]:
    """Name and kind of every number that is reported; see `Row`."""
    found = [(each.name, "typical") for each in model.parameters]
    found += [(f"{name}~{effect.covariate}", "coefficient") for name, effect in model.effects]
    found += [(name, "sd") for name in model.etas]
    found += [(f"{model.etas[j]}, {model.etas[i]}", "correlation") for i, j in model.entries if i != j]
    found += [(name, "occasion") for name in model.shifting]
    several = len(model.errors) > 1
    for output, error in zip(model.structure.outputs, model.errors, strict=True):
        found += [(f"{kind} {output}" if several else kind, "error") for kind in error.kinds]
    return found


def reported(model: MixedModel, estimated: NDArray[Any]) -> NDArray[Any]:
    """The numbers of `labels` from the estimated ones."""
    pop = model.population(estimated)
    omega = pop.factor @ pop.factor.T
    sd = np.sqrt(np.diagonal(omega))
    pairs = [omega[i, j] / (sd[i] * sd[j]) for i, j in model.entries if i != j]
    return np.concatenate([pop.typical, pop.coefficients, sd, pairs, pop.occasion_sd, pop.error_sd])
