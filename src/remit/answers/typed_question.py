"""A question as people type it, option by option, made into one that is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from remit.vocabulary.clock import HOURS_PER_DAY, parse_duration
from remit.vocabulary.dosing import parse_route
from remit.vocabulary.people import parse_diagnosis
from remit.vocabulary.typed_course import read_dose, read_drug, read_infusion, read_weight

if TYPE_CHECKING:
    from remit.answers.question import HowFast
    from remit.vocabulary.visits import History


def question_of(
    *,
    drug: str,
    route: str,
    dose: str,
    over: str | None,
    sessions: int,
    spacing: str,
    weight: str | None,
    level: float,
    extrapolate: bool,
    diagnosis: str | None = None,
    scale: str | None = None,
    baseline: float | None = None,
    **counts: int | None,
) -> HowFast:
    """The question that options ask, checked.

    Args:
        drug, route, dose, over, sessions, spacing, weight, level, extrapolate, diagnosis, scale, baseline: as typed.
        counts: ``seed``, ``people`` and ``draws``. What is left out keeps the default of the question.

    Raises:
        InputRefused: an option cannot be used; the message names it.
    """
    from remit.answers.question import HowFast

    way = parse_route(route, where="--route")
    asked = {
        "duration_h": read_infusion(over, way),
        "weight_kg": None if weight is None else read_weight(weight),
        "diagnosis": None if diagnosis is None else parse_diagnosis(diagnosis, where="--diagnosis"),
        "scale": scale,
        "baseline": baseline,
        **counts,
    }
    return HowFast(
        drug=read_drug(drug),
        route=way,
        amount=read_dose(dose),
        sessions=sessions,
        spacing_days=parse_duration(spacing, where="--spacing") / HOURS_PER_DAY,
        level=level,
        extrapolate=extrapolate,
        **{name: value for name, value in asked.items() if value is not None},
    )


def person_question(
    history: History,
    *,
    scale: str | None = None,
    drug: str | None = None,
    route: str | None = None,
    dose: str = "0.5mg/kg",
    over: str | None = None,
    sessions: int = 1,
    spacing: str = "2d",
    diagnosis: str | None = None,
    baseline: float | None = None,
    weight: str | None = None,
    seed: int | None = None,
    extrapolate: bool = False,
) -> HowFast:
    """What a person's record leaves open, as options fill it in.

    Args:
        history: the record; an option that is given goes before what it says.
        scale: of the answer; the one the person was rated on most often when None.
        drug, route, dose, over, sessions, spacing, diagnosis, baseline, weight, seed, extrapolate: as typed.

    Raises:
        InputRefused: an option cannot be used; the message names it.
    """
    from remit.answers.question import HowFast

    way = parse_route(route or history.route or "iv", where="--route")
    asked = {
        "weight_kg": history.weight_kg if weight is None else read_weight(weight),
        "duration_h": read_infusion(over, way),
        "seed": seed,
        "diagnosis": history.diagnosis if diagnosis is None else parse_diagnosis(diagnosis, where="--diagnosis"),
    }
    used = [score.scale.name for score in history.scores]
    return HowFast(
        drug=read_drug(drug or history.drug or "ketamine"),
        route=way,
        amount=read_dose(dose),
        sessions=sessions,
        spacing_days=parse_duration(spacing, where="--spacing") / HOURS_PER_DAY,
        scale=scale or (max(used, key=used.count) if used else "GAD-7"),
        baseline=baseline,
        extrapolate=extrapolate,
        **{name: value for name, value in asked.items() if value is not None},
    )
