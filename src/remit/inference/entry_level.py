"""Where people who come for treatment stand on a scale before their first dose, from the published arms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from remit.evidence.assumptions import load_assumptions
from remit.evidence.trials import Outcome, load_trials
from remit.population.baseline import Entry, entry_of
from remit.vocabulary.scales import Scale


@dataclass(frozen=True, slots=True)
class EntryLevel:
    """What is known about levels before the first dose on a scale.

    Attributes:
        entry: their distribution.
        typical, sd: median and SD between people [points].
        arms: published arms behind it; 0 where there is none.
    """

    entry: Entry
    typical: float
    sd: float
    arms: int


def within_person_sd(scale: Scale) -> float:
    """Scatter of a total when nothing has changed [points]: published, else the documented assumption."""
    return scale.within_person_sd or load_assumptions()["within_person_sd"].value * scale.span


@lru_cache(maxsize=64)
def baseline_rows(scale: Scale) -> tuple[Outcome, ...]:
    """Means before the first dose on a scale, of every published arm of adults that stands."""
    return tuple(
        row
        for trial in load_trials().values()
        if not trial.is_retracted and not trial.has_flag("children")
        for row in trial.outcomes
        if row.scale == scale.name and row.metric == "mean_score" and row.time_h == 0
    )


def entry_level(scale: Scale) -> EntryLevel:
    """Levels of people in published arms: the median of the means, and the spread inside and between arms.

    The scatter of ratings is taken out of the published SDs, because a level is what ratings scatter around.
    """
    rows = baseline_rows(scale)
    if not rows:
        # choice: no arm speaks, so the level may lie nearly anywhere: half of people in the middle third of the range
        typical, sd = scale.low + 0.5 * scale.span, 0.25 * scale.span
        return EntryLevel(entry_of(scale, typical, sd), typical, sd, 0)
    means = np.array([row.value for row in rows])
    spreads = [sd for row in rows if (sd := _sd(row)) is not None]
    # choice: where no arm gives a SD, the assumption that half of people lie within an eighth of the range of the mean
    inside = float(np.median(spreads)) if spreads else 0.18 * scale.span
    between = float(means.std()) if len(means) > 2 else 0.08 * scale.span
    # choice: people outside trials differ at least as much as by a twelfth of the range, whatever a small arm shows
    variance = max(inside**2 + between**2 - within_person_sd(scale) ** 2, (scale.span / 12.0) ** 2)
    typical = float(np.median(means))
    return EntryLevel(entry_of(scale, typical, float(np.sqrt(variance))), typical, float(np.sqrt(variance)), len(rows))


def _sd(row: Outcome) -> float | None:
    if not row.dispersion_low:
        return None
    if row.dispersion_kind == "sd":
        return float(row.dispersion_low)
    return float(row.dispersion_low * np.sqrt(row.n)) if row.dispersion_kind == "se" and row.n else None
