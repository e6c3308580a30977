"""All of a table of intervals at once: curves, chances, test and models, as one summary of plain numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from remit import __version__
from remit.inference.events.bands import Band, bootstrap
from remit.inference.events.interval_table import Intervals
from remit.inference.events.log_rank import log_rank
from remit.inference.events.models import (
    MOST_PROFILED,
    USUAL,
    Covariates,
    Model,
    Smooth,
    covariates_of,
    described,
    fit_model,
    group_survival,
)
from remit.inference.events.profile import likelihood_interval
from remit.inference.events.proportional import Proportional
from remit.inference.events.step_curve import StepCurve, step_curve
from remit.inference.events.turnbull import Masses, turnbull
from remit.vocabulary.clock import days, weeks
from remit.vocabulary.errors import InputRefused, NotConverged, OutOfRange

Report = Callable[[str, int, int], None]
HORIZONS_H = (days(1), weeks(1), weeks(2), weeks(4), weeks(8), weeks(26), weeks(52))
GRID = 120
"""Times at which curves are drawn and kept."""
QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to find.

    Attributes:
        level: of intervals.
        at: times of chances [unit of the table]; chosen if empty.
        models: names.
        cuts: of the piecewise model [unit of the table]; chosen if empty.
        draws: of the bootstrap; 0 for no bands.
        scores: of the log-rank test.
        permutations: of the log-rank test.
        seed: of draws and permutations.
    """

    level: float = 0.95
    at: tuple[float, ...] = ()
    models: tuple[str, ...] = USUAL
    cuts: tuple[float, ...] = ()
    draws: int = 500
    scores: str = "sun"
    permutations: int = 0
    seed: int = 20261125


@dataclass(frozen=True, slots=True)
class Events:
    """An analysis.

    Attributes:
        table: of intervals.
        curves: by group.
        models: fitted, by name.
        summary: everything in plain numbers.
    """

    table: Intervals
    curves: dict[str, Masses]
    models: dict[str, Model]
    summary: dict[str, Any] = field(repr=False)

    def estimates(self) -> Any:
        """Curves as a polars table: group, time, chance of the event by then, its band, and the ends as likely."""
        import polars as pl

        rows = []
        for group in self.summary["groups"]:
            grid = group["grid"]
            for place, time in enumerate(grid["time"]):
                rows.append({"group": group["name"], "time": time} | {
                    key: None if grid[key] is None else grid[key][place]
                    for key in ("event", "low", "high", "least", "most", "model")
                })  # fmt: skip
        return pl.DataFrame(rows, infer_schema_length=None)

    def as_dataset(self) -> Any:
        """Curves as an xarray dataset with dimensions group and time."""
        import json

        import xarray as xr

        from remit.inference.network.record import plain

        groups = self.summary["groups"]
        names = {
            "event": "chance of the event by then", "low": "lower end of its band", "high": "upper end of its band",
            "least": "smallest chance that is as likely", "most": "largest chance that is as likely",
            "model": "chance of the event by then, best model",
        }  # fmt: skip
        found = {
            key: (("group", "time"), [group["grid"][key] for group in groups], {"long_name": said})
            for key, said in names.items()
            if all(group["grid"][key] is not None for group in groups)
        }
        attributes = {"unit": self.table.unit, "summary": json.dumps(plain(self.summary), allow_nan=False)}
        coords = {"group": [group["name"] for group in groups], "time": groups[0]["grid"]["time"]}
        return xr.Dataset(found, coords=coords, attrs=attributes)


