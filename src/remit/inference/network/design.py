"""What a model reads of a network: which effects make up each arm, how far arms depart, and the priors' widths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remit.inference.network.basic import basics_of
from remit.inference.network.curve import Curve
from remit.inference.network.graph import Pair
from remit.inference.network.marginal import Design, Model
from remit.inference.network.network import Network

DOSED = {"rise-and-fall", "as-given"}


@dataclass(frozen=True, slots=True)
class Priors:
    """Widths of the priors, in units of the outcome and of the table's time.

    Attributes:
        level_sd, course_sd, effect_sd: of normal priors of study levels, study courses and treatment effects.
        heterogeneity: scale of the half-normal prior of the SD of effects between studies.
        misfit: scale of that of the SD of rows about their curve.
        shapes: name to (centre, scale) of the normal prior of a log time; half-normal scale with ``half_normal``.
        half_normal: shapes have half-normal priors of the time itself.
        centred: study means are taken off before the fit.
    """

    level_sd: float
    course_sd: float
    effect_sd: float
    heterogeneity: float
    misfit: float
    shapes: dict[str, tuple[float, float]]
    half_normal: bool = False
    centred: bool = True


def outcome_scale(network: Network) -> float:
    """SD of the rows about their studies' means; the yardstick of all vague priors."""
    if network.table.kind == "counts":
        return 1.0
    if network.contrasts:
        return max(float(np.std([row.y for row in network.rows])), float(np.median([row.se for row in network.rows])))
    away = [
        row.y - np.mean([each.y for arm in study.arms for each in arm.rows])
        for study in network.studies
        for arm in study.arms
        for row in arm.rows
    ]
    return max(float(np.sqrt(np.mean(np.square(away)))), float(np.median([row.se for row in network.rows])))


def default_priors(network: Network, *, exact: bool = False) -> Priors:
    """Vague priors scaled to the table: 100 outcome scales for levels and courses, 30 for effects, 1 for heterogeneity.

    With exact counts, log odds of a study have SD 10 and courses SD 30: an arm without events leaves its log odds to
    the prior on one side, and chances below one in 20,000 need no more room than that.

    Times of shapes have log-normal priors about the middle of the observed times, wide enough to reach both ends at
    one SD or so: no table can tell times far outside those it observed.
    """
    scale = outcome_scale(network)
    times = network.times
    positive = np.unique(times[times > 0])
    shapes: dict[str, tuple[float, float]] = {}
    if len(positive):
        low, high = float(np.log(positive[0])), float(np.log(positive[-1]))
        # choice: the observed times span two SDs either way at the least one SD
        wide = max(1.0, 0.5 * (high - low))
        shapes = {"t50": (0.5 * (low + high), wide), "rise": (low, 1.0), "lag": (high, wide)}
    if exact:
        return Priors(10.0, 30.0, 30.0, 1.0, 0.5, shapes)
    # effects of a steep column need not be small: a column's largest value sets the scale
    return Priors(100.0 * scale, 100.0 * scale, 30.0 * scale, scale, 0.5 * scale, shapes)


def shape_priors(curve: Curve, priors: Priors) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres and scales of the shapes of a curve."""
    pairs = [priors.shapes[name] for name in curve.shapes]
    return np.array([each[0] for each in pairs]), np.array([each[1] for each in pairs])


def is_centred(network: Network, model: Model, priors: Priors, *, level: bool) -> bool:
    """Whether study means are taken off: where nothing but a level's vague prior would see the difference."""
    return level and priors.centred and not network.contrasts and model.likelihood == "normal"


def relative_to_first(model: Model) -> bool:
    """Whether all treatments share one shape, so that a study's first arm can carry its course."""
    return model.shapes == "shared" and model.curve.name != "as-given" and not model.dosed


def make_design(
    network: Network,
    model: Model,
    priors: Priors,
    *,
    level: bool = True,
    split: Pair | None = None,
    unrelated: bool = False,
) -> Design:
    """The arrays of a model.

    Args:
        network, model, priors: what is fitted.
        level: whether studies have a level of their own; without it all courses start at zero.
        split: two treatments whose direct evidence gets an effect of its own (the last basic effect but one).
        unrelated: every comparison with a study's first arm gets an effect of its own.
    """
    found = network.arrays(centred=is_centred(network, model, priors, level=level))
    studies, arms = found.real.shape
    first = relative_to_first(model)
    basics = basics_of(network, model.classes, unrelated=unrelated)
    contrast = np.zeros((studies, arms, len(basics.pairs) + 2))
    spread = np.zeros((studies, arms, arms))
    for s, study in enumerate(network.studies):
        base = study.arms[0].treatment
        departing = []
        for a, arm in enumerate(study.arms):
            if unrelated:
                if a and arm.treatment != base:
                    contrast[s, a, basics.pairs.index((base, arm.treatment))] = 1.0
            else:
                contrast[s, a, :-2] = basics.loading[network.index(arm.treatment)]
                if first:
                    contrast[s, a, :-2] -= basics.loading[network.index(base)]
            if (a > 0) if first else arm.treatment != network.treatments[0]:
                departing.append(a)
        if split is not None and set(split) <= set(study.treatments):
            _split(contrast[s], study.treatments, split)
        if departing:
            own = 0.5 * np.eye(len(departing)) + 0.5
            spread[s][np.ix_(departing, departing)] = np.linalg.cholesky(own)
    level_sd = np.full(studies, priors.level_sd if level else 0.0)
    course_sd = np.full(studies, priors.course_sd)
    if network.contrasts:
        many = np.array([len(study.arms) > 2 for study in network.studies])
        level_sd, course_sd = np.where(many, priors.level_sd, 0.0), np.zeros(studies)
    effect_sd = np.full(contrast.shape[-1], priors.effect_sd)
    if split is None:
        effect_sd[-2] = 0.0
    if model.course == "free":
        effect_sd[-1] = 0.0
    within = np.concatenate([basics.within, np.zeros(2)]).astype(float)
    centre, scale = shape_priors(model.curve, priors)
    positive = np.diff(np.unique(network.times))
    return Design(
        found.y, found.se, found.times, found.mask, found.treatment, contrast, spread, level_sd, course_sd, effect_sd,
        within, found.doses, found.daily, float(np.median(positive)) if len(positive) else 1.0, centre, scale,
        priors.heterogeneity, priors.misfit, found.events, found.people,
    )  # fmt: skip


def _split(contrast: NDArray[np.float64], treatments: tuple[str, ...], split: Pair) -> None:
    """Give the second treatment of a pair, beside the first, the extra effect: direct minus indirect."""
    sign = 1.0
    if treatments[0] == split[1]:  # the study's first arm is the second of the pair: all others get minus the extra
        sign = -1.0
        moved = [a for a, name in enumerate(treatments) if name == split[0]]
    else:
        moved = [a for a, name in enumerate(treatments) if name == split[1]]
    for a in moved:
        contrast[a, -2] += sign
