"""This person: what their own scores say about the weeks to come.

The published population is the prior, their scores the data; `remit.inference.one_person` weighs one with the other.
Without a score the answer is what people like them can expect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit import __version__
from remit.answers.answer import Answer, Estimate
from remit.answers.basis import Basis, basis_of
from remit.answers.milestone_table import cut_points, missing_cuts
from remit.answers.person_checks import odd_scores, wrong_scale
from remit.answers.person_outlook import (
    ahead_times,
    already_seen,
    bands,
    chances,
    informative,
    relapse,
    standing,
)
from remit.answers.person_plan import Plan, future_sessions, plan_of
from remit.answers.person_words import sentence, summary
from remit.answers.question import HowFast
from remit.answers.standing import caveats, extrapolations, used_assumptions
from remit.evidence.assumptions import load_assumptions
from remit.inference.clinic_population import ClinicPopulation, weight_after
from remit.inference.fitted import Posterior, load
from remit.inference.one_person import Belief, Case, PersonPosterior, belief, person_posterior, without
from remit.inference.person_prediction import SAME_H, Predicted, predict
from remit.pharmacology.chosen_records import kinetics
from remit.population.baseline import level
from remit.vocabulary.clock import days
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.observations import Score
from remit.vocabulary.scales import Scale
from remit.vocabulary.visits import History

Floats = NDArray[np.float64]
SCHEMA = "remit.forecast/1"
CANDIDATES_D = (1.0, 3.0, 7.0, 14.0, 21.0, 28.0)
"""When a next score is weighed, from now [d]."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is asked of one person.

    Attributes:
        history: their record.
        asked: dose, route, series, diagnosis, scale, weight and seed of what the record does not say; its scale is the
            one the answer speaks in.
        daily: name of a daily treatment in place of sessions.
        clinic: a clinic's own people and how much they weigh before any score, from 0 to 1.
    """

    history: History
    asked: HowFast
    daily: str | None = None
    clinic: tuple[ClinicPopulation, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Person:
    """Everything computed once."""

    plan: Plan
    main: int
    held: Belief
    seen: PersonPosterior
    expected: PersonPosterior
    base: float
    base_how: str
    cuts: dict[str, float]


def forecast(question: Forecast, posterior: Posterior | None = None) -> Answer:
    """Answer for one person.

    Args:
        question: record and what it leaves open.
        posterior: the calibrated one when None.

    Raises:
        StalePosterior: the posterior was fitted to other evidence than today's.
        NotConverged: the person's posterior was not reached; nothing is shown.
        InputRefused: the record contradicts itself or the question.
    """
    full = posterior or load()
    asked, history = question.asked, question.history
    scale = asked.the_scale()
    person = _person(question, full, scale)
    plan, sd = person.plan, person.held.noise_sd[person.main]
    times = _times(plan, history)
    own = tuple(score for score in history.scores if score.scale.name == scale.name)
    seen = already_seen(own, person.cuts)
    ahead = ahead_times(plan.now_h, plan.series_end_h, plan.end_h)
    decide = _decide(plan)
    followed = {name: predict(person.seen, doses, asked.weight_kg, times, person.main)
                for name, doses in plan.schedules.items()}  # fmt: skip
    first = next(iter(followed.values()))
    usual = first
    if person.expected is not person.seen:
        usual = predict(person.expected, plan.schedules["as planned"], asked.weight_kg, times, person.main)
    schedules = []
    for name, predicted in followed.items():
        doses = plan.schedules[name]
        starts = () if doses is None else doses.times_h
        responding = "response" in seen and bool(own) and own[-1].total <= person.cuts["response"]
        schedules.append(
            {
                "name": name,
                "sessions_h": list(starts),
                "sessions_to_come": len(future_sessions(doses, plan.now_h)),
                "course": bands(predicted, scale, sd),
                "chances": chances(predicted, starts, person.cuts, seen, scale, sd, ahead, plan.now_h),
                "relapse": relapse(
                    predicted, starts, person.base, person.cuts["response"], plan.now_h if responding else decide,
                    responding,
                ),
            }
        )  # fmt: skip
    candidates = _candidates(plan, decide)
    basis = basis_of(asked.diagnosis, full)
    detail: dict[str, Any] = {
        "scale": {
            "name": scale.name, "low": scale.low, "high": scale.high, "baseline_points": person.base,
            "baseline_how": person.base_how, "cut_points": person.cuts, "no_cut": missing_cuts(scale, person.base),
            "response_fraction": scale.response_fraction,
        },
        "person": {
            "diagnosis": asked.diagnosis.spoken, "weight_kg": asked.weight_kg, "age_y": history.age_y,
            "co_medication": list(history.co_medication),
        },
        "treatment": question.daily or asked.dose_spoken(),
        "now_h": plan.now_h,
        "series_end_h": plan.series_end_h,
        "decide_h": decide,
        "scores": [
            {"time_h": each.time_h, "scale": each.scale.name, "total": each.total} for each in history.scores
        ],
        "given_h": [dose.time_h for dose in history.doses] or [
            start for start in (plan.given.times_h if plan.given else ()) if start <= plan.now_h and history.scores
        ],
        "missed_visits": history.missed,
        "seen": seen,
        "schedules": schedules,
        "expected_course": _expected(usual),
        "standing": _standing(own, first, usual, sd),
        "next_score": informative(first, scale, sd, candidates, decide, person.cuts["response"]),
        "diagnostics": _diagnostics(person.seen),
        "clinic": _clinic(question, person),
        "notes": list(plan.notes),
        "warnings": [
            *history.warnings, *wrong_scale(history.scores),
            *odd_scores(person.seen, history.scores, plan.given, asked.weight_kg, first),
        ],
    }  # fmt: skip
    detail["summary"] = summary(detail)
    return Answer(
        question=_spoken(question),
        sentence=sentence(detail, basis.certainty),
        estimates=_estimates(detail),
        detail=detail,
        basis=basis,
        assumptions=_assumptions(question, asked),
        caveats=_caveats(question, asked, basis),
        extrapolations=_extrapolations(question, plan, asked),
        sources=basis.studies,
        evidence_hash=full.manifest["evidence_hash"],
        seed=asked.seed,
        version=__version__,
        schema=SCHEMA,
    )


def _person(question: Forecast, full: Posterior, scale: Scale) -> _Person:
    history, asked = question.history, question.asked
    plan = plan_of(history, asked, question.daily)
    scales = list(dict.fromkeys([scale.name, *(score.scale.name for score in history.scores)]))
    known = {scale.name: scale, **{score.scale.name: score.scale for score in history.scores}}
    if question.daily is not None and question.daily not in full.names["treatment"]:
        raise InputRefused(
            f"no calibrated course of daily {question.daily}", allowed=", ".join(full.names["treatment"]),
            where="--daily",
        )  # fmt: skip
    if question.clinic is not None and question.daily is not None:
        raise InputRefused(
            f"a clinic's people under sessions together with daily {question.daily}", remedy="Leave one of them out",
            where="--population",
        )  # fmt: skip
    held = belief(full, asked.diagnosis, [known[name] for name in scales], asked.seed, question.daily, question.clinic)
    case = Case(
        np.array([score.time_h for score in history.scores], dtype=np.float64),
        np.array([score.total for score in history.scores], dtype=np.float64),
        np.array([scales.index(score.scale.name) for score in history.scores], dtype=np.int64),
        plan.given,
        asked.weight_kg,
    )
    seen = person_posterior(case, held, asked.seed)
    early = case.time_h <= 0
    expected = seen if early.all() else person_posterior(without(case, early), held, asked.seed)
    before = case.total[early & (case.scale == 0)]
    if asked.baseline is not None:
        base, how = float(asked.baseline), "as given"
    elif len(before):
        base = float(np.round(before.mean() / scale.step) * scale.step)
        how = "their score before the first dose" if len(before) == 1 else f"mean of {len(before)} scores before it"
    else:
        place = jnp.asarray(held.layout.level_places(jnp.asarray(seen.numbers))[:, 0])
        start = np.asarray(level(place, jnp.asarray(scale.low), jnp.asarray(scale.high)))
        base, how = float(np.round(np.median(start) / scale.step) * scale.step), "estimated: no score before it"
    cuts = cut_points(scale, base)
    if "response" not in cuts:
        raise InputRefused(f"no response can be seen from a baseline of {base:g} on {scale.name}", where="--scale")
    return _Person(plan, 0, held, seen, expected, base, how, cuts)


def _times(plan: Plan, history: History) -> Floats:
    """Times of the picture and of every question [h]."""
    own = np.array([score.time_h for score in history.scores])
    begin = min(-days(1.0), own.min(initial=0.0))
    now, end = plan.now_h, plan.end_h
    every = {start for doses in plan.schedules.values() if doses is not None for start in doses.times_h}
    starts = np.array(sorted(every))
    after = (starts[:, None] + np.array([0.0, 3.0, 12.0, 24.0])).ravel() if len(starts) <= 40 else starts
    # choice: half days near now, whole days later, are finer than any decision
    grid = [np.linspace(begin, max(now, days(1.0)), 40), np.arange(now, min(end, now + days(14.0)), 12.0),
            np.arange(now, end, 24.0)]  # fmt: skip
    asked = [*ahead_times(now, plan.series_end_h, end).values(), *_candidates(plan, _decide(plan)).values(),
             _decide(plan), now, end]  # fmt: skip
    times = np.unique(np.round(np.concatenate([*grid, after, own, np.array(asked)]), 6))
    return np.asarray(times[(times >= begin - SAME_H) & (times <= end + SAME_H)], dtype=np.float64)


def _decide(plan: Plan) -> float:
    """When the level matters most [h]: a day after the last session, or four weeks from now."""
    last = plan.series_end_h
    return last + days(1.0) if last is not None and last + days(1.0) > plan.now_h else plan.now_h + days(28.0)


def _candidates(plan: Plan, decide: float) -> dict[str, float]:
    found = {f"in {day:g} d": plan.now_h + days(day) for day in CANDIDATES_D if plan.now_h + days(day) < decide}
    following = future_sessions(next(iter(plan.schedules.values())), plan.now_h)
    for number, start in enumerate(following[:6], start=1):
        if start + days(1.0) < decide:
            found[f"a day after session {number} from now"] = start + days(1.0)
    return found or {"at that time": decide}


def _expected(usual: Predicted) -> dict[str, Any]:
    """The course of people like this one: their baseline, none of their later scores."""
    low, middle, high = np.quantile(usual.with_drug, (0.1, 0.5, 0.9), axis=0).round(3)
    return {"time_h": usual.time_h.tolist(), "level": middle.tolist(), "low": low.tolist(), "high": high.tolist()}


def _standing(own: tuple[Score, ...], seen: Predicted, usual: Predicted, sd: float) -> dict[str, Any] | None:
    after = [score for score in own if score.time_h > 0]
    return standing(seen, usual, after[-1], sd) if after else None


def _clinic(question: Forecast, person: _Person) -> dict[str, Any] | None:
    """The clinic's own population and how much it weighs, before and after the scores."""
    if question.clinic is None:
        return None
    own, _ = question.clinic
    prior, count = person.held.prior, person.held.of_clinic
    return {
        "name": own.name, "scale": own.scale, "people": own.people, "observations": own.observations,
        "estimated": list(own.estimated), "treatment": f"{own.drug} {own.route}",
        "weight_before": count / prior.means.shape[0],
        "weight_after": weight_after(prior, count, np.asarray(person.seen.numbers)),
    }  # fmt: skip


