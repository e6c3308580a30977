"""The answer to "how long" as a page of text: 100 columns, readable without colour."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from remit.answers.how_long import day_words
from remit.reports.description import cell
from remit.reports.text_page import bullets, closing, opening, titled_table
from remit.vocabulary.clock import days, spoken, weeks

COLUMNS = 100


def print_page(answer: dict[str, Any], console: Console) -> None:
    """Print an answer.

    Args:
        answer: `Answer.as_dict()`.
        console: where to; its width is respected.
    """
    detail = answer["detail"]
    level = f"{100 * detail['level']:g} %"
    opening(console, answer)
    bullets(console, f"How long the gain lasts ({level} interval)", gain_lines(detail))
    table = titled_table(
        f"Of 100 who respond a day after the last session, still responding after it ({level} interval)",
        *still_table(detail)[0],
    )
    # with stars beside its numbers it is a little too wide for the page
    table.collapse_padding = True
    for row in still_table(detail)[1]:
        table.add_row(*row)
    console.print(table)
    console.print(
        Text("On the day of a session people are rated before it. *: beyond anything that was observed.", style="dim")
    )
    console.print()
    table = titled_table(f"What further sessions add, of 100 responders ({level} interval)", *added_table(detail)[0])
    for row in added_table(detail)[1]:
        table.add_row(*row)
    console.print(table)
    console.print()
    bullets(console, "When the chance of still responding falls", [below_line(detail)])
    bullets(console, "How many people stand behind it", rated_lines(detail))
    bullets(console, "What studies saw themselves", observed_lines(detail))
    bullets(console, "What was published about repeated sessions", finding_lines(detail["findings"]))
    closing(console, answer, f"{detail['people']} virtual people under {detail['draws']} draws", "how-long.svg")


def gain_lines(detail: dict[str, Any]) -> list[str]:
    """How long the gain lasts, in lines: after one session, after the series, between people."""
    series = detail["regimen"]["sessions"]
    found = []
    cases = [("one session", detail["after_one"])]
    if series > 1:
        cases.append((f"{series} sessions", detail["after_series"]))
    for said, lasted in cases:
        after = "the session" if said == "one session" else "the last session"
        gain = lasted["gain_a_day_after"]
        found.append(
            f"A day after {said} the typical person is {gain['value']:.1f} points ({gain['low']:.1f} to "
            f"{gain['high']:.1f}) below a masked session without the drug. Half of that is lost "
            f"{day_words(lasted['half_lost_d'])} after {after}."
        )
    half, people = detail["after_series"]["half_life_d"], detail["after_series"]["half_life_people_d"]
    found.append(
        f"What the drug itself left behind halves every {half['value']:.1f} days ({half['low']:.1f} to "
        f"{half['high']:.1f}) in the typical person; in nine of ten people between "
        f"{people['p05']:.0f} and {people['p95']:.0f} days. The gain in points also shrinks because people "
        "get better without the drug."
    )
    return found


def then_line(detail: dict[str, Any], then: str) -> str:
    """What further sessions of one schedule do beside none, in a line.

    Args:
        detail: of an answer.
        then: name of the schedule.

    Returns:
        Empty where the schedule is none, or there is none of that name.
    """
    by_name = {row["name"]: row for row in detail["schedules"]}
    if then not in by_name or by_name[then]["every_d"] is None:
        return ""
    own, none = by_name[then]["still"][-1], by_name["none"]["still"][-1]
    return (
        f"With a session {by_name[then]['label']} after the series, about {own['percent']:.0f} of 100 of those who "
        f"respond a day after it still respond {spoken(days(own['days_after_last']))} later "
        f"({own['low_percent']:.0f} to {own['high_percent']:.0f}); with no more sessions "
        f"{none['percent']:.0f} of 100 ({none['low_percent']:.0f} to {none['high_percent']:.0f})."
    )


def still_table(detail: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Responders who still respond, by schedule, as words: header and rows."""
    header = ["further sessions", *(spoken(days(day)) for day in detail["looks_d"])]
    rows = [
        [row["label"], *(cell(look) + ("*" if look["beyond_data"] else "") for look in row["still"])]
        for row in detail["schedules"]
    ]
    return header, [*rows, ["without the drug", *(cell(look) for look in detail["without_drug"]["still"])]]


