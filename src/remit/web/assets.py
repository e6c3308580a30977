"""Files the pages need, served by us alone: each address carries a hash of the content, so it may be kept for ever."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import Request
from fastapi.responses import Response

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
}
PACKED = frozenset({".css", ".js", ".svg"})
FILES = (
    "fonts/inter.woff2", "fonts/source-serif-4-400.woff2", "fonts/source-serif-4-600.woff2", "mark.svg", "htmx.min.js",
    "vega-interpreter.min.js", "theme.js", "app.js", "page.css",
)  # fmt: skip
CHARTS = "vega.js"
"""The renderer of pictures: written out by the library that draws them on paper, so that both speak one language."""
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent.

    Attributes:
        address: path with a hash of the content.
        kind: media type.
        content, packed: as it is, and compressed; None where that gains nothing.
    """

    address: str
    kind: str
    content: bytes
    packed: bytes | None


@cache
def asset(name: str) -> Asset:
    """A file by its name.

    Raises:
        KeyError: there is no such file.
    """
    if name == CHARTS:
        from remit.reports.picture import browser_bundle

        content = browser_bundle().encode()
    elif name in FILES:
        content = files("remit.web").joinpath("static", name).read_bytes()
    else:
        raise KeyError(name)
    stem, dot, ending = name.rpartition(".")
    if dot + ending == ".css":
        content = re.sub(rb"asset\(([\w./-]+)\)", lambda found: f"url({address(found[1].decode())})".encode(), content)
    digest = hashlib.sha256(content).hexdigest()[:16]
    packed = gzip.compress(content, 6, mtime=0) if dot + ending in PACKED else None
    return Asset(f"/static/{stem}.{digest}.{ending}", KINDS[dot + ending], content, packed)


def address(name: str) -> str:
    """Where a file is served; changes with its content."""
    return asset(name).address


@cache
def _by_address() -> dict[str, Asset]:
    return {found.address: found for found in map(asset, (*FILES, CHARTS))}


def serve(request: Request) -> Response:
    """The file at an address."""
    found = _by_address().get(request.url.path)
    if found is None:
        return Response("There is no such file.", 404, media_type="text/plain")
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.kind)
    return Response(found.content, headers=headers, media_type=found.kind)
