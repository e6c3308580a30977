"""What the published side effects say about a part of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit.answers.claims.statement import Statement
from remit.answers.claims.verdict import AGAINST, FOR, NEITHER
from remit.answers.is_it_safe import TIMES, is_it_safe
from remit.answers.side_effects import DIRECT
from remit.evidence.adverse_effects import load_adverse_effects
from remit.evidence.safety_studies import load_safety_studies
from remit.vocabulary.clock import spoken


def of_side_effects(what: Mapping[str, Any], direct: frozenset[str]) -> list[Statement]:
    """Shares of people with a side effect, study by study.

    ``more_than_control``: the whole interval of a study lies above its control's share, or it speaks for neither.
    ``share``: the whole interval lies below the limit, or above it, or it speaks for neither.
    """
    del direct
    answer = is_it_safe()
    populations = {row.study_id: row.population for row in load_adverse_effects()}
    found = []
    for stratum in answer.detail["shares"]:
        if stratum["measure"] not in what["measures"] or stratum["healthy"]:
            continue
        for each in stratum["by_study"]:
            study = load_safety_studies()[each["study_id"]]
            span = f"{each['low_percent']:.0f} to {each['high_percent']:.0f}"
            said = f"{stratum['spoken']} {each['percent']:.0f} of 100 ({span})"
            if what["compare"] == "more_than_control":
                if not each["control"]:
                    continue
                control = each["control"]
                said += f" against {control['percent']:.0f} with the control"
                apart = each["low_percent"] > control["percent"] and each["percent"] > control["high_percent"]
                under = each["high_percent"] < control["percent"]
                speaks = FOR if apart else AGAINST if under else NEITHER
            else:
                limit = what["at_most"]
                speaks = FOR if each["high_percent"] < limit else AGAINST if each["low_percent"] > limit else NEITHER
            population = populations[each["study_id"]]
            found.append(
                Statement(
                    each["study_id"], speaks, f"{stratum['treatment']}, {stratum['period_spoken']}: {said}",
                    population in DIRECT, population, each["people"],
                    study.design == "randomised" and each["control"] is not None, study.blinding == "double_blind",
                    next(iter(stratum["source_ids"])), "",
                )
            )  # fmt: skip
    return found


def of_durations(what: Mapping[str, Any], direct: frozenset[str]) -> list[Statement]:
    """How long effects last or take to be gone [h], study by study: within the limit speaks for, beyond it against."""
    del direct
    found = []
    for row in load_adverse_effects():
        if row.metric not in TIMES or row.metric == "time_to_peak" or row.value is None or row.treatment == "placebo":
            continue
        study = load_safety_studies()[row.study_id]
        speaks = FOR if row.value <= what["at_most"] else AGAINST
        found.append(
            Statement(
                row.study_id, speaks, f"{row.measure.replace('_', ' ')} back after {spoken(row.value)}",
                row.population in DIRECT, row.population, row.n, study.design == "randomised",
                study.blinding == "double_blind", row.source_id, row.note or "",
            )
        )  # fmt: skip
    return found
