"""What studies and records say about a part of a claim, gathered from the tables of the evidence."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from remit.answers.answer import Basis
from remit.answers.basis import selection
from remit.answers.claims.safety_numbers import of_durations, of_side_effects
from remit.answers.claims.statement import Statement
from remit.answers.claims.verdict import AGAINST, FOR, NEITHER
from remit.answers.comparators import SSRIS
from remit.evidence.appraisal import Witness, certainty_of, people_in
from remit.evidence.claims import BEARS, Part
from remit.evidence.exposures import Exposure, load_exposures
from remit.evidence.findings import load_findings
from remit.evidence.moderators import load_moderators
from remit.evidence.regulation import load_regulatory_facts
from remit.evidence.rules import load_rules
from remit.evidence.tables import near_miss
from remit.evidence.trials import Trial, load_trials
from remit.inference.selection import DIAGNOSES, POOLS, is_session_drug
from remit.vocabulary.clock import spoken
from remit.vocabulary.errors import EvidenceRefused

SHOWN = {"yes": FOR, "opposite": AGAINST, "no": NEITHER, "mixed": NEITHER}
"""What a finding says: nothing found is not proof of none."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of record.

    Attributes:
        says: ``yes`` or ``no``.
        text: what it is.
        count: how many things stand behind it.
        studies, source_ids: where it comes from.
    """

    says: str
    text: str
    count: int
    studies: tuple[str, ...]
    source_ids: tuple[str, ...]


def statements(part: Part) -> list[Statement]:
    """Everything that studies say about a part.

    Raises:
        EvidenceRefused: it names a row that is not in the evidence, or does not say which way a row speaks.
    """
    found: list[Statement] = []
    for kind, what in part.taken_from.items():
        if kind != BEARS:
            found += _TALLIES[kind](what, part)
    return found


def facts(part: Part) -> list[Fact]:
    """Everything that is on record about a part.

    Raises:
        EvidenceRefused: it is taken from something that is no record.
    """
    return [fact for kind, what in part.taken_from.items() for fact in _RECORDS[kind](what)]


def _of_findings(codes: Iterable[str], part: Part) -> list[Statement]:
    return [
        Statement(
            each.study, SHOWN[each.shows], each.finding, each.people in part.direct, each.people, each.n,
            each.design == "randomised", each.blinding == "double_blind", each.source_id, each.note or "",
        )
        for each in load_findings().values() if each.asks in set(codes)
    ]  # fmt: skip


def _of_moderators(entries: Iterable[Mapping[str, str]], part: Part) -> list[Statement]:
    bears, trials = part.taken_from.get(BEARS) or {}, load_trials()
    found = []
    for entry in entries:
        rows = [
            row for row in load_moderators()
            if row.study_id == entry["study"] and row.moderator == entry["moderator"]
            and entry.get("outcome") in {None, row.outcome}
        ]  # fmt: skip
        if not rows:
            names = [f"{row.study_id}: {row.moderator}" for row in load_moderators()]
            wanted = f"{entry['study']}: {entry['moderator']}"
            raise EvidenceRefused(
                f"there is no moderator {wanted!r}", remedy=near_miss(wanted, names), where=f"claims.yaml, {part.id}"
            )
        for row in rows:
            if row.flag == "retracted":
                continue
            if row.relation == "other" and "reads" not in entry:
                raise EvidenceRefused(
                    f"{row.study_id} gives no direction in its relation", allowed="reads: for, against or neither",
                    where=f"claims.yaml, {part.id}",
                )  # fmt: skip
            trial = trials.get(row.study_id)
            found.append(
                Statement(
                    row.study_id, entry.get("reads") or bears.get(row.relation, NEITHER),
                    f"{row.moderator}; {row.outcome}: {row.finding}", row.domain in part.direct, row.domain,
                    row.n, _is_randomised(trial, row.about), _is_masked(trial), row.source_id, row.note or "",
                )
            )  # fmt: skip
    return found


def _is_randomised(trial: Trial | None, about: str) -> bool:
    """Whether people were drawn by lot to what is compared: a treatment; nobody is drawn to a trait or a course."""
    return trial is not None and trial.design.startswith("rct") and about == "treatment"


def _is_masked(trial: Trial | None) -> bool:
    return trial is not None and trial.blinding == "double_blind"


def _keeps(value: float, limits: Mapping[str, Any]) -> bool:
    return limits.get("at_least", float("-inf")) <= value <= limits.get("at_most", float("inf"))


def _of_outcomes(what: Mapping[str, Any], part: Part) -> list[Statement]:
    """Times that trials report [h]: within the limits speaks for, outside against."""
    metrics = what["metric"] if isinstance(what["metric"], list) else [what["metric"]]
    found = []
    for trial in load_trials().values():
        if trial.is_retracted or trial.domain not in part.direct:
            continue
        for row in trial.outcomes:
            arm = trial.arm(row.arm_id)
            if row.metric in metrics and "ketamine" in arm.treatment and row.unit == "hours":
                said = f"{row.event or row.metric.replace('_', ' ')}: {spoken(row.value)} ({row.scale})"
                speaks = FOR if _keeps(row.value, what) else AGAINST
                found.append(
                    Statement(
                        trial.study_id, speaks, said, True, trial.domain, None if row.n is None else int(row.n),
                        trial.design.startswith("rct"), _is_masked(trial), row.source_id, row.note or "",
                    )
                )  # fmt: skip
    return found


def _of_exposures(what: Mapping[str, str], part: Part) -> list[Statement]:
    """One route beside the others in the same study: sooner, or with less difference between people."""
    del part
    rows = [row for row in load_exposures() if row.kind == "observed" and row.metric == what["metric"]]
    measure: Callable[[Exposure], float | None] = (
        _spread if what["compare"] == "spread" else operator.attrgetter("value")
    )
    found = []
    for study in dict.fromkeys(row.study_id for row in rows):
        known = [(row, measure(row)) for row in rows if row.study_id == study and row.analyte == row.drug]
        own = [(row, value) for row, value in known if row.route == what["route"] and value is not None]
        for other, value in known:
            if not own or other.route == what["route"] or value is None:
                continue
            best, least = min(own, key=lambda pair: pair[1])
            unit = "SD in per cent of the mean" if what["compare"] == "spread" else other.unit
            found.append(
                Statement(
                    study, FOR if least < value else AGAINST,
                    f"{what['metric']}, {what['route']} {least:.3g} against {other.route} {value:.3g} ({unit})",
                    True, "healthy", other.n, False, False, best.source_id, "",
                )
            )  # fmt: skip
    return found


def _spread(row: Exposure) -> float | None:
    """How far people differ: SD over mean in per cent, or the same from a geometric SD; None where not published."""
    if row.value and row.dispersion_kind == "sd" and row.dispersion_low is not None:
        return 100.0 * row.dispersion_low / row.value
    if row.dispersion_kind == "geometric_sd" and row.dispersion_low is not None:
        import math

        return 100.0 * math.sqrt(math.expm1(math.log(row.dispersion_low) ** 2))
    return None


def _of_authorities(what: Mapping[str, Any]) -> list[Fact]:
    """What authorities said; a fact about any condition speaks to a question about one."""
    found = []
    wanted = {*what.get("conditions", ()), "any"}
    for fact in load_regulatory_facts():
        if "topics" in what and fact.topic not in what["topics"]:
            continue
        if "roles" in what and fact.role not in what["roles"]:
            continue
        if "conditions" in what and not wanted & set(fact.conditions):
            continue
        for says in ("yes", "no"):
            if fact.stance in what[f"stances_{says}"]:
                when = f", {fact.date}" if fact.date else ""
                note = f" ({fact.note})" if fact.note else ""
                found.append(Fact(says, f"{fact.body}{when}: {fact.statement}{note}", 1, (), (fact.source_id,)))
    return found


def _of_rules(what: Mapping[str, Any]) -> list[Fact]:
    return [
        Fact("yes", rule.statement, 1, (), rule.sources)
        for rule in load_rules().values()
        if rule.kind in what.get("kinds", ()) or (rule.topic is not None and rule.topic in what.get("topics", ()))
    ]


def _of_arms(what: Mapping[str, Any]) -> list[Fact]:
    """Studies that gave a drug by a route: one fact a route."""
    found = []
    for route in what["routes"]:
        studies = [
            trial for trial in load_trials().values()
            if not trial.is_retracted
            and any(arm.treatment in what["treatments"] and arm.route == route for arm in trial.arms)
        ]  # fmt: skip
        if studies:
            own = sum(trial.domain in {"anxiety", "ptsd", "ocd"} for trial in studies)
            text = f"{route}: {len(studies)} studies of the evidence, {own} of them in anxiety, PTSD or OCD"
            found.append(Fact("yes", text, len(studies), tuple(trial.study_id for trial in studies), ()))
    return found


_TALLIES: dict[str, Callable[[Any, Part], list[Statement]]] = {
    "findings": _of_findings, "moderators": _of_moderators, "outcomes": _of_outcomes, "exposures": _of_exposures,
    "side_effects": lambda what, part: of_side_effects(what, frozenset(part.direct)),
    "durations": lambda what, part: of_durations(what, frozenset(part.direct)),
}  # fmt: skip
_RECORDS: dict[str, Callable[[Any], list[Fact]]] = {
    "regulatory": _of_authorities,
    "rules": _of_rules,
    "arms": _of_arms,
}


@cache
def ketamine_trials(diagnosis: str) -> tuple[str, ...]:
    """Studies with a ketamine arm in a diagnosis among the rows the calibration uses."""
    trials = load_trials()
    return tuple(
        study for study, rows in selection().used.items()
        if any(
            DIAGNOSES.get(row.population) == diagnosis and is_session_drug(trials[study].arm(row.arm_id))
            for row in rows
        )
    )  # fmt: skip


def ssri_basis(other: Basis) -> Basis:
    """What numbers about SSRIs rest on: studies with an SSRI among the rows the calibration uses.

    Args:
        other: the basis of numbers about ketamine, from which what was left out is taken over.
    """
    trials = load_trials()
    studies = tuple(
        study for study, rows in selection().used.items()
        if any(trials[study].arm(row.arm_id).treatment in SSRIS for row in rows)
    )  # fmt: skip
    witnesses = [
        Witness(
            study, people_in(trials[study]), trials[study].design.startswith("rct"), _is_masked(trials[study]),
            trials[study].domain in {"anxiety", "ptsd", "ocd"},
        )
        for study in studies
        if trials[study].kind not in POOLS
    ]  # fmt: skip
    certainty = certainty_of(witnesses, differ=False)
    people = sum(each.people or 0 for each in witnesses)
    return replace(
        other, studies=studies, people=people, designs={}, certainty=certainty.level,
        certainty_reasons=certainty.reasons,
    )  # fmt: skip
