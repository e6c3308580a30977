"""What a page shows of a meta-analysis, over time or of one time: the answer, its tables, and one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from remit.reports import classic_page, meta_page
from remit.reports.meta_chart import course_picture
from remit.reports.meta_tables import effect_rows, league_rows

Summary = dict[str, Any]
Table = tuple[str, list[str], list[list[str]]]


@dataclass(frozen=True, slots=True)
class Face:
    """The words of an analysis.

    Attributes:
        sentence: the answer.
        lines: what stands beside it.
        tables: title, header and rows.
    """

    sentence: str
    lines: list[str]
    tables: list[Table]


def face_of(summary: Summary) -> Face:
    """The words of an analysis.

    Args:
        summary: what ``remit meta --json`` prints.
    """
    if "courses" not in summary:
        return Face(classic_page.answer(summary), classic_page.facts(summary), classic_page.tables(summary))
    tables: list[Table] = [("Effects", *effect_rows(summary)), ("Every pair", *league_rows(summary))]
    return Face(meta_page.sentence(summary), [meta_page.basis(summary), *meta_page.remarks(summary)], tables)


def picture_of(summary: Summary, theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """The picture of an analysis as a Vega-Lite specification.

    Args:
        summary: what ``remit meta --json`` prints.
        theme: ``light`` or ``dark``.
        narrow: for a telephone.
    """
    if "courses" in summary:
        return course_picture(summary, theme, narrow=narrow)
    return classic_page.forest(summary, theme, narrow=narrow)
