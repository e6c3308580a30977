"""Scores that do not fit: said before anybody builds on them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from remit.evidence.instruments import load_scales
from remit.inference.entry_level import entry_level
from remit.inference.one_person import PersonPosterior
from remit.inference.person_prediction import Predicted, predict
from remit.population.scores import normal_cdf_of
from remit.vocabulary.clock import spoken
from remit.vocabulary.dosing import Regimen
from remit.vocabulary.observations import Score
from remit.vocabulary.scales import Scale

Floats = NDArray[np.float64]
ODD = 0.001
"""A total this improbable given all others is pointed out."""
_SCATTER_SD = 3.3  # of a chi-square: one in a thousand


def total_chances(centre: Floats, scale: Scale, sd: float) -> tuple[Floats, Floats]:
    """Every total of a scale [points], and the probability of each for every centre, shape (..., totals)."""
    totals = np.arange(scale.low, scale.high + 0.5 * scale.step, scale.step)
    edges = (totals[:-1] + 0.5 * scale.step - centre[..., None]) / sd
    below = np.concatenate([np.zeros((*centre.shape, 1)), normal_cdf_of(edges), np.ones((*centre.shape, 1))], axis=-1)
    return totals, np.diff(below, axis=-1)


def odd_scores(
    person: PersonPosterior, scores: tuple[Score, ...], given: Regimen | None, weight_kg: float, main: Predicted
) -> list[str]:
    """Scores improbable given all the others, in words.

    Each score is left out by weighing the draws with one over its probability; the chance of a total at least as far
    out is then read off the totals the others predict.

    Args:
        person: draws, all scores weighed in.
        scores: the scores.
        given: doses so far.
        weight_kg: body weight [kg].
        main: the course on the first scale, at times that hold those of its scores.
    """
    found, squares = [], 0.0
    for place, scale in enumerate(person.belief.scales):
        own = [score for score in scores if score.scale.name == scale.name]
        if len(own) < 2:
            continue
        sd = person.belief.noise_sd[place]
        times = np.array([score.time_h for score in own])
        course = main if place == 0 else predict(person, given, weight_kg, times, place)
        centre = course.at(times)
        for column, score in enumerate(own):
            totals, chance = total_chances(centre[:, column], scale, sd)
            here = np.searchsorted(totals, score.total)
            weights = 1.0 / np.maximum(chance[:, here], 1e-12)
            # choice: no draw may outweigh the root of the number of draws, as in truncated importance sampling
            weights = np.minimum(weights, weights.mean() * np.sqrt(len(weights)))
            others = weights @ chance / weights.sum()
            tail = min(others[: here + 1].sum(), others[here:].sum())
            if 2.0 * tail < ODD:
                expected = float(others @ totals)
                found.append(
                    f"{scale.name} {score.total:g} at {spoken_time(score.time_h)} is improbable beside the other "
                    f"scores (about {expected:.0f} expected): check it for a typing error."
                )
            squares += float(((score.total - centre[:, column].mean()) / sd) ** 2)
    count = len(scores)
    if count >= 6 and squares > count + _SCATTER_SD * np.sqrt(2.0 * count):
        found.append(
            "The scores scatter more than totals of this scale usually do when nothing changes: the bands may be too "
            "narrow for this person."
        )
    return found


def spoken_time(time_h: float) -> str:
    """A time as people say it, also before the first dose."""
    return f"{spoken(-time_h)} before the first dose" if time_h < 0 else "the start" if time_h == 0 else spoken(time_h)


def wrong_scale(scores: tuple[Score, ...]) -> list[str]:
    """First scores that hardly anybody has on the scale named and many have on another, in words."""
    found = []
    for name in dict.fromkeys(score.scale.name for score in scores):
        first = next(score for score in scores if score.scale.name == name)
        if first.time_h > 0:
            continue
        chance = _tail(first.total, first.scale)
        if chance >= ODD:
            continue
        better = [
            other.name
            for other in load_scales().values()
            if other.name != name
            and other.response_fraction is not None
            and other.low <= min(score.total for score in scores if score.scale.name == name)
            and max(score.total for score in scores if score.scale.name == name) <= other.high
            and entry_level(other).arms >= 3
            and _tail(first.total, other) > 0.2
        ]
        if better:
            found.append(
                f"A first {name} of {first.total:g} is far from what people start with; as {better[0]} it would be "
                "usual: check the scale."
            )
    return found


def _tail(total: float, scale: Scale) -> float:
    """Two-sided chance of a level at least as far out before the first dose."""
    known = entry_level(scale)
    share = np.clip((total - scale.low) / scale.span, 0.005, 0.995)
    place = (np.log(share / (1.0 - share)) - known.entry.middle) / known.entry.spread
    return math.erfc(abs(place) * math.sqrt(0.5))