def analyse(
    table: Intervals,
    wanted: Wanted | None = None,
    *,
    event: str = "",
    folder: Path | None = None,
    report: Report | None = None,
) -> Events:
    """Curves of every group, chances, test and models.

    Args:
        table: of intervals.
        wanted: what to find.
        event: definition in words.
        folder: where draws are kept, so that they can be gone on with.
        report: told the stage, the number done and of how many.

    Raises:
        InputRefused: the table has too few people, or an option cannot be used.
        NotConverged: a curve without a model has no certificate. Models that did not converge are named in the summary.
    """
    wanted = wanted or Wanted()
    say = report or _silent
    if len(table.left) < 2:
        raise InputRefused(
            "one subject is too few",
            allowed="2 or more who can have the event and were seen after the start",
            where=table.name,
        )
    if not np.isfinite(table.right).any():
        raise InputRefused(
            "nobody had the event, so nothing can be told of its time",
            remedy="Another event or threshold may have been seen",
            where=table.name,
        )
    times, grid = _times(table, wanted)
    notes = list(table.notes)
    pooled = turnbull(table.left, table.right, weight=table.weight, **table.windows)
    columns = covariates_of(table)
    models, failed = _models(table, columns, wanted, say)
    best = _best(models)
    curves, groups, number = {}, [], np.array([table.groups.index(each) for each in table.group])
    for place, name in enumerate(table.groups):
        part = table.of(number == place) if len(table.groups) > 1 else table
        masses = pooled if part is table else turnbull(part.left, part.right, weight=part.weight, **part.windows)
        curves[name] = masses
        band = _band(masses, part, np.concatenate([times, grid]), wanted, name, place, folder, say)
        group = _group(name, part, masses, band, times, grid, wanted)
        if best is not None:
            group["grid"]["model"] = (1 - group_survival(models[best], columns, place, grid)).tolist()
            group["model"] = _model_group(models[best], columns, place, times, step_curve(masses), wanted)
        groups.append(group)
    notes += _of_windows(table)
    if models and len(table.groups) > 1:
        notes.append(f"models compare groups with {table.groups[0]}")
    test = None
    if len(table.groups) > 1:
        if not table.truncated:
            weights = table.weight
            found = log_rank(
                pooled, number, len(table.groups), weights, scores=wanted.scores,
                permutations=wanted.permutations, seed=wanted.seed,
            )  # fmt: skip
            test = {
                key: getattr(found, key)
                for key in ("scores", "statistic", "freedom", "z", "p", "p_permuted", "permutations")
            } | {"excess": dict(zip(table.groups, found.excess.tolist(), strict=True))}
        else:
            notes.append("no log-rank test: it needs everybody seen from the start and without a limit")
    profiled = len(table.left) <= MOST_PROFILED
    say("intervals of parameters", 0, len(models))
    shown = []
    for name, model in models.items():
        shown.append(described(name, model, wanted.level, profiled=profiled and name == best))
        say("intervals of parameters", len(shown), len(models))
    shown.sort(key=lambda each: (each["aic"] is None, each["aic"] or 0.0))
    summary = {
        "remit": __version__, "table": table.name, "event": event, "unit": table.unit, "hours_per_unit": table.hours,
        "level": wanted.level, "seed": wanted.seed, "draws": wanted.draws, "people": float(table.weight.sum()),
        "counts": table.counts(), "groups": groups, "test": test, "models": shown, "best": best, "failed": failed,
        "pooled": {"log_likelihood": pooled.log_likelihood, "kkt_gap": pooled.gap, "steps": pooled.steps},
        "latest": _latest(table), "notes": notes,
    }  # fmt: skip
    return Events(table, curves, models, summary)


