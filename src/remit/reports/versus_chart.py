"""Ketamine beside other treatments: courses on one clock, and how far apart they lie at a day and at eight weeks."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.answers.versus import signed
from remit.reports.frame import Table, asked_in, framed
from remit.reports.labels import spread
from remit.reports.marks import Part, band, layered, line, plain_part, rows_of, upright, words
from remit.reports.palette import SANS, Theme, find_theme
from remit.reports.score_axis import score_field
from remit.reports.signs import minus
from remit.reports.time_axis import BEFORE_H, time_at, x_field
from remit.vocabulary.clock import days, spoken, weeks

WIDTH, HEIGHT, ROW = 640, 330, 22
NARROW = 300
"""Of a picture for a telephone [pixels]."""
LABEL_GAP = 17
LETTERS = 92
EARLY_H, LATE_H = days(1.0), weeks(8.0)
"""When the differences of the lower panel are taken [h]."""
DASHES = {"ssri": (7, 3), "cbt": (2, 2, 8, 2)}
CONTROL_DASHES = ((), (1, 3), (4, 4))
NAMED = ("ssri", "cbt")
"""Treatments with a line of their own; the others are thin lines."""


def versus_chart(answer: dict[str, Any], theme: str = "light") -> dict[str, Any]:
    """The picture of an answer to "compared with what".

    Args:
        answer: `Answer.as_dict()`.
        theme: ``light`` or ``dark``.

    Raises:
        InputRefused: there is no such theme.
    """
    colours = find_theme(theme)
    detail = answer["detail"]
    level = f"{100 * detail['level']:g} %"
    key = (
        f"Above: the typical person; band: {level} interval under {detail['regimen']['drug']}. Below: how far apart "
        f"two typical courses lie, with {level} intervals, at one day (ring) and at eight weeks (dot)."
    )
    return framed(
        answer, [courses_panel(detail, colours), differences_panel(detail, colours)], colours,
        notes=[asked_in(answer), key], foot=answer["caveats"][:1], width=WIDTH, letters=LETTERS,
        title=detail["headline"], left=-170,
    )  # fmt: skip


def courses_panel(detail: dict[str, Any], theme: Theme, *, narrow: bool = False) -> Part:
    """Courses of the typical person on one clock; a narrow panel leaves the names of lines to the page."""
    width = NARROW if narrow else WIDTH
    own, scale = detail["ketamine"], detail["scale"]
    kept = [index for index, time in enumerate(own["time_h"]) if time <= LATE_H * (1 + 1e-9)]
    end = own["time_h"][kept[-1]]

    def column(course: dict[str, Any], name: str) -> list[float]:
        return [course[name][index] for index in kept]

    hours = column(own, "time_h")
    lines = [(course["label"], course, theme.control, CONTROL_DASHES[place], 2.0, False)
             for place, course in enumerate(detail["controls"])]  # fmt: skip
    for row in detail["treatments"]:
        if row["name"] in NAMED:
            colour = theme.ssri if row["name"] == "ssri" else theme.ink
            label = "SSRI, daily" if row["name"] == "ssri" else row["label"]
            lines.append((label, row, colour, DASHES[row["name"]], 2.2, False))
    others = [row for row in detail["treatments"] if row["name"] not in NAMED]
    lines.append((detail["regimen"]["drug"], own, theme.ketamine, (), 3.0, True))
    top = max(scale["baseline_points"], *(max(column(course, "typical")) for _, course, *_ in lines))
    top = min(scale["high"], top + 0.04 * (scale["high"] - scale["low"]))
    y = score_field(scale, top, theme)

    since = (
        "time since the first session"
        if narrow
        else "time since the first session, or since the first tablet or hour of therapy"
    )
    x = x_field(end, theme, since, narrow=narrow)
    low, high = column(own, "typical_low"), column(own, "typical_high")
    layers: list[Part] = [band(rows_of(time_h=hours, low=low, high=high), x, y, theme.ketamine, theme.band)]
    layers += [line(rows_of(time_h=hours, value=column(row, "typical")), x, y, theme.ssri, 0.7) for row in others]
    starts = [{"time_h": time} for time in detail["regimen"]["dose_times_h"] if time <= end]
    if len(starts) <= 6:
        layers.append(upright(starts, x, theme.ketamine, 0.8, (2, 2)))
    for _, course, colour, dash, thick, _ in lines:
        before = [{"time_h": BEFORE_H, "value": course["typical"][0]}]
        rows = [*before, *rows_of(time_h=hours, value=column(course, "typical"))]
        layers.append(line(rows, x, y, colour, thick, dash))
    ends = [column(course, "typical")[-1] for _, course, *_ in lines]
    apart = spread(ends, LABEL_GAP * (top - scale["low"]) / HEIGHT, scale["low"], top)
    for (label, _, colour, dash, thick, bold), at, beside in zip(lines, ends, apart, strict=True) if not narrow else ():
        leader = [{"time_h": end, "value": at}, {"time_h": time_at(1.03, end), "value": beside}]
        said = [{"time_h": time_at(1.035, end), "value": beside, "text": label}]
        layers += [line(leader, x, y, colour, 0.75 * thick, dash, clip=False), words(said, x, y, colour, bold=bold)]
    if others:
        said = [{"time_h": 0.12, "value": scale["low"] + 0.06 * (top - scale["low"]),
                 "text": f"thin lines: {len(others)} other treatments, named below"}]  # fmt: skip
        layers.append(words(said, x, y, theme.ssri, size=11))
    return layered(layers, width, HEIGHT)


def _look(row: dict[str, Any], time_h: float) -> dict[str, float]:
    return next(look for look in row["at"] if look["time_h"] == time_h)


def studied(row: dict[str, Any]) -> str:
    """What is known of a treatment, in words: ``5 studies, 2,724 people``."""
    count = len(row["studies"])
    people = f", {row['people']:,} people" if row["people"] else ", pooled"
    return f"{count} {'study' if count == 1 else 'studies'}{people}"


def difference(look: dict[str, float]) -> str:
    """A difference with its interval: ``−1.4 (−3.6 to +0.6)``."""
    return minus(
        f"{signed(look['difference'])} ({signed(look['difference_low'])} to {signed(look['difference_high'])})"
    )


def differences_panel(detail: dict[str, Any], theme: Theme, *, narrow: bool = False) -> Part:
    """How far apart two typical courses lie at a day and at eight weeks, a row a treatment."""
    width = NARROW - 130 if narrow else WIDTH - 190
    rows = []
    for place, treatment in enumerate(sorted(detail["treatments"], key=lambda row: _look(row, LATE_H)["difference"])):
        for when, shift in ((EARLY_H, -0.17), (LATE_H, 0.17)):
            look = _look(treatment, when)
            rows.append({
                "when": when, "place": place + shift, "at": look["difference"], "low": look["difference_low"],
                "high": look["difference_high"], "text": treatment["label"], "studied": studied(treatment),
                "row": place,
            })  # fmt: skip
    reach = 1.05 * max(abs(row[end]) for row in rows for end in ("low", "high"))
    count = len(detail["treatments"])
    drug = detail["regimen"]["drug"]
    x = alt.X(
        "at:Q", scale=alt.Scale(domain=[-reach, reach], nice=False),
        axis=alt.Axis(title=f"difference of {detail['scale']['name']} totals, points", grid=True, gridColor=theme.rule,
                      gridDash=[1, 3], domainColor=theme.soft, tickCount=7,
                      labelExpr="datum.value === 0 ? '0' : format(datum.value, '+~g')"),
    )  # fmt: skip
    y = alt.Y("place:Q", scale=alt.Scale(domain=[-0.7, count - 0.3], reverse=True, nice=False), axis=None)
    early = alt.Chart(alt.InlineData(values=[row for row in rows if row["when"] == EARLY_H])).encode(y=y)
    late = alt.Chart(alt.InlineData(values=[row for row in rows if row["when"] == LATE_H])).encode(y=y)
    heads = [{"at": -reach, "text": f"← less left under {drug}"}, {"at": reach, "text": "less left under the other →"}]
    name = alt.Chart(alt.InlineData(values=[row for row in rows if row["when"] == EARLY_H])).encode(
        y=alt.Y("row:Q", scale=alt.Scale(domain=[-0.7, count - 0.3], reverse=True, nice=False), axis=None)
    )
    studied_ = [
        name.mark_text(align="left", font=SANS, fontSize=11.5, color=theme.soft)
        .encode(x=alt.value(width + 12), text="studied:N")
    ]  # fmt: skip
    layers = [
        alt.Chart(alt.InlineData(values=[{"at": 0.0}])).mark_rule(color=theme.soft, strokeWidth=1).encode(x="at:Q"),
        early.mark_rule(color=theme.ketamine, strokeWidth=1.2, strokeDash=[4, 2]).encode(x="low:Q", x2="high:Q"),
        late.mark_rule(color=theme.ketamine, strokeWidth=1.6).encode(x="low:Q", x2="high:Q"),
        early.mark_point(filled=True, fill=theme.paper, stroke=theme.ketamine, strokeWidth=1.6, size=52, opacity=1)
        .encode(x=x),
        late.mark_point(filled=True, color=theme.ketamine, size=60, opacity=1).encode(x=x),
        name.mark_text(align="right", font=SANS, fontSize=12.5, color=theme.ink)
        .encode(x=alt.value(-12), text="text:N"),
        *([] if narrow else studied_),
        alt.Chart(alt.InlineData(values=heads[:1])).mark_text(align="left", font=SANS, fontSize=11.5, color=theme.soft)
        .encode(x=alt.value(0), y=alt.value(-25 if narrow else -10), text="text:N"),
        alt.Chart(alt.InlineData(values=heads[1:])).mark_text(align="right", font=SANS, fontSize=11.5, color=theme.soft)
        .encode(x=alt.value(width), y=alt.value(-10), text="text:N"),
    ]  # fmt: skip
    return plain_part(alt.layer(*layers).properties(width=width, height=ROW * count))


def described(answer: dict[str, Any]) -> str:
    """The picture in a few sentences."""
    detail = answer["detail"]
    parts = [f"Courses of the {detail['scale']['name']} total over eight weeks. {minus(answer['sentence'])}"]
    parts += [
        f"{row['label']}: at one day {difference(_look(row, EARLY_H))} points, at eight weeks "
        f"{difference(_look(row, LATE_H))}."
        for row in detail["treatments"]
    ]
    return " ".join(parts)


def comparison_table(answer: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The differences as a table of words: header and rows."""
    detail = answer["detail"]
    header = ["treatment", *(f"at {spoken(time)}" for time in detail["looks_h"]), "known from"]
    rows = [[row["label"], *(difference(look) for look in row["at"]), studied(row)] for row in detail["treatments"]]
    return header, rows


def tables(answer: dict[str, Any]) -> list[Table]:
    """What stands under the picture, as tables."""
    detail = answer["detail"]
    head = (
        f"How far {detail['regimen']['drug']} lies below (−) or above (+) each, points ({100 * detail['level']:g} % "
        "interval)"
    )
    return [(head, *comparison_table(answer))]
