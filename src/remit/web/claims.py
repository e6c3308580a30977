"""Is this claim true: the board, and one claim with how its verdict came about."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from remit.web.answering import Answered, Answers
from remit.web.faults import gone
from remit.web.page import page
from remit.web.pictures import sent

router = APIRouter(include_in_schema=False)


def answered(name: str | None = None) -> Answered:
    """The board, or one claim in full.

    Args:
        name: id of the claim; the board when None.

    Raises:
        InputRefused: there is no such claim.
    """
    from remit.answers.claims import board
    from remit.answers.shipped import shipped

    return (board.claims(shipped()) if name is None else board.claim(name, shipped())).as_dict()


@router.get("/claims")
async def claims(request: Request) -> Response:
    """Every claim in the order of the verdicts."""
    from remit.answers.claims.verdict import VERDICTS
    from remit.reports.claims_chart import described_board, in_order

    answers: Answers = request.app.state.answers
    answer = await answers.computed(answered, None)
    return page(
        request, "claims.html", title="Which claims are true?", answer=answer, verdicts=VERDICTS,
        rows=in_order(answer["detail"]["claims"]), words=described_board(answer),
    )  # fmt: skip


@router.get("/claims/{name}")
async def claim(request: Request, name: str) -> Response:
    """One claim, step by step."""
    from remit.evidence.claims import load_claims
    from remit.evidence.sources import load_sources
    from remit.evidence.tables import near_miss
    from remit.evidence.trials import load_trials
    from remit.reports.claims_page import evidence_lines

    known = load_claims().claims
    if name not in known:
        raise gone(f"There is no claim {name[:60]}. {near_miss(name, known)}")
    answers: Answers = request.app.state.answers
    answer = await answers.computed(answered, name)
    found = answer["detail"]["claims"][0]
    return page(
        request, "claim.html", title=found["claim"], answer=answer, claim=found, evidence_lines=evidence_lines,
        sources=[load_sources()[each] for each in found["source_ids"]], trials=load_trials(),
    )  # fmt: skip


@router.get("/picture/claims/board.{kind}")
async def picture(request: Request, kind: str) -> Response:
    """The board as a picture."""
    from remit.reports.claims_chart import claims_chart, described_board
    from remit.reports.screen_pictures import unpadded

    answers: Answers = request.app.state.answers
    answer = await answers.computed(answered, None)
    return await sent(
        request, kind, ("claims",), answer,
        lambda found, theme, narrow: unpadded(claims_chart(found, theme, narrow=narrow)), described_board(answer),
    )  # fmt: skip
