"""What is believed of one person before their own scores: the calibrated population, as a density.

Each posterior draw of the population makes its own normal distribution of people on the scales on which traits are
normal (`remit.population.variability.person_of`). A person may come from any of them, so the density is their mixture,
and which draw it was is summed out exactly:

    p(x) = 1/K sum_k prod_j N(x_j; a m_kj + (1 - a) m_j, s_kj^2 + h^2 v_j),   a = sqrt(1 - h^2)

m_kj and s_kj are mean and SD of number j in draw k, m_j and v_j mean and variance of the m_kj over draws. What is the
same for all people of a draw (a time constant, the responsiveness of a scale) has s = 0: it is known only through the
draws, and a finite number of points is no density. The kernel h joins the points; the shrinkage a keeps mean and
variance of the mixture what they were (West 1993, J R Stat Soc B 55:409).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from remit.population.baseline import Entry
from remit.population.variability import SHARED, TRAITS, Population, person_of
from remit.response.relief import Traits

# choice: what all people of a draw share is known through 256 points; a kernel of 0.35 bent its distribution enough for
# ranks of 1,000 simulated people to show it, 0.15 does not (docs/validation/forecast.md)
KERNEL_SHARED = 0.15
# choice: what differs between people has a spread of its own, to which a wide kernel adds little; it keeps draws with
# hardly any spread from being spikes that no sampler reaches
KERNEL_OWN = 0.35
ONSET = "onset_h"
"""Time constant of a daily treatment, which takes the place of the numbers of a session."""


class Prior(NamedTuple):
    """A mixture of independent normals over a person's numbers, on the scale of the whole mixture.

    Attributes:
        centre, spread: mean and SD of each number over the mixture, shape (numbers,); x is (number - centre) / spread.
        means: of x in each draw, shape (draws, numbers).
        precisions: 1 / variance of x in each draw, shape (draws, numbers).
    """

    centre: Float[Array, " numbers"]
    spread: Float[Array, " numbers"]
    means: Float[Array, "draws numbers"]
    precisions: Float[Array, "draws numbers"]


@jax.tree_util.register_static
@dataclass(frozen=True)
class Layout:
    """Which number of a person is which.

    Attributes:
        shared: names of what is the same for all people and not known exactly, kept as logarithms.
        known: names and values of what is the same for all people and known, or assumed.
        scales: how many scales the person is rated on; each has a log responsiveness and a level.
        daily: whether the treatment is taken daily.
    """

    shared: tuple[str, ...]
    known: tuple[tuple[str, float], ...]
    scales: int
    daily: bool

    @property
    def numbers(self) -> int:
        """How many numbers make a person."""
        return len(TRAITS) + len(self.shared) + 2 * self.scales

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the numbers, in order."""
        each = range(self.scales)
        return (
            *TRAITS,
            *self.shared,
            *(f"responsiveness_{scale}" for scale in each),
            *(f"level_{scale}" for scale in each),
        )

    def traits(self, numbers: Float[Array, "... numbers"]) -> tuple[Traits, Float[Array, "..."]]:
        """The person's traits, and the onset of a daily treatment [h] (1 where there is none)."""
        columns = jnp.moveaxis(numbers, -1, 0)
        values: dict[str, Array] = dict(zip(TRAITS, columns, strict=False))
        shared = {name: jnp.asarray(value) for name, value in self.known}
        shared |= {name: jnp.exp(columns[len(TRAITS) + place]) for place, name in enumerate(self.shared)}
        onset_h = shared.pop(ONSET, jnp.ones_like(columns[0]))
        return person_of(values, shared), onset_h

    def log_responsiveness(self, numbers: Float[Array, "... numbers"]) -> Float[Array, "... scales"]:
        """Log responsiveness of each scale."""
        start = len(TRAITS) + len(self.shared)
        return numbers[..., start : start + self.scales]

    def level_places(self, numbers: Float[Array, "... numbers"]) -> Float[Array, "... scales"]:
        """Place of the level before the first dose on each scale (`remit.population.baseline`)."""
        return numbers[..., len(TRAITS) + len(self.shared) + self.scales :]


def prior_of(
    population: Population,
    log_responsiveness: Float[np.ndarray, "draws scales"],
    entries: tuple[Entry, ...],
    onset_h: Float[np.ndarray, " draws"] | None = None,
) -> tuple[Prior, Layout]:
    """The prior of a person, and what its numbers mean.

    Args:
        population: entries of shape (draws,): of people in a new place.
        log_responsiveness: of each scale the person is rated on.
        entries: levels before the first dose on each scale.
        onset_h: time constant of a daily treatment [h]; None for sessions.
    """
    draws = len(log_responsiveness)
    shared = {name: np.broadcast_to(np.asarray(getattr(population, name)), draws) for name in SHARED}
    if onset_h is not None:
        shared[ONSET] = np.asarray(onset_h)
    unknown = {name: value for name, value in shared.items() if np.ptp(value) > 0}
    known = tuple((name, float(value[0])) for name, value in shared.items() if name not in unknown)
    means = [
        *(np.broadcast_to(np.asarray(getattr(population, f"{name}_mean")), draws) for name in TRAITS),
        *(np.log(value) for value in unknown.values()),
        *log_responsiveness.T,
        *(np.full(draws, entry.middle) for entry in entries),
    ]
    sds = [
        *(np.broadcast_to(np.asarray(getattr(population, f"{name}_sd")), draws) for name in TRAITS),
        *(np.zeros(draws) for _ in range(len(unknown) + log_responsiveness.shape[1])),
        *(np.full(draws, entry.spread) for entry in entries),
    ]
    layout = Layout(tuple(unknown), known, len(entries), onset_h is not None)
    return _mixture(np.stack(means, axis=1), np.stack(sds, axis=1)), layout


def _mixture(means: np.ndarray, sds: np.ndarray) -> Prior:
    centre, between = means.mean(axis=0), means.var(axis=0)
    kernel = np.where(sds.max(axis=0) > 0, KERNEL_OWN, KERNEL_SHARED)
    joined = np.sqrt(1.0 - kernel**2) * (means - centre)
    variances = sds**2 + kernel**2 * between
    spread = np.sqrt(between + (sds**2).mean(axis=0))
    return Prior(*(jnp.asarray(value) for value in (centre, spread, joined / spread, spread**2 / variances)))


def log_density(prior: Prior, x: Float[Array, "... numbers"]) -> Float[Array, "..."]:
    """Log density of x.

    Written as products of matrices, because it is asked for thousands of points at once.
    """
    means, precisions = prior.means, prior.precisions
    square = x**2 @ precisions.T - 2.0 * (x @ (means * precisions).T) + (means**2 * precisions).sum(axis=1)
    draws, numbers = means.shape
    constant = -0.5 * numbers * math.log(2.0 * math.pi) - math.log(draws)
    return constant + jax.nn.logsumexp(0.5 * jnp.log(precisions).sum(axis=1) - 0.5 * square, axis=-1)


def draw(prior: Prior, key: PRNGKeyArray, count: int) -> Float[Array, "count numbers"]:
    """People from the prior: x. Every draw of the population is used as evenly as the count allows."""
    order, normal = jax.random.split(key)
    draws = prior.means.shape[0]
    chosen = jax.random.permutation(order, jnp.arange(-(-count // draws) * draws) % draws)[:count]
    deviation = jax.random.normal(normal, (count, prior.means.shape[1]), dtype=jnp.float64)
    return prior.means[chosen] + deviation * jax.lax.rsqrt(prior.precisions[chosen])
