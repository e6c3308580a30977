"""What can be read off a curve without a model, and what cannot: inside a candidate it may fall anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from remit.inference.events.turnbull import Masses

ROUNDING = 1e-10
"""Of sums of masses that should meet a share exactly."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """Time by which a share of people has had the event.

    Attributes:
        time: by straight lines inside candidates [unit of the table]; inf where the share is never reached, nan where
            it is reached after the last end of an interval, nobody knows when.
        low, high: any time between them is as likely.
    """

    time: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StepCurve:
    """Candidates with mass, in order.

    Attributes:
        left, right, mass: (steps,).
    """

    left: np.ndarray
    right: np.ndarray
    mass: np.ndarray

    def survival(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Chance of no event by each time: by straight lines, and the smallest and largest that are as likely.

        Args:
            times: [unit of the table] (times,).
        """
        total = np.concatenate([[0.0], np.cumsum(self.mass)])
        passed = total[np.searchsorted(self.right, times, side="right")]
        begun = total[np.searchsorted(self.left, times, side="left")]
        begun = np.maximum(begun, passed)
        inside = np.flatnonzero(begun > passed)
        share = np.zeros(len(times))
        if len(inside):
            step = np.searchsorted(self.right, times[inside], side="right")
            width = self.right[step] - self.left[step]
            share[inside] = np.where(
                np.isinf(width), 0.0, (times[inside] - self.left[step]) / np.maximum(width, 1e-300)
            )
        linear = 1 - passed - share * (begun - passed)
        clipped = (np.clip(each, 0.0, 1.0) for each in (linear, 1 - begun, 1 - passed))
        # as many as there were
        return tuple(clipped)  # type: ignore[return-value]

    def quantile(self, share: float) -> Quantile:
        """Time by which a share has had the event.

        Args:
            share: between 0 and 1.
        """
        total = np.cumsum(self.mass)
        step = int(np.searchsorted(total, share - ROUNDING))
        if step >= len(total):
            return Quantile(np.inf, np.inf, np.inf)
        left, right = float(self.left[step]), float(self.right[step])
        before = total[step] - self.mass[step]
        if np.isinf(right):
            return Quantile(np.nan, left, np.inf)
        time = left + (right - left) * min(max((share - before) / self.mass[step], 0.0), 1.0)
        if abs(total[step] - share) <= ROUNDING and step + 1 < len(total):
            # the curve lies at the share from here to the next step
            return Quantile(right, left, float(self.left[step + 1]))
        return Quantile(float(time), left, right)


def step_curve(masses: Masses) -> StepCurve:
    """The steps of a fitted distribution."""
    here = masses.mass > 0
    support = masses.support
    return StepCurve(support.left[here], support.right[here], masses.mass[here])
