"""Is it safe: in the terminal and as a printable page."""

from __future__ import annotations

import html
from collections import Counter
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from remit.evidence.sources import load_sources
from remit.reports.picture import figure, list_html
from remit.reports.safety_chart import pressure_chart, side_effects_chart
from remit.reports.sheet import NOT_ADVICE, rows_html, sheet, sources_html
from remit.vocabulary.dosing import Route

COLUMNS = 110
Answered = dict[str, Any]
CHARTS = {
    "side-effects": (side_effects_chart, "Side effects of 100 people with the drug and with placebo, by period."),
    "pressure": (pressure_chart, "Rise of blood pressure after a dose by study, and when effects peak and are gone."),
}
"""Pictures of the answer: how each is drawn, and what it shows."""


def _cell(each: Answered | None) -> str:
    if each is None:
        return "not collected"
    value, low, high = (round(each[key]) for key in ("percent", "low_percent", "high_percent"))
    return f"{value} ({low} to {high})"


def _way(route: str | None) -> str:
    return Route(route).spoken if route else ""


def _group(each: Answered) -> tuple[Any, ...]:
    return each["treatment"], each["route"], each["period"], each["healthy"]


def tables(answer: Answered) -> list[tuple[str, list[list[str]]]]:
    """Shares by treatment, route and period: a title, and rows of effect, drug, placebo, difference, basis."""
    found: dict[str, list[list[str]]] = {}
    shares = answer["detail"]["shares"]
    beside = Counter(_group(each) for each in shares if each["control"])
    # what is counted best beside a control comes first, and volunteers last: nobody asks about them
    for each in sorted(shares, key=lambda share: (share["healthy"], -beside[_group(share)])):
        way = f"{Route(each['route']).spoken} {each['treatment']}" if each["route"] else each["treatment"]
        way += "" if each["route"] else ", route not stated"
        dose = f", {' or '.join(each['doses'])}" if each["doses"] else ""
        title = f"{way}: {each['period_spoken']}{', healthy people' if each['healthy'] else ''}"
        studies = f"{each['people']} people, {', '.join(each['studies'])}{dose}"
        said = "" if each["difference"] is None else _cell(each["difference"]).replace("-", "−")
        row = [each["spoken"], _cell(each), _cell(each["control"]), said, each["certainty"], studies]
        found.setdefault(title, []).append(row)
    return list(found.items())


def vital_rows(answer: Answered) -> list[list[str]]:
    """Vital signs and dissociation totals, study by study."""
    rows = []
    for each in (*answer["detail"]["vital"], *answer["detail"]["dissociation"]):
        if each["value"] is None:
            said = f"{each.get('people_low', 0):g} to {each.get('people_high', 0):g} in single people"
        else:
            about = "about " if each["bound"] == "approximate" else ""
            said = f"{about}{each['value']:.3g}"
            if each["low"] is not None:
                said += f" ({each['low']:.3g} to {each['high']:.3g})"
        when = "" if each["time_h"] is None else f"{60 * each['time_h']:.0f} min"
        whom = " ".join(filter(None, [_way(each["route"]), each["treatment"], each["dose"], each["people"]]))
        count = "" if each["n"] is None else f", {each['n']} people"
        rows.append([each["spoken"], f"{said} {each['unit']}", when, whom, each["study_id"] + count])
    return rows


def time_rows(answer: Answered) -> list[list[str]]:
    """When effects peak and are gone, by source."""
    names = {"time_to_peak": "peak", "time_to_baseline": "back to before", "duration": "lasts"}
    rows = []
    for each in answer["detail"]["times"]:
        if each["value"] is None:
            said = f"{each['people_low']:g} to {each['people_high']:g} h"
        else:
            bound = {"upper": "by ", "approximate": "about "}.get(each["bound"] or "", "")
            said = f"{bound}{each['value']:.2g} h"
        whom = " ".join(filter(None, [_way(each["route"]), each["treatment"], each["dose"]]))
        rows.append([each["spoken"], names[each["metric"]], said, whom, each["study_id"]])
    return rows


