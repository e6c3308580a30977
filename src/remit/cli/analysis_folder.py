"""The folder an analysis is written to, and the long work that fills it, the same in every command that fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from remit.cli.compile_alarm import quiet_compiler
from remit.cli.progress_file import writing
from remit.vocabulary.errors import InputRefused, OutOfRange, OutputRefused

UNDER_WAY = "under_way"
"""Folder inside, of what is done while the work goes on."""
KINDS = ("svg", "png", "pdf")
"""Of picture files."""


def check_kinds(kinds: Sequence[str] | None) -> None:
    """Refuse a kind of picture that cannot be drawn.

    Raises:
        InputRefused: there is none of that name.
    """
    for kind in kinds or []:
        if kind not in KINDS:
            raise InputRefused(f"unknown kind of picture {kind!r}", allowed=", ".join(KINDS), where="--picture")


def check_level(level: float) -> None:
    """Refuse a level that no interval has.

    Raises:
        OutOfRange: it is below one half, or one and more.
    """
    if not 0.5 <= level < 1:
        raise OutOfRange(
            f"{level} is no level of an interval", allowed="0.5 to below 1, for example 0.95", where="--level"
        )


def made(out: Path | None) -> None:
    """Make the folder of ``--out`` where there is none.

    Raises:
        OutputRefused: it is a file, or cannot be made.
    """
    if out is None:
        return
    if out.exists() and not out.is_dir():
        raise OutputRefused(f"{out} is a file", remedy="Give the name of a folder", where="--out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise OutputRefused(f"{out} cannot be made ({fault.strerror})", where="--out") from None


def run_shown(
    work: Any, out: Path | None, first: str, kept: Callable[[Path | None], str], progress_file: Path | None = None
) -> Any:
    """Do long work with its progress shown; an interruption says what is kept.

    Args:
        work: takes a function of (stage, done, total or None) and the folder for what is done, or None.
        out: folder of the analysis; None keeps nothing.
        first: what is shown before the first report.
        kept: what an interruption leaves in the folder, in words; an empty text is not said.
        progress_file: where how far it is is written as well.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    folder = None
    if out is not None:
        folder = out / UNDER_WAY
        folder.mkdir(exist_ok=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(first, total=None)
        shown = writing(
            progress_file,
            lambda stage, done, total: progress.update(task, description=stage, completed=done, total=total),
        )
        try:
            with quiet_compiler():
                return work(shown, folder)
        except KeyboardInterrupt:
            progress.stop()
            if said := kept(folder):
                typer.echo(said, err=True)
            raise
