"""How long does it last: after one session, after a series, and while sessions go on.

The gain is what the drug adds: the total had no drug been given minus the total with it. A responder is a person whose
rating counts as a response one day after the last session of the series; whether a later rating counts is asked of the
same people under every schedule, under the same draws, so that differences between schedules hold. On the day of a
session people are rated before it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from remit import __version__
from remit.answers.answer import Answer, Basis, Estimate, estimate, percent, typical_band
from remit.answers.basis import basis_of
from remit.answers.courses import Rating, Simulated, session_courses
from remit.answers.lasting_studies import observed_lasting, repetition_findings, shares_seen, still_rated
from remit.answers.maintenance import SCHEDULES, Schedule, SeriesEvidence, maintained, series_evidence
from remit.answers.milestone_table import REFERENCE_D, cut_points
from remit.answers.question import HowFast
from remit.answers.rating import rated
from remit.answers.standing import caveats, extrapolations, used_assumptions, warned
from remit.inference.fitted import Posterior, load
from remit.inference.selection import symptoms
from remit.pharmacology.chosen_records import kinetics
from remit.response.grid import course_grid
from remit.response.milestones import first_at_or_below
from remit.vocabulary.clock import HOURS_PER_DAY, days
from remit.vocabulary.dosing import Regimen
from remit.vocabulary.errors import InputRefused, OutOfRange

Floats = NDArray[np.float64]
SPAN_D = 84
"""How long after the last session of the series an answer looks [d]: twelve weeks."""
DAYS_AFTER = np.arange(1.0, SPAN_D + 1.0)
"""Days after the last session at which people are rated [d]; the first is the reference of a responder."""
LOOKS_D = (7, 14, 28, 56, 84)
"""Those of them that an answer speaks about [d]."""
KEEP = 0.5  # choice: better than even, unless the reader says otherwise
SESSIONS = 6  # choice: the course that the two published series of infusions gave
PLACES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
"""Names of the quantiles between people."""
Lasted = dict[str, Any]


def how_long(question: HowFast | None = None, posterior: Posterior | None = None, *, keep: float = KEEP) -> Answer:
    """How long a gain lasts, and how many responders stay responders under further sessions.

    Args:
        question: the series, the people and the scale; six sessions two days apart when None.
        posterior: the calibrated one when None.
        keep: chance of still responding [fraction]; the answer says when it falls below.

    Raises:
        StalePosterior: there is no posterior, or it was fitted to other evidence than today's.
        InputRefused: no kinetics cover the drug and route, no baseline is known or given, or no response can be seen.
        OutOfRange: ``keep`` is no chance.
    """
    question = question or HowFast(sessions=SESSIONS)
    if not 0.05 <= keep <= 0.95:
        raise OutOfRange(f"a chance of {keep:g}", allowed="0.05 to 0.95", where="--keep")
    full = posterior or load()
    thin = full.thinned(question.draws)
    scale, level = question.the_scale(), question.level
    known, rating = rated(question, thin)
    cut = cut_points(scale, rating.baseline).get("response")
    if cut is None:
        raise InputRefused(
            f"no response can be seen from a baseline of {rating.baseline:g} on {scale.name}", where="--baseline"
        )
    regimens = {each.name: maintained(question.regimen(), each.every_days, SPAN_D) for each in SCHEDULES}
    single = Regimen(question.drug, question.route, question.regimen().doses[:1])
    # every regimen has the room of the longest, so that one compiled program serves all
    room = max(len(course_grid(each.times_h, _times(question), 1.0)) for each in regimens.values())
    last = question.last_dose_h
    run = {name: _run(thin, question, each, last, rating, cut, room) for name, each in regimens.items()}
    once = run["none"] if question.sessions == 1 else _run(thin, question, single, 0.0, rating, cut, room)
    evidence, basis = series_evidence(), basis_of(question.diagnosis, full)
    rows = [_schedule(each, regimens[each.name], run[each.name], run["none"], question, evidence) for each in SCHEDULES]
    responders = np.maximum(run["none"].at[:, 0, 0], 1e-12)
    without = run["none"].still_without[:, 0] / responders[:, None]
    detail = {
        "scale": {"name": scale.name, "low": scale.low, "high": scale.high, "baseline_points": rating.baseline,
                  "baseline_how": known.how if question.baseline is None and known else "as given",
                  "response_at_or_below": cut},
        "regimen": {"drug": question.drug.value, "dose": question.dose_spoken(), "course": question.course_spoken(),
                    "sessions": question.sessions, "dose_times_h": list(question.regimen().times_h),
                    "weight_kg": question.weight_kg},
        "diagnosis": question.diagnosis.spoken,
        "level": level, "people": question.people, "draws": thin.size,
        "looks_d": list(LOOKS_D), "span_d": SPAN_D,
        "after_one": _lasted(once, 0.0, _times(None), level),
        "after_series": _lasted(run["none"], last, _times(question), level),
        "responders": {"days_after_last": REFERENCE_D, **percent(responders, level),
                       "rated_again": percent(run["none"].still[:, 0, 0] / responders, level, "responders")},
        "schedules": rows,
        "without_drug": {"still": _at_looks(without, level), "curve": _curve(without, level)},
        "keep": keep,
        "below_keep": _below(run["none"].still[:, 0] / responders[:, None], keep, level),
        "observed": observed_lasting(),
        "still_rated": still_rated((0, *LOOKS_D)),
        "shares_seen": shares_seen(observed_lasting()),
        "findings": repetition_findings(),
        "evidence": asdict(evidence),
        "data_until_d": evidence.seen_days(question.sessions),
    }  # fmt: skip
    assumed = kinetics(question.drug, question.route).assumptions
    return Answer(
        question=f"How long does {question.dose_spoken()} ({question.course_spoken()}) last in "
        f"{question.diagnosis.spoken}, measured by {scale.name}?",
        sentence=warned(sentence(question, detail, basis), extrapolations(question, known)),
        estimates=_estimates(detail),
        detail=detail,
        basis=basis,
        assumptions=used_assumptions(question, assumed),
        caveats=(*_of_lasting(detail), *caveats(question, basis)),
        extrapolations=(
            *_beyond(question, evidence),
            # how long after the last session people were rated says more than how long after the first
            *(line for line in extrapolations(question, known) if not line.startswith("time:")),
        ),
        sources=tuple(dict.fromkeys([*basis.studies, *(row["study_id"] for row in detail["observed"])])),
        evidence_hash=full.manifest["evidence_hash"],
        seed=question.seed,
        version=__version__,
    )


def _times(question: HowFast | None) -> Floats:
    """Times of the courses [h]: each day after the last session, and enough before to draw the gain; of one session
    when None."""
    last = question.last_dose_h if question else 0.0
    days_between = question.spacing_days if question and question.sessions > 1 else 0.0
    # choice: a series of more than a dozen sessions is drawn session by session only at its end
    many = min(question.sessions, 12) if question else 1
    before = [last - days(days_between) * index + days(1.0) for index in range(many)]
    after = last + days(1.0) * DAYS_AFTER
    times = np.concatenate([[0.0], np.geomspace(0.5, last + days(1.0), 16), last + np.array([0.0, 2.0, 6.0])])
    return np.unique(np.round(np.concatenate([times, before, after]), 6)).astype(np.float64)


def _run(
    posterior: Posterior, question: HowFast, regimen: Regimen, last_h: float, rating: Rating, cut: float, room: int
) -> Simulated:
    times = _times(question if last_h else None)
    asked = np.round(last_h + days(1.0) * DAYS_AFTER, 6)
    return session_courses(
        posterior, regimen, question.diagnosis, question.weight_kg, rating, (cut,), times, asked, question.people,
        question.seed, room=room,
    )  # fmt: skip


def _half_lost(gain: Floats, hours_after: Floats) -> Floats:
    """Days from the last session until a gain is half of what it was a day after it [d]; infinite where it is not
    within the time looked at.

    Args:
        gain: at each time, shape (..., times) [points].
        hours_after: since the last session, the first a day [h].
    """
    reached = first_at_or_below(*jax.device_put((gain, hours_after, 0.5 * gain[..., 0])))
    return np.asarray(reached) / HOURS_PER_DAY


def _lasted(simulated: Simulated, last_h: float, times: Floats, level: float) -> Lasted:
    """The gain after the last session: its course, when half of it is lost, and the half-life of the drug's part."""
    first = int(np.searchsorted(times, last_h + days(REFERENCE_D) - 1e-6))
    after = times[first:] - last_h
    gain = simulated.typical_control - simulated.typical
    lives = simulated.half_lives_h / HOURS_PER_DAY
    return {
        "gain_a_day_after": asdict(estimate(gain[:, first], level, "points")),
        "half_lost_d": asdict(_timed(_half_lost(gain[:, first:], after), level)),
        "half_life_d": asdict(estimate(np.median(lives, axis=1), level, "d")),
        "half_life_people_d": dict(zip(PLACES, np.quantile(lives, list(PLACES.values())).tolist(), strict=True)),
        "course": {"days_after_last": ((times - last_h) / HOURS_PER_DAY).round(6).tolist(),
                   **typical_band(gain, level)},
    }  # fmt: skip


