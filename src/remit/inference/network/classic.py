"""Network meta-analysis at one time by likelihood: fixed effects or REML, as netmeta and metafor's rma.mv have it.

Study s gives contrasts with its first arm, y_s ~ N(X_s d, V_s + tau^2 P_s); contrasts of one study share the variance
of the first arm (off-diagonal of V_s) and half of tau^2 (off-diagonal of P_s; Lu and Ades 2004, Higgins and Whitehead
1996).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.network.graph import Pair, split_pairs
from remit.inference.network.network import Arm, Network
from remit.inference.network.pairwise import effect_of_counts, standardised
from remit.inference.network.table import Row
from remit.vocabulary.errors import InputRefused


@dataclass(frozen=True, slots=True)
class Contrast:
    """One study's contrasts with its first arm.

    Attributes:
        study: its name.
        versus: treatment of the first arm.
        treatments: of the others.
        effects: (contrasts,).
        cover: (contrasts, contrasts) their covariance.
    """

    study: str
    versus: str
    treatments: tuple[str, ...]
    effects: NDArray[np.float64]
    cover: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassicNetwork:
    """A fitted network.

    Attributes:
        treatments: the reference first.
        effects: (K - 1,) beside the reference.
        cover: (K - 1, K - 1) their covariance.
        tau2: variance between studies.
        q, q_freedom: heterogeneity and inconsistency together: weighted squares about the fixed effects.
        method: ``fixed`` or ``REML``.
    """

    treatments: tuple[str, ...]
    effects: NDArray[np.float64]
    cover: NDArray[np.float64]
    tau2: float
    q: float
    q_freedom: int
    method: str

    def difference(self, one: str, two: str) -> tuple[float, float]:
        """Effect of a treatment beside another, and its standard error."""
        weights = np.zeros(len(self.effects))
        for name, sign in ((one, 1.0), (two, -1.0)):
            place = self.treatments.index(name)
            if place:
                weights[place - 1] += sign
        return float(weights @ self.effects), float(np.sqrt(weights @ self.cover @ weights))

    def scores(self, *, lower_is_better: bool) -> dict[str, float]:
        """P-scores (Rücker and Schwarzer 2015): mean one-sided certainty of being better than each other treatment."""
        from scipy.stats import norm

        found = {}
        for one in self.treatments:
            parts = []
            for two in self.treatments:
                if one != two:
                    value, error = self.difference(one, two)
                    parts.append(norm.cdf((-value if lower_is_better else value) / error))
            found[one] = float(np.mean(parts))
        return found


def one_row(arm: Arm, study: str) -> Row:
    """The one row of an arm.

    Raises:
        InputRefused: it has another number of rows.
    """
    if len(arm.rows) != 1:
        raise InputRefused(
            f"arm {arm.name} of study {study} has {len(arm.rows)} rows", allowed="one row an arm without times",
            remedy="Drop --time none, or keep one row",
        )  # fmt: skip
    return arm.rows[0]


def contrasts_of(network: Network, measure: str | None) -> list[Contrast]:
    """Contrasts of every study with its first arm.

    Args:
        network: read without times.
        measure: ``RR``, ``OR`` or ``RD`` of counts, ``MD`` or ``SMD`` of means; None takes odds ratios and differences.

    Raises:
        InputRefused: the measure does not go with the table, or an arm has several rows.
    """
    kind = network.table.kind
    allowed = {"counts": ("OR", "RR", "RD"), "means": ("MD", "SMD")}.get(kind, ("MD",))
    chosen = measure or allowed[0]
    if chosen not in allowed:
        raise InputRefused(f"{chosen} is no measure of {kind}", allowed=", ".join(allowed), where="--measure")
    found = []
    for study in network.studies:
        first, *others = study.arms
        names = tuple(arm.treatment for arm in others)
        if network.contrasts and not first.rows:
            row = one_row(others[0], study.name)
            found.append(Contrast(study.name, first.treatment, names, np.array([row.y]), np.array([[row.se**2]])))
            continue
        base = one_row(first, study.name)
        rows = [one_row(arm, study.name) for arm in others]
        pairs = [_pair(row, base, kind, chosen) for row in rows]
        cover = np.full((len(rows), len(rows)), _shared(base, kind, chosen))
        np.fill_diagonal(cover, [variance for _, variance in pairs])
        found.append(Contrast(study.name, first.treatment, names, np.array([value for value, _ in pairs]), cover))
    return found


def _pair(row: Row, base: Row, kind: str, measure: str) -> tuple[float, float]:
    if kind == "counts":
        return effect_of_counts(row.events or 0.0, row.n or 0.0, base.events or 0.0, base.n or 0.0, measure)
    if measure == "SMD":
        one, two = row.n or 0.0, base.n or 0.0
        return standardised(row.y, row.se * one**0.5, one, base.y, base.se * two**0.5, two)
    return row.y - base.y, row.se**2 + base.se**2


def _shared(base: Row, kind: str, measure: str) -> float:
    """Covariance of two contrasts with one arm: that arm's variance."""
    if kind == "counts":
        events, n = base.events or 0.0, base.n or 0.0
        a, b = (events + 0.5, n - events + 0.5) if min(events, n - events) == 0 else (events, n - events)
        return {"OR": 1 / a + 1 / b, "RR": 1 / a - 1 / (a + b), "RD": a * b / (a + b) ** 3}[measure]
    return 1.0 / (base.n or np.inf) if measure == "SMD" else base.se**2


