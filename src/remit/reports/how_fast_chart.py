"""How fast: the course, who has responded by when, and one session: command line, report and notebook show it."""

from __future__ import annotations

from typing import Any

from remit.reports.course_chart import course_panel
from remit.reports.description import described, horizon_table
from remit.reports.frame import Table, asked_in, framed
from remit.reports.horizon_strip_chart import LABELS, strip_panel
from remit.reports.palette import find_theme
from remit.reports.response_chart import response_panel
from remit.reports.session_chart import session_panel

WIDTH = 770
"""Of the main plotting area [pixels]; names stand to its right."""
LETTERS = 112


def how_fast_chart(answer: dict[str, Any], theme: str = "light") -> dict[str, Any]:
    """The picture of an answer to "how fast".

    Args:
        answer: `Answer.as_dict()`.
        theme: ``light`` or ``dark``.

    Returns:
        A Vega-Lite specification with its data inside.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    detail = answer["detail"]
    below = {"hconcat": [response_panel(detail, colours, 400), session_panel(detail, colours, 370)], "spacing": 64}
    strip = strip_panel(detail, colours, WIDTH + LABELS - 30)
    level = f"{100 * detail['level']:g} %"
    key = (
        f"Thick line: typical person. Dashes beside it: {level} interval of that line, what we do not know. "
        "Blue bands: half and nine tenths of people, how people differ. Cells: of 100 people, how many are there "
        f"at that time, with the {level} interval; darker where more."
    )
    asked = f"{asked_in(answer)[:-1]}, {detail['regimen']['weight_kg']:g} kg."
    beyond = ["Beyond the evidence: " + "; ".join(answer["extrapolations"]) + "."] if answer["extrapolations"] else []
    picture = framed(
        answer, [course_panel(detail, colours, WIDTH), strip, below], colours, notes=[asked, key, *beyond],
        foot=[_rests(answer)], width=WIDTH, letters=LETTERS,
    )  # fmt: skip
    return {**picture, "description": described(answer)}


def _rests(answer: dict[str, Any]) -> str:
    basis = answer["basis"]
    designs = "; ".join(f"{count} {words}" for words, count in basis["designs"].items())
    return (
        f"Rests on {len(basis['studies'])} ketamine studies, {basis['people']:,} people ({designs}). Certainty: "
        f"{basis['certainty']} ({'; '.join(basis['certainty_reasons'])}). The bias of studies in which everybody knew "
        "what was given is estimated and left out."
    )


def tables(answer: dict[str, Any]) -> list[Table]:
    """What stands under the picture, as tables."""
    return [(f"Of 100 people, with the {100 * answer['detail']['level']:g} % interval", *horizon_table(answer))]
