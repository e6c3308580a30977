"""The curve without a model: the distribution that makes intervals most likely, with a proof that none is likelier.

The log-likelihood is concave in the masses, so a distribution is the best one if and only if no candidate has a
positive excess score (Gentleman and Geyer 1994): (sum of w_i / P_i over the subjects that can see it) - n <= 0. The
largest excess, divided by n, is the certificate; it bounds what any other distribution could gain [log-likelihood for
each subject].

A few steps of iterative convex minorants (Groeneboom and Wellner 1992) find which candidates carry mass; constrained
Newton steps on those (Wang 2007) then converge quadratically, while candidates with a positive score are let in.
EM and ICM alone (Wellner and Zhan 1997) reach the same point in many more, cheaper steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from remit.inference.events.quadratic import bounded_step
from remit.inference.events.support import Support, support_of
from remit.vocabulary.errors import NotConverged

LARGEST_GAP = 1e-6
"""Of the certificate: what any other curve could gain, in log-likelihood for each subject."""
AIM = 1e-9
"""Gap at which steps end; steps converge quadratically, so it costs one more."""
MINORANTS = 6
# choice: steps of convex minorants before Newton steps; fewer leave too many candidates in the first Hessian
MOST_STEPS = 500
SMALLEST = 1e-14
"""Mass below which a candidate carries none."""


@dataclass(frozen=True, slots=True)
class Masses:
    """The most likely distribution.

    Attributes:
        support: its candidates.
        mass: of each (candidates,), summing to one.
        log_likelihood: at the maximum.
        gap: the certificate, see above.
        steps: Newton steps taken.
        subjects: sum of weights.
    """

    support: Support
    mass: np.ndarray
    log_likelihood: float
    gap: float
    steps: int
    subjects: float


def turnbull(
    left: np.ndarray,
    right: np.ndarray,
    entry: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    limit: np.ndarray | None = None,
) -> Masses:
    """The most likely distribution of an event time known to lie in (left, right].

    Args:
        left, right, entry, weight, limit: see `support_of`.

    Raises:
        NotConverged: the certificate was not reached.
    """
    return most_likely(support_of(left, right, entry, weight, limit))


def most_likely(support: Support, report: Callable[[int, float], None] | None = None) -> Masses:
    """The most likely masses on candidates.

    Args:
        support: candidates and spans, with weights of which some may be zero.
        report: told after each step its number and the gap.

    Raises:
        NotConverged: the certificate was not reached.
    """
    seen = support.weight > 0
    spans = _Spans(support, seen)
    total = spans.total
    if total <= 0:
        raise NotConverged("nobody is left to fit a curve to", remedy="Check the weights")
    mass = spans.minorants(MINORANTS) if not spans.windowed else spans.spread()
    likelihood = spans.log_likelihood(mass)
    gap, step = np.inf, 0
    for step in range(1, MOST_STEPS + 1):
        score = spans.score(mass)
        gap = float(score.max()) / total
        if report is not None:
            report(step, gap)
        if gap <= AIM:
            break
        fresh, gained = spans.improve(mass, score, likelihood)
        if fresh is None or gained <= 0:
            break
        mass, likelihood = fresh, likelihood + gained
    gap = max(float(spans.score(mass).max()) / total, 0.0)
    if not gap <= LARGEST_GAP:
        raise NotConverged(
            f"the curve without a model is not the most likely one (gap {gap:.1e}, allowed {LARGEST_GAP:g})",
            remedy="Check the table for subjects whose entry or limit lies near the end of their interval",
        )
    return Masses(support, mass, likelihood, gap, step, total)


class _Spans:
    """Sums over the candidates that each kind of subject can see."""

    def __init__(self, support: Support, seen: np.ndarray) -> None:
        self.first, self.after = support.first[seen], support.last[seen] + 1
        self.weight, self.size = support.weight[seen], support.size
        self.total = float(self.weight.sum())
        entry, until = support.entry[seen], support.until[seen]
        narrow = (entry > 0) | (until < self.size)
        self.windowed = bool(np.any(narrow))
        self.entry, self.until, self.narrow_weight = entry[narrow], until[narrow], self.weight[narrow]

    def chance(self, mass: np.ndarray) -> np.ndarray:
        below = np.concatenate([[0.0], np.cumsum(mass)])
        return below[self.after] - below[self.first]

    def inside(self, mass: np.ndarray) -> np.ndarray:
        """Mass in each window."""
        below = np.concatenate([[0.0], np.cumsum(mass)])
        return below[self.until] - below[self.entry]

    def log_likelihood(self, mass: np.ndarray) -> float:
        chance = self.chance(mass)
        if np.any(chance <= 0):
            return -np.inf
        found = float(self.weight @ np.log(chance))
        if self.windowed:
            inside = self.inside(mass)
            found -= float(self.narrow_weight @ np.log(inside)) if np.all(inside > 0) else np.inf
        return found

    def score(self, mass: np.ndarray) -> np.ndarray:
        """Excess score of each candidate; masses sum to one."""
        rate = self.weight / self.chance(mass)
        change = np.bincount(self.first, rate, self.size + 1) - np.bincount(self.after, rate, self.size + 1)
        score = np.cumsum(change[:-1]) - (self.total - self.narrow_weight.sum())
        if self.windowed:
            rate = self.narrow_weight / self.inside(mass)
            change = np.bincount(self.entry, rate, self.size + 1) - np.bincount(self.until, rate, self.size + 1)
            score -= np.cumsum(change[:-1])
        return score

    def spread(self) -> np.ndarray:
        """The same mass everywhere."""
        return np.full(self.size, 1.0 / self.size)

    def minorants(self, steps: int) -> np.ndarray:
        """A start: distribution functions by isotonic regression of Newton steps with a diagonal Hessian."""
        mass = self.spread()
        if self.size == 1:
            return mass
        likelihood = self.log_likelihood(mass)
        for step in range(steps):
            if step < 2:  # an EM step, from which the first minorants have their scale
                mass = mass * (1 + self.score(mass) / self.total)
                likelihood = self.log_likelihood(mass)
            chance = self.chance(mass)
            rate, bend = self.weight / chance, self.weight / chance**2
            up, down = (np.bincount(self.after, each, self.size + 1)[1:-1] for each in (rate, bend))
            slope = up - np.bincount(self.first, rate, self.size)[1:]
            curvature = down + np.bincount(self.first, bend, self.size)[1:]
            now = np.cumsum(mass)[:-1]
            # every candidate's ends are ends of somebody's interval, unless that subject has no weight
            curvature = np.maximum(curvature, 1e-9 * self.total)
            wanted = isotonic_regression(now + slope / curvature, weights=curvature).x
            wanted = np.diff(np.clip(wanted, 0.0, 1.0), prepend=0.0, append=1.0)
            share = 1.0
            while share > 1e-3:
                fresh = mass + share * (wanted - mass)
                found = self.log_likelihood(fresh)
                if found > likelihood:
                    mass, likelihood = fresh, found
                    break
                share *= 0.5
        return mass

    def hessian(self, mass: np.ndarray, active: np.ndarray, windowed: bool) -> np.ndarray:
        """Of minus the log-likelihood, between active candidates."""
        count = len(active)
        before = np.zeros(self.size + 1, int)
        before[active + 1] = 1
        np.cumsum(before, out=before)
        found = _blocks(before[self.first], before[self.after] - 1, self.weight / self.chance(mass) ** 2, count)
        if windowed:
            # a subject seen through a window takes away the curvature of the mass in it
            bend = self.narrow_weight / self.inside(mass) ** 2
            found -= _blocks(before[self.entry], before[self.until] - 1, bend, count)
            found += self.narrow_weight.sum()
        return found

    def improve(self, mass: np.ndarray, score: np.ndarray, likelihood: float) -> tuple[np.ndarray | None, float]:
        """A Newton step over candidates with mass and those between them whose score rises highest; and its gain."""
        rises = np.concatenate([[-np.inf], score, [-np.inf]])
        peak = (score > 0) & (score > rises[:-2]) & (score >= rises[2:])
        active = np.flatnonzero((mass > SMALLEST) | peak)
        start = mass[active]
        for windowed in (True, False) if self.windowed else (False,):
            hessian = self.hessian(mass, active, windowed)
            hessian[np.diag_indices_from(hessian)] *= 1 + 1e-12
            found = bounded_step(hessian, score[active], start, np.ones(len(active), bool))
            if found is None:
                hessian[np.diag_indices_from(hessian)] *= 1 + 1e-6
                found = bounded_step(hessian, score[active], start, np.ones(len(active), bool))
            if found is None:
                continue
            change = found - start
            if score[active] @ change <= 0:
                continue
            share = 1.0
            while share > 1e-6:
                fresh = np.zeros(self.size)
                fresh[active] = start + share * change
                fresh /= fresh.sum()
                value = self.log_likelihood(fresh)
                if value > likelihood:
                    return fresh, value - likelihood
                share *= 0.5
        return None, 0.0


def _blocks(first: np.ndarray, last: np.ndarray, bend: np.ndarray, count: int) -> np.ndarray:
    """Sum of bend over the square blocks first to last, of candidates: a cumulative sum of a table of corners."""
    table = np.bincount(first * count + last, bend, count * count).reshape(count, count)
    upper = np.triu(np.cumsum(np.cumsum(table, axis=0)[:, ::-1], axis=1)[:, ::-1])
    return upper + np.triu(upper, 1).T
