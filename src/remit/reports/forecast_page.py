"""A forecast of one person as a page of text: 100 columns, readable without colour."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from remit.reports.description import NAMES
from remit.reports.text_page import bullets, titled_table
from remit.vocabulary.clock import spoken

COLUMNS = 100
EVENTS = ("change", "response", "remission")


def print_page(answer: dict[str, Any], console: Console) -> None:
    """Print a forecast.

    Args:
        answer: `Answer.as_dict()` of `remit.answers.this_person.forecast`.
        console: where to; its width is respected.
    """
    detail = answer["detail"]
    console.print(Text(answer["question"], style="dim"))
    console.print()
    console.print(Padding(Text(answer["sentence"], style="bold"), (0, 2)))
    console.print()
    bullets(console, "Look again at these scores", detail["warnings"], style="yellow")
    bullets(console, "Beyond the evidence", answer["extrapolations"], style="yellow")
    bullets(console, "In plain words", detail["summary"])
    console.print(_course(detail))
    console.print(Text(_cuts(detail["scale"]), style="dim"))
    console.print()
    console.print(_chances(detail))
    console.print(
        Text(
            '"at": a rating then would show it. "by": a rating at the best moment from now until then would, or one '
            "already has.",
            style="dim",
        )
    )
    console.print()
    console.print(_schedules(detail))
    console.print()
    _standing(console, detail)
    console.print(_next(detail))
    console.print()
    bullets(console, "Whose people", _people(detail["clinic"]))
    bullets(console, "Filled in", detail["notes"])
    _rests(console, answer)
    bullets(console, "Assumed", answer["assumptions"].values())
    bullets(console, "Beware", answer["caveats"])
    trust = detail["diagnostics"]
    console.print(
        Text(
            f"remit {answer['version']}, evidence {answer['evidence_hash'][:12]}, seed {answer['seed']}; "
            f"{trust['method']}: {trust['effective_draws']:.0f} effective draws, {_trusted(trust)}. "
            "Picture: add --chart course.svg. Numbers: add --json.",
            style="dim",
        )
    )


_GAVE = {
    "BASE": "the level before the first dose", "S": "the largest fall that the drug sustains",
    "X": "the course without the drug", "HALF": "how fast it fades", "KIN": "how fast it builds up",
    "ACUTE": "the change during a session", "XS": "the part of the session itself",
}  # fmt: skip
"""What each parameter of the response model is, in words."""


def _people(clinic: dict[str, Any] | None) -> list[str]:
    """How much a clinic's own people weigh beside the published ones."""
    if clinic is None:
        return []
    before, after = 100 * clinic["weight_before"], 100 * clinic["weight_after"]
    return [
        f"{clinic['name']}: {clinic['people']} people, {clinic['observations']} ratings of {clinic['scale']}, give "
        f"{', '.join(_GAVE[name] for name in clinic['estimated'])}; everything else is published.",
        f"Before any score they weigh {before:.0f} of 100 and published people {100 - before:.0f}; with these scores "
        f"{after:.0f} and {100 - after:.0f}.",
    ]


def _trusted(trust: dict[str, Any]) -> str:
    if trust["pareto_k"] is None:
        return f"R-hat {trust['rhat']:.3f}"
    return f"Pareto shape {trust['pareto_k']:.2f} (below 0.7 is trusted)"


def share(chance: float) -> str:
    """A chance of 100, without a promise at the ends."""
    value = 100.0 * chance
    return "seen" if chance == 1.0 else "<1" if value < 0.5 else ">99" if value >= 99.5 else f"{value:.0f}"


def _cuts(scale: dict[str, Any]) -> str:
    known = [f"{NAMES[event]} {cut:g} or less" for event, cut in scale["cut_points"].items()]
    missing = [f"{NAMES[event]} {why}" for event, why in scale["no_cut"].items()]
    return (
        f"{scale['name']} {scale['low']} to {scale['high']}, counted from {scale['baseline_points']:g} "
        f"({scale['baseline_how']}): {'; '.join([*known, *missing])}."
    )


COURSE_HEADER = ("time", "level", "half of ratings", "80 of 100", "95 of 100", "without the drug")


