"""Compared with what: ketamine beside every treatment of the evidence, on one clock.

Each course is that of the typical person under the same posterior draws, so that differences and crossings are taken
within a draw and their intervals hold. Treatments are compared through their own controls and one calibrated model;
how many trials gave ketamine and a daily treatment to people of one trial is said.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit import __version__
from remit.answers.answer import Answer, Basis, Estimate, estimate, typical_band
from remit.answers.basis import basis_of, ketamine_studies, selection
from remit.answers.comparators import HORIZON_H, SSRIS, daily_typical, onset_times
from remit.answers.courses import Rating, session_courses
from remit.answers.how_fast import display_times
from remit.answers.question import HORIZONS_H, HowFast
from remit.answers.rating import rated
from remit.answers.standing import caveats, data_until_h, extrapolations, used_assumptions, warned
from remit.evidence.appraisal import people_in
from remit.evidence.trials import load_trials
from remit.inference.fitted import Posterior, load
from remit.inference.selection import CONTROL_KINDS, POOLS, TALKED, symptoms
from remit.vocabulary.clock import days, weeks

Floats = NDArray[np.float64]
LOOKS_H = (*(time for time in HORIZONS_H if days(1.0) <= time < weeks(4.0)), weeks(4.0), weeks(8.0))
"""When courses are set side by side [h]."""
NAMES = {"cbt": "CBT", "mbsr": "mindfulness course", "ssri": "SSRI (average of those known)", "silexan": "lavender oil"}
ASKED_FOR = {"buspirone": "buspirone", "diazepam": "diazepam"}
"""Treatments people ask about; where no row of theirs can be used, the answer says so."""
_FEW = 10
_NEVER = np.inf


def versus(question: HowFast, posterior: Posterior | None = None) -> Answer:
    """Set a course of ketamine beside every treatment of the evidence.

    Args:
        question: the course, the people and the scale.
        posterior: the calibrated one when None.

    Raises:
        StalePosterior: there is no posterior, or it was fitted to other evidence than today's.
        InputRefused: no kinetics cover the drug and route, or no baseline is known or given.
    """
    full = posterior or load()
    thin = full.thinned(question.draws)
    scale, level = question.the_scale(), question.level
    known, rating = rated(question, thin)
    times = display_times(question)
    simulated = session_courses(
        thin, question.regimen(), question.diagnosis, question.weight_kg, rating, (rating.low,), times, times[-1:],
        _FEW, question.seed, block=_FEW,
    )  # fmt: skip
    basis = basis_of(question.diagnosis, full)
    ketamine = simulated.typical
    onset = {one.treatment: one for one in onset_times(full)}
    rows = []
    controls, others = _others(thin, question, rating, times)
    for name, control, totals in others:
        members = [each for each in SSRIS if each in onset] if name == "ssri" else [name]
        rows.append({
            "name": name, "label": NAMES.get(name, name.replace("_", " ")), "members": members,
            **_beside(ketamine, totals, times, level),
            "beyond_control": _at(totals - controls[control], times, level),
            "own": _own(members[0], onset) if len(members) == 1 else None,
            **_studied(members),
            "time_h": times.tolist(), **typical_band(totals, level),
        })  # fmt: skip
    without = [("masked session without the drug", simulated.typical_control), ("placebo tablet", controls["pill"])]
    if any(name in TALKED for name, *_ in others):
        without.append(("attention without the therapy", controls["attention"]))
    rows.sort(key=lambda row: row["at"][-1]["total"])
    detail = {
        "scale": {"name": scale.name, "low": scale.low, "high": scale.high, "baseline_points": rating.baseline,
                  "baseline_how": known.how if question.baseline is None and known else "as given",
                  "minimal_important_change": scale.minimal_important_change},
        "regimen": {"drug": question.drug.value, "dose": question.dose_spoken(), "course": question.course_spoken(),
                    "dose_times_h": list(question.regimen().times_h), "weight_kg": question.weight_kg},
        "diagnosis": question.diagnosis.spoken,
        "level": level,
        "draws": thin.size,
        "looks_h": list(LOOKS_H),
        "ketamine": {"time_h": times.tolist(), **typical_band(ketamine, level), "at": _at(ketamine, times, level),
            "beyond_control": _at(ketamine - simulated.typical_control, times, level)},
        "controls": [
            {"label": label, "time_h": times.tolist(), **typical_band(totals, level), "at": _at(totals, times, level)}
            for label, totals in without
        ],
        "treatments": rows,
        "head_to_head": _head_to_head(),
        "no_usable_data": [label for name, label in ASKED_FOR.items() if name not in onset],
        "data_until_h": data_until_h(question),
    }  # fmt: skip
    beyond = extrapolations(question, known)
    sentence, detail["headline"] = (warned(told, beyond) for told in _sentences(question, detail, basis))
    return Answer(
        question=f"How does {question.drug} compare with other treatments in {question.diagnosis.spoken}: "
        f"{question.dose_spoken()}, {question.course_spoken()}, rated on the {scale.name}?",
        sentence=sentence,
        estimates=_estimates(rows, level),
        detail=detail,
        basis=basis,
        assumptions=used_assumptions(question, ()),
        caveats=(*_of_comparison(detail), *caveats(question, basis)),
        extrapolations=beyond,
        sources=tuple(dict.fromkeys([*basis.studies, *(study for row in rows for study in row["studies"])])),
        evidence_hash=full.manifest["evidence_hash"],
        seed=question.seed,
        version=__version__,
    )


def _others(
    posterior: Posterior, question: HowFast, rating: Rating, times: Floats
) -> tuple[dict[str, Floats], list[tuple[str, str, Floats]]]:
    """Totals of the typical person [points]: under each control, and under each treatment with the name of its control.

    The last treatment is an average SSRI.
    """
    names = posterior.names["treatment"]
    controls: dict[str, Floats] = {}
    found: list[tuple[str, str, Floats]] = []
    for control, group in (
        ("pill", tuple(name for name in names if name not in TALKED)),
        ("attention", tuple(name for name in names if name in TALKED)),
    ):
        if not group:
            continue
        wanted = (None, *group)
        totals = daily_typical(posterior, wanted, question.diagnosis, rating, times, question.seed, control)
        controls[control] = totals[0]
        found += [(name, control, each) for name, each in zip(group, totals[1:], strict=True)]
    ssris = [totals for name, _, totals in found if name in SSRIS]
    if len(ssris) > 1:
        found.append(("ssri", "pill", np.mean(ssris, axis=0)))
    return controls, found


def _place(times: Floats, wanted: float) -> int:
    return int(np.abs(times - wanted).argmin())


def _at(totals: Floats, times: Floats, level: float) -> list[dict[str, float]]:
    found = []
    for wanted in LOOKS_H:
        here = estimate(totals[:, _place(times, wanted)], level, "points")
        found.append({"time_h": wanted, "total": here.value, "low": here.low, "high": here.high})
    return found


def crossing_h(ketamine: Floats, other: Floats, times_h: Floats) -> Floats:
    """When another treatment's course passes below ketamine's and stays there [h], one value a draw.

    Zero where ketamine was never lower; infinite where it is still lower at the end.

    Args:
        ketamine, other: totals, lower is better, shape (draws, times) [points].
        times_h: rising times [h].
    """
    lower = ketamine < other
    last = lower.shape[1] - 1 - lower[:, ::-1].argmax(axis=1)
    after = np.minimum(last + 1, lower.shape[1] - 1)
    draws = np.arange(len(lower))
    gap = (other - ketamine)[draws, last], (other - ketamine)[draws, after]
    # where the straight lines between two times meet
    share = np.divide(gap[0], gap[0] - gap[1], out=np.zeros(len(lower)), where=gap[0] > gap[1])
    met = times_h[last] + share * (times_h[after] - times_h[last])
    return np.where(~lower.any(axis=1), 0.0, np.where(lower[:, -1], _NEVER, met))


def _beside(ketamine: Floats, other: Floats, times: Floats, level: float) -> dict[str, Any]:
    """The other course at each look, how far ketamine's lies below it, and when they cross."""
    ends = times <= HORIZON_H * (1 + 1e-9)
    crossed = crossing_h(ketamine[:, ends], other[:, ends], times[ends])
    within = crossed[np.isfinite(crossed) & (crossed > 0)]
    looks = _at(other, times, level)
    for look in looks:
        place = _place(times, look["time_h"])
        apart = ketamine[:, place] - other[:, place]
        here = estimate(apart, level, "points")
        look["difference"], look["difference_low"], look["difference_high"] = here.value, here.low, here.high
        look["ketamine_lower_percent"] = 100.0 * float((apart < 0).mean())
    found: dict[str, Any] = {
        "at": looks,
        "still_lower_at_8_weeks_percent": 100.0 * float(np.isinf(crossed).mean()),
        "never_lower_percent": 100.0 * float((crossed == 0).mean()),
        "crossing_h": None,
    }
    # choice: a median over a handful of draws would look like knowledge
    if len(within) >= max(10, 0.1 * len(crossed)):
        here = estimate(within, level, "h")
        found["crossing_h"] = {
            "value": here.value,
            "low": here.low,
            "high": here.high,
            "percent": 100.0 * len(within) / len(crossed),
        }
    return found


