"""Every chart once, as a Vega-Lite specification: command line, report and notebook show the same one."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import altair as alt

from remit.reports.course_chart import course_panel
from remit.reports.description import described
from remit.reports.marks import Part, page_config, small_print
from remit.reports.palette import SANS, SERIF, Theme, find_theme
from remit.reports.picture import save
from remit.reports.response_chart import response_panel
from remit.reports.session_chart import session_panel

WIDTH = 770
"""Of the main plotting area [pixels]; names stand to its right."""
TITLE_LETTERS = 108
NOTE_LETTERS = 168


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
    title = alt.TitleParams(
        text=_balanced(answer["sentence"], TITLE_LETTERS),
        subtitle=_subtitle(answer),
        anchor="start",
        frame="bounds",
        font=SERIF,
        fontSize=20,
        fontWeight=600,
        lineHeight=26,
        color=colours.ink,
        subtitleFont=SANS,
        subtitleFontSize=13,
        subtitleColor=colours.soft,
        subtitleLineHeight=18,
        subtitlePadding=14,
        offset=22,
    )
    return {
        "$schema": alt.SCHEMA_URL,
        "title": title.to_dict(),
        "description": described(answer),
        "vconcat": [course_panel(detail, colours, WIDTH), below, _footer(answer, colours)],
        "spacing": 26,
        "config": page_config(colours),
    }


def save_how_fast(answer: dict[str, Any], path: Path, theme: str = "light") -> Path:
    """Write the picture; the ending of the path chooses the kind.

    Args:
        answer: `Answer.as_dict()`.
        path: ``.svg``, ``.png``, ``.pdf`` or ``.html``.
        theme: ``light`` or ``dark``.

    Raises:
        InputRefused, OutputRefused: see `remit.reports.picture.check_path`.
    """
    return save(how_fast_chart(answer, theme), answer, path)


def _balanced(text: str, letters: int) -> list[str]:
    """Lines of about one length, as few as the widest allows."""
    fewest = len(textwrap.wrap(text, letters))
    narrow = next(width for width in range(letters // 2, letters + 1) if len(textwrap.wrap(text, width)) <= fewest)
    return textwrap.wrap(text, narrow)


def _subtitle(answer: dict[str, Any]) -> list[str]:
    detail = answer["detail"]
    level = f"{100 * detail['level']:g} %"
    asked = (
        f"{detail['regimen']['dose']}, {detail['regimen']['course']}; {detail['diagnosis']}, {detail['scale']['name']} "
        f"{detail['scale']['baseline_points']:g} at the start, {detail['regimen']['weight_kg']:g} kg."
    )
    key = (
        f"Thick line: typical person. Dashes beside it: {level} interval of that line, what we do not know. "
        "Blue bands: half and nine tenths of people, how people differ."
    )
    lines = [*textwrap.wrap(asked[:1].upper() + asked[1:], NOTE_LETTERS), *textwrap.wrap(key, NOTE_LETTERS)]
    if answer["extrapolations"]:
        lines += textwrap.wrap("Beyond the evidence: " + "; ".join(answer["extrapolations"]) + ".", NOTE_LETTERS)
    return lines


def _footer(answer: dict[str, Any], theme: Theme) -> Part:
    basis = answer["basis"]
    designs = "; ".join(f"{count} {words}" for words, count in basis["designs"].items())
    rests = (
        f"Rests on {len(basis['studies'])} ketamine studies, {basis['people']:,} people ({designs}). Certainty: "
        f"{basis['certainty']} "
        f"({'; '.join(basis['certainty_reasons'])}). The bias of studies in which everybody knew what was given is "
        f"estimated and left out."
    )
    made = (
        f"remit {answer['version']}, evidence {answer['evidence_hash'][:12]}, seed {answer['seed']}. Not medical "
        f"advice; no advice on dose "
        "for a person alone."
    )
    lines = [*textwrap.wrap(rests, NOTE_LETTERS + 8), *textwrap.wrap(made, NOTE_LETTERS + 8)]
    return small_print(lines, theme, WIDTH)
