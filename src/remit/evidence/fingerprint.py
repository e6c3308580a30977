"""A hash of the evidence, so that every answer and posterior says what it saw."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources.abc import Traversable

from remit.evidence.tables import published
from remit.vocabulary.errors import EvidenceRefused


def _walk(place: Traversable, name: str) -> list[tuple[str, Traversable]]:
    if place.is_file():
        return [(name, place)]
    return [
        found for child in place.iterdir() for found in _walk(child, f"{name}/{child.name}" if name else child.name)
    ]


def hash_of(files: list[tuple[str, bytes]]) -> str:
    """SHA-256 over names and contents in order of name; a change of line ends changes nothing."""
    digest = hashlib.sha256()
    for name, content in sorted(files):
        body = content.replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()


def is_part(name: str) -> bool:
    """Whether the evidence that is read has a file or folder of a name."""
    place = published() / name
    return place.is_file() or place.is_dir()


@cache
def fingerprint(*parts: str) -> str:
    """Hash of parts of the published evidence.

    Args:
        parts: files or folders, for example ``outcomes``; none means all of it.

    Raises:
        EvidenceRefused: there is no such part.
    """
    root = published()
    found: list[tuple[str, bytes]] = []
    for part in parts or ("",):
        place = root / part if part else root
        if part and not is_part(part):
            raise EvidenceRefused("there is no such part of the evidence", where=part)
        found += [(name, file.read_bytes()) for name, file in _walk(place, part) if "__pycache__" not in name]
    return hash_of(found)
