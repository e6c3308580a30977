"""Signs that print has and keyboards have not: minus signs, and spaces at which no line may break."""

from __future__ import annotations

import re

MINUS, TIED = "−", "\N{NO-BREAK SPACE}"
# a hyphen before a number is a minus where nothing it could join stands before it: no word, number, bracket or sign
_HYPHEN = r"(?<![\w.)\]*/%−-])-(?=\.?\d"
_HYPHEN_IN_TEXT = re.compile(_HYPHEN + ")")
_APART_IN_TEXT = re.compile(r"(?<=\d) (?=%)")
# of a page only what stands between tags, where the next bracket opens one
_OUTSIDE_TAGS = r"[^<>]*(?:<|\Z))"
_HYPHEN_IN_PAGE = re.compile(_HYPHEN + _OUTSIDE_TAGS)
_APART_IN_PAGE = re.compile(r"(?<=\d) (?=%" + _OUTSIDE_TAGS)
_AS_TYPED = re.compile(r"(<(?P<tag>script|style|pre|textarea|code)\b.*?</(?P=tag)>)", re.DOTALL)


def minus(text: str) -> str:
    """A text whose negative numbers have minus signs: ``-1.4 (-3.6 to +0.6)`` as ``−1.4 (−3.6 to +0.6)``."""
    return _HYPHEN_IN_TEXT.sub(MINUS, text)


def in_print(text: str) -> str:
    """A text with minus signs, and with per cent tied to its number."""
    return _APART_IN_TEXT.sub(TIED, minus(text))


def page_in_print(page: str) -> str:
    """A page of HTML as `in_print` does it; tags, programs, and what people type or copy stay as they are."""
    pieces = _AS_TYPED.split(page)
    # three pieces a match: text before it, all of it, the name of its tag
    for place in range(0, len(pieces), 3):
        pieces[place] = _APART_IN_PAGE.sub(TIED, _HYPHEN_IN_PAGE.sub(MINUS, pieces[place]))
    return "".join(piece for place, piece in enumerate(pieces) if place % 3 != 2)