def _timed(values: Floats, level: float) -> Estimate:
    """A time with its interval, where some of its draws lie beyond the time looked at [d]."""
    low, middle, high = np.quantile(values, [0.5 - level / 2, 0.5, 0.5 + level / 2], method="inverted_cdf")
    return Estimate(float(middle), float(low), float(high), "d", level)


def _curve(share: Floats, level: float) -> dict[str, list[float]]:
    low, middle, high = (100.0 * np.quantile(share, [0.5 - level / 2, 0.5, 0.5 + level / 2], axis=0)).round(4)
    return {
        "days_after_last": DAYS_AFTER.tolist(), "percent": middle.tolist(), "low_percent": low.tolist(),
        "high_percent": high.tolist(),
    }  # fmt: skip


def _at_looks(share: Floats, level: float) -> list[dict[str, Any]]:
    return [{"days_after_last": day, **percent(share[:, day - 1], level, "responders")} for day in LOOKS_D]


def _schedule(
    schedule: Schedule, regimen: Regimen, own: Simulated, none: Simulated, question: HowFast, evidence: SeriesEvidence
) -> dict[str, Any]:
    """Of those who responded, how many still do, and how many more than without further sessions."""
    responders = np.maximum(none.at[:, 0, 0], 1e-12)[:, None]
    share, bare = own.still[:, 0] / responders, none.still[:, 0] / responders
    # until the first further session, and before it on its day, both are the same
    first = np.inf if schedule.every_days is None else schedule.every_days
    added = np.where(first < DAYS_AFTER, share - bare, 0.0)
    looks = [
        {
            **look,
            "added": percent(added[:, look["days_after_last"] - 1], question.level, "responders"),
            # on the day of the first further session people are rated before it
            "beyond_data": look["days_after_last"] > evidence.seen_days(question.sessions)
            or (look["days_after_last"] > first and not evidence.maintenance),
        }
        for look in _at_looks(share, question.level)
    ]
    return {
        "name": schedule.name, "label": schedule.label, "every_d": schedule.every_days,
        "sessions_added": len(regimen.doses) - question.sessions,
        "session_days_after_last": [
            (time - question.last_dose_h) / HOURS_PER_DAY for time in regimen.times_h[question.sessions :]
        ],
        "still": looks, "curve": _curve(share, question.level),
    }  # fmt: skip


