"""A picture as a file: SVG, PNG, PDF or HTML, drawn without any other host, whole or not at all."""

from __future__ import annotations

import html
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from remit.reports.palette import SANS, SERIF
from remit.vocabulary.errors import InputRefused, OutputRefused

KINDS = (".svg", ".png", ".pdf", ".html")
PIXELS = 2.0
"""Pixels of a PNG for one of the specification."""
MEASURED = {SANS: "Liberation Sans", SERIF: "Liberation Serif"}
"""The fonts that words of an SVG are measured with: as wide as the widest of each of our families, so that there is
room for the words where the first is missing. The renderer holds them in memory; one of ours it reads from disk again
for every letter, which was half the time of a picture."""


def check_path(path: Path) -> Path:
    """The path, if a picture can be written there.

    Raises:
        InputRefused: the ending is not one of a picture.
        OutputRefused: the folder is missing or cannot be written to, or the path is a folder.
    """
    if path.suffix.lower() not in KINDS:
        given = f"the ending {path.suffix!r}" if path.suffix else "a file name without an ending"
        raise InputRefused(f"{given} is no picture", allowed=", ".join(KINDS), where="--chart")
    folder = path.parent
    if path.is_dir():
        raise OutputRefused(f"{path} is a folder", remedy="Give the name of a file", where="--chart")
    if not folder.is_dir():
        raise OutputRefused(f"there is no folder {folder}", remedy="Create it first", where="--chart")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise OutputRefused(
            f"{path} cannot be written", remedy="Choose a folder that you may write to", where="--chart"
        )
    return path


def write_whole(content: bytes, path: Path) -> Path:
    """Write a file whole or not at all.

    Args:
        content: of the file.
        path: where to.

    Raises:
        OutputRefused: it cannot be written.
    """
    try:
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as fault:
        raise OutputRefused(f"{path} cannot be written ({fault.strerror})", where="--chart") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(fresh).chmod(0o644)
        Path(fresh).replace(path)
    except OSError as fault:
        Path(fresh).unlink(missing_ok=True)
        raise OutputRefused(f"{path} cannot be written ({fault.strerror})", where="--chart") from None
    return path


def drawn(
    specification: dict[str, Any], kind: str, title: str, words: str, sections: Callable[[], Sequence[tuple[str, str]]]
) -> bytes:
    """Any specification as the content of a picture file.

    Args:
        specification: Vega-Lite, with its data inside.
        kind: ``.svg``, ``.png``, ``.pdf`` or ``.html``.
        title: of the picture.
        words: what it shows, for those who cannot see it.
        sections: headings and HTML that stand under it in an ``.html`` file.
    """
    if kind == ".png":
        return _drawer().vegalite_to_png(specification, scale=PIXELS, allowed_base_urls=[])
    if kind == ".pdf":
        return _drawer().vegalite_to_pdf(specification, allowed_base_urls=[])
    svg = accessible_svg(specification, title, words)
    return svg.encode() if kind == ".svg" else _page(specification, svg, title, words, sections()).encode()


@cache
def _drawer() -> Any:
    import vl_convert

    vl_convert.register_font_directory(str(Path(__file__).parent / "fonts"))
    return vl_convert


def browser_bundle() -> str:
    """The program that draws specifications in a browser, of the version that draws them on paper."""
    bundle: str = _drawer().javascript_bundle()
    return bundle


def accessible_svg(specification: dict[str, Any], title: str, description: str, *, roomy: bool = False) -> str:
    """A specification drawn as SVG, with a title and a description that screen readers speak.

    Args:
        specification: Vega-Lite, with its data inside.
        title: of the picture.
        description: what it shows.
        roomy: words are given the room of `MEASURED`, in half the time; for pages of paper, not for telephones.
    """
    if roomy:
        svg = _in_our_fonts(_drawer().vegalite_to_svg(_in_measured_fonts(specification), allowed_base_urls=[]))
    else:
        svg = _drawer().vegalite_to_svg(specification, allowed_base_urls=[])
    # the renderer counts its clips from the start of the process; counted anew, the same answer is the same file
    clips = {name: f"clip{number}" for number, name in enumerate(dict.fromkeys(re.findall(r'"(clip\d+)"', svg)))}
    svg = re.sub(r"\bclip\d+\b", lambda found: clips.get(found[0], found[0]), svg)
    start = svg.index("<svg")
    end = svg.index(">", start)
    head = svg[start:end] + ' role="img" aria-labelledby="remit-title remit-description">'
    words = f'<title id="remit-title">{escape(title)}</title><desc id="remit-description">{escape(description)}</desc>'
    return svg[:start] + head + words + svg[end + 1 :]