def _own(name: str, onset: dict[str, Any]) -> dict[str, Any]:
    """When a treatment reaches half and nine tenths of its own effect at eight weeks [h], 90 % of the posterior."""
    one = onset[name]
    ends = ("low", "value", "high")
    return {
        "half_h": dict(zip(ends, one.half, strict=True)),
        "nine_tenths_h": dict(zip(ends, one.most, strict=True)),
        "fall_percent": dict(zip(ends, (100.0 * share for share in one.fall), strict=True)),
    }


def _studied(members: list[str]) -> dict[str, Any]:
    """Studies with an arm of the treatment among the rows used, their people, and how many times they rated."""
    trials = load_trials()
    studies, times = [], set()
    for study, rows in selection().used.items():
        own = [row for row in rows if trials[study].arm(row.arm_id).treatment in members]
        if own:
            studies.append(study)
            times |= {row.time_h for row in own if row.time_h}
    people = sum(people_in(trials[study]) for study in studies if trials[study].kind not in POOLS)
    return {"studies": studies, "people": people, "rated_at_h": sorted(times)}


def _head_to_head() -> list[str]:
    """Studies that gave ketamine sessions and a daily treatment to people of the same trial."""
    trials = load_trials()
    sessions = set(ketamine_studies(selection()))
    controls = {*CONTROL_KINDS, "none"}
    return sorted(
        study for study in sessions
        if any("ketamine" not in arm.treatment and arm.treatment not in controls for arm in trials[study].arms)
    )  # fmt: skip


