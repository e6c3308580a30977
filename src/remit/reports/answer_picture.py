"""The picture of an answer as a file, whatever was asked."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from remit.reports.frame import save_framed


def save_answer(word: str, answer: dict[str, Any], path: Path, theme: str = "light") -> Path:
    """Write the picture of an answer; the ending of the path chooses the kind.

    Args:
        word: of the question: ``how_long`` is drawn by `remit.reports.how_long_chart`, whose ``how_long_chart`` is the
            picture, ``described`` its words, and ``tables`` what stands under it in an ``.html`` file.
        answer: `Answer.as_dict()`.
        path: ``.svg``, ``.png``, ``.pdf`` or ``.html``.
        theme: ``light`` or ``dark``.

    Raises:
        InputRefused, OutputRefused: see `remit.reports.picture.check_path`.
    """
    drawn_by = import_module(f"remit.reports.{word}_chart")
    specification = getattr(drawn_by, f"{word}_chart")(answer, theme)
    return save_framed(specification, answer, drawn_by.described(answer), drawn_by.tables(answer), path)
