"""Baselines that trials report, and the typical baseline of each scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from remit.evidence.trials import Outcome
from remit.inference.selection import Selection
from remit.vocabulary.scales import Scale


def observed_baselines(
    selection: Selection, scales: Mapping[str, Scale]
) -> tuple[dict[tuple[str, str, str], tuple[float, float]], dict[str, tuple[float, float]]]:
    """Baselines by study, arm and scale, and the typical baseline of each scale [points].

    A missing SD is the typical SD of the scale over the evidence.
    """
    rows = [
        row
        for used in (*selection.used.values(), *selection.timing.values())
        for row in used
        if row.metric == "mean_score" and row.time_h == 0
    ]
    typical: dict[str, tuple[float, float]] = {}
    for scale in {row.scale for row in rows}:
        own = [row for row in rows if row.scale == scale]
        spreads = [sd for row in own if (sd := _sd(row)) is not None]
        sd = (
            float(np.median(spreads)) if spreads else 0.12 * scales[scale].span
        )  # choice: the median of the others where none is given
        typical[scale] = (float(np.median([row.value for row in own])), sd)
    found = {}
    for row in rows:
        sd = _sd(row)
        found[row.study_id, row.arm_id, row.scale] = (row.value, sd if sd is not None else typical[row.scale][1])
        found.setdefault((row.study_id, "", row.scale), found[row.study_id, row.arm_id, row.scale])
    return found, typical


def _sd(row: Outcome) -> float | None:
    if row.dispersion_kind == "sd" and row.dispersion_low:
        return float(row.dispersion_low)
    if row.dispersion_kind == "se" and row.dispersion_low and row.n:
        return float(row.dispersion_low * np.sqrt(row.n))
    return None
