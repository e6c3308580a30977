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
        text=textwrap.wrap(title or answer["sentence"], letters), anchor="start", frame="bounds", font=SERIF,
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


def rests_on(answer: dict[str, Any]) -> str:
    """What an answer rests on, in a line under its picture."""
    basis = answer["basis"]
    why = "; ".join(basis["certainty_reasons"])
    certainty = f"Certainty: {basis['certainty']}" + (f" ({why})." if why else ".")
    return f"Rests on {len(basis['studies'])} ketamine studies, {basis['people']:,} people. {certainty}"


def save_framed(specification: Part, answer: dict[str, Any], words: str, tables: Sequence[Table], path: Path) -> Path:
    """Write a picture of an answer; the ending of the path chooses the kind.

    Args:
        specification: from `framed`.
        answer: `Answer.as_dict()`.
        words: what the picture shows, for those who cannot see it.
        tables: stand under the picture in an ``.html`` file, before what is assumed and what to beware of.
        path: ``.svg``, ``.png``, ``.pdf`` or ``.html``.

    Raises:
        InputRefused, OutputRefused: see `remit.reports.picture.check_path`.
    """
    check_path(path)

    def sections() -> list[tuple[str, str]]:
        found = [(heading, table_html(head, rows)) for heading, head, rows in tables if rows]
        lists = [("Beyond the evidence", answer["extrapolations"]), ("Assumed", answer["assumptions"].values()),
                 ("Beware", answer["caveats"])]  # fmt: skip
        return [*found, *((heading, list_html(lines)) for heading, lines in lists if lines)]

    content = drawn({**specification, "description": words}, path.suffix.lower(), answer["question"], words, sections)
    return write_whole(content, path)
