"""How far a body of evidence can be trusted: computed from its studies by a stated rule, never typed in.

The rule follows GRADE in spirit. It starts at high when at least one study is randomised, at low when none is, and goes
down one step for each of

    masking        fewer than half of the randomised people were in trials whose control could hide the drug
                   (active control, anaesthesia)
    size           fewer than 400 randomised people in all
    inconsistency  the effect differs between studies by more than it is on average
    indirectness   fewer than half of the randomised people have the diagnosis asked about
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from remit.evidence.trials import Trial

LEVELS = ("very low", "low", "moderate", "high")
WELL_MASKED = frozenset({"active_control", "anaesthesia"})
ENOUGH_PEOPLE = 400  # choice: the optimal information size GRADE suggests for a continuous outcome


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure one may be.

    Attributes:
        level: one of `LEVELS`.
        reasons: what took it down, in plain words.
    """

    level: str
    reasons: tuple[str, ...]


def people_in(trial: Trial) -> int:
    """People in a study: the sum over its arms, or its largest row where arms are pooled; in a crossover each person
    once."""
    sizes = [arm.n for arm in trial.arms if arm.n]
    if not sizes:
        return 0
    return max(sizes) if trial.design == "rct_crossover" or trial.kind in {"meta_analysis", "pooled"} else sum(sizes)


def appraise(trials: Iterable[Trial], diagnosis: str, spread_over_effect: float) -> Certainty:
    """Certainty of what a set of studies says about a diagnosis.

    Args:
        trials: the studies an answer rests on.
        diagnosis: code of the population asked about.
        spread_over_effect: spread of the effect between studies over its average [ratio].
    """
    used = list(trials)
    randomised = [trial for trial in used if trial.design.startswith("rct")]
    if not randomised:
        return Certainty("very low", ("no randomised study",))
    reasons = []
    people = sum(people_in(trial) for trial in randomised)
    masked = sum(people_in(trial) for trial in randomised if trial.masking in WELL_MASKED)
    direct = sum(people_in(t) for t in randomised if any(row.population == diagnosis for row in t.outcomes))
    if masked < 0.5 * people:
        reasons.append(f"only {masked} of {people} randomised people were in trials that could hide the drug")
    if people < ENOUGH_PEOPLE:
        reasons.append(f"{people} randomised people in all, fewer than {ENOUGH_PEOPLE}")
    if spread_over_effect > 1.0:
        reasons.append("the effect differs between studies by more than its average")
    if direct < 0.5 * people:
        reasons.append(f"only {direct} of {people} randomised people had the diagnosis asked about")
    return Certainty(LEVELS[max(0, len(LEVELS) - 1 - len(reasons))], tuple(reasons))
