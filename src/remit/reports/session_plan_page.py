"""The plan of a session in the terminal, as a printable sheet and as calendar entries."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from remit.reports.picture import figure, list_html
from remit.reports.session_plan_chart import session_plan_chart
from remit.reports.sheet import NOT_ADVICE, rows_html, sheet, sources_html, tick_html
from remit.vocabulary.dosing import Route

Plan = dict[str, Any]
"""`SessionPlan.as_dict()`."""
COLUMNS = 100
FLAGS = {
    "older_label": "a label text of 2019: check a newer one",
    "forum": "a forum post: local practice, no authority",
}


def asked_for(plan: Plan) -> str:
    """What the plan is for, in words."""
    over = f" over {plan['infusion_min']:g} min" if plan["infusion_min"] else ""
    route = Route(plan["route"]).spoken
    return f"{route} {plan['drug']} {plan['dose']}{over}, {clock(plan['start'])}; policy {plan['policy']}"


def sentence(plan: Plan) -> str:
    """The plan in one sentence."""
    return (
        f"Watch until {plan['stays_until'][11:]} at least, then leave only when every item of the checklist is met; "
        f"{_driving(plan)}."
    )


def _driving(plan: Plan) -> str:
    until = [each["ends"] for each in plan["driving"] if each["is_followed"] and each["ends"]]
    if not until:
        return "when driving is allowed again no followed rule says"
    return f"no driving before {clock(max(until))}, nor before a night's sleep"


def clock(moment: str) -> str:
    """``2026-12-01T09:30`` as ``1 Dec 2026, 09:30``."""
    when = datetime.fromisoformat(moment)
    return f"{when.day} {when:%b %Y, %H:%M}"


def _day(moment: str | None) -> str:
    return clock(moment).partition(",")[0] if moment else ""


def by_time(plan: Plan) -> list[list[str]]:
    """The timeline: clock, minutes, what is done, and the rules behind it; one row a time."""
    start = datetime.fromisoformat(plan["start"])
    rows: dict[tuple[float, str], list[Plan]] = {}
    for each in plan["timeline"]:
        if not each["is_followed"]:
            continue
        place = each["at_min"]
        key = (float("-inf"), "before") if place is None and each["when"] == "before the dose" else (
            (float("inf"), "throughout") if place is None else (place, "")
        )  # fmt: skip
        rows.setdefault(key, []).append(each)
    found = []
    for (place, when), members in sorted(rows.items(), key=lambda pair: pair[0][0]):
        minutes = when or f"{place:g}"
        moment = "" if when else f"{start + timedelta(minutes=place):%H:%M}"
        done = dict.fromkeys(
            ("expect: " if each["kind"] == "course" else "") + each["what"]
            + (f" ({each['when']})" if each["when"] and each["when"] != when and not when else "")
            for each in members
        )  # fmt: skip
        rules = dict.fromkeys(each["rule_id"] + (" (borrowed)" if each["is_borrowed"] else "") for each in members)
        found.append([moment, minutes, "; ".join(done), ", ".join(rules)])
    return found


def rule_of(each: Plan) -> str:
    """The rule behind an entry, and its sources."""
    borrowed = "borrowed from another route; " if each["is_borrowed"] else ""
    aside = "" if each["is_followed"] else "not followed by this policy; "
    return f"{aside}{borrowed}{each['rule_id']}: {', '.join(each['sources'])}"


def alarm_rows(alarms: Sequence[Plan]) -> list[list[str]]:
    """Limits, followed ones first and numbers before words, one row a rule and source: limits, what to know, whose."""
    rows: dict[str, list[str]] = {}
    for each in sorted(alarms, key=lambda alarm: (not alarm["is_followed"], not alarm["limit"])):
        remarks = [each["note"] or ""]
        if each["flag"]:
            remarks.append(f"Rests on {FLAGS[each['flag']]}.")
        whose = rule_of(each)
        limit = each["limit"] or each["statement"]
        if whose in rows:
            rows[whose][0] += f"; or {limit}"
        else:
            rows[whose] = [limit, " ".join(filter(None, remarks)), whose]
    return list(rows.values())


def leaving(plan: Plan) -> list[tuple[str, str]]:
    """The checklist before leaving: each question, and whose it is."""
    return [(each["question"], rule_of(each)) for each in plan["leaving"] if each["is_followed"]]


def dates(plan: Plan) -> list[list[str]]:
    """Dates and windows after the session: when, what, whose."""
    rows = []
    for each in plan["follow_up"]:
        when = _day(each["begins"]) if each["begins"] else "no time published"
        if each["begins"] and each["ends"]:
            when += f" to {_day(each['ends'])}"
        said = each["what"] + (f" {each['note']}" if each["note"] else "")
        rows.append([when, said, rule_of(each)])
    return rows


def print_page(plan: Plan, console: Console) -> None:
    """The plan in the terminal."""
    console.print(Text(asked_for(plan), style="dim"))
    console.print(Padding(Text(sentence(plan), style="bold"), (1, 2)))

    def heading(words: str) -> None:
        console.print(Text(words, style="bold"))

    def lines(items: Sequence[tuple[str, str]], box_: str = "-") -> None:
        for said, whose in items:
            console.print(Padding(Text.assemble(f"{box_} {said} ", (f"[{whose}]", "dim")), (0, 0, 0, 1)))
        console.print()

    def told(items: Sequence[Plan]) -> list[tuple[str, str]]:
        return [(each["statement"], rule_of(each)) for each in items]

    if plan["before"]:
        heading("Before")
        lines(told(plan["before"]))
    heading("Pressure before the dose: think again")
    lines([(f"{limit}", whose) for limit, _, whose in alarm_rows(plan["pressure_before"])])
    if plan["place"]:
        heading("People and place")
        lines(told(plan["place"]))
    heading("What to look at, when")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("clock", "min", "what", "rules"):
        table.add_column(name)
    for row in by_time(plan):
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
    console.print(
        Padding(Text(f"Until {plan['stays_until'][11:]}: {plan['stays_because']}", style="dim"), (0, 0, 1, 0))
    )
    heading("Alarms")
    lines([(f"{limit.rstrip('.')}. {remark}".strip(), whose) for limit, remark, whose in alarm_rows(plan["alarms"])])
    heading("Ready to leave: every one, or stay")
    lines(leaving(plan), "☐")
    heading("Driving")
    lines([(" until ".join(filter(None, row[:2])), row[2]) for row in driving_rows(plan)])
    heading("Afterwards")
    lines([(f"{when}: {said}", whose) for when, said, whose in dates(plan)])
    for each in plan["caveats"]:
        console.print(Text(f"Beware: {each}"))
    console.print(Text(f"{plan['policy_statement']} {NOT_ADVICE} {_made(plan)}", style="dim"))


def page(plan: Plan) -> bytes:
    """The plan as a printable sheet, with room to write."""
    said = "What is looked at when, in minutes since the start of the dose."
    picture = figure(session_plan_chart(plan), "plan", said)
    timed = [[moment, minutes, what, "", rules] for moment, minutes, what, rules in by_time(plan)]
    header = ["clock", "min", "what", "seen (blood pressure, pulse, oxygen)", "rules"]
    because = f'<p class="soft">Until {plan["stays_until"][11:]}: {html.escape(plan["stays_because"])}</p>'
    limits = ["limit", "to know", "whose"]
    sections = [
        ("Before", tick_html([(each["statement"], rule_of(each)) for each in plan["before"]])),
        ("Pressure before the dose: think again", rows_html(limits, alarm_rows(plan["pressure_before"]))),
        ("People and place", tick_html([(each["statement"], rule_of(each)) for each in plan["place"]])),
        ("What to look at, when", picture + rows_html(header, timed) + because),
        ("Alarms", rows_html(limits, alarm_rows(plan["alarms"]))),
        ("Ready to leave: every one, or stay", tick_html(leaving(plan))),
        ("Driving", rows_html(["what", "until", "whose"], driving_rows(plan))),
        ("Afterwards", rows_html(["when", "what", "whose"], dates(plan))),
        ("Beware", list_html(plan["caveats"])),
        ("Sources", sources_html(plan["sources"])),
    ]
    foot = [plan["policy_statement"], f"{_made(plan)} Clinician: ____________________"]
    return sheet("Session plan", asked_for(plan), sentence(plan), sections, foot)


def driving_rows(plan: Plan) -> list[list[str]]:
    """What is said of driving, until when, and by whom."""
    return [[each["what"], clock(each["ends"]) if each["ends"] else "", rule_of(each)] for each in plan["driving"]]


def _made(plan: Plan) -> str:
    return f"Rules {plan['evidence_hash'][:12]}, remit {plan['version']}."


def calendar(plan: Plan) -> bytes:
    """The stay, the driving ban and the followed dates as an iCalendar file (RFC 5545), on the clinic's own clock."""
    entries = [("Session: watching", plan["start"], plan["stays_until"])]
    entries += [(e["what"], e["begins"], e["ends"]) for e in plan["driving"] if e["is_followed"] and e["ends"]]
    entries += [(e["what"], e["begins"], None) for e in plan["follow_up"] if e["is_followed"] and e["begins"]]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//remit//{plan['version']}//EN"]
    for number, (what, begins, ends) in enumerate(entries):
        lines += [
            "BEGIN:VEVENT", f"UID:{plan['evidence_hash'][:12]}-{_stamp(plan['start'])}-{number}@remit",
            f"DTSTAMP:{_stamp(plan['start'])}Z", f"DTSTART:{_stamp(begins)}", f"DTEND:{_stamp(ends or begins)}",
            "SUMMARY:" + what.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,"), "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) for line in lines).encode()


def _stamp(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y%m%dT%H%M%S}"


def _folded(line: str) -> str:
    """A line of at most 75 octets, the rest on lines that begin with a space."""
    parts, here = [], ""
    for sign in line:
        # choice: 73 octets leave room for the space that begins a folded line
        if len((here + sign).encode()) > 73:
            parts.append(here)
            here = ""
        here += sign
    return "\r\n ".join([*parts, here]) + "\r\n"
