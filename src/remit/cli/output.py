"""What a command says at its end: a page of text, or the same as JSON."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from remit.cli.typed import page_console


def print_json(value: Any) -> None:
    """Print plain values as JSON; a number that is not finite is a mistake of the program."""
    import json

    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


def print_answer(answer: dict[str, Any], page: str, pictures: Sequence[Path], *, as_json: bool) -> None:
    """Print an answer as JSON, or as its page with the names of the pictures that were drawn.

    Args:
        answer: plain values.
        page: name of the module of `remit.reports` that has ``COLUMNS`` and ``print_page``; imported only when needed.
        pictures: files that were written.
        as_json: nothing but JSON.
    """
    if as_json:
        print_json(answer)
        return
    module = importlib.import_module(f"remit.reports.{page}")
    console = page_console(module.COLUMNS)
    module.print_page(answer, console)
    for path in pictures:
        console.print(f"Picture: {path}")
