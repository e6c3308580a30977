"""lasting.csv: which published numbers say how long a benefit of ketamine or esketamine lasted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from remit.evidence.tables import Field, Row, published, read_csv
from remit.evidence.trials import Outcome, load_trial, load_trials
from remit.vocabulary.errors import EvidenceRefused

FILE = "lasting.csv"
AFTER = ("one", "series", "maintenance", "stopped")
"""After one dose, after a series, while sessions go on, or once sessions of stable people were stopped."""
KINDS = ("time_to_loss", "last_difference", "at_last_look", "kept", "lost")
FIELDS = (
    Field("study_id", required=True),
    Field("arm_id", required=True),
    Field("scale", required=True),
    Field("metric", required=True),
    Field("value", "number", required=True),
    Field("after", required=True, choices=AFTER),
    Field("kind", required=True, choices=KINDS),
    Field("beside"),
    Field("words", required=True),
)


@dataclass(frozen=True, slots=True)
class Lasting:
    """One published number about how long it lasts.

    Attributes:
        row: the number itself, with its source.
        after: one of `AFTER`.
        kind: a median ``time_to_loss``; the ``last_difference`` from a control; benefit still there ``at_last_look``,
            so that its end was not seen; a share of people who ``kept`` or ``lost`` it.
        beside: what people were given beside the drug; None where nothing is stated.
        words: what the number says.
    """

    row: Outcome
    after: str
    kind: str
    beside: str | None
    words: str

    @property
    def time_h(self) -> float | None:
        """When it was seen [h]: since the last dose where stated, else since the first; None where not stated."""
        if self.row.unit == "hours":
            return self.row.value
        return self.row.time_h if self.row.time_since_last_dose_h is None else self.row.time_since_last_dose_h


def lasting_of(row: Row) -> Lasting:
    """The published number that a line of the file points to.

    Raises:
        EvidenceRefused: no outcome of the study is that number, or several are.
    """
    same = [
        each
        for each in load_trial(row["study_id"]).outcomes
        if (each.arm_id, each.scale, each.metric) == (row["arm_id"], row["scale"], row["metric"])
        and each.value == row["value"]
    ]
    if len(same) != 1:
        raise EvidenceRefused(
            f"{row['value']:g} of {row['arm_id']} on {row['scale']} is {len(same)} rows of outcomes/"
            f"{row['study_id']}.csv",
            allowed="exactly one",
            where=row.where,
        )
    return Lasting(same[0], row["after"], row["kind"], row["beside"], row["words"])


@cache
def load_lasting() -> tuple[Lasting, ...]:
    """Every published number about how long it lasts, those about anxiety, PTSD and OCD first; none retracted.

    Raises:
        EvidenceRefused: the file is malformed.
    """
    trials = load_trials()
    found = [lasting_of(row) for row in read_csv(published() / FILE, FIELDS, FILE)]
    direct = ("anxiety", "ptsd", "ocd")
    kept = [each for each in found if not trials[each.row.study_id].is_retracted]
    return tuple(sorted(kept, key=lambda each: trials[each.row.study_id].domain not in direct))
