"""How well trials are predicted that the model has not seen: in the terminal and as a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from remit.inference.fitted import Posterior
from remit.inference.row_check import LEVELS, HeldOut, coverage
from remit.reports.signs import minus

GATE = {0.8: (0.70, 0.90), 0.95: (0.90, 0.99)}
"""Coverage of held-out outcomes that a release must show [fraction]: level to lowest and highest."""


def outcomes(rows: Sequence[HeldOut]) -> list[HeldOut]:
    """Rows that are outcomes: means, shares and medians, not SDs."""
    return [row for row in rows if not row.spread]


def misses(rows: Sequence[HeldOut]) -> list[str]:
    """Levels at which the coverage of held-out outcomes lies outside the gate, in words."""
    found = []
    for level, (low, high) in GATE.items():
        share = coverage([row.row for row in outcomes(rows)], level)
        if not low <= share <= high:
            found.append(
                f"{100 * level:.0f} % intervals cover {100 * share:.1f} %, not {100 * low:.0f} to {100 * high:.0f} %"
            )
    return found


def _table(rows: Sequence[HeldOut]) -> list[tuple[str, ...]]:
    """Group, studies, rows and coverage at each level."""
    good = outcomes(rows)

    def line(name: str, own: Sequence[HeldOut]) -> tuple[str, ...]:
        shares = tuple(f"{100 * coverage([row.row for row in own], level):.0f} %" for level in LEVELS)
        return name, str(len({row.row.study for row in own})), str(len(own)), *shares

    def groups(key: Callable[[HeldOut], str]) -> list[tuple[str, ...]]:
        names = sorted({key(row) for row in good}, key=lambda name: (-sum(key(row) == name for row in good), name))
        return [line(name, [row for row in good if key(row) == name]) for name in names]

    ketamine = [row for row in good if row.given.startswith("ketamine")]
    return [
        line("all outcomes", good),
        line("all ketamine studies", ketamine),
        *groups(lambda row: row.given),
        *groups(lambda row: f"rated for {row.people.replace('_', ' ')}"),
        line("SDs of totals", [row for row in rows if row.spread]),
    ]


def unseen_picture(theme: str = "light", *, narrow: bool = False) -> dict[str, Any]:
    """Where published values fall in what the other studies predicted, without words: a Vega-Lite specification.

    Args:
        theme: of the picture.
        narrow: for a telephone.

    Raises:
        StalePosterior: the check was not made.
        InputRefused: there is no such theme.
    """
    from remit.inference.check_tables import load_held_out
    from remit.reports.held_out_chart import percentiles

    return percentiles(outcomes(load_held_out()), theme, narrow=narrow, titled=False)


def predicted_unseen() -> dict[str, Any]:
    """What a page shows of the check that ships: how often intervals held what the model had not seen.

    Returns:
        ``header`` and ``rows`` of a table; ``outcomes`` and ``studies`` counted; ``misses`` of the gate, in words.

    Raises:
        StalePosterior: the check was not made.
    """
    from remit.inference.check_tables import load_held_out

    rows = load_held_out()
    good = outcomes(rows)
    return {
        "header": list(HEADER), "rows": [list(row) for row in _table(rows)], "outcomes": len(good),
        "studies": len({row.row.study for row in rows}), "misses": misses(rows),
    }  # fmt: skip


HEADER = ("held-out rows", "studies", "rows", *(f"in {100 * level:.0f} %" for level in LEVELS))


def print_page(rows: Sequence[HeldOut], console: Console) -> None:
    """Coverage in the terminal."""
    console.print("Each trial predicted from all the others: share of its published rows inside the intervals.\n")
    table = Table(*HEADER)
    for line in _table(rows):
        table.add_row(*line)
    console.print(table)
    found = misses(rows)
    console.print("Below the standard: " + "; ".join(found) + "." if found else "The standard is met.")


def as_records(rows: Sequence[HeldOut]) -> list[dict[str, Any]]:
    """Every prediction as a record."""
    return [
        {
            "study": one.row.study,
            "origin": one.row.origin,
            "what": one.row.what,
            "given": one.given,
            "people": one.people,
            "observed": one.row.observed,
            "median": one.row.median,
            "intervals": {
                f"{level:g}": list(interval) for level, interval in zip(LEVELS, one.row.intervals, strict=True)
            },
            "percentile": one.percentile,
            "is_spread": one.spread,
            "refitted": one.refitted,
            "pareto_k": one.k,
        }
        for one in rows
    ]


def write_page(posterior: Posterior, rows: Sequence[HeldOut], page: Path) -> None:
    """Write the page, and its pictures beside it.

    Args:
        posterior: what was fitted to all trials.
        rows: every row as the other trials predict it.
        page: FILE.md.
    """
    from remit.reports.held_out_chart import draw_percentiles, draw_rows

    ketamine = [row for row in outcomes(rows) if row.given.startswith("ketamine") and row.people != "depression"]
    percentiles, picture = page.with_name(f"{page.stem}-percentiles.svg"), page.with_suffix(".svg")
    draw_percentiles(outcomes(rows), percentiles)
    draw_rows(ketamine, picture)
    page.write_text(minus("\n".join(_lines(posterior, rows, percentiles.name, picture.name))) + "\n")


def _lines(posterior: Posterior, rows: Sequence[HeldOut], percentiles: str, picture: str) -> list[str]:
    good = outcomes(rows)
    studies = sorted({row.row.study for row in rows})
    refitted = sorted({row.row.study for row in rows if row.refitted})
    outside = sorted((row for row in good if not row.row.inside(LEVELS[-1])), key=lambda row: row.row.study)
    worst = max((row.k for row in rows if not row.refitted), default=0.0)
    found = misses(rows)
    return [
        "# Does the model predict a trial it has not seen?",
        "",
        "Written by `remit validate trials --page`. Each study is predicted by a model that has seen all the other "
        "studies and not this one; of the study itself it knows what was given, when, to whom, on which scale and from "
        "which baseline. How: `remit.inference.held_out`.",
        "",
        f"{len(good)} outcomes of {len(studies)} studies. For {len(refitted)} of them, which weigh much, the model was "
        f"fitted again; for the others the full fit was weighted (largest Pareto k {worst:.2f}, where 0.7 is the most "
        "that may be trusted). Evidence "
        f"`{posterior.manifest['evidence_hash'][:16]}`, seed {posterior.manifest['settings']['seed']}.",
        "",
        "A release must show that 80 % intervals hold 70 to 90 % of the held-out outcomes, and 95 % intervals 90 to "
        "99 %. " + ("**This one does not: " + "; ".join(found) + ".**" if found else "**This one does.**"),
        "",
        "| " + " | ".join(HEADER) + " |",
        "|---|" + "---|" * (len(HEADER) - 1),
        *("| " + " | ".join(line) + " |" for line in _table(rows)),
        "",
        "A group with few rows says little: of 10 rows, 6 to 10 in an 80 % interval is what chance alone gives.",
        "",
        "## Where published values fall in what was predicted",
        "",
        f"![How often published values fall into each tenth of their prediction]({percentiles})",
        "",
        "Were the predictions exactly right, each tenth would hold a tenth of the rows. A hill in the middle means "
        "bands that are too wide, a valley bands that are too narrow.",
        "",
        "## Ketamine and its controls, row by row",
        "",
        f"![Published rows of the ketamine studies beside what the other studies predict]({picture})",
        "",
        f"## Outcomes outside their {100 * LEVELS[-1]:.0f} % interval",
        "",
        "| study | given | row | published | predicted |",
        "|---|---|---|---|---|",
        *(
            f"| {one.row.study} | {one.given} | {one.row.what} | {one.row.observed:.3g} | {one.row.median:.3g} "
            f"({one.row.intervals[-1][0]:.3g} to {one.row.intervals[-1][1]:.3g}) |"
            for one in outside
        ),
        *(["| none | | | | |"] if not outside else []),
        "",
        "## Study by study",
        "",
        "| study | given | outcomes | " + " | ".join(f"in {100 * level:.0f} %" for level in LEVELS) + " | how | k |",
        "|---|---|---|" + "---|" * len(LEVELS) + "---|---|",
        *(_study_line(study, [row for row in rows if row.row.study == study]) for study in studies),
    ]


def _study_line(study: str, own: Sequence[HeldOut]) -> str:
    good = outcomes(own)
    inside = " | ".join(f"{sum(row.row.inside(level) for row in good)} of {len(good)}" for level in LEVELS)
    how = "fitted again" if own[0].refitted else "weighted"
    return f"| {study} | {own[0].given} | {len(good)} | {inside} | {how} | {own[0].k:.2f} |"
