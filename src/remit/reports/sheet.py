"""A printable sheet: one HTML file for A4 and for the screen, with its own fonts and nothing from any other host."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from remit.reports.signs import in_print, page_in_print

FACES = (
    ("Source Sans Pro", 400, "SourceSansPro-Regular.ttf"),
    ("Source Sans Pro", 600, "SourceSansPro-Semibold.ttf"),
    ("Source Serif Pro", 600, "SourceSerifPro-Semibold.ttf"),
)
NOT_ADVICE = "Not medical advice. For use with a clinician who supervises treatment. Nothing here is a decision."
SHEET = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{faces}
@page {{ size: A4; margin: 16mm 15mm 16mm 15mm; }}
body {{ margin: 2rem auto; max-width: 46rem; padding: 0 1rem; background: #ffffff; color: #1b1f23;
  font: 15px/1.45 "Source Sans Pro", Inter, Helvetica, Arial, sans-serif; }}
h1, h2, h3 {{ font-family: "Source Serif Pro", "Source Serif 4", Georgia, serif; font-weight: 600;
  break-after: avoid; }}
h1 {{ font-size: 1.5rem; line-height: 1.3; margin: .2rem 0 .6rem; }}
h2 {{ font-size: 1.08rem; margin: 1.7rem 0 .4rem; border-bottom: 1px solid #d9dde1; padding-bottom: .2rem; }}
p.kicker {{ color: #5b636b; margin: 0; }} p.soft, li .soft, td .soft {{ color: #5b636b; font-size: .87rem; }}
figure {{ margin: .8rem 0; break-inside: avoid; }} figure svg {{ max-width: 100%; height: auto; }}
ul.findings {{ list-style: none; padding: 0; }}
ul.findings li {{ border-left: 4px solid #6b7177; padding: .1rem 0 .1rem .7rem; margin: .55rem 0;
  break-inside: avoid; }}
ul.findings.grave li {{ border-left: 7px solid #a63f00; }} ul.findings.warn li {{ border-left: 5px double #b8560b; }}
ul.findings.open li {{ border-left: 4px dashed #0072b2; }}
ul.tick {{ list-style: none; padding-left: 0; }}
ul.tick li {{ padding-left: 1.7rem; text-indent: -1.7rem; margin: .3rem 0; }}
ul.tick li::before {{ content: ""; display: inline-block; width: .8rem; height: .8rem; border: 1.3px solid #1b1f23;
  margin-right: .8rem; vertical-align: -1px; }}
.wide {{ overflow-x: auto; }}
.columns {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 0 2rem; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93rem; width: 100%; }}
th, td {{ text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #d9dde1; font-weight: 400;
  vertical-align: top; }}
thead th {{ font-weight: 600; }} tr {{ break-inside: avoid; }} td.fill {{ min-width: 5rem; }}
ol.sources {{ font-size: .82rem; color: #5b636b; overflow-wrap: anywhere; padding-left: 1.4rem; }}
footer {{ margin-top: 2rem; color: #5b636b; font-size: .85rem; border-top: 1px solid #d9dde1; padding-top: .5rem; }}
@media print {{ body {{ margin: 0; max-width: none; padding: 0; font-size: 10pt; }} h1 {{ font-size: 15pt; }} }}
</style>
</head>
<body>
<p class="kicker">{kicker}</p>
<h1>{lead}</h1>
{sections}
<footer>{foot}</footer>
</body>
</html>
"""


@cache
def _faces() -> str:
    folder = Path(__file__).parent / "fonts"
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url(data:font/ttf;base64,'
        f"{base64.b64encode((folder / file).read_bytes()).decode()}) format('truetype'); }}"
        for family, weight, file in FACES
    )


def sheet(title: str, kicker: str, lead: str, sections: Iterable[tuple[str, str]], foot: Sequence[str]) -> bytes:
    """The content of the file.

    Args:
        title: of the window.
        kicker: a line of small words over the answer.
        lead: the answer.
        sections: heading and HTML of each; a section without content is left out.
        foot: lines under the page; that it is no advice is added.
    """
    parts = [f"<h2>{html.escape(heading)}</h2>\n{content}" for heading, content in sections if content]
    lines = [NOT_ADVICE, *foot]
    page = SHEET.format(
        title=in_print(html.escape(title)),
        faces=_faces(),
        kicker=in_print(html.escape(kicker)),
        lead=in_print(html.escape(lead)),
        sections=page_in_print("\n".join(parts)),
        foot=in_print("<br>".join(html.escape(line) for line in lines)),
    )
    return page.encode()


def rows_html(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of words; cells are plain text."""
    top = "".join(f'<th scope="col">{html.escape(each)}</th>' for each in header)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(each)}</td>" for each in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>' if body else ""


def tick_html(lines: Iterable[tuple[str, str]]) -> str:
    """A list to tick off: what, and where it comes from."""
    found = "".join(
        f"<li>{html.escape(line)}" + (f' <span class="soft">{html.escape(soft)}</span>' if soft else "") + "</li>"
        for line, soft in lines
    )
    return f'<ul class="tick">{found}</ul>' if found else ""


def sources_html(sources: dict[str, str]) -> str:
    """The sources, each with its id; addresses are text, so that a printed page shows them."""
    found = "".join(f"<li><b>{html.escape(name)}</b> {html.escape(said)}</li>" for name, said in sources.items())
    return f'<ol class="sources">{found}</ol>' if found else ""
