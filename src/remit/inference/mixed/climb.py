"""The highest likelihood by exact gradients: quasi-Newton steps, then Newton steps with the curvature itself.

The first metric is the sum of squares of the people's scores, which estimates the information. The end is decided with
the curvature (central differences of the exact gradient): the step left to take, in standard errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.checkpoint import Kept
from remit.inference.mixed.marginal import MODE_TOLERANCE, Marginal

Floats = NDArray[Any]
STATIONARY = 1e-3
"""Largest step left to take [standard errors] of a fit that counts as done."""
MOST = 200
"""Quasi-Newton steps.  # choice: usual fits take 10 to 40; one that needs more is lost, not slow"""
_LONGEST = 1.0  # choice: longest change of a logarithm in one step; longer ones leave where the model is defined
_NEAR = 0.02  # choice: standard errors from which the curvature is worth its price
_TINY, _STUCK = 1e-5, 5
"""Share of the step asked for that counts as no step, and how many in a row end the search: it then stands at a wall
beyond which there is no likelihood.  # choice: a search that is only slow takes larger shares again within two"""
Evaluate = Callable[[Floats, Floats], Marginal]
Report = Callable[[int, float], None]


@dataclass(frozen=True)
class Summit:
    """Where the climb ended.

    Attributes:
        estimated: the numbers.
        value: log likelihood.
        each, scores, modes, modes_left: see `Marginal`.
        gradient: of the log likelihood.
        information: minus its curvature; None where it could not be computed.
        left: step left to take [standard errors]; infinite where the curvature is not that of a maximum.
        steps, evaluations: how many were taken.
    """

    estimated: Floats
    value: float
    each: Floats
    scores: Floats
    modes: Floats
    modes_left: Floats
    gradient: Floats
    information: Floats
    left: float
    steps: int
    evaluations: int

    @property
    def fault(self) -> str:
        """Why this is no maximum, or an empty string."""
        if not np.isfinite(self.value):
            return "the likelihood is not finite where the search begins"
        if not np.isfinite(self.left):
            return "the curvature is not that of a maximum"
        if self.left > STATIONARY:
            return f"the step left to take is {self.left:.2g} standard errors, above {STATIONARY:g}"
        if self.modes_left.max() > 100 * MODE_TOLERANCE:
            return f"the mode of {int((self.modes_left > 100 * MODE_TOLERANCE).sum())} people was not reached"
        return ""


class _Counted:
    """The function with its calls counted; it begins every search of modes where the last accepted one ended."""

    def __init__(self, evaluate: Evaluate, modes: Floats) -> None:
        self.evaluate, self.modes, self.calls = evaluate, modes, 0

    def __call__(self, at: Floats) -> Marginal:
        self.calls += 1
        found = self.evaluate(at, self.modes)
        return Marginal(*(np.asarray(part) for part in found))


def _usable(found: Marginal) -> bool:
    return bool(np.isfinite(found.each).all() and np.isfinite(found.scores).all() and (found.left < 1e-3).all())


def climb(
    evaluate: Evaluate, start: Floats, modes: Floats, report: Report | None = None, kept: Kept | None = None
) -> Summit:
    """Climb from a start.

    Args:
        evaluate: the likelihood of (estimated numbers, start of the modes).
        start: estimated numbers to begin with.
        modes: standardised random effects to begin with, shape (people, effects).
        report: called with the step and the log likelihood.
        kept: where each step is kept, so that an interrupted climb goes on from there; nowhere when None.
    """
    ask, held = _Counted(evaluate, modes), kept or Kept(None, "")
    saved = held.load()
    if saved is None:
        at, here = start.copy(), ask(start)
        if not _usable(here):
            return _ended(at, here, np.full((len(at), len(at)), np.nan), np.inf, 0, ask.calls)
        ask.modes = here.modes
        metric, steps, stuck = _first_metric(here.scores), 0, 0
    else:
        at, here, metric, steps, stuck, ask.calls, ask.modes = saved
    while steps < MOST and stuck < _STUCK:
        held.keep((at, here, metric, steps, stuck, ask.calls, ask.modes))
        gradient = here.scores.sum(axis=0)
        step = metric @ gradient
        if gradient @ step < _NEAR**2:
            break
        moved = _line(ask, at, here, step, gradient)
        if moved is None:
            fresh = _first_metric(here.scores)
            if np.allclose(fresh, metric):
                break
            metric = fresh
            steps += 1
            continue
        taken, found = moved
        stuck = stuck + 1 if np.abs(taken).max() < _TINY * min(np.abs(step).max(), _LONGEST) else 0
        change = here.scores.sum(axis=0) - found.scores.sum(axis=0)
        metric = _updated(metric, taken, change)
        at, here = at + taken, found
        ask.modes = found.modes
        steps += 1
        if report is not None:
            report(steps, float(found.each.sum()))
    return _finished(ask, at, here, metric, steps, report)


