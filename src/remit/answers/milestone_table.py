"""From simulated people to tables: chances by horizon, time to response, how long the gain lasts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from remit.answers.answer import estimate, percent
from remit.answers.courses import Simulated
from remit.answers.question import HORIZONS_H
from remit.response.milestones import half_of_those_who_reach
from remit.vocabulary.clock import HOURS_PER_DAY, days, spoken
from remit.vocabulary.scales import Scale

Floats = NDArray[np.float64]
EVENTS = ("response", "change", "remission")
"""The events of an answer; response first, because it is followed at all times."""
REFERENCE_D = 1.0
"""Responders of a course are those who respond this long after its last session [d]."""
SUSTAINED_D = (7.0, 14.0, 28.0)
"""When they are looked at again, after the last session [d]."""
WITHIN_D = 28.0
"""Horizon of the time to response [d]."""


def cut_points(scale: Scale, baseline: float) -> dict[str, float]:
    """Largest total [points] that counts as each event, for the events that have a published rule and can happen."""
    found = {"response": (1.0 - (scale.response_fraction or 0.0)) * baseline}
    if scale.minimal_important_change is not None:
        found["change"] = baseline - scale.minimal_important_change
    if scale.remission_at_or_below is not None and baseline > scale.remission_at_or_below:
        found["remission"] = scale.remission_at_or_below
    # rounding down to a total the scale can show; a hair is added so that 0.5 x 24 is 12 and not 11.999
    shown = {
        event: np.floor((cut - scale.low) / scale.step + 1e-9) * scale.step + scale.low for event, cut in found.items()
    }
    return {event: float(cut) for event, cut in shown.items() if cut >= scale.low}


def missing_cuts(scale: Scale, baseline: float) -> dict[str, str]:
    """Why an event has no chance, by event, in words."""
    known = cut_points(scale, baseline)
    found = {}
    if "change" not in known:
        none = scale.minimal_important_change is None
        found["change"] = "not available: no published cut-off" if none else "not possible from this baseline"
    if "remission" not in known:
        none = scale.remission_at_or_below is None
        found["remission"] = "not available: no published cut-off" if none else "already there at baseline"
    if "response" not in known:
        found["response"] = "not possible from this baseline"
    return found


def asked_times(last_dose_h: float) -> Floats:
    """Times all events are read at [h]: the reference and what follows it after the last session, then the horizons."""
    after = [last_dose_h + days(each) for each in (REFERENCE_D, *SUSTAINED_D)]
    return np.array([*after, *HORIZONS_H])


def horizon_rows(simulated: Simulated, events: list[str], level: float) -> list[dict[str, Any]]:
    """Chances at and by each horizon, with the drug, without, and what the drug adds."""
    first = 1 + len(SUSTAINED_D)
    ends = _ends(simulated, slice(first, first + len(HORIZONS_H)), level)
    return [
        {
            "time_h": time,
            "label": spoken(time),
            **{event: _cell(ends, events.index(event), place) if event in events else None for event in EVENTS},
        }
        for place, time in enumerate(HORIZONS_H)
    ]


def response_after_last(simulated: Simulated, level: float) -> dict[str, Any]:
    """Chances of a response one day after the last session."""
    return {"days_after_last": REFERENCE_D, **_cell(_ends(simulated, slice(0, 1), level), 0, 0)}


def _ends(simulated: Simulated, asked: slice, level: float) -> dict[str, Floats]:
    """Low, middle and high of every chance [per cent], each of shape (3, events, asked): one sort for all of them."""
    at, by, control_at, control_by = (
        100.0 * each[:, :, asked] for each in (simulated.at, simulated.by, simulated.control_at, simulated.control_by)
    )
    shares = {
        "at": at,
        "by": by,
        "control_at": control_at,
        "control_by": control_by,
        "drug_at": at - control_at,
        "drug_by": by - control_by,
    }
    found = np.quantile(np.stack(list(shares.values())), [0.5 - level / 2, 0.5, 0.5 + level / 2], axis=1)
    return dict(zip(shares, np.moveaxis(found, 1, 0), strict=True))


def _cell(ends: dict[str, Floats], event: int, place: int) -> dict[str, dict[str, float]]:
    names = ("low_percent", "percent", "high_percent")
    return {name: dict(zip(names, values[:, event, place].tolist(), strict=True)) for name, values in ends.items()}


def time_to_response(simulated: Simulated, times_h: Floats, level: float) -> dict[str, Any]:
    """When people who respond within four weeks first do, and how many do not."""
    end = int(np.searchsorted(times_h, days(WITHIN_D)))
    reached = simulated.first_by[:, : end + 1]
    median = np.asarray(half_of_those_who_reach(*jax.device_put((reached, times_h[: end + 1]))))
    return {
        "within_d": WITHIN_D,
        "reached": asdict(estimate(100.0 * reached[:, -1], level, "percent of people")),
        "never": asdict(estimate(100.0 * (1.0 - reached[:, -1]), level, "percent of people")),
        "median_h": asdict(estimate(median, level, "h")),
    }


def how_it_lasts(simulated: Simulated, level: float) -> dict[str, Any]:
    """How long the gain lasts once the sessions are over."""
    lives = simulated.half_lives_h / HOURS_PER_DAY
    found: dict[str, Any] = {
        "half_life_d": asdict(estimate(np.median(lives, axis=1), level, "d")),
        "half_life_people_d": dict(
            zip(("p05", "p25", "p75", "p95"), np.quantile(lives, (0.05, 0.25, 0.75, 0.95)).tolist(), strict=True)
        ),
        "responders_are_those_at_d_after_last": REFERENCE_D,
        "still_responding": {},
    }
    responders = np.maximum(simulated.at[:, 0, 0], 1e-12)
    for index, day in enumerate(SUSTAINED_D, start=1):
        still = simulated.still[:, 0, index] / responders
        found["still_responding"][f"{day:.0f}_d_after_last"] = percent(still, level, "responders")
    return found
