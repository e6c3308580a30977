"""The report of an analysis: a page that needs no other host, pictures beside it, and tables in the terminal."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from remit.reports.picture import drawn, table_html, write_whole

Rows = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Header and rows of a table of words."""
Pictures = Mapping[str, tuple[dict[str, Any], str]]
"""Name of each picture: its specification, and what it shows in words."""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 2rem auto; max-width: 1060px; padding: 0 1rem; background: #ffffff; color: #1b1f23;
  font: 16px/1.5 "Source Sans Pro", Inter, Helvetica, Arial, sans-serif; }}
h1, h2 {{ font-family: "Source Serif Pro", "Source Serif 4", Georgia, serif; font-weight: 600; }}
h1 {{ font-size: 1.35rem; line-height: 1.35; }} h2 {{ font-size: 1.05rem; margin-top: 2.2rem; }}
p.basis {{ color: #5b636b; }}
figure {{ margin: 1rem 0; overflow-x: auto; }} figure svg {{ max-width: 100%; height: auto; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93rem; }}
th, td {{ text-align: right; padding: .25rem .7rem; border-bottom: 1px solid #d9dde1; font-weight: 400;
  white-space: nowrap; }}
thead th {{ font-weight: 600; vertical-align: bottom; white-space: normal; max-width: 11rem; }}
th:first-child, td:first-child {{ text-align: left; }}
@media (max-width: 700px) {{ figure svg {{ max-width: none; width: 42rem; }} }}
@media print {{
  body {{ margin: 0; max-width: none; font-size: 10.5pt; }}
  h1, h2 {{ break-after: avoid; }} figure, tr, li {{ break-inside: avoid; }}
  figure svg {{ max-height: 24cm; width: 100%; }} thead {{ display: table-header-group; }}
  figure, .wide {{ overflow: visible; }} table {{ font-size: .85rem; }} th, td {{ padding: .2rem .5rem; }}
}}
</style>
</head>
<body>
<h1>{answer}</h1>
<p class="basis">{basis}</p>
{sections}
</body>
</html>
"""


def print_table(console: Console, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """One table of the page, in the terminal."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title or None, title_justify="left", title_style="bold")
    for place, name in enumerate(header):
        table.add_column(name, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def wide(content: Rows) -> str:
    """A table of the page, which scrolls by itself where it is wider than the screen."""
    return f'<div class="wide">{table_html(*content)}</div>'


def write_pictures(found: Pictures, folder: Path, kinds: Sequence[str]) -> list[Path]:
    """Write every picture in every kind; each file whole or not at all.

    Args:
        found: the pictures.
        folder: where to.
        kinds: of files: ``svg``, ``png``, ``pdf``.

    Returns:
        The files.
    """
    return [
        write_whole(drawn(picture, f".{kind}", name, words, list), folder / f"{name}.{kind}")
        for name, (picture, words) in found.items()
        for kind in kinds
    ]


def write_report(
    folder: Path, title: str, answer: str, basis: str, parts: Sequence[str], name: str = "report.html"
) -> Path:
    """Write the page whole or not at all.

    Args:
        folder: where to.
        title: of the window.
        answer: the first thing to read.
        basis: what it rests on.
        parts: of the page, as HTML.
        name: of the file.
    """
    page = PAGE.format(
        title=html.escape(title), answer=html.escape(answer), basis=html.escape(basis), sections="\n".join(parts)
    )
    return write_whole(page.encode(), folder / name)
