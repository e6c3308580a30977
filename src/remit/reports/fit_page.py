"""A mixed-effects fit in the terminal and as a page that needs no other host."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from remit.inference.mixed.words import METHOD_NAMES
from remit.reports.analysis_page import Pictures, print_table, wide, write_pictures, write_report
from remit.reports.picture import figure, list_html
from remit.vocabulary.errors import NotConverged

Summary = dict[str, Any]
CONVENTION = (
    "The log likelihood is that of the full normal density with its constant, so that it may be compared with R's; "
    "NONMEM leaves n log 2 pi out of −2LL. Smaller AIC and BIC are better; BIC counts observations."
)
TRIED = (
    "Look at the table first: units of doses and observations that do not belong together, a dose or a time that is "
    "wrong, and people without doses are the usual reasons.",
    "Begin where the data are: --initial NAME=NUMBER for each parameter, on its natural scale.",
    "Ask less of the data: fewer random effects (--random), a diagonal Omega, a parameter held (--fix).",
    "Another residual error (--error combined, proportional) where small and large observations scatter differently.",
    "Another method: --method saem finds its way from worse starts, --method laplace follows strong curvature, "
    "--method nuts holds by its priors what few people cannot tell.",
)
"""What helps a fit that does not converge, whatever the reason."""
KINDS = {
    "typical": "",
    "coefficient": "effect of a covariate",
    "sd": "SD between people",
    "correlation": "correlation",
    "occasion": "SD between occasions",
    "error": "residual SD",
}
_WHOLE = 1e6
"""From where a number is written with a power of ten."""


def figures(value: float | None, digits: int = 3) -> str:
    """A number in so many digits that count, with a proper minus sign; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    whole = 10**digits <= abs(value) < _WHOLE
    text = f"{value:.0f}" if whole else f"{value:#.{digits}g}".removesuffix(".")
    return text.replace("-", "−")


def answer(summary: Summary) -> str:
    """What was found of the typical person, in one sentence."""
    held = [each for each in summary["estimates"] if each["kind"] == "typical" and each["se"] is not None]
    if not held:
        return "Nothing of the typical person was estimated."
    told = [f"{each['name']} {_quantity(each['natural'], each['low'], each['high'], each['unit'])}" for each in held]
    return f"The typical person: {', '.join(told)}."


def _quantity(value: float, low: float, high: float, unit: str) -> str:
    return f"{figures(value)}{' ' * bool(unit)}{unit} ({figures(low)} to {figures(high)})"


def sentence(summary: Summary) -> str:
    """What was fitted to what."""
    what = (
        f"{summary['model']['structure']} fitted to {summary['observations']} observations of {summary['people']} "
        "people: "
    )
    if summary["method"] == "nuts":
        return f"{what}full Bayes, {summary['simulation']['draws']:,} draws (NUTS)."
    return f"{what}log likelihood {_fixed(summary['log_likelihood'])} ({METHOD_NAMES[summary['method']]})."


def _fixed(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


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
            f"{drawn['step_noise_se']:.1g}), condition number {figures(held['condition'])}, {held['steps']:,} "
            "iterations."
        )
    if held["step_left_se"] is None:
        return f"Linearisation settled after {held['steps']} rounds."
    return (
        f"Converged: {held['step_left_se']:.1g} standard errors left to go, largest gradient "
        f"{held['largest_gradient']:.1g}, condition number {figures(held['condition'])}, {held['steps']} steps."
    )