def added_table(detail: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """What further sessions add to none, as words: header and rows."""
    header = ["further sessions", *(spoken(days(day)) for day in detail["looks_d"])]
    rows = [
        [f"{row['label']} ({row['sessions_added']} in all)", *(cell(look["added"]) for look in row["still"])]
        for row in detail["schedules"]
        if row["every_d"] is not None
    ]
    return header, rows


def below_line(detail: dict[str, Any]) -> str:
    """When the chance of still responding falls below the level asked for, without further sessions."""
    found = detail["below_keep"]
    never = found["not_within_span_percent"]
    beyond = f" In {never:.0f} of 100 runs of the model it stays above that for 12 weeks." if never >= 0.5 else ""
    return (
        f"Without further sessions the chance that a responder still responds falls below {100 * detail['keep']:g} of "
        f"100 at {day_words(found)} after the last one.{beyond} That is what the model says of people, and no advice "
        "on when to give a session."
    )


def _of_people(each: dict[str, Any]) -> str:
    return "" if each["people"] is None else f", {each['people']:.0f} people"


def rated_lines(detail: dict[str, Any]) -> list[str]:
    """How many people stand behind each time, and what was published of single responders."""
    told = ", ".join(
        f"{each['people']:,} at {spoken(days(each['days_after_last'])) if each['days_after_last'] else 'the start'}"
        for each in detail["still_rated"]
    )
    seen = "; ".join(
        f"{each['percent']:.0f} of 100 at {each['days_after_last']:.0f} days ({each['study_id']}{_of_people(each)})"
        for each in detail["shares_seen"]
    )
    return [
        f"People of the studies of anxiety, PTSD and OCD who were rated then or later: {told}.",
        "No study published the visits of single responders, so that no curve without a model can be drawn beside it. "
        + (f"Published shares still responding: {seen}." if seen else "Nor is a share still responding published."),
    ]


AFTER = {
    "one": "after one dose", "series": "after a series", "maintenance": "while sessions go on",
    "stopped": "once sessions were stopped",
}  # fmt: skip
KNEW = {
    "open": "everybody knew", "inert_control": "inert control", "active_control": "active control",
    "anaesthesia": "under anaesthesia", "not_applicable": "masking not applicable",
}  # fmt: skip


def observed_lines(detail: dict[str, Any]) -> list[str]:
    """What studies saw of how long it lasts, one line a number."""
    return [
        f"{whom}, {after}: {said} ({study}, {people}, {knew})."
        for whom, after, said, study, people, knew in observed_table(detail)[1]
    ]


def observed_table(detail: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """What studies saw of how long it lasts, as words: header and rows."""
    header = ["condition, scale", "after", "what was seen", "study", "people", "who knew, and what else was given"]
    return header, [_observed(row) for row in detail["observed"]]


def _observed(row: dict[str, Any]) -> list[str]:
    when = "" if row["time_h"] is None else f" at {_long(row['time_h'])}"
    said = f"{row['value']:g} of 100 {row['words'].removeprefix('of ')}" if row["unit"] == "percent" else row["words"]
    people = "people not stated" if row["people"] is None else f"{row['people']:.0f} people"
    if row["people"] == 1:
        people = "1 person"
    beside = f", beside {row['beside']}" if row["beside"] else ""
    whom = {"ptsd": "PTSD", "ocd": "OCD", "other": row["population"].replace("_", " ")}.get(
        row["domain"], row["domain"]
    )
    named = row["scale"] if row["scale"].startswith(whom) else f"{whom}, {row['scale']}"
    return [named, AFTER[row["after"]], f"{said}{when}", row["study_id"], people, f"{KNEW[row['masking']]}{beside}"]


def _long(hours: float) -> str:
    """Hours in days up to five weeks, then in weeks."""
    return f"{hours / days(1.0):.3g} days" if hours < weeks(5.0) else f"{hours / weeks(1.0):.2g} weeks"


def finding_lines(findings: list[dict[str, Any]]) -> list[str]:
    """Published findings, one a line."""
    return [
        f"{row['moderator']}: {row['finding']}; {row['outcome']} ({row['study_id']}, {row['domain']}"
        + (f", {row['people']} people" if row["people"] else "")
        + (", retracted" if row["retracted"] else "")
        + ")."
        for row in findings
    ]
