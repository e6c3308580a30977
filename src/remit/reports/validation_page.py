"""Predicted beside observed exposure: in the terminal, as plain records and as a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from remit.pharmacology.validation import TARGET_GMFE, TARGET_SHARE, WITHIN, Comparison, Rate, Standing, rate
from remit.vocabulary.dosing import Route

HEADER = ("rows", "fold error", "bias", f"within {WITHIN:g}-fold")
METRICS = {
    "cmax": "Cmax", "tmax": "Tmax", "auc": "AUC", "concentration": "concentration", "availability": "availability",
    "half_life": "half-life", "clearance": "clearance", "volume": "volume",
}  # fmt: skip
Group = tuple[str, ...]


def grouped(comparisons: Iterable[Comparison], key: Callable[[Comparison], Group]) -> list[tuple[Group, Rate]]:
    """The rate of every group that has counted rows, in the order of the groups' names."""
    found: dict[Group, list[Comparison]] = defaultdict(list)
    for each in comparisons:
        found[key(each)].append(each)
    rated = [(name, rate(own)) for name, own in sorted(found.items())]
    return [(name, value) for name, value in rated if value is not None]


def _figures(value: Rate) -> tuple[str, str, str, str]:
    return (str(value.rows), f"{value.gmfe:.2f}", f"{value.bias:.2f}", f"{100 * value.near:.0f} %")


def _route(each: Comparison) -> str:
    return each.row.route if each.row.route == "rectal" else Route(each.row.route).spoken


def _comparable(comparisons: Iterable[Comparison]) -> list[Comparison]:
    return [each for each in comparisons if each.standing is not Standing.NOT_COMPARABLE]


def _by_standing_and_route(comparisons: Iterable[Comparison]) -> list[tuple[Group, Rate]]:
    order = {standing.spoken: number for number, standing in enumerate(Standing)}
    found = grouped(_comparable(comparisons), lambda each: (each.standing.spoken, _route(each)))
    return sorted(found, key=lambda entry: (order[entry[0][0]], entry[0][1]))


def what(each: Comparison) -> str:
    """The row in words: what was measured in whom after which dose."""
    row = each.row
    dose = "" if row.dose_value is None else f" after {row.dose_value:g} {row.dose_unit}"
    if row.step_doses:
        dose = f" after steps of {', '.join(f'{step:g}' for step in row.step_doses)} {row.dose_unit}"
    at = "" if row.time_h is None else f" at {row.time_h:g} h"
    return f"{_route(each)} {row.drug}{dose}: {METRICS[row.metric]} of {row.analyte}{at}"


def _observed(each: Comparison) -> str:
    row = each.row
    if row.value is not None:
        return f"{row.value:g}"
    return f"{row.dispersion_low:g} to {row.dispersion_high:g}"


def as_records(comparisons: Iterable[Comparison]) -> list[dict[str, Any]]:
    """Plain values of every comparison; ``fold`` is predicted over observed."""
    return [
        {
            "study": each.row.study_id,
            "file": each.row.file,
            "line": each.row.line,
            "row": what(each),
            "route": each.row.route,
            "metric": each.row.metric,
            "unit": each.row.unit,
            "observed": each.row.value,
            "observed_low": each.row.dispersion_low if each.row.value is None else None,
            "observed_high": each.row.dispersion_high if each.row.value is None else None,
            "predicted": each.predicted,
            "fold": each.fold,
            "near": each.is_near,
            "standing": each.standing.value,
            "model": each.model,
            "independent": each.independent,
            "counted": each.counted,
            "why": each.why,
        }
        for each in comparisons
    ]


