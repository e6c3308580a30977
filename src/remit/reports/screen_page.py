"""A screening in the terminal and as a printable sheet: the verdict first, findings by kind, each with its source."""

from __future__ import annotations

import html
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remit.evidence.conditions import load_variables
from remit.reports.sheet import NOT_ADVICE, rows_html, sheet, sources_html

Screened = dict[str, Any]
"""`Screening.as_dict()`."""
COLUMNS = 100
HEADINGS = {
    "contraindicated": "Contraindicated",
    "requirement open": "Requirement open",
    "unknown": "Unknown",
    "caution": "Caution",
    "interaction": "Interaction",
    "context": "To know",
}
STYLES = {"contraindicated": "grave", "caution": "warn", "interaction": "warn", "requirement open": "open",
          "unknown": "open"}  # fmt: skip
FLAGS = {"older_label": "a label text of 2019: check a newer one", "forum": "a forum post"}
WHEN = {"history": "from the history", "day": "on the day", "place": "of the place", "judgement": "by judgement"}
EXITS = {"contraindicated": 20, "requirement not met": 21, "not excluded so far": 22, "not excluded": 0}
"""Exit code of the command for each verdict."""


def asked_for(screened: Screened) -> str:
    """Whom and what the screening is for, in words."""
    person = f"person {screened['person']}" if screened["person"] else "a person"
    drug = screened["drug"] or "ketamine or esketamine (none planned yet)"
    return f"Screening of {person} for {drug}; policy {screened['policy']}"


def remarks(finding: Screened) -> list[str]:
    """What else a reader of a finding must know."""
    found = []
    if finding["policy_note"]:
        found.append(f"Policy: {finding['policy_note']}")
    if finding["disagreement"]:
        found.append(finding["disagreement"])
    if finding["disagrees_with"]:
        found.append(f"Others say otherwise: {', '.join(finding['disagrees_with'])}.")
    if finding["flag"]:
        found.append(f"Rests on {FLAGS[finding['flag']]}.")
    if finding["note"]:
        found.append(finding["note"])
    return found


def whose(finding: Screened) -> str:
    """The rule of a finding, where it holds, and its sources."""
    where = f" ({', '.join(finding['jurisdictions'])})" if finding["jurisdictions"] else ""
    return f"{finding['rule_id']}{where}: {', '.join(finding['sources'])}"


def unknown_rows(screened: Screened) -> list[list[str]]:
    """What is not known: what to ask, when it is known, and what it would decide."""
    kinds = {each["rule_id"]: each for each in screened["findings"]}
    variables = load_variables()
    rows = []
    for name, rules in screened["ask"].items():
        decides = sorted({kinds[rule]["counts_as"] for rule in rules})
        variable = variables[name]
        unit = f" [{variable.unit}]" if variable.unit else ""
        rows.append([name, f"{variable.meaning}{unit}", WHEN[variable.asked], ", ".join(decides), ", ".join(rules)])
    rows += [
        [f"judged.{each['rule_id']}", each["statement"], WHEN["judgement"], each["counts_as"], each["rule_id"]]
        for each in screened["findings"]
        if each["kind"] in {"unknown", "requirement open"} and not each["is_unmet"] and not each["unknown"]
    ]
    return rows


def listed(screened: Screened, kind: str) -> list[Screened]:
    """Findings told one by one: all but those that wait for an answer, which stand in the table of unknowns."""
    return [
        each
        for each in screened["findings"]
        if each["kind"] == kind and (kind not in {"unknown", "requirement open"} or each["is_unmet"])
    ]


def print_page(screened: Screened, console: Console) -> None:
    """The screening in the terminal."""
    console.print(Text(asked_for(screened), style="dim"))
    console.print(Padding(Text(screened["sentence"], style="bold"), (1, 2)))
    for kind, heading in HEADINGS.items():
        for place, each in enumerate(listed(screened, kind)):
            if place == 0:
                console.print(Text(heading, style="bold"))
            _print_finding(each, console)
    rows = unknown_rows(screened)
    if rows:
        console.print(Text("Unknown: what to find out, and what it decides", style="bold"))
        for field, meaning, when, decides, _ in rows:
            console.print(
                Padding(Text.assemble(f"- {meaning} ", (f"({when}; {decides}; {field})", "dim")), (0, 0, 0, 1))
            )
        console.print()
    if screened["beside"]:
        console.print(Text("Not followed by this policy, and found", style="bold"))
        for each in screened["beside"]:
            _print_finding(each, console)
    for each in screened["questionnaires"]:
        console.print(Text(_total(each)))
    for note in screened["notes"]:
        console.print(Text(f"Note: {note}"))
    console.print(
        Text(
            f"{screened['passed']} rules say nothing against it. {screened['policy_statement']} {NOT_ADVICE} "
            f"Rules {screened['evidence_hash'][:12]}, remit {screened['version']}.",
            style="dim",
        )
    )


def _print_finding(finding: Screened, console: Console) -> None:
    console.print(Padding(Text(f"- {finding['statement']}"), (0, 0, 0, 1)))
    console.print(Padding(Text(f"Seen: {finding['reason']}."), (0, 0, 0, 3)))
    for remark in remarks(finding):
        console.print(Padding(Text(remark, style="dim"), (0, 0, 0, 3)))
    console.print(Padding(Text(f"[{whose(finding)}]", style="dim"), (0, 0, 1, 3)))


def _total(scored: Screened) -> str:
    severity = f", {scored['severity']}" if scored["severity"] else ""
    return f"{scored['scale']} {scored['total']:g} of {scored['high']}{severity} [{scored['source_id']}]"


def page(screened: Screened) -> bytes:
    """The screening as a printable sheet."""

    def items(findings: list[Screened], style: str) -> str:
        if not findings:
            return ""
        found = "".join(
            f"<li>{html.escape(each['statement'])}<br><b>Seen:</b> {html.escape(each['reason'])}. "
            f'<span class="soft">{html.escape(" ".join(remarks(each)))} [{html.escape(whose(each))}]</span></li>'
            for each in findings
        )
        return f'<ul class="findings {style}">{found}</ul>'

    sections = [
        (heading, items(listed(screened, kind), STYLES.get(kind, "")))
        for kind, heading in HEADINGS.items()
        if kind != "context"
    ]
    header = ["What is not known", "When", "It decides", "Rules"]
    unknown = [[meaning, when, decides, rules] for _, meaning, when, decides, rules in unknown_rows(screened)]
    sections += [
        ("Unknown: what to find out, and what it decides", rows_html(header, unknown)),
        ("Not followed by this policy, and found", items(screened["beside"], "")),
        ("Questionnaires", "".join(f"<p>{html.escape(_total(each))}</p>" for each in screened["questionnaires"])),
        ("Notes", "".join(f"<p>{html.escape(each)}</p>" for each in screened["notes"])),
        ("To know", items(listed(screened, "context"), "")),
        ("Sources", sources_html(screened["sources"])),
    ]
    foot = [
        f"{screened['passed']} rules say nothing against it. {screened['policy_statement']}",
        f"Rules {screened['evidence_hash'][:12]}, remit {screened['version']}. Clinician, date: ____________________",
    ]
    return sheet("Screening", asked_for(screened), screened["sentence"], sections, foot)
