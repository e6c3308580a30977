"""The whole analysis of a table as one plain value: what `remit meta` prints, draws and writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit import __version__
from remit.inference.network.class_effect import class_effects
from remit.inference.network.consistency import check_consistency, closed, require_one_shape
from remit.inference.network.curve import COMPARED, MEANING
from remit.inference.network.effects import (
    course,
    departures_at,
    effects_at,
    in_new_study,
    ranks_at,
    summarise,
    time_to_share,
)
from remit.inference.network.fit import Assumptions, Fit, fit_network
from remit.inference.network.network import Network
from remit.inference.network.prediction import Compared, Pointwise, compare, pointwise, score
from remit.inference.network.settings import Settings
from remit.inference.network.small_study import egger
from remit.inference.network.split import comparisons, split_network
from remit.inference.network.study_effect import StudyEffect, pooled_difference, study_effects
from remit.vocabulary.clock import weeks
from remit.vocabulary.errors import InputRefused, NotConverged

HORIZON_H = weeks(8)
"""Times to half and to 90 % are those of the effect at eight weeks [h]."""
POINTS = 60
"""choice: times a course is drawn at."""
INNER = 0.5
Summary = dict[str, Any]
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to work out.

    Attributes:
        at: time of tables and pictures [the table's unit].
        curves: families to fit; the best by PSIS-LOO is reported where there is more than one.
        level: of intervals.
        lower_is_better: what ranks mean.
        splits: whether to split comparisons with direct and indirect evidence.
    """

    at: float
    curves: tuple[str, ...] = ("emax",)
    level: float = 0.95
    lower_is_better: bool = True
    splits: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A fitted table.

    Attributes:
        fit: of the reported curve.
        points: what it says of every row.
        summary: everything as plain values.
        failed: curves that did not converge, with the reason.
    """

    fit: Fit
    points: Pointwise
    summary: Summary
    failed: dict[str, str] = field(default_factory=dict)


def curves_of(name: str) -> tuple[str, ...]:
    """The curves of ``--curve``."""
    return COMPARED if name == "all" else (name,)


def analyse(
    network: Network,
    assumptions: Assumptions,
    settings: Settings,
    wanted: Wanted,
    *,
    folder: Path | None = None,
    report: Report | None = None,
) -> Analysis:
    """Fit, compare, split and summarise.

    Args:
        network: from `make_network`.
        assumptions: of every curve; its own curve is replaced by those wanted. Effects ``unrelated`` are random ones,
            with those of the model of unrelated effects beside them.
        settings: how to sample.
        wanted: what to work out.
        folder: where finished fits are kept until the analysis is done; None keeps none.
        report: called with what is done, steps done and steps in all.

    Raises:
        InputRefused: an option does not go with the table.
        NotConverged: no curve converged, or a split did not.
    """
    tell: Report = report or (lambda *_: None)
    unrelated = assumptions.effects == "unrelated"
    if unrelated:
        assumptions = replace(assumptions, effects="random")
        for name in wanted.curves:
            require_one_shape(network, replace(assumptions, curve=name))
    latest = float(network.times.max())
    if not wanted.at > 0:
        raise InputRefused(f"time {wanted.at:g} is not after the start", allowed="above zero", where="--at")
    many = len(wanted.curves)
    fits: dict[str, Fit] = {}
    failed: dict[str, str] = {}
    for number, name in enumerate(wanted.curves):
        tell(f"fitting {name}", number, many)
        try:
            fits[name] = fit_network(network, replace(assumptions, curve=name), settings, folder=folder)
        except NotConverged as refusal:
            if many == 1:
                raise
            failed[name] = refusal.what
        except InputRefused as refusal:
            if many == 1:
                raise
            failed[name] = refusal.what
    if not fits:
        raise NotConverged(
            f"no curve converged: {'; '.join(f'{name}: {why}' for name, why in failed.items())}",
            remedy="Run it again with more --draws or one simpler --curve; nothing was written",
        )
    tell("predicting", many, many)
    points = {name: pointwise(fit) for name, fit in fits.items()}
    ranked = compare({name: score(found) for name, found in points.items()})
    fit = fits[ranked[0].name]
    summary = _summary(fit, ranked, failed, wanted, latest)
    if unrelated and closed(fit):
        tell("fitting unrelated effects", many, many)
        checked = check_consistency(fit, ranked[0].score, wanted.at, level=wanted.level, folder=folder)
        summary["consistency"] = asdict(checked) | {"doubt": checked.doubt}
    elif unrelated:
        summary["notes"].append("no loop of comparisons is closed, so unrelated effects are the consistent ones")
    if wanted.splits:
        pairs = comparisons(network)
        done = split_network(
            network, fit.assumptions, settings, wanted.at, level=wanted.level, folder=folder,
            report=lambda step, total: tell("splitting comparisons", step, total),
        )  # fmt: skip
        summary["splits"] = [asdict(each) for each in done]
        summary["split_pairs"] = len(pairs)
    return Analysis(fit, points[ranked[0].name], summary, failed)


def _summary(fit: Fit, ranked: list[Compared], failed: dict[str, str], wanted: Wanted, latest: float) -> Summary:
    network, table = fit.network, fit.network.table
    horizon = HORIZON_H / table.hours
    effects, fresh = effects_at(fit, wanted.at), in_new_study(fit, wanted.at)
    own = study_effects(fit, wanted.at)
    rows = []
    for number, name in enumerate(network.treatments):
        row: Summary = {
            "treatment": name,
            "reference": number == 0,
            "studies": sum(name in study.treatments for study in network.studies),
            "people": _people(network, name),
            "effect": asdict(summarise(effects[:, number], wanted.level)),
            "new_study": asdict(summarise(fresh[:, number], wanted.level)),
            "below_zero": float((effects[:, number] < 0).mean()),
            "tau": asdict(summarise(departures_at(fit, number, wanted.at), wanted.level)),
        }
        if number:
            for share, key in ((0.5, "half"), (0.9, "ninety")):
                draws = time_to_share(fit, number, horizon, share)
                known = draws[np.isfinite(draws)]
                row[key] = None if len(known) < 0.5 * len(draws) else asdict(summarise(known, wanted.level))
        rows.append(row)
    return {
        "remit": __version__,
        "table": table.name,
        "unit": table.unit,
        "hours_per_unit": table.hours,
        "kind": table.kind,
        "at": wanted.at,
        "latest": latest,
        "beyond_data": wanted.at > latest,
        "horizon": horizon,
        "horizon_beyond_data": horizon > latest,
        "level": wanted.level,
        "lower_is_better": wanted.lower_is_better,
        "reference": network.treatments[0],
        "studies": len(network.studies),
        "rows": len(network.rows),
        "people": _people(network, None),
        "notes": [*network.notes, *_of_counts(fit)],
        "pairs": [{"first": a, "second": b, "studies": count} for (a, b), count in sorted(network.pairs.items())],
        "curve": fit.assumptions.curve,
        "curve_means": MEANING[fit.assumptions.curve],
        "assumptions": {
            name: value for name, value in asdict(fit.assumptions).items() if name != "priors"
        } | {"course": fit.model.course},
        "priors": asdict(fit.priors),
        "settings": asdict(fit.settings),
        "quality": asdict(fit.quality),
        "parameters": _parameters(fit, wanted.level),
        "effects": rows,
        "league": _league(fit, effects, wanted.level),
        "ranks": [
            asdict(each)
            for each in ranks_at(fit, wanted.at, lower_is_better=wanted.lower_is_better, level=wanted.level)
        ],
        "heterogeneity": _heterogeneity(fit, own, wanted),
        "curves": [_scored(each) for each in ranked],
        "failed": failed,
        "courses": _courses(fit, max(latest, wanted.at), wanted.level),
        "observed": _observed(network),
        "study_effects": [asdict(each) for each in own],
        "small_studies": _small_studies(fit, own, wanted.at),
        "classes": [asdict(each) for each in class_effects(fit, wanted.at, wanted.level)],
        "consistency": None,
        "splits": None,
        "split_pairs": None,
    }  # fmt: skip


def _of_counts(fit: Fit) -> list[str]:
    if fit.network.table.kind != "counts":
        return []
    half = "log odds with half a person added to either side"
    if fit.model.likelihood == "normal":
        return ["effects are log odds ratios", f"counts: {half}, taken as normal"]
    return [
        "effects are log odds ratios",
        f"counts: exact binomial likelihood; dots and what studies say by themselves are {half}",
    ]


def _people(network: Network, treatment: str | None) -> float | None:
    """Most people seen in the arms of a treatment, or in all; None where the table does not say."""
    total = 0.0
    for study in network.studies:
        for arm in study.arms:
            if treatment is None or arm.treatment == treatment:
                if not arm.rows or any(row.n is None for row in arm.rows):
                    return None
                total += max(row.n or 0.0 for row in arm.rows)
    return total


def _parameters(fit: Fit, level: float) -> list[Summary]:
    found = []
    for name, value in fit.parameters.items():
        flat = value.reshape(-1, *value.shape[2:])
        if flat.ndim == 1:
            found.append({"name": name, "of": None, **asdict(summarise(flat, level))})
            continue
        names = fit.network.treatments if flat.shape[1] == len(fit.network.treatments) else None
        for number in range(flat.shape[1]):
            of = (
                names[number]
                if names and name in fit.model.curve.shapes
                else (None if flat.shape[1] == 1 else str(number + 1))
            )
            found.append({"name": name, "of": of, **asdict(summarise(flat[:, number], level))})
    return found


def _league(fit: Fit, effects: NDArray[np.float64], level: float) -> list[Summary]:
    """Every treatment beside every other: row minus column."""
    return [
        {"row": one, "column": two, **asdict(summarise(effects[:, i] - effects[:, j], level))}
        for i, one in enumerate(fit.network.treatments)
        for j, two in enumerate(fit.network.treatments)
        if i != j
    ]


def _heterogeneity(fit: Fit, own: list[StudyEffect], wanted: Wanted) -> Summary | None:
    """SD between studies at the time, and its share of all variance beside a typical study's error (Higgins 2002)."""
    if "sd" not in fit.parameters:
        return None
    tau = departures_at(fit, len(fit.network.treatments) - 1, wanted.at)
    w = np.array([1.0 / each.se**2 for each in own])
    share = None
    if len(w) > 1:
        typical = (len(w) - 1) * w.sum() / (w.sum() ** 2 - np.square(w).sum())
        share = asdict(summarise(tau**2 / (tau**2 + typical), wanted.level))
    return {"tau": asdict(summarise(tau, wanted.level)), "share": share}


