"""From numbers, studies and facts to a verdict: the rules of claims.yaml as functions, the same for every claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from remit.evidence.appraisal import LEVELS
from remit.evidence.claims import Threshold

SUPPORTED, SUGGESTED, IN_PART, UNSUPPORTED, CONTRADICTED, UNKNOWN = VERDICTS = (
    "supported", "suggested", "in part", "unsupported", "contradicted", "unknown",
)  # fmt: skip
"""What a verdict can be: suggested points that way and is not sure, in part holds of some parts and not of others,
unsupported is looked for and not shown, contradicted is shown not to hold, unknown is nothing in the collected
evidence."""
FOR, AGAINST, NEITHER = "for", "against", "neither"
Limits = Mapping[str, Threshold]


def of_chance(share: float, trials: int | None, limits: Limits) -> str:
    """The verdict of a number of the engine.

    Args:
        share: of the posterior draws in which the number keeps its limits [fraction].
        trials: usable trials in the diagnosis asked about; None where any diagnosis will do.
        limits: thresholds by name.
    """
    if trials is not None and trials < limits["least_trials"].value:
        return UNKNOWN
    if share >= limits["likely"].value:
        return SUPPORTED
    if share >= limits["probable"].value:
        return SUGGESTED
    return CONTRADICTED if share <= limits["unlikely"].value else UNSUPPORTED


def of_tally(speaking: Sequence[str], limits: Limits) -> str:
    """The verdict of studies that each speak for, against or for neither.

    Args:
        speaking: one of ``for``, ``against``, ``neither`` a study.
        limits: thresholds by name.
    """
    if not speaking:
        return UNKNOWN
    yes, no = speaking.count(FOR), speaking.count(AGAINST)
    most, enough = limits["most"].value * len(speaking), limits["enough"].value
    if yes >= most:
        return SUPPORTED if yes >= enough else SUGGESTED
    if no >= most:
        return CONTRADICTED if no >= enough else UNSUPPORTED
    return SUGGESTED if yes > no and yes >= limits["some"].value * len(speaking) else UNSUPPORTED


def of_record(yes: int, no: int) -> str:
    """The verdict of facts of record that say yes or no."""
    if yes and no:
        return IN_PART
    return SUPPORTED if yes else CONTRADICTED if no else UNKNOWN


def capped(verdict: str, certainty: str | None, is_direct: bool) -> str:
    """What is left of a verdict where certainty is very low or nobody studied is whom the claim is about.

    Args:
        verdict: before.
        certainty: level of what it rests on; None where it is not graded.
        is_direct: whether anybody studied is whom the claim is about.
    """
    if certainty != LEVELS[0] and is_direct:
        return verdict
    return {SUPPORTED: SUGGESTED, CONTRADICTED: UNSUPPORTED}.get(verdict, verdict)


def together(verdicts: Sequence[str], limits: Limits) -> str:
    """The verdict of a claim that says that all of its parts hold.

    Args:
        verdicts: of its parts.
        limits: thresholds by name.
    """
    if len(set(verdicts)) == 1:
        return verdicts[0]
    if set(verdicts) <= {SUPPORTED, SUGGESTED}:
        return SUGGESTED
    held = sum(each in {SUPPORTED, SUGGESTED, IN_PART} for each in verdicts)
    if held and held >= limits["half"].value * len(verdicts):
        return IN_PART
    return CONTRADICTED if CONTRADICTED in verdicts else UNSUPPORTED


def one_study(speaking: Sequence[str]) -> str:
    """What a study says whose findings speak for, against or for neither: for one side alone, or for neither."""
    said = set(speaking) - {NEITHER}
    return said.pop() if len(said) == 1 else NEITHER
