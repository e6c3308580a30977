"""The calibration's data as arrays: arms, the times they were seen at, and the rows that say something about them.

A *point* is one arm at one time. Every row refers to points by number, so the model computes each point once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NONE = -1
"""Index that means: does not apply."""
SETTINGS = ("session", "daily_drug", "therapy")
"""Kinds of trial, which may lie further apart or closer together."""


@dataclass(frozen=True, slots=True, eq=False)
class ArmTable:
    """Arms as the model sees them; every array has one entry an arm.

    An arm measured on two scales is two arms here that share their study. Indices point into the names of `Names`;
    `NONE` where the effect does not apply.

    Attributes:
        study, scale, diagnosis, control, masking, treatment: indices.
        session: one of `Design.sessions`, or `NONE` for daily treatments and controls.
        has_session: one where the arm took part in a session (drug or control), else zero.
        has_drug: one where ketamine or esketamine was given, else zero.
        depressed: one where depression was rated: such arms lend their timing and nothing else.
        setting: kind of trial, an index of `SETTINGS`.
        people: number of the group of people the arm is; arms on several scales may be the same people.
        baseline_mean, baseline_sd: baseline totals [points].
        low, high, noise_sd: scale bounds and within-person SD [points].
    """

    study: Ints
    scale: Ints
    diagnosis: Ints
    control: Ints
    masking: Ints
    treatment: Ints
    session: Ints
    has_session: Floats
    has_drug: Floats
    depressed: Floats
    setting: Ints
    people: Ints
    baseline_mean: Floats
    baseline_sd: Floats
    low: Floats
    high: Floats
    noise_sd: Floats


@dataclass(frozen=True, slots=True, eq=False)
class SessionTable:
    """Grids of session arms of similar length, padded to one length by repeating the last time.

    Attributes:
        arm: the arms, shape (sessions,).
        times_h: grid, shape (sessions, times) [h].
        concentration: effect-site concentration of each node at the grid times and step middles, shape
            (sessions, nodes, 2 times - 1) [ng/mL of esketamine].
    """

    arm: Ints
    times_h: Floats
    concentration: Floats


@dataclass(frozen=True, slots=True, eq=False)
class PointTable:
    """Arm and time of each point: those of the first session table first, then those of the next, then the others.

    Attributes:
        arm: index of the arm.
        time_h: hours since the first dose [h].
        row: row of the arm in its session table, or 0.
        position: place of the time in the arm's session grid, or 0.
    """

    arm: Ints
    time_h: Floats
    row: Ints
    position: Ints


@dataclass(frozen=True, slots=True, eq=False)
class MeanRows:
    """Rows about mean totals: kind 0 score, 1 change, 2 percent change, 3 difference to another arm, 4 standardised
    difference.

    Attributes:
        kind: as above.
        points: points whose average the row is about, shape (rows, width), padded with `NONE`.
        other: the same for the arm it is compared with.
        value: as published [points, percent or SD units]; lower is better.
        se: standard error, NaN where the model's own SD over the root of n stands in.
        n: people behind the row.
    """

    kind: Ints
    points: Ints
    other: Ints
    value: Floats
    se: Floats
    n: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CountRows:
    """Rows that count people in whom an event was seen.

    Attributes:
        points: visits at any of which the event counts, shape (rows, width), padded with `NONE`.
        fraction: fall from baseline that counts [fraction], NaN where a total counts.
        total: largest total that counts [points], NaN where a fall counts.
        events, n: people with the event and people in all (real numbers: repeated rows of one arm count for less).
    """

    points: Ints
    fraction: Floats
    total: Floats
    events: Floats
    n: Floats


@dataclass(frozen=True, slots=True, eq=False)
class MedianRows:
    """Rows that give the median time to the loss of a response, known to lie between two visits.

    Attributes:
        from_point: point at which those who had responded were taken.
        before, after: points of the visits the median lies between.
        fraction: fall from baseline that is a response [fraction].
        n: people who were followed.
    """

    from_point: Ints
    before: Ints
    after: Ints
    fraction: Floats
    n: Floats


@dataclass(frozen=True, slots=True, eq=False)
class SpreadRows:
    """Rows that give the SD of totals.

    Attributes:
        point: the point.
        sd: published SD [points].
        n: people behind it.
    """

    point: Ints
    sd: Floats
    n: Floats


@dataclass(frozen=True, slots=True)
class Names:
    """What the indices mean, in order."""

    study: tuple[str, ...]
    scale: tuple[str, ...]
    diagnosis: tuple[str, ...]
    control: tuple[str, ...]
    masking: tuple[str, ...]
    treatment: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Everything the likelihood needs, and where each row came from.

    Attributes:
        normals: the nodes that stand for the people of every arm, shape (nodes, numbers).
        mean_origin, count_origin, median_origin, spread_origin: file and line of each row.
    """

    names: Names
    arms: ArmTable
    sessions: tuple[SessionTable, ...]
    points: PointTable
    means: MeanRows
    counts: CountRows
    medians: MedianRows
    spreads: SpreadRows
    normals: Floats
    mean_origin: tuple[str, ...]
    count_origin: tuple[str, ...]
    median_origin: tuple[str, ...]
    spread_origin: tuple[str, ...]

    def study_of(self, point: Ints) -> Ints:
        """Index of the study of points."""
        return self.arms.study[self.points.arm[point]]
