"""Fit a curve to a network: draws of every parameter with their diagnostics, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.network import independence
from remit.inference.network.basic import CLASSES, Basics, basics_of
from remit.inference.network.binomial import noise_count
from remit.inference.network.curve import make_curve
from remit.inference.network.design import DOSED, Priors, default_priors, make_design
from remit.inference.network.drawing import draw, steered
from remit.inference.network.graph import Pair
from remit.inference.network.marginal import SHAPE_SPREAD, Design, Model
from remit.inference.network.network import Network
from remit.inference.network.quality import Quality, judge
from remit.inference.network.settings import Sampled, Settings
from remit.inference.sampling import Report
from remit.vocabulary.errors import InputRefused

RESIDUALS = ("independent", "exchangeable", "autoregressive")
SHAPES = ("shared", "each")
COUNTS = ("exact", "approximate")


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a fit assumes; every one is an option of `remit meta`.

    Attributes:
        curve: a key of `remit.inference.network.curve.MEANING`.
        shapes: ``shared`` by all treatments, or ``each`` treatment its own, partially pooled.
        effects: ``random`` (they differ between studies) or ``common``.
        residual: how rows of one arm go together: ``independent``, ``exchangeable``, ``autoregressive``.
        correlation: of the residuals; None estimates it.
        misfit: whether rows scatter about their curve by more than their standard errors.
        course: of studies under their first arm: ``free`` of each other, or ``pooled``; None pools them where shapes
            differ between treatments, because free ones then let a course pass for a level, and for exact counts, of
            which few events cannot carry a course for every study.
        level: whether each study has a level of its own; without it, y is a change from the start.
        counts: ``exact``: binomial; ``approximate``: normal log odds with half a person added to either side.
        classes: effects of one class: ``none`` (nothing in common), ``common``, or ``random`` about their mean.
        priors: None takes those scaled to the table.
    """

    curve: str = "emax"
    shapes: str = "shared"
    effects: str = "random"
    residual: str = "independent"
    correlation: float | None = None
    misfit: bool = True
    level: bool = True
    course: str | None = None
    counts: str = "exact"
    classes: str = "none"
    priors: Priors | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted network.

    Attributes:
        network, assumptions, model, design, settings: what was fitted, and how.
        priors: those used.
        parameters: name to (chains, draws, ...) on natural scales: ``t50`` ..., ``sd``, ``misfit``, ``correlation``.
        coefficients: ``effects`` (chains, draws, M, J), ``arms``, ``level``, ``course``; of exact counts ``log_odds``.
        sampled: positions and statistics of the sampler.
        quality: its diagnostics.
        basics: the basic effects; two unnamed ones follow: that of a split and the mean course.
    """

    network: Network
    assumptions: Assumptions
    model: Model
    design: Design
    settings: Settings
    priors: Priors
    parameters: dict[str, NDArray[np.float64]]
    coefficients: dict[str, NDArray[np.float64]]
    sampled: Sampled
    quality: Quality
    basics: Basics

    @property
    def shapes(self) -> NDArray[np.float64]:
        """Log shape numbers (chains, draws, K, number of shapes)."""
        return log_shapes(self.model, self.sampled.position)


def log_shapes(model: Model, position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log shape numbers of every treatment (..., K, number of shapes)."""
    named = model.split(position)
    found = []
    for name in model.curve.shapes:
        value = named[f"log_{name}"]
        if model.shapes == "each":
            value = value + SHAPE_SPREAD * named[f"{name}_departure"]
        found.append(np.broadcast_to(value, (*position.shape[:-1], model.treatments)))
    empty = np.zeros((*position.shape[:-1], model.treatments, 0))
    return np.stack(found, axis=-1) if found else empty


