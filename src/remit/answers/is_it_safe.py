"""Is it safe: side effects and vital signs by route, dose and time, with what a control shows beside them.

Nothing here needs the response model. Shares have exact intervals; where more than one study fits they are pooled, else
each stands by itself. A route without a number is said to have none.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from remit import __version__
from remit.answers.answer import Answer, Basis, Estimate
from remit.answers.side_effects import counted, dose_spoken, spoken
from remit.evidence.adverse_effects import AdverseEffect, load_adverse_effects
from remit.evidence.appraisal import LEVELS
from remit.evidence.fingerprint import fingerprint
from remit.evidence.safety_studies import load_safety_studies
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import OutOfRange

EVIDENCE_PARTS = ("safety", "safety_studies.csv")
VITAL = ("systolic_bp", "diastolic_bp", "heart_rate")
TIMES = ("time_to_peak", "time_to_baseline", "duration")
ASKED = ("dissociation", "nausea", "dizziness", "sedation", "headache", "any_side_effect", "systolic_bp", "cadss")
"""What people ask about: a route without a number for one of these is listed as not in the collected evidence."""
CAVEATS = (
    "Nearly all of it comes from depression; that anxiety disorders are alike is a hope, not a finding.",
    "People who feel a drug know that they had it: side effects told in double-blind trials are not told blindly.",
    "Counts of people say how many felt something at least once over the period, not how often or how badly.",
    "Trials leave out people at risk: rare and late harms (bladder, misuse, liver) cannot be read from these numbers.",
    "Blood pressure of different studies was taken at different times and summed up differently: a mean of everybody's "
    "largest rise lies above a mean curve.",
    "With two or three studies a pooled interval is too narrow; the studies stand beside it.",
)


def is_it_safe(drug: str | None = None, route: str | None = None, level: float = 0.95) -> Answer:
    """Side effects and vital signs from the published numbers.

    Args:
        drug: ``ketamine`` or ``esketamine``; both when None.
        route: code of a route; all when None.
        level: of the intervals [fraction].

    Raises:
        OutOfRange: the level is not between 0.5 and 1.
    """
    if not 0.5 <= level < 1:
        raise OutOfRange(f"{level} is no level of an interval", allowed="0.5 to below 1, for example 0.95")
    drugs = [drug] if drug else [each.value for each in Drug]
    everything = load_adverse_effects()
    rows = [row for row in everything if row.treatment in {*drugs, "placebo"} and (route is None or row.route == route)]
    of_drug = [row for row in rows if row.treatment in drugs]
    used = {row.study_id for row in of_drug}
    rows = [row for row in rows if row.study_id in used]
    shares, left_out = counted(rows, level)
    vital = [_vital(row, level) for row in rows if row.measure in VITAL and row.metric in {"change", "peak_change"}]
    levels = [_vital(row, level) for row in rows if row.measure == "cadss" and row.metric == "level"]
    times = [_vital(row, level) for row in of_drug if row.metric in TIMES]
    detail = {
        "drugs": drugs, "route": route, "level": level, "shares": shares, "vital": vital, "dissociation": levels,
        "times": times, "beside": [_beside(row) for row in rows if _is_beside(row)],
        "no_data": _no_data(drugs, route, of_drug), "left_out": dict(left_out),
    }  # fmt: skip
    studies = tuple(sorted(used))
    return Answer(
        question=_question(drugs, route),
        sentence=_sentence(detail),
        estimates={
            f"{each['treatment']}_{each['route']}_{each['measure']}_{each['period']}": Estimate(
                each["percent"], each["low_percent"], each["high_percent"], "percent of people", level
            )
            for each in shares
            if not each["healthy"]
        },
        detail=detail,
        basis=_basis(studies, of_drug, shares, left_out),
        assumptions={
            "same_period": "Side effects counted over the same period of treatment may be pooled, whatever the dose.",
            "whole_people": "A published percentage is the nearest whole number of people.",
        },
        caveats=CAVEATS,
        extrapolations=tuple(
            f"{each['spoken']}: nothing in the collected evidence for {each['of']}" for each in detail["no_data"]
        ),
        sources=studies,
        evidence_hash=fingerprint(*EVIDENCE_PARTS),
        seed=0,
        version=__version__,
    )


def _question(drugs: list[str], route: str | None) -> str:
    way = f"{Route(route).spoken} " if route else ""
    return f"Is {way}{' or '.join(drugs)} safe: which side effects, how often, for how long?"


def _is_beside(row: AdverseEffect) -> bool:
    """Shares that cannot be counted and are still worth showing: ranges, bounds, pools of makers and labels."""
    kind = load_safety_studies()[row.study_id].kind
    unsure = row.value is None or row.bound is not None or row.n is None or kind == "pool"
    return row.metric in {"share_of_people", "share_of_sessions", "count"} and unsure


def _common(row: AdverseEffect) -> dict[str, Any]:
    return {
        "study_id": row.study_id, "treatment": row.treatment, "route": row.route, "dose": dose_spoken(row),
        "measure": row.measure, "spoken": spoken(row.measure), "metric": row.metric, "people": row.people, "n": row.n,
        "time_h": row.time_h, "unit": row.unit, "bound": row.bound, "note": row.note, "source_id": row.source_id,
        "period_spoken": load_safety_studies()[row.study_id].spoken,
    }  # fmt: skip


def _vital(row: AdverseEffect, level: float) -> dict[str, Any]:
    """A number with its normal interval, where a spread and the people are published; a range of people as such."""
    from scipy.special import ndtri

    low = high = None
    if row.value is not None and row.dispersion_low is not None:
        error = row.dispersion_low
        if row.dispersion_kind == "sd":
            error = row.dispersion_low / row.n**0.5 if row.n else None
        if row.dispersion_kind in {"sd", "se"} and error is not None:
            half = float(ndtri(0.5 + level / 2)) * error
            low, high = row.value - half, row.value + half
    spread = row.dispersion_kind == "range"
    people = {"people_low": row.dispersion_low, "people_high": row.dispersion_high} if spread else {}
    return {**_common(row), "value": row.value, "low": low, "high": high, **people}


def _beside(row: AdverseEffect) -> dict[str, Any]:
    return {**_common(row), "value": row.value, "low": row.dispersion_low, "high": row.dispersion_high}


def _no_data(drugs: list[str], route: str | None, rows: list[AdverseEffect]) -> list[dict[str, str]]:
    """What people ask about and the collected evidence does not hold, by drug and route."""
    found = []
    for drug in drugs:
        for way in [Route(route)] if route else list(Route):
            mine = [row for row in rows if row.treatment == drug and row.route == way.value]
            if drug == Drug.ESKETAMINE and not mine and route is None:
                continue  # esketamine is given by fewer routes; only those with data, or asked for, are listed
            known = {row.measure for row in mine}
            if "dissociation" in known or "cadss" in known:
                known |= {"dissociation", "cadss"}
            missing = [spoken(each) for each in ASKED if each not in known]
            if missing:
                said = "any side effect or vital sign" if not mine else ", ".join(missing)
                found.append({"drug": drug, "route": way.value, "of": f"{way.spoken} {drug}", "spoken": said})
    return found


def _sentence(detail: dict[str, Any]) -> str:
    """The answer in words: the best-known treatment first, then the pressure, then what is not known."""
    parts = []
    chosen = _best_known(detail["shares"])
    if chosen:
        way = f"{Route(chosen[0]['route']).spoken} " if chosen[0]["route"] else ""
        told = ", ".join(
            f"{each['spoken']} {each['percent']:.0f} ({each['low_percent']:.0f} to {each['high_percent']:.0f}) against "
            f"{each['control']['percent']:.0f}"
            for each in chosen
        )
        parts.append(
            f"{_whose(chosen)} 100 people given {way}{chosen[0]['treatment']}, over {chosen[0]['period_spoken']} and "
            f"against placebo: {told}."
        )
        parts.append(f"Certainty for anxiety: {_worst(chosen)}.")
    else:
        parts.append("No published share of people with a side effect beside a control.")
    rises = [
        each["value"]
        for each in detail["vital"]
        if each["measure"] == "systolic_bp" and each["treatment"] != "placebo" and each["value"] is not None
    ]
    if rises:
        gone = [
            e["value"] for e in detail["times"] if e["measure"] == "blood_pressure" and e["metric"] != "time_to_peak"
        ]
        over = [value for value in gone if value is not None]
        span = f", and is back after {min(over):g} to {max(over):g} h" if len(over) > 1 else ""
        parts.append(
            f"Systolic pressure rises by {min(rises):.0f} to {max(rises):.0f} mmHg in the mean of "
            f"{'one study' if len(rises) == 1 else f'{len(rises)} groups'}{span}."
        )
    return " ".join(parts)


def _whose(chosen: list[dict[str, Any]]) -> str:
    """How a sentence of shares begins: whose they are first, where most of the people had no anxiety disorder."""
    borrowed = any("anxiety disorder" in reason for each in chosen for reason in each["certainty_reasons"])
    return "Counted in people most of whom had no anxiety disorder, of" if borrowed else "Of"


def _best_known(shares: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The four commonest side effects of the treatment and period with most people beside a control."""
    known = [each for each in shares if each["control"] and not each["healthy"]]
    groups: dict[tuple[Any, ...], int] = {}
    for each in known:
        key = (each["treatment"], each["route"], each["period"])
        groups[key] = max(groups.get(key, 0), each["people"] + each["control"]["people"])
    if not groups:
        return []
    best = max(groups, key=lambda key: groups[key])
    # choice: four are as many as a sentence carries
    return [each for each in known if (each["treatment"], each["route"], each["period"]) == best][:4]


