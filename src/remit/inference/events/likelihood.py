"""Log-likelihood of censored and truncated times with its exact first and second derivatives, subject by subject.

Derivatives are with respect to the three numbers a subject's covariates act on: location eta of log time, log scale s,
and the logit c of ever having the event (1 without a cured share). With z = (log t - eta) / exp(s) and D = S(z_left) -
S(z_right), d log D / d eta = (f_left - f_right) / (D exp(s)), d log D / ds = (z_left f_left - z_right f_right) / D.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from remit.inference.events.family import Family

MOST = 700.0
"""Logarithm of the largest ratio of densities that is kept; beyond, a float is infinite."""


Window = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of each subject, on the scale of log time.

    Attributes:
        exact, before, between, after: numbers of the subjects whose time is known, lies before a time, between two,
            or after one.
        low, high: log of the ends (subjects,); exact times stand in both; 0 where there is none.
        windows: subjects that could be seen only if their event fell after a time, by a time, or both: their numbers,
            and log of either time, None where there is none.
        weight: (subjects,).
    """

    exact: np.ndarray
    before: np.ndarray
    between: np.ndarray
    after: np.ndarray
    low: np.ndarray
    high: np.ndarray
    windows: tuple[Window, ...]
    weight: np.ndarray


def seen(
    left: np.ndarray,
    right: np.ndarray,
    entry: np.ndarray | None,
    weight: np.ndarray | None,
    limit: np.ndarray | None = None,
) -> Seen:
    """Sort subjects by what is known of them.

    Args:
        left, right, entry, weight, limit: see `remit.inference.events.support.support_of`.
    """
    exact, open_left, open_right = left == right, left <= 0, np.isinf(right)
    kinds = (exact, open_left & ~open_right & ~exact, ~open_left & ~open_right & ~exact, ~open_left & open_right)
    late = np.zeros(len(left), bool) if entry is None else entry > 0
    early = np.zeros(len(left), bool) if limit is None else np.isfinite(limit)
    windows = []
    for has_low, has_high in ((True, False), (False, True), (True, True)):
        rows = np.flatnonzero((late == has_low) & (early == has_high))
        if len(rows):
            low = np.log(entry[rows]) if has_low and entry is not None else None
            high = np.log(limit[rows]) if has_high and limit is not None else None
            windows.append((rows, low, high))
    return Seen(
        *(np.flatnonzero(each) for each in kinds),
        low=np.log(np.where(open_left, 1.0, left)),
        high=np.log(np.where(open_right, 1.0, right)),
        windows=tuple(windows),
        weight=np.ones(len(left)) if weight is None else weight,
    )


Derivatives = tuple[np.ndarray, list[np.ndarray], dict[tuple[int, int], np.ndarray]]
"""Value (subjects,), first derivatives, second derivatives by pairs of the numbers above."""


def pointwise(family: Family, data: Seen, eta: np.ndarray, s: float, c: np.ndarray | None = None) -> Derivatives:
    """Log-likelihood of each subject, conditional on its window.

    Args:
        family: of the scatter of log time.
        data: of the subjects.
        eta: location of log time (subjects,).
        s: log scale.
        c: logit of ever having the event (subjects,); None if everybody has it sooner or later.
    """
    count, size = len(eta), 2 if c is None else 3
    value = np.zeros(count)
    first = [np.zeros(count) for _ in range(size)]
    second = {(i, j): np.zeros(count) for i in range(size) for j in range(i, size)}
    scale = np.exp(s)

    def put(rows: np.ndarray, found: Derivatives, sign: float = 1.0) -> None:
        value[rows] += sign * found[0]
        for mine, theirs in zip(first, found[1], strict=False):
            mine[rows] += sign * theirs
        for pair, theirs in found[2].items():
            second[pair][rows] += sign * theirs

    def end(rows: np.ndarray, log_time: np.ndarray) -> np.ndarray:
        return (log_time - eta[rows]) / scale

    for rows in (data.exact, data.before, data.between):
        if not len(rows):
            continue
        high = end(rows, data.high[rows])
        if rows is data.exact:
            found = _at(family, high, scale, s, data.high[rows])
        elif rows is data.before:
            found = _within(family, None, high, scale)
        else:
            found = _within(family, end(rows, data.low[rows]), high, scale)
        put(rows, found if c is None else _ever(found, c[rows]))
    if len(rows := data.after):
        found = _within(family, end(rows, data.low[rows]), None, scale)
        put(rows, found if c is None else _maybe(found, c[rows]))
    for rows, low, high in data.windows:
        found = _within(
            family, None if low is None else end(rows, low), None if high is None else end(rows, high), scale
        )
        # nobody who never has the event is seen where it must have come by a time
        given = found if c is None else _maybe(found, c[rows]) if high is None else _ever(found, c[rows])
        put(rows, given, -1.0)
    return value, first, second


def _at(family: Family, z: np.ndarray, scale: float, s: float, log_time: np.ndarray) -> Derivatives:
    (density, slope), bend = family.density(z), family.bend(z)
    return (
        density - s - log_time,
        [-slope / scale, -z * slope - 1],
        {(0, 0): bend / scale**2, (0, 1): (slope + z * bend) / scale, (1, 1): z * slope + z * z * bend},
    )


def _within(family: Family, low: np.ndarray | None, high: np.ndarray | None, scale: float) -> Derivatives:
    """Log of S(low) - S(high), with derivatives; S(None) is that of minus or plus infinity."""
    if low is None and high is not None:
        value = np.log(np.maximum(-np.expm1(family.log_survival(high)), np.finfo(float).tiny))
    elif high is None and low is not None:
        value = family.log_survival(low)
    elif low is not None and high is not None:
        value = family.log_difference(low, high)
    else:  # nothing is known of the subject
        return np.zeros(0), [np.zeros(0)] * 2, {}
    ends = []
    for z, sign in ((low, 1.0), (high, -1.0)):
        if z is None:
            continue
        density, slope = family.density(z)
        share = sign * np.exp(np.minimum(density - value, MOST))
        tilt, along = share * slope, z * share
        leant = z * tilt
        ends.append((share, along, tilt, leant, z * leant))
    share, along, tilt, leant, twice = ends[0] if len(ends) == 1 else map(np.add, *ends)
    by_eta, by_s = share / scale, along
    second = {
        (0, 0): -tilt / scale**2 - by_eta**2,
        (0, 1): -(leant + share) / scale - by_eta * by_s,
        (1, 1): -twice - along - by_s**2,
    }
    return value, [by_eta, by_s], second


def _ever(found: Derivatives, c: np.ndarray) -> Derivatives:
    """The event was seen: log P(ever) is added."""
    ever = 1 / (1 + np.exp(-c))
    value, first, second = found
    return value - np.logaddexp(0, -c), [*first, 1 - ever], {**second, (2, 2): -ever * (1 - ever)}


def _maybe(found: Derivatives, c: np.ndarray) -> Derivatives:
    """Not seen so far: either never, or later; the log of a mixture of two."""
    ever = 1 / (1 + np.exp(-c))
    later, never = found[0] - np.logaddexp(0, -c), -np.logaddexp(0, c)
    value = np.logaddexp(later, never)
    q = np.exp(later - value)
    gap = [*found[1], np.ones_like(c)]
    first = [q * found[1][0], q * found[1][1], q * (1 - ever) - (1 - q) * ever]
    second = {pair: q * each for pair, each in found[2].items()}
    second[2, 2] = -ever * (1 - ever)
    for i in range(3):
        for j in range(i, 3):
            second[i, j] = second.get((i, j), 0.0) + q * (1 - q) * gap[i] * gap[j]
    return value, first, second
