"""Any distribution of the time to an event with covariates that stretch time, or multiply hazards or odds.

    time      S(t | x) = S0(t exp(-x'b))
    hazards   S(t | x) = S0(t)^exp((x - m)'b)
    odds      (1 - S) / S = exp((x - m)'b) (1 - S0) / S0

m is the mean of the covariates, at which the distribution is S0: as in icenReg, whose numbers these agree with. (Most
distributions do not stay what they are under other hazards or odds, so it matters where S0 holds.)

Each subject's log-likelihood is a function of two to four numbers (location, shape, x'b). Its derivatives by them are
differences (of fourth order but for the mixed ones), because those of gamma chances by their shape have no closed
form; what follows from them is exact. `remit.inference.events.accelerated` is faster: there all are written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remit.inference.events.baseline import Baseline, other
from remit.inference.events.beginning import line, middles, spread_around
from remit.inference.events.criteria import SubjectCriteria
from remit.inference.events.likelihood import Seen, seen
from remit.inference.events.newton import Maximum, maximise

STEP = 2e-3
"""Of differences, on the scale of log times.  # choice: first derivatives err by 1e-9, mixed second ones by 1e-5"""
LINKS = {"time": "time ratio", "hazards": "hazard ratio", "odds": "odds ratio"}
"""How covariates act, and what exp of a coefficient is."""