def make_model(network: Network, assumptions: Assumptions) -> Model:
    """The model of assumptions about a network.

    Raises:
        InputRefused: an assumption is unknown, or does not go with the table.
    """
    for name, value, allowed in (
        ("--shapes", assumptions.shapes, SHAPES),
        ("--effects", assumptions.effects, ("random", "common")),
        ("--course", assumptions.course or "free", ("free", "pooled")),
        ("--residual", assumptions.residual, RESIDUALS),
        ("--counts", assumptions.counts, COUNTS),
        ("--class-effects", assumptions.classes, CLASSES),
    ):
        if value not in allowed:
            raise InputRefused(f"unknown {value!r}", allowed=", ".join(allowed), where=name)
    if assumptions.correlation is not None and not 0 <= assumptions.correlation < 1:
        raise InputRefused(
            f"{assumptions.correlation} is no such correlation", allowed="0 to below 1", where="--correlation"
        )
    curve = make_curve(assumptions.curve, network.times)
    dosed = curve.name in DOSED and any(row.doses is not None for row in network.rows)
    if curve.name == "as-given" and not dosed:
        raise InputRefused(
            "the curve as-given needs a column doses",
            allowed="times of doses with ; between them, empty for daily treatments",
            where="--curve",
        )
    if not curve.shapes and assumptions.shapes == "each":
        raise InputRefused(f"the curve {curve.name} has no shape that could differ", allowed="shared", where="--shapes")
    exact = network.table.kind == "counts" and assumptions.counts == "exact"
    if exact and assumptions.residual != "independent":
        raise InputRefused(
            "exact counts cannot be correlated", allowed="--residual independent",
            remedy="Use --counts approximate for correlated rows", where="--residual",
        )  # fmt: skip
    model = Model(
        curve=curve,
        treatments=len(network.treatments),
        shapes=assumptions.shapes,
        heterogeneity=assumptions.effects == "random",
        residual=assumptions.residual,
        correlation=assumptions.correlation if assumptions.residual != "independent" else None,
        misfit=assumptions.misfit and curve.name != "constant",
        shape_prior="half-normal"
        if assumptions.priors is not None and assumptions.priors.half_normal
        else "log-normal",
        dosed=dosed,
        course=assumptions.course or ("pooled" if assumptions.shapes == "each" or dosed or exact else "free"),
        classes=assumptions.classes,
        likelihood="binomial" if exact else "normal",
    )
    if network.contrasts and (assumptions.shapes == "each" or dosed):
        raise InputRefused(
            "contrasts can only be fitted with one shape for all treatments",
            allowed="--shapes shared, no doses",
            where="--shapes",
        )
    return model


def fit_network(
    network: Network,
    assumptions: Assumptions,
    settings: Settings,
    *,
    split: Pair | None = None,
    unrelated: bool = False,
    folder: Path | None = None,
    report: Report | None = None,
) -> Fit:
    """Fit a network.

    Args:
        network: from `remit.inference.network.network.make_network`.
        assumptions: what is assumed.
        settings: how to sample.
        split: two treatments whose direct evidence gets an effect of its own.
        unrelated: fit every comparison by itself.
        folder: where finished and unfinished draws are kept, so that the same fit goes on from there; None keeps none.
        report: called with the stage, iterations done and iterations in all.

    Raises:
        InputRefused: an assumption does not go with the table.
        NotConverged: a diagnostic is not met.
    """
    model = make_model(network, assumptions)
    exact = model.likelihood == "binomial"
    priors = assumptions.priors or default_priors(network, exact=exact)
    design = make_design(network, model, priors, level=assumptions.level, split=split, unrelated=unrelated)
    if exact:
        model = replace(model, noise=noise_count(model, design))
        design = steered(model, design, settings.seed)
    sampled = draw(model, design, settings, folder, report)
    device = Design(*(jnp.asarray(each) for each in design))
    drawn = independence.coefficients(model, device, sampled.position, settings.seed)
    parameters = natural(model, sampled.position)
    quality = judge(sampled, {**parameters, "effects": drawn["effects"]})
    if quality.refusal() and sampled.sampler == "independence" and settings.sampler == "auto":
        sampled = draw(model, design, replace(settings, sampler="nuts"), folder, report)
        drawn = independence.coefficients(model, device, sampled.position, settings.seed)
        parameters = natural(model, sampled.position)
        quality = judge(sampled, {**parameters, "effects": drawn["effects"]})
    quality.require()
    basics = basics_of(network, model.classes, unrelated=unrelated)
    return Fit(network, assumptions, model, design, settings, priors, parameters, drawn, sampled, quality, basics)


def natural(model: Model, position: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Parameters on their natural scales."""
    named = model.split(position)
    shapes = np.exp(log_shapes(model, position))
    found: dict[str, NDArray[np.float64]] = {}
    for number, name in enumerate(model.curve.shapes):
        if model.shapes == "each":
            found[name] = shapes[..., number]
        else:
            found[name] = shapes[..., 0, number]
    if model.heterogeneity:
        found["sd"] = np.exp(named["log_sd"])
    if "log_class_sd" in named:
        found["class_sd"] = np.exp(named["log_class_sd"])
    if "log_course_sd" in named:
        found["course_sd"] = np.exp(named["log_course_sd"])
    if "logit_correlation" in named:
        found["correlation"] = 1.0 / (1.0 + np.exp(-named["logit_correlation"][..., 0]))
    if model.misfit:
        found["misfit"] = np.exp(named["log_misfit"][..., 0])
    return found
