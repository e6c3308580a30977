"""What the answers are, in a few numbers and verdicts: by it two releases of the evidence are held side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remit.answers.claims.board import claims
from remit.answers.claims.decided import weighted
from remit.answers.claims.engine import DRAWS, Engine
from remit.answers.without import LEVEL, NUMBERS
from remit.evidence.claims import FILE, Catalogue, load_claims, parse_claims
from remit.evidence.tables import read_text, shipped_evidence
from remit.inference.fitted import load
from remit.vocabulary.errors import EvidenceRefused, RemitError, StalePosterior


def state(posterior: Path | None = None) -> dict[str, Any]:
    """The main numbers with their intervals, and the verdict of every claim.

    Args:
        posterior: its folder; the one that ships when None.

    Returns:
        ``stale`` and ``claims_fault`` say in words why there are no numbers or no verdicts, and ``claims_note`` whose
        claims they are; empty where there is nothing to say.
    """
    found: dict[str, Any] = {"stale": "", "claims_fault": "", "claims_note": "", "numbers": {}, "claims": {}}
    try:
        full = load(posterior)
    except StalePosterior as refusal:
        return {**found, "stale": str(refusal)}
    catalogue, found["claims_note"] = _catalogue()
    try:
        board = claims(full, catalogue)
        found["claims"] = {each["id"]: each["verdict"] for each in board.detail["claims"]}
    except RemitError as refusal:
        found["claims_fault"] = str(refusal)
    engine = Engine(full.thinned(DRAWS), catalogue.courses)
    for name, of, minus in NUMBERS:
        number = engine.number(of)
        values, said = number.values, number.said
        if minus:
            second = engine.number(minus)
            values, said = values - second.values, f"{said}, less {second.said}"
        here = weighted(values, None, LEVEL, number.unit)
        found["numbers"][name] = {
            "said": said, "unit": number.unit, "value": here.value, "low": here.low, "high": here.high,
        }  # fmt: skip
    return found


def _catalogue() -> tuple[Catalogue, str]:
    """The claims of the evidence that is read, or today's where those are of an older form, with a word about it."""
    try:
        return load_claims(), ""
    except EvidenceRefused:
        text = read_text(shipped_evidence() / FILE, FILE)
        return parse_claims(text), "The claims of that evidence have an older form; verdicts are by today's claims."
