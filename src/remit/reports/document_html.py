"""A report as one HTML file for A4 and for the screen."""

from __future__ import annotations

import html

from remit.reports.document import Block, Bullets, Columns, Document, Grid, Paragraph
from remit.reports.drawings import drawing
from remit.reports.picture import framed, list_html
from remit.reports.sheet import rows_html, sheet


def to_html(document: Document) -> bytes:
    """The content of the file; it needs no other and asks no other host.

    Args:
        document: what stands on it.
    """
    sections = [(section.heading, "".join(_block(block) for block in section.blocks)) for section in document.sections]
    return sheet(document.title, document.kicker, document.lead, sections, document.foot)


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f'<p class="soft">{html.escape(block.text)}</p>' if block.soft else f"<p>{html.escape(block.text)}</p>"
    if isinstance(block, Bullets):
        return list_html(block.items)
    if isinstance(block, Grid):
        return rows_html(block.header, block.rows)
    if isinstance(block, Columns):
        inside = "".join(f"<div>{''.join(_block(each) for each in column)}</div>" for column in block.columns)
        return f'<div class="columns">{inside}</div>'
    return framed(drawing(block), block.name)
