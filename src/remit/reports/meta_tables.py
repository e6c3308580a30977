"""The tables of a meta-analysis at one time: header and rows of words, for the terminal and the page alike."""

from __future__ import annotations

from typing import Any

from remit.reports.meta_chart import at_said, interval, number
from remit.vocabulary.clock import spoken

Summary = dict[str, Any]
Rows = tuple[list[str], list[list[str]]]


def effect_rows(summary: Summary) -> Rows:
    """The table of effects: header and rows."""
    hours = summary["hours_per_unit"]
    horizon = spoken(summary["horizon"] * hours)
    header = [
        "treatment",
        "studies",
        f"effect at {at_said(summary)}",
        "in a new study",
        f"half of the {horizon} effect by",
        "90 % by",
    ]
    rows = []
    for each in sorted(
        summary["effects"], key=lambda each: each["effect"]["median"], reverse=not summary["lower_is_better"]
    ):
        if each["reference"]:
            continue
        times = [_when(each[key], hours) for key in ("half", "ninety")]
        new = f"{number(each['new_study']['low'])} to {number(each['new_study']['high'])}"
        rows.append([each["treatment"], str(each["studies"]), interval(each["effect"]), new, *times])
    return header, rows


def _when(each: Summary | None, hours: float) -> str:
    if each is None:
        return "no effect by then"
    return f"{spoken(each['median'] * hours)} ({spoken(each['low'] * hours)} to {spoken(each['high'] * hours)})"


def curve_rows(summary: Summary) -> Rows:
    """The table of curves by how well they predict."""
    header = ["curve", "elpd (PSIS-LOO)", "difference (SE)", "WAIC elpd", "Pareto k above 0.7", "residual deviance"]
    rows = [
        [
            each["curve"],
            f"{each['elpd']:.1f} (SE {each['se']:.1f})",
            "best"
            if each["difference"] == 0
            else f"{each['difference']:.1f} ({each['difference_se']:.1f})".replace("-", "−"),
            f"{each['waic']:.1f}",
            str(each["above"]),
            f"{each['deviance']:.0f} of {each['rows']} rows",
        ]
        for each in summary["curves"]
    ]
    return header, rows


def split_rows(summary: Summary) -> Rows:
    """The table of direct and indirect evidence."""
    header = ["comparison", "studies", "direct", "indirect", "difference", "probability"]
    rows = [
        [
            f"{each['second']} v {each['first']}",
            str(each["studies"]),
            interval(each["direct"]),
            interval(each["indirect"]),
            interval(each["difference"]),
            f"{each['probability']:.2f}",
        ]
        for each in summary["splits"] or []
    ]
    return header, rows


def rank_rows(summary: Summary) -> Rows:
    """The table of ranks."""
    header = ["treatment", "SUCRA", "rank", "chance of being best"]
    rows = [
        [
            each["treatment"],
            f"{each['score']:.2f}",
            f"{each['median']:.0f} ({each['low']:.0f} to {each['high']:.0f})",
            f"{100 * each['best']:.0f} %",
        ]
        for each in summary["ranks"]
    ]
    return header, rows


def league_rows(summary: Summary) -> Rows:
    """The league table: row minus column."""
    names = [each["treatment"] for each in summary["ranks"]]
    cells = {(each["row"], each["column"]): interval(each) for each in summary["league"]}
    return ["", *names], [[one, *(cells.get((one, two), "") for two in names)] for one in names]


def parameter_rows(summary: Summary) -> Rows:
    """The table of parameters."""
    rows = [
        [each["name"] + (f" of {each['of']}" if each["of"] else ""), interval(each), number(each["sd"])]
        for each in summary["parameters"]
    ]
    return ["parameter", "median and interval", "SD"], rows


def class_rows(summary: Summary) -> Rows:
    """The table of classes."""
    header = ["class", "treatments", f"effect at {at_said(summary)}", "in a new treatment of the class"]
    rows = []
    for each in summary["classes"]:
        new = each["new_treatment"]
        said = "the same" if new is None else f"{number(new['low'])} to {number(new['high'])}"
        rows.append([each["name"], ", ".join(each["treatments"]), interval(each["effect"]), said])
    return header, rows


def consistency_rows(summary: Summary) -> Rows:
    """The table of unrelated beside consistent effects."""
    header = ["comparison", "studies", "unrelated", "consistent"]
    own = summary["consistency"]
    rows = [
        [
            f"{each['second']} v {each['first']}",
            str(each["studies"]),
            interval(each["unrelated"]),
            interval(each["consistent"]),
        ]
        for each in (own["comparisons"] if own else [])
    ]
    return header, rows


def consistency_said(own: Summary) -> str:
    """What unrelated effects say of the network, in a sentence."""
    apart = f"{number(own['difference'])} (SE {number(own['difference_se'])})"
    said = (
        f"elpd of unrelated minus consistent effects {apart}; residual deviance {own['unrelated_deviance']:.0f} beside "
        f"{own['deviance']:.0f} of {own['rows']} rows"
    )
    if own["tau"] is not None:
        said += (
            f"; SD between studies {interval(own['unrelated_tau'])} beside {interval(own['tau'])}, smaller with a "
            f"chance of {100 * own['less']:.0f} %"
        )
    if own["above"]:
        said += f"; PSIS-LOO of unrelated effects is not to be trusted for {own['above']} rows"
    start = (
        "Unrelated effects fit better, so direct and indirect evidence disagree somewhere"
        if own["doubt"]
        else "Effects that owe each other nothing are no better, so nothing speaks against consistency"
    )
    return f"{start}: {said}."