def _worst(chosen: list[dict[str, Any]]) -> str:
    return min((each["certainty"] for each in chosen), key=LEVELS.index)


def _basis(
    studies: tuple[str, ...], rows: list[AdverseEffect], shares: list[dict[str, Any]], left_out: Counter[str]
) -> Basis:
    known = load_safety_studies()
    designs = Counter(
        f"{known[each].design.replace('_', ' ')}, {known[each].blinding.replace('_', ' ')}" for each in studies
    )
    size = {each: max((row.n or 0 for row in rows if row.study_id == each), default=0) for each in studies}
    # of two studies that share people only the larger is counted; pools of makers hold people of other studies
    pairs = {(row.study_id, row.overlaps) for row in rows if row.overlaps in size}
    shared = {min(pair, key=lambda each: size[str(each)]) for pair in pairs}
    people = sum(size[each] for each in studies if each not in shared and known[each].kind == "study")
    # the certainty of an answer is that of the numbers it says first; every number has its own
    graded = _best_known(shares) or [each for each in shares if not each["healthy"]]
    level = _worst(graded) if graded else LEVELS[0]
    reasons = dict.fromkeys(
        reason for each in graded if each["certainty"] == level for reason in each["certainty_reasons"]
    )
    return Basis(studies, people, dict(designs.most_common()), level, tuple(reasons), dict(left_out))
