"""One way to make a page: the same frame, words and switches round every answer."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.filters import do_forceescape, do_mark_safe

from remit import __version__
from remit.reports import study_words
from remit.reports.signs import page_in_print
from remit.settings import Settings
from remit.vocabulary.clock import in_full, spoken
from remit.web.assets import CHARTS, address

MENU = (
    ("/", "How fast"), ("/how-long", "How long"), ("/compare", "Compared with what"), ("/routes", "By which route"),
    ("/for-whom", "For whom"), ("/how-it-works", "Why"), ("/claims", "Claims"), ("/safe", "Is it safe"),
    ("/me", "My scores"), ("/evidence", "Evidence"), ("/method", "Method"), ("/about", "About"),
)  # fmt: skip
"""Pages in the order of the menu; one that is not built is not listed."""
MODE = "remit-mode"
MODES = ("plain", "detail")
_OF_100 = re.compile(r"\b(\d+ of 100)\b")
_INTERVAL = re.compile(r"(\([-+−]?[\d.]+(?: h| d)? to [-+−]?[\d.]+(?: h| d)?\))")


_BRACKET = re.compile(r"(\([^()]* to [^()]*\)\*?)")


def number_words(text: str) -> str:
    """A sentence whose natural frequencies stand out."""
    marked = _OF_100.sub(r'<b class="of100">\1</b>', str(do_forceescape(text)))
    return do_mark_safe(_INTERVAL.sub(r'<span class="whole">\1</span>', marked))  # escaped above


def broken_before_interval(text: object) -> str:
    """A cell whose interval may go to a line of its own, and never breaks within itself."""
    return do_mark_safe(_BRACKET.sub(r'<span class="whole">\1</span>', str(do_forceescape(str(text)))))  # escaped


def first_capital(text: str) -> str:
    """A text with its first letter large, and the rest as it is."""
    return text[:1].upper() + text[1:]


def words_of(code: str) -> str:
    """A code of the data as words."""
    return code.replace("_", " ")


def sentences(text: str) -> list[str]:
    """A text cut after each of its sentences."""
    return [part for part in re.split(r"(?<=[.])\s+(?=[A-Z0-9])", text.strip()) if part]


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("remit.web", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined, auto_reload=False,
    )  # fmt: skip
    made.filters |= {
        "of100": number_words, "capital": first_capital, "words": words_of, "sentences": sentences, "spoken": spoken,
        "in_full": in_full,
        "cell": broken_before_interval, "about": study_words.about,
    }  # fmt: skip
    # the certainty stands above what to beware of, with its reasons
    made.tests["repeats_certainty"] = lambda text: text.startswith("The certainty is")
    made.globals |= {"asset": address, "charts": CHARTS, "version": __version__}
    return made


def mode_of(request: Request) -> str:
    """``plain`` or ``detail``: what the address says, else what was chosen last."""
    for chosen in (request.query_params.get("mode"), request.cookies.get(MODE)):
        if chosen in MODES:
            return chosen
    return MODES[0]


def _switched(request: Request, mode: str) -> str:
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "mode"]
    return f"{request.url.path}?{urlencode([*rest, ('mode', mode)])}"


def wants_part(request: Request) -> bool:
    """Whether only the changed part of a page was asked for."""
    return "hx-request" in request.headers and "hx-history-restore-request" not in request.headers


def page(
    request: Request, template: str, *, title: str, status: int = 200, part: bool = False, **content: Any
) -> HTMLResponse:
    """A page, or its changing part alone.

    Args:
        request: what was asked for.
        template: name of its file.
        title: of the window.
        status: of the response.
        part: only the block ``answer``.
        content: what the template shows.
    """
    settings: Settings = request.app.state.settings
    mode = mode_of(request)
    paths = request.app.state.pages
    shown = {
        "title": title, "mode": mode, "settings": settings, "here": request.url.path, "query": request.url.query,
        "menu": [(path, name) for path, name in MENU if path in paths],
        "to_plain": _switched(request, "plain"), "to_detail": _switched(request, "detail"), **content,
    }  # fmt: skip
    base = "part.html" if part else "frame.html"
    text = page_in_print(_templates().get_template(template).render(shown, base=base))
    response = HTMLResponse(text, status, headers={"Vary": "HX-Request, Cookie"})
    if request.query_params.get("mode") in MODES:
        response.set_cookie(MODE, mode, max_age=31536000, samesite="strict", httponly=True, path="/")
    return response
