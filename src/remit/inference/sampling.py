"""Run the sampler with a key; draws come back with diagnostics or not at all.

One program is compiled for a model and its data and serves every chain, block and weighting of the rows: NumPyro's NUTS
with the mass matrix of `metric`. Sampling goes in blocks. After each block the state of every chain is saved, so that a
long fit can be stopped and taken up again; the draws do not depend on where it was stopped.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.checkpoint import Kept, keep, living, plain
from remit.inference.diagnostics import Diagnostics, Draws, diagnose
from remit.inference.metric import Normal, blended, fit_normal

FIRST_STEP = 0.1
"""Where the tuning of the step size starts, in units of the posterior's own width."""
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a posterior is sampled.

    Attributes:
        chains: independent chains.
        warmup, draws: iterations of each chain.
        seed: of the only key.
        target_accept: acceptance the step size is tuned to.
        block: draws between two saved states.
        max_tree_depth: a trajectory has at most two to this power steps.
    """

    chains: int = 4
    warmup: int = 300
    draws: int = 2000
    seed: int = 20261124
    target_accept: float = 0.9
    block: int = 50
    max_tree_depth: int = 8


@dataclass(slots=True)
class Chain:
    """One chain between two blocks.

    Attributes:
        state: of the sampler.
        draws: flat unconstrained draws of each block, shape (draws, parameters).
        divergences: divergent transitions after warm-up.
        energies: of each block.
    """

    state: Any
    draws: list[NDArray[np.float64]] = field(default_factory=list)
    divergences: int = 0
    energies: list[NDArray[np.float64]] = field(default_factory=list)

    def extended(self, state: Any, seen: tuple[Any, ...] | None) -> Chain:
        """This chain after one more block; a block of warm-up keeps nothing but the state."""
        if seen is None:
            return Chain(state, self.draws, self.divergences, self.energies)
        flat, diverging, energy = (np.asarray(part) for part in seen)
        divergences = self.divergences + int(diverging.sum())
        return Chain(state, [*self.draws, flat], divergences, [*self.energies, energy])


class Program:
    """A model on its data, compiled once.

    Args:
        model: a NumPyro model.
        arguments: its arguments that stay.
        changing: its last arguments, arrays that may have other values at each run (never other shapes).
        settings: how to sample.
        options: of the compiler, for the search of the shape and for reading off sites; the sampler itself is always
            optimised.
    """

    def __init__(
        self,
        model: Callable[..., None],
        arguments: tuple[Any, ...],
        changing: tuple[Any, ...],
        settings: Settings,
        options: dict[str, Any] | None = None,
    ) -> None:
        # answers import this module for its records; the sampler itself is imported only when it runs
        from jax.flatten_util import ravel_pytree
        from numpyro.infer import init_to_median
        from numpyro.infer.hmc import hmc
        from numpyro.infer.util import initialize_model

        self.settings, self._options = settings, options
        self.key = jax.random.key(settings.seed)
        info = initialize_model(
            jax.random.fold_in(self.key, 0),
            lambda *given: model(*arguments, *given),
            init_strategy=init_to_median(num_samples=5),
            model_args=changing,
            dynamic_args=True,
        )
        self.start, self._unravel = ravel_pytree(info.param_info.z)
        self._potential, self._postprocess = info.potential_fn, info.postprocess_fn
        self._init, self._step = hmc(potential_fn_gen=self.potential, algo="NUTS")
        # the library keeps what it was told at a start beside the step; a fit that is taken up again has no other start
        self._begin(self.start, jnp.eye(len(self.start)), changing, self.key)
        self._run = jax.jit(self._block, static_argnames=("length",))
        self._slope = jax.jit(lambda flat, *given: jax.value_and_grad(self.potential(*given))(flat))
        self._sites = jax.jit(
            lambda flat, *given: jax.lax.map(lambda one: self._postprocess(*given)(self._unravel(one)), flat),
            compiler_options=options,
        )

    def potential(self, *changing: Any) -> Callable[[Any], Any]:
        """Minus the log density of the flat unconstrained parameters."""
        inner = self._potential(*changing)
        return lambda flat: inner(self._unravel(flat))

    def normal(
        self, *changing: Any, report: Callable[[int, int], None] | None = None, kept: Kept | None = None
    ) -> Normal:
        """A normal distribution near the posterior.

        Args:
            changing: the changing arguments.
            report: called with the steps done and of how many.
            kept: where the search is kept on the way.
        """
        own = jax.random.fold_in(self.key, 1)
        return fit_normal(self.potential(*changing), self.start, own, self._options, report, kept)

    def chain(self, number: int, near: Normal, changing: tuple[Any, ...], start: Any = None) -> Chain:
        """A chain before its first transition.

        Args:
            number: which chain; each has random numbers of its own.
            near: a normal distribution near the posterior.
            changing: the changing arguments.
            start: flat unconstrained parameters; None starts at a draw of ``near``.
        """
        place, motion = jax.random.split(jax.random.fold_in(self.key, 2 + number))
        if start is None:
            root = jnp.linalg.cholesky(jnp.asarray(near.covariance))
            start = near.mean + root @ jax.random.normal(place, near.mean.shape, dtype=jnp.float64)
        state = self._begin(start, jnp.asarray(near.covariance), changing, motion)
        return Chain(state)

    def moved(self, chain: Chain, start: Any, changing: tuple[Any, ...], number: int) -> Chain:
        """A tuned chain put at another place under other changing arguments; it tunes no more.

        Args:
            chain: any chain of this program after its warm-up.
            start: flat unconstrained parameters.
            changing: the changing arguments.
            number: of its random numbers.
        """
        energy, slope = self._slope(start, *changing)
        return Chain(
            chain.state._replace(
                z=start, z_grad=slope, potential_energy=energy, rng_key=jax.random.fold_in(self.key, 1000 + number)
            )
        )

    def _begin(self, start: Any, covariance: Any, changing: tuple[Any, ...], key: Any) -> Any:
        """The sampler's state at a start."""
        return self._init(
            start,
            self.settings.warmup // 2,
            step_size=FIRST_STEP,
            inverse_mass_matrix=covariance,
            adapt_mass_matrix=False,
            dense_mass=True,
            target_accept_prob=self.settings.target_accept,
            max_tree_depth=self.settings.max_tree_depth,
            model_args=changing,
            rng_key=key,
        )

    def _block(self, state: Any, changing: tuple[Any, ...], length: int) -> tuple[Any, tuple[Any, ...]]:
        def advance(state: Any, _: None) -> tuple[Any, tuple[Any, ...]]:
            state = self._step(state, changing, {})
            return state, (state.z, state.diverging, state.energy)

        return jax.lax.scan(advance, state, None, length=length)

    def run(self, chain: Chain, length: int, changing: tuple[Any, ...], *, keep: bool) -> Chain:
        """The chain after ``length`` more transitions, whose draws are kept or not."""
        state, seen = jax.block_until_ready(self._run(chain.state, changing, length=length))
        return chain.extended(state, seen if keep else None)

    def run_all(self, chains: Sequence[Chain], length: int, changing: tuple[Any, ...], *, keep: bool) -> list[Chain]:
        """`run` of several chains, one after the other.

        Two compiled programs at once, from two threads, may wait for each other's threads for ever on a machine with
        two processors.
        """
        return [self.run(chain, length, changing, keep=keep) for chain in chains]

    def sites(self, flat: NDArray[np.float64], changing: tuple[Any, ...]) -> Draws:
        """Values of every site at flat unconstrained draws.

        Args:
            flat: shape (chains, draws, parameters).
            changing: the changing arguments.

        Returns:
            Site to array of shape (chains, draws, ...).
        """
        found = self._sites(jnp.asarray(flat.reshape(-1, flat.shape[-1])), *changing)
        return {name: np.asarray(value).reshape(*flat.shape[:2], *value.shape[1:]) for name, value in found.items()}


