"""A session to plan as people type it."""

from __future__ import annotations

from remit.safety.policy import find_policy
from remit.safety.session import SessionPlan, plan_session
from remit.vocabulary.clock import MINUTES_PER_HOUR
from remit.vocabulary.dates import read_dates
from remit.vocabulary.dosing import Route, parse_route
from remit.vocabulary.typed_course import read_dose, read_drug, read_infusion


def typed_session(
    start: str, *, drug: str, route: str, dose: str, over: str | None = None, policy: str | None = None
) -> SessionPlan:
    """The plan of a session.

    Args:
        start: of the dose, for example ``2026-12-01 09:30``.
        drug, route, dose: of the dose.
        over: length of an infusion; the usual one when None.
        policy: how rules are read; the default one when None.

    Raises:
        InputRefused: something typed cannot be used; the message names it.
    """
    way = parse_route(route, where="--route")
    amount = read_dose(dose)
    given = read_infusion(over, way)
    # choice: the length most trials of an infusion used, as in remit how-fast
    minutes = (40.0 if way is Route.IV else 0.0) if given is None else MINUTES_PER_HOUR * given
    (when,), _ = read_dates([start], ["--start"])
    return plan_session(read_drug(drug), way, amount, when, minutes, find_policy(policy))
