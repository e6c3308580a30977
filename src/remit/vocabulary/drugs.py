"""Names of drugs and how they are related. No numbers: those are evidence."""

from __future__ import annotations

from enum import StrEnum


class Drug(StrEnum):
    """What is given in a session."""

    KETAMINE = "ketamine"
    ESKETAMINE = "esketamine"

    @property
    def is_racemate(self) -> bool:
        """Half S-, half R-ketamine."""
        return self is Drug.KETAMINE


class Analyte(StrEnum):
    """What is measured in plasma."""

    KETAMINE = "ketamine"
    ESKETAMINE = "esketamine"
    NORKETAMINE = "norketamine"
    NORESKETAMINE = "noresketamine"
    HYDROXYNORESKETAMINE = "hydroxynoresketamine"


METABOLITE_OF = {
    Analyte.NORKETAMINE: Analyte.KETAMINE,
    Analyte.NORESKETAMINE: Analyte.ESKETAMINE,
    Analyte.HYDROXYNORESKETAMINE: Analyte.NORESKETAMINE,
}
"""Each metabolite and what it is formed from."""
