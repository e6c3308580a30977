"""A mixed-effects fit in the terminal and as a page that needs no other host."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from remit.reports.analysis_page import Pictures, print_table, wide, write_pictures, write_report
from remit.reports.picture import figure, list_html

Summary = dict[str, Any]
CONVENTION = (
    "The log likelihood is that of the full normal density with its constant, so that it may be compared with R's; "
    "NONMEM leaves n log 2 pi out of -2LL."
)
KINDS = {
    "typical": "",
    "coefficient": "effect of a covariate",
    "sd": "SD between people",
    "correlation": "correlation",
    "occasion": "SD between occasions",
    "error": "residual SD",
}


def figures(value: float | None, digits: int = 3) -> str:
    """A number in so many digits that count, with a proper minus sign; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:.{digits}g}"
    return text.replace("-", "−")


def sentence(summary: Summary) -> str:
    """What was fitted to what."""
    if summary["method"] == "nuts":
        held = summary["simulation"]
        return (
            f"{summary['model']['structure']} fitted to {summary['observations']} observations of {summary['people']} "
            f"people: full Bayes, {held['draws']:,} draws (nuts)."
        )
    return (
        f"{summary['model']['structure']} fitted to {summary['observations']} observations of {summary['people']} "
        f"people: log likelihood {summary['log_likelihood']:.3f} ({summary['method']})."
    )


def basis(summary: Summary) -> str:
    """What says that it may be used."""
    held, drawn = summary["convergence"], summary["simulation"]
    if summary["method"] == "nuts":
        return (
            f"Converged: R-hat at most {drawn['rhat']:.3f}, at least {drawn['ess']:,.0f} effective draws, "
            f"{drawn['divergences']} of {drawn['transitions']:,} transitions divergent, energy fraction "
            f"{drawn['energy_fraction']:.2f}."
        )
    if summary["method"] == "saem":
        return (
            f"Converged: {held['step_left_se']:.1g} standard errors left to go (noise of the simulation "
            f"{drawn['step_noise_se']:.1g}), condition number {held['condition']:.3g}, {held['steps']} iterations."
        )
    if held["step_left_se"] is None:
        return f"Linearisation settled after {held['steps']} rounds."
    return (
        f"Converged: {held['step_left_se']:.1g} standard errors left to go, largest gradient "
        f"{held['largest_gradient']:.1g}, condition number {held['condition']:.3g}, {held['steps']} steps."
    )


def estimate_rows(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """The table of estimates: header and rows."""
    bayes = summary["method"] == "nuts"
    header = ["", "estimate (95 % interval)", "as fitted", "SE", "robust SE", "shrinkage"]
    if bayes:
        header = ["", "median (95 % interval)", "mean, as fitted", "SD", "R-hat", "ESS", "shrinkage"]
    rows = []
    for each in summary["estimates"]:
        known = each["se"] is not None
        interval = f" ({figures(each['low'])} to {figures(each['high'])})" if known else ""
        shrunk = ""
        if each["kind"] == "sd":
            shrunk = f"{summary['shrinkage'][each['name']]:.0f} %"
        elif each["kind"] == "error" and len(summary["outputs"]) == 1:
            shrunk = f"{summary['shrinkage']['residual']:.0f} %"
        name = f"{each['name']}, {KINDS[each['kind']]}" if KINDS[each["kind"]] else each["name"]
        rows.append(
            [
                name,
                f"{figures(each['natural'], 4)}{interval}",
                figures(each["value"], 4),
                figures(each["se"]),
                *([_drawn(each["rhat"], 3), _drawn(each["ess"], 0)] if bayes else [figures(each["robust"])]),
                shrunk,
            ]
        )
    return header, rows


def _drawn(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def criteria_rows(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """Likelihood and criteria."""
    return ["−2LL", "AIC", "BIC"], [[f"{summary[name]:.3f}" for name in ("-2LL", "AIC", "BIC")]]


def print_page(summary: Summary, console: Console) -> None:
    """The fit in the terminal."""
    console.print(Text(sentence(summary), style="bold"))
    console.print(Text(basis(summary), style="dim"))
    print_table(console, "", *estimate_rows(summary))
    if summary["method"] != "nuts":
        print_table(console, "", *criteria_rows(summary))
    for each in summary["remarks"]:
        console.print(Text(f" - {each}"))
    for each in summary["simulation"].get("priors", []):
        console.print(Text(f" - prior of {each}", style="dim"))


def pictures(summary: Summary) -> Pictures:
    """Every picture with its words, by file name."""
    from remit.reports.fit_chart import check_picture, goodness_picture, people_picture  # slow to import

    return {
        "check": (check_picture(summary), "Visual predictive check: " + sentence(summary)),
        "goodness": (goodness_picture(summary), "Observed against predicted, residuals and prediction errors."),
        "people": (people_picture(summary), "Observations and predictions of each person."),
    }


def write_page(summary: Summary, folder: Path, kinds: Sequence[str] = ("svg",)) -> None:
    """Write ``report.html`` and every picture; each file whole or not at all.

    Args:
        summary: from `remit.inference.mixed.record.summarise`.
        folder: where to.
        kinds: of picture files: ``svg``, ``png``, ``pdf``.
    """
    found = pictures(summary)
    write_pictures(found, folder, kinds)

    def drawing(name: str) -> str:
        picture, said = found[name]
        return figure(picture, name, said)

    model = [f"{part}: {words}" for part, words in summary["model"].items()]
    parts = [
        "<h2>Estimates</h2>",
        wide(estimate_rows(summary)),
        "<p>As fitted: on the scale of the search (log, logit or as it is), which SE and SD belong to.</p>",
        *([] if summary["method"] == "nuts" else [wide(criteria_rows(summary)), f"<p>{html.escape(CONVENTION)}</p>"]),
        "<h2>The model</h2>",
        list_html(model),
    ]
    if summary["method"] == "nuts":
        parts += ["<h2>Priors</h2>", list_html(summary["simulation"]["priors"])]
    if summary["remarks"]:
        parts += ["<h2>What to know</h2>", list_html(summary["remarks"])]
    parts += [
        "<h2>Predictive check</h2>",
        drawing("check"),
        "<h2>Goodness of fit</h2>",
        drawing("goodness"),
        "<h2>People</h2>",
        drawing("people"),
    ]
    write_report(folder, f"Fit of {summary['table']}", sentence(summary), basis(summary), parts)