def _of_windows(table: Intervals) -> list[str]:
    """What a reader must know where people could be seen only through a window of time."""
    notes = []
    if table.windows["entry"] is not None:
        notes.append(
            "late entries: the curve is the most likely one near its start; few people at risk early make it uncertain"
        )
    if table.limit is not None:
        far = np.isfinite(table.limit)
        notes.append(
            "limits: these subjects are in the table because their event came by a time"
            + (
                f"; all are, so curves are of people whose event comes by {np.max(table.limit):g} {table.unit}, and "
                "nothing is known of the others"
                if far.all()
                else ""
            )
        )
    return notes


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody wants to know."""
    del stage, done, total


def _latest(table: Intervals) -> float:
    """The last time at which anybody was seen [unit of the table]."""
    ends = np.concatenate([table.left, table.right[np.isfinite(table.right)]])
    return float(ends.max())


def _times(table: Intervals, wanted: Wanted) -> tuple[np.ndarray, np.ndarray]:
    latest = _latest(table)
    if wanted.at:
        if min(wanted.at) <= 0:
            raise OutOfRange(f"a time of {min(wanted.at):g}", allowed="above 0", where="--at")
        times = np.unique(wanted.at)
    elif table.hours is not None:
        times = np.array([each / table.hours for each in HORIZONS_H if each / table.hours <= latest * (1 + 1e-9)])
        times = times if len(times) else np.array([latest])
    else:
        times = latest * np.array([0.25, 0.5, 0.75, 1.0])
    return times, np.linspace(0, latest, GRID + 1)[1:]


def _models(
    table: Intervals, columns: Covariates, wanted: Wanted, say: Report
) -> tuple[dict[str, Model], dict[str, str]]:
    models: dict[str, Model] = {}
    failed: dict[str, str] = {}
    cuts = np.array(wanted.cuts) if wanted.cuts else None
    for place, name in enumerate(wanted.models):
        say("models", place, len(wanted.models))
        try:
            models[name] = fit_model(name, table, columns, cuts)
        except (NotConverged, InputRefused) as refusal:
            # asked for alone, a model that cannot be fitted is the answer; among others it is named
            if len(wanted.models) == 1:
                raise
            failed[name] = str(refusal)
    return models, failed


def _best(models: dict[str, Model]) -> str | None:
    known = {name: model.aic for name, model in models.items() if not isinstance(model, Proportional)}
    return min(known, key=known.__getitem__) if known else next(iter(models), None)


def _band(
    masses: Masses,
    part: Intervals,
    times: np.ndarray,
    wanted: Wanted,
    name: str,
    place: int,
    folder: Path | None,
    say: Report,
) -> Band | None:
    if not wanted.draws:
        return None
    stage = f"band of {name}" if name else "band"
    return bootstrap(
        masses.support, part.weight, times, np.array(QUARTERS), draws=wanted.draws, seed=wanted.seed + place,
        kept=None if folder is None else folder / f"draws_{place}.npz",
        report=lambda done, total: say(stage, done, total),
    )  # fmt: skip


def _group(
    name: str, part: Intervals, masses: Masses, band: Band | None, times: np.ndarray, grid: np.ndarray, wanted: Wanted
) -> dict[str, Any]:
    curve = step_curve(masses)
    middle, least, most = curve.survival(np.concatenate([times, grid]))
    low, high = band.interval(wanted.level) if band is not None else (None, None)
    count = len(times)
    chances = [
        {
            "time": float(time), "event": float(1 - middle[i]), "least": float(1 - most[i]),
            "most": float(1 - least[i]),
            "low": None if high is None else float(1 - high[i]), "high": None if low is None else float(1 - low[i]),
            "known_without": float(part.weight[part.left >= time].sum()),
            "known_with": float(part.weight[part.right <= time].sum()),
        }
        for i, time in enumerate(times)
    ]  # fmt: skip
    ends = band.quantile_interval(wanted.level) if band is not None else None
    quantiles = []
    for place, share in enumerate(QUARTERS):
        found = curve.quantile(share)
        quantiles.append({
            "share": share, "time": found.time, "least": found.low, "most": found.high,
            "low": None if ends is None else float(ends[0][place]),
            "high": None if ends is None else float(ends[1][place]),
        })  # fmt: skip
    drawn = {
        "time": grid.tolist(),
        "event": (1 - middle[count:]).tolist(),
        "least": (1 - most[count:]).tolist(),
        "most": (1 - least[count:]).tolist(),
        "low": None if high is None else (1 - high[count:]).tolist(),
        "high": None if low is None else (1 - low[count:]).tolist(),
        "model": None,
    }
    return {
        "name": name, "counts": part.counts(), "log_likelihood": masses.log_likelihood, "kkt_gap": masses.gap,
        "steps": masses.steps, "chances": chances, "quantiles": quantiles, "grid": drawn,
        "curve": {"left": curve.left.tolist(), "right": curve.right.tolist(), "mass": curve.mass.tolist()},
        "failed_draws": 0 if band is None else band.failed,
    }  # fmt: skip


def _model_group(
    model: Model, columns: Covariates, place: int, times: np.ndarray, curve: StepCurve, wanted: Wanted
) -> dict[str, Any]:
    """What the best model says of a group, and how far it lies from the curve without a model."""
    ends = np.unique(np.concatenate([curve.left, curve.right[np.isfinite(curve.right)]]))
    ends = ends[ends > 0]
    mine = group_survival(model, columns, place, ends)
    _, least, most = curve.survival(ends)
    away = float(np.maximum(np.maximum(mine - most, least - mine), 0.0).max(initial=0.0))
    found: dict[str, Any] = {
        "event": (1 - group_survival(model, columns, place, times)).tolist(), "farthest": away, "median": None,
        "median_low": None, "median_high": None,
    }  # fmt: skip
    if isinstance(model, Smooth):
        row = np.append(1.0, columns.of_group[place])
        median = model.time_by_which(0.5, row)
        found["median"] = median
        if np.isfinite(median) and len(model.data.weight) <= MOST_PROFILED:
            try:
                low, high = likelihood_interval(
                    model.value, model.maximum, lambda point: model.log_time_by_which(0.5, row, point=point),
                    wanted.level,
                )  # fmt: skip
                found["median_low"], found["median_high"] = float(np.exp(low)), float(np.exp(high))
            except NotConverged:
                found["median_low"] = found["median_high"] = None
    return found