@dataclass(frozen=True, slots=True)
class Linked(SubjectCriteria):
    """A fitted model.

    Attributes:
        baseline: distribution at covariates of 0.
        link: a key of `LINKS`.
        names: of the parameters, in order: intercept (location of log time), coefficients, shape.
        maximum: of the log-likelihood.
        design: covariates, a column of ones first (subjects, columns).
        data: of the subjects.
        robust: sandwich covariance.
        mean: of each column of design, at which the baseline holds; zeros where covariates stretch time.
    """

    baseline: Baseline
    link: str
    names: tuple[str, ...]
    maximum: Maximum
    design: np.ndarray
    data: Seen
    robust: np.ndarray
    mean: np.ndarray

    @property
    def ratio(self) -> str:
        """What exp of a coefficient is."""
        return LINKS[self.link]

    def value(self, point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Log-likelihood, gradient and Hessian at any point."""
        return _objective(self.baseline, self.link, self.data, self.design - self.mean, point)[:3]

    def survival(self, times: np.ndarray, row: np.ndarray, point: np.ndarray | None = None) -> np.ndarray:
        """Chance of no event by each time for one row of covariates.

        Args:
            times: [unit of the table].
            row: of `design` (columns,).
            point: other parameters than those at the maximum.
        """
        at = self.maximum.point if point is None else point
        with np.errstate(divide="ignore"):
            log_times = np.log(times)
        location, shift, shape = _placed(self.link, (row - self.mean)[None], at)
        return np.exp(_linked(self.baseline, self.link, log_times - location, shift, shape)[0])

    def time_by_which(self, share: float, row: np.ndarray, point: np.ndarray | None = None) -> float:
        """Time by which a share of people like one row has had the event [unit of the table]."""
        return float(np.exp(self.log_time_by_which(share, row, point)))

    def log_time_by_which(self, share: float, row: np.ndarray, point: np.ndarray | None = None) -> float:
        """Logarithm of that time."""
        at = self.maximum.point if point is None else point
        location, shift, shape = _placed(self.link, (row - self.mean)[None], at)
        if self.link == "hazards":
            share = float(-np.expm1(np.log1p(-share) * np.exp(-shift[0])))
        elif self.link == "odds":
            share = float(1 / (1 + np.exp(shift[0]) * (1 - share) / share))
        return float(location[0]) + self.baseline.quantile(share, shape)


def fit_linked(
    baseline: Baseline,
    link: str,
    left: np.ndarray,
    right: np.ndarray,
    design: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    limit: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    names: Sequence[str] = (),
) -> Linked:
    """Fit by maximum likelihood.

    Args:
        baseline: distribution at covariates of 0.
        link: a key of `LINKS`.
        left, right, entry, limit, weight: see `remit.inference.events.support.support_of`.
        design: covariates, a column of ones first (subjects, columns).
        names: of the columns of design.

    Raises:
        NotConverged: there is no maximum with a gradient of zero and a definite Hessian.
    """
    data = seen(left, right, entry, weight, limit)
    mean = np.zeros(design.shape[1])
    if link != "time":
        mean[1:] = np.average(design[:, 1:], axis=0, weights=data.weight)
    centred = design - mean
    maximum = maximise(
        lambda point: _objective(baseline, link, data, centred, point)[:3],
        _start(baseline, link, data, centred),
        f"the {baseline.title} model" + ("" if link == "time" else f" of proportional {link}"),
    )
    scores = _objective(baseline, link, data, centred, maximum.point)[3]
    meat = scores.T @ (scores * (data.weight**2)[:, None])
    labels = (*(list(names) or [f"x{number}" for number in range(design.shape[1])]), *baseline.shape)
    return Linked(baseline, link, labels, maximum, design, data, maximum.covariance @ meat @ maximum.covariance, mean)


def _placed(link: str, design: np.ndarray, point: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Location and shift of each row, and shape, of a point."""
    columns = design.shape[1]
    if link == "time":
        return design @ point[:columns], np.zeros(len(design)), point[columns:]
    return np.full(len(design), point[0]), design[:, 1:] @ point[1:columns], point[columns:]


def _linked(
    baseline: Baseline, link: str, x: np.ndarray, shift: np.ndarray, shape: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log of the chances of a later and of an earlier event."""
    later, earlier = baseline.ends(x, shape)
    if link == "hazards":
        # near 0 the logarithm of the chance of a later event has its digits from that of an earlier one
        accurate = np.where(later > -0.5, other(earlier), later)
        later = np.exp(shift) * accurate
        return later, other(later)
    if link == "odds":
        odds = earlier - later + shift
        return -np.logaddexp(0, odds), -np.logaddexp(0, -odds)
    return later, earlier


def _between(low: tuple[np.ndarray, np.ndarray], high: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Log chance of an event between two times, from the tail in which it loses no digits."""
    from_later = low[0] + other(high[0] - low[0])
    from_earlier = high[1] + other(low[1] - high[1])
    return np.where(low[0] > np.log(0.5), from_earlier, from_later)


def _each(
    baseline: Baseline, link: str, data: Seen, location: np.ndarray, shift: np.ndarray, shape: np.ndarray
) -> np.ndarray:
    """Log-likelihood of each subject, conditional on its window."""
    value = np.zeros(len(location))

    def end(rows: np.ndarray, log_time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return _linked(baseline, link, log_time - location[rows], shift[rows], shape)

    def within(rows: np.ndarray, low: np.ndarray | None, high: np.ndarray | None) -> np.ndarray:
        if low is None and high is not None:
            return end(rows, high)[1]
        if high is None and low is not None:
            return end(rows, low)[0]
        assert low is not None  # noqa: S101  (a window has an end)
        assert high is not None  # noqa: S101
        return _between(end(rows, low), end(rows, high))

    rows = data.exact
    if len(rows):
        x = data.low[rows] - location[rows]
        value[rows] = baseline.density(x, shape) - data.low[rows]
        if link != "time":
            later, earlier = baseline.ends(x, shape)
            if link == "hazards":
                value[rows] += shift[rows] + np.expm1(shift[rows]) * later
            else:
                value[rows] += shift[rows] - 2 * np.logaddexp(later, earlier + shift[rows])
    value[data.before] = within(data.before, None, data.high[data.before])
    value[data.between] = within(data.between, data.low[data.between], data.high[data.between])
    value[data.after] = within(data.after, data.low[data.after], None)
    for rows, low, high in data.windows:
        value[rows] -= within(rows, low, high)
    return value


def _objective(
    baseline: Baseline, link: str, data: Seen, design: np.ndarray, point: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Log-likelihood, gradient, Hessian, and each subject's gradient, at a point."""
    location, shift, shape = _placed(link, design, point)
    ones = np.ones((len(design), 1))
    blocks = [design] if link == "time" else [ones, *([design[:, 1:]] if design.shape[1] > 1 else [])]
    size = len(blocks)
    blocks += [ones] * len(shape)
    count = len(blocks)

    def at(moves: np.ndarray) -> np.ndarray:
        return _each(baseline, link, data, location + moves[0], shift + (moves[1] if size == 2 else 0.0),
                     shape + moves[size:])  # fmt: skip

    unit = STEP * np.eye(count)
    with np.errstate(all="ignore"):
        middle = at(np.zeros(count))
        first: list[np.ndarray] = []
        second: dict[tuple[int, int], np.ndarray] = {}
        for i in range(count):
            far, near = (at(2 * unit[i]), at(-2 * unit[i])), (at(unit[i]), at(-unit[i]))
            first.append((8 * (near[0] - near[1]) - (far[0] - far[1])) / (12 * STEP))
            second[i, i] = (16 * (near[0] + near[1]) - 30 * middle - far[0] - far[1]) / (12 * STEP**2)
            for j in range(i):
                crossed = at(unit[i] + unit[j]) + at(-unit[i] - unit[j]) - at(unit[i] - unit[j]) - at(unit[j] - unit[i])
                second[j, i] = crossed / (4 * STEP**2)
    weight, places = data.weight, np.cumsum([0, *(block.shape[1] for block in blocks)])
    scores = np.hstack([block * each[:, None] for block, each in zip(blocks, first, strict=True)])
    hessian = np.zeros((places[-1], places[-1]))
    for (i, j), each in second.items():
        piece = blocks[i].T @ ((weight * each)[:, None] * blocks[j])
        hessian[places[i] : places[i + 1], places[j] : places[j + 1]] = piece
        hessian[places[j] : places[j + 1], places[i] : places[i + 1]] = piece.T
    return float(weight @ middle), weight @ scores, hessian, scores


def _start(baseline: Baseline, link: str, data: Seen, design: np.ndarray) -> np.ndarray:
    """Least squares on times put in the middle of what is known; without effects of covariates on hazards and odds."""
    times, used = middles(data), design if link == "time" else design[:, :1]
    location = line(data, used, times)
    shape = baseline.start(spread_around(data, used, times, location))
    # the middle of the distribution, not its location, lies in the middle of the times
    location[0] -= baseline.quantile(0.5, np.array(shape))
    return np.concatenate([location, np.zeros(design.shape[1] - len(location)), shape])
