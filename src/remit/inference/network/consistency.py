"""A check of the whole network: effects bound by consistency beside effects that owe each other nothing.

The model of unrelated mean effects gives every comparison with a study's first arm an effect of its own (Dias et al.
2013, NICE technical support document 4). Where it predicts better, or where its studies differ less, direct and
indirect evidence disagree somewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from remit.inference.network.basic import basics_of
from remit.inference.network.design import relative_to_first
from remit.inference.network.effects import Summary, columns_at, departures_at, effects_at, summarise
from remit.inference.network.fit import Assumptions, Fit, fit_network, make_model
from remit.inference.network.network import Network
from remit.inference.network.prediction import Score, compare, pointwise, score
from remit.vocabulary.errors import InputRefused


@dataclass(frozen=True, slots=True)
class Unrelated:
    """One comparison, the second treatment beside the first, at the time [outcome]."""

    first: str
    second: str
    studies: int
    unrelated: Summary
    consistent: Summary


@dataclass(frozen=True, slots=True)
class Consistency:
    """Unrelated beside consistent effects.

    Attributes:
        difference, difference_se: elpd (PSIS-LOO) of unrelated minus consistent effects, paired by row.
        deviance, unrelated_deviance: mean residual deviance of either.
        rows: how many.
        tau, unrelated_tau: SD between studies at the time [outcome]; None with common effects.
        less: chance that studies differ less about unrelated effects; a half where nothing is wrong.
        above: rows whose Pareto k is above 0.7 with unrelated effects.
        comparisons: one by one.
    """

    difference: float
    difference_se: float
    deviance: float
    unrelated_deviance: float
    rows: int
    tau: Summary | None
    unrelated_tau: Summary | None
    less: float | None
    above: int
    comparisons: list[Unrelated]

    @property
    def doubt(self) -> bool:
        """Whether unrelated effects predict better by two standard errors, or leave nine in ten times less SD."""
        return self.difference > 2.0 * self.difference_se or (self.less or 0.0) > 0.9


def require_one_shape(network: Network, assumptions: Assumptions) -> None:
    """Refuse unrelated effects where treatments have shapes of their own.

    Raises:
        InputRefused: a study's first arm could not carry its course.
    """
    if not relative_to_first(make_model(network, assumptions)):
        raise InputRefused(
            "unrelated effects need one shape for all treatments", allowed="--shapes shared, a curve without doses",
            where="--effects",
        )  # fmt: skip


def closed(fit: Fit) -> bool:
    """Whether consistency binds anything: there are more comparisons than basic effects."""
    return len(basics_of(fit.network, unrelated=True).pairs) > len(fit.network.treatments) - 1


def check_consistency(
    fit: Fit, consistent: Score, time: float, *, level: float = 0.95, folder: Path | None = None
) -> Consistency:
    """Fit unrelated effects and compare; classes, which bind effects further, are left out of them.

    Args:
        fit: of consistent effects.
        consistent: its score.
        time: [the table's unit].
        level: of intervals.
        folder: where finished fits are kept; None keeps none.

    Raises:
        NotConverged: the second fit did not meet its diagnostics.
    """
    assumed = replace(fit.assumptions, classes="none")
    other = fit_network(fit.network, assumed, fit.settings, unrelated=True, folder=folder)
    found = score(pointwise(other))
    ranked = {each.name: each for each in compare({"unrelated": found, "consistent": consistent})}
    sign = 1.0 if ranked["consistent"].difference else -1.0
    apart = next((each for each in ranked.values() if each.difference), ranked["consistent"])
    tau = unrelated_tau = less = None
    if fit.model.heterogeneity:
        last = len(fit.network.treatments) - 1
        one, two = departures_at(fit, last, time), departures_at(other, last, time)
        tau, unrelated_tau = summarise(one, level), summarise(two, level)
        less = float((two[:, None] < one[None, :: max(1, len(one) // 500)]).mean())
    effects = effects_at(fit, time)
    drawn = other.coefficients["effects"].reshape(len(effects), -1, other.model.curve.columns)
    comparisons = []
    for place, (first, second) in enumerate(other.basics.pairs):
        one, two = fit.network.index(first), fit.network.index(second)
        own = np.einsum("nj,nj->n", columns_at(other, two, np.array([time]))[:, 0], drawn[:, place])
        comparisons.append(
            Unrelated(
                first, second, sum({first, second} <= set(study.treatments) for study in fit.network.studies),
                summarise(own, level), summarise(effects[:, two] - effects[:, one], level),
            )
        )  # fmt: skip
    return Consistency(
        sign * abs(apart.difference), apart.difference_se, consistent.deviance, found.deviance, found.rows, tau,
        unrelated_tau, less, found.above, comparisons,
    )  # fmt: skip
