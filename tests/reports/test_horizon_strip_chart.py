"""The heat strip: every number of the table stands in a cell, and can be read there, in grey as well."""

from itertools import pairwise

import pytest

from remit.answers.how_fast import how_fast
from remit.answers.question import HowFast
from remit.inference.before_data import before_data
from remit.reports.description import chances_described
from remit.reports.horizon_strip_chart import DARKEST, strip_panel
from remit.reports.palette import THEMES, mixed


@pytest.fixture(scope="module")
def answer():
    return how_fast(HowFast(people=32, draws=10), before_data(10, 3)).as_dict()


def _luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("narrow", [False, True])
def test_every_chance_with_and_without_the_drug_is_printed_in_its_cell(answer, narrow):
    detail = answer["detail"]
    cells = strip_panel(detail, THEMES["light"], 760, narrow=narrow)["layer"][0]["data"]["values"]
    shown = [(cell["text"], cell["interval"]) for cell in cells]
    asked = [
        row[event][kind]
        for event in ("change", "response", "remission")
        for kind in ("at", "control_at")
        for row in detail["horizons"]
    ]
    assert shown == [
        (f"{each['percent']:.0f}", f"{each['low_percent']:.0f} to {each['high_percent']:.0f}") for each in asked
    ]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("hue", ["ketamine", "control"])
def test_words_can_be_read_on_every_shade_and_shades_differ_in_grey(theme, hue):
    shades = [_luminance(mixed(theme.paper, getattr(theme, hue), DARKEST * share)) for share in (0, 0.25, 0.5, 0.75, 1)]
    ink = _luminance(theme.ink)
    assert all((max(ink, shade) + 0.05) / (min(ink, shade) + 0.05) >= 4.5 for shade in shades)
    steps = [b - a for a, b in pairwise(shades)]
    assert all(step < 0 for step in steps) or all(step > 0 for step in steps)


def test_its_words_hold_every_number(answer):
    words = chances_described(answer)
    assert words.count("without the drug") == 3 * len(answer["detail"]["horizons"])
