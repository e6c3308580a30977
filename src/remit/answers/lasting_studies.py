"""What studies saw themselves of how long a benefit lasts, beside the model and never mixed with it."""

from __future__ import annotations

from typing import Any

from remit.evidence.lasting import Lasting, load_lasting
from remit.evidence.moderators import Moderator
from remit.evidence.topics import load_topics
from remit.evidence.trials import load_trials

TOPIC = "repetition"
"""Topic of the published findings about repeated and maintained sessions."""
PERCENT = "percent"


def observed_lasting() -> list[dict[str, Any]]:
    """Every published number about how long it lasts, those about anxiety, PTSD and OCD first, as plain values."""
    return [_plain(each) for each in load_lasting()]


def _plain(each: Lasting) -> dict[str, Any]:
    trial, row = load_trials()[each.row.study_id], each.row
    return {
        "study_id": row.study_id, "domain": trial.domain, "population": row.population, "scale": row.scale,
        "people": row.n, "masking": trial.masking, "after": each.after, "kind": each.kind, "beside": each.beside,
        "words": each.words, "value": row.value, "unit": row.unit, "time_h": each.time_h,
        "source_id": row.source_id, "place": row.place, "note": row.note,
    }  # fmt: skip


def repetition_findings() -> list[dict[str, Any]]:
    """Published findings about repeated and maintained sessions, as plain values."""
    return [finding(each) for each in load_topics()[TOPIC].findings]


def finding(each: Moderator) -> dict[str, Any]:
    """A published finding about what goes with benefit, as plain values."""
    return {
        "study_id": each.study_id, "moderator": each.moderator, "outcome": each.outcome, "domain": each.domain,
        "people": each.n, "finding": each.finding, "relation": each.relation, "retracted": each.flag == "retracted",
        "source_id": each.source_id,
    }  # fmt: skip
