"""A forecast in words a person can repeat: natural frequencies, one denominator, both gain and loss."""

from __future__ import annotations

from typing import Any

from remit.vocabulary.clock import days, spoken


def sentence(detail: dict[str, Any], certainty: str) -> str:
    """The forecast in a few sentences."""
    main = detail["schedules"][0]
    row = _row_at(main, detail["decide_h"])
    when = _when(detail)
    if row is None:
        return f"Certainty: {certainty}."
    at = row["response"]["at"]
    opening = "With these scores" if detail["scores"] else "Before any score"
    seen = detail["seen"].get("response")
    told = f"{opening}, about {of_100(at)} people would be responding {when}"
    told += f" ({of_100(row['response']['without_drug_at'])} without the drug)."
    if seen is not None:
        told = f"A response was seen after {_length(seen)}. " + told
    elif any(score["time_h"] > 0 for score in detail["scores"]):
        told = "No response so far. " + told
    standing = detail["standing"]
    if standing is not None:
        told += f" {_standing_words(standing)}"
    return f"{told} Certainty: {certainty}."


def of_100(chance: float) -> str:
    """A chance as a natural frequency; the ends are never promised."""
    share = 100.0 * chance
    if share >= 99.5:
        return "100 of 100" if share > 99.999 else "more than 99 of 100"
    return "fewer than 1 of 100" if share < 0.5 else f"{share:.0f} of 100"


def _row_at(schedule: dict[str, Any], time_h: float) -> dict[str, Any] | None:
    rows = [row for row in schedule["chances"] if abs(row["time_h"] - time_h) < 1e-6]
    return rows[0] if rows else None


def _when(detail: dict[str, Any]) -> str:
    last = detail["series_end_h"]
    if last is not None and abs(detail["decide_h"] - last - days(1.0)) < 1e-6:
        return "a day after the last session"
    return f"in {_length(detail['decide_h'] - detail['now_h'])}"


def _length(hours: float) -> str:
    """A length of time in words: hours up to two days, days up to three weeks, then weeks."""
    for unit, long, most in (("hour", 1.0, 48.0), ("day", days(1.0), days(21.0)), ("week", days(7.0), float("inf"))):
        if hours < most:
            count = float(f"{hours / long:.2g}")
            return f"{count:g} {unit}{'' if count == 1 else 's'}"
    return spoken(hours)


def _standing_words(standing: dict[str, Any]) -> str:
    chance = {
        "behind": ("probably behind the course of people like this one", standing["chance_behind"]),
        "ahead": ("probably ahead of the course of people like this one", standing["chance_ahead"]),
        "on course": ("probably on the course of people like this one", standing["chance_on_course"]),
    }.get(standing["is"])
    if chance is None:
        return "Whether this is the course of people like this one cannot be told yet."
    return f"This is {chance[0]} ({of_100(chance[1])})."


def _start_said(scale: dict[str, Any]) -> str:
    """Where the total at the start comes from, unless it is one that was seen."""
    how = scale["baseline_how"]
    return "" if how.startswith("their score") else f" ({how})"


def summary(detail: dict[str, Any]) -> list[str]:
    """The forecast in plain words, a line a fact."""
    main = detail["schedules"][0]
    scale = detail["scale"]
    lines = []
    row = _row_at(main, detail["decide_h"])
    course = main["course"]
    place = min(range(len(course["time_h"])), key=lambda i: abs(course["time_h"][i] - detail["decide_h"]))
    lines.append(
        f"A {scale['name']} {_when(detail)} would probably lie between {course['total80_low'][place]:g} and "
        f"{course['total80_high'][place]:g} (80 of 100 such people); it was {scale['baseline_points']:g} at the start"
        f"{_start_said(scale)}."
    )
    if row is not None and "response" not in detail["seen"]:
        lines.append(
            f"By then a response ({scale['cut_points']['response']:g} or less) will have been seen in about "
            f"{of_100(row['response']['by'])} such people, and in the others not."
        )
    if row is not None and "remission" in row:
        lines.append(
            f"Remission ({scale['cut_points']['remission']:g} or less) then: {of_100(row['remission']['at'])}."
        )
    fading = main["relapse"]
    if fading is not None and fading["by"]:
        told = ", ".join(f"{of_100(each['chance'])} within {each['days']:g} days" for each in fading["by"])
        given = "Of people who respond like this" if fading["given"] == "seen" else "Of those who come to respond"
        lines.append(f"{given}, more than half of the gain is lost again in {told}.")
    best = detail["next_score"]["best"]
    if best is not None and best["narrower_percent"] >= 1.0:
        lines.append(
            f"The next score tells most {best['label']}: it would narrow what is not known by about "
            f"{best['narrower_percent']:.0f} %."
        )
        lines.append(_mind(best, scale["name"]))
    return [line for line in lines if line]


def _mind(best: dict[str, Any], scale: str) -> str:
    low, high = best["response_probable_at_or_below"], best["response_unlikely_at_or_above"]
    parts = []
    if low is not None:
        parts.append(f"{low:g} or less would make a response probable")
    if high is not None:
        parts.append(f"{high:g} or more would make it unlikely (1 of 10 at most)")
    if not parts:
        return "No single score would change our mind about a response."
    return f"What would change our mind: a {scale} {best['label']} of " + "; ".join(parts) + "."