def _scored(each: Compared) -> Summary:
    found = {name: value for name, value in asdict(each.score).items() if name != "by_row"}
    return {"curve": each.name, "difference": each.difference, "difference_se": each.difference_se, **found}


def _courses(fit: Fit, end: float, level: float) -> list[Summary]:
    times = end * np.linspace(0, 1, POINTS) ** 2
    found = []
    for number, name in enumerate(fit.network.treatments):
        if number == 0:
            continue
        draws = course(fit, number, times)
        quantiles = np.quantile(
            draws, [(1 - level) / 2, (1 - INNER) / 2, 0.5, (1 + INNER) / 2, (1 + level) / 2], axis=0
        )
        keys = ("low", "inner_low", "median", "inner_high", "high")
        found.append(
            {"treatment": name, "time": times.tolist(), **{k: q.tolist() for k, q in zip(keys, quantiles, strict=True)}}
        )
    return found


def _observed(network: Network) -> list[Summary]:
    """Differences from the reference's arm that studies report at a time, as they stand in the table."""
    found = []
    reference = network.treatments[0]
    for study in network.studies:
        if study.arms[0].treatment != reference:
            continue
        base = {row.time: row for row in study.arms[0].rows}
        for arm in study.arms[1:]:
            for row in arm.rows:
                other = base.get(row.time)
                if row.versus is None and other is None:
                    continue
                value = row.y - (other.y if other else 0.0)
                error = row.se if other is None else float(np.hypot(row.se, other.se))
                if arm.treatment != reference:
                    found.append(
                        {
                            "study": study.name,
                            "treatment": arm.treatment,
                            "time": row.time,
                            "difference": value,
                            "se": error,
                        }
                    )
    return found


def _small_studies(fit: Fit, own: list[StudyEffect], time: float) -> Summary:
    pooled = {
        (each.treatment, each.versus): float(np.median(pooled_difference(fit, time, each.treatment, each.versus)))
        for each in own
    }
    away = [each.effect - pooled[each.treatment, each.versus] for each in own]
    found = egger(away, [each.se for each in own])
    return {
        "points": [
            {"study": each.study, "treatment": each.treatment, "versus": each.versus, "away": apart, "se": each.se}
            for each, apart in zip(own, away, strict=True)
        ],
        "egger": None if found is None else asdict(found),
    }
