"""Inconsistency at a time: what studies of a comparison say directly, beside what all other studies imply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from remit.inference.network.effects import Summary, columns_at, effects_at, summarise
from remit.inference.network.fit import Assumptions, fit_network
from remit.inference.network.graph import Pair, split_pairs
from remit.inference.network.network import Network
from remit.inference.network.settings import Settings


@dataclass(frozen=True, slots=True)
class Split:
    """Direct and indirect evidence of one comparison, the second treatment beside the first.

    Attributes:
        first, second: the treatments.
        studies: that compare them directly.
        direct, indirect, difference: effects at the time, and direct minus indirect [outcome].
        probability: twice the smaller share of draws on either side of no difference; small speaks of inconsistency.
    """

    first: str
    second: str
    studies: int
    direct: Summary
    indirect: Summary
    difference: Summary
    probability: float


def comparisons(network: Network) -> list[Pair]:
    """Comparisons with direct and indirect evidence."""
    return split_pairs((study.treatments for study in network.studies), list(network.treatments))


def split_network(
    network: Network,
    assumptions: Assumptions,
    settings: Settings,
    time: float,
    *,
    level: float = 0.95,
    folder: Path | None = None,
    report: Callable[[int, int], None] | None = None,
) -> list[Split]:
    """Split every comparison that has direct and indirect evidence; each split is a fit of its own.

    Args:
        network, assumptions, settings, folder: as for `fit_network`.
        time: [the table's unit].
        level: of intervals.
        report: called with the splits done and the splits in all.

    Raises:
        NotConverged: a split did not meet its diagnostics.
    """
    pairs = comparisons(network)
    found = []
    for number, (first, second) in enumerate(pairs):
        if report is not None:
            report(number, len(pairs))
        fit = fit_network(network, assumptions, settings, split=(first, second), folder=folder)
        effects = effects_at(fit, time)
        one, two = network.index(first), network.index(second)
        indirect = effects[:, two] - effects[:, one]
        extra = fit.coefficients["effects"][:, :, -2].reshape(len(effects), -1)
        difference = np.einsum("nj,nj->n", columns_at(fit, two, np.array([time]))[:, 0], extra)
        above = float((difference > 0).mean())
        found.append(
            Split(
                first, second, network.pairs[first, second], summarise(indirect + difference, level),
                summarise(indirect, level), summarise(difference, level), 2 * min(above, 1 - above),
            )
        )  # fmt: skip
    return found
