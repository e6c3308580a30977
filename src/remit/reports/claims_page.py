"""Claims as text for the terminal and as a printable page: the board, and one claim with how its verdict came about."""

from __future__ import annotations

import html
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from remit.evidence.sources import load_sources
from remit.reports.claims_chart import claims_chart, described_board, in_order
from remit.reports.picture import figure, list_html
from remit.reports.sheet import rows_html, sheet, sources_html
from remit.reports.text_page import bullets

COLUMNS = 120
Answered = dict[str, Any]
PEOPLE = {"ptsd": "PTSD", "ocd": "OCD", "mixed": "with and without a disorder", "other": "others"}
"""Codes of whom a study was of that are no words."""
HEADER = ("claim", "verdict", "certainty", "what holds and what does not", "id")


def board_rows(answer: Answered) -> list[list[str]]:
    """A line a claim: claim, verdict, certainty, what its parts come to, id."""
    return [
        [each["claim"], each["verdict"], each["certainty"] or "on record", each["line"], each["id"]]
        for each in in_order(answer["detail"]["claims"])
    ]


def print_page(answer: Answered, console: Console) -> None:
    """Print the board, or one claim in full where there is one.

    Args:
        answer: `Answer.as_dict()` of `remit.answers.claims.board`.
        console: where to; its width is respected.
    """
    console.print(Text(answer["question"], style="dim"))
    console.print(Padding(Text(answer["sentence"], style="bold"), (1, 2)))
    if len(answer["detail"]["claims"]) == 1:
        _one(answer["detail"]["claims"][0], console)
    else:
        _board(answer, console)
    bullets(console, "How verdicts come about", [f"{name}: {said}" for name, said in answer["detail"]["rules"].items()])
    bullets(console, "What a part comes down to", grounds(answer))
    bullets(console, "Beware", answer["caveats"])
    console.print(Text(_made(answer), style="dim"))


def _board(answer: Answered, console: Console) -> None:
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, width in zip(HEADER, (34, 12, 9, 40, 22), strict=True):
        drawn.add_column(name, overflow="fold", max_width=width)
    for row in board_rows(answer):
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)
    console.print(Text("One claim in full: remit claims ID.", style="dim"))
    console.print()


def _one(claim: Answered, console: Console) -> None:
    for part in claim["parts"]:
        console.print(Text(asked(part), style="bold"))
        lines = list(part["steps"])
        if part["certainty"]:
            lines.append(
                f"Certainty: {part['certainty']} ({'; '.join(part['certainty_reasons']) or 'nothing took it down'})."
            )
        lines += evidence_lines(part)
        bullets(console, f"By the rule of a {part['rule']}", lines)
    bullets(console, "What is missing, and would change it", [claim["missing"]])
    bullets(console, "Studies", [", ".join(claim["studies"])] if claim["studies"] else [])
    known = load_sources()
    bullets(console, "Sources", [f"{each}: {known[each].citation}" for each in claim["source_ids"]])


def asked(part: Answered) -> str:
    """The question of a part, its verdict, and what that comes down to where it says more."""
    verdict, ground = part["verdict"], part["ground_said"]
    more = "" if part["ground"] in {"shown", "not_shown"} else f": {ground}"
    return f"{part['asks']} {verdict.capitalize()}{more}."


def evidence_lines(part: Answered) -> list[str]:
    """What was gathered for a part, a line each: which way it speaks, what it is, of whom."""
    lines = []
    for each in part["evidence"]:
        if "study" not in each:
            lines.append(f"{each['speaks']}: {each['text']}")
            continue
        count = "" if each["n"] is None else f", {each['n']} {'animals' if each['people'] == 'animals' else 'people'}"
        how = "randomised" if each["randomised"] else "not randomised"
        note = f" [{each['note']}]" if each["note"] else ""
        whom = PEOPLE.get(each["people"], each["people"].replace("_", " "))
        lines.append(f"{each['speaks']}: {each['study']} ({whom}{count}, {how}): {each['text']}{note}")
    return lines


def grounds(answer: Answered) -> list[str]:
    """What each ground of the claims shown means, a line each."""
    used = {part["ground"] for claim in answer["detail"]["claims"] for part in claim["parts"]}
    return [f"{each['said']}: {each['when']}" for name, each in answer["detail"]["grounds"].items() if name in used]


def _made(answer: Answered) -> str:
    detail = answer["detail"]
    return (
        f"remit {answer['version']}, evidence {answer['evidence_hash'][:12]}, seed {answer['seed']}, "
        f"{detail['draws']} draws, {100 * detail['level']:g} % intervals."
    )


def page(answer: Answered) -> bytes:
    """The board, or one claim, as a printable page."""
    claims = answer["detail"]["claims"]
    sections: list[tuple[str, str]] = []
    if len(claims) > 1:
        sections.append(("Where each stands", figure(claims_chart(answer), "claims", described_board(answer))))
        sections.append(("In one line each", rows_html(HEADER, board_rows(answer))))
    for claim in claims if len(claims) == 1 else ():
        sections += [(asked(part), _part_html(part)) for part in claim["parts"]]
        sections.append(("What is missing, and would change it", f"<p>{html.escape(claim['missing'])}</p>"))
        known = load_sources()
        told = {each: f"{known[each].citation}. {known[each].url or ''}" for each in claim["source_ids"]}
        sections.append(("Sources", sources_html(told)))
    sections.append(("How verdicts come about", list_html(f"{n}: {s}" for n, s in answer["detail"]["rules"].items())))
    sections.append(("What a part comes down to", list_html(grounds(answer))))
    sections.append(("Beware", list_html(answer["caveats"])))
    return sheet("Claims", answer["question"], answer["sentence"], sections, [_made(answer)])


def _part_html(part: Answered) -> str:
    lines = list(part["steps"])
    if part["certainty"]:
        lines.append(
            f"Certainty: {part['certainty']} ({'; '.join(part['certainty_reasons']) or 'nothing took it down'})."
        )
    evidence = list_html(evidence_lines(part)) if part["evidence"] else ""
    return list_html(lines) + evidence
