"""Grids of the arms that had sessions, gathered into tables that the forward model runs at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from remit.inference.design import NONE, SessionTable
from remit.response.grid import course_grid, with_midpoints
from remit.vocabulary.dosing import Regimen

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Arms with one dose and arms with several go into tables of their own, so that short grids are not padded to the length
# of long ones.
SINGLE, SERIES, NO_SESSION = range(3)


def _rank(regimen: Regimen | None) -> int:
    if regimen is None:
        return NO_SESSION
    return SINGLE if len(regimen.doses) == 1 else SERIES


def point_order(regimens: Sequence[Regimen | None], point_arm: Ints) -> Ints:
    """The order of points in which those of one session table stand together."""
    rank = np.array([_rank(regimen) for regimen in regimens], dtype=np.int64)
    return np.argsort(rank[point_arm], kind="stable")


def session_tables(
    regimens: Sequence[Regimen | None],
    concentrate: Callable[[Regimen, Floats], Floats],
    nodes: Floats,
    point_arm: Ints,
    point_time: Floats,
) -> tuple[tuple[SessionTable, ...], Ints, Ints, Ints]:
    """Session tables; the table of each arm; the row and the position of each point in its table.

    Args:
        regimens: of each arm; None where no session drug was given.
        concentrate: effect-site concentration [ng/mL of esketamine] of a regimen at times [h], shape (nodes or 1,
            times).
        nodes: people that stand for each arm.
        point_arm, point_time: arm and time [h] of each point.
    """
    row, position = np.zeros_like(point_arm), np.zeros_like(point_arm)
    table_of = np.full(len(regimens), NONE, dtype=np.int64)
    tables: list[SessionTable] = []
    for rank in (SINGLE, SERIES):
        group = [(arm, regimen) for arm, regimen in enumerate(regimens) if regimen and _rank(regimen) == rank]
        if not group:
            continue
        grids, drawn = [], []
        for number, (arm, regimen) in enumerate(group):
            here = point_arm == arm
            grid = course_grid(regimen.times_h, point_time[here], regimen.doses[0].duration_h)
            row[here], position[here] = number, np.searchsorted(grid, point_time[here])
            table_of[arm] = len(tables)
            grids.append(grid)
            drawn.append(np.atleast_2d(concentrate(regimen, with_midpoints(grid))))
        longest = max(len(grid) for grid in grids)
        concentration = np.zeros((len(group), len(nodes), 2 * longest - 1))
        for number, values in enumerate(drawn):
            concentration[number, :, : values.shape[1]] = values
            concentration[number, :, values.shape[1] :] = values[:, -1:]
        times = np.array([np.pad(grid, (0, longest - len(grid)), mode="edge") for grid in grids])
        tables.append(SessionTable(np.array([arm for arm, _ in group], dtype=np.int64), times, concentration))
    return tuple(tables), table_of, row, position