def _first_metric(scores: Floats) -> Floats:
    information = scores.T @ scores
    ridge = 1e-3 * np.diag(np.maximum(np.diag(information), 1.0))
    return np.linalg.inv(information + ridge)


def _line(ask: _Counted, at: Floats, here: Marginal, step: Floats, gradient: Floats) -> tuple[Floats, Marginal] | None:
    """The longest of halved steps that raises the likelihood enough; None where none does."""
    share = min(1.0, _LONGEST / np.abs(step).max())
    before = here.each.sum()
    for _ in range(25):
        taken = share * step
        found = ask(at + taken)
        if _usable(found) and found.each.sum() >= before + 1e-4 * (gradient @ taken) - 1e-10 * abs(before):
            return taken, found
        share *= 0.5 if _usable(found) else 0.2
    return None


def _updated(metric: Floats, taken: Floats, change: Floats) -> Floats:
    """The BFGS update of the inverse information; left as it is where the function is not bent the right way."""
    along = taken @ change
    if along <= 1e-10 * np.sqrt((taken @ taken) * (change @ change)):
        return metric
    left = np.eye(len(taken)) - np.outer(taken, change) / along
    return left @ metric @ left.T + np.outer(taken, taken) / along


def information_at(ask: Any, at: Floats, scale: Floats) -> Floats:
    """Minus the curvature by central differences of the exact gradient, symmetric.

    Args:
        ask: the likelihood of estimated numbers.
        at: where.
        scale: about one standard error of each number.
    """
    # choice: a hundredth of a standard error leaves errors of 1e-4 of truncation and far less of rounding
    widths = np.clip(0.01 * scale, 1e-5, 0.05)
    rows = []
    for place, width in enumerate(widths):
        shift = np.zeros(len(at))
        shift[place] = width
        difference = ask(at + shift).scores.sum(axis=0) - ask(at - shift).scores.sum(axis=0)
        rows.append(-difference / (2.0 * width))
    whole = np.array(rows)
    return 0.5 * (whole + whole.T)


def _finished(ask: _Counted, at: Floats, here: Marginal, metric: Floats, steps: int, report: Report | None) -> Summit:
    """Newton steps with the curvature, until what is left is a small fraction of a standard error."""
    scale = np.sqrt(np.maximum(np.diag(metric), 1e-12))
    information = np.full((len(at), len(at)), np.nan)
    left = np.inf
    for _ in range(8):
        information = information_at(ask, at, scale)
        left, step = _left(information, here.scores.sum(axis=0))
        if not np.isfinite(left):
            break
        scale = np.sqrt(np.diag(np.linalg.inv(information)))
        while left > 0.01 * STATIONARY:
            moved = _line(ask, at, here, step, here.scores.sum(axis=0))
            if moved is None:
                break
            before = left
            at, here = at + moved[0], moved[1]
            ask.modes = here.modes
            steps += 1
            if report is not None:
                report(steps, float(here.each.sum()))
            left, step = _left(information, here.scores.sum(axis=0))
            if left > 0.3 * before:
                break  # the curvature has changed on the way
        if left <= 0.1 * STATIONARY:
            break
    return _ended(at, here, information, left, steps, ask.calls)


def _left(information: Floats, gradient: Floats) -> tuple[float, Floats]:
    try:
        np.linalg.cholesky(information)
        step = np.linalg.solve(information, gradient)
    except np.linalg.LinAlgError:
        return np.inf, np.zeros(len(gradient))
    return float(np.sqrt(max(gradient @ step, 0.0))), step


def _ended(at: Floats, here: Marginal, information: Floats, left: float, steps: int, calls: int) -> Summit:
    each, scores = np.asarray(here.each), np.asarray(here.scores)
    return Summit(
        at,
        float(each.sum()),
        each,
        scores,
        np.asarray(here.modes),
        np.asarray(here.left),
        scores.sum(axis=0),
        information,
        left,
        steps,
        calls,
    )