def _below(share: Floats, keep: float, level: float) -> dict[str, Any]:
    """When the chance of still responding first falls below a level, over the draws [d after the last session]."""
    below = share < keep
    when = np.where(below.any(axis=1), DAYS_AFTER[below.argmax(axis=1)], np.inf)
    return {**asdict(_timed(when, level)), "not_within_span_percent": 100.0 * float(np.isinf(when).mean())}


def _estimates(detail: dict[str, Any]) -> dict[str, Estimate]:
    found = {
        "half_of_the_gain_lost_after_one_session": Estimate(**detail["after_one"]["half_lost_d"]),
        "half_of_the_gain_lost_after_the_series": Estimate(**detail["after_series"]["half_lost_d"]),
        "half_life_of_the_gain": Estimate(**detail["after_series"]["half_life_d"]),
    }
    for row in detail["schedules"]:
        for look in row["still"]:
            found[f"still_responding_{row['name']}_at_{look['days_after_last']}_d"] = Estimate(
                look["percent"], look["low_percent"], look["high_percent"], "percent of responders", detail["level"]
            )
    return found


def _beyond(question: HowFast, evidence: SeriesEvidence) -> list[str]:
    seen = evidence.seen_days(question.sessions)
    found = []
    if not evidence.maintenance:
        found.append(
            "maintenance: no usable anxiety trial went on with spaced sessions; every number under further sessions "
            "is the model alone"
        )
    if seen < SPAN_D:
        found.append(
            f"time after the last session: people were rated for up to {seen:.0f} days after it; later numbers are "
            "the model alone"
        )
    return found


