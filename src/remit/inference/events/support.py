"""Where a curve without a model can put mass, and which of that each subject can see.

Between two visits the likelihood does not care where mass lies, so it may be gathered on the maximal intersections of
the subjects' intervals (Peto 1973; Turnbull 1976): a left end directly followed by a right end when all ends are
sorted. At one time a closed left end (an exact time) comes first, then right ends, then open left ends.
With delayed entry, mass just before an entry escapes that subject's condition, so that entries end intersections, too
(Frydman 1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Support:
    """Candidates for mass, and the distinct spans of them that subjects can see.

    Attributes:
        left, right: ends of each candidate (candidates,) [unit of time]; the interval is (left, right], or the point
            where both are equal.
        first, last: first and last candidate that each distinct subject can have (distinct,).
        entry: first candidate after the subject's entry (distinct,); 0 for those seen from the start.
        weight: subjects of each kind (distinct,).
        kind: kind of each subject (subjects,).
    """

    left: np.ndarray
    right: np.ndarray
    first: np.ndarray
    last: np.ndarray
    entry: np.ndarray
    weight: np.ndarray
    kind: np.ndarray

    @property
    def size(self) -> int:
        """Number of candidates."""
        return len(self.left)

    @property
    def truncated(self) -> bool:
        """Whether anybody entered late enough to matter."""
        return bool(np.any(self.entry > 0))

    def reweighted(self, weight: np.ndarray) -> Support:
        """The same candidates for other weights of the subjects.

        Args:
            weight: (subjects,).
        """
        counted = np.bincount(self.kind, weights=weight, minlength=len(self.weight))
        return Support(self.left, self.right, self.first, self.last, self.entry, counted, self.kind)


def support_of(
    left: np.ndarray, right: np.ndarray, entry: np.ndarray | None = None, weight: np.ndarray | None = None
) -> Support:
    """Candidates and spans, in O(n log n).

    Args:
        left, right: (subjects,), the event lies in (left, right], or at left where both are equal; right may be inf.
        entry: (subjects,), the event is known to lie after it; 0 for those seen from the start.
        weight: (subjects,), 1 if left out.
    """
    entry = np.zeros(0) if entry is None else entry
    late = bool(np.any(entry > 0))
    values, place = np.unique(np.concatenate([left, right, entry if late else left[:0]]), return_inverse=True)
    count = len(left)
    begin, end = 3 * place[:count], 3 * place[count : 2 * count] + 1
    begin = np.where(left == right, begin, begin + 2)
    slots = 3 * len(values)
    begins, ends = np.zeros(slots, bool), np.zeros(slots, bool)
    begins[begin], ends[end] = True, True
    entered = 3 * place[2 * count :] + 1 if late else begin[:0]
    ends[entered] = True
    marks = np.flatnonzero(begins | ends)
    pair = np.flatnonzero(begins[marks[:-1]] & ends[marks[1:]])
    starts, stops = marks[pair], marks[pair + 1]
    first, last = _spans(begin, end, starts, stops, slots)
    # a subject may have candidates from the first that begins after its entry
    after = np.searchsorted(starts, entered) if late else np.zeros(count, int)
    size = len(starts)
    key = (first * size + last) * (size + 1) + after if late else first * size + last
    distinct, kind = np.unique(key, return_inverse=True)
    spans = distinct // (size + 1) if late else distinct
    return Support(
        left=values[starts // 3],
        right=values[stops // 3],
        first=spans // size,
        last=spans % size,
        entry=distinct % (size + 1) if late else np.zeros(len(distinct), int),
        weight=np.bincount(kind, weights=weight, minlength=len(distinct)).astype(float),
        kind=kind,
    )


def _spans(
    begin: np.ndarray, end: np.ndarray, starts: np.ndarray, stops: np.ndarray, slots: int
) -> tuple[np.ndarray, np.ndarray]:
    """First and last candidate inside [begin, end], by counting instead of searching."""
    begun, stopped = np.zeros(slots + 1, int), np.zeros(slots + 1, int)
    begun[starts + 1] = 1
    stopped[stops] = 1
    return np.cumsum(begun)[begin], np.cumsum(stopped)[end] - 1
