"""Direct labels: words beside lines, moved apart so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

STEP = 3.0
"""choice: heights are tried this far apart [pixels], which nobody sees."""


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions near those wanted, at least a gap apart and inside two ends, in the order given.

    Positions too close are merged into a block around their mean, which is the least-squares answer; blocks that then
    touch are merged again.

    Args:
        wanted: where the labels belong.
        gap: least distance between two.
        low, high: ends that no label passes; a gap too wide for them is narrowed.
    """
    count = len(wanted)
    if count == 0:
        return []
    gap = min(gap, (high - low) / max(count - 1, 1))
    order = sorted(range(count), key=lambda index: (wanted[index], index))
    blocks: list[tuple[float, list[int]]] = []
    for index in order:
        blocks.append((wanted[index], [index]))
        while True:
            centre, members = blocks[-1]
            half = 0.5 * gap * (len(members) - 1)
            centre = min(max(centre, low + half), high - half)
            blocks[-1] = (centre, members)
            if len(blocks) == 1:
                break
            before, earlier = blocks[-2]
            if centre - half - (before + 0.5 * gap * (len(earlier) - 1)) >= gap - 1e-12:
                break
            joined = [*earlier, *members]
            mean = sum(wanted[each] - gap * place for place, each in enumerate(joined)) / len(joined)
            blocks[-2:] = [(mean + 0.5 * gap * (len(joined) - 1), joined)]
    found = [0.0] * count
    for centre, members in blocks:
        for place, index in enumerate(members):
            found[index] = centre + gap * (place - 0.5 * (len(members) - 1))
    return found


def roomiest(
    across: Sequence[float],
    regions: Sequence[tuple[Sequence[float], Sequence[float]]],
    lines: Sequence[Sequence[float]],
    taken: Sequence[tuple[float, float]],
    half_width: float,
    half_height: float = 8.0,
) -> tuple[float, float] | None:
    """Middle of the place for a label inside a region that lies farthest from every line; None where none has room.

    All lengths are pixels; every curve has one value for each place across.

    Args:
        across: places across, rising.
        regions: lower and upper edge of each region that may hold the label.
        lines: curves it must not touch.
        taken: middles of labels that are already there.
        half_width, half_height: half the size of the label.
    """
    places = np.asarray(across, dtype=np.float64)
    inside = (places - half_width >= places[0]) & (places + half_width <= places[-1])
    middles = places[inside]
    if not len(middles):
        return None
    # one row a middle: which places its label would cover, the middle itself among them
    under = np.abs(places - middles[:, None]) <= half_width

    def least(curve: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(under, curve[..., None, :], np.inf).min(axis=-1)

    floors = np.stack([-least(-np.asarray(low, dtype=np.float64)) for low, _ in regions], axis=-1)
    ceilings = np.stack([least(np.asarray(high, dtype=np.float64)) for _, high in regions], axis=-1)
    steps = np.maximum(ceilings - floors, 0.0) // STEP
    heights = floors[..., None] + STEP * np.arange(1, max(int(steps.max()), 1))
    roomy = np.arange(1, heights.shape[-1] + 1) < steps[..., None]
    gaps = np.full(heights.shape, np.inf)
    for curve in np.asarray(lines, dtype=np.float64):
        # none where the curve crosses the height; else the distance of the nearer of its ends
        lowest, highest = least(curve)[:, None, None], -least(-curve)[:, None, None]
        np.minimum(gaps, np.maximum(lowest - heights, heights - highest), out=gaps)
    roomy &= gaps >= half_height
    for x, y in taken:
        near = np.abs(x - middles) < 2 * half_width
        roomy &= ~(near[:, None, None] & (np.abs(y - heights) < 2 * half_height))
    if not roomy.any():
        return None
    # choice: the largest gap wins up to twice the label's height; beyond that the place farther right does
    score = np.where(roomy, np.minimum(gaps, 2 * half_height) + 1e-4 * middles[:, None, None], -np.inf)
    row, region, step = np.unravel_index(int(score.argmax()), score.shape)
    return float(middles[row]), float(heights[row, region, step])
