"""A table of one time, pooled and summarised as plain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from remit import __version__
from remit.inference.network.classic import ClassicNetwork, classic_splits, contrasts_of, fit_classic
from remit.inference.network.network import Network
from remit.inference.network.pairwise import pool
from remit.inference.network.small_study import egger
from remit.vocabulary.errors import InputRefused

Summary = dict[str, Any]


def classic_summary(
    network: Network,
    *,
    method: str = "REML",
    knapp_hartung: bool = False,
    measure: str | None = None,
    level: float = 0.95,
    lower_is_better: bool = True,
) -> Summary:
    """Pool a network of one time.

    Args:
        network: read without times.
        method: ``fixed``, ``DL``, ``REML`` or ``PM``; of more than two treatments ``fixed`` or ``REML``.
        knapp_hartung: intervals of Hartung and Knapp; of two treatments only.
        measure: see `contrasts_of`.
        level: of intervals.
        lower_is_better: what P-scores mean.

    Raises:
        InputRefused: an option does not go with the table.
    """
    from scipy.stats import norm

    contrasts = contrasts_of(network, measure)
    shared: Summary = {
        "remit": __version__,
        "table": network.table.name,
        "measure": measure or {"counts": "OR", "means": "MD"}.get(network.table.kind, "MD"),
        "log": network.table.kind == "counts" and measure != "RD",
        "level": level,
        "reference": network.treatments[0],
        "studies": len(network.studies),
        "notes": [each for each in network.notes if not each.startswith("counts:")],
        "lower_is_better": lower_is_better,
    }
    reach = float(norm.ppf((1 + level) / 2))
    every = [
        {
            "study": each.study,
            "treatment": name,
            "versus": each.versus,
            "effect": float(value),
            "se": float(np.sqrt(variance)),
        }
        for each in contrasts
        for name, value, variance in zip(each.treatments, each.effects, np.diagonal(each.cover), strict=True)
    ]
    if len(network.treatments) == 2:
        if any(len(each.effects) > 1 for each in contrasts):
            raise InputRefused(
                "a study has more than one arm of a treatment",
                allowed="one arm a treatment without times",
                where=network.table.name,
            )
        y = np.array([each["effect"] for each in every])
        v = np.array([each["se"] ** 2 for each in every])
        found = pool(y, v, method, knapp_hartung=knapp_hartung, level=level)
        test = egger(y, np.sqrt(v))
        return {
            **shared,
            "kind": "pairwise",
            "treatment": network.treatments[1],
            "pooled": asdict(found),
            "study_effects": every,
            "egger": None if test is None else asdict(test),
        }
    if knapp_hartung:
        raise InputRefused(
            "intervals of Hartung and Knapp are for two treatments", remedy="Leave it out", where="--knapp-hartung"
        )
    fitted, _, _ = fit_classic(network, contrasts, method)
    away = [each["effect"] - fitted.difference(each["treatment"], each["versus"])[0] for each in every]
    test = egger(away, [each["se"] for each in every])
    return {
        **shared,
        "kind": "network",
        "method": method,
        "tau2": fitted.tau2,
        "q": fitted.q,
        "q_freedom": fitted.q_freedom,
        "league": [
            _cell(fitted, one, two, reach) for one in network.treatments for two in network.treatments if one != two
        ],
        "scores": fitted.scores(lower_is_better=lower_is_better),
        "splits": [asdict(each) for each in classic_splits(network, contrasts, method)],
        "study_effects": every,
        "egger": None if test is None else asdict(test),
    }


def _cell(fitted: ClassicNetwork, one: str, two: str, reach: float) -> Summary:
    value, error = fitted.difference(one, two)
    wide = float(np.sqrt(error**2 + fitted.tau2))
    return {
        "row": one,
        "column": two,
        "median": value,
        "low": value - reach * error,
        "high": value + reach * error,
        "se": error,
        "new_low": value - reach * wide,
        "new_high": value + reach * wide,
    }
