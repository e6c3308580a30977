"""How fast does it work: the answer.

Two kinds of not knowing are kept apart. Within one posterior draw the virtual people differ, and a chance is the
share of them whose rating
would count, scatter of ratings included. Across draws that share itself differs, and its interval says how well the
evidence pins it down.
"At" a time is a rating then; "by" a time is a rating at the best moment so far, so "by" is never less likely than "at".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit import __version__
from remit.answers.answer import Answer, Basis, Estimate, ends_of, percent, typical_band
from remit.answers.basis import basis_of
from remit.answers.comparators import SSRIS, daily_typical
from remit.answers.courses import Rating, Simulated, session_courses
from remit.answers.milestone_table import (
    asked_times,
    cut_points,
    horizon_rows,
    how_it_lasts,
    missing_cuts,
    response_after_last,
    time_to_response,
)
from remit.answers.question import HORIZONS_H, HowFast
from remit.answers.rating import rated
from remit.answers.session import timeline
from remit.answers.standing import caveats, data_until_h, extrapolations, rated_at, used_assumptions, warned
from remit.inference.fitted import Posterior, load
from remit.inference.selection import symptoms
from remit.vocabulary.clock import days
from remit.vocabulary.errors import InputRefused

Floats = NDArray[np.float64]
OPEN = "open"
"""Masking of studies in which everybody knew."""


def how_fast(question: HowFast, posterior: Posterior | None = None) -> Answer:
    """Answer the question.

    Args:
        question: checked input.
        posterior: the calibrated one when None.

    Raises:
        StalePosterior: there is no posterior, or it was fitted to other evidence than today's.
        InputRefused: no kinetics cover the drug and route, or no baseline is known or given.
    """
    full = posterior or load()
    thin = full.thinned(question.draws)
    scale, level = question.the_scale(), question.level
    known, rating = rated(question, thin)
    baseline = rating.baseline
    cuts = cut_points(scale, baseline)
    if "response" not in cuts:
        raise InputRefused(
            f"no response can be seen from a baseline of {baseline:g} on {scale.name}", where="--baseline"
        )
    times = display_times(question)
    simulated = _simulate(question, thin, rating, cuts, times, asked_times(question.last_dose_h))
    basis = basis_of(question.diagnosis, full)
    session = timeline(question, thin)
    rows = horizon_rows(simulated, list(cuts), level)
    speed, lasting = time_to_response(simulated, times, level), how_it_lasts(simulated, level)
    detail = {
        "scale": {
            "name": scale.name, "low": scale.low, "high": scale.high, "baseline_points": baseline,
            "baseline_how": known.how if question.baseline is None and known else "as given",
            "cut_points": cuts, "no_cut": missing_cuts(scale, baseline), "response_fraction": scale.response_fraction,
        },
        "regimen": {
            "drug": question.drug.value, "dose": question.dose_spoken(), "course": question.course_spoken(),
            "dose_times_h": list(question.regimen().times_h),
            "dose_mg": question.amount.in_mg(question.weight_kg), "weight_kg": question.weight_kg,
        },
        "diagnosis": question.diagnosis.spoken,
        "level": level,
        "people": question.people,
        "draws": thin.size,
        "horizons": rows,
        "response_after_last": response_after_last(simulated, level),
        "time_to_response": speed,
        "lasting": lasting,
        "course": {"time_h": times.tolist(), **typical_band(simulated.typical, level), **_people(simulated.totals)},
        "control": {"time_h": times.tolist(), **typical_band(simulated.typical_control, level)},
        "response_by": _response_by(simulated, times, level),
        "comparators": _comparators(thin, question, rating, times, level),
        "open_studies": _open_studies(simulated, thin, level),
        "session": session,
        "data_until_h": data_until_h(question),
        "rated_at": [{"time_h": time, "studies": count} for time, count in rated_at(question).items()],
    }  # fmt: skip
    estimates = {
        "median_time_to_response": Estimate(**speed["median_h"]),
        "no_response_within_28_d": Estimate(**speed["never"]),
        "half_life_of_the_gain": Estimate(**lasting["half_life_d"]),
    }
    beyond = extrapolations(question, known)
    return Answer(
        question=question.spoken(),
        sentence=warned(sentence(question, detail, basis), beyond),
        estimates=estimates,
        detail=detail,
        basis=basis,
        assumptions=used_assumptions(question, tuple(session["kinetic_assumptions"])),
        caveats=caveats(question, basis),
        extrapolations=beyond,
        sources=basis.studies,
        evidence_hash=full.manifest["evidence_hash"],
        seed=question.seed,
        version=__version__,
    )


def display_times(question: HowFast) -> Floats:
    """Times of the picture [h]: dense in the first hours and after each session, and every time asked about."""
    end = question.follow_up_h
    starts = np.array(question.regimen().times_h)
    # choice: enough for a curve that looks smooth on an axis from hours to weeks; beside 200 of them no chance moves by
    # 0.1 of 100, and no median time by half of a hundredth. Long series get fewer times a session
    after = (0.0, 0.75, 2.0, 6.0, 24.0) if question.sessions <= 12 else (0.0, 2.0)
    each = (starts[:, None] + np.array(after)).ravel()
    times = np.concatenate([[0.0], np.geomspace(0.25, end, 28), each, asked_times(question.last_dose_h), [end]])
    rounded = np.unique(np.round(times, 6)).astype(np.float64)
    return rounded[rounded <= end]


def _simulate(
    question: HowFast,
    posterior: Posterior,
    rating: Rating,
    cuts: dict[str, float],
    times: Floats,
    asked: Floats,
) -> Simulated:
    return session_courses(
        posterior,
        question.regimen(),
        question.diagnosis,
        question.weight_kg,
        rating,
        tuple(cuts.values()),
        times,
        asked,
        question.people,
        question.seed,
        masking=OPEN if OPEN in posterior.names["masking"] else None,
    )


def _people(totals: Floats) -> dict[str, list[float]]:
    """Bands that hold half and nine tenths of people under all draws [points]."""
    # choice: people under every third draw fix the ends of a band to a tenth of a point; in threes every group of
    # people comes in
    everyone = totals[::3].reshape(-1, totals.shape[-1])
    ends = ends_of(everyone, [0.05, 0.25, 0.75, 0.95]).round(4)
    names = ("people90_low", "people50_low", "people50_high", "people90_high")
    return {name: values.tolist() for name, values in zip(names, ends, strict=True)}


def _response_by(simulated: Simulated, times: Floats, level: float) -> dict[str, Any]:
    """Share of people who have responded by each time, with the drug and without."""
    ends = [0.5 - level / 2, 0.5, 0.5 + level / 2]
    with_drug = (100.0 * ends_of(simulated.first_by, ends)).round(4)
    without = (100.0 * ends_of(simulated.first_control_by, ends)).round(4)
    return {
        "time_h": times.tolist(), "low_percent": with_drug[0].tolist(), "percent": with_drug[1].tolist(),
        "high_percent": with_drug[2].tolist(), "control_low_percent": without[0].tolist(),
        "control_percent": without[1].tolist(), "control_high_percent": without[2].tolist(),
    }  # fmt: skip


def _comparators(
    posterior: Posterior, question: HowFast, rating: Rating, times: Floats, level: float
) -> list[dict[str, Any]]:
    """The typical person under placebo tablets and under an SSRI (the average of those in the evidence) [points]."""
    known = tuple(name for name in SSRIS if name in posterior.names["treatment"])
    totals = daily_typical(posterior, (None, *known), question.diagnosis, rating, times, question.seed)
    placebo = {"name": "placebo_tablet", "label": "placebo tablet", "members": [], "time_h": times.tolist()}
    found = [{**placebo, **typical_band(totals[0], level)}]
    if known:
        ssri = {"name": "ssri", "label": "SSRI", "members": list(known), "time_h": times.tolist()}
        found.append({**ssri, **typical_band(totals[1:].mean(axis=0), level)})
    return found


def _open_studies(simulated: Simulated, posterior: Posterior, level: float) -> dict[str, Any] | None:
    """What studies in which everybody knew would report: kept apart from the answer."""
    if OPEN not in posterior.names["masking"]:
        return None
    names = {"1_d": days(1.0), "7_d": days(7.0), "28_d": days(28.0)}
    horizons = simulated.reported_at[:, -len(HORIZONS_H) :]
    return {"response_at": {name: percent(horizons[:, HORIZONS_H.index(time)], level) for name, time in names.items()}}


def sentence(question: HowFast, detail: dict[str, Any], basis: Basis) -> str:
    """The answer in words a person can repeat."""
    day, week = (
        next(row["response"] for row in detail["horizons"] if row["time_h"] == days(when)) for when in (1.0, 7.0)
    )
    fall = question.the_scale().response_fraction or 0.0
    felt = "anxiety" if symptoms(question.scale) == "anxiety" else "symptoms"
    fewer = "less" if felt == "anxiety" else "fewer"
    what = f"their {felt} halved" if fall == 0.5 else f"{100 * fall:.0f} % {fewer} {felt}"
    whom = question.diagnosis.spoken
    drug = f"{question.route.spoken} {question.drug}"
    never = f"{detail['time_to_response']['never']['value']:.0f} of 100 do not respond within four weeks."
    if question.sessions == 1:
        told = (
            f"After one session of {drug}, about {_of_100(day['at'])} people with {whom} have {what} at one day "
            f"({_range(day['at'])}), against {_of_100(day['control_at'])} after a masked session without the drug; "
            f"at one week {_of_100(week['at'])} ({_range(week['at'])}) against {_of_100(week['control_at'])}."
        )
    else:
        last = detail["response_after_last"]
        told = (
            f"One day after the first of {question.sessions} sessions of {drug}, about {_of_100(day['at'])} people "
            f"with {whom} have {what} ({_range(day['at'])}), one day after the last {_of_100(last['at'])} "
            f"({_range(last['at'])}), against {_of_100(day['control_at'])} and {_of_100(last['control_at'])} "
            "after masked sessions without the drug."
        )
    return f"{told} {never} Certainty: {basis.certainty}."


def _of_100(cell: dict[str, float]) -> str:
    return f"{cell['percent']:.0f} of 100"


def _range(cell: dict[str, float]) -> str:
    return f"{cell['low_percent']:.0f} to {cell['high_percent']:.0f}"
