"""Signs that print has and keyboards have not: minus signs, and spaces at which no line may break."""

from __future__ import annotations

import re

MINUS, TIED = "−", "\N{NO-BREAK SPACE}"
# a hyphen before a number is a minus where nothing it could join stands before it: no word, number, bracket or sign
_HYPHEN = re.compile(r"(?<![\w.)\]*/%−-])-(?=\.?\d)")
_APART = re.compile(r"(?<=\d) (?=%)")
# what people type or copy and what programs read, whole; any other tag; and last what stands between tags
_PIECE = re.compile(r"<(script|style|pre|textarea|code)\b.*?</\1>|<[^>]*>|[^<]+", re.DOTALL)


def minus(text: str) -> str:
    """A text whose negative numbers have minus signs: ``-1.4 (-3.6 to +0.6)`` as ``−1.4 (−3.6 to +0.6)``."""
    return _HYPHEN.sub(MINUS, text)


def in_print(text: str) -> str:
    """A text with minus signs, and with per cent tied to its number."""
    return _APART.sub(TIED, minus(text))


def page_in_print(page: str) -> str:
    """A page of HTML as `in_print` does it; tags, programs, and what people type or copy stay as they are."""
    return _PIECE.sub(lambda piece: piece[0] if piece[0].startswith("<") else in_print(piece[0]), page)
