"""An answer in words for everybody: the same numbers, shorter sentences, nothing that needs a dictionary."""

from __future__ import annotations

from typing import Any

from remit.inference.selection import symptoms
from remit.vocabulary.clock import days

CHANGES = (
    ("could hide the drug", "More people in trials whose control hides who got the drug."),
    ("double-blind", "More people in studies in which nobody knew who got what."),
    ("fewer than", "More people in randomised trials."),
    ("differ", "Knowing why studies differ so much from each other."),
    ("diagnosis asked about", "Trials in people with {diagnosis}."),
    ("anxiety disorder", "Studies in people with an anxiety disorder."),
    ("no randomised study", "A randomised trial."),
    ("one study only", "A second study."),
    ("randomised comparison", "Randomised comparisons."),
)
"""What a reason for less certainty calls for, by words the reason holds."""


def lead(answer: dict[str, Any]) -> str:
    """The answer to "how fast" in one plain sentence with its interval."""
    detail = answer["detail"]
    day = next(row["response"] for row in detail["horizons"] if row["time_h"] == days(1.0))
    with_drug, without = day["at"], day["control_at"]
    many = len(detail["regimen"]["dose_times_h"])
    session = "one session" if many == 1 else f"the first of {many} sessions"
    return (
        f"One day after {session}, about {with_drug['percent']:.0f} of 100 people have {_fallen(detail)} "
        f"({with_drug['low_percent']:.0f} to {with_drug['high_percent']:.0f}). Without the drug it would be "
        f"{without['percent']:.0f} of 100."
    )


def _fallen(detail: dict[str, Any]) -> str:
    scale = detail["scale"]
    felt = "anxiety" if symptoms(scale["name"]) == "anxiety" else "symptoms"
    if scale["response_fraction"] == 0.5:
        return f"their {felt} halved"
    return f"{100 * scale['response_fraction']:.0f} % {'less' if felt == 'anxiety' else 'fewer'} {felt}"


def plain_lines(answer: dict[str, Any]) -> list[str]:
    """What else a person asks, in plain sentences."""
    detail = answer["detail"]
    week = next(row["response"] for row in detail["horizons"] if row["time_h"] == days(7.0))
    never, half = detail["time_to_response"]["never"], detail["lasting"]["half_life_d"]
    return [
        f"After one week it is {week['at']['percent']:.0f} of 100 ({week['at']['low_percent']:.0f} to "
        f"{week['at']['high_percent']:.0f}), and {week['control_at']['percent']:.0f} of 100 without the drug.",
        f"{never['value']:.0f} of 100 ({never['low']:.0f} to {never['high']:.0f}) do not get that far within four "
        "weeks.",
        f"What the drug gave fades: half of it is gone about {half['value']:.0f} days after the last session "
        f"({half['low']:.0f} to {half['high']:.0f}).",
    ]


def beyond_lines(answer: dict[str, Any]) -> list[str]:
    """Where a question goes beyond the evidence, a sentence each; they stand before the first number."""
    return [f"Beyond the evidence, {each}." for each in answer["extrapolations"]]


def what_would_change(answer: dict[str, Any]) -> list[str]:
    """What would make an answer surer or different, from the reasons that took its certainty down."""
    detail, basis = answer["detail"], answer["basis"]
    diagnosis = detail.get("diagnosis") or "the condition asked about"
    found: list[str] = []
    for reason in basis["certainty_reasons"]:
        call = next((said for held, said in CHANGES if held in reason), None)
        if call is not None:
            found.append(call.format(diagnosis=diagnosis))
    if answer["extrapolations"]:
        found.append("Any trial of exactly this: the question goes beyond what was published.")
    return list(dict.fromkeys(found)) or ["More trials of the same kind would narrow the interval."]
