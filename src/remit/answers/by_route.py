"""By which route: how concentrations differ by route, what the model makes of it, and what trials by route saw.

Three things are kept apart. Concentrations come from published kinetic models, or from assumed absorption where none
could be read. The predicted response follows from the concentration at the effect site alone: that a route matters in
no other way is an assumption. What trials by route observed is counted beside it and never mixed with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from remit import __version__
from remit.answers.answer import Answer, Basis, Estimate, percent
from remit.answers.basis import basis_of
from remit.answers.courses import Rating, session_courses
from remit.answers.lasting_studies import finding
from remit.answers.milestone_table import cut_points
from remit.answers.question import INFUSED, HowFast, largest_dose_mg
from remit.answers.rating import rated
from remit.answers.route_concentrations import PEOPLE, Row, concentration, spread_is
from remit.answers.routes_studied import PublishedDose, commonest_dose, compared_in_trials, studied, studied_pairs
from remit.answers.standing import caveats, used_assumptions
from remit.evidence.topics import load_topics
from remit.inference.fitted import Posterior, load
from remit.pharmacology.chosen_records import Kinetics, kinetics
from remit.pharmacology.exposure import clearance
from remit.vocabulary.clock import MINUTES_PER_HOUR, days
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.units import NG_PER_ML_IN_MG_PER_L

ASKED_H = (2.0, days(1.0), days(7.0))
"""When the predicted response is read [h]."""
RESPONSE_PEOPLE = 64  # choice: one block a route; routes are compared in the same people, so their scatter is shared
TOPIC = "route"


def by_route(question: HowFast | None = None, posterior: Posterior | None = None) -> Answer:
    """Set the routes beside each other at one dose, and each at the dose its studies gave.

    Args:
        question: the dose, the people and the scale; its drug, route and number of sessions make no difference.
        posterior: the calibrated one when None.

    Raises:
        StalePosterior: there is no posterior, or it was fitted to other evidence than today's.
        InputRefused: no baseline is known or given, or no response can be seen from it.
    """
    asked = replace(question or HowFast(), sessions=1)
    full = posterior or load()
    thin = full.thinned(asked.draws)
    known, rating = rated(asked, thin)
    cut = cut_points(asked.the_scale(), rating.baseline).get("response")
    if cut is None:
        raise InputRefused(
            f"no response can be seen from a baseline of {rating.baseline:g} on {asked.scale}", where="--baseline"
        )
    rows = [_row(asked, drug, route, thin, rating, cut) for drug, route in studied_pairs()]
    basis = basis_of(asked.diagnosis, full)
    compared = _compared(rows)
    detail = {
        "scale": {"name": asked.scale, "baseline_points": rating.baseline, "response_at_or_below": cut,
                  "baseline_how": known.how if asked.baseline is None and known else "as given"},
        "same_dose": str(asked.amount), "infusion_min": asked.duration_h * MINUTES_PER_HOUR,
        "weight_kg": asked.weight_kg, "diagnosis": asked.diagnosis.spoken, "level": asked.level,
        "people": PEOPLE, "draws": thin.size,
        "routes": rows, "compared": compared, "compared_in_trials": compared_in_trials(),
        "findings": [finding(each) for each in load_topics()[TOPIC].findings],
    }  # fmt: skip
    return Answer(
        question=f"By which route: how do concentrations and the response differ after {asked.amount} in "
        f"{asked.diagnosis.spoken}, measured by {asked.scale}?",
        sentence=sentence(detail, basis),
        estimates=_estimates(rows, asked.level),
        detail=detail,
        basis=basis,
        assumptions={
            "only_concentration": "A route matters for the response only through the concentration it brings to the "
            "effect site.",
            **used_assumptions(asked, ()),
            **{f"kinetics_{row['name']}": "; ".join(row["assumed"]) + "." for row in rows if row["assumed"]},
        },
        caveats=(*_of_routes(), *caveats(asked, basis)),
        extrapolations=_beyond(rows),
        sources=basis.studies,
        evidence_hash=full.manifest["evidence_hash"],
        seed=asked.seed,
        version=__version__,
    )


def _row(asked: HowFast, drug: Any, route: Any, posterior: Posterior, rating: Rating, cut: float) -> Row:
    records = kinetics(drug, route)
    published = commonest_dose(drug, route)
    same = replace(asked, drug=drug, route=route, extrapolate=True)
    row: Row = {
        "name": f"{drug.value}_{route.value}", "drug": drug.value, "route": route.value,
        "label": f"{route.spoken} {drug}",
        "model": records.plasma.model_id, "sampling_site": records.plasma.sampling_site or "not_stated",
        "assumed": [text[:1].upper() + text[1:] for text in records.assumptions],
        "spread_is": spread_is(records),
        "same_dose": _at_dose(same, records, posterior, rating, cut),
        "published_dose": None,
        "studied": studied(drug, route),
    }  # fmt: skip
    row["availability"] = _availability(records, row["same_dose"], asked.weight_kg)
    if published is not None:
        its = _at_published(same, published)
        row["published_dose"] = {
            "studies": published.studies, "dose": its.dose_spoken(), "dose_mg": its.amount.in_mg(its.weight_kg),
            "response": _response(its, posterior, rating, cut),
        }  # fmt: skip
    return row


def _at_published(same: HowFast, published: PublishedDose) -> HowFast:
    length = same.duration_h if published.infusion_min is None else published.infusion_min / MINUTES_PER_HOUR
    return replace(same, amount=published.amount, duration_h=length)


def _at_dose(its: HowFast, records: Kinetics, posterior: Posterior, rating: Rating, cut: float) -> Row:
    """Concentration and predicted response at one dose by one route."""
    held = concentration(its, records)
    largest = largest_dose_mg(its.drug, its.route, its.weight_kg)
    return {
        **held,
        "beyond_published_dose": largest is not None and held["dose_mg"] > largest * (1 + 1e-6),
        "response": _response(its, posterior, rating, cut),
    }


def _response(its: HowFast, posterior: Posterior, rating: Rating, cut: float) -> list[dict[str, Any]]:
    """Share of people whose rating counts as a response, with the drug, without, and what the drug adds."""
    times = np.array([0.0, *ASKED_H])
    run = session_courses(
        posterior, its.regimen(), its.diagnosis, its.weight_kg, rating, (cut,), times, times[1:],
        RESPONSE_PEOPLE, its.seed,
    )  # fmt: skip
    rows = []
    for place, time in enumerate(ASKED_H):
        own, without = run.at[:, 0, place], run.control_at[:, 0, place]
        rows.append({
            "time_h": time, **percent(own, its.level), "control": percent(without, its.level),
            "drug": percent(own - without, its.level),
        })  # fmt: skip
    return rows


def _availability(records: Kinetics, at_dose: Row, weight_kg: float) -> dict[str, Any]:
    """Share of a dose that reaches the blood [fraction]: the assumed one with its range, or what the model gives.

    F = AUC CL / dose, both of the typical person of one model.
    """
    if records.absorption is not None:
        its = records.absorption
        return {"fraction": its.fraction, "low": its.fraction_low, "high": its.fraction_high, "how": "assumed"}
    whole = at_dose["auc_ng_h_per_ml"]["typical"] * clearance(records, weight_kg)
    found = whole / (at_dose["dose_mg"] * NG_PER_ML_IN_MG_PER_L)
    how = "by definition" if records.route in INFUSED else "of the model"
    return {"fraction": 1.0 if records.route in INFUSED else found, "low": None, "high": None, "how": how}


def _compared(rows: list[Row]) -> dict[str, Any]:
    """Which route peaks first and which varies least at the same dose, in numbers that a claim can be held to."""

    def order(measure: str, part: str, among: list[Row]) -> list[str]:
        return [row["name"] for row in sorted(among, key=lambda row: row["same_dose"][measure][part])]

    def by_response(place: int) -> list[str]:
        ranked = sorted(rows, key=lambda row: -row["same_dose"]["response"][place]["percent"])
        return [row["name"] for row in ranked]

    measured = [row for row in rows if row["spread_is"] == "published"]
    return {
        "by_time_to_peak": order("tmax_min", "typical", rows),
        "by_cv_of_cmax": order("cmax_ng_per_ml", "cv", rows), "by_cv_of_auc": order("auc_ng_h_per_ml", "cv", rows),
        "measured_spread_by_cv_of_cmax": order("cmax_ng_per_ml", "cv", measured),
        "by_response_at_2_h": by_response(0), "by_response_at_24_h": by_response(1),
    }  # fmt: skip


def _estimates(rows: list[Row], level: float) -> dict[str, Estimate]:
    found = {}
    for row in rows:
        same = row["same_dose"]
        for measure, unit in (("tmax_min", "min"), ("cmax_ng_per_ml", "ng/mL"), ("auc_ng_h_per_ml", "ng h/mL")):
            its = same[measure]
            found[f"{row['name']}_{measure}"] = Estimate(its["typical"], its["low"], its["high"], unit, level)
        for look, name in zip(same["response"], ("2_h", "24_h", "7_d"), strict=True):
            found[f"{row['name']}_response_at_{name}"] = Estimate(
                look["percent"], look["low_percent"], look["high_percent"], "percent of people", level
            )
    return found


def _beyond(rows: list[Row]) -> tuple[str, ...]:
    found = []
    for said, chosen in (
        ("no usable trial in anxiety, PTSD or OCD, so the response is carried over by concentration alone",
         [row for row in rows if not row["studied"]["in_use"]["studies"]]),
        ("the dose compared is above the largest published one",
         [row for row in rows if row["same_dose"]["beyond_published_dose"]]),
        ("no single dose is stated in the collected trials, so only the dose compared is shown",
         [row for row in rows if row["published_dose"] is None]),
    ):  # fmt: skip
        if chosen:
            found.append(f"{', '.join(row['label'] for row in chosen)}: {said}")
    return tuple(found)


def _of_routes() -> tuple[str, ...]:
    return (
        "How far people differ by a route whose absorption is assumed holds what we do not know of that absorption as "
        "well; it is no measured spread.",
        "Arterial levels lie above venous ones in a session: peaks of models of different sampling sites are not to be "
        "compared.",
        "An infusion peaks when it ends, so its time to peak is chosen by whoever sets the pump.",
        "The same mass of esketamine counts for more than that of the racemate; the same dose is not the same effect.",
        "The order of responses by route is the model's alone.",
    )


def sentence(detail: dict[str, Any], basis: Basis) -> str:
    """The answer in words a person can repeat."""
    rows = {row["name"]: row for row in detail["routes"]}
    compared = detail["compared"]
    first = rows[compared["by_time_to_peak"][0]]
    steady, loose = rows[compared["by_cv_of_auc"][0]], rows[compared["by_cv_of_auc"][-1]]
    infused = rows.get("ketamine_iv")

    def peak(row: Row) -> str:
        return f"{row['same_dose']['tmax_min']['typical']:.0f} minutes"

    def cv(row: Row) -> str:
        return f"{100 * row['same_dose']['auc_ng_h_per_ml']['cv']:.0f} %"

    tmax = first["same_dose"]["tmax_min"]
    near = sum(
        tmax["low"] <= row["same_dose"]["tmax_min"]["typical"] <= tmax["high"]
        for row in rows.values()
        if row is not first
    )
    parts = [
        f"At one dose of {detail['same_dose']}, {first['label']} typically peaks first, {peak(first)} after the start "
        f"({tmax['low']:.0f} to {tmax['high']:.0f} between people, and {near} of the {len(rows) - 1} other routes lie "
        "within that)."
    ]
    if infused is not None and infused is not first:
        parts.append(f"The infusion peaks when it ends, at {peak(infused)}.")
    parts.append(
        f"Exposure varies least between people after {steady['label']} (SD {cv(steady)} of the mean) and most after "
        f"{loose['label']} ({cv(loose)})."
    )
    day = [row["same_dose"]["response"][1]["percent"] for row in detail["routes"]]
    used = {study for row in detail["routes"] for study in row["studied"]["in_use"]["studies"]}
    both = used & set(detail["compared_in_trials"])
    met = "none of them compared" if not both else f"{len(both)} of them compared"
    held = sum(bool(row["studied"]["in_use"]["studies"]) for row in detail["routes"])
    parts.append(
        f"One day later the model expects {min(day):.0f} to {max(day):.0f} responders of 100, depending on the route; "
        f"usable trials exist for {held} of {len(rows)} routes, and {met} two."
    )
    return " ".join([*parts, f"Certainty: {basis.certainty}."])