def _diagnostics(seen: PersonPosterior) -> dict[str, Any]:
    trust = seen.trust
    return {
        "method": trust.method, "effective_draws": trust.effective, "pareto_k": trust.pareto_k,
        "rounds": trust.rounds, "draws_a_round": trust.draws, "draws_kept": len(seen.numbers),
        "log_evidence": trust.log_evidence,
        "rhat": trust.rhat,
    }  # fmt: skip


def _estimates(detail: dict[str, Any]) -> dict[str, Estimate]:
    course = detail["schedules"][0]["course"]
    place = int(np.argmin(np.abs(np.array(course["time_h"]) - detail["decide_h"])))
    return {
        "rating_when_it_matters": Estimate(
            course["level"][place], course["total80_low"][place], course["total80_high"][place], "points", 0.8
        )
    }


def _spoken(question: Forecast) -> str:
    count = len(question.history.scores)
    told = "no score yet" if not count else "one score" if count == 1 else f"{count} scores"
    what = f"daily {question.daily}" if question.daily else question.asked.dose_spoken()
    return (
        f"What can this person expect under {what}, with {told}, for {question.asked.diagnosis.spoken} measured by "
        f"{question.asked.scale}?"
    )


def _assumptions(question: Forecast, asked: HowFast) -> dict[str, str]:
    kinetic = () if question.daily else tuple(kinetics(asked.drug, asked.route).assumptions)
    found = used_assumptions(asked, kinetic)
    if question.daily:
        found = {name: text for name, text in found.items() if name in {"within_person_sd", "priors"}}
    if asked.scale == "GAD-7" or "within_person_sd" in found:
        return found
    return (
        found | {"within_person_sd": load_assumptions()["within_person_sd"].statement}
        if any(score.scale.within_person_sd is None for score in question.history.scores)
        else found
    )


