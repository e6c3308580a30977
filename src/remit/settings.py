"""The facts of one installation, read once from the environment; no science.

REMIT_HOST          address the pages are served on (127.0.0.1)
REMIT_PORT          port (8000)
REMIT_PLACE         name of the clinic or service that runs it
REMIT_CRISIS        whom to call in a crisis: "Name: how to reach them; Name: how to reach them"
REMIT_UPLOAD_KB     largest body of a request [KiB] (512)
REMIT_JOBS          analyses of uploaded tables at one time (1)
REMIT_KEPT_ANSWERS  answers kept in memory (256)
REMIT_CALIBRATE     folder a new fit may be written to from the pages; none may be begun where it is left out
REMIT_WORKERS       processes that compute answers (one a processor, four at most); 0 computes in the server itself
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from remit.vocabulary.errors import InputRefused

MOST_WORKERS = 4
"""choice: each process holds the programs of the answers, about half a gigabyte; more are for who asks for them."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a person in a crisis can reach, and how."""

    name: str
    reach: str


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation.

    Attributes:
        host, port: where the pages are served.
        place: name of the clinic or service; empty where none is set.
        crisis: contacts shown on every page; none is invented.
        upload_kb: largest body of a request [KiB].
        jobs: analyses of uploaded tables at one time.
        kept_answers: answers kept in memory.
        workers: processes that compute answers; none computes in threads of the server.
        calibrate: folder that a new fit may be written to; None allows none.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    place: str = ""
    crisis: tuple[Contact, ...] = ()
    upload_kb: int = 512
    jobs: int = 1
    kept_answers: int = 256
    workers: int = 0
    calibrate: Path | None = None


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this installation.

    Args:
        environment: names to values; that of the process when None.

    Raises:
        InputRefused: a value cannot be used; the message names it.
    """
    known = os.environ if environment is None else environment
    plain = Settings()
    return Settings(
        host=known.get("REMIT_HOST", "").strip() or plain.host,
        port=_whole(known, "REMIT_PORT", plain.port, 0, 65535),
        place=known.get("REMIT_PLACE", "").strip(),
        crisis=_contacts(known.get("REMIT_CRISIS", "")),
        upload_kb=_whole(known, "REMIT_UPLOAD_KB", plain.upload_kb, 1, 100_000),
        jobs=_whole(known, "REMIT_JOBS", plain.jobs, 1, 64),
        kept_answers=_whole(known, "REMIT_KEPT_ANSWERS", plain.kept_answers, 1, 100_000),
        workers=_whole(known, "REMIT_WORKERS", min(MOST_WORKERS, os.cpu_count() or 1), 0, 64),
        calibrate=_own_folder(known.get("REMIT_CALIBRATE", "").strip()),
    )


def _own_folder(text: str) -> Path | None:
    """A folder outside the package: what ships with remit is never written over from a page."""
    if not text:
        return None
    folder = Path(text).expanduser().resolve()
    if folder.is_relative_to(Path(__file__).parent.resolve()):
        raise InputRefused(
            f"{text!r} lies inside remit, where the posterior that ships with it is",
            allowed="a folder of your own; only remit calibrate writes over what ships", where="REMIT_CALIBRATE",
        )  # fmt: skip
    return folder


def _whole(known: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = known.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise InputRefused(f"{text!r} is no setting", allowed=f"a whole number, {low} to {high}", where=name)
    return int(text)


def _contacts(text: str) -> tuple[Contact, ...]:
    found = []
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, colon, reach = (each.strip() for each in part.partition(":"))
        if not (name and colon and reach):
            raise InputRefused(
                f"{part!r} is no contact", allowed="Name: how to reach them; Name: how to reach them",
                where="REMIT_CRISIS",
            )  # fmt: skip
        found.append(Contact(name, reach))
    return tuple(found)
