"""The picture: valid, self-contained, described in words, written whole or not at all."""

import json
import re
from xml.etree import ElementTree as ET

import altair as alt
import pytest

from remit.answers.how_fast import how_fast
from remit.answers.question import HowFast
from remit.inference.before_data import before_data
from remit.reports.answer_picture import save_answer
from remit.reports.description import described, horizon_table
from remit.reports.how_fast_chart import how_fast_chart
from remit.reports.how_fast_page import print_page
from remit.reports.palette import SANS, SERIF, THEMES, find_theme
from remit.reports.picture import KINDS, MEASURED, accessible_svg, check_path
from remit.vocabulary.errors import InputRefused, OutputRefused


@pytest.fixture(scope="module")
def answer():
    return how_fast(HowFast(people=32, draws=10, sessions=2), before_data(10, 3)).as_dict()


@pytest.fixture(scope="module")
def specification(answer):
    return how_fast_chart(answer)


def test_the_specification_is_valid_vega_lite(specification):
    alt.VConcatChart.from_dict(specification)
    json.dumps(specification, allow_nan=False)


def test_the_title_is_the_answer(answer, specification):
    assert " ".join(specification["title"]["text"]) == answer["sentence"]
    assert specification["description"] == described(answer)


def _marks(part):
    if isinstance(part, dict):
        if isinstance(part.get("mark"), dict):
            yield part
        for value in part.values():
            yield from _marks(value)
    elif isinstance(part, list):
        for each in part:
            yield from _marks(each)


def test_everything_promised_is_drawn(specification):
    text = json.dumps(specification)
    for words in (
        "typical person",
        "masked session without the drug",
        "placebo tablet",
        "SSRI",
        "baseline",
        "2 sessions",
    ):
        assert words in text
    assert "no data beyond this line" in text
    assert sum(part["mark"]["type"] == "area" for part in _marks(specification)) >= 5


def test_lines_differ_by_more_than_colour(specification):
    main = specification["vconcat"][0]["vconcat"][0]
    lines = [part["mark"] for part in _marks(main) if part["mark"]["type"] == "line" and part["mark"]["clip"]]
    styles = {(tuple(mark["strokeDash"]), mark["strokeWidth"]) for mark in lines}
    colours = {mark["color"] for mark in lines}
    assert len(styles) >= 5
    assert len(colours) == 3


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_each_theme_has_its_own_paper(answer, theme):
    assert how_fast_chart(answer, theme)["config"]["background"] == find_theme(theme).paper


def _luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("role", ["ink", "soft", "ketamine", "ssri", "control", "warning"])
def test_words_can_be_read_on_the_paper(theme, role):
    colours = find_theme(theme)
    pair = sorted((_luminance(getattr(colours, role)), _luminance(colours.paper)))
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5


def test_unknown_theme():
    with pytest.raises(InputRefused, match="light, dark"):
        find_theme("sepia")


def _written(answer, folder, kind, theme="light"):
    return save_answer("how_fast", answer, folder / f"written{kind}", theme).read_bytes()


def test_svg_speaks(answer, tmp_path):
    svg = _written(answer, tmp_path, ".svg").decode()
    root = ET.fromstring(svg)  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.find(f"{space}desc").text == described(answer)
    assert not re.search(r"""(href|src)=["']?http""", svg)


def test_words_of_reports_are_measured_with_a_font_in_memory_and_written_in_ours(specification):
    def said(svg):
        return ["".join(each.itertext()) for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314

    fast = accessible_svg(specification, "title", "words", roomy=True)
    assert not any(font in fast for font in MEASURED.values())
    assert f'font-family="{SANS}"' in fast
    assert f'font-family="{SERIF}"' in fast
    own = accessible_svg(specification, "title", "words")
    # nothing is cut short
    assert said(fast) == said(own)


def test_html_asks_no_other_host_and_holds_the_table(answer, tmp_path):
    page = _written(answer, tmp_path, ".html").decode()
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.S)
    assert not re.search(r"""<(script|link|img|iframe)[^>]*(src|href)=""", outside)
    assert "<table>" in page
    assert horizon_table(answer)[1][0][1] in page
    assert page.count("<script>") == page.count("</script>") == 2


@pytest.mark.parametrize(
    ("kind", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<svg"), (".html", b"<!doctype")]
)
def test_files_are_what_they_say(answer, tmp_path, kind, start):
    written = save_answer("how_fast", answer, tmp_path / f"a{kind}")
    assert written.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [f"a{kind}"]


def test_same_answer_same_picture(answer, tmp_path):
    assert _written(answer, tmp_path, ".svg") == _written(answer, tmp_path, ".svg")


@pytest.mark.parametrize("name", ["a.gif", "a", "a.svg.txt"])
def test_unknown_endings_are_refused(tmp_path, name):
    with pytest.raises(InputRefused, match=re.escape(KINDS[0])):
        check_path(tmp_path / name)


def test_places_that_cannot_be_written_are_refused(answer, tmp_path):
    with pytest.raises(OutputRefused, match="no folder"):
        save_answer("how_fast", answer, tmp_path / "missing" / "a.svg")
    (tmp_path / "b.svg").mkdir()
    with pytest.raises(OutputRefused, match="is a folder"):
        save_answer("how_fast", answer, tmp_path / "b.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["b.svg"]


def test_the_table_has_a_row_a_horizon(answer):
    header, rows = horizon_table(answer)
    assert len(rows) == 6
    assert all(len(row) == len(header) for row in rows)


def test_the_page_fits_100_columns_and_needs_no_colour(answer):
    from io import StringIO

    from rich.console import Console

    into = StringIO()
    print_page(answer, Console(file=into, width=100, highlight=False))
    text = into.getvalue()
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "\x1b[" not in text
    headings = [
        "Beyond the evidence", "Of 100 people", "Response: the drug beside", "How fast, and for how long",
        "GAD-7 total of the typical person", "One session by the minute", "What it rests on", "Assumed", "Beware",
    ]  # fmt: skip
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert "Not the answer, for comparison" in text
    assert "nan" not in text
