"""One part of a claim, decided: what was looked at, how its rule came to the verdict, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from remit.answers.answer import Basis, Estimate
from remit.answers.claims.engine import Engine, Floats
from remit.answers.claims.gathered import Fact, facts, ketamine_trials, ssri_basis, statements
from remit.answers.claims.grounds import Heard, of_facts, of_number, of_studies
from remit.answers.claims.routes import beside
from remit.answers.claims.statement import Statement
from remit.answers.claims.verdict import (
    AGAINST,
    FOR,
    NEITHER,
    UNKNOWN,
    Limits,
    capped,
    of_chance,
    of_record,
    of_tally,
    one_study,
)
from remit.evidence.appraisal import LEVELS, Certainty, Witness, certainty_of
from remit.evidence.claims import Part
from remit.evidence.searches import NOTHING, last_search
from remit.inference.predictive import quantiles
from remit.vocabulary.clock import HOURS_PER_DAY, spoken

LEVEL = 0.9
"""Of the intervals [fraction]."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A part with its verdict.

    Attributes:
        part: the question.
        verdict: one of `remit.answers.claims.verdict.VERDICTS`.
        ground: what it comes down to; one of `remit.evidence.claims.GROUNDS`.
        line: one line of numbers.
        steps: how the rule came to it.
        certainty, certainty_reasons: of what it rests on; None for facts of record.
        number: of the engine, with its interval; None where the part rests on studies or records.
        evidence: what was gathered, as plain values.
        studies, source_ids: where it comes from.
    """

    part: Part
    verdict: str
    ground: str
    line: str
    steps: tuple[str, ...]
    certainty: str | None
    certainty_reasons: tuple[str, ...]
    number: Estimate | None = None
    evidence: tuple[dict[str, Any], ...] = ()
    studies: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        number = self.number
        return {
            "id": self.part.id, "asks": self.part.asks, "rule": self.part.rule, "because": self.part.because,
            "short": self.part.short, "verdict": self.verdict, "ground": self.ground, "line": self.line,
            "steps": list(self.steps), "certainty": self.certainty,
            "certainty_reasons": list(self.certainty_reasons),
            "number": None if number is None else {
                "value": number.value, "low": number.low, "high": number.high, "unit": number.unit,
                "level": number.level, "at_least": self.part.at_least, "at_most": self.part.at_most,
            },
            "evidence": list(self.evidence), "studies": list(self.studies), "source_ids": list(self.source_ids),
        }  # fmt: skip


def decide(part: Part, engine: Engine, basis: Basis, limits: Limits) -> Decided:
    """Apply the rule of a part.

    Args:
        part: the question.
        engine: its numbers.
        basis: what numbers about ketamine rest on.
        limits: thresholds by name.
    """
    if part.rule == "chance":
        is_daily = engine.courses[part.of["course"]]["daily"] is not None
        return by_chance(part, engine, ssri_basis(basis) if is_daily else basis, limits)
    if part.rule == "route":
        return by_route(part, limits)
    return by_record(part, facts(part)) if part.rule == "record" else by_tally(part, statements(part), limits)


def by_chance(part: Part, engine: Engine, basis: Basis, limits: Limits) -> Decided:
    """Hold a number of the engine against its limits in every draw."""
    first = engine.number(part.of)
    values, said = first.values, first.said
    if part.minus:
        second = engine.number(part.minus)
        values, said = values - second.values, f"{said}, less: {second.said}"
    low = -np.inf if part.at_least is None else part.at_least
    high = np.inf if part.at_most is None else part.at_most
    share = float(np.average((values >= low) & (values <= high), weights=engine.weight))
    half = np.average(values >= 0.5 * low, weights=engine.weight) if low > 0.0 and part.at_most is None else 0.0
    own = None if part.trials_of is None else ketamine_trials(part.trials_of)
    raw = of_chance(share, None if own is None else len(own), limits)
    verdict = capped(raw, basis.certainty, is_direct=True)
    number = weighted(values, engine.weight, LEVEL, first.unit)
    steps = [
        f"{told(number)} {said}.",
        f"Limit: {_limit(part, first.unit)}. {part.because}",
        f"In {100 * share:.0f} of 100 draws of the posterior it is: {raw}.",
    ]
    if own is not None:
        steps.insert(2, f"Usable trials of ketamine in {part.trials_of}: {len(own)}.")
    steps += _capping(raw, verdict, basis.certainty)
    line = f"{told(number)}; {_limit(part, first.unit)} in {100 * share:.0f} of 100 draws"
    if raw == UNKNOWN:
        line = f"no usable trial in {part.trials_of}; carried over: {told(number)}"
    studies = basis.studies if own is None else own
    ground = of_number(verdict, raw, float(half) >= limits["probable"].value)
    return Decided(
        part, verdict, ground, line, tuple(steps), basis.certainty, basis.certainty_reasons, number, (), studies
    )


def weighted(values: Floats, weight: Floats | None, level: float, unit: str) -> Estimate:
    """The median and central interval of a quantity across draws that may not be worth the same."""
    ends = np.array([0.5 - level / 2, 0.5, 0.5 + level / 2])
    low, middle, high = quantiles(values, ends, weight)
    return Estimate(float(middle), float(low), float(high), unit, level)


def by_tally(part: Part, heard: list[Statement], limits: Limits) -> Decided:
    """Count studies that speak for, against, or for neither."""
    by_study: dict[str, list[Statement]] = {}
    for each in heard:
        by_study.setdefault(each.study, []).append(each)
    spoken_for = {study: one_study([each.speaks for each in own]) for study, own in by_study.items()}
    speaking = list(spoken_for.values())
    raw = of_tally(speaking, limits)
    side = FOR if speaking.count(FOR) >= speaking.count(AGAINST) else AGAINST
    deciding = [each for each in heard if each.speaks == side] or heard
    is_direct = any(each.is_direct for each in deciding)
    certainty = _certainty(by_study, speaking)
    verdict = capped(raw, certainty.level, is_direct) if heard else raw
    yes, no, neither = (speaking.count(each) for each in (FOR, AGAINST, NEITHER))
    whom = sum(any(each.is_direct for each in own) for own in by_study.values())
    if heard:
        line = f"{yes} for, {no} against, {neither} neither of {len(speaking)} {_studies(len(speaking))}; {whom} direct"
        steps = [f"{len(speaking)} {_studies(len(speaking))}: {yes} for, {no} against, {neither} for neither: {raw}."]
        steps += _capping(raw, verdict, certainty.level)
    else:
        line, steps = "not in the collected evidence", ["Nothing in the collected evidence speaks about it: unknown."]
    evidence = [
        {
            "study": each.study, "speaks": each.speaks, "text": each.text, "people": each.people, "n": each.n,
            "is_direct": each.is_direct, "randomised": each.is_randomised, "source_id": each.source_id,
            "note": each.note,
        }
        for each in heard
    ]  # fmt: skip
    by_lot = any(each.is_randomised for each in deciding)
    in_people = any(each.people != "animals" for each in deciding)
    return Decided(
        part, verdict, of_studies(verdict, raw, Heard(speaking, is_direct, by_lot, in_people)), line, tuple(steps),
        certainty.level if heard else None, certainty.reasons if heard else (), None,
        tuple(evidence), tuple(by_study), tuple(dict.fromkeys(each.source_id for each in heard)),
    )  # fmt: skip


def by_route(part: Part, limits: Limits) -> Decided:
    """Set a number of one route beside that of every other route."""
    own, others = beside(part.of, limits["apart"].value)
    speaking = [each.speaks for each in others]
    raw = of_tally(speaking, limits)
    yes, no, neither = (speaking.count(each) for each in (FOR, AGAINST, NEITHER))
    side = FOR if yes > no else AGAINST
    is_direct = any(each.is_published for each in others if each.speaks == side)
    verdict = capped(raw, None, is_direct)
    line = f"{own}; {yes} of {len(others)} routes for, {no} against, {neither} alike"
    steps = [
        f"The route itself: {own}. {part.because}",
        f"{len(others)} other routes: {yes} for, {no} against, {neither} alike: {raw}.",
    ]
    if verdict != raw:
        steps.append(f"Because the absorption of every route that decides is assumed: {verdict} instead of {raw}.")
    return Decided(
        part, verdict, of_studies(verdict, raw, Heard(speaking, is_direct, True, True)), line, tuple(steps), None,
        ("kinetic models are not graded; how far they miss stands in docs/validation/exposure.md",), None,
        tuple(each.as_dict() for each in others), (), tuple(dict.fromkeys(each.source_id for each in others)),
    )  # fmt: skip


def by_record(part: Part, found: list[Fact]) -> Decided:
    """Put facts of record together."""
    yes = sum(fact.count for fact in found if fact.says == "yes")
    no = sum(fact.count for fact in found if fact.says == "no")
    verdict = of_record(yes, no)
    line = f"{yes} yes, {no} no" if found else "nothing on record in the collected evidence"
    steps = (f"Facts of record: {yes} say yes, {no} say no: {verdict}.",)
    evidence = [{"speaks": fact.says, "text": fact.text, "source_ids": list(fact.source_ids)} for fact in found]
    return Decided(
        part, verdict, of_facts(verdict), line, steps, None, ("a fact of record is not graded",), None, tuple(evidence),
        tuple(dict.fromkeys(study for fact in found for study in fact.studies)),
        tuple(dict.fromkeys(each for fact in found for each in fact.source_ids)),
    )  # fmt: skip


def looked_up(decided: Decided, name: str) -> Decided:
    """The part with the newest search about it on record, if there is one.

    Args:
        decided: the part.
        name: ``claim/part``.
    """
    search = last_search(name)
    if search is None:
        return decided
    count = len(search.rows)
    rows = f"{count} {'row' if count == 1 else 'rows'} added to the evidence"
    came = "nothing that could become a row" if search.found == NOTHING else rows
    note = f" ({search.note})" if search.note else ""
    step = f"Looked up on {search.searched_on}, {search.about}, in {search.where}: {came}{note}."
    is_empty = decided.ground == "not_collected" and search.found == NOTHING
    ground, line = ("not_found", "no published data found") if is_empty else (decided.ground, decided.line)
    return replace(decided, ground=ground, line=line, steps=(*decided.steps, step))


def lowest(parts: list[Decided], verdict: str) -> tuple[str | None, tuple[str, ...]]:
    """The lowest certainty of the parts that came to a verdict, or of all where none did; None where none is graded."""
    deciding = [each for each in parts if each.verdict == verdict] or parts
    graded = [each for each in deciding if each.certainty is not None]
    if not graded:
        return None, ()
    worst = min(graded, key=lambda each: LEVELS.index(str(each.certainty)))
    return worst.certainty, worst.certainty_reasons


def told(number: Estimate) -> str:
    """A number with its interval and unit; hours as days where they are many."""
    scale, unit = (
        (HOURS_PER_DAY, "d") if number.unit == "h" and number.value >= 2 * HOURS_PER_DAY else (1.0, number.unit)
    )
    value, low, high = (_short(each / scale) for each in (number.value, number.low, number.high))
    return f"{value} {unit} ({low} to {high})"


def _short(value: float) -> str:
    text = f"{value:.0f}" if abs(value) >= 10 else f"{value:.2g}"
    return "0" if text in {"-0", "-0.0"} else text


def _limit(part: Part, unit: str) -> str:
    def one(value: float) -> str:
        return spoken(value) if unit == "h" else f"{value:g} {unit}"

    if part.at_least is not None and part.at_most is not None:
        return f"{one(part.at_least)} to {one(part.at_most)}"
    return f"at least {one(part.at_least)}" if part.at_least is not None else f"at most {one(part.at_most or 0.0)}"


def _studies(count: int) -> str:
    return "study" if count == 1 else "studies"


def _capping(raw: str, verdict: str, certainty: str) -> list[str]:
    if raw == verdict:
        return []
    why = "certainty is very low" if certainty == LEVELS[0] else "nobody studied is whom the claim is about"
    return [f"Because {why}: {verdict} instead of {raw}."]


def _certainty(by_study: dict[str, list[Statement]], speaking: list[str]) -> Certainty:
    witnesses = [
        Witness(
            study, max((each.n or 0 for each in own), default=0), any(each.is_randomised for each in own),
            any(each.is_masked for each in own), any(each.is_direct for each in own),
        )
        for study, own in by_study.items()
    ]  # fmt: skip
    return certainty_of(witnesses, differ=FOR in speaking and AGAINST in speaking)
