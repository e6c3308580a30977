"""Do fits find what made the data, and do intervals hold it as often as they say: simulated people, fitted often."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from remit.inference.events.accelerated import fit_accelerated
from remit.inference.events.bands import bootstrap
from remit.inference.events.family import LOG_LOGISTIC, LOG_NORMAL, WEIBULL, Family
from remit.inference.events.log_rank import log_rank
from remit.inference.events.piecewise import fit_piecewise
from remit.inference.events.profile import likelihood_interval
from remit.inference.events.proportional import fit_proportional
from remit.inference.events.step_curve import step_curve
from remit.inference.events.turnbull import turnbull
from remit.vocabulary.errors import NotConverged

WIDE = 1.959963984540054
"""Half of a Wald interval of 95 % in standard errors."""
BAND_DRAWS = 100
BAND_TIMES = (8.0, 16.0, 32.0)
# choice: values that made the data, near those of published times to response in weeks or days
LOCATION, FIRST, SECOND, SCALE, CURED_LOGIT = 3.0, 0.5, -0.3, 0.6, 0.8
Row = tuple[str, float, float, float, float]
"""Quantity, truth, estimate, ends of its interval."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """One quantity of one design.

    Attributes:
        design, quantity: what.
        truth: that made the data.
        bias, rmse: of the estimates.
        coverage: share of 95 % intervals that held the truth.
        replicates, failed: fits that count, and those that did not converge.
    """

    design: str
    quantity: str
    truth: float
    bias: float
    rmse: float
    coverage: float
    replicates: int
    failed: int


def visits(
    rng: np.random.Generator, time: np.ndarray, entry: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Intervals that visits about every 4 until 60, a fifth of them missed, leave of event times.

    Args:
        rng: of the visits.
        time: of events (people,); inf for never.
        entry: visits before it are not there.
    """
    at = np.arange(4, 61, 4) + rng.uniform(-1, 1, (len(time), 15))
    at = np.where(rng.random(at.shape) < 0.2, np.nan, np.minimum(at, 60.0))
    start = np.zeros(len(time)) if entry is None else entry
    at = np.where(at <= start[:, None], np.nan, at)
    with np.errstate(invalid="ignore"):
        left = np.maximum(start, np.nanmax(np.where(at < time[:, None], at, 0.0), axis=1, initial=0.0))
        right = np.nanmin(np.where(at >= time[:, None], at, np.inf), axis=1, initial=np.inf)
    return left, right


def _scatter(rng: np.random.Generator, family: Family, count: int) -> np.ndarray:
    return family.quantile(rng.uniform(size=count))


