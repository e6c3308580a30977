"""From one person's draws to what may be said: bands, chances, relapse, on or off course, the next useful score.

Every chance is a share of draws, scatter of ratings included: what was seen has already been weighed in. What a rating
showed in the past is a fact and has chance one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.answers.courses import SETTLED_H
from remit.answers.person_checks import total_chances
from remit.inference.person_prediction import SAME_H, Predicted
from remit.population.scores import normal_cdf_of
from remit.vocabulary.clock import days, spoken
from remit.vocabulary.observations import Score
from remit.vocabulary.scales import Scale

Floats = NDArray[np.float64]
LEVELS = (0.5, 0.8, 0.95)
"""Bands of a course [fraction]."""
AHEAD_D = (1.0, 3.0, 7.0, 14.0, 28.0, 56.0)
"""When a forecast speaks of, from now [d]."""
RELAPSE_D = (14.0, 28.0, 56.0)
OFF_SHARE = 0.8
"""A person is behind when their level is worse than that of this share of people like them."""
PROBABLY = 0.6  # GLOSSARY: "probably" is a chance between 60 and 90 of 100


def events_of(predicted: Predicted, dose_times_h: tuple[float, ...]) -> Floats:
    """Totals that count for events: while a session is felt, what outlasts it."""
    starts = np.array([-np.inf, *dose_times_h])
    since = predicted.time_h - starts[np.searchsorted(starts, predicted.time_h, side="right") - 1]
    return np.where(since < SETTLED_H * (1 - 1e-9), predicted.lasting, predicted.with_drug)


def bands(predicted: Predicted, scale: Scale, sd: float) -> dict[str, Any]:
    """Where a rating would fall, and the level it scatters around [points], at each time."""
    found: dict[str, Any] = {"time_h": predicted.time_h.tolist()}
    totals, below = _written_at_or_below(predicted.with_drug.T, scale, sd)
    for level in LEVELS:
        for side, share in (("low", 0.5 - level / 2), ("high", 0.5 + level / 2)):
            place = (below < share * (1.0 - 1e-12)).sum(axis=1)
            found[f"total{100 * level:.0f}_{side}"] = totals[np.minimum(place, len(totals) - 1)].tolist()
    for name, values in (("level", predicted.with_drug), ("control", predicted.control)):
        low, middle, high = np.quantile(values, (0.1, 0.5, 0.9), axis=0).round(3)
        found |= {name: middle.tolist(), f"{name}80_low": low.tolist(), f"{name}80_high": high.tolist()}
    return found


def _written_at_or_below(centres: Floats, scale: Scale, sd: float) -> tuple[Floats, Floats]:
    """Every total of a scale [points], and the chance at each time that a rating is at or below it, over all draws.

    Args:
        centres: levels that ratings scatter around, shape (times, draws) [points].
        scale: of the ratings.
        sd: their scatter [points].
    """
    # choice: draws are counted in bins of a 512th of the scale; at the scatter of a rating that moves a chance by 1e-4
    bins = 512
    width = (scale.high - scale.low) / bins
    place = np.clip((centres - scale.low) / width, 0, bins - 1).astype(int) + bins * np.arange(len(centres))[:, None]
    share = np.bincount(place.ravel(), minlength=bins * len(centres)).reshape(-1, bins) / centres.shape[1]
    middles: Floats = scale.low + width * (np.arange(bins, dtype=np.float64) + 0.5)
    totals, chance = total_chances(middles, scale, sd)
    return totals, np.cumsum(share @ chance, axis=1)


def _chance(cut: float, centre: Floats, scale: Scale, sd: float) -> Floats:
    """`remit.population.scores.chance_at_or_below` on plain arrays; tests/answers holds the two together."""
    return normal_cdf_of((np.floor(cut / scale.step) * scale.step + 0.5 * scale.step - centre) / sd)


def chances(
    predicted: Predicted,
    dose_times_h: tuple[float, ...],
    cuts: Mapping[str, float],
    seen: Mapping[str, float],
    scale: Scale,
    sd: float,
    asked_h: Mapping[str, float],
    now_h: float,
) -> list[dict[str, Any]]:
    """Chances of each event at and by each time asked about [fraction].

    Args:
        predicted: at rising times that hold every time asked about.
        dose_times_h: of the schedule [h].
        cuts: largest total that counts [points], by event.
        seen: events that a past rating has shown, and when [h].
        scale, sd: of the totals.
        asked_h: label to time [h].
        now_h: only ratings after it can still happen [h].
    """
    levels = events_of(predicted, dose_times_h)
    future = predicted.time_h > now_h
    rows = []
    for label, time in asked_h.items():
        here = predicted.place(time)
        until = future & (predicted.time_h <= time + SAME_H)
        row: dict[str, Any] = {"label": label, "time_h": time}
        for event, cut in cuts.items():
            best = levels[:, until].min(axis=1) if until.any() else levels[:, here]
            at = float(_chance(cut, levels[:, here], scale, sd).mean())
            by = 1.0 if event in seen else float(_chance(cut, best, scale, sd).mean())
            control = float(_chance(cut, predicted.control[:, here], scale, sd).mean())
            row[event] = {"at": at, "by": by, "without_drug_at": control, "drug_adds_at": at - control}
        rows.append(row)
    return rows


def already_seen(scores: tuple[Score, ...], cuts: Mapping[str, float]) -> dict[str, float]:
    """Events that a rating after the first dose has shown, and when first [h]."""
    found: dict[str, float] = {}
    for event, cut in cuts.items():
        times = [score.time_h for score in scores if score.time_h > 0 and score.total <= cut]
        if times:
            found[event] = min(times)
    return found


def relapse(
    predicted: Predicted, dose_times_h: tuple[float, ...], base: float, cut: float, from_h: float, responding: bool
) -> dict[str, Any] | None:
    """Chance that more than half of the fall from baseline is lost again, of those who respond at a time [fraction].

    Args:
        predicted, dose_times_h: the course.
        base: total before the first dose [points].
        cut: largest total that counts as response [points].
        from_h: when they respond [h].
        responding: whether a rating has shown it; else the draws that respond then are followed.
    """
    levels = events_of(predicted, dose_times_h)
    here = predicted.place(from_h)
    who = np.ones(len(levels), dtype=bool) if responding else levels[:, here] <= cut
    # choice: fewer than 100 draws cannot say a chance to five points
    if who.sum() < 100:
        return None
    past = levels[who]
    best = past[:, predicted.time_h <= from_h + SAME_H].min(axis=1)
    lost = past > (base - 0.5 * np.maximum(base - best, 0.0))[:, None]
    after = predicted.time_h > from_h
    rows = []
    for day in RELAPSE_D:
        until = after & (predicted.time_h <= from_h + days(day) + SAME_H)
        if until.any() and from_h + days(day) <= predicted.time_h[-1] + SAME_H:
            rows.append({"days": day, "chance": float(lost[:, until].any(axis=1).mean())})
    return {"from_h": from_h, "given": "seen" if responding else "if a response is reached", "by": rows}


def standing(seen: Predicted, expected: Predicted, latest: Score, sd: float) -> dict[str, Any]:
    """Whether a person is on the course of people like them: same diagnosis, same baseline, same doses.

    Args:
        seen: course at times that hold that of the latest score, all scores weighed in.
        expected: the same with the scores before the first dose alone.
        latest: that score.
        sd: scatter of a total [points].
    """
    time = np.array([latest.time_h])
    level, usual = seen.at(time)[:, 0], expected.at(time)[:, 0]
    totals, chance = total_chances(usual, latest.scale, sd)
    share = chance.mean(axis=0)
    worse = float(share[totals > latest.total].sum() + 0.5 * share[totals == latest.total].sum())
    low, high = np.quantile(usual, (1.0 - OFF_SHARE, OFF_SHARE))
    behind, ahead = (float(part.mean()) for part in (level > high, level < low))
    words = "behind" if behind >= PROBABLY else "ahead" if ahead >= PROBABLY else "on course"
    if words == "on course" and max(behind, ahead) > 1.0 - PROBABLY:
        words = "cannot be told yet"
    return {
        "time_h": latest.time_h, "total": latest.total, "percent_who_score_worse": 100.0 * worse, "is": words,
        "chance_behind": behind, "chance_ahead": ahead, "chance_on_course": 1.0 - behind - ahead,
        "expected_low": float(low), "expected_high": float(high),
    }  # fmt: skip


def informative(
    predicted: Predicted, scale: Scale, sd: float, candidates_h: Mapping[str, float], decide_h: float, cut: float
) -> dict[str, Any]:
    """How much a score at each time would narrow what is not known about the level at a later one.

    The expected variance of the level given a total at time t is E[Var(L | y)], over the totals y the draws predict.

    Args:
        predicted: at rising times that hold all of these.
        scale, sd: of the totals.
        candidates_h: label to time of a next score [h].
        decide_h: when the level matters [h].
        cut: largest total that counts as response [points].
    """
    target = predicted.with_drug[:, predicted.place(decide_h)]
    respond = normal_cdf_of((cut + 0.5 * scale.step - target) / sd)
    total_sd = float(target.std())
    rows = []
    for label, time in candidates_h.items():
        centre = predicted.with_drug[:, predicted.place(time)]
        totals, chance = total_chances(centre, scale, sd)
        share = np.maximum(chance.mean(axis=0), 1e-12)
        means = (target @ chance) / len(target) / share
        left = max(float(target.var() - share @ (means - target.mean()) ** 2), 0.0)
        given = (respond @ chance) / len(target) / share
        plausible = share > 0.005  # choice: totals that one person in 200 would show
        likely = totals[plausible & (given >= PROBABLY)]
        unlikely = totals[plausible & (given <= 0.1)]
        rows.append(
            {
                "label": label, "time_h": time, "sd_after": float(np.sqrt(left)),
                "narrower_percent": 100.0 * (1.0 - float(np.sqrt(left)) / max(total_sd, 1e-9)),
                "response_probable_at_or_below": float(likely.max()) if len(likely) else None,
                "response_unlikely_at_or_above": float(unlikely.min()) if len(unlikely) else None,
            }
        )  # fmt: skip
    best = max(rows, key=lambda row: row["narrower_percent"]) if rows else None
    return {"decide_h": decide_h, "sd_now": total_sd, "candidates": rows, "best": best}


def ahead_times(now_h: float, series_end_h: float | None, end_h: float) -> dict[str, float]:
    """Times a forecast speaks of [h], by label."""
    found = {f"in {spoken(days(day))}": now_h + days(day) for day in AHEAD_D if now_h + days(day) <= end_h + 1e-9}
    if series_end_h is not None and series_end_h + days(1.0) > now_h:
        found["1 d after the last session"] = series_end_h + days(1.0)
    return dict(sorted(found.items(), key=lambda pair: pair[1]))
