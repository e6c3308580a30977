"""NUTS over the numbers that are left once all coefficients are integrated out: compiled once, run many times.

A program is named by the model and the sizes of its arrays. Data are its arguments, so that another table of the same
sizes, another seed or another split of the network runs without compiling again. After each block every chain's state
is kept: a fit can be stopped, and goes on where it was.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.checkpoint import keep
from remit.inference.network.density import log_density
from remit.inference.network.marginal import Design, Model
from remit.inference.network.settings import Sampled, Settings
from remit.inference.sampling import Report


class Programs(NamedTuple):
    """The compiled programs of a model: start and warm up a chain, advance it by a block."""

    begin: Callable[..., Any]
    advance: Callable[..., Any]


@lru_cache(maxsize=64)
def programs(model: Model, warmup: int, block: int, target_accept: float, max_tree_depth: int) -> Programs:
    """The programs of a model and settings."""
    from numpyro.infer.hmc import hmc
    from numpyro.infer.hmc_util import euclidean_kinetic_energy

    def potential(design: Design) -> Callable[[Any], Any]:
        return lambda position: -log_density(model, position, design)

    start, step = hmc(potential_fn_gen=potential, kinetic_fn=euclidean_kinetic_energy, algo="NUTS")

    def begin(key: Any, position: Any, design: Design) -> Any:
        state = start(
            position, warmup, dense_mass=not model.noise, target_accept_prob=target_accept, trajectory_length=None,  # pyright: ignore[reportArgumentType]  (NUTS has none)
            max_tree_depth=max_tree_depth, model_args=(design,), rng_key=key,
        )  # fmt: skip
        return jax.lax.fori_loop(0, warmup, lambda _, held: step(held, (design,), {}), state)

    def advance(state: Any, design: Design) -> Any:
        def one(held: Any, _: Any) -> Any:
            held = step(held, (design,), {})
            kept = (held.z, held.potential_energy, held.accept_prob, held.diverging, held.energy, held.num_steps)
            return held, kept

        return jax.lax.scan(one, state, None, length=block)

    return Programs(jax.jit(begin), jax.jit(advance))


@dataclass(slots=True)
class _Saved:
    """A fit under way: every chain's state and finished blocks."""

    fingerprint: str
    states: list[Any]
    blocks: list[list[Any]]


def _load(path: Path | None, fingerprint: str) -> _Saved | None:
    if path is None or not path.exists():
        return None
    try:
        saved = pickle.loads(path.read_bytes())  # noqa: S301  (written by this module on this machine)
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError):
        return None  # of another version: the fit starts again
    return saved if getattr(saved, "fingerprint", "") == fingerprint else None


def fingerprint_of(model: Model, design: Design, settings: Settings) -> str:
    """Names data, model and settings; the number of draws is left out, so that a fit can go on with more of them."""
    said = hashlib.sha256(f"{model}|{replace(settings, draws=0)}".encode())
    for each in design:
        said.update(np.ascontiguousarray(each).tobytes())
    return said.hexdigest()


def sample(
    model: Model,
    design: Design,
    starts: NDArray[np.float64],
    settings: Settings,
    *,
    checkpoint: Path | None = None,
    report: Report | None = None,
) -> Sampled:
    """Draws from the posterior of a network.

    Args:
        model: what is assumed.
        design: the data, on the device.
        starts: (chains, n) where the chains start.
        settings: how to sample.
        checkpoint: file of a fit under way; None keeps none.
        report: called with the stage, iterations done and iterations in all.
    """
    tell: Report = report or (lambda *_: None)
    total = settings.warmup + settings.draws
    block = min(settings.block, settings.draws)
    made = programs(model, settings.warmup, block, settings.target_accept, settings.max_tree_depth)
    keys = jax.random.split(jax.random.key(settings.seed), settings.chains)
    fingerprint = fingerprint_of(model, design, settings)
    saved = _load(checkpoint, fingerprint)
    if saved is None:
        tell("warm-up", 0, total)
        # one chain after the other: threads that run programs with loops can wait for each other for ever
        states = [made.begin(key, jnp.asarray(start), design) for key, start in zip(keys, starts, strict=True)]
        saved = _Saved(fingerprint, jax.device_get(states), [])
        keep(checkpoint, saved)
    else:
        # tells the sampler its settings, which it keeps from the start of a chain
        jax.eval_shape(made.begin, keys[0], jnp.asarray(starts[0]), design)
    while len(saved.blocks) * block < settings.draws:
        tell("sampling", settings.warmup + len(saved.blocks) * block, total)
        done = [made.advance(state, design) for state in saved.states]
        saved.states = jax.device_get([state for state, _ in done])
        saved.blocks.append(jax.device_get([kept for _, kept in done]))
        keep(checkpoint, saved)
    tell("sampling", total, total)
    z, potential, accepted, diverging, energy, steps = (
        np.stack([np.concatenate([part[chain][field] for part in saved.blocks]) for chain in range(settings.chains)])[
            :, : settings.draws
        ]
        for field in range(6)
    )
    return Sampled("nuts", z, -potential, accepted, diverging, energy, steps)
