"""Values that are slow to make, kept in a folder between processes, and found again while all they depend on stands.

Nothing is kept unless `keep_in` says where.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Hashable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

Made = TypeVar("Made")
STATES_KEPT = 3
"""choice: states of the source whose values are kept; enough to go back and forth between two versions."""

_places: list[Path] = []


def keep_in(folder: Path) -> None:
    """Keep values in a folder, from now on and in this process.

    Only the owner may be able to write to it: what lies there is taken for what it says.
    """
    _places[:] = [folder]


def kept(name: str, make: Callable[[], Made]) -> Made:
    """A value, kept where values are.

    Args:
        name: says everything it depends on apart from the source of this package and what is published in it.
        make: makes it where it is not there yet; what it raises is raised, and nothing is kept.
    """
    if not _places:
        return make()
    import pickle

    file = folder_of_state(_places[0], (sys.version,)) / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.pickle"
    try:
        return cast("Made", pickle.loads(file.read_bytes()))  # noqa: S301 (the user's own folder)
    except Exception:  # noqa: BLE001 (not there, cut short or of another version: made anew in each case)
        made = make()
    with contextlib.suppress(OSError, TypeError, pickle.PickleError):
        write_whole(file, pickle.dumps(made, protocol=pickle.HIGHEST_PROTOCOL))
    return made


def write_whole(file: Path, content: bytes) -> None:
    """Write a file that others see only once it is complete."""
    import tempfile

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
    os.replace(temporary, file)


@cache
def folder_of_state(place: Path, settings: Hashable) -> Path:
    """The folder of what this source makes; older ones are removed.

    Args:
        place: where the folders of all states are.
        settings: what else the values in it depend on.
    """
    own = place / _state(settings)
    if own.is_dir():
        with contextlib.suppress(OSError):
            os.utime(own)  # used today
    else:
        try:
            states = sorted((each for each in place.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
            for old in states[: max(0, len(states) - STATES_KEPT + 1)]:
                for file in old.iterdir():
                    file.unlink()
                old.rmdir()
        except OSError:
            pass  # nothing there yet, or somebody else removes it
    return own


def _state(settings: Hashable) -> str:
    source = sorted(_files(Path(__file__).parent))
    return hashlib.sha256(repr((source, settings)).encode()).hexdigest()[:16]


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Every file of the source with its size and when it was written; published numbers are among them."""
    for entry in os.scandir(folder):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(Path(entry.path))
        else:
            known = entry.stat()
            yield entry.path, known.st_size, known.st_mtime_ns