def _people(rng: np.random.Generator, family: Family, count: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.column_stack([rng.random(count) < 0.5, rng.normal(size=count)]).astype(float)
    return rows, np.exp(LOCATION + rows @ [FIRST, SECOND] + SCALE * _scatter(rng, family, count))


def _accelerated(family: Family, *, late: bool = False) -> Callable[[np.random.Generator], list[Row]]:
    def once(rng: np.random.Generator) -> list[Row]:
        rows, time = _people(rng, family, 400 if late else 200)
        entry = rng.uniform(0, 20, len(time)) * (rng.random(len(time)) < 0.5) if late else np.zeros(len(time))
        here = time > entry
        rows, time, entry = rows[here], time[here], entry[here]
        left, right = visits(rng, time, entry)
        design = np.column_stack([np.ones(len(time)), rows])
        found = fit_accelerated(family, left, right, design, entry=entry if late else None)
        point, errors = found.maximum.point, np.sqrt(np.diag(found.maximum.covariance))
        truth = (LOCATION, FIRST, SECOND, float(np.log(SCALE)))
        names = ("intercept", "x1", "x2", "log scale")
        wald = [
            (name, true, b, b - WIDE * e, b + WIDE * e)
            for name, true, b, e in zip(names, truth, point, errors, strict=True)
        ]
        ends = likelihood_interval(found.value, found.maximum, lambda x: float(x[1]), 0.95)
        return [*wald, ("x1, likelihood ratio", FIRST, float(point[1]), *ends)]

    return once


def _cured(rng: np.random.Generator) -> list[Row]:
    count = 400
    rows, time = _people(rng, WEIBULL, count)
    time = np.where(rng.random(count) < 1 / (1 + np.exp(-CURED_LOGIT)), time, np.inf)
    left, right = visits(rng, time)
    design = np.column_stack([np.ones(count), rows])
    found = fit_accelerated(WEIBULL, left, right, design, ever=np.ones((count, 1)))
    point, errors = found.maximum.point, np.sqrt(np.diag(found.maximum.covariance))
    truth = {
        1: ("x1", FIRST),
        2: ("x2", SECOND),
        3: ("log scale", float(np.log(SCALE))),
        4: ("logit of ever", CURED_LOGIT),
    }
    return [
        (name, true, point[k], point[k] - WIDE * errors[k], point[k] + WIDE * errors[k])
        for k, (name, true) in truth.items()
    ]


def _proportional(link: str) -> Callable[[np.random.Generator], list[Row]]:
    family = WEIBULL if link == "hazards" else LOG_LOGISTIC

    def once(rng: np.random.Generator) -> list[Row]:
        rows, time = _people(rng, family, 200)
        found = fit_proportional(*visits(rng, time), rows, link=link)
        errors = np.sqrt(np.diag(found.covariance))
        truth = (-FIRST / SCALE, -SECOND / SCALE)
        return [
            (name, true, b, b - WIDE * e, b + WIDE * e)
            for name, true, b, e in zip(("x1", "x2"), truth, found.coefficients, errors, strict=True)
        ]

    return once


def _piecewise(rng: np.random.Generator) -> list[Row]:
    rows, _ = _people(rng, WEIBULL, 200)
    hazard = rng.exponential(size=200) / np.exp(rows @ [FIRST, SECOND])
    rates = (0.02, 0.08)
    time = np.where(hazard < 10 * rates[0], hazard / rates[0], 10 + (hazard - 10 * rates[0]) / rates[1])
    found = fit_piecewise(*visits(rng, time), rows, np.array([10.0]))
    errors = np.sqrt(np.diag(found.maximum.covariance))
    return [
        (name, true, b, b - WIDE * e, b + WIDE * e)
        for name, true, b, e in zip(("x1", "x2"), (FIRST, SECOND), found.maximum.point[2:], errors[2:], strict=True)
    ]


def _curve(*, once_each: bool) -> Callable[[np.random.Generator], list[Row]]:
    def once(rng: np.random.Generator) -> list[Row]:
        time = np.exp(LOCATION + SCALE * _scatter(rng, WEIBULL, 200))
        if once_each:
            look = rng.uniform(0, 60, 200)
            left, right = np.where(time <= look, 0, look), np.where(time <= look, look, np.inf)
        else:
            left, right = visits(rng, time)
        masses = turnbull(left, right)
        times = np.array(BAND_TIMES)
        middle = step_curve(masses).survival(times)[0]
        seed = int(rng.integers(2**31))
        band = bootstrap(masses.support, np.ones(200), times, np.array([0.5]), draws=BAND_DRAWS, seed=seed)
        low, high = band.interval(0.95)
        truth = np.exp(WEIBULL.log_survival((np.log(times) - LOCATION) / SCALE))
        return [
            (f"no event by {at:g}, bootstrap band", float(true), float(b), float(one), float(two))
            for at, true, b, one, two in zip(times, truth, middle, low, high, strict=True)
        ]

    return once


def _no_difference(rng: np.random.Generator) -> list[Row]:
    _, time = _people(rng, WEIBULL, 100)
    group = (rng.random(100) < 0.5).astype(int)
    test = log_rank(turnbull(*visits(rng, time)), group, 2)
    # the statistic beside its limits: "coverage" is the share of tests that do not call a difference
    z = test.z or 0.0
    return [("z of the log-rank test, no difference", 0.0, z, z - WIDE, z + WIDE)]


DESIGNS: dict[str, Callable[[np.random.Generator], list[Row]]] = {
    "Weibull, 200 people": _accelerated(WEIBULL),
    "log-normal, 200 people": _accelerated(LOG_NORMAL),
    "log-logistic, 200 people": _accelerated(LOG_LOGISTIC),
    "Weibull, half enter late, 400 people screened": _accelerated(WEIBULL, late=True),
    "Weibull with a cured share, 400 people": _cured,
    "piecewise hazards, 200 people": _piecewise,
    "proportional hazards, free curve, 200 people": _proportional("hazards"),
    "proportional odds, free curve, 200 people": _proportional("odds"),
    "curve without a model, 200 people": _curve(once_each=False),
    "curve without a model, 200 people seen once": _curve(once_each=True),
    "two groups alike, 100 people": _no_difference,
}


def recover(name: str, replicates: int, seed: int, report: Callable[[int], None] | None = None) -> list[Recovered]:
    """Fit simulated people of one design again and again.

    Args:
        name: a key of `DESIGNS`.
        replicates: how often.
        seed: of the people.
        report: told how many are done.
    """
    place = list(DESIGNS).index(name)
    found: list[list[Row]] = []
    for number in range(replicates):
        with contextlib.suppress(NotConverged):  # counted below
            found.append(DESIGNS[name](np.random.default_rng((seed, place, number))))
        if report is not None:
            report(number + 1)
    if not found:
        raise NotConverged(f"{name}: no fit converged")
    rows = []
    for k, (quantity, truth, *_) in enumerate(found[0]):
        values = np.array([[float(each) for each in replicate[k][2:]] for replicate in found])
        held = (values[:, 1] <= truth) & (truth <= values[:, 2])
        error = values[:, 0] - truth
        rows.append(
            Recovered(
                name, quantity, truth, float(error.mean()), float(np.sqrt(np.mean(error**2))), float(held.mean()),
                len(found), replicates - len(found),
            )
        )  # fmt: skip
    return rows
