"""Every refusal remit can give, as one tree.

    RemitError                    1
    ├── InputRefused              2   an option, a value or a file of the user cannot be used
    │   ├── UnitRefused           2   the unit is missing or of the wrong kind
    │   └── OutOfRange            2   the number lies outside what its kind allows
    ├── EvidenceRefused           3   a file of the evidence is malformed (file, line, column, value)
    ├── NotConverged              4   a fit did not meet its diagnostics; nothing is shown or written
    ├── StalePosterior            5   a posterior was fitted to other evidence than today's
    ├── OutputRefused             6   a result cannot be written where it was asked for
    └── ExtrapolationRefused      7   beyond anything published, and not explicitly asked for

The number is the exit code of the command line. Codes are stable; a retired code is never used again.
A message says what was given, what is allowed and what to do next.
"""

from __future__ import annotations


class RemitError(Exception):
    """A refusal with a reason.

    Args:
        what: what was given and why it cannot be used.
        allowed: what would be accepted, in plain words.
        remedy: what to do next, as an instruction.
        where: the place of the fault: a file and line, an option, a patient.
    """

    exit_code = 1

    def __init__(self, what: str, *, allowed: str = "", remedy: str = "", where: str = "") -> None:
        self.what = what
        self.allowed = allowed
        self.remedy = remedy
        self.where = where
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        parts = [head.rstrip(".") + "."]
        if self.allowed:
            parts.append(f"Allowed: {self.allowed.rstrip('.')}.")
        if self.remedy:
            parts.append(self.remedy if self.remedy.endswith("?") else self.remedy.rstrip(".") + ".")
        return " ".join(parts)


class InputRefused(RemitError):
    """An option, a value or a file of the user cannot be used."""

    exit_code = 2


class UnitRefused(InputRefused):
    """The unit is missing or of the wrong kind."""


class OutOfRange(InputRefused):
    """The number lies outside what its kind allows."""


class EvidenceRefused(RemitError):
    """A file of the evidence is malformed."""

    exit_code = 3


class NotConverged(RemitError):
    """A fit did not meet its diagnostics, so it is not a result."""

    exit_code = 4


class StalePosterior(RemitError):
    """A posterior was fitted to other evidence than today's."""

    exit_code = 5


class OutputRefused(RemitError):
    """A result cannot be written where it was asked for."""

    exit_code = 6


class ExtrapolationRefused(RemitError):
    """The question lies beyond anything published and was not explicitly asked for as an extrapolation."""

    exit_code = 7
