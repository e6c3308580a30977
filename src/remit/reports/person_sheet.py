"""One A4 page for a person who weighs the treatment: plain words, hundred people as a picture, what is not known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from remit.reports.description import cell
from remit.reports.document import Block, Bullets, Columns, Document, Grid, Paragraph, Picture, Section
from remit.reports.hundred import hundred
from remit.reports.icon_array_chart import icon_array
from remit.reports.plain_words import beyond_lines
from remit.vocabulary.clock import days
from remit.vocabulary.dosing import Route

Answered = dict[str, Any]
QUESTIONS = (
    "Why this treatment for me, and what else could I try first or at the same time?",
    "Which of my illnesses and medicines matter here? Who has checked them?",
    "Who is with me during the session and until I leave, and what do they measure?",
    "How will we tell whether it works: which questionnaire, on which days?",
    "What do we do if nothing has changed after the planned sessions? When do we stop?",
    "What does it cost, and is it an approved use in this country?",
)
FEWEST, MOST_EFFECTS = 3, 6
"""choice: at most as many side effects as a person reads."""


def person_sheet(
    how_fast: Answered, versus: Answered, safety: Answered, plan: Answered, contacts: tuple[str, ...] = ()
) -> Document:
    """The page.

    Args:
        how_fast, versus, safety: `Answer.as_dict()` of the answers for the same course.
        plan: of one of its sessions, `SessionPlan.as_dict()`.
        contacts: whom to call in a crisis, as the clinic words it.
    """
    detail = how_fast["detail"]
    rows = {row["time_h"]: row for row in detail["horizons"]}
    series = len(detail["regimen"]["dose_times_h"]) > 1
    day = detail["response_after_last"] if series else rows[days(1.0)]["response"]
    later = rows[days(28.0)]["response"] if series else rows[days(7.0)]["response"]
    first = "One day after the last session" if series else "One day after the session"
    second = "Four weeks after the first session" if series else "One week after the session"
    pictures = tuple(
        (Picture(name, icon_array(people), people.spoken, 0.72),)
        for name, people in (("one-day", hundred(day, first)), ("later", hundred(later, second)))
    )
    lead = (
        f"{first}, about {day['at']['percent']:.0f} of 100 people with {detail['diagnosis']} have half of their "
        f"{_felt(detail)} or less. {_without(day)}"
    )
    left: tuple[Any, ...] = (
        Grid(("when", "respond", "without the drug"), _when(detail), (1.1, 1.5, 1.5)),
        Paragraph(
            f"People of 100 whose {detail['scale']['name']} is half of what it was, or less. In brackets: what is "
            "plausible, given what is known.", soft=True,
        ),
    )  # fmt: skip
    right: tuple[Any, ...] = (Bullets((*_lasting(detail), _compared(versus))),)
    return Document(
        title="What to expect from ketamine for anxiety",
        kicker=f"For a person who weighs it, with their clinician: {detail['regimen']['dose']}, "
        f"{' '.join((detail['regimen']['course'] + '.', *beyond_lines(how_fast)))}",
        lead=lead,
        sections=(
            Section("Of 100 people", (Columns(pictures),)),
            Section("When, for how long, compared with what", (Columns((left, right)),)),
            Section("What you may feel, and what is watched", tuple(_felt_effects(safety, plan))),
            Section("What is not known", (Bullets(tuple(_unknown(how_fast))),)),
            Section("Questions to ask", (Bullets(QUESTIONS),)),
            Section(
                "If you cannot go on",
                (
                    Bullets(contacts)
                    if contacts
                    else Paragraph("Call the emergency number of your country, or go to the nearest emergency room."),
                ),
            ),
        ),
        foot=(
            "Ketamine for anxiety is given only where somebody watches. Do not take it at home alone.",
            f"remit {how_fast['version']}, evidence {how_fast['evidence_hash'][:12]}; every number can be traced.",
        ),
        small=True,
    )


def _felt(detail: Answered) -> str:
    return "symptoms" if detail["scale"]["name"] in {"CAPS-5", "PCL-5", "Y-BOCS"} else "anxiety"


def _without(cell: Answered) -> str:
    alone = cell["control_at"]["percent"]
    return (
        f"About {alone:.0f} would have, had the session held no drug. The true number may be anywhere from "
        f"{cell['at']['low_percent']:.0f} to {cell['at']['high_percent']:.0f}."
    )


def _when(detail: Answered) -> tuple[tuple[str, ...], ...]:
    names = {2.0: "2 hours", 24.0: "1 day", 72.0: "3 days", 168.0: "1 week", 336.0: "2 weeks", 672.0: "4 weeks"}
    return tuple(
        (
            names.get(row["time_h"]) or str(row["label"]),
            cell(row["response"]["at"]),
            cell(row["response"]["control_at"]),
        )
        for row in detail["horizons"]
    )


def _lasting(detail: Answered) -> list[str]:
    half, never = detail["lasting"]["half_life_d"], detail["time_to_response"]["never"]
    people = detail["lasting"]["half_life_people_d"]
    return [
        f"About {never['value']:.0f} of 100 people do not respond within four weeks ({never['low']:.0f} to "
        f"{never['high']:.0f}).",
        f"When the drug is gone, half of what it gave is lost in about {half['value']:.0f} days; in nine of ten people "
        f"in {people['p05']:.0f} to {people['p95']:.0f} days.",
    ]


def _compared(versus: Answered) -> str:
    """An SSRI beside it, at a day and at eight weeks, beyond what a control does."""
    detail = versus["detail"]
    other = next((row for row in detail["treatments"] if row["name"] == "ssri"), None)
    if other is None:
        return "No daily treatment can be set beside it."

    def beyond(held: Answered, time_h: float) -> str:
        found = next(look for look in held["beyond_control"] if look["time_h"] == time_h)
        return f"{max(0.0, -found['total']):.1f}"

    scale = detail["scale"]["name"]
    return (
        f"In points of the {scale} beyond what people improve by anyway: ketamine {beyond(detail['ketamine'], 24.0)} "
        f"after a day and {beyond(detail['ketamine'], 1344.0)} after eight weeks; an SSRI tablet taken daily "
        f"{beyond(other, 24.0)} and {beyond(other, 1344.0)}. No trial has compared them directly."
        if not detail["head_to_head"]
        else f"In points of the {scale}: ketamine {beyond(detail['ketamine'], 24.0)} after a day and "
        f"{beyond(detail['ketamine'], 1344.0)} after eight weeks; an SSRI {beyond(other, 24.0)} and "
        f"{beyond(other, 1344.0)}."
    )


def _felt_effects(safety: Answered, plan: Answered) -> list[Block]:
    """Side effects by this route where the evidence counts them, else those best counted elsewhere, and said so."""
    strata: dict[tuple[str, str, str], list[Answered]] = {}
    for row in safety["detail"]["shares"]:
        if not row["healthy"]:
            strata.setdefault((row["treatment"], row["route"] or "", row["period_spoken"]), []).append(row)
    # choice: fewer than three effects counted say too little of what a session is like
    own = {
        key: rows for key, rows in strata.items() if key[:2] == (plan["drug"], plan["route"]) and len(rows) >= FEWEST
    }
    # choice: the group with most people in its rows speaks; mixing groups would compare unlike periods
    best = max((own or strata).values(), key=lambda rows: sum(row["people"] for row in rows), default=[])
    found: list[Block] = []
    if best and not own:
        way = f"{Route(best[0]['route']).spoken} " if best[0]["route"] else ""
        found.append(
            Paragraph(
                f"How many people feel what after this drug by this route is hardly in the collected evidence. Best "
                f"counted is {way}{best[0]['treatment']}, {best[0]['period_spoken']}:"
            )
        )
    table = None
    if best:
        chosen = sorted(best, key=lambda row: -row["percent"])[:MOST_EFFECTS]
        rows = tuple(
            (row["spoken"], cell(row), cell(row["control"]) if row["control"] else "not collected", row["certainty"])
            for row in chosen
        )
        table = Grid(("of 100 people", "with the drug", "with placebo", "certainty"), rows, (1.1, 1.2, 1.2, 0.9))
    driving = next((each["what"] for each in plan["driving"] if each["is_followed"]), None)
    stay = f"You are watched for about {_hours(plan)} after the start. "
    said = f"{stay}{driving} " if driving else stay
    watched = Paragraph(f"{said}Rare and late harms (bladder, liver, misuse) cannot be read from trials this small.")
    return [*found, watched if table is None else Columns(((table,), (watched,)))]


def _hours(plan: Answered) -> str:
    stays = datetime.fromisoformat(plan["stays_until"]) - datetime.fromisoformat(plan["start"])
    hours = stays.total_seconds() / 3600
    return f"{hours:.1f} hours".replace(".0 ", " ")


def _unknown(how_fast: Answered) -> list[str]:
    basis = how_fast["basis"]
    found = [
        f"Certainty: {basis['certainty']}. {'; '.join(basis['certainty_reasons'])[:1].upper()}"
        f"{'; '.join(basis['certainty_reasons'])[1:]}.",
    ]
    openly = how_fast["detail"]["open_studies"]
    if openly:
        found.append(
            "Most studies were open: everybody knew what was given, and such studies report more "
            f"({cell(openly['response_at']['1_d'])} of 100 at one day). That excess is left out here."
        )
    return found