def _estimates(rows: list[dict[str, Any]], level: float) -> dict[str, Estimate]:
    """How far ketamine's typical course lies below each other one at a day, a week and eight weeks [points]."""
    wanted = {days(1.0): "1_d", weeks(1.0): "1_w", weeks(8.0): "8_w"}
    return {
        f"difference_from_{row['name']}_at_{wanted[look['time_h']]}": Estimate(
            look["difference"], look["difference_low"], look["difference_high"], "points", level
        )
        for row in rows
        for look in row["at"]
        if look["time_h"] in wanted
    }


def _of_comparison(detail: dict[str, Any]) -> tuple[str, ...]:
    met = detail["head_to_head"]
    trials = f"only {', '.join(met)} gave" if met else "no trial of the evidence gave"
    found = [
        f"Treatments are compared through their own control arms and one model: {trials} ketamine sessions and a daily "
        "treatment to people of one trial. Trials differ in who was studied, how long ago, and how well they were "
        "masked.",
        "Most daily treatments were rated once or twice; when they begin to work is then mostly what daily treatments "
        "have in common.",
        "A course holds what happens without the drug as well: tablets come with weeks of visits and hope, a session "
        "with its own. How far each goes beyond its own control is said beside it.",
        "What is known of one daily treatment is drawn toward what all have in common, the more so the fewer its "
        "trials: an order among them is not to be read off.",
        "The courses of CBT in the evidence last from one week to months and are taken as one.",
    ]
    if detail["no_usable_data"]:
        found.append(f"No row of {' or '.join(detail['no_usable_data'])} in the evidence has a time and a measure that "
                     "can be used here.")  # fmt: skip
    return tuple(found)


def _sentences(question: HowFast, detail: dict[str, Any], basis: Basis) -> tuple[str, str]:
    """The answer in words a person can repeat, and its first part as the title of a picture."""
    rows = {row["name"]: row for row in detail["treatments"]}
    other = rows.get("ssri") or detail["treatments"][0]
    look = {entry["time_h"]: entry for entry in other["at"]}
    own = {entry["time_h"]: entry for entry in detail["ketamine"]["at"]}
    day, eight = days(1.0), weeks(8.0)
    name = "an SSRI taken daily" if other["name"] == "ssri" else other["label"]
    felt = "anxiety" if symptoms(question.scale) == "anxiety" else "symptoms"
    scale = detail["scale"]

    def points(entry: dict[str, float]) -> str:
        return f"{entry['total']:.0f}"

    told = (
        f"One day after {'one session' if question.sessions == 1 else 'the first session'} of {question.route.spoken} "
        f"{question.drug} the typical person with {detail['diagnosis']} stands at {points(own[day])} on the "
        f"{scale['name']}, from {scale['baseline_points']:g}, against {points(look[day])} under {name}; at eight weeks "
        f"at {points(own[eight])} against {points(look[eight])}."
    )
    lower = look[eight]["ketamine_lower_percent"]
    # choice: nine in ten draws is what an interval of 80 % would show on one side
    if lower > 90:
        who = f"At eight weeks less {felt} is left under {question.drug}."
    elif lower < 10:
        who = f"At eight weeks less {felt} is left under {name}."
    else:
        who = "Which of them leaves less at eight weeks cannot be told."
    beyond = [
        f"{label} {_told(entries, day)} at one day and {_told(entries, eight)} at eight weeks"
        for label, entries in (
            (question.drug.value, detail["ketamine"]["beyond_control"]),
            (name, other["beyond_control"]),
        )
    ]
    parts = f"In points beyond their own control arms: {'; '.join(beyond)}."
    met = len(detail["head_to_head"])
    direct = "No trial" if met == 0 else "One trial" if met == 1 else f"{met} trials"
    sure = f"Certainty: {basis.certainty}."
    whole = f"{told} {who} {parts} {direct} compared ketamine sessions with a daily treatment. {sure}"
    return whole, f"{told} {who} {sure}"


def signed(value: float) -> str:
    """A difference with its sign and one decimal; nothing has none."""
    text = f"{value:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text


def _told(entries: list[dict[str, float]], time_h: float) -> str:
    entry = next(entry for entry in entries if entry["time_h"] == time_h)
    return f"{signed(entry['total'])} ({signed(entry['low'])} to {signed(entry['high'])})"
