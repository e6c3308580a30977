"""What people type for a question about sessions, read once for every face that asks for it."""

from __future__ import annotations

from remit.vocabulary.clock import parse_duration
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused, OutOfRange, UnitRefused
from remit.vocabulary.units import Amount, parse_amount


def read_drug(text: str) -> Drug:
    """The drug of ``--drug``.

    Raises:
        InputRefused: there is none of that name.
    """
    try:
        return Drug(text.strip().lower())
    except ValueError:
        raise InputRefused(f"unknown drug {text!r}", allowed=", ".join(Drug), where="--drug") from None


def read_dose(text: str) -> Amount:
    """The dose of ``--dose``.

    Raises:
        InputRefused: it has no unit, or none of a dose, or is not above zero.
    """
    try:
        return parse_amount(text, where="--dose")
    except OutOfRange as refusal:
        raise OutOfRange(refusal.what, allowed=refusal.allowed, where="--dose") from None


def read_weight(text: str) -> float:
    """The body weight of ``--weight`` [kg].

    Raises:
        UnitRefused: it is not a number of kg.
    """
    number = text.strip().lower().removesuffix("kg").strip()
    try:
        return float(number)
    except ValueError:
        raise UnitRefused(
            f"{text!r} is not a body weight", allowed="a number of kg, for example 74", where="--weight"
        ) from None


def read_infusion(text: str | None, route: Route) -> float | None:
    """The length of an infusion of ``--over`` [h]; None when it was left out.

    Raises:
        InputRefused: the route has none, or it is no duration.
    """
    if text is None:
        return None
    if route is not Route.IV:
        raise InputRefused(f"{route.spoken} doses have no infusion time", remedy="Leave --over out", where="--over")
    return parse_duration(text, where="--over")
