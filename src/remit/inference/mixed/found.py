"""What a fit is asked to spend, and what it is once it has converged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.records import Records
from remit.inference.mixed.uncertainty import Row, Uncertainty
from remit.inference.sampling import Settings

Floats = NDArray[Any]


@dataclass(frozen=True)
class Effort:
    """How much is spent on a fit.

    Attributes:
        nodes: of quadrature in each dimension.
        quick: whether programs for a small table are compiled without optimisation, which is sooner for one fit and
            later for many.
        seed: of SAEM.
        sampler: settings of full Bayes.
        priors: of full Bayes that were given; see `remit.inference.mixed.full_bayes.priors_of`.
    """

    nodes: int = 9
    quick: bool = False
    seed: int = 1
    sampler: Settings = field(default_factory=lambda: Settings(warmup=500, draws=2000, seed=1))
    priors: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fit:
    """A fit that converged.

    Attributes:
        table, model, records, method: what was fitted, and how.
        estimated: the free numbers of the model.
        log_likelihood: of the full normalised density, by the method's approximation.
        modes: standardised random effects of each person.
        rows: estimates with their standard errors; see `remit.inference.mixed.uncertainty.estimates`.
        uncertainty: covariance matrices and condition number; None of method ``lme``.
        gradient: largest element of the gradient.
        left: step left to take [standard errors].
        steps, evaluations: of the search.
        nodes: of quadrature.
        each: log likelihood of each person.
        simulation: how sure simulated numbers are, and the sampler's diagnostics.
        draws: of the free numbers, shape (draws, free); None unless the fit is a posterior.
        quick: whether its programs were compiled without optimisation.
    """

    table: EventTable
    model: MixedModel
    records: Records
    method: str
    estimated: Floats
    log_likelihood: float
    modes: Floats
    rows: tuple[Row, ...]
    uncertainty: Uncertainty | None
    gradient: float
    left: float
    steps: int
    evaluations: int
    nodes: int = 1
    each: Floats = field(default_factory=lambda: np.zeros(0))
    simulation: Mapping[str, Any] = field(default_factory=dict)
    draws: Floats | None = None
    quick: bool = False

    @property
    def etas(self) -> Floats:
        """Random effects of each person on the transformed scale, shape (people, etas)."""
        factor = self.model.population(self.estimated).factor
        return self.modes[:, : len(self.model.etas)] @ factor.T

    @property
    def criteria(self) -> dict[str, float]:
        """-2 log likelihood, AIC and BIC (with the number of observations)."""
        twice, free = -2.0 * self.log_likelihood, len(self.estimated)
        return {"-2LL": twice, "AIC": twice + 2 * free, "BIC": twice + free * float(np.log(self.table.observations))}