def course_rows(detail: dict[str, Any]) -> list[list[str]]:
    """Where a total would fall under the planned schedule: time, level, ranges and the level without the drug."""
    main = detail["schedules"][0]
    course = main["course"]
    found = []
    for row in main["chances"]:
        place = min(range(len(course["time_h"])), key=lambda i, at=row["time_h"]: abs(course["time_h"][i] - at))
        ranges = [f"{course[f'total{band}_low'][place]:g} to {course[f'total{band}_high'][place]:g}" for band in
                  (50, 80, 95)]  # fmt: skip
        found.append([row["label"], f"{course['level'][place]:.1f}", *ranges, f"{course['control'][place]:.1f}"])
    return found


def _course(detail: dict[str, Any]) -> Table:
    name = detail["schedules"][0]["name"]
    table = titled_table(f"Where a {detail['scale']['name']} would fall, {name}", *COURSE_HEADER)
    for row in course_rows(detail):
        table.add_row(*row)
    return table


def _chances(detail: dict[str, Any]) -> Table:
    main = detail["schedules"][0]
    known = [event for event in EVENTS if event in detail["scale"]["cut_points"]]
    names = {"change": "change that\nmatters", "response": "response", "remission": "remission"}
    columns = [f"{names[event]}, {when}" for event in known for when in ("at", "by")]
    table = titled_table("Of 100 people with these scores", "time", *columns, "response without\nthe drug, at")
    for row in main["chances"]:
        cells = [share(row[event][when]) for event in known for when in ("at", "by")]
        table.add_row(row["label"], *cells, share(row["response"]["without_drug_at"]))
    return table


def _schedules(detail: dict[str, Any]) -> Table:
    rows = detail["schedules"]
    labels = [row["label"] for row in rows[0]["chances"] if row["time_h"] - detail["now_h"] >= 14 * 24.0 - 1e-6]
    wanted = labels[-3:]
    table = titled_table(
        "Schedules a clinician may weigh: response at that time, of 100",
        "schedule", "sessions\nto come", *wanted, "half of the gain lost\nwithin 4 weeks",
    )  # fmt: skip
    for each in rows:
        known = {row["label"]: row for row in each["chances"]}
        fading = each["relapse"]
        lost = next((row for row in (fading or {"by": []})["by"] if row["days"] == 28.0), None)
        table.add_row(
            each["name"],
            str(each["sessions_to_come"]),
            *(share(known[label]["response"]["at"]) for label in wanted),
            share(lost["chance"]) if lost else "too few respond",
        )
    return table


def _standing(console: Console, detail: dict[str, Any]) -> None:
    found = detail["standing"]
    if found is None:
        return
    lines = [
        f"Like this person at the start, people under the same doses would be between {found['expected_low']:.0f} and "
        f"{found['expected_high']:.0f} at {spoken(round(found['time_h'], 1))} (three of five of them); the score was "
        f"{found['total']:g}. {found['percent_who_score_worse']:.0f} of 100 of them would score worse.",
        f"Chance that this person is behind that course: {share(found['chance_behind'])} of 100; ahead of it: "
        f"{share(found['chance_ahead'])} of 100.",
    ]
    bullets(console, f"On course? {found['is'].capitalize()}", lines)


def _next(detail: dict[str, Any]) -> Table:
    table = titled_table(
        "When the next score would tell most",
        "next score", "narrows what is\nnot known by", "makes a response\nprobable", "makes it unlikely",
    )  # fmt: skip
    for row in detail["next_score"]["candidates"]:
        low, high = row["response_probable_at_or_below"], row["response_unlikely_at_or_above"]
        table.add_row(
            row["label"],
            f"{row['narrower_percent']:.0f} %",
            "no total would" if low is None else f"{low:g} or less",
            "no total would" if high is None else f"{high:g} or more",
        )
    return table


def _rests(console: Console, answer: dict[str, Any]) -> None:
    basis = answer["basis"]
    count = len(answer["detail"]["scores"])
    lines = [
        f"This person's {count} scores; and what was believed before them: {len(basis['studies'])} studies of "
        f"ketamine, {basis['people']:,} people.",
        f"Certainty of that belief: {basis['certainty']} ({'; '.join(basis['certainty_reasons'])}).",
    ]
    bullets(console, "What it rests on", lines)
