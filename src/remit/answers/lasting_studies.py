"""What studies saw themselves of how long a benefit lasts, beside the model and never mixed with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from remit.answers.basis import selection
from remit.answers.study_effects import hours_after_last
from remit.evidence.lasting import Lasting, load_lasting
from remit.evidence.moderators import Moderator
from remit.evidence.topics import load_topics
from remit.evidence.trials import load_trials
from remit.inference.selection import DIAGNOSES, POOLS, SYMPTOM_TOTALS, is_session_drug
from remit.vocabulary.clock import days

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


def still_rated(looks_d: Sequence[float]) -> list[dict[str, Any]]:
    """How many people given ketamine or esketamine for anxiety, PTSD or OCD the rows in use rated then or later.

    Args:
        looks_d: times after the last session [d].
    """
    trials = load_trials()
    last: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for study, rows in selection().used.items():
        trial = trials[study]
        for row in rows if trial.kind not in POOLS else ():
            known = row.scale in SYMPTOM_TOTALS and row.population in DIAGNOSES and row.n
            after = hours_after_last(trial, row) if known and is_session_drug(trial.arm(row.arm_id)) else None
            if after is not None and row.n:
                last.setdefault((study, row.arm_id), []).append((after, row.n))
    found = []
    for look in looks_d:
        people = {
            arm: max(n for after, n in rated if after >= days(look))
            for arm, rated in last.items() if any(after >= days(look) for after, _ in rated)
        }  # fmt: skip
        found.append({
            "days_after_last": look, "people": round(sum(people.values())), "studies": len({arm[0] for arm in people}),
        })  # fmt: skip
    return found


def shares_seen(observed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Published shares of responders who still responded, as points over time; nobody published visits of one person.

    Args:
        observed: `observed_lasting`.

    Returns:
        ``days_after_last``, ``percent``, ``people`` and ``study_id`` of each, of anxiety, PTSD and OCD.
    """
    found = []
    for row in observed:
        if row["domain"] not in {"anxiety", "ptsd", "ocd"} or row["after"] not in {"one", "series"}:
            continue
        hours = row["value"] if row["kind"] == "time_to_loss" else row["time_h"]
        percent = {"time_to_loss": 50.0, "kept": row["value"], "lost": 100.0 - row["value"]}.get(row["kind"])
        if percent is not None and hours is not None:
            found.append({
                "days_after_last": hours / days(1.0), "percent": percent, "people": row["people"],
                "study_id": row["study_id"],
            })  # fmt: skip
    return found


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
