"""What says whether the draws of a sampler may be used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remit.vocabulary.errors import NotConverged

Draws = dict[str, NDArray[np.float64]]


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
