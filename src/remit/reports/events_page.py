"""Time to an event in the terminal and as a page that needs no other host."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from remit.reports.analysis_page import print_table, wide, write_pictures, write_report
from remit.reports.events_chart import curve_picture
from remit.reports.meta_chart import number
from remit.reports.picture import figure, list_html
from remit.vocabulary.clock import spoken

Summary = dict[str, Any]
FEW = 30
"""choice: people of a group below which bands are said to be too narrow; how often they hold was measured with 200."""
GAP = 0.1
"""choice: a gap between visits, as a share of the time in it, above which no time inside it is told."""
_OWN = ("d", "w")
"""Units in which times are told as they are; hours of weeks are not."""
Rows = tuple[list[str], list[list[str]]]


def when(summary: Summary, time: float | None) -> str:
    """A time in words."""
    if time is None or math.isnan(time):
        return "not known"
    if math.isinf(time):
        return "never reached"
    if summary["unit"] in _OWN:  # one unit on a page: 14 d, 21 d, 29 d
        return f"{number(time)} {summary['unit']}"
    if summary["hours_per_unit"] is not None:
        return spoken(time * summary["hours_per_unit"])
    return f"{number(time)} {summary['unit']}" + ("" if time == 1 else "s")


def percent(share: float) -> str:
    """A share of 100 people."""
    text = f"{100 * share:.0f}"
    return "0" if text == "-0" else text


def median_said(summary: Summary, group: Summary) -> str:
    """The median with its interval, and what of it is not known."""
    middle = next(each for each in group["quantiles"] if each["share"] == 0.5)
    if math.isinf(middle["time"]):
        return "half never reached"
    if math.isnan(middle["time"]):
        said = f"half not reached by {when(summary, middle['least'])}"
    else:
        said = _placed(summary, middle)
    if middle["low"] is not None:
        high = (
            f"later than {when(summary, summary['latest'])}"
            if math.isinf(middle["high"])
            else when(summary, middle["high"])
        )
        said += f" ({when(summary, middle['low'])} to {high})"
    return said


def _placed(summary: Summary, found: Summary) -> str:
    """A time, or the visits between which it lies where they are far apart: any time there is as likely."""
    if found["most"] - found["least"] > GAP * found["time"]:
        return f"between {when(summary, found['least'])} and {when(summary, found['most'])}"
    return when(summary, found["time"])


def _people(group: Summary) -> float:
    return sum(group["counts"].get(each, 0.0) for each in ("exact", "before", "between", "not_seen"))


def too_few(summary: Summary) -> str | None:
    """What must be read before any number of a small table."""
    small = [
        f"{_people(group):g} people" + (f" in {group['name']}" if group["name"] else "")
        for group in summary["groups"]
        if _people(group) < FEW
    ]
    if not small:
        return None
    bands = ", and the intervals below are narrower than what is not known" if summary["draws"] else ""
    return f"Only {', '.join(small)}: with so few, chance decides much of what is shown{bands}."


def sentence(summary: Summary) -> str:
    """The answer: by when half of the people have had the event."""
    level = f"{100 * summary['level']:g} % interval"
    what = summary["event"].split(":")[0] or "the event"
    parts = [
        f"{group['name']}: {median_said(summary, group)}" if group["name"] else median_said(summary, group)
        for group in summary["groups"]
    ]
    band = f", {level}" if summary["draws"] else ""
    return f"Median time to {what}{band}: {'; '.join(parts)}."


def basis(summary: Summary) -> str:
    """What it rests on."""
    counts = summary["counts"]
    names = {
        "exact": "had it at a known time", "between": "had it between two visits",
        "before": "had it before the first visit", "not_seen": "had not had it by their last visit",
    }  # fmt: skip
    known = ", ".join(f"{counts[key]:g} {said}" for key, said in names.items() if counts[key])
    return f"{summary['people']:,.10g} people: {known}."


def certificate(summary: Summary) -> str:
    """How good the curve without a model is at most surpassed."""
    gap = max(group["kkt_gap"] for group in summary["groups"])
    return f"Curve without a model; certificate {gap:.0e} (at most 1e-06)."


def chance_rows(summary: Summary) -> Rows:
    """The table of chances: header and rows."""
    header = ["of 100 people", "by", "had the event", "known without", "known with"]
    if not _grouped(summary):
        header = header[1:]
    best = summary["best"] is not None
    if best:
        header.insert(-2, f"by {summary['best']}")
    rows = []
    for group in summary["groups"]:
        for place, each in enumerate(group["chances"]):
            said = percent(each["event"])
            if each["low"] is not None:
                # drawn again, nobody with the event stays nobody: that is no interval
                flat = each["high"] == each["low"]
                said += ", no band" if flat else f" ({percent(each['low'])} to {percent(each['high'])})"
            if each["most"] - each["least"] > 0.005:
                said += f"; anything from {percent(each['least'])} to {percent(each['most'])} is as likely"
            row = [group["name"]] if _grouped(summary) else []
            row += [when(summary, each["time"]), said]
            if best:
                row.append(percent(group["model"]["event"][place]))
            rows.append([*row, f"{each['known_without']:g}", f"{each['known_with']:g}"])
    return header, rows


def _grouped(summary: Summary) -> bool:
    return len(summary["groups"]) > 1


def quantile_rows(summary: Summary) -> Rows:
    """The table of times by which a share has had the event."""
    header = ["by when", "a quarter", "half", "three quarters", "half, best model"]
    rows = []
    for group in summary["groups"]:
        cells = []
        for each in group["quantiles"]:
            if math.isnan(each["time"]) or math.isinf(each["time"]):
                cells.append(f"after {when(summary, each['least'])}" if math.isnan(each["time"]) else "never reached")
                continue
            cells.append(_placed(summary, each))
        model = group.get("model") or {}
        if model.get("median") is None:
            cells.append("-")
        else:
            ends = (model["median_low"], model["median_high"])
            said = when(summary, model["median"])
            interval = "no interval found" if None in ends else f"{when(summary, ends[0])} to {when(summary, ends[1])}"
            cells.append(f"{said} ({interval})")
        rows.append([group["name"] or "everybody", *cells])
    return header, rows


def model_rows(summary: Summary) -> Rows:
    """The table of models."""
    header = ["model", "log-likelihood", "AIC", "steps", "what shows the maximum"]
    rows = []
    for each in summary["models"]:
        found = each["diagnostics"]
        shown = (
            f"gap {found['kkt_gap']:.0e}"
            if "kkt_gap" in found
            else f"decrement {found['decrement']:.0e}, condition {found['hessian_condition']:.0e}"
        )
        aic = "free curve" if each["aic"] is None else f"{each['aic']:.2f}"
        rows.append(
            [each["name"], f"{each['log_likelihood']:.3f}".replace("-", "−"), aic, f"{found['steps']:.0f}", shown]
        )
    return header, rows


def parameter_rows(summary: Summary) -> Rows:
    """The table of parameters of every model."""
    header = ["model", "parameter", "estimate (interval)", "SE", "robust SE", "ratio (interval)"]
    rows = []
    for each in summary["models"]:
        for row in each["parameters"]:
            plain = row["name"] in {"intercept", "log scale", "log shape", "q"} or row["name"].startswith(
                ("log hazard", "ever")
            )
            ratio = "" if plain else f"{each['ratio']} {_ratio(row)}"
            if row["name"].startswith("ever"):
                ratio = _ever(row, each["parameters"])
            rows.append([
                each["name"], row["name"], _ends(row["estimate"], row["low"], row["high"]), number(row["se"]),
                "" if row["robust_se"] is None else number(row["robust_se"]), ratio,
            ])  # fmt: skip
        rows += [
            [each["name"], f"{row['name']}, as hazard", _ends(row["estimate"], row["low"], row["high"]),
             number(row["se"]), "",
             f"hazard ratio {_ratio(row)}"]
            for row in each.get("hazard_ratios") or []
        ]  # fmt: skip
    return header, rows


def _ever(row: Summary, parameters: Sequence[Summary]) -> str:
    """What a number of a mixture cure model says of ever having the event, on the log odds scale."""
    if row["name"] != "ever: intercept":
        return f"odds ratio of ever {_ratio(row)}"
    others = [each["name"] for each in parameters if each["name"].startswith("ever") and each is not row]
    if any("=" not in each for each in others):
        return ""  # of people whose covariates are 0: nobody
    never = [percent(1.0 / (1.0 + math.exp(row[key]))) for key in ("estimate", "high", "low")]
    first = " in the first group" if others else ""
    return f"never{first} {never[0]} ({never[1]} to {never[2]}) of 100"


def _ratio(row: Summary) -> str:
    """A ratio with its interval; near 1 with another digit, or an effect a year would read as none."""
    value, low, high = (math.exp(row[key]) for key in ("estimate", "low", "high"))
    return f"{value:.4g} ({low:.4g} to {high:.4g})" if 0.9 < low <= high < 1.1 else _ends(value, low, high)


def _ends(value: float, low: float, high: float) -> str:
    return f"{number(value)} ({number(low)} to {number(high)})"


def test_said(summary: Summary) -> str | None:
    """The test between groups."""
    test = summary["test"]
    if test is None:
        return None
    excess = "; ".join(f"{name} {number(value)}" for name, value in test["excess"].items())
    p = test["p"]
    often = f"in about {100 * p:.0f}" if p >= 0.01 else "in fewer than 1"
    said = (
        f"Were the groups alike, chance alone would part them at least this far {often} of 100 such tables. Log-rank "
        f"test for intervals ({'Sun' if test['scores'] == 'sun' else 'Finkelstein'}'s scores): chi-square "
        f"{test['statistic']:.2f} on {test['freedom']}, p = {p:.2g}"
    )
    if test["p_permuted"] is not None:
        said += f", by {test['permutations']:,} permutations {test['p_permuted']:.2g}"
    return f"{said}. Events less those expected: {excess}. It holds where visits do not depend on the group."


def remarks(summary: Summary) -> list[str]:
    """What a reader must know beside the numbers."""
    found = [summary["event"][:1].upper() + summary["event"][1:] + "."] if summary["event"] else []
    if (test := test_said(summary)) is not None:
        found.append(test)
    for group in summary["groups"]:
        model = group.get("model")
        if model is not None and model["farthest"] > 0.1:
            name = f" of {group['name']}" if group["name"] else ""
            found.append(
                f"The {summary['best']} model lies up to {percent(model['farthest'])} of 100 people away from the curve"
                f"{name}: do not read it alone."
            )
        if group["failed_draws"]:
            found.append(
                f"{group['failed_draws']} draws of {group['name'] or 'the curve'} did not converge and are left out."
            )
    found += [f"Model {name} was left out: {why}" for name, why in summary["failed"].items()]
    notes = [each for each in summary["notes"] if each != summary["event"]]
    return [*found, *(each[:1].upper() + each[1:].rstrip(".") + "." for each in notes)]


def print_page(summary: Summary, console: Console) -> None:
    """The analysis in the terminal: what must be known before the answer, then the answer."""
    if (few := too_few(summary)) is not None:
        console.print(Text(few))
    console.print(Text(sentence(summary), style="bold"))
    console.print(Text(f"{basis(summary)} {certificate(summary)}", style="dim"))
    print_table(console, "", *chance_rows(summary))
    print_table(console, "", *quantile_rows(summary))
    if summary["models"]:
        print_table(console, "Models", *model_rows(summary))
        print_table(console, "Parameters", *parameter_rows(summary))
    for each in remarks(summary):
        console.print(Text(f" - {each}"))


def write_page(summary: Summary, folder: Path, kinds: Sequence[str] = ("svg",)) -> list[Path]:
    """Write ``report.html`` and the picture; each file whole or not at all.

    Args:
        summary: of an analysis.
        folder: where to.
        kinds: of picture files: ``svg``, ``png``, ``pdf``.

    Returns:
        The files.
    """
    picture = curve_picture(summary)
    said = f"{sentence(summary)} Curves of people who have had the event over time, with bands."
    files = write_pictures({"curves": (picture, said)}, folder, kinds)
    parts = [
        figure(picture, "curves", said),
        "<h2>Chances</h2>", wide(chance_rows(summary)),
        "<h2>By when</h2>", wide(quantile_rows(summary)),
        "<h2>What to know</h2>", list_html(remarks(summary)),
    ]  # fmt: skip
    if summary["models"]:
        parts += ["<h2>Models</h2>", wide(model_rows(summary)), "<h2>Parameters</h2>", wide(parameter_rows(summary))]
    parts += [
        "<h2>Asked</h2>",
        list_html([f"{key}: {summary[key]}" for key in ("table", "unit", "level", "draws", "seed", "remit")]),
    ]
    title = f"Time to event: {summary['table']}"
    answer = " ".join(filter(None, (too_few(summary), sentence(summary))))
    return [*files, write_report(folder, title, answer, f"{basis(summary)} {certificate(summary)}", parts)]