def _caveats(question: Forecast, asked: HowFast, basis: Basis) -> tuple[str, ...]:
    found = list(caveats(asked, basis))
    if question.clinic is not None and question.clinic[1] > 0:
        found.insert(0, _of_clinic(question.clinic[0], asked))
    if question.history.co_medication:
        found.insert(
            0, "Other medicines are noted and not modelled: nothing published says how they change the course."
        )
    if question.history.age_y is not None:
        found.insert(0, "Age is noted and not modelled: nothing published says how it changes the course.")
    found.insert(0, "Schedules are shown for a clinician to weigh; none is advice.")
    return tuple(found)


def _of_clinic(own: ClinicPopulation, asked: HowFast) -> str:
    words = (
        f"The prior holds {own.people} people of {own.name} without a comparison group: what they gained includes "
        "expectation and time, and nobody has checked their record."
    )
    if (own.drug, own.route) != (asked.drug.value, asked.route.value):
        words += f" They were given {own.drug} ({own.route}), not {asked.drug.value} ({asked.route.value})."
    return words


def _extrapolations(question: Forecast, plan: Plan, asked: HowFast) -> tuple[str, ...]:
    if question.daily:
        return ()
    doses = next(iter(plan.schedules.values()))
    count = 1 if doses is None else len(doses.doses)
    return extrapolations(replace(asked, sessions=min(max(count, 1), 100), extrapolate=True), None)
