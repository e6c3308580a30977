"""Are curves of groups different, when only intervals are known: score tests with a permutation variance.

Each subject's score comes from the pooled curve: c_i = (S(L) log S*(L) - S(R) log S*(R)) / (S(L) - S(R)). With S* = S
it is the score of proportional hazards (Finkelstein 1986); with S* = exp(-sum of mass / survival before it), that of
Sun (1996), which is the ordinary log-rank test where all times are known. Sums over groups are compared with what
they would be if groups had been dealt out at random (Fay 1999): valid where visits do not depend on the group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from remit.inference.events.turnbull import Masses
from remit.vocabulary.errors import InputRefused

SCORES = ("sun", "finkelstein")


@dataclass(frozen=True, slots=True)
class LogRank:
    """A test.

    Attributes:
        scores: ``sun`` or ``finkelstein``.
        statistic: chi-square.
        freedom: its degrees of freedom, groups less one.
        z: of two groups, positive where the second has more events than expected; None of more.
        p: asymptotic.
        p_permuted: by dealing out groups at random; None if that was not asked for.
        permutations: how often.
        excess: events seen less events expected, by group.
    """

    scores: str
    statistic: float
    freedom: int
    z: float | None
    p: float
    p_permuted: float | None
    permutations: int
    excess: np.ndarray


def subject_scores(masses: Masses, scores: str = "sun") -> np.ndarray:
    """Score of each subject against the pooled curve (subjects,).

    Raises:
        InputRefused: there are no such scores.
    """
    if scores not in SCORES:
        raise InputRefused(f"unknown scores {scores!r}", allowed=", ".join(SCORES), where="--scores")
    support = masses.support
    left = np.clip(np.concatenate([[1.0], 1 - np.cumsum(masses.mass)]), 0.0, 1.0)
    left[-1] = 0.0
    if scores == "sun":
        hazard = np.cumsum(np.divide(masses.mass, left[:-1], out=np.zeros_like(masses.mass), where=left[:-1] > 1e-12))
        log_left = -np.concatenate([[0.0], hazard])
    else:
        log_left = np.log(np.where(left > 1e-12, left, 1.0))
    product = left * log_left
    first, last = support.first, support.last + 1
    kinds = (product[first] - product[last]) / np.maximum(left[first] - left[last], 1e-300)
    return kinds[support.kind]


def log_rank(
    masses: Masses,
    group: np.ndarray,
    groups: int,
    weight: np.ndarray | None = None,
    *,
    scores: str = "sun",
    permutations: int = 0,
    seed: int = 0,
) -> LogRank:
    """Test whether groups share one curve.

    Args:
        masses: the pooled curve.
        group: number of each subject's group (subjects,).
        groups: how many there are.
        weight: people each row stands for (subjects,).
        scores: ``sun`` or ``finkelstein``.
        permutations: random deals of the groups; 0 for the asymptotic test alone.
        seed: of the deals.

    Raises:
        InputRefused: somebody entered late, or there is one group only.
    """
    if masses.support.truncated:
        raise InputRefused("a permutation test needs everybody seen from the start", remedy="Leave the entry out")
    if groups < 2:
        raise InputRefused("one group cannot be compared", allowed="two groups or more", where="--by")
    weights = np.ones(len(group)) if weight is None else weight
    score = subject_scores(masses, scores)
    people = weights.sum()
    score = score - (weights @ score) / people
    member = np.eye(groups)[group] * weights[:, None]
    excess = score @ member
    share = member.sum(axis=0) / people
    spread = np.diag(share * people) - np.outer(share, share) * people
    variance = float(weights @ score**2) / (people - 1) * spread
    if not variance.any():
        raise InputRefused("groups cannot be compared", remedy="All subjects tell the same", where="--by")
    inverse = np.linalg.pinv(variance, hermitian=True)
    statistic = float(excess @ inverse @ excess)
    permuted = None
    if permutations:
        rng = np.random.default_rng((seed, 11))
        # rows that stand for several people are dealt out as one
        beyond = 0
        for _ in range(permutations):
            other = score @ member[rng.permutation(len(group))]
            beyond += float(other @ inverse @ other) >= statistic * (1 - 1e-12)
        permuted = (beyond + 1) / (permutations + 1)
    return LogRank(
        scores,
        statistic,
        groups - 1,
        float(np.sign(excess[1]) * np.sqrt(statistic)) if groups == 2 else None,
        float(chi2.sf(statistic, groups - 1)),
        permuted,
        permutations,
        excess,
    )
