"""The picture of one person's course: their scores, where the next would fall, and what other schedules would do."""

from __future__ import annotations

from typing import Any

import altair as alt

from remit.reports.forecast_page import share
from remit.reports.frame import Lines, Table, framed
from remit.reports.labels import spread
from remit.reports.marks import (
    Part,
    band,
    layered,
    level_line,
    line,
    line_key,
    points,
    rows_of,
    shaded,
    upright,
    words,
)
from remit.reports.palette import Theme, find_theme
from remit.reports.score_axis import score_field
from remit.vocabulary.clock import HOURS_PER_DAY, days, weeks

WIDTH, HEIGHT, NARROW = 770, 360, 300
"""Of the plot, and its width on a telephone [pixels]."""
LABEL_GAP = 17
DASHES = {"no more sessions": (2, 3), "then weekly": (8, 3), "then every 2 weeks": (6, 2, 1, 2)}
"""Line styles of other schedules, so that grey print and colour-blind readers can tell them apart."""
BANDS = (95, 80, 50)
LETTERS = 108
Named = tuple[float, str, str, bool, tuple[int, ...], float]
"""A line: where it ends, its name, colour, whether it is bold, dashes and width."""


def forecast_chart(answer: dict[str, Any], theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """The picture as a Vega-Lite specification with its data inside.

    Args:
        answer: `Answer.as_dict()` of a forecast.
        theme: ``light`` or ``dark``.
        narrow: for a telephone, with names under the plot in place of beside its lines.

    Raises:
        InputRefused: there is no such theme.
    """
    colours, detail = find_theme(theme), answer["detail"]
    key = (
        f"Dots: scores so far. Blue bands: where a rating would fall in 50, 80 and 95 of 100 such people "
        f"({detail['schedules'][0]['name']}). Grey: the same person had no drug been given."
    )
    asked = f"{detail['treatment'][:1].upper()}{detail['treatment'][1:]}; {detail['person']['diagnosis']}."
    beyond = ["Beyond the evidence: " + "; ".join(answer["extrapolations"]) + "."] if answer["extrapolations"] else []
    believed = f"Certainty of what was believed before these scores: {answer['basis']['certainty']}."
    return framed(
        answer, [_panel(detail, colours, narrow=narrow)], colours, notes=[asked, key, *beyond], foot=[believed],
        width=WIDTH, letters=LETTERS,
    )  # fmt: skip


def described(answer: dict[str, Any]) -> str:
    """What the picture shows, for those who cannot see it."""
    return " ".join([answer["question"], answer["sentence"], *answer["detail"]["summary"]])


def _panel(detail: dict[str, Any], theme: Theme, *, narrow: bool) -> Part:
    main, scale, now = detail["schedules"][0], detail["scale"], detail["now_h"]
    course = main["course"]
    begin, end = course["time_h"][0], course["time_h"][-1]
    own = [score for score in detail["scores"] if score["scale"] == scale["name"]]
    tallest = max([*course["total95_high"], scale["baseline_points"], *(score["total"] for score in own)])
    top = min(scale["high"], tallest + 0.06 * (scale["high"] - scale["low"]))
    x = alt.X(
        "time_h:Q", scale=alt.Scale(domain=[begin, end], nice=False), axis=_axis(begin, end, theme, narrow=narrow)
    )
    y = score_field(scale, top, theme)

    ahead = [i for i, time in enumerate(course["time_h"]) if time >= now - 1e-6]
    before = [i for i, time in enumerate(course["time_h"]) if time <= now + 1e-6]

    def part(name: str, chosen: list[int]) -> list[float]:
        return [course[name][i] for i in chosen]

    layers: list[Part] = [shaded([{"time_h": begin, "to_h": now}], x, theme.shade, 0.6)] if now > begin else []
    cuts = [(cut, f"{event}: {cut:g} or less") for event, cut in scale["cut_points"].items() if event != "change"]
    layers.append(level_line([{"time_h": begin, "to_h": end, "value": cut} for cut, _ in cuts], x, y, theme.soft, 0.8,
                             (2, 3)))  # fmt: skip
    for wide, opacity in zip(BANDS, (0.75, 1.0, 1.35), strict=True):
        rows = rows_of(
            time_h=part("time_h", ahead), low=part(f"total{wide}_low", ahead), high=part(f"total{wide}_high", ahead)
        )
        layers.append(band(rows, x, y, theme.ketamine, opacity * theme.band))
    known = rows_of(time_h=part("time_h", before), low=part("level80_low", before), high=part("level80_high", before))
    layers.append(band(known, x, y, theme.ketamine, 1.2 * theme.band))
    layers.append(line(rows_of(time_h=course["time_h"], value=course["control"]), x, y, theme.control, 2))
    ends: list[Named] = [(course["control"][-1], "without the drug", theme.control, False, (), 2.0)]
    for other in detail["schedules"][1:]:
        if other["name"] not in DASHES:
            continue
        values = [other["course"]["level"][i] for i in ahead]
        layers.append(line(rows_of(time_h=part("time_h", ahead), value=values), x, y, theme.ketamine, 1.4,
                           DASHES[other["name"]]))  # fmt: skip
        ends.append((values[-1], other["name"], theme.ketamine, False, DASHES[other["name"]], 1.4))
    layers.append(line(rows_of(time_h=course["time_h"], value=course["level"]), x, y, theme.ketamine, 3))
    ends.append((course["level"][-1], main["name"], theme.ketamine, True, (), 3.0))
    ends += [(cut, name, theme.soft, False, (2, 3), 0.8) for cut, name in cuts]
    layers += _marks(detail, theme, x, y, top)
    layers.append(points([{"time_h": each["time_h"], "value": each["total"]} for each in own], x, y, theme.ink,
                         "circle", 58))  # fmt: skip
    if narrow:
        below = line_key([(each[1], each[2], each[4], each[5]) for each in ends], theme, NARROW, left=-24)
        return {"vconcat": [layered(layers, NARROW, HEIGHT - 60), below], "spacing": 10}
    layers += _ends([each[:4] for each in ends], x, y, begin, end, scale["low"], top)
    return layered(layers, WIDTH, HEIGHT)


def _marks(detail: dict[str, Any], theme: Theme, x: Any, y: Any, top: float) -> list[Part]:
    """Sessions given (filled) and to come (outlined lines), and now."""
    now = detail["now_h"]
    given = [{"time_h": time, "value": top} for time in detail["given_h"]]
    coming = [{"time_h": time, "value": top} for time in detail["schedules"][0]["sessions_h"] if time > now]
    marks: list[Part] = [upright([{"time_h": now}], x, theme.soft, 1, (4, 2))]
    if coming:
        marks.append(upright(coming, x, theme.ketamine, 0.8, (2, 2)))
        marks.append(points(coming, x, y, theme.control, "triangle-down", 80))
    if given:
        marks.append(points(given, x, y, theme.ketamine, "triangle-down", 80))
    label = [{"time_h": now, "value": detail["scale"]["low"] + 0.04 * (top - detail["scale"]["low"]), "text": "now"}]
    return [*marks, words(label, x, y, theme.soft, size=11, dx=5, halo=theme.paper)]


def _ends(
    ends: list[tuple[float, str, str, bool]], x: Any, y: Any, begin: float, end: float, low: float, top: float
) -> list[Part]:
    """A name at the right end of every line, moved apart."""
    apart = spread([value for value, *_ in ends], LABEL_GAP * (top - low) / HEIGHT, low, top)
    room = end - begin
    found: list[Part] = []
    for (value, text, colour, bold), beside in zip(ends, apart, strict=True):
        leader = [{"time_h": end, "value": value}, {"time_h": end + 0.02 * room, "value": beside}]
        found.append(line(leader, x, y, colour, 1, clip=False))
        label = [{"time_h": end + 0.025 * room, "value": beside, "text": text}]
        found.append(words(label, x, y, colour, size=12, bold=bold))
    return found


def _axis(begin: float, end: float, theme: Theme, *, narrow: bool) -> alt.Axis:
    """Days while short, weeks when long: a person's weeks are lived one by one, so the axis is even."""
    short = end - begin <= weeks(4.0)
    step = days(2.0) if short else weeks(1.0 if end - begin <= weeks(16.0) else 4.0)
    if narrow:
        step *= 2
    unit = HOURS_PER_DAY if short else weeks(1.0)
    first = int(begin // step) + (begin % step > 0)
    values = [step * place for place in range(first, int(end // step) + 1)]
    name = "days" if short else "weeks"
    return alt.Axis(
        values=values, labelExpr=f"format(datum.value / {unit:g}, 'd')", title=f"{name} since the first session",
        grid=True, gridColor=theme.rule, gridOpacity=0.6, gridDash=[1, 3], domainColor=theme.soft,
        tickColor=theme.soft, labelOverlap=False,
    )  # fmt: skip


def tables(answer: dict[str, Any]) -> list[Table | Lines]:
    """What stands under the picture, as tables and lists."""
    detail = answer["detail"]
    rows = [
        [row["label"], share(row["response"]["at"]), share(row["response"]["by"]),
         share(row["response"]["without_drug_at"])]
        for row in detail["schedules"][0]["chances"]
    ]  # fmt: skip
    return [
        ("In plain words", detail["summary"]),
        ("Response, of 100 people with these scores", ["time", "at", "by", "without the drug, at"], rows),
        ("Look again at these scores", detail["warnings"]),
    ]
