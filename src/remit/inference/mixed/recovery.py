"""Do fits find what made the data, and do intervals hold it as often as they say: simulated people, fitted often."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remit.inference.checkpoint import keep
from remit.inference.events.recovery import Recovered
from remit.inference.mixed.event_table import EventTable, parse_events
from remit.inference.mixed.fit import fit, prepare
from remit.inference.mixed.individual import curve_program, log_variance
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.uncertainty import NORMAL_95, labels, reported
from remit.vocabulary.errors import NotConverged

Floats = NDArray[np.float64]
Rows = list[tuple[float, float, float]]
"""Estimate and ends of its interval, of each number of a model; an empty list of a fit that did not converge."""


@dataclass(frozen=True)
class Design:
    """People, doses and visits, and what makes their data.

    Attributes:
        people: how many.
        dose, duration: of each person; 0 enters at once.
        times: of observations.
        model, wishes: that is fitted, with starting values that are not the truth.
        truth: estimated numbers that make the data, in the order of the model.
        weights: mean and SD of a covariate WT; None where there is none.
        method: by which they are fitted.
    """

    people: int
    dose: float
    duration: float
    times: Sequence[float]
    model: str
    wishes: Wishes
    truth: Sequence[float]
    weights: tuple[float, float] | None = None
    method: str = "focei"


def _logs(*values: float) -> tuple[float, ...]:
    return tuple(float(np.log(value)) for value in values)


# choice: sizes of usual trials, values like those of theophylline, a sparse clinic, and a rich infusion study; each has
# people of its own by its place, so new ones stand at the end
DESIGNS: Mapping[str, Design] = {
    "by mouth, 24 people, 8 samples, additive error": Design(
        24, 320.0, 0.0, (0.25, 0.5, 1.0, 2.0, 4.0, 7.0, 12.0, 24.0), "1cpt-oral",
        Wishes(initial={"KA": 1.0, "CL": 2.0, "V": 40.0}), _logs(1.5, 2.8, 32.0, 0.5, 0.25, 0.15, 0.5),
    ),
    "infusion, 60 people, 3 samples, covariate": Design(
        60, 50.0, 0.7, (0.7, 3.0, 9.0), "1cpt-iv",
        Wishes(initial={"CL": 6.0, "V": 40.0, "proportional": 0.3}, error=("proportional",), covariates=("CL~WT/70",)),
        (*_logs(8.0, 60.0), 0.75, *_logs(0.3, 0.2, 0.15)), (75.0, 15.0),
    ),
    "infusion, 30 people, 10 samples, two compartments, correlated": Design(
        30, 40.0, 0.7, (0.3, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 12.0, 24.0), "2cpt-iv",
        Wishes(
            initial={"CL": 50.0, "V1": 100.0, "Q": 80.0, "V2": 120.0, "proportional": 0.2}, error=("proportional",),
            random=("CL", "V1"), omega=("CL+V1",),
        ),
        (*_logs(79.0, 75.0, 110.0, 170.0), *_logs(0.25), 0.12, *_logs(0.28), *_logs(0.12)),
    ),
    "infusion, 60 people, 3 samples, covariate, by quadrature": Design(
        60, 50.0, 0.7, (0.7, 3.0, 9.0), "1cpt-iv",
        Wishes(initial={"CL": 6.0, "V": 40.0, "proportional": 0.3}, error=("proportional",), covariates=("CL~WT/70",)),
        (*_logs(8.0, 60.0), 0.75, *_logs(0.3, 0.2, 0.15)), (75.0, 15.0), method="agq",
    ),
    "infusion, 40 people, 8 samples, error that follows a power": Design(
        40, 50.0, 0.7, (0.7, 1.0, 2.0, 4.0, 6.0, 9.0, 12.0, 24.0), "1cpt-iv",
        Wishes(initial={"CL": 6.0, "V": 40.0, "proportional": 0.3}, error=("power",)),
        _logs(8.0, 60.0, 0.3, 0.2, 0.1, 0.7),
    ),
}  # fmt: skip


@lru_cache(maxsize=8)
def _made(name: str) -> tuple[EventTable, MixedModel]:
    """The table of a design with every observation 1, and the model, compiled once for all replicates."""
    design, lines = DESIGNS[name], ["ID,TIME,AMT,DUR,DV,WT"]
    for person in range(design.people):
        lines.append(f"{person},0,{design.dose},{design.duration},.,70")
        lines += [f"{person},{time},.,.,1,70" for time in design.times]
    table = parse_events("\n".join(lines), name)
    return table, load_model(design.model, design.wishes, table)


def simulate(name: str, seed: int, number: int) -> tuple[EventTable, MixedModel]:
    """One data set of a design.

    Args:
        name: a key of `DESIGNS`.
        seed: of all data sets.
        number: which one.
    """
    design, (table, model) = DESIGNS[name], _made(name)
    rng = np.random.default_rng((seed, list(DESIGNS).index(name), number))
    truth = np.array(design.truth)
    if design.weights is not None:
        # nobody so light or heavy that no clinic has seen them
        weights = np.clip(rng.normal(*design.weights, design.people), 40.0, 140.0)
        table = replace(
            table,
            events=tuple(
                tuple(replace(event, covariates={"WT": float(weight)}) for event in events)
                for events, weight in zip(table.events, weights, strict=True)
            ),
        )
    model, records = prepare(table, model)
    b = rng.normal(size=(design.people, model.size))
    curve = np.asarray(curve_program(model)(truth, b, records))
    sd = np.exp(0.5 * log_variance(model, model.population(truth), curve, records))
    seen = curve + sd * rng.normal(size=curve.shape)
    events = tuple(
        (own[0], *(replace(event, dv=float(value)) for event, value in zip(own[1:], row, strict=True)))
        for own, row in zip(table.events, seen, strict=True)
    )
    return replace(table, events=events), model


def once(name: str, seed: int, number: int) -> Rows:
    """Estimates and intervals from one data set; nothing where the fit is none."""
    table, model = simulate(name, seed, number)
    try:
        found = fit(table, model, DESIGNS[name].method)
    except NotConverged:
        return []
    return [
        (row.value, row.value - NORMAL_95 * row.se, row.value + NORMAL_95 * row.se)
        if row.kind in {"typical", "coefficient"}
        else (row.value, row.low, row.high)
        for row in found.rows
    ]


def recover(
    name: str, replicates: int, seed: int, kept: Path | None = None, report: Callable[[int], None] = lambda _: None
) -> list[Recovered]:
    """Fit simulated people of one design again and again.

    Args:
        name: a key of `DESIGNS`.
        replicates: how often.
        seed: of the people.
        kept: file of what is done, so that an interrupted run is gone on with; None keeps nothing.
        report: told how many are done.

    Raises:
        NotConverged: no fit converged.
    """
    done: dict[tuple[str, int, int], Rows] = {}
    if kept is not None and kept.exists():
        done = pickle.loads(kept.read_bytes())  # noqa: S301  (written by this module on this machine)
    for number in range(replicates):
        if (name, seed, number) not in done:
            done[name, seed, number] = once(name, seed, number)
            keep(kept, done)
        report(number + 1)
    found = [rows for number in range(replicates) if (rows := done[name, seed, number])]
    if not found:
        raise NotConverged(f"{name}: no fit converged")
    _, model = _made(name)
    truth = reported(model, np.array(DESIGNS[name].truth))
    words = {"typical": "{}, as fitted", "coefficient": "{}", "sd": "SD of {}", "correlation": "correlation {}"}
    rows = []
    for place, (label, kind) in enumerate(labels(model)):
        values = np.array([each[place] for each in found])
        error, held = values[:, 0] - truth[place], (values[:, 1] <= truth[place]) & (truth[place] <= values[:, 2])
        of_error = "{} of the residual SD" if label == "power" else "{} residual SD"  # a power is no SD
        rows.append(
            Recovered(
                name, words.get(kind, of_error).format(label), float(truth[place]), float(error.mean()),
                float(np.sqrt(np.mean(error**2))), float(held.mean()), len(found), replicates - len(found),
            )
        )  # fmt: skip
    return rows
