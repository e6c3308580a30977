"""How far long work is, in a file that another program reads: a line each time something is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from remit.vocabulary.errors import OutputRefused

APART_S = 0.2
"""choice: lines closer in time than this tell nobody more [s]."""
Report = Callable[[str, int, int], None]
ProgressFile = Annotated[
    Path | None,
    typer.Option(
        "--progress", help="Write how far it is to FILE: lines of JSON with stage, done, total, seconds.",
        metavar="FILE",
    ),
]  # fmt: skip


def writing(file: Path | None, report: Report) -> Report:
    """A report that goes to a file as well.

    Args:
        file: where to; None leaves the report as it is.
        report: of what is done: stage, steps done, steps in all.

    Raises:
        OutputRefused: the file cannot be written.
    """
    if file is None:
        return report
    try:
        file.write_text("")
    except OSError as fault:
        raise OutputRefused(f"{file} cannot be written ({fault.strerror})", where="--progress") from None
    begun = time.monotonic()
    last = ("", -1.0)

    def told(stage: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic() - begun
        if stage != last[0] or now - last[1] >= APART_S or done >= total:
            last = (stage, now)
            with file.open("a") as out:
                line = {"stage": stage, "done": int(done), "total": int(total), "seconds": round(now, 2)}
                out.write(json.dumps(line) + "\n")
        report(stage, done, total)

    return told
