"""One study beside what the model predicts for it from all the other studies: what a trial says to whoever doubts."""

from __future__ import annotations

from dataclasses import dataclass

from remit.evidence.trials import Outcome, load_trials
from remit.inference.check_tables import load_held_out
from remit.inference.row_check import LEVELS, HeldOut

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Predicted:
    """A published outcome beside its prediction by a model that had not seen the study.

    Attributes:
        arm, treatment: whose outcome.
        scale, what: how it was rated, and which kind of number it is (``total``, ``change`` ...).
        time_h: since the first session or tablet [h].
        observed, median: published, and predicted; totals and changes [points], shares [%].
        intervals: of the prediction at each of ``levels``, the narrowest first.
        percentile: share of the prediction below the published value [fraction].
    """

    arm: str
    treatment: str
    scale: str
    what: str
    time_h: float
    observed: float
    median: float
    intervals: tuple[Ends, ...]
    percentile: float

    @property
    def is_inside(self) -> bool:
        """Whether the published value lies in the widest interval."""
        low, high = self.intervals[-1]
        return low <= self.observed <= high


@dataclass(frozen=True, slots=True)
class TrialPredicted:
    """What the other studies predict of one study.

    Attributes:
        study: its id.
        levels: of the intervals [fraction].
        rows: its outcomes in the order of the file; SDs are left out.
        is_refitted: whether the model was fitted again without it; else the full fit was weighted.
    """

    study: str
    levels: tuple[float, ...]
    rows: tuple[Predicted, ...]
    is_refitted: bool


def trial_predicted(study: str) -> TrialPredicted | None:
    """The outcomes of a study beside what all other studies predict of them.

    Args:
        study: its id.

    Returns:
        None where no row of the study was used, so that nothing was predicted.

    Raises:
        StalePosterior: the check was not made.
    """
    own = [each for each in load_held_out() if each.row.study == study and not each.spread]
    if not own:
        return None
    lines = {(row.file, row.line): row for row in load_trials()[study].outcomes}
    rows = tuple(_predicted(each, lines[_place(each.row.origin)]) for each in own)
    return TrialPredicted(study, LEVELS, rows, own[0].refitted)


def _place(origin: str) -> tuple[str, int]:
    file, _, line = origin.rpartition(":")
    return file, int(line)


def _predicted(each: HeldOut, row: Outcome) -> Predicted:
    arm = load_trials()[row.study_id].arm(row.arm_id)
    return Predicted(
        row.arm_id, arm.treatment, row.scale, each.row.what.split(",")[0], row.time_h or 0.0, each.row.observed,
        each.row.median, each.row.intervals, each.percentile,
    )  # fmt: skip
