"""How a question stands to the evidence: what was assumed, what to beware of, where it goes beyond."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from remit.answers.answer import Basis
from remit.answers.basis import Baselines, selection
from remit.answers.question import HowFast, largest_dose_mg
from remit.evidence.assumptions import load_assumptions
from remit.evidence.trials import load_trials
from remit.inference.selection import DIAGNOSES, POOLS, is_session_drug
from remit.vocabulary.clock import HOURS_PER_WEEK, spoken
from remit.vocabulary.drugs import Drug
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.units import DoseUnit

UNTESTED = ("route:", "diagnosis:", "dose:", "series:")
"""How lines begin that say that what was asked was not tested, rather than where the data end."""
UNTRIED = "No usable trial tested exactly this; carried over from others: "
ALWAYS_USED = ("effect_site_half_life", "drive_c50", "acute_c50", "metabolite_potency")


@dataclass(frozen=True, slots=True)
class SessionArm:
    """A ketamine arm among the rows used.

    Attributes:
        study, route, drug, diagnosis: of the arm.
        dose_times_h: start of each session [h].
        seen_until_h: latest time it was rated [h].
    """

    study: str
    route: str
    drug: str
    diagnosis: str
    dose_times_h: tuple[float, ...]
    seen_until_h: float


@cache
def session_arms() -> tuple[SessionArm, ...]:
    """Every ketamine arm in use that is not pooled, once a diagnosis."""
    trials = load_trials()
    found: dict[tuple[str, str, str], SessionArm] = {}
    for study, rows in selection().used.items():
        trial = trials[study]
        if trial.kind in POOLS:
            continue
        for row in rows:
            arm = trial.arm(row.arm_id)
            if not is_session_drug(arm):
                continue
            diagnosis = DIAGNOSES.get(row.population, "")
            place = (study, arm.arm_id, diagnosis)
            before = found[place].seen_until_h if place in found else 0.0
            found[place] = SessionArm(
                study,
                arm.route or "",
                arm.treatment,
                diagnosis,
                arm.dose_times_h or (0.0,),
                max(before, row.time_h or 0.0),
            )
    return tuple(found.values())


def rated_at(question: HowFast) -> dict[float, int]:
    """When people were rated in ketamine arms like this one: hours after the first session [h] to number of studies.

    One session is held against arms of one session; a series against arms of several.
    """
    trials = load_trials()
    seen: dict[float, set[str]] = {}
    for arm in _like(question):
        for row in selection().used[arm.study]:
            if row.time_h and is_session_drug(trials[arm.study].arm(row.arm_id)):
                seen.setdefault(row.time_h, set()).add(arm.study)
    return {time: len(studies) for time, studies in sorted(seen.items())}


def data_until_h(question: HowFast) -> float:
    """How long after their first session people were rated in arms like this one [h]."""
    return max(rated_at(question), default=0.0)


def _like(question: HowFast) -> list[SessionArm]:
    return [arm for arm in session_arms() if (len(arm.dose_times_h) == 1) == (question.sessions == 1)]


def used_assumptions(question: HowFast, kinetic: tuple[str, ...]) -> dict[str, str]:
    """Fixed assumptions the answer used, by id, and what was assumed or borrowed about the kinetics."""
    known = load_assumptions()
    ids = [*ALWAYS_USED, *(["racemate_potency"] if question.drug.is_racemate else [])]
    if question.the_scale().within_person_sd is None:
        ids.append("within_person_sd")
    if question.weight_kg == known["default_weight"].value:
        ids.append("default_weight")
    found = {name: known[name].statement for name in ids}
    found |= {f"kinetics_{number}": text[:1].upper() + text[1:] + "." for number, text in enumerate(kinetic, 1)}
    priors = sum(assumption.kind == "prior" for assumption in known.values())
    found["priors"] = (
        f"Beliefs before the data: {priors} documented priors, which the published arms update (assumptions.yaml)."
    )
    return found


def caveats(question: HowFast, basis: Basis) -> tuple[str, ...]:
    """What a reader must know before using the answer."""
    found = [
        "Most fast, large effects come from studies in which everybody knew what was given; where masking was good "
        "they shrink or "
        "vanish. The bias of such studies is estimated and left out of the answer.",
        f"The certainty is {basis.certainty}: {'; '.join(basis.certainty_reasons)}.",
        "Relief in the first hours includes the acute effect of the session itself; the hours of a session before "
        "its second are not counted as a response.",
        "Receptor occupancy and plasticity have not been measured reliably in people; these steps of the model are "
        "assumptions.",
        "Traits of people are taken as independent of each other, because published arms do not show how they go "
        "together.",
    ]
    if question.sessions > 1:
        found.append(
            "How sessions add up rests on few trials of series; much of it comes from the beliefs before the data."
        )
    found.append(
        "Not medical advice, and no advice on dose for a person alone: a clinician who supervises treatment decides."
    )
    return tuple(found)


def extrapolations(question: HowFast, known_baselines: Baselines | None) -> tuple[str, ...]:
    """Where the question goes beyond the evidence, each in one line."""
    arms = session_arms()
    return (
        *_beyond_doses(question),
        *_beyond_people(question, arms, known_baselines),
        *_beyond_time(question, arms),
    )


def warned(told: str, beyond: Iterable[str]) -> str:
    """An answer in words, with the warning before its first number where no trial tested what was asked.

    Args:
        told: the answer.
        beyond: where the question goes beyond the evidence, as `extrapolations` gives it.
    """
    return f"{UNTRIED}{told[:1].lower()}{told[1:]}" if any(line.startswith(UNTESTED) for line in beyond) else told


def _beyond_doses(question: HowFast) -> list[str]:
    found = []
    known = largest_dose_mg(question.drug, question.route, question.weight_kg)
    dose = question.amount.in_mg(question.weight_kg)
    name = f"{question.route.spoken} {question.drug}"
    if known is None:
        found.append(f"route: no published trial here gave {name}, so the dose cannot be compared with one")
    elif dose > known * (1.0 + 1e-6):
        found.append(
            f"dose: {dose:.3g} mg is above the largest published one for this route ({known:.3g} mg at this weight)"
        )
    elif dose < 0.5 * (smallest := smallest_dose_mg(question.drug, question.route.value, question.weight_kg) or 0.0):
        found.append(
            f"dose: {dose:.3g} mg is less than half of the smallest published one for this route ({smallest:.3g} mg)"
        )
    return found


@lru_cache(maxsize=256)
def smallest_dose_mg(drug: Drug, route: str, weight_kg: float) -> float | None:
    """Smallest dose of one session among the ketamine arms in use [mg], for a body weight; None where there is none."""
    trials = load_trials()
    doses = [
        arm.dose_value * (weight_kg if arm.dose_unit == DoseUnit.MG_PER_KG else 1.0)
        for own in session_arms()
        for arm in trials[own.study].arms
        if arm.treatment == drug.value and arm.route == route and arm.dose_value
    ]
    return min(doses, default=None)


def _beyond_people(question: HowFast, arms: tuple[SessionArm, ...], known: Baselines | None) -> list[str]:
    found = []
    if not any(arm.route == question.route.value and arm.drug == question.drug.value for arm in arms):
        found.append(
            f"route: no usable anxiety trial of {question.route.spoken} {question.drug}; the response is carried "
            f"over by concentration alone"
        )
    same = [arm for arm in arms if arm.diagnosis == question.diagnosis.value]
    if not same:
        found.append(
            f"diagnosis: no usable ketamine trial in {_whom(question.diagnosis)}; carried over from other diagnoses"
        )
    elif not any(arm.route == question.route.value and arm.drug == question.drug.value for arm in same):
        found.append(
            f"diagnosis: no usable trial of {question.route.spoken} {question.drug} in {_whom(question.diagnosis)}; "
            "carried over from other diagnoses and routes"
        )
    if question.baseline is not None and known is not None and not known.low <= question.baseline <= known.high:
        found.append(
            f"baseline: {question.baseline:g} lies outside the mean baselines of published arms ({known.low:.3g} to "
            f"{known.high:.3g})"
        )
    weight = load_assumptions()["default_weight"]
    if not weight.low <= question.weight_kg <= weight.high:
        found.append(
            f"weight: {question.weight_kg:g} kg lies outside the kinetic data ({weight.low:g} to {weight.high:g} kg)"
        )
    return found


def _whom(diagnosis: Diagnosis) -> str:
    """Whom a trial would have to treat; a trial of one anxiety disorder is no trial of all of them."""
    more = " of several kinds together" if diagnosis is Diagnosis.MIXED_ANXIETY else ""
    return f"{diagnosis.spoken}{more}"


def _beyond_time(question: HowFast, arms: tuple[SessionArm, ...]) -> list[str]:
    found = []
    last = data_until_h(question)
    if question.follow_up_h > last:
        words = "ketamine given once" if question.sessions == 1 else "series like this one"
        found.append(
            f"time: people who had {words} were followed for {spoken(round(last))}; what is drawn beyond is the "
            f"model alone"
        )
    longest = max((arm.dose_times_h[-1] for arm in arms), default=0.0)
    if question.last_dose_h > longest:
        found.append(f"series: it lasts longer than any in use ({longest / HOURS_PER_WEEK:.2g} weeks)")
    most = max((len(arm.dose_times_h) for arm in arms), default=0)
    if question.sessions > most:
        found.append(f"series: more sessions than in any trial in use ({most})")
    return found
