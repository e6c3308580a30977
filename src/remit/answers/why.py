"""Why would it work: the chain from dose to symptoms, how well each link is established, and what leans on it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from remit import __version__
from remit.answers.answer import Answer, Basis, Estimate
from remit.answers.basis import basis_of
from remit.answers.chain import chain
from remit.answers.milestone_table import cut_points
from remit.answers.question import HowFast
from remit.answers.rating import rated
from remit.answers.sensitivity import LOOKS_H, sensitivity
from remit.answers.standing import caveats, extrapolations, used_assumptions
from remit.evidence.links import STANDINGS, Link, load_chain
from remit.evidence.sources import load_sources
from remit.inference.fitted import Posterior, load
from remit.vocabulary.errors import InputRefused

COUNTED = 0.5
"""choice: moving an assumption matters where the middle of the change is half a person of a hundred or more"""


def why(question: HowFast | None = None, posterior: Posterior | None = None) -> Answer:
    """The linked chain for a regimen, link by link.

    Args:
        question: checked input; one infusion when None.
        posterior: the calibrated one when None.

    Raises:
        StalePosterior: there is no posterior, or it was fitted to other evidence than today's.
        InputRefused: no kinetics cover the drug and route, no baseline is known or given, or no response can be seen.
    """
    question = question or HowFast()
    full = posterior or load()
    thin = full.thinned(question.draws)
    known, rating = rated(question, thin)
    cut = cut_points(question.the_scale(), rating.baseline).get("response")
    if cut is None:
        raise InputRefused(
            f"no response can be seen from a baseline of {rating.baseline:g} on {question.scale}", where="--baseline"
        )
    courses = chain(question, thin, rating)
    links = [_plain(link, courses) for link in load_chain().links]
    leaning = sensitivity(question, thin, rating, cut)
    basis = basis_of(question.diagnosis, full)
    scale = question.the_scale()
    detail = {
        "scale": {"name": scale.name, "low": scale.low, "high": scale.high, "baseline_points": rating.baseline,
                  "baseline_how": known.how if question.baseline is None and known else "as given",
                  "response_at_or_below": cut},
        "regimen": {"drug": question.drug.value, "dose": question.dose_spoken(), "course": question.course_spoken(),
                    "dose_times_h": list(question.regimen().times_h), "weight_kg": question.weight_kg},
        "diagnosis": question.diagnosis.spoken, "level": question.level, "draws": thin.size,
        "chain": courses, "links": links, "peaks": _peaks(courses), "sensitivity": leaning,
    }  # fmt: skip
    return Answer(
        question=f"Why would {question.dose_spoken()} ({question.course_spoken()}) work for "
        f"{question.diagnosis.spoken}: from dose to symptoms, link by link?",
        sentence=sentence(detail, basis),
        estimates=_estimates(detail),
        detail=detail,
        basis=basis,
        assumptions=used_assumptions(question, tuple(courses["kinetic_assumptions"])),
        caveats=(*_of_chain(), *caveats(question, basis)),
        extrapolations=extrapolations(question, known),
        sources=tuple(dict.fromkeys([*basis.studies, *(source for link in links for source in link["sources"])])),
        evidence_hash=full.manifest["evidence_hash"],
        seed=question.seed,
        version=__version__,
    )


def _plain(link: Link, courses: dict[str, Any]) -> dict[str, Any]:
    """A link as plain values; where this route's absorption is assumed, the first link is no longer measured."""
    found = asdict(link)
    known = load_sources()
    assumed = [text for text in courses["kinetic_assumptions"] if text.startswith("absorption assumed")]
    if link.start == "dose" and assumed:
        found["standing"] = "indirect"
        found["gap"] = f"For this route: {'; '.join(assumed)}. {link.gap}"
    return {
        **found, "standing_spoken": STANDINGS[found["standing"]], "sources": list(link.sources),
        "assumptions": list(link.assumptions),
        "citations": {each: known[each].citation for each in link.sources},
    }  # fmt: skip


