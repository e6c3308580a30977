"""Where a curve without a model can put mass, and which of that each subject can see.

Between two visits the likelihood does not care where mass lies, so it may be gathered on the maximal intersections of
the subjects' intervals (Peto 1973; Turnbull 1976): a left end directly followed by a right end when all ends are
sorted. At one time a closed left end (an exact time) comes first, then right ends, then open left ends.
With delayed entry, mass just before an entry escapes that subject's condition, so that entries end intersections, too
(Frydman 1994); limits by which an event had to come begin them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, slots=True)
class Support:
    """Candidates for mass, and the distinct spans of them that subjects can see.

    Attributes:
        left, right: ends of each candidate (candidates,) [unit of time]; the interval is (left, right], or the point
            where both are equal.
        first, last: first and last candidate that each distinct subject can have (distinct,).
        entry: first candidate after the subject's entry (distinct,); 0 for those seen from the start.
        until: one past the last candidate by the subject's limit (distinct,); all of them where it has none.
        weight: subjects of each kind (distinct,).
        kind: kind of each subject (subjects,).
    """

    left: np.ndarray
    right: np.ndarray
    first: np.ndarray
    last: np.ndarray
    entry: np.ndarray
    until: np.ndarray
    weight: np.ndarray
    kind: np.ndarray

    @property
    def size(self) -> int:
        """Number of candidates."""
        return len(self.left)

    @property
    def truncated(self) -> bool:
        """Whether anybody entered so late, or had to have the event so early, that it matters."""
        return bool(np.any(self.entry > 0) or np.any(self.until < self.size))

    def reweighted(self, weight: np.ndarray) -> Support:
        """The same candidates for other weights of the subjects.

        Args:
            weight: (subjects,).
        """
        counted = np.bincount(self.kind, weights=weight, minlength=len(self.weight))
        return replace(self, weight=counted)


def support_of(
    left: np.ndarray,
    right: np.ndarray,
    entry: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    limit: np.ndarray | None = None,
) -> Support:
    """Candidates and spans, in O(n log n).

    Args:
        left, right: (subjects,), the event lies in (left, right], or at left where both are equal; right may be inf.
        entry: (subjects,), the event is known to lie after it (left truncation); 0 for those seen from the start.
        weight: (subjects,), 1 if left out.
        limit: (subjects,), the subject could be seen only if its event came by then (right truncation); inf for none.
    """
    late = entry is not None and bool(np.any(entry > 0))
    limited = limit is not None and bool(np.any(np.isfinite(limit)))
    none = left[:0]
    values, place = np.unique(
        np.concatenate([left, right, entry if late and entry is not None else none,
                        limit if limited and limit is not None else none]),
        return_inverse=True,
    )  # fmt: skip
    count = len(left)
    begin, end = 3 * place[:count], 3 * place[count : 2 * count] + 1
    begin = np.where(left == right, begin, begin + 2)
    slots = 3 * len(values)
    begins, ends = np.zeros(slots, bool), np.zeros(slots, bool)
    begins[begin], ends[end] = True, True
    rest = place[2 * count :]
    entered = 3 * rest[:count] + 1 if late else begin[:0]
    stopped = 3 * rest[-count:] + 2 if limited else begin[:0]
    # mass just after a limit escapes that subject's condition, as mass just before an entry does
    ends[entered] = True
    begins[stopped] = True
    marks = np.flatnonzero(begins | ends)
    pair = np.flatnonzero(begins[marks[:-1]] & ends[marks[1:]])
    starts, stops = marks[pair], marks[pair + 1]
    first, last = _spans(begin, end, starts, stops, slots)
    size = len(starts)
    # a subject may have candidates from the first that begins after its entry to the last that ends by its limit
    after = np.searchsorted(starts, entered) if late else np.zeros(count, int)
    until = np.searchsorted(stops, stopped) if limited else np.full(count, size)
    span = first * size + last
    if late or limited:
        seen, kind = np.unique(np.stack([span, after, until]), axis=1, return_inverse=True)
        (spans, after, until), kind = seen, kind.ravel()
    else:
        spans, kind = np.unique(span, return_inverse=True)
        after, until = np.zeros(len(spans), int), np.full(len(spans), size)
    return Support(
        left=values[starts // 3],
        right=values[stops // 3],
        first=spans // size,
        last=spans % size,
        entry=after,
        until=until,
        weight=np.bincount(kind, weights=weight, minlength=len(spans)).astype(float),
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
