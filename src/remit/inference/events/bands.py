"""How sure a curve without a model is: people drawn again with replacement, each draw with its own seed.

A draw's seed is (seed, number), so that draws kept in a file can be gone on with and the end is the same. Percentile
intervals, pointwise. The bootstrap of a curve that only intervals tell is not consistent at a single time (Sen,
Banerjee and Woodroofe 2010); how often such bands hold the truth is measured in docs/validation/events.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from remit.inference.events.step_curve import step_curve
from remit.inference.events.support import Support
from remit.inference.events.turnbull import most_likely
from remit.vocabulary.errors import NotConverged

KEEP_EVERY = 50
"""Draws between two writings of what is done."""


@dataclass(frozen=True, slots=True)
class Band:
    """Draws of a curve.

    Attributes:
        times: [unit of the table] (times,).
        survival: by straight lines (draws, times).
        earliest, latest: of the times by which the shares asked for are reached, as far as visits of a draw tell
            (draws, shares); inf where a draw never reaches it.
        failed: draws whose fit did not converge; they are left out.
    """

    times: np.ndarray
    survival: np.ndarray
    earliest: np.ndarray
    latest: np.ndarray
    failed: int

    def interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Pointwise percentile interval of survival (times,), (times,)."""
        tail = 0.5 * (1 - level)
        low, high = np.quantile(self.survival, [tail, 1 - tail], axis=0)
        return low, high

    def quantile_interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Percentile interval of each quantile; an end is inf where so many draws never reach it.

        The lower end is that of the earliest times that visits allow, the upper one that of the latest: a straight line
        through a gap between visits would make an interval narrower than what anybody knows.
        """
        tail = 0.5 * (1 - level)
        # order statistics, because inf cannot be mixed
        low = np.quantile(self.earliest, tail, axis=0, method="inverted_cdf")
        high = np.quantile(self.latest, 1 - tail, axis=0, method="inverted_cdf")
        return low, high


def bootstrap(
    support: Support,
    weight: np.ndarray,
    times: np.ndarray,
    shares: np.ndarray,
    *,
    draws: int,
    seed: int,
    kept: Path | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Band:
    """Fit the curve to people drawn again.

    Args:
        support: of all subjects.
        weight: people each row stands for (subjects,); whole numbers are drawn as people, others as rows.
        times, shares: where to read the curve.
        draws: how often.
        seed: of the draws.
        kept: file in which what is done is kept and gone on with; None for none.
        report: told the number done and of how many.

    Raises:
        NotConverged: more than one draw in twenty did not converge.
    """
    name = _fingerprint(support, weight, times, shares, seed)
    width = len(times) + 2 * len(shares)
    done = _load(kept, name, draws, width)
    people = np.all(weight == np.round(weight))
    count, chance = (
        (int(weight.sum()), weight / weight.sum()) if people else (len(weight), np.full(len(weight), 1 / len(weight)))
    )
    try:
        for number in range(len(done), draws):
            rng = np.random.default_rng((seed, number))
            drawn = rng.multinomial(count, chance).astype(float)
            try:
                curve = step_curve(most_likely(support.reweighted(drawn if people else drawn * weight)))
                ends = [curve.quantile(float(share)) for share in shares]
                row = np.concatenate(
                    [curve.survival(times)[0], [each.low for each in ends], [each.high for each in ends]]
                )
            except NotConverged:
                row = np.full(width, np.nan)
            done.append(row)
            if report is not None:
                report(number + 1, draws)
            if kept is not None and (number + 1) % KEEP_EVERY == 0:
                _save(kept, name, done)
    finally:
        if kept is not None and done:
            _save(kept, name, done)
    found = np.array(done).reshape(len(done), -1)
    failed = np.isnan(found).any(axis=1)
    if failed.sum() > 0.05 * draws:
        raise NotConverged(
            f"{failed.sum()} of {draws} draws of the curve did not converge", remedy="See docs/events.md"
        )
    found = found[~failed]
    survival, earliest, latest = np.split(found, [len(times), len(times) + len(shares)], axis=1)
    return Band(times, survival, earliest, latest, int(failed.sum()))


def _fingerprint(support: Support, weight: np.ndarray, times: np.ndarray, shares: np.ndarray, seed: int) -> str:
    digest = hashlib.sha256(str(seed).encode())
    for each in (
        support.left,
        support.right,
        support.first,
        support.last,
        support.entry,
        support.until,
        support.kind,
        weight,
        times,
        shares,
    ):
        digest.update(np.ascontiguousarray(each, dtype=float).tobytes())
    return digest.hexdigest()


def _load(kept: Path | None, name: str, draws: int, width: int) -> list[np.ndarray]:
    if kept is None or not kept.is_file():
        return []
    try:
        with np.load(kept, allow_pickle=False) as file:
            found = file["draws"]
            if str(file["name"]) != name or found.ndim != 2 or found.shape[1] != width:
                return []
    except (OSError, ValueError, KeyError):
        return []
    return list(found[:draws])


def _save(kept: Path, name: str, done: list[np.ndarray]) -> None:
    fresh = kept.with_suffix(".tmp")
    with fresh.open("wb") as file:
        np.savez(file, name=name, draws=np.array(done))
    fresh.replace(kept)
