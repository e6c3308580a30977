"""What the answers rest on: some studies left out, and how far each answer moves."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit import __version__
from remit.answers.answer import Answer, Basis
from remit.answers.basis import (
    basis_of,
    certainty_of_studies,
    is_about_ketamine,
    ketamine_studies,
    selection,
    spread_over_effect,
)
from remit.answers.claims.decided import Decided, by_tally, decide, weighted
from remit.answers.claims.engine import Engine
from remit.answers.claims.gathered import statements
from remit.answers.claims.verdict import together
from remit.answers.question import SEED
from remit.evidence.appraisal import MASKS
from remit.evidence.claims import Claim, load_claims
from remit.evidence.fingerprint import fingerprint
from remit.evidence.tables import near_miss
from remit.evidence.trials import DESIGNS, MASKINGS, POPULATIONS, Trial, load_trials
from remit.inference.fitted import EVIDENCE_PARTS, Posterior, load
from remit.inference.held_out import LEAST_ESS
from remit.inference.left_out import Reweighted, without
from remit.inference.pareto import K_LIMIT
from remit.vocabulary.errors import InputRefused, NotConverged
from remit.vocabulary.people import Diagnosis, parse_diagnosis

Floats = NDArray[np.float64]
SPONSORS = ("company",)
LEVEL = 0.9
"""Of the intervals [fraction]."""
NUMBERS: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
    ("response_at_24_h", {"what": "response", "course": "one", "at": "24h"}, {}),
    ("response_added_at_24_h", {"what": "response_added", "course": "one", "at": "24h"}, {}),
    ("response_added_at_7_d", {"what": "response_added", "course": "one", "at": "7d"}, {}),
    ("change_added_at_24_h", {"what": "change_added", "course": "one", "at": "24h"}, {}),
    ("never", {"what": "never", "course": "one"}, {}),
    ("half_life", {"what": "half_life_d", "course": "one"}, {}),
    ("response_added_after_six", {"what": "response_added", "course": "six", "after_last": "1d"}, {}),
    (
        "beyond_control_less_ssri_at_3_d",
        {"what": "points_added", "course": "one", "at": "72h"},
        {"what": "points_added", "course": "ssri", "at": "72h"},
    ),
)
"""The numbers that are looked at: name, number of the engine, and what is taken off it in the same draw."""
CAVEATS = (
    "Leaving studies out is a question about the answer, not a better answer: what is left is fewer people.",
    "The draws of the whole posterior are weighted. Rows of other studies that were set aside because of the ones left "
    "out, such as pools of the same trials, do not come in; a new fit takes them in.",
    "An answer that moves little may rest on what was believed before the data; the calibration page says how much.",
    "Not medical advice. A clinician who supervises treatment decides.",
)


def chosen(
    *,
    masking: str | None = None,
    design: str | None = None,
    sponsor: str | None = None,
    diagnosis: str | None = None,
    studies: Collection[str] = (),
    every: bool = False,
) -> tuple[str, ...]:
    """Studies that any of the criteria picks.

    Args:
        masking, design, diagnosis: as in the evidence.
        sponsor: ``company`` picks studies whose data came from the maker.
        studies: ids.
        every: also trials of daily medicines and therapies; else criteria pick studies of ketamine or esketamine only.

    Raises:
        InputRefused: a criterion is not one of the evidence, or none was given.
    """
    trials = load_trials()
    for value, allowed, where in (
        (masking, MASKINGS, "--masking"), (design, DESIGNS, "--design"), (sponsor, SPONSORS, "--sponsor"),
        (diagnosis, POPULATIONS, "--diagnosis"),
    ):  # fmt: skip
        if value is not None and value not in allowed:
            hint = near_miss(value, allowed)
            raise InputRefused(f"unknown {where[2:]} {value!r}", allowed=", ".join(allowed), remedy=hint, where=where)
    for study in studies:
        if study not in trials:
            hint = near_miss(study, trials) or "See: remit evidence list"
            raise InputRefused(f"unknown study {study!r}", remedy=hint, where="--study")
    tests: list[Callable[[Trial], bool]] = []
    if masking is not None:
        tests.append(lambda trial: trial.masking == masking)
    if design is not None:
        tests.append(lambda trial: trial.design == design)
    if sponsor is not None:
        tests.append(lambda t: t.status == "company_report" or any(flag.kind == "company_data" for flag in t.flags))
    if diagnosis is not None:
        tests.append(lambda trial: any(row.population == diagnosis for row in trial.outcomes))
    if not tests and not studies:
        raise InputRefused(
            "nothing to leave out", allowed="--masking, --design, --sponsor, --diagnosis, --study or --retracted"
        )
    named = set(studies)
    return tuple(
        name
        for name, trial in trials.items()
        if name in named or ((every or is_about_ketamine(trial)) and any(test(trial) for test in tests))
    )


def answers_without(
    studies: Collection[str],
    posterior: Posterior | None = None,
    refitted: Posterior | None = None,
    engine: Engine | None = None,
) -> Answer:
    """How the answers move when studies are left out.

    Args:
        studies: ids; among those that ketamine sessions or other treatments are calibrated on.
        posterior: the calibrated one when None.
        refitted: a posterior of its own without the studies, if there is one; else the draws are weighted.
        engine: numbers with all studies, of `whole_engine`, where several answers are asked for; they share it.

    Raises:
        NotConverged: the weights cannot be trusted; only a new fit says what is left.
        InputRefused: see `remit.inference.left_out.without`; or the refitted posterior saw other studies.
        StalePosterior: there is no posterior, or it was fitted to other evidence than today's.
    """
    full = posterior or load()
    catalogue = load_claims()
    before = engine or whole_engine(full)
    found = None
    if refitted is None:
        found = without(full, studies)
        _refuse_unsure(found)
        after = replace(before, weight=found.weight)
        out = found.studies
    else:
        out = tuple(refitted.manifest.get("without", ()))
        if set(out) != set(studies):
            raise InputRefused(
                f"that posterior was fitted without {', '.join(out) or 'nothing left out'}",
                remedy="Leave out the same studies", where="--refitted",
            )  # fmt: skip
        after = Engine(refitted, catalogue.courses)
    rows = [_row(name, of, minus, before, after) for name, of, minus in NUMBERS]
    basis = basis_of(Diagnosis.MIXED_ANXIETY, full)
    left = _left(basis, out, full)
    moved = [
        {"id": claim.id, "claim": claim.claim, "before": was, "after": now}
        for claim in catalogue.claims.values()
        if (was := _verdict(claim, before, basis, ())) != (now := _verdict(claim, after, left, out))
    ]
    detail = {
        "left_out": list(out),
        "people_left_out": basis.people - left.people,
        "timing_kept": [] if found is None else list(found.timing_kept),
        "road": "weights" if found else "refit",
        "pareto_k": None if found is None else found.k,
        "effective_draws": None if found is None else found.effective,
        "draws": full.size,
        "level": LEVEL,
        "rows": rows,
        "claims": moved,
        "certainty": {"before": basis.certainty, "after": left.certainty, "reasons": list(left.certainty_reasons)},
    }
    return Answer(
        question=f"How do the answers move without {_named(out)}?",
        sentence=_sentence(detail),
        estimates={},
        detail=detail,
        basis=left,
        assumptions={},
        caveats=CAVEATS,
        extrapolations=(),
        sources=left.studies,
        evidence_hash=fingerprint(*EVIDENCE_PARTS),
        seed=SEED,
        version=__version__,
    )


def _refuse_unsure(found: Reweighted) -> None:
    if found.is_trusted and found.effective >= LEAST_ESS:
        return
    command = " ".join(f"--without {study}" for study in found.studies)
    raise NotConverged(
        f"without {_named(found.studies)} the weights of the draws cannot be trusted: Pareto shape {found.k:.2f}, "
        f"{found.effective:.0f} effective draws",
        allowed=f"a shape below {K_LIMIT}, at least {LEAST_ESS:.0f} effective draws",
        remedy=f"Fit the model again (about an hour): remit calibrate {command} --no-hold-out --out FOLDER; then add "
        "--refitted FOLDER to this command",
    )


def certainty_said(found: dict[str, Any]) -> str:
    """The certainty of what is left, and whether that of all studies was another."""
    same = found["after"] == found["before"]
    return f"{found['after']}, {'as' if same else found['before']} with all studies"


def _row(name: str, of: dict[str, str], minus: dict[str, str], before: Engine, after: Engine) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name}
    for side, engine in (("before", before), ("after", after)):
        number = engine.number(of)
        values, said = number.values, number.said
        if minus:
            second = engine.number(minus)
            values, said = values - second.values, f"{said}, less {second.said}"
        here = weighted(values, engine.weight, LEVEL, number.unit)
        found |= {"said": said, "unit": number.unit, side: {"value": here.value, "low": here.low, "high": here.high}}
    return {**found, "moved": found["after"]["value"] - found["before"]["value"]}


def whole_engine(posterior: Posterior) -> Engine:
    """Numbers under every draw with all studies: most of the work of an answer, and the same for all of them."""
    return Engine(posterior, load_claims().courses)


def picks() -> dict[str, tuple[str, tuple[str, ...]]]:
    """What can be left out of the studies of ketamine that answers rest on: words and studies, by ``kind:value``."""
    used = set(ketamine_studies(selection()))
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for kind, values in (
        ("masking", MASKINGS), ("design", DESIGNS), ("diagnosis", POPULATIONS), ("sponsor", SPONSORS),
    ):  # fmt: skip
        for value in values:
            criterion: dict[str, Any] = {kind: value}
            own = tuple(name for name in chosen(**criterion) if name in used)
            if own and len(own) < len(used):
                found[f"{kind}:{value}"] = (_in_words(kind, value), own)
    for name in sorted(used):
        found[f"study:{name}"] = (name, (name,))
    return found


_OTHERS = {
    "TRD": "depression that resisted treatment", "MDD": "depression", "clinic_mixed": "any diagnosis, from clinics",
    "other": "other conditions", "suicidal": "depression with suicidal thoughts", "healthy": "no disorder",
}  # fmt: skip


def _in_words(kind: str, value: str) -> str:
    """A choice in words."""
    if kind == "masking":
        return MASKS[value]
    if kind == "diagnosis":
        return _OTHERS[value] if value in _OTHERS else parse_diagnosis(value).spoken
    return value.replace("rct_", "randomised ").replace("_", " ") if kind == "design" else "data of the maker"


def _left(basis: Basis, out: Collection[str], posterior: Posterior) -> Basis:
    studies = tuple(study for study in basis.studies if study not in set(out))
    certainty, people, designs = certainty_of_studies(studies, Diagnosis.MIXED_ANXIETY, spread_over_effect(posterior))
    return replace(
        basis, studies=studies, people=people, designs=designs, certainty=certainty.level,
        certainty_reasons=certainty.reasons,
    )  # fmt: skip


def _verdict(claim: Claim, engine: Engine, basis: Basis, out: Collection[str]) -> str:
    limits = load_claims().thresholds
    parts: list[Decided] = []
    for part in claim.parts:
        if part.rule == "tally" and out:
            heard = [each for each in statements(part) if each.study not in set(out)]
            parts.append(by_tally(part, heard, limits))
        else:
            parts.append(decide(part, engine, basis, limits))
    return together([each.verdict for each in parts], limits)


def _named(studies: Collection[str]) -> str:
    listed = list(studies)
    # choice: a sentence carries four names; the list stands below it
    return ", ".join(listed) if len(listed) <= 4 else f"{', '.join(listed[:3])} and {len(listed) - 3} other studies"


def _sentence(detail: dict[str, Any]) -> str:
    added = next(row for row in detail["rows"] if row["name"] == "response_added_at_24_h")

    def told(side: dict[str, float]) -> str:
        return f"{side['value']:.0f} of 100 ({side['low']:.0f} to {side['high']:.0f})"

    changed = len(detail["claims"])
    verdicts = "no verdict changes" if not changed else f"{changed} verdict{'s' if changed > 1 else ''} change"
    return (
        f"Without {_named(detail['left_out'])} the drug adds {told(added['after'])} responders at one day instead of "
        f"{told(added['before'])}; {verdicts}. Certainty: "
        f"{certainty_said(detail['certainty'])}."
    )
