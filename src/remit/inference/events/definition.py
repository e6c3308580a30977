"""Events defined on repeated scores, and the interval each visit gap leaves of their time.

Higher scores are worse. With B the baseline and S a later total of one person:

    response            first visit with S <= (1 - f) B; f is the scale's published share, half on most scales
    sustained-response  first of k visits in a row that are all responses (k = 2 unless said otherwise)
    remission           first visit with S at or below the scale's published cut-off
    onset               first visit with S <= B - m, m the scale's smallest important change (or a share of B)
    relapse             clock starts with response: first later visit with S >= B - (B - S_response) / 2: half of the
                        fall to the first response is lost again
    loss-of-response    clock starts with response: first later visit that is no response any more

An event seen at a visit happened after the visit before it that did not show it: (previous, this]. Missed visits widen
the interval. Events that come and go between visits are not seen; the time is that of the first spell a visit can show.

For relapse and loss of response the start is itself known to an interval, (l, r]. Time since response lies in
(max(0, L - r), R - l] for any start inside it: that interval is used (wider, never wrong; a joint model of both times
(De Gruttola and Lagakos 1989) would use more of what is known). With ``start="seen"`` the clock starts at the visit at
which the response was seen: (L - r, R - r].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from remit.vocabulary.errors import InputRefused, OutOfRange
from remit.vocabulary.scales import Scale

EVENTS = ("response", "sustained-response", "remission", "onset", "relapse", "loss-of-response")
AFTER_RESPONSE = ("relapse", "loss-of-response")
STARTS = ("interval", "seen")


@dataclass(frozen=True, slots=True)
class Definition:
    """An event on a scale.

    Attributes:
        event: one of `EVENTS`.
        scale: of the scores.
        share: fall that counts as response [fraction of baseline].
        cut_off: total at or below which a person is in remission [points].
        change: fall that counts as onset [points].
        visits: in a row that a sustained response must show.
        start: of the clock of relapse: ``interval`` or ``seen``.
    """

    event: str
    scale: Scale
    share: float
    cut_off: float | None
    change: float | None
    visits: int = 2
    start: str = "interval"

    @property
    def words(self) -> str:
        """What counts, for the reader."""
        fall = f"a fall of at least {100 * self.share:g} % from baseline"
        return {
            "response": f"response: {fall}",
            "sustained-response": f"sustained response: {fall} at {self.visits} visits in a row, dated at the first",
            "remission": f"remission: {self.scale.name} at or below {self.cut_off:g}"
            if self.cut_off is not None
            else "",
            "onset": f"onset: a fall of at least {self.change:g} points" if self.change is not None else "",
            "relapse": f"relapse: after a response ({fall}), half of that fall is lost again",
            "loss-of-response": f"loss of response: after {fall}, a visit without it",
        }[self.event]


def define(
    event: str,
    scale: Scale,
    *,
    share: float | None = None,
    cut_off: float | None = None,
    change: float | None = None,
    visits: int = 2,
    start: str = "interval",
) -> Definition:
    """A definition, with thresholds of the scale where none are given.

    Raises:
        InputRefused: there is no such event, or the scale has no published threshold and none is given.
        OutOfRange: a threshold is impossible.
    """
    if event not in EVENTS:
        raise InputRefused(f"unknown event {event!r}", allowed=", ".join(EVENTS), where="--event")
    if start not in STARTS:
        raise InputRefused(f"unknown start {start!r}", allowed=", ".join(STARTS), where="--clock")
    share = scale.response_fraction if share is None else share
    cut_off = scale.remission_at_or_below if cut_off is None else cut_off
    change = scale.minimal_important_change if change is None else change
    needed = {"remission": (cut_off, "--cut-off"), "onset": (change, "--change")}.get(event, (share, "--fraction"))
    if needed[0] is None:
        raise InputRefused(
            f"{scale.name} has no published threshold for {event}", remedy=f"Give one with {needed[1]}", where="--event"
        )
    if share is not None and not 0 < share < 1:
        raise OutOfRange(f"a share of {share:g}", allowed="between 0 and 1, for example 0.5", where="--fraction")
    if change is not None and change <= 0:
        raise OutOfRange(f"a change of {change:g} points", allowed="above 0", where="--change")
    if visits < 2:
        raise OutOfRange(f"{visits} visits in a row", allowed="2 or more", where="--visits")
    return Definition(event, scale, share if share is not None else 0.5, cut_off, change, visits, start)


@dataclass(frozen=True, slots=True)
class Timed:
    """What scores of one person say of the event.

    Attributes:
        left, right: the event lies in (left, right]; right is inf where it was not seen.
        reason: why the person is not at risk; empty where they are.
    """

    left: float
    right: float
    reason: str = ""


def never(reason: str) -> Timed:
    """A person who is not at risk."""
    return Timed(0.0, np.inf, reason)


def timed(definition: Definition, baseline: float, times: Sequence[float], scores: Sequence[float]) -> Timed:
    """The interval of one person's event.

    Args:
        definition: of the event.
        baseline: total before the first time [points].
        times: of visits after the start, rising and above 0.
        scores: at those visits [points].
    """
    if not len(times):
        return never("no visit after baseline")
    event, scale = definition.event, definition.scale
    answered = _answers(definition, baseline)
    if event in {"response", "sustained-response", *AFTER_RESPONSE} and baseline <= scale.low:
        return never("baseline at the lowest total")
    if event == "remission":
        if baseline <= (definition.cut_off or 0.0):
            return never("in remission at baseline")
        shown = [score <= (definition.cut_off or 0.0) for score in scores]
        return _first(times, shown)
    if event == "onset":
        if baseline - scale.low < (definition.change or 0.0):
            return never("baseline too low for a fall that large")
        return _first(times, [score <= baseline - (definition.change or 0.0) for score in scores])
    shown = [answered(score) for score in scores]
    if event == "response":
        return _first(times, shown)
    if event == "sustained-response":
        return _sustained(times, shown, definition.visits)
    return _after_response(definition, baseline, times, scores, shown)


def _answers(definition: Definition, baseline: float) -> Callable[[float], bool]:
    low = definition.scale.low
    # scales that do not start at 0 fall from their lowest total upwards
    limit = low + (1 - definition.share) * (baseline - low)
    return lambda score: score <= limit + 1e-9


def _first(times: Sequence[float], shown: Sequence[bool]) -> Timed:
    for place, here in enumerate(shown):
        if here:
            return Timed(times[place - 1] if place else 0.0, times[place])
    return Timed(times[-1], np.inf)


def _sustained(times: Sequence[float], shown: Sequence[bool], visits: int) -> Timed:
    for place in range(len(shown) - visits + 1):
        if all(shown[place : place + visits]):
            return Timed(times[place - 1] if place else 0.0, times[place])
    # visits at the end that are all responses may be the beginning of one: the event is not ruled out there
    place = len(shown)
    while place and shown[place - 1]:
        place -= 1
    return Timed(times[place - 1] if place else 0.0, np.inf)


def _after_response(
    definition: Definition, baseline: float, times: Sequence[float], scores: Sequence[float], shown: Sequence[bool]
) -> Timed:
    place = next((place for place, here in enumerate(shown) if here), None)
    if place is None:
        return never("never responded")
    if place + 1 == len(times):
        return never("no visit after the response")
    begun, seen = (times[place - 1] if place else 0.0), times[place]
    if definition.event == "relapse":
        limit = baseline - (baseline - scores[place]) / 2
        lost = [score >= limit - 1e-9 for score in scores[place + 1 :]]
    else:
        lost = [not here for here in shown[place + 1 :]]
    later = _first(times[place + 1 :], lost)
    left = later.left if later.left > 0 else seen
    earliest = seen if definition.start == "seen" else begun
    return Timed(max(left - seen, 0.0), later.right - earliest)
