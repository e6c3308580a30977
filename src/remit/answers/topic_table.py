"""What was published about who benefits, topic by topic, and how far it can be trusted, by a stated rule.

The grade of a topic is that of `remit.evidence.appraisal` over its studies, each counted once with the most people of
its findings. A study counts as randomised, and as masked where it was double-blind, as its record says; a study without
a record counts as neither. It is direct where its outcome is of anxiety, PTSD or OCD. Studies differ too much where
their findings point different ways: where some say more benefit and others less, or where one of them says both. A
topic without a finding in anxiety, PTSD or OCD has no grade for anxiety: nothing is guessed from depression.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from remit.answers.lasting_studies import finding
from remit.evidence.appraisal import Certainty, Witness, Wording, certainty_of
from remit.evidence.moderators import Moderator
from remit.evidence.topics import Topic, load_topics
from remit.evidence.trials import load_trials

DIRECT = frozenset({"anxiety", "ptsd", "ocd"})
COLUMNS = {
    "anxiety": "anxiety", "ptsd": "PTSD", "ocd": "OCD", "depression": "depression", "sleep": "sleep", "other": "other",
}  # fmt: skip
RELATIONS = ("more_benefit", "less_benefit", "no_difference", "mixed", "other")
NONE = "no evidence in anxiety"


def topics() -> list[dict[str, Any]]:
    """Every topic as plain values, in the order of the file."""
    return [_topic(each) for each in load_topics().values()]


def _topic(topic: Topic) -> dict[str, Any]:
    kept = [each for each in topic.findings if each.flag != "retracted"]
    direct = [each for each in kept if each.domain in DIRECT]
    graded = grade(kept) if direct else None
    return {
        "topic": topic.id, "title": topic.title, "of": topic.of,
        "findings": [finding(each) for each in topic.findings],
        "studies": len({each.study_id for each in kept}),
        "studies_in_anxiety": sorted({each.study_id for each in direct}),
        "cells": {domain: _cell([each for each in kept if each.domain == domain]) for domain in COLUMNS},
        "certainty": graded.level if graded else NONE,
        "certainty_reasons": list(graded.reasons) if graded else [_why_none(kept)],
    }  # fmt: skip


def _why_none(kept: list[Moderator]) -> str:
    if not kept:
        return "not in the collected evidence"
    studies = len({each.study_id for each in kept})
    return f"all {studies} studies are of something else" if studies > 1 else "the only study is of something else"


def _cell(findings: list[Moderator]) -> dict[str, Any]:
    """Studies of one topic in one domain, and which way their findings point."""
    pointing = Counter(each.relation for each in findings)
    return {
        "studies": len({each.study_id for each in findings}),
        "people": sum(_largest(findings).values()),
        **{relation: pointing[relation] for relation in RELATIONS},
    }  # fmt: skip


def _largest(findings: list[Moderator]) -> dict[str, int]:
    """Most people of each study's findings."""
    found: dict[str, int] = {}
    for each in findings:
        found[each.study_id] = max(found.get(each.study_id, 0), each.n or 0)
    return found


def grade(findings: list[Moderator]) -> Certainty:
    """How far findings about one topic can be trusted for anxiety.

    Args:
        findings: of the topic, retracted ones left out.
    """
    trials = load_trials()
    direct = {each.study_id for each in findings if each.domain in DIRECT}
    witnesses = []
    for study, people in _largest(findings).items():
        trial = trials.get(study)
        is_randomised = trial is not None and trial.design.startswith("rct")
        is_masked = trial is not None and trial.blinding == "double_blind"
        witnesses.append(Witness(study, people or None, is_randomised, is_masked, study in direct))
    return certainty_of(witnesses, point_apart(findings), Wording(differ="findings point different ways"))


def point_apart(findings: list[Moderator]) -> bool:
    """Whether some findings say more benefit and others less, or one says both."""
    said = {each.relation for each in findings}
    return "mixed" in said or {"more_benefit", "less_benefit"} <= said
