"""A report as PDF, set by typst from a template that holds no content: words arrive as data, so none needs escaping."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from remit.reports.document import Block, Bullets, Columns, Document, Grid, Paragraph
from remit.reports.drawings import drawing
from remit.reports.sheet import NOT_ADVICE
from remit.reports.signs import in_print

HERE = Path(__file__).parent


def to_pdf(document: Document) -> bytes:
    """The content of the file: A4, tagged, its fonts inside. The same document is the same file.

    Args:
        document: what stands on it.
    """
    return set_in_type(document, "pdf")[0]


def set_in_type(document: Document, kind: str) -> list[bytes]:
    """A report as files: one for ``pdf``, one a page for ``svg`` or ``png``.

    Args:
        document: what stands on it.
        kind: ``pdf``, ``svg`` or ``png``.
    """
    import typst

    files = {f"{picture.name}.svg": drawing(picture).encode() for picture in document.pictures()}
    content = {
        "title": document.title,
        "kicker": document.kicker,
        "lead": document.lead,
        "small": document.small,
        "foot": [NOT_ADVICE, *document.foot],
        "sections": [
            {"heading": section.heading, "blocks": [_block(block) for block in section.blocks]}
            for section in document.sections
            if section.blocks
        ],
    }
    files |= {
        "main.typ": (HERE / "document.typ").read_bytes(),
        "content.json": json.dumps(_in_print(content), ensure_ascii=False).encode(),
    }
    # the library's types leave out that files may be given by name, and that only PDF has a time
    compiled: Any = typst.compile
    made = compiled(
        files, format=kind, font_paths=_fonts(), ignore_system_fonts=True, **({"timestamp": 0} if kind == "pdf" else {})
    )
    return [made] if isinstance(made, bytes) else list(made)


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(HERE / "fonts")])


def _in_print(content: Any) -> Any:
    """Every text of it with the signs of print; a number of it stays one."""
    if isinstance(content, str):
        return in_print(content)
    if isinstance(content, dict):
        return {name: _in_print(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_in_print(value) for value in content]
    return content


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": block.text, "soft": block.soft}
    if isinstance(block, Bullets):
        return {"kind": "bullets", "items": block.items}
    if isinstance(block, Grid):
        return {
            "kind": "grid",
            "header": block.header,
            "rows": block.rows,
            "widths": block.widths or (1.0,) * len(block.header),
        }
    if isinstance(block, Columns):
        return {"kind": "columns", "columns": [[_block(each) for each in column] for column in block.columns]}
    return {"kind": "picture", "file": f"{block.name}.svg", "words": block.words, "width": block.width}
