"""Draws of a model, by the sampler that fits it; finished ones are kept and taken up again."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.network import gradient, independence
from remit.inference.network.binomial import draw_log_odds, noise_count, steering
from remit.inference.network.count_row import tangents
from remit.inference.network.marginal import Design, Model
from remit.inference.network.proposal import climb
from remit.inference.network.settings import SAMPLERS, Sampled, Settings
from remit.inference.sampling import Report
from remit.vocabulary.errors import InputRefused

ROUNDS, NEWTON = 3, 6
"""choice: searches for the top of an exact model, and Newton steps in each; more change nothing that is sampled."""


def draw(model: Model, design: Design, settings: Settings, folder: Path | None, report: Report | None) -> Sampled:
    """Draws of a model.

    Args:
        model, design, settings: what is sampled, and how.
        folder: where finished and unfinished draws are kept; None keeps none.
        report: called with the stage, iterations done and iterations in all.

    Raises:
        InputRefused: there is no such sampler.
    """
    if settings.sampler not in SAMPLERS:
        raise InputRefused(f"unknown sampler {settings.sampler!r}", allowed=", ".join(SAMPLERS), where="--sampler")
    label = gradient.fingerprint_of(model, design, settings)[:16]
    done = None if folder is None else folder / f"{label}-{settings.draws}.draws"
    if done is not None and done.exists():
        return pickle.loads(done.read_bytes())  # noqa: S301  (written below, on this machine)
    device = Design(*(jnp.asarray(each) for each in design))
    sampled: Sampled | None = None
    if model.size == 0:
        sampled = _nothing_to_sample(settings)
    spread = candidates(steering(model), design, settings.seed)
    if sampled is None and settings.sampler != "nuts":
        if report is not None:
            report("sampling", 0, settings.draws)
        sampled = independence.weigh(
            model, device, spread, chains=settings.chains, draws=settings.draws, seed=settings.seed
        )
    if sampled is None:
        starts = _starts(model, device, spread, settings)
        state = None if folder is None else folder / f"{label}.state"
        sampled = gradient.sample(model, device, starts, settings, checkpoint=state, report=report)
        if state is not None:
            state.unlink(missing_ok=True)
    if done is not None:
        fresh = done.with_suffix(".tmp")
        fresh.write_bytes(pickle.dumps(sampled))
        fresh.replace(done)
    return sampled


def steered(model: Model, design: Design, seed: int) -> Design:
    """A design whose ``y`` and ``se`` steer an exact model well: its log likelihood's tangents near the top.

    At the likeliest sampled numbers, Newton's method for the coefficients: every count becomes the log odds and the
    error that have the slope and curvature of its log likelihood there. A row without events stays as wide as it is.
    """
    steer = steering(model)
    log_odds = jax.jit(
        lambda position, given: draw_log_odds(model, position, given, jnp.zeros(noise_count(model, given)))["log_odds"]
    )
    best = np.zeros(steer.size)
    for _ in range(ROUNDS):
        device = Design(*(jnp.asarray(each) for each in design))
        if steer.size:
            best = _tops(steer, device, candidates(steer, design, seed), 1)[0][1]
        for _ in range(NEWTON):
            at = np.asarray(log_odds(jnp.asarray(best), device))
            y, se = tangents(design, at)
            design = design._replace(y=y, se=se)
            device = Design(*(jnp.asarray(each) for each in design))
    return design


def _tops(model: Model, device: Design, spread: NDArray[np.float64], count: int) -> list[tuple[float, Any]]:
    """Tops next to the likeliest candidates, with the log density there."""
    made: Any = independence.evaluators(model)
    height = independence.in_batches(lambda part: made.batch(jnp.asarray(part), device), spread)
    order = np.argsort(-np.where(np.isfinite(height), height, -np.inf))

    def slope(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient_there = made.slope(jnp.asarray(point), device)
        return float(value), np.asarray(gradient_there)

    return [climb(slope, spread[number]) for number in order[:count]]


def _nothing_to_sample(settings: Settings) -> Sampled:
    shape = (settings.chains, settings.draws)
    nothing = np.zeros(shape)
    return Sampled(
        "exact", np.zeros((*shape, 0)), nothing, nothing + 1.0, nothing.astype(bool), nothing, nothing.astype(np.int64)
    )


def candidates(model: Model, design: Design, seed: int) -> NDArray[np.float64]:
    """Points spread over where the posterior may lie: draws from the priors, spreads rather below theirs."""
    rng = np.random.default_rng((seed, 2))
    found = np.zeros((independence.CANDIDATES, model.size))
    place = 0
    for name, size in model.sites:
        shape = name.removeprefix("log_")
        centre, apart = 0.0, 0.5
        if shape in model.curve.shapes:
            number = model.curve.shapes.index(shape)
            centre, apart = float(design.shape_centre[number]), 1.5 * float(design.shape_scale[number])
            if model.shape_prior == "half-normal":
                positive = design.times[design.times > 0]
                centre, apart = float(np.log(np.median(positive))), 1.5
        elif name in {"log_sd", "log_misfit", "log_course_sd", "log_class_sd"}:
            scale = design.misfit_scale if name == "log_misfit" else design.sd_scale
            centre, apart = float(np.log(0.2 * scale)), 1.0
        elif name == "logit_correlation":
            apart = 1.0
        found[:, place : place + size] = centre + apart * rng.normal(size=(len(found), size))
        place += size
    return found


def _starts(model: Model, device: Design, spread: NDArray[np.float64], settings: Settings) -> NDArray[np.float64]:
    """Where chains start: at the tops next to the likeliest candidates, pushed off them; noise starts as it is."""
    rng = np.random.default_rng((settings.seed, 3))
    steer = steering(model)
    if steer.size == 0:
        return rng.normal(size=(settings.chains, model.size))
    tops = _tops(steer, device, spread, settings.chains)
    highest = max(value for value, _ in tops)
    good = [point for value, point in tops if value > highest - 10.0]
    started = np.stack([good[n % len(good)] + 0.2 * rng.normal(size=steer.size) for n in range(settings.chains)])
    return np.concatenate([started, rng.normal(size=(settings.chains, model.noise))], axis=1)