def flat_draws(chains: Sequence[Chain]) -> NDArray[np.float64]:
    """Unconstrained draws of all chains, shape (chains, draws, parameters)."""
    return np.stack([np.concatenate(chain.draws) for chain in chains])


@dataclass(slots=True)
class _Saved:
    """A fit under way: what it is, its metric, and its chains after so many iterations."""

    fingerprint: str
    near: Normal
    chains: list[Chain]
    done: int = 0


def _fingerprint(label: str, settings: Settings) -> str:
    # the number of draws is left out, so that a fit can be taken up again with more of them
    return hashlib.sha256(f"{label}|{replace(settings, draws=0)}".encode()).hexdigest()


def _plain(saved: _Saved) -> _Saved:
    """The same with plain arrays, which can be written to a file."""
    return replace(saved, chains=[replace(chain, state=plain(chain.state)) for chain in saved.chains])


def _load(path: Path | None, fingerprint: str) -> _Saved | None:
    if path is None or not path.exists():
        return None
    saved = pickle.loads(path.read_bytes())  # noqa: S301  (written by this module on this machine)
    if not isinstance(saved, _Saved) or saved.fingerprint != fingerprint:
        return None
    chains = [replace(chain, state=jax.tree.map(jnp.asarray, living(chain.state))) for chain in saved.chains]
    return replace(saved, chains=chains)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Draws of a posterior and what made them.

    Attributes:
        draws: of each site, shape (chains, draws, ...).
        diagnostics: whether they may be used.
        program: the compiled model.
        chains: the chains as they ended.
        flat: unconstrained draws, shape (chains, draws, parameters).
    """

    draws: Draws
    diagnostics: Diagnostics
    program: Program
    chains: Sequence[Chain]
    flat: NDArray[np.float64]


def sample(
    model: Callable[..., None],
    arguments: tuple[Any, ...],
    settings: Settings,
    *,
    label: str,
    changing: tuple[Any, ...] = (),
    checkpoint: Path | None = None,
    report: Report | None = None,
    options: dict[str, Any] | None = None,
) -> Fit:
    """Draws from a posterior with their diagnostics.

    Half of the warm-up runs with the metric of a fitted normal distribution, the other half and the draws with a metric
    that has also seen the first half.

    Args:
        model: a NumPyro model.
        arguments: its arguments that stay.
        settings: how to sample.
        label: names data and model; a saved state with another label is not taken up.
        changing: its last arguments, which may have other values when the program runs again (`resample`).
        checkpoint: file for the state of a fit under way; None keeps none.
        report: called with the stage, iterations done and iterations in all.
        options: see `Program`.
    """
    tell: Report = report or (lambda *_: None)
    fingerprint = _fingerprint(label, settings)
    program = Program(model, arguments, changing, settings, options)
    half = settings.warmup // 2
    total = 2 * half + settings.draws
    saved = _load(checkpoint, fingerprint)
    if saved is None:
        tell("finding the shape", 0, total)
        shape = Kept(None if checkpoint is None else checkpoint.with_suffix(".shape"), fingerprint)
        near = program.normal(*changing, report=lambda done, of: tell("finding the shape", done, of), kept=shape)
        saved = _Saved(fingerprint, near, [program.chain(number, near, changing) for number in range(settings.chains)])
        if checkpoint is not None:
            keep(checkpoint, _plain(saved))
            checkpoint.with_suffix(".shape").unlink(missing_ok=True)
    while saved.done < total:
        warming = saved.done < 2 * half
        tell("warm-up" if warming else "sampling", saved.done, total)
        end = half if saved.done < half else 2 * half if warming else total
        length = min(settings.block, end - saved.done)
        chains = program.run_all(saved.chains, length, changing, keep=saved.done < half or not warming)
        saved = replace(saved, chains=chains, done=saved.done + length)
        if saved.done == half:
            flat = flat_draws(chains)
            near = blended(saved.near, flat[:, flat.shape[1] // 3 :].reshape(-1, flat.shape[-1]))
            fresh = [
                program.chain(settings.chains + number, near, changing, start=chain.state.z)
                for number, chain in enumerate(chains)
            ]
            saved = replace(saved, near=near, chains=fresh)
        if checkpoint is not None:
            keep(checkpoint, _plain(saved))
    tell("sampling", total, total)
    return _finished(program, saved.chains, changing, settings.draws)


def _finished(program: Program, chains: Sequence[Chain], changing: tuple[Any, ...], size: int) -> Fit:
    flat = flat_draws(chains)[:, :size]
    draws = program.sites(flat, changing)
    energies = np.stack([np.concatenate(chain.energies) for chain in chains])
    divergences = sum(chain.divergences for chain in chains)
    return Fit(draws, diagnose(draws, divergences, energies), program, chains, flat)


def resample(fit: Fit, changing: tuple[Any, ...], *, chains: int, warmup: int, draws: int, number: int) -> Fit:
    """The posterior under other changing arguments, by the program that is already compiled and tuned.

    Chains start at draws of ``fit``, whose posterior must be near the new one.

    Args:
        fit: a finished fit.
        changing: the new values of its changing arguments.
        chains, warmup, draws: how many, and how long.
        number: of this run; each has random numbers of its own.
    """
    starts = fit.flat.reshape(-1, fit.flat.shape[-1])
    places = np.random.default_rng([fit.program.settings.seed, number]).choice(len(starts), chains, replace=False)
    first = [
        fit.program.moved(fit.chains[one % len(fit.chains)], jnp.asarray(starts[place]), changing, 10 * number + one)
        for one, place in enumerate(places)
    ]
    warm = fit.program.run_all(first, warmup, changing, keep=False)
    return _finished(fit.program, fit.program.run_all(warm, draws, changing, keep=True), changing, draws)
