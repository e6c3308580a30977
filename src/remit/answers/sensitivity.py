"""What an answer would be if an assumed constant were another: each moved alone to the ends of its written range.

The posterior is not fitted again. A refit would make up for part of a move, because the trials stay as they are:
what is shown is how far the forward model alone leans on a constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from remit.answers.answer import estimate, percent
from remit.answers.courses import Changed, Rating, Simulated, session_courses
from remit.answers.question import HowFast
from remit.evidence.assumptions import Assumption, load_assumptions
from remit.evidence.links import load_chain
from remit.inference.fitted import Posterior
from remit.vocabulary.clock import days

LOOKS_H = (days(1.0), days(7.0))
"""When the response is read again [h]."""
IN_CHAIN = ("effect_site_half_life", "drive_c50", "acute_c50", "racemate_potency")
"""Fixed assumptions that the course itself can be computed with another value of."""
NAMES = {
    "effect_site_half_life": "delay of the effect behind plasma", "drive_c50": "concentration of half the block",
    "acute_c50": "concentration of half the acute relief", "racemate_potency": "potency of the racemate",
    "within_person_sd": "scatter of one person's ratings",
}  # fmt: skip
"""What each assumption that is moved is called."""
PEOPLE = 64  # choice: one block; the same people under every value, so that differences are not their scatter


def sensitivity(question: HowFast, posterior: Posterior, rating: Rating, cut: float) -> dict[str, Any]:
    """The response at a day and a week as it is, with each assumption moved, and the assumptions that cannot be moved.

    Args:
        question: checked input.
        posterior: its draws are those of the intervals.
        rating: how courses become totals.
        cut: largest total that counts as a response [points].
    """

    def run(changed: Changed = (), its: Rating = rating) -> Simulated:
        times = np.array([0.0, *(question.last_dose_h + look for look in LOOKS_H)])
        return session_courses(
            posterior, question.regimen(), question.diagnosis, question.weight_kg, its, (cut,), times, times[1:],
            PEOPLE, question.seed, changed=changed,
        )  # fmt: skip

    usual = run()
    rows, left = [], []
    for each in load_assumptions().values():
        if each.kind != "fixed":
            continue
        if each.id == "racemate_potency" and not question.drug.is_racemate:
            left.append({"id": each.id, "statement": each.statement, "reason": "The drug asked about is no racemate."})
        elif each.id in IN_CHAIN:
            ends = [(end, run(((each.id, end),))) for end in (each.low, each.high) if end != each.value]
            rows.append(_row(each, ends, usual, question.level))
        elif each.id == "within_person_sd":
            known = question.the_scale().within_person_sd
            if known is None:
                span = question.the_scale().span
                ends = [(end, run(its=rating._replace(noise_sd=end * span))) for end in (each.low, each.high)]
                rows.append(_row(each, ends, usual, question.level))
            else:
                reason = f"The scatter of {question.scale} is published, so the assumption is not used."
                left.append({"id": each.id, "statement": each.statement, "reason": reason})
        else:
            reason = load_chain().not_varied.get(each.id, "No way to move it here is known.")
            left.append({"id": each.id, "statement": each.statement, "reason": reason})
    return {"as_it_is": _looks(usual, question.level), "moved": rows, "not_moved": left}


def _looks(run: Simulated, level: float) -> list[dict[str, Any]]:
    return [
        {"hours_after_last": look, **percent(run.at[:, 0, place], level),
         "drug": percent(run.at[:, 0, place] - run.control_at[:, 0, place], level)}
        for place, look in enumerate(LOOKS_H)
    ]  # fmt: skip


def _row(each: Assumption, ends: list[tuple[float, Simulated]], usual: Simulated, level: float) -> dict[str, Any]:
    found = []
    for value, run in ends:
        looks = _looks(run, level)
        for place, look in enumerate(looks):
            change = estimate(100.0 * (run.at[:, 0, place] - usual.at[:, 0, place]), level, "percent of people")
            look["change_percent"], look["change_low"], look["change_high"] = change.value, change.low, change.high
        found.append({"value": value, "at": looks})
    return {
        "id": each.id, "name": NAMES[each.id], "statement": each.statement, "value": each.value, "low": each.low,
        "high": each.high, "unit": each.unit, "ends": found,
    }  # fmt: skip