def fit_classic(
    network: Network, contrasts: list[Contrast], method: str = "REML", split: Pair | None = None
) -> tuple[ClassicNetwork, float, float]:
    """Fit a network; with a split, also direct minus indirect and its standard error (else zero and infinity).

    Args:
        network: for its treatments.
        contrasts: from `contrasts_of`.
        method: ``fixed`` or ``REML``.
        split: two treatments whose direct evidence gets an effect of its own.

    Raises:
        InputRefused: the method is another one.
    """
    if method not in {"fixed", "REML"}:
        raise InputRefused(
            f"{method} is not for networks of more than two treatments", allowed="fixed, REML", where="--method"
        )
    columns = len(network.treatments) - 1 + (split is not None)
    tables = [_columns(network, each, columns, split) for each in contrasts]

    def solve(tau2: float) -> tuple[NDArray[np.float64], Any, float]:
        information, right, log_det = np.zeros((columns, columns)), np.zeros(columns), 0.0
        weights = []
        for each, table in zip(contrasts, tables, strict=True):
            k = len(each.effects)
            cover = each.cover + tau2 * (0.5 * np.eye(k) + 0.5)
            inverse = np.linalg.inv(cover)
            weights.append(inverse)
            log_det += float(np.linalg.slogdet(cover)[1])
            information += table.T @ inverse @ table
            right += table.T @ inverse @ each.effects
        cover = np.linalg.inv(information)
        estimate = cover @ right
        square = sum(
            float((each.effects - table @ estimate) @ inverse @ (each.effects - table @ estimate))
            for each, table, inverse in zip(contrasts, tables, weights, strict=True)
        )
        return estimate, cover, square + log_det + float(np.linalg.slogdet(information)[1])

    rows = sum(len(each.effects) for each in contrasts)
    tau2 = 0.0
    if method == "REML" and rows > columns:
        tau2 = _lowest(lambda value: solve(value)[2], _largest(contrasts))
    estimate, cover, _ = solve(tau2)
    fixed, _, _ = solve(0.0)
    q = sum(
        float((each.effects - table @ fixed) @ np.linalg.solve(each.cover, each.effects - table @ fixed))
        for each, table in zip(contrasts, tables, strict=True)
    )
    many = len(network.treatments) - 1
    fitted = ClassicNetwork(network.treatments, estimate[:many], cover[:many, :many], tau2, q, rows - columns, method)
    if split is None:
        return fitted, 0.0, np.inf
    return fitted, float(estimate[-1]), float(np.sqrt(cover[-1, -1]))


def _columns(network: Network, each: Contrast, columns: int, split: Pair | None) -> NDArray[np.float64]:
    table = np.zeros((len(each.effects), columns))
    names = {each.versus, *each.treatments}
    for row, name in enumerate(each.treatments):
        for treatment, sign in ((name, 1.0), (each.versus, -1.0)):
            place = network.treatments.index(treatment)
            if place:
                table[row, place - 1] += sign
        if split is not None and set(split) <= names:
            if each.versus == split[1]:
                table[row, -1] = -1.0 if name == split[0] else 0.0
            else:
                table[row, -1] = 1.0 if name == split[1] else 0.0
    return table


def _largest(contrasts: list[Contrast]) -> float:
    every = np.concatenate([each.effects for each in contrasts])
    return 10.0 * float(np.var(every) + np.mean([np.trace(each.cover) / len(each.effects) for each in contrasts]))


def _lowest(objective: Callable[[float], float], high: float) -> float:
    """tau^2 at the lowest of a smooth function, zero included."""
    from scipy.optimize import minimize_scalar

    grid = np.concatenate([[0.0], high * np.logspace(-6, 0, 40)])
    values = [objective(each) for each in grid]
    best = int(np.argmin(values))
    low, up = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found: Any = minimize_scalar(objective, bounds=(low, up), method="bounded", options={"xatol": 1e-12 * high})
    return float(found.x) if found.fun < values[0] else 0.0


@dataclass(frozen=True, slots=True)
class ClassicSplit:
    """Direct and indirect evidence of one comparison: estimates, errors, and the p value of their difference."""

    first: str
    second: str
    studies: int
    direct: float
    direct_se: float
    indirect: float
    indirect_se: float
    difference: float
    difference_se: float
    p: float


def classic_splits(network: Network, contrasts: list[Contrast], method: str) -> list[ClassicSplit]:
    """Every comparison with direct and indirect evidence (Dias et al. 2010)."""
    from scipy.stats import norm

    found = []
    for first, second in split_pairs((study.treatments for study in network.studies), list(network.treatments)):
        fitted, difference, error = fit_classic(network, contrasts, method, (first, second))
        indirect, indirect_se = fitted.difference(second, first)
        found.append(
            ClassicSplit(
                first, second, network.pairs[first, second], indirect + difference,
                # direct and indirect evidence are independent but for a shared tau^2
                float(np.sqrt(max(error**2 - indirect_se**2, 0.0))), indirect, indirect_se, difference, error,
                float(2 * norm.sf(abs(difference) / error)),
            )
        )  # fmt: skip
    return found
