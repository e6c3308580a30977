"""For whom does it work: by diagnosis from the model, and by everything else from what was published.

The model tells diagnoses apart, weakly; it knows nothing of age, sex, severity, chronicity or other medicines, because
no published arm shows what they do. For those the answer lists the published findings, most of them in depression, and
says where there is none in anxiety.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from remit import __version__
from remit.answers.answer import Answer, Basis, Estimate, percent
from remit.answers.basis import Baselines, baselines, basis_of
from remit.answers.by_diagnosis import HALVED, LOOKS_H, by_diagnosis
from remit.answers.courses import session_courses
from remit.answers.milestone_table import cut_points
from remit.answers.question import HowFast
from remit.answers.rating import rated
from remit.answers.standing import caveats, extrapolations, used_assumptions
from remit.answers.topic_table import NONE, topics
from remit.evidence.assumptions import load_assumptions
from remit.inference.fitted import Posterior, load
from remit.pharmacology.chosen_records import kinetics
from remit.vocabulary.errors import InputRefused

OVERLAP = 0.9
"""choice: two diagnoses are told apart where nine in ten draws put one above the other."""


def for_whom(
    question: HowFast | None = None, posterior: Posterior | None = None, *, narrow: bool | None = None
) -> Answer:
    """What is known of who benefits.

    Args:
        question: the course; its diagnosis, scale and baseline are those of the kind of person asked about.
        posterior: the calibrated one when None.
        narrow: whether one kind of person is looked at more closely; where a question is given, when None.

    Raises:
        StalePosterior: there is no posterior, or it was fitted to other evidence than today's.
        InputRefused: no kinetics cover the drug and route, or no baseline is known or given for the kind of person.
    """
    narrow = question is not None if narrow is None else narrow
    question = question or HowFast()
    full = posterior or load()
    thin = full.thinned(question.draws)
    rows, asked = by_diagnosis(question, thin), topics()
    basis = basis_of(question.diagnosis, full)
    detail = {
        "regimen": {"drug": question.drug.value, "dose": question.dose_spoken(), "course": question.course_spoken(),
                    "dose_times_h": list(question.regimen().times_h), "weight_kg": question.weight_kg},
        "level": question.level, "draws": thin.size, "measure": "percent of the total before the first session",
        "response_is_percent_left": HALVED,
        "diagnoses": rows, "told_apart": _told_apart(rows),
        "topics": asked,
        "this_kind": _this_kind(question, thin) if narrow else None,
    }  # fmt: skip
    assumed = used_assumptions(question, kinetics(question.drug, question.route).assumptions)
    return Answer(
        question=f"For whom does {question.dose_spoken()} ({question.course_spoken()}) work?",
        sentence=sentence(question, detail, basis),
        estimates=_estimates(rows, question.level),
        detail=detail,
        basis=basis,
        assumptions={**assumed, "within_person_sd": load_assumptions()["within_person_sd"].statement},
        caveats=(*_of_people(), *caveats(question, basis)),
        extrapolations=_beyond(question, rows, narrow=narrow),
        sources=tuple(
            dict.fromkeys([*basis.studies, *(row["study_id"] for topic in asked for row in topic["findings"])])
        ),
        evidence_hash=full.manifest["evidence_hash"],
        seed=question.seed,
        version=__version__,
    )


def _told_apart(rows: list[dict[str, Any]]) -> list[str]:
    """Diagnoses whose effect lies on one side of the average in nearly all draws."""
    found = []
    for row in rows:
        share = row["effect"]["larger_than_average_percent"]
        if share is not None and max(share, 100.0 - share) >= 100.0 * OVERLAP:
            found.append(row["diagnosis"])
    return found


def _this_kind(question: HowFast, posterior: Posterior) -> dict[str, Any]:
    """One kind of person on their own scale: chances of each event, and the same had no drug been given."""
    known, rating = rated(question, posterior)
    cuts = cut_points(question.the_scale(), rating.baseline)
    times = np.array([0.0, *(question.last_dose_h + look for look in LOOKS_H)])
    run = session_courses(
        posterior, question.regimen(), question.diagnosis, question.weight_kg, rating, tuple(cuts.values()), times,
        times[1:], question.people, question.seed,
    )  # fmt: skip
    events = {
        event: [
            {"hours_after_last": look, **percent(run.at[:, number, place], question.level),
             "control": percent(run.control_at[:, number, place], question.level)}
            for place, look in enumerate(LOOKS_H)
        ]
        for number, event in enumerate(cuts)
    }  # fmt: skip
    published = None if known is None else {"typical": known.typical, "low": known.low, "high": known.high,
                                            "how": known.how}  # fmt: skip
    return {
        "diagnosis": question.diagnosis.value, "label": question.diagnosis.spoken, "scale": question.scale,
        "baseline_points": rating.baseline, "published_baselines": published, "cut_points": cuts, "events": events,
        "people": question.people,
    }  # fmt: skip


def _estimates(rows: list[dict[str, Any]], level: float) -> dict[str, Estimate]:
    found = {}
    for row in rows:
        for look, name in zip(row["at"], ("1_d", "7_d"), strict=True):
            found[f"{row['diagnosis']}_drug_takes_at_{name}"] = Estimate(
                look["drug_takes_percent"], look["drug_takes_low"], look["drug_takes_high"], "percent of baseline",
                level,
            )  # fmt: skip
    return found


def _beyond(question: HowFast, rows: list[dict[str, Any]], *, narrow: bool) -> tuple[str, ...]:
    found = [
        f"{row['label']}: no usable ketamine trial; its estimate is carried over from the other diagnoses"
        for row in rows
        if not row["studies"]
    ]
    if narrow:
        known = _known_baselines(question)
        found += [line for line in extrapolations(question, known) if not line.startswith("diagnosis: no usable ket")]
    return tuple(found)


def _known_baselines(question: HowFast) -> Baselines | None:
    """Published baselines of the scale and diagnosis asked about; None where there is none."""
    try:
        return baselines(question.the_scale(), question.diagnosis)
    except InputRefused:
        return None


def _of_people() -> tuple[str, ...]:
    return (
        "Diagnoses share what they learn: one with little or no data lies near the average of all by construction, "
        "which is no finding that it is alike.",
        "The model has no effect of age, sex, severity, duration, earlier failures or other medicines: no published "
        "arm shows what they do. A baseline changes only how many points there are to lose.",
        "Most findings about who benefits are of depression; whether they hold in anxiety was not studied.",
        '"No difference found" in a few dozen people is no proof that there is none.',
        "Most findings were looked for after the fact, many at a time; some will be chance.",
        "Nothing here says who should or should not be treated: that is a clinician's decision, with the safety rules.",
    )


def sentence(question: HowFast, detail: dict[str, Any], basis: Basis) -> str:
    """The answer in words a person can repeat."""
    rows = detail["diagnoses"]
    day = {row["diagnosis"]: row["at"][0] for row in rows}
    takes = [look["drug_takes_percent"] for look in day.values()]
    low = min(look["drug_takes_low"] for look in day.values())
    high = max(look["drug_takes_high"] for look in day.values())
    with_data = [row for row in rows if row["studies"]]
    apart = [row["label"] for row in rows if row["diagnosis"] in detail["told_apart"]]
    who = (
        "no diagnosis can be told from the average"
        if not apart
        else f"only {' and '.join(apart)} can be told from the average"
    )
    person = [topic for topic in detail["topics"] if topic["of"] == "person"]
    bare = sum(topic["certainty"] == NONE for topic in person)
    told = (
        f"It is not known for whom it works best: {who}. A day after {question.course_spoken()} the drug is expected "
        f"to take {min(takes):.0f} to {max(takes):.0f} % of what was there before, beyond what a masked session takes, "
        f"depending on the diagnosis, with intervals from {low:.0f} to {high:.0f} %; {len(with_data)} of {len(rows)} "
        "diagnoses have a usable trial."
    )
    return (
        f"{told} Of {len(person)} traits of people looked up, {bare} have no evidence in anxiety at all. Certainty: "
        f"{basis.certainty}."
    )