def beside_rows(answer: Answered) -> list[list[str]]:
    """Published shares that could not be counted: ranges, bounds, pools of makers and labels."""
    rows = []
    for each in answer["detail"]["beside"]:
        if each["value"] is None:
            said = f"{each['low']:g} to {each['high']:g}"
        else:
            said = ("at most " if each["bound"] == "upper" else "") + f"{each['value']:g}"
        unit = {"percent": "%", "count": "people"}.get(each["unit"], each["unit"])
        whom = " ".join(filter(None, [_way(each["route"]), each["treatment"], each["dose"], each["people"]]))
        rows.append([each["spoken"], f"{said} {unit}", whom, each["study_id"]])
    return rows


HEADERS = {
    "shares": ["of 100 people", "drug", "placebo", "difference", "certainty", "basis"],
    "vital": ["what", "change or level", "at", "of", "study"],
    "times": ["what", "", "after", "of", "study"],
    "beside": ["what", "published", "of", "study"],
}


def print_page(answer: Answered, console: Console) -> None:
    """The answer in the terminal."""
    console.print(Text(answer["question"], style="dim"))
    console.print(Padding(Text(answer["sentence"], style="bold"), (1, 2)))
    for each in answer["detail"]["no_data"]:
        console.print(Text(f"Not in the collected evidence, {each['of']}: {each['spoken']}."))
    console.print()

    def table(title: str, header: list[str], rows: list[list[str]]) -> None:
        if not rows:
            return
        drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", title_style="bold")
        for name in header:
            drawn.add_column(name, overflow="fold")
        for row in rows:
            drawn.add_row(*(Text(cell) for cell in row))
        console.print(drawn)

    level = f"{100 * answer['detail']['level']:g} % intervals"
    for title, rows in tables(answer):
        table(f"{title[:1].upper()}{title[1:]} ({level})", HEADERS["shares"], rows)
    table("Vital signs and dissociation, study by study", HEADERS["vital"], vital_rows(answer))
    table("How long", HEADERS["times"], time_rows(answer))
    table("Published and not counted", HEADERS["beside"], beside_rows(answer))
    for each in answer["caveats"]:
        console.print(Text(f" - {each}"))
    console.print(Text(_made(answer), style="dim"))


def _made(answer: Answered) -> str:
    basis = answer["basis"]
    out = "; ".join(f"{why} ({count})" for why, count in basis["left_out"].items())
    return (
        f"{len(basis['studies'])} studies, {basis['people']} people. Rows not counted: {out or 'none'}. {NOT_ADVICE} "
        f"Evidence {answer['evidence_hash'][:12]}, remit {answer['version']}."
    )


def page(answer: Answered) -> bytes:
    """The answer as a printable page with its pictures."""
    drawn = [
        figure(picture, name, said) for name, (make, said) in CHARTS.items() if (picture := make(answer)) is not None
    ]
    level = f"{100 * answer['detail']['level']:g} % intervals"
    sections = [("Of 100 people, and after a dose", "".join(drawn))]
    sections.append(
        (
            "Not in the collected evidence",
            list_html(f"{each['of']}: {each['spoken']}" for each in answer["detail"]["no_data"]),
        )
    )
    sections += [(f"{title} ({level})", rows_html(HEADERS["shares"], rows)) for title, rows in tables(answer)]
    ids = {e["source_id"] for key in ("vital", "dissociation", "times", "beside") for e in answer["detail"][key]}
    ids |= {source for each in answer["detail"]["shares"] for source in each["source_ids"]}
    known = load_sources()
    sources = {
        each: f"{known[each].citation}{f', {known[each].url}' if known[each].url else ''}" for each in sorted(ids)
    }
    basis = answer["basis"]
    certain = f"<p>{html.escape(basis['certainty'])}: {html.escape('; '.join(basis['certainty_reasons']))}.</p>"
    sections += [
        ("Vital signs and dissociation, study by study", rows_html(HEADERS["vital"], vital_rows(answer))),
        ("How long", rows_html(HEADERS["times"], time_rows(answer))),
        ("Published and not counted", rows_html(HEADERS["beside"], beside_rows(answer))),
        ("Certainty of the numbers said first", certain),
        ("Assumed", list_html(answer["assumptions"].values())),
        ("Beware", list_html(answer["caveats"])),
        ("Sources", sources_html(sources)),
    ]
    return sheet("Is it safe?", answer["question"], answer["sentence"], sections, [_made(answer)])
