"""What a picture shows, in words and as a table, for those who cannot see it."""

from __future__ import annotations

from typing import Any

NAMES = {"change": "smallest change that matters", "response": "response", "remission": "remission"}


def cell(found: dict[str, float]) -> str:
    """A share as people of 100 with its interval: ``24 (12 to 41)``."""
    return f"{found['percent']:.0f} ({found['low_percent']:.0f} to {found['high_percent']:.0f})"


def described(answer: dict[str, Any]) -> str:
    """The picture in a few sentences.

    Args:
        answer: `Answer.as_dict()`.
    """
    detail = answer["detail"]
    scale, course, control = detail["scale"], detail["course"], detail["control"]
    parts = [f"Course of the {scale['name']} total from hours to weeks. {answer['sentence']}"]
    for hours, label in ((24.0, "one day"), (168.0, "one week"), (672.0, "four weeks")):
        index = min(range(len(course["time_h"])), key=lambda i, hours=hours: abs(course["time_h"][i] - hours))
        parts.append(
            f"At {label} the typical person has {course['typical'][index]:.0f} points "
            f"({course['typical_low'][index]:.0f} to {course['typical_high'][index]:.0f}), "
            f"{control['typical'][index]:.0f} after a masked "
            f"session without the drug; nine of ten people lie between {course['people90_low'][index]:.0f} and "
            f"{course['people90_high'][index]:.0f}."
        )
    parts += [
        f"A typical person on {each['label']} daily has {each['typical'][-1]:.0f} points at the end."
        for each in detail["comparators"]
    ]
    if answer["extrapolations"]:
        parts.append("Beyond the evidence: " + "; ".join(answer["extrapolations"]) + ".")
    return " ".join(parts)


def chances_described(answer: dict[str, Any]) -> str:
    """The heat strip in a few sentences: an event and a time a cell, with the drug and without."""
    events = [event for event in NAMES if event in answer["detail"]["scale"]["cut_points"]]
    told = [
        f"{NAMES[event][:1].upper()}{NAMES[event][1:]}: "
        + "; ".join(
            f"at {row['label']} {cell(row[event]['at'])}, {cell(row[event]['control_at'])} without the drug"
            for row in answer["detail"]["horizons"]
        )
        for event in events
    ]
    return f"Of 100 people, with the {100 * answer['detail']['level']:g} % interval. " + ". ".join(told) + "."


def horizon_table(answer: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The chances as a table of words: header and rows. Of 100 people, with the interval."""
    events = [
        event for event in ("change", "response", "remission") if event in answer["detail"]["scale"]["cut_points"]
    ]
    header = ["time"]
    for event in events:
        header += [f"{NAMES[event]} at", f"{NAMES[event]} by"]
    header += ["response without the drug, at", "drug part of response, at"]
    rows = []
    for row in answer["detail"]["horizons"]:
        cells = [row["label"]]
        for event in events:
            cells += [cell(row[event]["at"]), cell(row[event]["by"])]
        cells += [cell(row["response"]["control_at"]), cell(row["response"]["drug_at"])]
        rows.append(cells)
    return header, rows
