"""The frame of a picture of an answer: the answer as its title, what was asked, the panels, what it rests on."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

from remit.reports.marks import Part, page_config, small_print
from remit.reports.palette import SANS, SERIF, Theme
from remit.reports.picture import check_path, drawn, list_html, table_html, write_whole

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A heading, the head of the columns, and rows of words."""
Lines = tuple[str, Sequence[str]]
"""A heading, and lines of a list."""


def framed(
    answer: dict[str, Any],
    panels: Sequence[Part],
    theme: Theme,
    *,
    notes: Sequence[str],
    foot: Sequence[str] = (),
    width: int,
    letters: int,
    title: str = "",
    left: float = -30,
) -> Part:
    """A whole picture as a Vega-Lite specification.

    Args:
        answer: `Answer.as_dict()`.
        panels: from top to bottom.
        theme: colours.
        notes: what was asked and how to read it; each begins a line under the title.
        foot: lines under the panels; what made the answer is added.
        width: of the picture [pixels].
        letters: of a line of the title; smaller print holds more.
        title: the answer's own sentence when empty.
        left: where small print begins, from where plots do [pixels].
    """
    small = round(1.42 * letters)
    heading = alt.TitleParams(
        text=balanced(title or answer["sentence"], letters), anchor="start", frame="bounds", font=SERIF,
        fontSize=19, subtitle=[line for note in notes for line in textwrap.wrap(note, small)], fontWeight=600,
        lineHeight=25, color=theme.ink, subtitleFont=SANS, subtitleFontSize=13, subtitleColor=theme.soft,
        subtitleLineHeight=18, subtitlePadding=12, offset=20,
    )  # fmt: skip
    made = (
        f"remit {answer['version']}, evidence {answer['evidence_hash'][:12]}, seed {answer['seed']}. Not medical "
        "advice; no advice on dose for a person alone."
    )
    lines = [line for note in (*foot, made) for line in textwrap.wrap(note, round(1.12 * small))]
    return {
        "$schema": alt.SCHEMA_URL,
        "title": heading.to_dict(),
        "vconcat": [*panels, small_print(lines, theme, width, left)],
        "spacing": 34,
        "config": page_config(theme),
    }


def balanced(text: str, letters: int) -> list[str]:
    """Lines of about one length, as few as the widest allows."""
    fewest = len(textwrap.wrap(text, letters))
    narrow = next(width for width in range(letters // 2, letters + 1) if len(textwrap.wrap(text, width)) <= fewest)
    return textwrap.wrap(text, narrow)


def asked_in(answer: dict[str, Any]) -> str:
    """What was asked about, in a line under the title of a picture."""
    detail = answer["detail"]
    regimen, scale = detail["regimen"], detail["scale"]
    asked = (
        f"{regimen['dose']}, {regimen['course']}; {detail['diagnosis']}, {scale['name']} "
        f"{scale['baseline_points']:g} at the start."
    )
    return asked[:1].upper() + asked[1:]


def rests_on(answer: dict[str, Any]) -> str:
    """What an answer rests on, in a line under its picture."""
    basis = answer["basis"]
    why = "; ".join(basis["certainty_reasons"])
    certainty = f"Certainty: {basis['certainty']}" + (f" ({why})." if why else ".")
    return f"Rests on {len(basis['studies'])} ketamine studies, {basis['people']:,} people. {certainty}"


def save_framed(
    specification: Part, answer: dict[str, Any], words: str, tables: Sequence[Table | Lines], path: Path
) -> Path:
    """Write a picture of an answer; the ending of the path chooses the kind.

    Args:
        specification: from `framed`.
        answer: `Answer.as_dict()`.
        words: what the picture shows, for those who cannot see it.
        tables: tables and lists that stand under the picture in an ``.html`` file, before what is assumed and what to
            beware of.
        path: ``.svg``, ``.png``, ``.pdf`` or ``.html``.

    Raises:
        InputRefused, OutputRefused: see `remit.reports.picture.check_path`.
    """
    under: list[Table | Lines] = [
        *tables, ("Beyond the evidence", answer["extrapolations"]), ("Assumed", list(answer["assumptions"].values())),
        ("Beware", answer["caveats"]),
    ]  # fmt: skip
    return save_drawn(specification, answer["question"], words, under, path)


def save_drawn(specification: Part, title: str, words: str, tables: Sequence[Table | Lines], path: Path) -> Path:
    """Write a picture of anything; the ending of the path chooses the kind.

    Args:
        specification: Vega-Lite, with its data inside.
        title: of the picture.
        words: what it shows, for those who cannot see it.
        tables: tables and lists that stand under it in an ``.html`` file; empty ones do not.
        path: ``.svg``, ``.png``, ``.pdf`` or ``.html``.

    Raises:
        InputRefused, OutputRefused: see `remit.reports.picture.check_path`.
    """
    check_path(path)

    def sections() -> list[tuple[str, str]]:
        return [
            (each[0], list_html(each[1]) if len(each) == 2 else table_html(each[1], each[2]))
            for each in tables
            if each[-1]
        ]

    content = drawn({**specification, "description": words}, path.suffix.lower(), title, words, sections)
    return write_whole(content, path)
