"""Run the sampler with a key; draws come back with diagnostics or not at all.

Sampling goes in blocks. After each block the state of every chain is saved, so that a long fit can be stopped and taken
up again; the draws do not depend on where it was stopped.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from remit.vocabulary.errors import NotConverged

Draws = dict[str, NDArray[np.float64]]
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
    warmup: int = 400
    draws: int = 1000
    seed: int = 20261124
    target_accept: float = 0.97
    block: int = 100
    max_tree_depth: int = 8


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """What says whether draws may be used.

    Attributes:
        rhat: largest split R-hat of any parameter, and its name.
        ess: smallest bulk effective sample size of any parameter, and its name.
        divergences, transitions: divergent transitions after warm-up, and transitions in all. A few, scattered over the
            tails, bias nothing that is reported; many say that the sampler does not reach a part of the posterior.
        energy: smallest Bayesian fraction of missing information of a chain.
    """

    rhat: float
    rhat_of: str
    ess: float
    ess_of: str
    divergences: int
    transitions: int
    energy: float

    def refusal(self, rhat_below: float = 1.01, ess_above: float = 400.0, divergent_below: float = 0.01) -> str:
        """Why the draws may not be used, or an empty string."""
        faults = []
        if not self.rhat < rhat_below:
            faults.append(f"R-hat of {self.rhat_of} is {self.rhat:.3f}, not below {rhat_below}")
        if not self.ess > ess_above:
            faults.append(f"bulk ESS of {self.ess_of} is {self.ess:.0f}, not above {ess_above:.0f}")
        if not self.divergences < divergent_below * self.transitions:
            faults.append(
                f"{self.divergences} of {self.transitions} transitions diverged, not below {100 * divergent_below:g} %"
            )
        if not self.energy > 0.2:  # choice: Stan's threshold, below which a chain moves too slowly through its energies
            faults.append(f"energy fraction {self.energy:.2f}, not above 0.2")
        return "; ".join(faults)


@dataclass(slots=True)
class _Saved:
    """A fit under way."""

    fingerprint: str
    state: Any
    draws: list[Draws] = field(default_factory=list)
    divergences: int = 0
    energies: list[NDArray[np.float64]] = field(default_factory=list)


def _fingerprint(label: str, settings: Settings) -> str:
    # the number of draws is left out, so that a fit can be taken up again with more of them
    return hashlib.sha256(f"{label}|{replace(settings, draws=0)}".encode()).hexdigest()


def _load(path: Path | None, fingerprint: str) -> _Saved | None:
    if path is None or not path.exists():
        return None
    saved = pickle.loads(path.read_bytes())  # noqa: S301  (written by this module on this machine)
    return saved if saved.fingerprint == fingerprint else None


def _save(path: Path | None, saved: _Saved) -> None:
    if path is None:
        return
    fresh = path.with_suffix(".tmp")
    fresh.write_bytes(pickle.dumps(saved))
    fresh.replace(path)


def sample(
    model: Callable[..., None],
    arguments: tuple[Any, ...],
    settings: Settings,
    *,
    label: str,
    dense: tuple[tuple[str, ...], ...] = (),
    checkpoint: Path | None = None,
    report: Report | None = None,
) -> tuple[Draws, Diagnostics]:
    """Draws from a posterior, shape (chains, draws, ...) for each site, with their diagnostics.

    Args:
        model: a NumPyro model.
        arguments: its arguments.
        settings: how to sample.
        label: names data and model; a saved state with another label is not taken up.
        dense: blocks of sites whose correlations the sampler learns; the others get a variance each.
        checkpoint: file for the state of a fit under way; None keeps none.
        report: called with the stage, iterations done and iterations in all.
    """
    # answers import this module for its records; the sampler itself is imported only when it runs
    from numpyro.infer import MCMC, NUTS, init_to_median

    tell: Report = report or (lambda *_: None)
    fingerprint = _fingerprint(label, settings)
    kernel = NUTS(
        model,
        target_accept_prob=settings.target_accept,
        max_tree_depth=settings.max_tree_depth,
        dense_mass=list(dense),  # pyright: ignore[reportArgumentType]  (its annotation knows only booleans)
        init_strategy=init_to_median(num_samples=5),
    )
    many = settings.chains > 1
    mcmc = MCMC(
        kernel,
        num_warmup=settings.warmup,
        num_samples=settings.block,
        num_chains=settings.chains,
        chain_method="parallel" if many and jax.local_device_count() >= settings.chains else "sequential",
        progress_bar=False,
    )
    extra = ("diverging", "energy")
    saved = _load(checkpoint, fingerprint)
    total = settings.warmup + settings.draws
    if saved is None:
        tell("warm-up", 0, total)
        mcmc.warmup(jax.random.key(settings.seed), *arguments, extra_fields=extra)
        saved = _Saved(fingerprint, jax.device_get(mcmc.post_warmup_state))
        _save(checkpoint, saved)
    done = sum(next(iter(block.values())).shape[1] for block in saved.draws)
    while done < settings.draws:
        tell("sampling", settings.warmup + done, total)
        mcmc.post_warmup_state = saved.state
        mcmc.run(mcmc.post_warmup_state.rng_key, *arguments, extra_fields=extra)
        block = {name: np.asarray(value) for name, value in mcmc.get_samples(group_by_chain=True).items()}
        fields = mcmc.get_extra_fields(group_by_chain=True)
        saved.draws.append(block)
        saved.divergences += int(np.asarray(fields["diverging"]).sum())
        saved.energies.append(np.asarray(fields["energy"]).reshape(settings.chains, -1))
        saved.state = jax.device_get(mcmc.last_state)
        _save(checkpoint, saved)
        done += settings.block
        # each run compiles its own program; kept, they use up the memory maps a process may have within ten blocks
        jax.clear_caches()
    tell("sampling", total, total)
    draws = {name: np.concatenate([block[name] for block in saved.draws], axis=1) for name in saved.draws[0]}
    draws = {name: value[:, : settings.draws] for name, value in draws.items()}
    return draws, diagnose(draws, saved.divergences, np.concatenate(saved.energies, axis=1))


def diagnose(draws: Draws, divergences: int, energies: NDArray[np.float64]) -> Diagnostics:
    """R-hat, bulk ESS, divergences and energy fraction of draws of shape (chains, draws, ...)."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    worst_rhat, rhat_of, worst_ess, ess_of = 0.0, "", np.inf, ""
    for name, value in draws.items():
        flat = value.reshape(*value.shape[:2], -1)
        moving = flat.std(axis=(0, 1)) > 0  # a reference level is exactly zero in every draw
        if not moving.any():
            continue
        rhat = np.asarray(split_gelman_rubin(flat[..., moving]))
        ess = np.asarray(effective_sample_size(_ranks(flat[..., moving])))
        if rhat.max() > worst_rhat:
            worst_rhat, rhat_of = float(rhat.max()), name
        if ess.min() < worst_ess:
            worst_ess, ess_of = float(ess.min()), name
    change = np.square(np.diff(energies, axis=1)).mean(axis=1)
    return Diagnostics(
        worst_rhat, rhat_of, worst_ess, ess_of, divergences, energies.size, float((change / energies.var(axis=1)).min())
    )


def _ranks(flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank-normalised draws, split in halves: what bulk ESS is computed from (Vehtari et al. 2021)."""
    from scipy.stats import norm, rankdata

    half = flat.shape[1] // 2
    split = np.concatenate([flat[:, :half], flat[:, half : 2 * half]], axis=0)
    ranks = rankdata(split.reshape(-1, split.shape[-1]), axis=0).reshape(split.shape)
    return norm.ppf((ranks - 0.375) / (split.shape[0] * split.shape[1] + 0.25))


def require_converged(diagnostics: Diagnostics) -> None:
    """Refuse draws that may not be used.

    Raises:
        NotConverged: a diagnostic is not met.
    """
    fault = diagnostics.refusal()
    if fault:
        raise NotConverged(
            f"the fit did not converge: {fault}",
            remedy="Run it again with more warm-up (--warmup) or draws (--draws); nothing was written",
        )
