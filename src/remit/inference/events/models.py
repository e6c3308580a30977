"""Every model of a table by name: fitted, described in plain numbers, or refused with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from remit.evidence.tables import near_miss
from remit.inference.events.accelerated import Accelerated, fit_accelerated
from remit.inference.events.baseline import BASELINES
from remit.inference.events.family import FAMILIES
from remit.inference.events.interval_table import Intervals
from remit.inference.events.linked import Linked, fit_linked
from remit.inference.events.piecewise import Piecewise, default_cuts, fit_piecewise
from remit.inference.events.profile import likelihood_interval
from remit.inference.events.proportional import LINKS, Proportional, fit_proportional
from remit.vocabulary.errors import InputRefused, NotConverged

Model = Accelerated | Linked | Piecewise | Proportional
Smooth = Accelerated | Linked
"""Models of a few numbers in which everything is a smooth function of time."""
CURED = "+cure"
PLAIN = tuple(FAMILIES)
ALL = (*PLAIN, "gamma", "generalised-gamma", *(f"{name}{CURED}" for name in PLAIN), "piecewise", *LINKS)
NAMES = (*ALL, *(f"{name}+{link}" for name in BASELINES for link in LINKS))
USUAL = ("weibull", "log-normal", "log-logistic")
MOST_PROFILED = 20_000
"""Subjects up to which intervals of single parameters come from the likelihood ratio; Wald intervals beyond."""


@dataclass(frozen=True, slots=True)
class Covariates:
    """Columns that models see.

    Attributes:
        rows: covariates, then one column for each group but the first (subjects, columns).
        names: of the columns.
        of_group: the row of each group, at the mean of covariates (groups, columns).
    """

    rows: np.ndarray
    names: tuple[str, ...]
    of_group: np.ndarray


def covariates_of(table: Intervals) -> Covariates:
    """Covariates of a table and its groups as columns."""
    groups = table.groups
    number = np.array([groups.index(each) for each in table.group])
    member = np.eye(len(groups))[number][:, 1:]
    mean = np.average(table.covariates, axis=0, weights=table.weight)
    return Covariates(
        np.hstack([table.covariates, member]),
        (*table.covariate_names, *(f"group={each}" for each in groups[1:])),
        np.hstack([np.tile(mean, (len(groups), 1)), np.eye(len(groups))[:, 1:]]),
    )


def parse_models(text: str) -> tuple[str, ...]:
    """Names of models.

    Args:
        text: names with commas between them, ``all`` (but for distributions of time over proportional hazards or odds,
            which are asked for by name), ``usual``, names beside either, or ``none``.

    Raises:
        InputRefused: there is no such model.
    """
    if text == "none":
        return ()
    several = {"usual": USUAL, "all": ALL}
    asked = [each.strip() for each in text.split(",") if each.strip()]
    names = tuple(dict.fromkeys(name for each in asked for name in several.get(each, (each,))))
    for each in names:
        if each not in NAMES:
            raise InputRefused(
                f"unknown model {each!r}",
                allowed=f"{', '.join(ALL)}, DISTRIBUTION+hazards, DISTRIBUTION+odds, usual, all, none",
                remedy=near_miss(each, NAMES),
                where="--model",
            )
    return names


def fit_model(name: str, table: Intervals, columns: Covariates, cuts: np.ndarray | None = None) -> Model:
    """Fit one model of a table.

    Args:
        name: one of `NAMES`.
        table: of intervals.
        columns: what the model sees.
        cuts: of the pieces; chosen from the data if left out.

    Raises:
        InputRefused, NotConverged: it cannot be fitted.
    """
    seen = {**table.windows, "weight": table.weight}
    if name in LINKS:
        if not columns.names:
            raise InputRefused("a free curve without covariates is the curve without a model", where="--model")
        return fit_proportional(table.left, table.right, columns.rows, link=name, names=columns.names, **seen)
    if name == "piecewise":
        chosen = default_cuts(table.left, table.right, table.weight, **table.windows) if cuts is None else cuts
        return fit_piecewise(table.left, table.right, columns.rows, chosen, names=columns.names, **seen)
    design = np.hstack([np.ones((len(table.left), 1)), columns.rows])
    names = ("intercept", *columns.names)
    baseline, _, link = name.partition("+")
    if link in LINKS or baseline not in FAMILIES:
        return fit_linked(BASELINES[baseline], link or "time", table.left, table.right, design, names=names, **seen)
    ever = design if name.endswith(CURED) else None
    return fit_accelerated(FAMILIES[baseline], table.left, table.right, design, ever=ever, names=names, **seen)


def group_survival(model: Model, columns: Covariates, group: int, times: np.ndarray) -> np.ndarray:
    """Chance of no event by each time in one group, at the mean of covariates (times,)."""
    row = columns.of_group[group]
    if isinstance(model, Smooth):
        return model.survival(times, np.append(1.0, row))
    if isinstance(model, Piecewise):
        return model.survival(times, row)
    after = np.concatenate([[1.0], model.survival_after(row)])
    return after[np.searchsorted(model.support.right, times, side="right")]


def described(name: str, model: Model, level: float, *, profiled: bool) -> dict[str, Any]:
    """A model in plain numbers.

    Args:
        name: one of `NAMES`.
        model: fitted.
        level: of intervals.
        profiled: whether to find likelihood-ratio intervals of parameters.
    """
    wide = float(ndtri(0.5 * (1 + level)))
    found: dict[str, Any] = {"name": name, "log_likelihood": model.log_likelihood}
    if isinstance(model, Proportional):
        errors = np.sqrt(np.diag(model.covariance))
        rows = [
            _parameter(each, b, e, None, (b - wide * e, b + wide * e))
            for each, b, e in zip(model.names, model.coefficients, errors, strict=True)
        ]
        return found | {
            "parameters": rows, "intervals": "Wald, profile curvature", "aic": None, "bic": None,
            "ratio": f"{model.link[:-1]} ratio",
            "diagnostics": {"kkt_gap": model.gap, "steps": float(model.steps)},
        }  # fmt: skip
    errors = np.sqrt(np.diag(model.maximum.covariance))
    robust = np.sqrt(np.diag(model.robust)) if isinstance(model, Smooth) else None
    rows = []
    how = "likelihood ratio" if profiled else "Wald"
    for place, each in enumerate(model.names):
        value, error = float(model.maximum.point[place]), float(errors[place])
        ends = (value - wide * error, value + wide * error)
        if profiled and isinstance(model, Smooth):
            try:
                ends = likelihood_interval(
                    model.value, model.maximum, lambda point, place=place: float(point[place]), level
                )
            except NotConverged:
                how = "likelihood ratio, Wald where that has no end"
        elif not isinstance(model, Smooth):
            how = "Wald"
        rows.append(_parameter(each, value, error, None if robust is None else float(robust[place]), ends))
    return found | {
        "parameters": rows,
        "intervals": how,
        "aic": model.aic,
        "bic": model.bic if isinstance(model, Smooth) else None,
        "ratio": model.ratio if isinstance(model, Smooth) else "hazard ratio",
        "diagnostics": model.maximum.diagnostics,
        "hazard_ratios": _hazard_ratios(name, model, wide),
    }


def _parameter(
    name: str, value: float, error: float, robust: float | None, ends: tuple[float, float]
) -> dict[str, Any]:
    return {
        "name": name, "estimate": float(value), "se": float(error), "robust_se": robust,
        "low": float(ends[0]), "high": float(ends[1]),
    }  # fmt: skip


def _hazard_ratios(name: str, model: Model, wide: float) -> list[dict[str, Any]] | None:
    """Of a Weibull model, log hazard ratios -b / scale with standard errors by the delta method."""
    if not isinstance(model, Accelerated) or name not in {"weibull", "exponential"}:
        return None
    location, s, _ = model.parts()
    rows = []
    for place in range(1, len(location)):
        value = -location[place] / np.exp(s)
        slope = np.zeros(len(model.names))
        slope[place] = -1 / np.exp(s)
        if model.family.scale is None:
            slope[len(location)] = -value
        error = float(np.sqrt(slope @ model.maximum.covariance @ slope))
        rows.append(_parameter(model.names[place], value, error, None, (value - wide * error, value + wide * error)))
    return rows