def print_page(comparisons: Sequence[Comparison], console: Console, *, rows: bool) -> None:
    """The tables in the terminal.

    Args:
        comparisons: from `remit.pharmacology.validation.compare_all`.
        console: where to.
        rows: also every row.
    """
    console.print(Text(verdict(comparisons), style="bold"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("what is compared")
    table.add_column("route")
    for name in HEADER:
        table.add_column(name, justify="right")
    last = ""
    for (standing, route), value in _by_standing_and_route(comparisons):
        table.add_row(standing if standing != last else "", route, *_figures(value))
        last = standing
    console.print(table)
    console.print(
        Text(
            "Fold error: geometric mean of predicted over observed or its inverse, whichever is above 1. Bias: "
            "geometric mean of predicted over observed.",
            style="dim",
        )
    )
    if not rows:
        console.print(Text("Every row: add --rows. Machine-readable: add --json.", style="dim"))
        return
    every = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("study", "row", "observed", "predicted", "fold", "why"):
        every.add_column(name, justify="right" if name in {"observed", "predicted", "fold"} else "left")
    for each in comparisons:
        folds = "" if each.fold is None else f"{each.fold:.2f}"
        value = "" if each.predicted is None else f"{each.predicted:.3g}"
        every.add_row(each.row.study_id, what(each), f"{_observed(each)} {each.row.unit}", value, folds, each.why)
    console.print(every)


def verdict(comparisons: Sequence[Comparison]) -> str:
    """How complete models at the same sampling site stand against the target, in one or two sentences."""
    same = [each for each in comparisons if each.standing is Standing.SAME_SITE]
    whole = rate(same)
    if whole is None:
        return "No row here can be compared with a complete model at the same sampling site."
    words = (
        f"Complete models at the same sampling site: fold error {whole.gmfe:.2f} (target {TARGET_GMFE:g}), "
        f"{100 * whole.near:.0f} % of {whole.rows} rows within {WITHIN:g}-fold (target {100 * TARGET_SHARE:g} %): "
        f"{'met' if whole.meets_target else 'not met in full'}."
    )
    own = rate(each for each in same if each.independent)
    if own is not None and own.rows < whole.rows:
        words += (
            f" Of the {own.rows} rows no model was built from: fold error {own.gmfe:.2f}, "
            f"{100 * own.near:.0f} % within {WITHIN:g}-fold."
        )
    return words


def write_page(comparisons: Sequence[Comparison], page: Path) -> None:
    """Write the page, and its picture beside it with the same name.

    Args:
        comparisons: from `remit.pharmacology.validation.compare_all`.
        page: FILE.md.
    """
    from remit.reports.validation_chart import draw

    picture = page.with_suffix(".svg")
    draw(comparisons, picture)
    page.write_text("\n".join(_lines(comparisons, picture.name)) + "\n")


def _rates(header: Sequence[str], found: Iterable[tuple[Group, Rate]]) -> list[str]:
    return [
        "| " + " | ".join((*header, *HEADER)) + " |",
        "|---" * len(header) + "|---:" * len(HEADER) + "|",
        *("| " + " | ".join((*name, *_figures(value))) + " |" for name, value in found),
    ]


def _lines(comparisons: Sequence[Comparison], picture: str) -> list[str]:
    usable = _comparable(comparisons)
    same = [each for each in comparisons if each.standing is Standing.SAME_SITE]
    missed = [each for each in usable if each.fold is not None and not each.is_near]
    left = [each for each in comparisons if each.standing is Standing.NOT_COMPARABLE]
    return [
        "# Are predicted concentrations right?",
        "",
        "Written by `remit validate exposure --page`. Every published exposure in "
        "`src/remit/evidence/published/exposures/` stands beside what `remit exposure` predicts for the typical "
        "person after the same dose. No model reads these rows.",
        "",
        f"{verdict(comparisons)}",
        "",
        f"![Predicted over observed, one dot a row]({picture})",
        "",
        "Fold error is the geometric mean of predicted over observed or its inverse, whichever is above 1; bias is the "
        "geometric mean of predicted over observed. A published range counts in no rate.",
        "",
        "## By route",
        "",
        *_rates(("what is compared", "route"), _by_standing_and_route(comparisons)),
        "",
        "The target holds for the first group. A row is *independent* when neither the model nor an assumed absorption "
        "was built from its people or numbers; the others only check that a model was copied and computed right.",
        "",
        *_rates(
            ("complete model, same sampling site", "route"),
            grouped(same, lambda each: ("independent" if each.independent else "the model's own data", _route(each))),
        ),
        "",
        "## By metric",
        "",
        *_rates(("route", "metric"), grouped(usable, lambda each: (_route(each), METRICS[each.row.metric]))),
        "",
        "## By study",
        "",
        *_rates(
            ("study", "what is compared", "route"),
            grouped(usable, lambda each: (each.row.study_id, each.standing.spoken, _route(each))),
        ),
        "",
        f"## Every miss ({len(missed)} of {len(usable)})",
        "",
        "| study | row | unit | observed | predicted | fold | why |",
        "|---|---|---|---:|---:|---:|---|",
        *(
            f"| {each.row.study_id} | {what(each)} | {each.row.unit} | {_observed(each)} | {each.predicted:.3g} | "
            f"{each.fold:.2f} | {each.why} |"
            for each in missed
        ),
        "",
        f"## Not comparable ({len(left)})",
        "",
        *_left_out(left),
    ]


def _left_out(left: Sequence[Comparison]) -> list[str]:
    reasons: dict[str, list[Comparison]] = defaultdict(list)
    for each in left:
        reasons[each.why].append(each)
    lines = ["| why | rows | studies |", "|---|---:|---|"]
    for why, own in sorted(reasons.items(), key=lambda entry: -len(entry[1])):
        lines.append(f"| {why} | {len(own)} | {', '.join(sorted({each.row.study_id for each in own}))} |")
    return lines
