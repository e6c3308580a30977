"""The forest of trials: each study's own effect beside what the model says of the same, by how well it was masked."""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt

from remit.answers.forest import GROUPS
from remit.answers.study_effects import RESPONDS, TAKES
from remit.reports.marks import Part, layered, page_config, placed
from remit.reports.palette import SANS, SERIF, Theme, find_theme, mixed
from remit.reports.signs import minus
from remit.vocabulary.clock import spoken
from remit.vocabulary.people import Diagnosis

LABELS, PLOT, SAID = 250, 330, 270
"""Of the names, the plot and the words beside it [pixels]."""
NARROW = 340
"""Of the plot on a telephone; words stand above their lines [pixels]."""
ROW, HEAD, NARROW_ROW = 34, 26, 62
"""Of a study and of the name of a group [pixels]."""
MEASURES = {
    TAKES: "what the drug takes from the total before, beyond its control, %",
    RESPONDS: "responders of 100 more than under the control",
}
READING = (
    "Square and line: what the study saw, with its interval; hollow: no control was taken off, or no interval is "
    "published. Diamond and pale bar: what the model says of the same sessions, people, scale and time."
)
Forest = dict[str, Any]


def forest_of_trials_chart(forest: Forest, theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """The picture as a Vega-Lite specification.

    Args:
        forest: `Forest.as_dict()` of `remit.answers.forest`.
        theme: ``light`` or ``dark``.
        narrow: for a telephone: words stand above their lines.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    panels = [_panel(forest, measure, colours, narrow=narrow) for measure in MEASURES if _rows(forest, measure)]
    level = f"{100 * forest['level']:g} % intervals."
    title = {
        "text": textwrap.wrap(forest["sentence"], 46 if narrow else 96),
        "subtitle": textwrap.wrap(f"{READING} {level}", 54 if narrow else 128),
        "anchor": "start", "frame": "bounds", "font": SERIF, "fontSize": 18, "fontWeight": 600, "color": colours.ink,
        "subtitleFont": SANS, "subtitleFontSize": 12.5, "subtitleColor": colours.soft, "offset": 14,
        "subtitlePadding": 8, "subtitleLineHeight": 17, "lineHeight": 23,
    }  # fmt: skip
    empty = layered([_word(colours, "nothing to draw at this time", 0, 10)], 300, 24)
    return {
        "$schema": alt.SCHEMA_URL, "title": title, "vconcat": panels or [empty], "spacing": 26,
        "config": page_config(colours),
    }  # fmt: skip


def _rows(forest: Forest, measure: str) -> list[dict[str, Any]]:
    return [row for row in forest["rows"] if row["measure"] == measure]


def _word(theme: Theme, text: str, x: float, y: float, **style: Any) -> Part:
    usual = {
        "type": "text", "font": SANS, "fontSize": 12, "baseline": "middle", "align": "left", "clip": False,
        "color": theme.ink,
    }  # fmt: skip
    return placed({**usual, **style, "text": text}, x, y)


def _over_lines(theme: Theme, text: str, y: float, size: float, colour: str) -> list[Part]:
    """Words on a telephone, where they stand on the lines of the plot: a halo in the colour of the paper first."""
    halo = _word(theme, text, 0, y, fontSize=size, color=theme.paper, stroke=theme.paper, strokeWidth=4)
    return [halo, _word(theme, text, 0, y, fontSize=size, color=colour)]


def named(row: dict[str, Any]) -> str:
    """A study, whom it treated, how they were rated, and when."""
    whom = Diagnosis(row["diagnosis"])
    # the codes GAD, SAD, PD, PTSD and OCD are words among clinicians; the others are not
    people = row["diagnosis"] if row["diagnosis"].isupper() else whom.spoken
    best = "by " if row["best"] else ""
    return f"{row['study']}: {people}, {row['scale']}, {best}{spoken(row['after_h'])}"


def said(row: dict[str, Any]) -> str:
    """The effect of a study with its interval, and the model's, in words."""
    own = _interval(row["value"], row["low"], row["high"])
    model = "model not asked" if row["model"] is None else (
        f"model {_interval(row['model'], row['model_low'], row['model_high'])}"
    )  # fmt: skip
    return f"{own}; {model}"


def _interval(value: float, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return minus(f"{round(value)} (no interval published)")
    return minus(f"{round(value)} ({round(low)} to {round(high)})")


def _panel(forest: Forest, measure: str, theme: Theme, *, narrow: bool) -> Part:
    rows = _rows(forest, measure)
    ends = [
        row[key] for row in rows for key in ("value", "low", "high", "model_low", "model_high") if row[key] is not None
    ]
    low, high = min(0.0, *ends), max(0.0, *ends)
    pad = 0.04 * (high - low or 1.0)
    low, high = low - pad * (low < 0), high + pad
    left, width, line = (0, NARROW, NARROW_ROW) if narrow else (LABELS, PLOT, ROW)

    def x(value: float) -> float:
        return left + width * (value - low) / (high - low)

    parts: list[Part] = []
    down = 6.0
    spots: list[tuple[dict[str, Any], float]] = []
    for group, heading in GROUPS.items():
        mine = [row for row in rows if row["group"] == group]
        if not mine:
            continue
        if narrow:
            parts += [{**each, "mark": {**each["mark"], "fontWeight": 600}} for each in _over_lines(
                theme, heading, down + 8, 11.5, theme.ink)]  # fmt: skip
        else:
            parts.append(_word(theme, heading, 0, down + 8, fontWeight=600))
        down += HEAD
        for row in mine:
            spots.append((row, down + (46 if narrow else line / 2)))
            down += line
        down += 6
    bottom = down
    ticks = _ticks(low, high)
    grid = [
        placed({"type": "rule", "color": theme.rule, "strokeDash": [1, 3]}, x(each), 4, y2=bottom) for each in ticks
    ]
    grid.append(placed({"type": "rule", "color": theme.control, "strokeDash": [4, 3]}, x(0.0), 4, y2=bottom))
    grid.append(placed({"type": "rule", "color": theme.soft}, x(low), bottom, x2=x(high)))
    grid += [_word(theme, minus(f"{each:g}"), x(each), bottom + 12, align="center", color=theme.soft) for each in ticks]
    grid.append(
        _word(theme, MEASURES[measure], left + width / 2, bottom + 31, align="center", fontWeight=600,
              fontSize=11 if narrow else 12)
    )  # fmt: skip
    for row, place in spots:
        parts += _spot(row, place, x, theme)
        if narrow:
            parts += _over_lines(theme, named(row), place - 36, 11.5, theme.ink)
            parts += _over_lines(theme, said(row), place - 21, 11, theme.soft)
        else:
            parts.append(_word(theme, named(row), left - 12, place, align="right"))
            parts.append(_word(theme, said(row), left + width + 12, place, color=theme.soft))
    return layered([*grid, *parts], left + width + (0 if narrow else SAID), round(bottom + 40))


def _spot(row: dict[str, Any], y: float, x: Any, theme: Theme) -> list[Part]:
    found: list[Part] = []
    if row["model"] is not None:
        pale = mixed(theme.paper, theme.ketamine, 0.35)
        found.append(placed(
            {"type": "rule", "color": pale, "strokeWidth": 6, "strokeCap": "butt"}, x(row["model_low"]), y + 7,
            x2=x(row["model_high"]),
        ))  # fmt: skip
        found.append(placed(
            {"type": "point", "shape": "diamond", "filled": True, "size": 58, "color": theme.ketamine, "opacity": 1},
            x(row["model"]), y + 7,
        ))  # fmt: skip
    if row["low"] is not None:
        found.append(placed(
            {"type": "rule", "color": theme.ink, "strokeWidth": 1.8}, x(row["low"]), y - 5, x2=x(row["high"])
        ))  # fmt: skip
    full = row["controlled"] and row["low"] is not None
    found.append(placed(
        {"type": "point", "shape": "square", "filled": True, "size": 62, "fill": theme.ink if full else theme.paper,
         "stroke": theme.ink, "strokeWidth": 1.6, "opacity": 1}, x(row["value"]), y - 5,
    ))  # fmt: skip
    return found


def _ticks(low: float, high: float) -> list[float]:
    step = next(each for each in (5.0, 10.0, 20.0, 25.0, 50.0) if (high - low) / each <= 6 or each == 50.0)
    first = int(-(-low // step))
    return [step * each for each in range(first, int(high // step) + 1)]


def forest_table(forest: Forest) -> tuple[list[str], list[list[str]]]:
    """The forest as words: header and rows."""
    header = ["study", "masked by", "measure", "study's own effect", "the model", "people"]
    short = {TAKES: "% of the total before", RESPONDS: "more responders of 100"}
    whole = {TAKES: "% of the total before, whole change", RESPONDS: "responders of 100, whole change"}
    rows = []
    for row in forest["rows"]:
        model = "not asked" if row["model"] is None else _interval(row["model"], row["model_low"], row["model_high"])
        rows.append([
            named(row), GROUPS[row["group"]].split(":")[0], (short if row["controlled"] else whole)[row["measure"]],
            _interval(row["value"], row["low"], row["high"]), model, f"{row['people']:,}",
        ])  # fmt: skip
    return header, rows


def silent_lines(forest: Forest) -> list[str]:
    """Studies in use that tell no effect at about that time, by reason, one a line."""
    by_reason: dict[str, list[str]] = {}
    for study, reason in forest["silent"].items():
        by_reason.setdefault(reason, []).append(study)
    return [f"{reason[:1].upper()}{reason[1:]}: {', '.join(studies)}." for reason, studies in by_reason.items()]


def described(forest: Forest) -> str:
    """The picture in a few sentences."""
    told = [f"{named(row)}: {said(row)}" for row in forest["rows"]]
    return " ".join([forest["sentence"], *(f"{each}." for each in told)])
