"""What says whether a fit may be used; it travels with the fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remit.inference.network.settings import Sampled
from remit.vocabulary.errors import NotConverged


@dataclass(frozen=True, slots=True)
class Quality:
    """Diagnostics of a fit.

    Attributes:
        sampler: which one made the draws.
        rhat: largest rank-normalised split R-hat of any parameter, and its name.
        ess: smallest bulk effective sample size of any parameter, and its name.
        ess_tail: smallest effective sample size of any parameter's 5 % and 95 % points.
        divergences, transitions: divergent transitions, and transitions in all; independence sampling has none.
        acceptance: mean acceptance.
        tail: Pareto k of the proposal's weights; of NUTS there is none.
    """

    sampler: str
    rhat: float
    rhat_of: str
    ess: float
    ess_of: str
    ess_tail: float
    divergences: int
    transitions: int
    acceptance: float
    tail: float | None

    def refusal(self, rhat_below: float = 1.01, ess_above: float = 400.0, divergent_below: float = 0.01) -> str:
        """Why the draws may not be used, or an empty string."""
        faults = []
        if not self.rhat < rhat_below:
            faults.append(f"R-hat of {self.rhat_of} is {self.rhat:.3f}, not below {rhat_below}")
        if not self.ess > ess_above:
            faults.append(f"bulk ESS of {self.ess_of} is {self.ess:.0f}, not above {ess_above:.0f}")
        if not self.ess_tail > 0.5 * ess_above:
            faults.append(f"tail ESS is {self.ess_tail:.0f}, not above {0.5 * ess_above:.0f}")
        if not self.divergences < divergent_below * self.transitions:
            faults.append(
                f"{self.divergences} of {self.transitions} transitions diverged, not below {100 * divergent_below:g} %"
            )
        if self.tail is not None and not self.tail < 0.7:
            faults.append(f"Pareto k of the proposal's weights is {self.tail:.2f}, not below 0.7")
        return "; ".join(faults)

    def require(self) -> None:
        """Refuse draws that may not be used.

        Raises:
            NotConverged: a diagnostic is not met.
        """
        fault = self.refusal()
        if fault:
            raise NotConverged(
                f"the fit did not converge: {fault}",
                remedy="Run it again with more --draws, --sampler nuts or a simpler curve; nothing was written",
            )


def judge(sampled: Sampled, named: Mapping[str, NDArray[np.float64]]) -> Quality:
    """Diagnostics of draws.

    Args:
        sampled: from a sampler.
        named: parameters by name (chains, draws, ...).
    """
    from arviz_stats.base.array import array_stats

    worst_rhat, rhat_of, worst_ess, ess_of, tail_ess = 0.0, "", np.inf, "", np.inf
    for name, value in named.items():
        flat = np.moveaxis(value.reshape(*value.shape[:2], -1), -1, 0)
        flat = flat[flat.std(axis=(1, 2)) > 0]  # what is fixed has nothing to mix
        if not len(flat):
            continue
        rhat = float(np.max(array_stats.rhat(flat)))
        bulk = float(np.min(array_stats.ess(flat, method="bulk")))
        tail_ess = min(tail_ess, float(np.min(array_stats.ess(flat, method="tail", prob=(0.05, 0.95)))))
        if not rhat <= worst_rhat:
            worst_rhat, rhat_of = rhat, name
        if bulk < worst_ess:
            worst_ess, ess_of = bulk, name
    return Quality(
        sampler=sampled.sampler,
        rhat=worst_rhat,
        rhat_of=rhat_of,
        ess=worst_ess,
        ess_of=ess_of,
        ess_tail=tail_ess,
        divergences=int(sampled.diverging.sum()),
        transitions=sampled.diverging.size,
        acceptance=float(sampled.accepted.mean()),
        tail=float(sampled.tail) if np.isfinite(sampled.tail) else None,
    )
