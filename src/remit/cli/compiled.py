"""Compiled programs kept between runs, in the user's cache folder, so that a second run need not compile again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_task: list[str] = []


def begin(task: str) -> None:
    """Say what this process does: the programs that task used the last time are taken up as soon as any is.

    Args:
        task: a name of a file; empty for none.
    """
    _task[:] = [task] if task else []
    keep_values()


def end() -> None:
    """Note what the task used."""
    # a command that computed nothing has not loaded this
    program = sys.modules.get("remit.program")
    if program is not None and _task:
        program.note_used(_task[0])


def cache_folder() -> Path | None:
    """Where compiled programs are kept; None where no folder can be written to."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(home) / "remit" / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def keep_values() -> None:
    """Keep what is read and computed slowly and is the same each time; without a folder to write to nothing is."""
    from remit.kept import keep_in

    folder = cache_folder()
    if folder is not None:
        keep_in(folder / "values")


def keep_compiled(*, elsewhere: bool = False, threads: bool = False) -> None:
    """Keep what is compiled; without a folder to write to everything is compiled afresh each time.

    Args:
        elsewhere: evidence is read from another folder than the one that ships. Programs hold published numbers, so
            they are then not taken up from an earlier process.
        threads: people are drawn on several threads, each of which needs one of the compiler's.
    """
    # choice: one thread a program. Those of an answer are many and small, and sharing each between two processors takes
    # twice the processor time and longer to wait for
    if not threads:
        os.environ.setdefault("NPROC", "1")
    import jax

    from remit.program import keep_programs, take_up_ahead

    folder = cache_folder()
    if folder is None:
        return
    if not elsewhere:
        keep_programs(folder / "programs")
        keep_values()
        if _task:
            take_up_ahead(_task[0])
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # choice: every program is kept, also the small ones: there are hundreds and each costs tens of milliseconds
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
