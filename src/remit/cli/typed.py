"""What people type for a question about sessions, read once for every command that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from remit.vocabulary.clock import parse_duration
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused, OutOfRange, OutputRefused, UnitRefused
from remit.vocabulary.units import Amount, parse_amount

if TYPE_CHECKING:
    from rich.console import Console


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
        raise InputRefused(f"a {route.spoken} dose has no infusion time", remedy="Leave --over out", where="--over")
    return parse_duration(text, where="--over")


def check_pictures(paths: Sequence[Path], theme: str) -> None:
    """Refuse pictures that could not be written, before anything slow begins.

    Raises:
        InputRefused: a path has no ending of a picture, or there is no such theme.
        OutputRefused: a picture cannot be written there.
    """
    if not paths:
        return
    from remit.reports.palette import find_theme
    from remit.reports.picture import check_path

    find_theme(theme)
    for path in paths:
        check_path(path)


def page_console(columns: int) -> Console:
    """A console for a page of so many columns; narrower on a narrow screen.

    Args:
        columns: of the page.
    """
    from rich.console import Console

    console = Console(highlight=False)
    console.width = min(console.width, columns) if console.is_terminal else columns
    return console


def check_page(path: Path) -> None:
    """Refuse a page that could not be written, before anything slow begins.

    Raises:
        InputRefused: the path does not end in ``.html``.
        OutputRefused: it cannot be written there.
    """
    from remit.reports.picture import check_path

    if path.suffix.lower() != ".html":
        raise InputRefused(f"{path} is no page", allowed="a file that ends in .html", where="--html")
    try:
        check_path(path)
    except OutputRefused as refusal:
        raise OutputRefused(refusal.what, remedy=refusal.remedy, where="--html") from None
