"""Shares of people with their exact intervals, and how several studies are put together.

One study: the interval of Clopper and Pearson (Biometrika 1934;26:404). Several: random effects on the logit by
DerSimonian and Laird (Control Clin Trials 1986;7:177), half an event added where a study has none or all. A difference
of two shares: Zou and Donner's recovery of its interval from those of the shares (Stat Med 2008;27:1693).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Share:
    """A share of people [fraction] with its interval.

    Attributes:
        value, low, high: the share and the ends of its interval.
        events, people: counts behind it, summed over studies.
        studies: how many.
        spread: SD of the logit between studies; None for a single study.
        inconsistency: share of the variance between studies that is not chance (I squared) [fraction]; None for one.
    """

    value: float
    low: float
    high: float
    events: int
    people: int
    studies: int
    spread: float | None = None
    inconsistency: float | None = None


def exact_share(events: int, people: int, level: float) -> Share:
    """A share with the interval of Clopper and Pearson, which covers at least as often as its level.

    Args:
        events, people: counts.
        level: of the interval [fraction].
    """
    from scipy.special import betaincinv

    tail = 0.5 * (1.0 - level)
    low = 0.0 if events == 0 else float(betaincinv(events, people - events + 1, tail))
    high = 1.0 if events == people else float(betaincinv(events + 1, people - events, 1.0 - tail))
    return Share(events / people, low, high, events, people, 1)


def pooled_share(counts: Sequence[tuple[int, int]], level: float) -> Share:
    """A share from several studies; of one study, the exact one.

    Args:
        counts: events and people of each study.
        level: of the interval [fraction].
    """
    if len(counts) == 1:
        return exact_share(*counts[0], level)
    from remit.inference.network.pairwise import pool

    effects, variances = [], []
    for events, people in counts:
        extra = 0.5 if events in {0, people} else 0.0
        yes, no = events + extra, people - events + extra
        effects.append(math.log(yes / no))
        variances.append(1.0 / yes + 1.0 / no)
    found = pool(np.array(effects), np.array(variances), "DL", level=level)
    value, low, high = (1.0 / (1.0 + math.exp(-each)) for each in (found.estimate, found.low, found.high))
    return Share(
        value,
        low,
        high,
        sum(events for events, _ in counts),
        sum(people for _, people in counts),
        len(counts),
        math.sqrt(found.tau2),
        found.i2 / 100.0,
    )


def difference(one: Share, other: Share) -> tuple[float, float, float]:
    """One share minus another, with its interval, from the intervals of both taken as independent [fraction]."""
    found = one.value - other.value
    low = found - math.hypot(one.value - one.low, other.high - other.value)
    high = found + math.hypot(one.high - one.value, other.value - other.low)
    return found, max(low, -1.0), min(high, 1.0)
