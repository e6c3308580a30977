"""What the answers are, in a few numbers and verdicts: by it two releases of the evidence are held side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remit.answers.claims.board import claims
from remit.answers.claims.decided import weighted
from remit.answers.claims.engine import DRAWS, Engine
from remit.answers.without import LEVEL, NUMBERS
from remit.evidence.claims import load_claims
from remit.inference.fitted import load
from remit.vocabulary.errors import RemitError, StalePosterior


def state(posterior: Path | None = None) -> dict[str, Any]:
    """The main numbers with their intervals, and the verdict of every claim.

    Args:
        posterior: its folder; the one that ships when None.

    Returns:
        ``stale`` and ``claims_fault`` say in words why there are no numbers or no verdicts; empty where there are.
    """
    found: dict[str, Any] = {"stale": "", "claims_fault": "", "numbers": {}, "claims": {}}
    try:
        full = load(posterior)
    except StalePosterior as refusal:
        return {**found, "stale": str(refusal)}
    try:
        courses = load_claims().courses
        board = claims(full)
    except RemitError as refusal:
        return {**found, "claims_fault": str(refusal)}
    found["claims"] = {each["id"]: each["verdict"] for each in board.detail["claims"]}
    engine = Engine(full.thinned(DRAWS), courses)
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
