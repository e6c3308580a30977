"""release.yaml: which release of the evidence this is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from remit.evidence.fingerprint import fingerprint
from remit.evidence.tables import Field, check_record, parse_yaml, published, read_text

FILE = "release.yaml"
FIELDS = (Field("version", "integer", required=True, low=1), Field("date", required=True))


@dataclass(frozen=True, slots=True)
class Release:
    """A release of the evidence.

    Attributes:
        version: its number; a later one is larger.
        date: when it was made.
        hash: of every file of it.
    """

    version: int
    date: str
    hash: str

    def __str__(self) -> str:
        return f"Evidence release {self.version}, {self.date}, {self.hash[:12]}"


@cache
def load_release() -> Release:
    """The release that is here.

    Raises:
        EvidenceRefused: the file is malformed.
    """
    text = read_text(published() / FILE, FILE)
    values = check_record(parse_yaml(text, FILE), FIELDS, FILE, text)
    return Release(values["version"], values["date"], fingerprint())