def estimate_rows(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """The table of estimates: header and rows. Units, CV and robust errors have a column only where there are any."""
    bayes = summary["method"] == "nuts"
    header = ["", "estimate (95 % interval)", "unit", "CV", "as fitted", "SE", "robust SE", "shrinkage"]
    if bayes:
        header = ["", "median (95 % interval)", "unit", "CV", "mean, as fitted", "SD", "R-hat", "ESS", "shrinkage"]
    rows = []
    for each in summary["estimates"]:
        known = each["se"] is not None
        interval = f" ({figures(each['low'])} to {figures(each['high'])})" if known else ", not estimated"
        if not known and summary["method"] == "lme" and each["kind"] != "typical":
            interval = ""
        rows.append(
            [
                _named(each),
                f"{figures(each['natural'])}{interval}",
                each["unit"],
                "" if each["cv"] is None else f"{each['cv']:.0f} %",
                figures(each["value"], 4),
                figures(each["se"]),
                *([_drawn(each["rhat"], 3), _drawn(each["ess"], 0)] if bayes else [figures(each["robust"])]),
                _shrunk(summary, each),
            ]
        )
    empty = [place for place in (2, 3) if not any(row[place] for row in rows)]
    if not bayes and all(each["robust"] is None for each in summary["estimates"]):
        empty.append(header.index("robust SE"))
    header, *rows = ([cell for place, cell in enumerate(row) if place not in empty] for row in (header, *rows))
    return header, rows


def _named(each: Summary) -> str:
    """An estimate with the kind of number it is; the power of an error is no SD."""
    kind = "exponent of the residual SD" if _is_exponent(each) else KINDS[each["kind"]]
    return f"{each['name']}, {kind}" if kind else each["name"]


def _is_exponent(each: Summary) -> bool:
    return each["kind"] == "error" and each["name"].partition(" ")[0] == "power"


def _shrunk(summary: Summary, each: Summary) -> str:
    """Shrinkage of an SD between people, or of the residuals at the first number of each output's error."""
    name = each["name"]
    if each["kind"] == "error":
        output = name.partition(" ")[2]
        name = f"residual {output}" if output else "residual"
        first = next(row for row in summary["estimates"] if row["kind"] == "error" and row["name"].endswith(output))
        if first is not each:
            return ""
    elif each["kind"] != "sd":
        return ""
    value = summary["shrinkage"].get(name)
    return "" if value is None else f"{value:.0f} %".replace("-0 %", "0 %").replace("-", "−")


def _drawn(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def scales(summary: Summary) -> str:
    """Which scale the numbers as fitted are on."""
    found = {
        words: [each["name"] for each in summary["estimates"] if each["kind"] == "typical" and each["scale"] == scale]
        for scale, words in {"log": "natural logarithm", "logit": "logit"}.items()
    }
    told = [f"{words} of {', '.join(names)}" for words, names in found.items() if names]
    note = ("Mean and SD" if summary["method"] == "nuts" else "As fitted and SE") + ": on the scale of the search"
    note += f", {'; '.join(told)}; others as they are." if told else "."
    if not summary["units"].get("TIME") or not summary["units"].get(summary["outputs"][0]):
        note += " Units are those of the table; --unit TIME=h and so on puts them here and on the axes."
    return note


def criteria_rows(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """Likelihood and criteria."""
    return ["−2LL", "AIC", "BIC"], [[_fixed(summary[name]) for name in ("-2LL", "AIC", "BIC")]]


def print_page(summary: Summary, console: Console) -> None:
    """The fit in the terminal."""
    console.print(Text(sentence(summary), style="bold"))
    console.print(Text(basis(summary), style="dim"))
    print_table(console, "", *estimate_rows(summary))
    console.print(Text(scales(summary), style="dim"))
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


def write_failure(fault: NotConverged, model: Mapping[str, str], method: str, folder: Path) -> None:
    """Write ``failed.html``: why a fit is none, and what to try. No estimate stands in it.

    Args:
        fault: that ended the fit.
        model: in words, by part.
        method: of the fit.
        folder: where to.
    """
    parts = [
        "<h2>What to try</h2>",
        f"<p>{html.escape(fault.remedy.rstrip('.'))}.</p>",
        list_html(TRIED),
        "<h2>The model</h2>",
        list_html([f"{part}: {words}" for part, words in model.items()] + [f"method: {METHOD_NAMES[method]}"]),
    ]
    said = f"{fault.what[:1].upper()}{fault.what[1:].rstrip('.')}."
    write_report(
        folder, f"Failed fit, {fault.where}", "This fit did not converge. There is no result.",
        f"{fault.where}: {said}", parts, "failed.html",
    )  # fmt: skip


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
        f"<p>{html.escape(sentence(summary))}</p>",
        "<h2>Estimates</h2>",
        wide(estimate_rows(summary)),
        f"<p>{html.escape(scales(summary))}</p>",
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
    write_report(folder, f"Fit of {summary['table']}", answer(summary), basis(summary), parts)
