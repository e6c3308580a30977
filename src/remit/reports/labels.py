"""Direct labels: words beside lines, moved apart so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


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
    best: tuple[float, tuple[float, float]] | None = None
    places = np.asarray(across, dtype=np.float64)
    curves = np.asarray(lines, dtype=np.float64)
    edges = [(np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)) for low, high in regions]
    for index, middle in enumerate(across):
        if middle - half_width < across[0] or middle + half_width > across[-1]:
            continue
        near = np.flatnonzero(np.abs(places - middle) <= half_width)
        under = near if len(near) else np.array([index])
        lowest, highest = curves[:, under].min(axis=1), curves[:, under].max(axis=1)
        for low, high in edges:
            floor, ceiling = float(low[under].max()), float(high[under].min())
            heights = floor + 3.0 * np.arange(1, int(max(ceiling - floor, 0.0) // 3))
            # none where a curve crosses the height; else the distance of the nearer of its ends
            apart = np.maximum(lowest[:, None] - heights, heights - highest[:, None])
            gaps = np.maximum(apart, 0.0).min(axis=0) if len(curves) else np.full(len(heights), np.inf)
            roomy = gaps >= half_height
            for height, gap in zip(heights[roomy].tolist(), gaps[roomy].tolist(), strict=True):
                if any(abs(x - middle) < 2 * half_width and abs(y - height) < 2 * half_height for x, y in taken):
                    continue
                # choice: the largest gap wins up to twice the label's height; beyond that the place farther right does
                score = min(gap, 2 * half_height) + 1e-4 * middle
                if best is None or score > best[0]:
                    best = (score, (middle, height))
    return None if best is None else best[1]
