"""The board of claims, and one claim in full, as answers."""

from __future__ import annotations

from typing import Any

from remit import __version__
from remit.answers.answer import Answer, Basis, Estimate
from remit.answers.basis import basis_of
from remit.answers.claims.decided import LEVEL, Decided, decide, looked_up, lowest
from remit.answers.claims.engine import DRAWS, PEOPLE, Engine
from remit.answers.claims.grounds import line
from remit.answers.claims.verdict import VERDICTS, together
from remit.answers.question import SEED
from remit.evidence.claims import Catalogue, Claim, load_claims
from remit.evidence.fingerprint import fingerprint, is_part
from remit.evidence.tables import near_miss
from remit.inference.fitted import EVIDENCE_PARTS, Posterior, load
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.people import Diagnosis

ALSO_READ = (
    "claims.yaml", "searches.csv", "findings.csv", "moderators", "regulatory.csv", "safety", "safety_studies.csv",
    "eligibility.yaml", "monitoring.yaml", "exposures", "routes.yaml",
)  # fmt: skip
"""Parts of the evidence that verdicts rest on besides those the posterior saw."""
CAVEATS = (
    "A verdict is about the claim as worded here. Each part of it is a question with a limit and a reason; another "
    "limit may give another verdict.",
    "The engine cannot show that the drug does nothing or harm: an effect below zero lies outside its model. What the "
    "drug adds is therefore held against a limit, and not against zero.",
    "Unsupported means: looked for and not shown. It does not mean shown to be false; that is called contradicted.",
    "Unknown means: not in the collected evidence. It may have been published elsewhere; where it was looked up, the "
    "day and what came of it stand with the part.",
    "Nearly all findings about who responds come from depression and are carried over to anxiety.",
    "Findings were read from abstracts, tables and summaries; the note beside each says what is missing.",
    "Not medical advice. A clinician who supervises treatment decides.",
)


def claims(posterior: Posterior | None = None, catalogue: Catalogue | None = None) -> Answer:
    """Every claim with its verdict.

    Args:
        posterior: the calibrated one when None.
        catalogue: of claims and rules; that of the published evidence when None.

    Raises:
        StalePosterior: there is no posterior, or it was fitted to other evidence than today's.
        EvidenceRefused: the catalogue is malformed.
    """
    catalogue = catalogue or load_claims()
    full = posterior or load()
    engine, basis = _engine(full, catalogue)
    found = [_decided(claim, engine, basis, catalogue) for claim in catalogue.claims.values()]
    counts = {verdict: sum(each["verdict"] == verdict for each in found) for verdict in VERDICTS}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    sentence = f"Of {len(found)} claims about ketamine for anxiety: {told}."
    return _answer("Which common claims about ketamine for anxiety are true?", sentence, found, catalogue, full, basis)


def claim(name: str, posterior: Posterior | None = None) -> Answer:
    """One claim in full.

    Args:
        name: id of the claim.
        posterior: the calibrated one when None.

    Raises:
        InputRefused: there is no such claim.
        StalePosterior, EvidenceRefused: see `claims`.
    """
    catalogue = load_claims()
    if name not in catalogue.claims:
        raise InputRefused(
            f"unknown claim {name!r}", remedy=near_miss(name, catalogue.claims) or "See: remit claims", where="CLAIM"
        )
    full = posterior or load()
    engine, basis = _engine(full, catalogue)
    found = _decided(catalogue.claims[name], engine, basis, catalogue)
    sure = f" Certainty: {found['certainty']}." if found["certainty"] else ""
    sentence = f"{found['claim']}: {found['verdict']}.{sure}"
    return _answer(f"Is it true: {found['claim']}?", sentence, [found], catalogue, full, basis)


def _engine(posterior: Posterior, catalogue: Catalogue) -> tuple[Engine, Basis]:
    return Engine(posterior.thinned(DRAWS), catalogue.courses), basis_of(Diagnosis.MIXED_ANXIETY, posterior)


def _decided(claim: Claim, engine: Engine, basis: Basis, catalogue: Catalogue) -> dict[str, Any]:
    parts = [
        looked_up(decide(part, engine, basis, catalogue.thresholds), f"{claim.id}/{part.id}") for part in claim.parts
    ]
    verdict = together([each.verdict for each in parts], catalogue.thresholds)
    certainty, reasons = lowest(parts, verdict)
    return {
        "id": claim.id,
        "claim": claim.claim,
        "verdict": verdict,
        "line": _line(parts, catalogue),
        "certainty": certainty,
        "certainty_reasons": list(reasons),
        "parts": [each.as_dict() | {"ground_said": catalogue.grounds[each.ground].said} for each in parts],
        "missing": claim.missing,
        "studies": list(dict.fromkeys(study for each in parts for study in each.studies)),
        "source_ids": list(dict.fromkeys(each for part in parts for each in part.source_ids)),
    }


def _line(parts: list[Decided], catalogue: Catalogue) -> str:
    """Each part with what its verdict comes down to; of a claim of one part its numbers as well."""
    told = line([(each.verdict, catalogue.grounds[each.ground].said, each.part.short) for each in parts])
    return told if len(parts) > 1 else f"{told[:-1]} ({parts[0].line})."


def _answer(
    question: str, sentence: str, found: list[dict[str, Any]], catalogue: Catalogue, posterior: Posterior, basis: Basis
) -> Answer:
    estimates = {
        f"{each['id']}_{part['id']}": Estimate(
            *(part["number"][name] for name in ("value", "low", "high", "unit", "level"))
        )
        for each in found
        for part in each["parts"]
        if part["number"]
    }
    return Answer(
        question=question,
        sentence=sentence,
        estimates=estimates,
        detail={
            "claims": found,
            "rules": dict(catalogue.statements),
            "thresholds": {
                name: {"value": each.value, "because": each.because} for name, each in catalogue.thresholds.items()
            },
            "grounds": {name: {"said": each.said, "when": each.when} for name, each in catalogue.grounds.items()},
            "level": LEVEL,
            "people": PEOPLE,
            "draws": min(DRAWS, posterior.size),
        },
        basis=basis,
        assumptions={f"rule_{name}": said for name, said in catalogue.statements.items()},
        caveats=CAVEATS,
        extrapolations=(),
        sources=tuple(dict.fromkeys(study for each in found for study in each["studies"])),
        # older evidence has no record of searches
        evidence_hash=fingerprint(*EVIDENCE_PARTS, *(each for each in ALSO_READ if is_part(each))),
        seed=SEED,
        version=__version__,
    )
