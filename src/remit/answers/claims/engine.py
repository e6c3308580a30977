"""Numbers of the engine that claims are held against: one value a draw, so that differences hold within a draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from remit.answers.comparators import NINE_TENTHS, SSRIS, daily_typical, share_reached_at
from remit.answers.courses import ANSWERED, SETTLED_H, Simulated, session_courses
from remit.answers.milestone_table import cut_points
from remit.answers.question import SEED, HowFast
from remit.answers.rating import rated
from remit.inference.fitted import Posterior
from remit.vocabulary.clock import HOURS_PER_DAY, days, parse_duration, spoken
from remit.vocabulary.dosing import Dose, Regimen
from remit.vocabulary.errors import EvidenceRefused
from remit.vocabulary.people import parse_diagnosis

Floats = NDArray[np.float64]
DRAWS = 200  # choice: a share of draws moves by some hundredths between halves of them, less than the rules turn on
PEOPLE = ANSWERED
"""Virtual people a draw; as many as an answer of usual size follows, so that its numbers are the same."""
FOLLOWED_D = 28.0
"""How long a course is followed after its last session [d]."""
RESPONDER_D = 28.0
"""Horizon of "ever responds", after the first session [d]."""


class Number(NamedTuple):
    """A number of the engine.

    Attributes:
        values: one a draw, shape (draws,).
        unit: of them.
        said: what it is, in words.
    """

    values: Floats
    unit: str
    said: str


@dataclass(frozen=True, slots=True)
class _Course:
    question: HowFast
    times: Floats
    asked: Floats
    cuts: tuple[str, ...]
    simulated: Simulated
    last_h: float


@dataclass(slots=True)
class Engine:
    """Courses under every draw, each simulated once.

    Attributes:
        posterior: the calibrated one, thinned.
        courses: what is given, by name, from claims.yaml.
        seed: of the only key.
        weight: of each draw, where draws are not worth the same.
    """

    posterior: Posterior
    courses: Mapping[str, Mapping[str, Any]]
    seed: int = SEED
    weight: Floats | None = None
    _known: dict[str, _Course] = field(default_factory=dict)
    _daily: tuple[Floats, Floats] | None = None

    def number(self, of: Mapping[str, Any]) -> Number:
        """A number by its entry in claims.yaml: ``what``, of which ``course``, and when (``at`` or ``after_last``).

        Raises:
            EvidenceRefused: the engine has no such number.
        """
        course, what = str(of["course"]), str(of["what"])
        given = self.courses[course]
        if given["daily"]:
            return self._of_daily(what, of)
        known = self._course(course)
        at = self._time(of, known.last_h)
        when = "" if at is None else _when(of)
        whom = f"{_sessions(given)}, {known.question.diagnosis.spoken}"
        if what in _SHARES:
            values = 100.0 * self._share(known, what, at)
            return Number(values, "of 100 people", f"{_SHARES[what]}{when} ({whom})")
        kept = known.simulated
        if what == "never":
            end = self._place(known.times, days(RESPONDER_D))
            return Number(
                100.0 * (1.0 - kept.first_by[:, end]), "of 100 people", f"do not respond within 4 weeks ({whom})"
            )
        if what == "responded_share":
            end = self._place(known.times, days(RESPONDER_D))
            here = self._place(known.times, at or 0.0)
            share = kept.first_by[:, here] / np.maximum(kept.first_by[:, end], 1e-12)
            return Number(100.0 * share, "%", f"of those who respond within 4 weeks, have done so{when} ({whom})")
        if what == "half_life_d":
            values = np.median(kept.half_lives_h, axis=1) / HOURS_PER_DAY
            return Number(values, "d", f"until half of what the drug gave is lost ({whom})")
        # the acute effect of the session itself is not what a claim about relief means
        settled = known.times >= SETTLED_H * (1 - 1e-9)
        times, added = known.times[settled], (kept.typical_control - kept.typical)[:, settled]
        if what == "points_added":
            values = added[:, self._place(times, at or 0.0)]
            return Number(values, "points", f"below a session without the drug{when} ({whom})")
        if what == "share_of_peak":
            top = np.maximum(added.max(axis=1), 1e-12)
            share = np.maximum.accumulate(added, axis=1)[:, self._place(times, at or 0.0)] / top
            return Number(100.0 * share, "%", f"of the drug's largest lasting effect is there{when} ({whom})")
        if what == "half_of_peak_h":
            reached = added >= 0.5 * added.max(axis=1, keepdims=True)
            return Number(times[reached.argmax(axis=1)], "h", f"to half of the drug's largest lasting effect ({whom})")
        raise EvidenceRefused(f"the engine has no number {what!r}", allowed=", ".join(NUMBERS), where="claims.yaml")

    def _of_daily(self, what: str, of: Mapping[str, Any]) -> Number:
        draws, members = self.posterior.draws, self.posterior.names["treatment"]
        own = [members.index(name) for name in SSRIS if name in members]
        if what in {"half_h", "nine_tenths_h"}:
            onset = np.exp(draws["onset_mean"][:, None] + draws["onset"][:, own]).mean(axis=1)
            share = 0.5 if what == "half_h" else NINE_TENTHS
            said = "half" if what == "half_h" else "nine tenths"
            return Number(share_reached_at(share, onset), "h", f"to {said} of an SSRI's own effect at 8 weeks")
        if what == "points_added":
            if self._daily is None:
                question = HowFast()
                times = self._times(0.0, [])
                _, rating = rated(question, self.posterior)
                names = (None, *(members[each] for each in own))
                totals = daily_typical(self.posterior, names, question.diagnosis, rating, times, self.seed)
                self._daily = times, totals[0] - totals[1:].mean(axis=0)
            times, added = self._daily
            at = self._time(of, 0.0) or 0.0
            return Number(added[:, self._place(times, at)], "points", f"below a placebo tablet{_when(of)} (SSRI)")
        raise EvidenceRefused(f"an SSRI has no number {what!r}", allowed="half_h, nine_tenths_h, points_added")

    @staticmethod
    def _time(of: Mapping[str, Any], last_h: float) -> float | None:
        if of.get("at") is not None:
            return parse_duration(str(of["at"]), where="claims.yaml")
        if of.get("after_last") is not None:
            return last_h + parse_duration(str(of["after_last"]), where="claims.yaml")
        return None

    @staticmethod
    def _place(times: Floats, wanted: float) -> int:
        return int(np.abs(times - wanted).argmin())

    def _share(self, known: _Course, what: str, at: float | None) -> Floats:
        event, _, added = what.partition("_")
        place = (slice(None), known.cuts.index(event), self._place(known.asked, at or 0.0))
        return known.simulated.at[place] - (known.simulated.control_at[place] if added else 0.0)

    def _times(self, last_h: float, asked: list[float]) -> Floats:
        # choice: dense enough that half of a peak is told to some hours in the first days
        dense = np.concatenate([[0.0], np.geomspace(0.25, last_h + days(56.0), 70)])
        return np.unique(np.round(np.concatenate([dense, asked]), 6)).astype(np.float64)

    def _course(self, name: str) -> _Course:
        if name in self._known:
            return self._known[name]
        given = self.courses[name]
        chosen = {
            "sessions": given["sessions"],
            "spacing_days": given["spacing_days"],
            "diagnosis": None if given["diagnosis"] is None else parse_diagnosis(given["diagnosis"]),
            "scale": given["scale"],
        }
        question = HowFast(seed=self.seed, **{key: value for key, value in chosen.items() if value is not None})
        regimen = question.regimen()
        if given["then_weekly"]:
            first = regimen.doses[0]
            later = [regimen.times_h[-1] + days(7.0 * (week + 1)) for week in range(given["then_weekly"])]
            more = tuple(Dose(time, first.amount_mg, first.duration_h) for time in later)
            regimen = Regimen(regimen.drug, regimen.route, regimen.doses + more)
        last = regimen.times_h[-1]
        asked = np.unique(
            [last + days(each) for each in (1.0, 7.0, 14.0, FOLLOWED_D)]
            + [2.0, *(days(each) for each in (1.0, 3.0, 7.0, 14.0, 28.0, 73.0))]
        )
        times = self._times(last, asked.tolist())
        asked = asked[asked <= times[-1]]
        _, rating = rated(question, self.posterior)
        cuts = cut_points(question.the_scale(), rating.baseline)
        simulated = session_courses(
            self.posterior, regimen, question.diagnosis, question.weight_kg, rating, tuple(cuts.values()), times,
            asked, PEOPLE, self.seed,
        )  # fmt: skip
        self._known[name] = _Course(question, times, asked, tuple(cuts), simulated, last)
        return self._known[name]


_SHARES = {
    "response": "respond",
    "change": "show a change that matters",
    "remission": "are in remission",
    "response_added": "more respond than without the drug",
    "change_added": "more show a change that matters than without the drug",
    "remission_added": "more are in remission than without the drug",
}
NUMBERS = (*_SHARES, "never", "responded_share", "half_life_d", "points_added", "share_of_peak", "half_of_peak_h")


def _when(of: Mapping[str, Any]) -> str:
    if of.get("after_last") is not None:
        return f" {spoken(parse_duration(str(of['after_last'])))} after the last session"
    return f" at {spoken(parse_duration(str(of['at'])))}"


def _sessions(given: Mapping[str, Any]) -> str:
    count = given["sessions"] or 1
    said = "one session" if count == 1 else f"{count} sessions"
    return f"{said}, then weekly for {given['then_weekly']} weeks" if given["then_weekly"] else said
