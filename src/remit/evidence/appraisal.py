"""How far a body of evidence can be trusted: computed from its studies by one stated rule, never typed in.

The rule follows GRADE in spirit and is the same for every number of remit. It starts at high where at least half of the
people were in randomised comparisons with a control, and at low otherwise, and goes down one step for each of

    masking        fewer than half of the people were in studies that were masked
    size           fewer than 400 people in all
    consistency    the studies differ by more than is said beside the number, or there is only one
    directness     fewer than half of the people have the condition asked about

What counts as masked, and when studies differ too much, depends on what is measured and is said with each number: for
relief of symptoms only a control that can hide the drug masks it, and studies differ when the effect varies by more
than its average; for side effects a double-blind study is masked, and studies differ when more than half of their
variance is not chance. The effect on symptoms is carried by randomised studies alone: open ones are kept out of it by
the bias that the calibration estimates. A body without any study has the lowest level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from remit.evidence.trials import Trial

LEVELS = ("very low", "low", "moderate", "high")
MASKS = {
    "open": "everybody knew", "inert_control": "inert control (weak mask)",
    "active_control": "active control (better mask)", "anaesthesia": "under anaesthesia (best mask)",
    "not_applicable": "masking not applicable",
}  # fmt: skip
"""Maskings in words."""
WELL_MASKED = frozenset({"active_control", "anaesthesia"})
ENOUGH_PEOPLE = 400  # choice: the optimal information size GRADE suggests for a continuous outcome
HALF = 0.5
"""choice: the majority decides whether a body of evidence is randomised, masked or direct."""
NOT_RANDOMISED = 2
"""Steps from high to low, where most people were in no randomised comparison."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure one may be.

    Attributes:
        level: one of `LEVELS`.
        reasons: what took it down, in plain words.
    """

    level: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """One study as far as certainty is concerned.

    Attributes:
        study_id: its name.
        people: people in it; None where not stated, which counts as none.
        is_randomised: with a control that was drawn by lot.
        is_masked: people could not tell, by the standard of what is measured.
        is_direct: its people have the condition asked about.
    """

    study_id: str
    people: int | None
    is_randomised: bool
    is_masked: bool
    is_direct: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """How the reasons of a certainty are said.

    Attributes:
        people: who is counted, for example ``randomised people``.
        masked: what masked studies are called.
        condition: what the people should have.
        differ: what is said of studies that differ too much.
    """

    people: str = "people"
    masked: str = "double-blind studies"
    condition: str = "an anxiety disorder"
    differ: str = "studies differ by more than chance"


def certainty_of(witnesses: Sequence[Witness], differ: bool, said: Wording | None = None) -> Certainty:
    """Certainty of a number.

    Args:
        witnesses: the studies that carry it.
        differ: whether they differ too much; makes no difference where there is only one.
        said: words of the reasons.
    """
    said = said or Wording()
    if not witnesses:
        return Certainty(LEVELS[0], ("no study",))
    people = sum(each.people or 0 for each in witnesses)

    def held(*chosen: bool) -> tuple[bool, int]:
        count = sum(each.people or 0 for each, is_so in zip(witnesses, chosen, strict=True) if is_so)
        return count >= HALF * people if people else all(chosen), count

    reasons = []
    start = len(LEVELS) - 1
    if not held(*(each.is_randomised for each in witnesses))[0]:
        start -= NOT_RANDOMISED
        reasons.append("most people were not in a randomised comparison")
    masked, in_masked = held(*(each.is_masked for each in witnesses))
    direct, of_them = held(*(each.is_direct for each in witnesses))
    alone = len(witnesses) == 1
    steps = (
        (masked, f"{_few(in_masked, people)} {said.people} were in {said.masked}"),
        (people >= ENOUGH_PEOPLE, f"{people} {said.people} in all, fewer than {ENOUGH_PEOPLE}"),
        (not alone, "one study only, so consistency cannot be judged"),
        (alone or not differ, said.differ),
        (direct, f"{_few(of_them, people)} {said.people} had {said.condition}"),
    )
    reasons += [told for is_fine, told in steps if not is_fine]
    down = sum(not is_fine for is_fine, _ in steps)
    return Certainty(LEVELS[max(0, start - down)], tuple(reasons))


def _few(count: int, people: int) -> str:
    return f"only {count} of {people}" if count else f"none of the {people}"


def people_in(trial: Trial) -> int:
    """People in a study: the sum over its arms, or its largest row where arms are pooled; in a crossover each person
    once."""
    sizes = [arm.n for arm in trial.arms if arm.n]
    if not sizes:
        return 0
    return max(sizes) if trial.design == "rct_crossover" or trial.kind in {"meta_analysis", "pooled"} else sum(sizes)


OF_SYMPTOMS = Wording(
    people="randomised people",
    masked="trials that could hide the drug",
    condition="the diagnosis asked about",
    differ="the effect differs between studies by more than its average",
)


def appraise(trials: Iterable[Trial], diagnosis: str, spread_over_effect: float) -> Certainty:
    """Certainty of what a set of studies says about the symptoms of people with a diagnosis.

    Args:
        trials: the studies an answer rests on; the randomised ones carry it.
        diagnosis: code of the population asked about.
        spread_over_effect: spread of the effect between studies over its average [ratio].
    """
    randomised = [trial for trial in trials if trial.design.startswith("rct")]
    if not randomised:
        return Certainty(LEVELS[0], ("no randomised study",))
    witnesses = [
        Witness(
            trial.study_id,
            people_in(trial),
            is_randomised=True,
            is_masked=trial.masking in WELL_MASKED,
            is_direct=any(row.population == diagnosis for row in trial.outcomes),
        )
        for trial in randomised
    ]
    return certainty_of(witnesses, spread_over_effect > 1.0, OF_SYMPTOMS)
