"""Drawings of the pictures of a report, kept for a while: drawing takes most of the time of a report, and the same one
is often wanted as HTML and as PDF. A report holds nothing of one person, so that a drawing may be kept.
"""

from __future__ import annotations

import json
from functools import lru_cache

from remit.reports.document import Picture
from remit.reports.picture import accessible_svg

MOST = 24
"""choice: a few reports of five pictures, each about 60 kB."""


@lru_cache(maxsize=MOST)
def _drawn(specification: str, name: str, words: str) -> str:
    return accessible_svg(json.loads(specification), name, words, roomy=True)


def drawing(picture: Picture) -> str:
    """A picture of a report as SVG, without the margin that it has when it stands alone."""
    return _drawn(json.dumps(picture.inset()), picture.name, picture.words)


def forget() -> None:
    """Let go of every drawing, so that the next report is drawn anew."""
    _drawn.cache_clear()
