"""The shapes a treatment effect can have over time; given its shape numbers, every effect is linear in its size.

A curve turns times into J columns. The effect of a treatment at time t is the sum of its J coefficients times these
columns. Shape numbers are logs of times, so that any real number is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.vocabulary.errors import InputRefused

Columns = Any
"""An array (..., J): JAX while fitting, NumPy afterwards."""
SPLINE_KNOTS = 3
"""choice: two columns; a third knot inside seldom has the data to place it."""
LEAST_APART = 1e-6
"""Smallest difference of the two half-lives of a rise and fall, as a share of the first; keeps the peak above zero."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One family of time courses.

    Attributes:
        name: as on the command line.
        columns: J.
        shapes: names of its shape numbers [log of the table's time unit].
        knots: of a spline, on its own axis.
        unit: time that makes one step on the axis of log-linear and spline curves [the table's time unit].
        monotone: whether the effect never turns back.
    """

    name: str
    columns: int = 1
    shapes: tuple[str, ...] = ()
    knots: tuple[float, ...] = ()
    unit: float = 1.0
    monotone: bool = True


MEANING = {
    "emax": "t / (t50 + t): fast at first, then ever slower towards a plateau; t50 is the time to half of it",
    "exponential": "1 - 2^(-t / t50): half of what is left is gained every t50",
    "log-linear": "log(1 + t / unit): grows for ever, ever slower",
    "spline": "a natural cubic spline on log(1 + t / first time): any smooth course",
    "rise-and-fall": "rises with one half-life and is lost with a longer one; doses of a series add up",
    "as-given": "exponential for what is taken daily, rise-and-fall for single doses and series",
    "linear": "t: a straight line",
    "quadratic": "t and t^2",
    "constant": "one size at all times",
}
"""What each curve is, in words."""
COMPARED = ("emax", "exponential", "log-linear", "spline", "rise-and-fall")
"""The curves of ``--curve all``."""


def make_curve(name: str, times: NDArray[np.float64]) -> Curve:
    """The curve of a name, for a table with these times.

    Args:
        name: a key of `MEANING`.
        times: of the rows [the table's time unit].

    Raises:
        InputRefused: there is no such curve, or the table has too few times for it.
    """
    if name not in MEANING:
        raise InputRefused(f"unknown curve {name!r}", allowed=", ".join([*MEANING, "all"]), where="--curve")
    if name == "constant":
        return Curve(name)
    positive = np.unique(times[times > 0])
    if len(positive) < 2:
        raise InputRefused(
            f"a curve needs two times after the start, the table has {len(positive)}",
            remedy="Use --time none to analyse one time",
            where="--curve",
        )
    if name == "spline":
        if len(positive) < SPLINE_KNOTS:
            raise InputRefused(
                f"a spline needs {SPLINE_KNOTS} times after the start, the table has {len(positive)}",
                remedy="Choose another curve", where="--curve",
            )  # fmt: skip
        axis = np.log1p(positive / positive[0])
        knots = (0.0, *np.quantile(axis, np.linspace(0, 1, SPLINE_KNOTS)[1:]).tolist())
        return Curve(name, len(knots) - 1, knots=knots, unit=float(positive[0]), monotone=False)
    shapes = {
        "emax": ("t50",), "exponential": ("t50",), "rise-and-fall": ("rise", "lag"), "as-given": ("t50", "rise", "lag"),
    }  # fmt: skip
    return Curve(
        name,
        columns=2 if name == "quadratic" else 1,
        shapes=shapes.get(name, ()),
        monotone=name not in {"rise-and-fall", "as-given", "quadratic"},
    )


def columns_of(curve: Curve, times: Columns, shapes: Columns, doses: Columns = None, daily: Columns = None) -> Columns:
    """The columns of a curve (..., J).

    Args:
        curve: the family.
        times: (..., T) [the table's time unit].
        shapes: (..., 1 or T, number of shapes) [log of the table's time unit].
        doses: (..., D) times of doses, infinite where there is none; one dose at the start if left out.
        daily: (...) whether what is given is taken daily; only `as-given` asks.
    """
    return _COLUMNS[curve.name](curve, times, shapes, doses, daily)


def _emax(_: Curve, times: Columns, shapes: Columns, *__: Columns) -> Columns:
    return (times / (jnp.exp(shapes[..., 0]) + times))[..., None]


def _exponential(_: Curve, times: Columns, shapes: Columns, *__: Columns) -> Columns:
    return -jnp.expm1(-math.log(2.0) * times * jnp.exp(-shapes[..., 0]))[..., None]


def _log_linear(curve: Curve, times: Columns, *_: Columns) -> Columns:
    return jnp.log1p(times / curve.unit)[..., None]


def _linear(_: Curve, times: Columns, *__: Columns) -> Columns:
    return times[..., None]


def _quadratic(_: Curve, times: Columns, *__: Columns) -> Columns:
    return jnp.stack([times, times**2], axis=-1)


def _constant(_: Curve, times: Columns, *__: Columns) -> Columns:
    return jnp.ones_like(times)[..., None]


def _spline(curve: Curve, times: Columns, *_: Columns) -> Columns:
    """Natural cubic spline through zero (truncated powers, Harrell 2015 eq. 2.25), each column 1 at the last knot."""
    axis = jnp.log1p(times / curve.unit)
    last, before = curve.knots[-1], curve.knots[-2]

    def bent(x: Any, knot: float) -> Any:
        cube = [jnp.maximum(x - each, 0.0) ** 3 for each in (knot, before, last)]
        return cube[0] - cube[1] * (last - knot) / (last - before) + cube[2] * (before - knot) / (last - before)

    found = [axis / last]
    found += [bent(axis, knot) / bent(jnp.float64(last), knot) for knot in curve.knots[:-2]]
    return jnp.stack(found, axis=-1)


def _rise_and_fall(curve: Curve, times: Columns, shapes: Columns, doses: Columns, daily: Columns) -> Columns:
    """Difference of two exponentials (Bateman 1910) of peak 1 for each dose, summed over the doses."""
    del daily
    shift = len(curve.shapes) - 2
    rise = jnp.exp(shapes[..., shift])
    gap = jnp.maximum(jnp.exp(shapes[..., shift + 1]), LEAST_APART * rise)
    quick, slow = math.log(2.0) / rise, math.log(2.0) / (rise + gap)
    top = jnp.log(quick / slow) / (quick - slow)
    peak = jnp.exp(-slow * top) - jnp.exp(-quick * top)
    if doses is None:
        return ((jnp.exp(-slow * times) - jnp.exp(-quick * times)) / peak)[..., None]
    since = times[..., :, None] - doses[..., None, :]
    on = since > 0
    since = jnp.where(on, since, 0.0)
    one = jnp.exp(-slow[..., None] * since) - jnp.exp(-quick[..., None] * since)
    return (jnp.where(on, one, 0.0).sum(axis=-1) / peak)[..., None]


def _as_given(curve: Curve, times: Columns, shapes: Columns, doses: Columns, daily: Columns) -> Columns:
    dosed = _rise_and_fall(curve, times, shapes, doses, None)
    if daily is None:
        return dosed
    return jnp.where(daily[..., None, None], _exponential(curve, times, shapes), dosed)


_COLUMNS: dict[str, Callable[..., Columns]] = {
    "emax": _emax, "exponential": _exponential, "log-linear": _log_linear, "linear": _linear, "quadratic": _quadratic,
    "constant": _constant, "spline": _spline, "rise-and-fall": _rise_and_fall, "as-given": _as_given,
}  # fmt: skip