def _of_lasting(detail: dict[str, Any]) -> tuple[str, ...]:
    evidence = detail["evidence"]
    several = len(evidence["series"])
    series = f"{several} usable {'study' if several == 1 else 'studies'}"
    return (
        f"How a series adds up and wears off rests on {series} of several sessions "
        f"({', '.join(evidence['series']) or 'none'}), {len(evidence['followed'])} of them with a rating a week or "
        "more after the last session; the rest is borrowed from single sessions, from depression, and from the "
        "beliefs before the data.",
        "The model has one rate of loss. A series starts its loss from a larger gain and does not lose it more slowly; "
        "nobody has measured whether that is so.",
        "Neither tolerance nor a growing effect over many sessions is in the model; the collected trials cannot tell "
        "them from none.",
        f"Ratings scatter: of 100 responders, {detail['responders']['rated_again']['percent']:.0f} would be "
        "counted as responders if they were rated a second time on the same day. Part of what looks lost was never "
        "there.",
        "People also get better without the drug. Of those who responded, the page says how many would have counted "
        "later had no drug been given.",
        "When the chance falls below a level is a statement about the model, and no advice to give or to withhold a "
        "session.",
    )


def _range(found: dict[str, Any], low: str = "low_percent", high: str = "high_percent") -> str:
    return f"{found[low]:.0f} to {found[high]:.0f}"


def day_words(found: dict[str, Any]) -> str:
    """A time with its interval in days: ``9 days (5 to 17)``; None lies beyond the twelve weeks looked at."""
    value, low, high = (found[name] for name in ("value", "low", "high"))
    if value is None or not np.isfinite(value):
        return f"more than {SPAN_D // 7} weeks"
    late = high is None or not np.isfinite(high)
    return f"{value:.0f} days ({low:.0f} to {'more than ' + str(SPAN_D) if late else format(high, '.0f')})"


def sentence(question: HowFast, detail: dict[str, Any], basis: Basis) -> str:
    """The answer in words a person can repeat."""
    rows = {row["name"]: {look["days_after_last"]: look for look in row["still"]} for row in detail["schedules"]}
    month = 28
    none, weekly = rows["none"][month], rows["weekly"][month]
    bare = next(look for look in detail["without_drug"]["still"] if look["days_after_last"] == month)
    felt = "anxiety" if symptoms(question.scale) == "anxiety" else "symptoms"
    course, controls, last = (
        ("one session", "a masked session", "it")
        if question.sessions == 1
        else (f"{question.sessions} sessions", "masked sessions", "the last one")
    )
    told = (
        f"The relief of {felt} from {course} of {question.route.spoken} {question.drug}, over {controls} without the "
        f"drug, is half gone {day_words(detail['after_series']['half_lost_d'])} after {last}. Of 100 people with "
        f"{question.diagnosis.spoken} who respond a day after {last}, about {none['percent']:.0f} ({_range(none)}) "
        f"still respond four weeks later without further sessions, {weekly['percent']:.0f} ({_range(weekly)}) with one "
        f"a week; {bare['percent']:.0f} would have without any drug."
    )
    tested = len(detail["evidence"]["maintenance"])
    trials = "no usable anxiety trial has" if tested == 0 else f"{tested} usable anxiety trials have"
    return f"{told} Further sessions are the model alone: {trials} tested them. Certainty: {basis.certainty}."