def _in_measured_fonts(specification: Any) -> Any:
    """A specification with each of our families replaced by the font its words are measured with."""
    if isinstance(specification, dict):
        return {name: _in_measured_fonts(each) for name, each in specification.items()}
    if isinstance(specification, list):
        return [_in_measured_fonts(each) for each in specification]
    return MEASURED.get(specification, specification) if isinstance(specification, str) else specification


def _in_our_fonts(svg: str) -> str:
    for family, measured in MEASURED.items():
        svg = svg.replace(f'font-family="{measured}"', f'font-family="{family}"')
    return svg


def figure(picture: dict[str, Any], name: str, words: str) -> str:
    """A picture inside a page; the ids of one page differ from picture to picture."""
    return framed(accessible_svg(picture, name, words), name)


def framed(svg: str, name: str) -> str:
    """A drawing of `accessible_svg` inside a page."""
    for part in ("remit-title", "remit-description"):
        svg = svg.replace(part, f"{name}-{part.removeprefix('remit-')}")
    svg = svg.replace('"clip', f'"{name}-clip').replace("#clip", f"#{name}-clip")
    return f"<figure>{svg}</figure>"


def inline_svg(picture: dict[str, Any], name: str, words: str) -> str:
    """A picture inside a page that allows no style in its marks; the ids of one page differ from picture to picture."""
    svg = figure(picture, name, words).removeprefix("<figure>").removesuffix("</figure>")
    return re.sub(r'\sstyle="[^"]*"', "", svg)


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{question}</title>
<style>
body {{ margin: 2rem auto; max-width: 1120px; padding: 0 1rem; background: {paper}; color: {ink};
  font: 16px/1.5 "Source Sans Pro", Inter, Helvetica, Arial, sans-serif; }}
h1, h2 {{ font-family: "Source Serif Pro", "Source Serif 4", Georgia, serif; font-weight: 600; }}
h1 {{ font-size: 1.15rem; }} h2 {{ font-size: 1.05rem; margin-top: 2rem; }}
figure {{ margin: 0; overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: right; padding: .25rem .7rem; border-bottom: 1px solid {rule}; font-weight: 400; }}
thead th {{ font-weight: 600; vertical-align: bottom; max-width: 9rem; }}
th:first-child, td:first-child {{ text-align: left; }}
</style>
</head>
<body>
<h1>{question}</h1>
<figure aria-label="{described}"><div id="picture">{svg}</div></figure>
{sections}
<script>{bundle}</script>
<script>
const specification = {specification};
const picture = document.getElementById("picture");
const still = picture.innerHTML;
vegaEmbed(picture, specification, {{actions: false, renderer: "svg"}}).catch(() => {{ picture.innerHTML = still; }});
</script>
</body>
</html>
"""


def table_html(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column names its rows."""
    text = html.escape
    top = "".join(f'<th scope="col">{text(each)}</th>' for each in header)
    body = "".join(
        f'<tr><th scope="row">{text(row[0])}</th>' + "".join(f"<td>{text(each)}</td>" for each in row[1:]) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def list_html(lines: Iterable[str]) -> str:
    """A list of lines."""
    return "<ul>" + "".join(f"<li>{html.escape(each)}</li>" for each in lines) + "</ul>"


def _page(specification: dict[str, Any], svg: str, title: str, words: str, sections: Sequence[tuple[str, str]]) -> str:
    """One file that needs no other: the picture still and live, and what stands under it."""
    text = html.escape
    config = specification["config"]
    dark = config["background"] != "#ffffff"
    return PAGE.format(
        question=text(title),
        described=text(words),
        svg=svg,
        sections="\n".join(f"<h2>{text(heading)}</h2>{content}" for heading, content in sections),
        bundle=browser_bundle().replace("</script", "<\\/script"),
        specification=json.dumps(specification).replace("</", "<\\/"),
        paper=config["background"],
        ink="#eceae6" if dark else "#1b1f23",
        rule="#343b42" if dark else "#d9dde1",
    )
