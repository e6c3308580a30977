"""The map of the evidence: who was given ketamine or esketamine in a study, by which route, and how well it was masked.

Every study of the collected evidence is on it, whether or not its numbers can be used; retracted ones and pooled
analyses, whose trials are counted by themselves, are not.
"""

from __future__ import annotations

from dataclasses import dataclass

from remit.answers.basis import selection
from remit.evidence.appraisal import people_in
from remit.evidence.trials import Trial, load_trials
from remit.inference.selection import DEPRESSED, DIAGNOSES, POOLS, SYMPTOM_TOTALS, is_session_drug
from remit.vocabulary.dosing import Route
from remit.vocabulary.people import Diagnosis

DEPRESSION = "depression, anxiety not rated"
MASKINGS: tuple[str, ...] = ("open", "weak", "better")
"""How well it could be hidden what was given: everybody knew; an inert control, which is seen through; an active
control or anaesthesia."""
MASKED = {"inert_control": "weak", "active_control": "better", "anaesthesia": "better"}
NOT_STATED = "route not stated"


@dataclass(frozen=True, slots=True)
class Cell:
    """Studies of one kind of people given one drug by one route.

    Attributes:
        people_are, given: the row and the column, in words.
        studies: ids.
        in_use: those of them whose numbers the answers use.
        people: in all of them.
        by_masking: people by one of `MASKINGS`.
    """

    people_are: str
    given: str
    studies: tuple[str, ...]
    in_use: tuple[str, ...]
    people: int
    by_masking: dict[str, int]


@dataclass(frozen=True, slots=True)
class EvidenceMap:
    """The map.

    Attributes:
        rows, columns: every kind of people, and every drug and route that anybody was given, in words.
        cells: those with a study.
        studies, people: counted once.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]
    studies: int
    people: int


def evidence_map() -> EvidenceMap:
    """Who was studied, how, and how well, from the collected evidence."""
    found: dict[tuple[str, str], list[Trial]] = {}
    seen: dict[str, Trial] = {}
    for trial in load_trials().values():
        if trial.is_retracted or trial.kind in POOLS:
            continue
        ways = {_way(arm.treatment, arm.route) for arm in trial.arms if is_session_drug(arm)}
        for people in _people(trial) if ways else ():
            seen[trial.study_id] = trial
            for way in ways:
                found.setdefault((people, way), []).append(trial)
    used = selection().used
    cells = tuple(
        Cell(
            people, way, tuple(trial.study_id for trial in trials),
            tuple(trial.study_id for trial in trials if trial.study_id in used),
            sum(people_in(trial) for trial in trials), _by_masking(trials),
        )
        for (people, way), trials in found.items()
    )  # fmt: skip
    rows = (*(each.spoken for each in Diagnosis), DEPRESSION)
    order = [_way(drug, route) for drug in ("ketamine", "esketamine") for route in (*(r.value for r in Route), None)]
    columns = tuple(way for way in order if any(cell.given == way for cell in cells))
    return EvidenceMap(rows, columns, cells, len(seen), sum(people_in(trial) for trial in seen.values()))


def _way(drug: str, route: str | None) -> str:
    return f"{Route(route).spoken} {drug}" if route else f"{drug}, {NOT_STATED}"


def _people(trial: Trial) -> list[str]:
    """The kinds of people a study rated; of depression, whether their anxiety was."""
    found = set()
    for row in trial.outcomes:
        if row.population in DEPRESSED | {"MDD"}:
            anxious = row.scale in SYMPTOM_TOTALS or row.population == Diagnosis.ANXIOUS_DEPRESSION.value
            found.add(Diagnosis.ANXIOUS_DEPRESSION.spoken if anxious else DEPRESSION)
        elif row.population in DIAGNOSES:
            found.add(Diagnosis(DIAGNOSES[row.population]).spoken)
    if Diagnosis.ANXIOUS_DEPRESSION.spoken in found:
        found.discard(DEPRESSION)
    return sorted(found)


def _by_masking(trials: list[Trial]) -> dict[str, int]:
    counted = dict.fromkeys(MASKINGS, 0)
    for trial in trials:
        counted[MASKED.get(trial.masking, "open")] += people_in(trial)
    return counted
