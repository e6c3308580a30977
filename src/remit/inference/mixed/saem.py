"""Stochastic approximation EM: maximum likelihood by simulating the random effects instead of integrating them out.

Each iteration moves several chains of every person's random effects by Metropolis steps (independence from the
population, random walks along all and along each), updates running averages of the sufficient statistics by a step
that falls, and takes the estimates that are most likely for them (Delyon, Lavielle and Moulines 1999; Kuhn and Lavielle
2005). Population means of parameters that vary, Omega, spreads between occasions and residual SDs of one kind have
closed forms; what has none takes Newton steps on the averaged complete-data likelihood.

At the end the chains run on with the estimates held: the mean of the complete-data score is the score of the data
(Fisher), and with the complete-data curvature it gives the information (Louis 1982). The step that this score still
asks for is taken, and the fit is done when what is left is a small part of a standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from remit.inference.checkpoint import Kept
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.records import Records
from remit.inference.mixed.shortfall import endless, tries
from remit.inference.mixed.walkers import HELD, LONGEST, Held, Sampler, Walk
from remit.vocabulary.errors import NotConverged

Floats = NDArray[Any]
Report = Callable[[int, float], None]
SEARCH, SETTLE = 300, 300
"""Iterations with full steps, and with falling ones.  # choice: usual numbers of programs of this kind"""
BLOCK = 50
ROUNDS = 8
STATIONARY = 0.1
"""Largest step left to take [standard errors] of a fit that counts as done."""


@dataclass(frozen=True)
class Settled:
    """The end of a run.

    Attributes:
        estimated: the numbers.
        held: what the chains showed there.
        left: step left to take, and `noise` of it by simulation [standard errors].
        iterations: of all stages.
        log_likelihood: of the data by importance sampling, with its simulation error.
    """

    estimated: Floats
    held: Held
    left: float
    noise: float
    iterations: int
    log_likelihood: float
    likelihood_error: float
    each: Floats


def settle(
    model: MixedModel,
    records: Records,
    start: Floats,
    seed: int = 1,
    report: Report | None = None,
    kept: Kept | None = None,
) -> Settled:
    """Fit by stochastic approximation EM.

    Args:
        model: as prepared.
        records: of all people.
        start: estimated numbers to begin with.
        seed: the same seed gives the same numbers.
        report: called with iteration and the step left (not a number before it is measured).
        kept: where the chains are kept on the way, so that an interrupted fit goes on from there and ends with the
            same numbers; nowhere when None.

    Raises:
        NotConverged: the estimates do not settle at a maximum.
    """
    tell, held_state = report or (lambda *_: None), kept or Kept(None, "")
    sampler = Sampler(model, jax.device_put(records), seed)
    saved = held_state.load()
    walk, done, rounds = (sampler.begin(start), 0, 0) if saved is None else saved
    walk = _searched(sampler, walk, done, tell, held_state, Schedule())
    done = max(done, SEARCH + SETTLE)
    left = noise = np.inf
    for number in range(rounds, ROUNDS):
        held_state.keep((walk, done, number))
        begun = done
        walk, held = sampler.held(walk, lambda more, begun=begun: tell(begun + more, float("nan")))
        done += HELD
        try:
            root = np.linalg.cholesky(held.information)
        except np.linalg.LinAlgError:
            raise NotConverged(
                "not converged: the information at the end of SAEM is not that of a maximum"
                f"{endless(model, np.asarray(walk.x))}",
                remedy=tries(model, "saem", np.asarray(walk.x)),
            ) from None
        step = np.linalg.solve(held.information, held.scores.sum(axis=0))
        left = float(np.linalg.norm(root.T @ step))
        solved = np.linalg.solve(root, held.noise)
        noise = float(np.sqrt(np.trace(np.linalg.solve(root, solved.T))))
        tell(done, left)
        at = np.asarray(walk.x)
        if left <= max(STATIONARY / 2, 1.5 * noise) and left <= STATIONARY:
            total, error = sampler.log_likelihood(at, held)
            return Settled(at, held, left, noise, done, float(total.sum()), error, total)
        walk = sampler.shifted(walk, np.clip(step, -LONGEST, LONGEST))
    raise NotConverged(
        f"not converged: the step left to take is {left:.2g} standard errors (simulation noise {noise:.1g}), above "
        f"{STATIONARY:g}{endless(model, np.asarray(walk.x))}",
        remedy=tries(model, "saem", np.asarray(walk.x)),
    )


class Schedule(NamedTuple):
    """How long a search by simulation is.

    Attributes:
        search, settle: iterations with full steps, and with falling ones; multiples of `BLOCK`.
        chains: of every person; None for the usual number.
    """

    search: int = SEARCH
    settle: int = SETTLE
    chains: int | None = None


def scattered(
    model: MixedModel, records: Records, start: Floats, schedule: Schedule, seeds: Sequence[int]
) -> Float[np.ndarray, "seeds numbers"]:
    """Where a search of a fixed length ends, seed by seed: what chance does to fits that stop there.

    Args:
        model, records, start: as for `settle`.
        schedule: of the search.
        seeds: one for each search.

    Raises:
        NotConverged: the estimates are no numbers any more.
    """
    sampler, found = Sampler(model, jax.device_put(records), 0, schedule.chains), []
    for seed in seeds:
        walk = sampler.begin(start)._replace(key=jax.random.key(seed))
        found.append(np.asarray(_searched(sampler, walk, 0, lambda *_: None, Kept(None, ""), schedule).x))
    return np.stack(found)


def _searched(sampler: Sampler, walk: Walk, done: int, tell: Report, kept: Kept, schedule: Schedule) -> Walk:
    """The chains after the iterations that move the estimates, of which some are done."""
    for stage in range(done, schedule.search + schedule.settle, BLOCK):
        kept.keep((walk, stage, 0))
        number = np.arange(stage, stage + BLOCK)
        searching = stage < schedule.search
        steps = np.ones(BLOCK) if searching else 1.0 / (number - schedule.search + 1.0)
        walk, seen = sampler.advanced(walk, steps, searching=searching)
        if not np.isfinite(seen).all():
            raise NotConverged(
                "not converged: the estimates of SAEM are no numbers any more",
                remedy=tries(sampler.model, "saem", sampler.model.start[sampler.model.free]),
            )
        tell(stage + BLOCK, float("nan"))
    return walk
