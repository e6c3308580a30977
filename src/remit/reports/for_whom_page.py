"""The answer to "for whom" as a page of text: 100 columns, readable without colour."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from remit.answers.topic_table import COLUMNS as DOMAINS
from remit.answers.topic_table import DIRECT, NONE
from remit.reports.description import NAMES, cell
from remit.reports.how_long_page import finding_lines
from remit.reports.text_page import bullets, closing, opening, titled_table
from remit.vocabulary.clock import spoken

COLUMNS = 100
Table = tuple[list[str], list[list[str]]]
OF = {
    "person": "What people are, before treatment", "treatment": "How it is given", "course": "How it begins",
    "study": "How it was studied",
}  # fmt: skip
SIGNS = {"more_benefit": "▲", "less_benefit": "▼", "no_difference": "=", "mixed": "~", "other": "?"}
TOGETHER = (("anxiety",), ("ptsd", "ocd"), ("depression",), ("sleep", "other"))
"""Conditions that share a column on a page."""
KEY = (
    "Number of studies, then of findings: ▲ more of it goes with more benefit, ▼ with less, = no difference found, "
    "~ both, ? something else. Empty: none collected. Last column: how sure for anxiety, by rule."
)


NOTE = (
    "Every diagnosis on one measure, a share of the total before the first session, so that they can be compared. "
    "Chances on a scale that counts whole points, as the answer to how fast gives them, differ by a few of 100."
)
"""Why these chances are not those of the answer to "how fast"."""


def print_page(answer: dict[str, Any], console: Console) -> None:
    """Print an answer.

    Args:
        answer: `Answer.as_dict()`.
        console: where to; its width is respected.
    """
    detail = answer["detail"]
    level = f"{100 * detail['level']:g} %"
    opening(console, answer)
    if detail["this_kind"] is not None:
        _one_kind(console, detail["this_kind"], level)
    for title, (header, rows) in (
        (f"By diagnosis, a day after the last session ({level} interval)", effect_table(detail)),
        ("What stands behind each diagnosis", behind_table(detail)),
    ):
        table = titled_table(title, *header)
        for row in rows:
            table.add_row(*row)
        console.print(table)
        if "halved" in "".join(header):
            console.print(Text(NOTE, style="dim"))
        console.print()
    for of, title in OF.items():
        header, rows = topic_table(detail, of)
        table = titled_table(f"{title}: studies, and which way their findings point", *header)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    console.print(Text(KEY, style="dim"))
    console.print()
    bullets(console, "Every finding in anxiety, PTSD or OCD", direct_lines(detail))
    closing(console, answer, f"{detail['draws']} draws", "for-whom.svg")


def _one_kind(console: Console, kind: dict[str, Any], level: str) -> None:
    table = titled_table(
        f"{kind['label'].capitalize()}, {kind['scale']} {kind['baseline_points']:g} at the start: of 100 people "
        f"({level} interval)",
        *kind_table(kind)[0],
    )
    for row in kind_table(kind)[1]:
        table.add_row(*row)
    console.print(table)
    known = kind["published_baselines"]
    said = (
        "No published trial gives a baseline on this scale."
        if known is None
        else f"Published baselines run from {known['low']:.3g} to {known['high']:.3g} ({known['how']}: "
        f"{known['typical']:g})."
    )
    console.print(Text(said, style="dim"))
    console.print()


def kind_table(kind: dict[str, Any]) -> Table:
    """Chances of one kind of person, as words: header and rows."""
    looks = next(iter(kind["events"].values()))
    header = [""]
    for look in looks:
        header += [f"{spoken(look['hours_after_last'])} after", "without\nthe drug"]
    rows = [
        [f"{NAMES[event]} ({kind['cut_points'][event]:g} or less)",
         *(text for look in its for text in (cell(look), cell(look["control"])))]
        for event, its in kind["events"].items()
    ]  # fmt: skip
    return header, rows


def effect_table(detail: dict[str, Any]) -> Table:
    """The model's estimate by diagnosis, as words: header and rows."""
    header = [
        "",
        "the drug takes,\n% of baseline",
        "halved,\nof 100",
        "without it,\nof 100",
        "chance that the effect\nis above average",
    ]
    rows = []
    for row in detail["diagnoses"]:
        look, above = row["at"][0], row["effect"]["larger_than_average_percent"]
        rows.append([
            row["label"],
            f"{look['drug_takes_percent']:.0f} ({look['drug_takes_low']:.0f} to {look['drug_takes_high']:.0f})",
            cell(look["response"]), cell(look["control"]), "-" if above is None else f"{above:.0f} %",
        ])  # fmt: skip
    return header, rows


def behind_table(detail: dict[str, Any]) -> Table:
    """Studies, people and certainty by diagnosis, as words: header and rows."""
    header = ["", "studies", "people", "randomised", "certainty\nof it alone"]
    rows = [
        [row["label"], ", ".join(row["studies"]) or "none usable", f"{row['people']:,}" if row["studies"] else "-",
         str(len(row["randomised"])) if row["studies"] else "-",
         row["certainty"] if row["studies"] else "no evidence"]
        for row in detail["diagnoses"]
    ]  # fmt: skip
    return header, rows


def topic_table(detail: dict[str, Any], of: str) -> Table:
    """What was published by topic and condition, as words: header and rows."""
    header = ["", *(" and ".join(DOMAINS[name] for name in group) for group in TOGETHER), "how sure"]
    rows = [
        [topic["title"], *(pointing(_joined(topic["cells"], group)) for group in TOGETHER), graded(topic)]
        for topic in detail["topics"]
        if topic["of"] == of
    ]
    return header, rows


def _joined(cells: dict[str, Any], group: tuple[str, ...]) -> dict[str, int]:
    return {name: sum(cells[domain][name] for domain in group) for name in ("studies", *SIGNS)}


def pointing(found: dict[str, Any]) -> str:
    """Studies and the way their findings point: ``3: ▲2 =1``; empty where there is none."""
    if not found["studies"]:
        return ""
    return f"{found['studies']}: " + " ".join(
        f"{sign}{found[relation]}" for relation, sign in SIGNS.items() if found[relation]
    )


def graded(topic: dict[str, Any]) -> str:
    """The grade of a topic for anxiety, in words."""
    return "no evidence" if topic["certainty"] == NONE else topic["certainty"]


def direct_lines(detail: dict[str, Any]) -> list[str]:
    """Every published finding in anxiety, PTSD or OCD, with its topic."""
    found = []
    for topic in detail["topics"]:
        mine = [row for row in topic["findings"] if row["domain"] in DIRECT]
        found += [f"{topic['title']}. {line}" for line in finding_lines(mine)]
    return found
