"""How a network is sampled, and what the sampler hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SAMPLERS = ("auto", "independence", "nuts")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a network is sampled.

    Attributes:
        chains: independent chains.
        draws: iterations of each chain that are kept.
        seed: of the only source of chance.
        sampler: ``independence``, ``nuts``, or ``auto``: the first where it fits, the second where it does not.
        warmup: iterations NUTS tunes itself in.
        target_accept: acceptance its step size is tuned to.
        block: its draws between two saved states.
        max_tree_depth: a trajectory has at most two to this power steps.
    """

    chains: int = 4
    draws: int = 1000
    seed: int = 20261124
    sampler: str = "auto"
    warmup: int = 500
    target_accept: float = 0.9
    block: int = 250
    max_tree_depth: int = 8


class Sampled(NamedTuple):
    """Draws of the sampled numbers.

    Attributes:
        sampler: which one made them.
        position: (chains, draws, n) on the unbounded scales.
        lp: (chains, draws) log posterior density, up to a constant.
        accepted: (chains, draws) whether the proposal was taken (independence), or its acceptance (NUTS).
        diverging: (chains, draws); an independence sampler has none.
        energy: (chains, draws) of NUTS; minus lp elsewhere.
        steps: (chains, draws) evaluations of the density a draw took.
        evenness: share of even weights of the proposal; 1 for NUTS.
        tail: Pareto k of the proposal's weights; minus infinity for NUTS.
    """

    sampler: str
    position: NDArray[np.float64]
    lp: NDArray[np.float64]
    accepted: NDArray[np.float64]
    diverging: NDArray[np.bool_]
    energy: NDArray[np.float64]
    steps: NDArray[np.int64]
    evenness: float = 1.0
    tail: float = -np.inf
