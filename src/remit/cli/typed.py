"""What people type for a question about sessions, and what is checked before anything slow begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from remit.vocabulary.errors import InputRefused, OutputRefused
from remit.vocabulary.typed_course import read_dose, read_drug, read_infusion, read_weight

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "check_page",
    "check_pictures",
    "column_names",
    "page_console",
    "read_dose",
    "read_drug",
    "read_infusion",
    "read_weight",
]


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


def column_names(given: Sequence[str]) -> dict[str, str]:
    """What columns are called in a table, by the name they have a meaning under.

    Args:
        given: ``NAME=COLUMN``, as typed.

    Raises:
        InputRefused: one is not of that form.
    """
    return named(given, "column", "DV=conc")


def named(given: Sequence[str], what: str, example: str) -> dict[str, str]:
    """Texts by name, of an option that may be repeated.

    Args:
        given: ``NAME=TEXT``, as typed.
        what: a text is, and the option is called.
        example: of one.

    Raises:
        InputRefused: one is not of that form.
    """
    found = {}
    for text in given:
        name, _, value = (part.strip() for part in text.partition("="))
        if not (name and value):
            raise InputRefused(
                f"{text!r} names no {what}", allowed=f"NAME={what.upper()}, for example {example}", where=f"--{what}"
            )
        found[name] = value
    return found


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
