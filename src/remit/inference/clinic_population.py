"""The population of one clinic, as `remit fit` found it with the response model, beside the published one.

A forecast may start from the published people, from the clinic's, or from a mixture with stated weights: a person is
one of the clinic's with the weight given, else one of the published. Nothing is averaged. Once scores are in, each side
weighs as much as its weight before times how well it foretold them, and both numbers are shown.

What the clinic's fit did not estimate stays published: each of its components takes that from a published draw.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5netcdf
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.person_prior import Prior
from remit.population.baseline import Entry
from remit.population.variability import Population
from remit.vocabulary.clock import HOURS_PER_DAY
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.scales import Scale

Floats = NDArray[np.float64]
TRAIT_OF = {"S": "sustained", "X": "gradual", "HALF": "k_out", "KIN": "k_in", "ACUTE": "acute", "XS": "session"}
"""The trait of the calibrated population that each parameter of the response model is."""
LEVEL = "BASE"


@dataclass(frozen=True, slots=True, eq=False)
class ClinicPopulation:
    """Estimates of a clinic's people with their uncertainty.

    Attributes:
        name: of the folder.
        scale, drug, route: what was rated, and given.
        people, observations: behind the fit.
        numbers: names of the estimated numbers, on the scale of the search.
        estimate, covariance: of them; of full Bayes mean and covariance of the draws.
    """

    name: str
    scale: str
    drug: str
    route: str
    people: int
    observations: int
    numbers: tuple[str, ...]
    estimate: Floats
    covariance: Floats

    @property
    def estimated(self) -> tuple[str, ...]:
        """Parameters whose typical value the clinic's people gave."""
        return tuple(name for name in (LEVEL, *TRAIT_OF) if name in self.numbers)

    def drawn(self, count: int, seed: int) -> dict[str, Floats]:
        """Draws of what is not sure about the clinic: typical values and, as ``sd ...``, SDs between people.

        Args:
            count: how many.
            seed: the same seed gives the same draws.
        """
        root = np.linalg.cholesky(self.covariance)
        normal = np.random.default_rng((seed, 41)).normal(size=(count, len(self.numbers)))
        rows = dict(zip(self.numbers, (self.estimate + normal @ root.T).T, strict=True))
        found = {name: rows[name] for name in self.estimated}
        for name in (LEVEL, *TRAIT_OF):
            if f"chol {name}" in rows:
                beside = [value for label, value in rows.items() if label.startswith(f"chol {name},")]
                found[f"sd {name}"] = np.sqrt(np.exp(2.0 * rows[f"chol {name}"]) + sum(part**2 for part in beside))
        return found

    def over(self, published: Population, draws: dict[str, Floats]) -> Population:
        """Published people with the clinic's estimates in the place of theirs.

        Args:
            published: entries of shape (draws,).
            draws: from `drawn`, as many.
        """
        changed = {}
        for name, trait in TRAIT_OF.items():
            if name in draws:
                mean = draws[name]
                # a half-life in days is the loss of plasticity per hour
                changed[f"{trait}_mean"] = jnp.asarray(
                    math.log(math.log(2.0) / HOURS_PER_DAY) - mean if name == "HALF" else mean
                )
            if f"sd {name}" in draws:
                changed[f"{trait}_sd"] = jnp.asarray(draws[f"sd {name}"])
        return published._replace(**changed)

    def entries(self, scales: Sequence[Scale], published: Sequence[Entry], draws: dict[str, Floats]) -> list[Entry]:
        """Levels before the first dose: the clinic's on the scale it was fitted on."""
        return [
            Entry(draws[LEVEL], draws.get(f"sd {LEVEL}", entry.spread))  # pyright: ignore[reportArgumentType]
            if scale.name == self.scale and LEVEL in draws
            else entry
            for scale, entry in zip(scales, published, strict=True)
        ]


def read_population(folder: Path) -> ClinicPopulation:
    """The fit of a folder that ``remit fit ... response:SCALE --out`` wrote.

    Raises:
        InputRefused: there is no fit, or it is of another model.
    """
    where = "--population"
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        with h5netcdf.File(folder / "fit.nc", "r") as file:
            group = file["estimates"]
            names = tuple(each.decode() if isinstance(each, bytes) else str(each) for each in group["number"][...])
            value = np.asarray(group["value"][...], dtype=np.float64)
            known = "covariance" in group.variables
            covariance = np.asarray(group["covariance"][...]) if known else np.full((len(value),) * 2, np.nan)
    except (OSError, ValueError, KeyError) as fault:
        raise InputRefused(
            f"{folder} holds no fit ({type(fault).__name__})", allowed="a folder that remit fit --out wrote",
            remedy="Fit your people first: remit fit scores.csv response:GAD-7 --out clinic", where=where,
        ) from None  # fmt: skip
    structure = str(summary["model"]["structure"])
    if not structure.startswith("response:"):
        raise InputRefused(
            f"{folder} is a fit of {structure}", allowed="a fit of the response model, response:SCALE",
            remedy="Fit scores: remit fit scores.csv response:GAD-7 --out clinic", where=where,
        )  # fmt: skip
    if not np.isfinite(covariance).all():
        raise InputRefused(
            f"{folder} does not say how sure its estimates are (method {summary['method']})",
            remedy="Fit with another --method, such as focei", where=where,
        )  # fmt: skip
    _, scale, drug, route = structure.split(":")
    return ClinicPopulation(
        folder.resolve().name, scale, drug, route, int(summary["people"]), int(summary["observations"]), names, value,
        covariance,
    )  # fmt: skip


def mixed(published: Prior, clinic: Prior, weight: float) -> tuple[Prior, int]:
    """People of the clinic with a weight, else published ones: as many components as ``published`` has.

    Args:
        published, clinic: with the same numbers.
        weight: of the clinic, from 0 to 1; kept to the nearest component.

    Returns:
        The mixture, and how many of its components, the last ones, are the clinic's.
    """
    total = published.means.shape[0]
    count = round(weight * total)
    means, variances = [], []
    for prior, size in ((published, total - count), (clinic, count)):
        rows = np.linspace(0, prior.means.shape[0] - 1, size).round().astype(int)
        means.append(np.asarray(prior.centre + prior.spread * prior.means)[rows])
        variances.append(np.asarray(prior.spread**2 / prior.precisions)[rows])
    mean, variance = np.concatenate(means), np.concatenate(variances)
    centre = mean.mean(axis=0)
    spread = np.sqrt(mean.var(axis=0) + variance.mean(axis=0))
    parts = (centre, spread, (mean - centre) / spread, spread**2 / variance)
    return Prior(*(jnp.asarray(part) for part in parts)), count


def weight_after(prior: Prior, count: int, numbers: Floats) -> float:
    """How much the clinic weighs once the scores are in [fraction]: the mean share of its components.

    Args:
        prior: from `mixed`.
        count: of the clinic's components.
        numbers: posterior draws of the person, shape (draws, numbers).
    """
    x = (numbers - np.asarray(prior.centre)) / np.asarray(prior.spread)
    means, precisions = np.asarray(prior.means), np.asarray(prior.precisions)
    logs = 0.5 * np.log(precisions).sum(axis=1) - 0.5 * (
        x**2 @ precisions.T - 2.0 * (x @ (means * precisions).T) + (means**2 * precisions).sum(axis=1)
    )
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return float((shares[:, len(means) - count :].sum(axis=1) / shares.sum(axis=1)).mean())