def _peaks(courses: dict[str, Any]) -> dict[str, dict[str, float]]:
    """When each step of the chain is at its most, in the typical person: plasma and receptor block in the first
    session, plasticity and the gain over the whole course."""
    times = np.array(courses["time_h"])
    starts = [dose["time_h"] for dose in courses["doses"]]
    first = times < starts[1] if len(starts) > 1 else np.full(len(times), True)
    found = {}
    for name in ("plasma", "receptor_block", "plasticity"):
        values = np.array(courses[name]["typical"])
        values = values if name == "plasticity" else values[first]
        found[name] = {"time_h": float(times[values.argmax()]), "value": float(values.max())}
    gain = np.array(courses["symptoms_without"]["typical"]) - np.array(courses["symptoms"]["typical"])
    found["gain"] = {"time_h": float(times[gain.argmax()]), "value": float(gain.max())}
    return found


def _estimates(detail: dict[str, Any]) -> dict[str, Estimate]:
    level, found = detail["level"], {}
    for look, name in zip(detail["sensitivity"]["as_it_is"], ("24_h", "7_d"), strict=True):
        found[f"response_at_{name}"] = Estimate(
            look["percent"], look["low_percent"], look["high_percent"], "percent of people", level
        )
    for row in detail["sensitivity"]["moved"]:
        for end in row["ends"]:
            for look, name in zip(end["at"], ("24_h", "7_d"), strict=True):
                found[f"change_at_{name}_with_{row['id']}_{end['value']:g}"] = Estimate(
                    look["change_percent"], look["change_low"], look["change_high"], "percent of people", level
                )
    return found


def _of_chain() -> tuple[str, ...]:
    return (
        "Plasticity is a name for whatever outlasts the session; it has no unit of its own and was not measured in "
        "these people.",
        "The chain is held to symptoms of trials at one end and to concentrations at the other; another chain between "
        "them could fit as well.",
        "Assumptions are moved one at a time and the posterior is not fitted again, so a refit would undo part of "
        "each change.",
    )


def sentence(detail: dict[str, Any], basis: Basis) -> str:
    """The answer in words a person can repeat."""
    counted = {name: sum(link["standing"] == name for link in detail["links"]) for name in STANDINGS}
    peaks = detail["peaks"]
    total = len(detail["links"])
    moves = [
        (abs(look["change_percent"]), row["name"], look)
        for row in detail["sensitivity"]["moved"]
        for end in row["ends"]
        for look in end["at"]
    ]
    most = max(moves, key=lambda move: move[0], default=None)
    known = {0: "none is", 1: "1 is"}.get(counted["measured"], f"{counted['measured']} are")
    told = (
        f"Of the {total} links from dose to symptoms {known} measured in humans, {counted['indirect']} indirectly and "
        f"{counted['assumed']} assumed. In the model the drug in plasma is highest {_after(peaks['plasma'])} after the "
        f"start, receptor block at {_after(peaks['receptor_block'])}, the gain in symptoms with its acute part at "
        f"{_after(peaks['gain'])}, and what outlasts the drug (plasticity) at {_after(peaks['plasticity'])}."
    )
    if most is None or most[0] < COUNTED:
        leaned = "No assumed constant, moved alone within its range, changes the response by half a person of 100."
    else:
        when = "a day" if most[2]["hours_after_last"] == LOOKS_H[0] else "a week"
        when += " after the last session" if len(detail["regimen"]["dose_times_h"]) > 1 else ""
        leaned = (
            f"Moved alone within its range, without fitting the model again, no assumed constant changes the response "
            f"by more than about {max(most[0], 1.0):.0f} of 100 people ({most[1]}, at {when})."
        )
    return f"{told} {leaned} Certainty: {basis.certainty}."


def _after(peak: dict[str, float]) -> str:
    hours = peak["time_h"]
    return (
        f"{60 * hours:.0f} minutes" if hours < 2 else f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
    )
