"""What the calibration found and how well it gives back what was published: in the terminal and as a page."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from remit.answers.comparators import OnsetTime, onset_times
from remit.inference.fitted import Posterior
from remit.inference.row_check import LEVELS, RowCheck, coverage
from remit.reports.signs import minus

Floats = np.ndarray

DAY_H = 24.0


def _share(logit: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-logit))


def _same(value: Floats) -> Floats:
    return value


ROWS: tuple[tuple[str, str, str, Callable[[Floats], Floats]], ...] = (
    ("sustained_mean", "largest share of anxiety that ketamine can lift, typical person", "fraction", _share),
    ("half_life_mean", "half-life of the lasting gain", "days", lambda v: np.exp(v) / DAY_H),
    ("k_in_mean", "rate at which the gain builds under full drive", "1/h", np.exp),
    ("acute_mean", "acute effect at full effect-site concentration", "relief", _same),
    ("session_mean", "relief that a session without the drug brings", "relief", _same),
    ("tau_session_mean", "time constant with which that comes", "days", lambda v: np.exp(v) / DAY_H),
    ("gradual_mean", "relief that weeks under a placebo pill bring", "relief", np.exp),
    ("tau_mean", "time constant of that", "days", lambda v: np.exp(v) / DAY_H),
    ("daily_mean", "largest share that a daily treatment can lift", "fraction", _share),
    ("onset_mean", "onset time constant of a daily treatment", "days", lambda v: np.exp(v) / DAY_H),
    ("study_drug_sd", "SD between studies of the drug's effect", "logit", _same),
    ("study_control_sd", "SD between studies of the control course", "log", _same),
    ("diagnosis_drug_sd", "SD between diagnoses of the drug's effect", "logit", _same),
    ("daily_spread", "trials of daily drugs lie apart, as a multiple of trials of sessions", "ratio", np.exp),
    ("therapy_spread", "trials of psychotherapy lie apart, as a multiple of trials of sessions", "ratio", np.exp),
    ("misfit_sd", "misfit of the model beyond chance", "of baseline", _same),
    ("row_correlation", "correlation of means of the same people at several times", "", _share),
    ("domain_sd", "SD of what differs in timing between anxiety and depression", "log", _same),
)
"""Parameter, what it is, unit, and how a draw becomes that unit. Relief r leaves exp(-r) of the anxiety."""


def _parameters(posterior: Posterior) -> list[tuple[str, str, str]]:
    found = []
    for name, what, unit, natural in ROWS:
        low, middle, high = np.quantile(natural(posterior.draws[name]), [0.05, 0.5, 0.95])
        found.append((what, unit, f"{middle:.2g} ({low:.2g} to {high:.2g})"))
    for position, name in enumerate(posterior.names["masking"]):
        low, middle, high = np.quantile(posterior.draws["bias"][:, position], [0.05, 0.5, 0.95])
        if high > 0:
            what = f"bias of arms whose masking is: {name.replace('_', ' ')}"
            found.append((what, "relief", f"{middle:.2g} ({low:.2g} to {high:.2g})"))
    return found


def _domain(posterior: Posterior) -> list[tuple[str, str]]:
    words = {
        "k_in_mean": "rate at which the gain builds",
        "half_life_mean": "half-life of the lasting gain",
        "tau_session_mean": "time constant of what a session without the drug brings",
    }
    found = []
    for position, name in enumerate(posterior.names["timing"]):
        low, middle, high = np.exp(np.quantile(posterior.draws["domain"][:, position], [0.05, 0.5, 0.95]))
        found.append((words[name], f"{middle:.2g} ({low:.2g} to {high:.2g})"))
    return found


def _onset_line(one: OnsetTime) -> str:
    days = [tuple(value / DAY_H for value in band) for band in (one.half, one.most)]
    cells = [f"{middle:.1f} ({low:.1f} to {high:.1f})" for low, middle, high in days]
    low, middle, high = (100 * value for value in one.fall)
    return f"| {one.treatment.replace('_', ' ')} | {cells[0]} | {cells[1]} | {middle:.0f} ({low:.0f} to {high:.0f}) |"


def _by_study(checks: Sequence[RowCheck]) -> list[tuple[str, list[RowCheck]]]:
    grouped: dict[str, list[RowCheck]] = defaultdict(list)
    for row in checks:
        grouped[row.study].append(row)
    return sorted(grouped.items())


def _per_cent(share: float) -> str:
    return f"{100 * share:.0f} %"


def print_summary(posterior: Posterior, checks: Sequence[RowCheck], console: Console) -> None:
    """Diagnostics, parameters and coverage in the terminal."""
    made = posterior.manifest
    found, rows = made["diagnostics"], made["rows"]
    console.print(
        f"Fitted to {rows['rows_used']} rows of {rows['studies']} studies ({rows['arms']} arms); largest R-hat "
        f"{found['rhat']:.4f} ({found['rhat_of']}), smallest bulk ESS {found['ess']:.0f} ({found['ess_of']}), "
        f"{found['divergences']} of {found['transitions']} transitions divergent."
    )
    table = Table("parameter", "unit", "median (90 % interval)")
    for line in _parameters(posterior):
        table.add_row(*line)
    console.print(table)
    shares = ", ".join(f"{_per_cent(coverage(checks, level))} in the {_per_cent(level)} interval" for level in LEVELS)
    console.print(f"Of {len(checks)} published rows: {shares}.")


def write_page(posterior: Posterior, checks: Sequence[RowCheck], page: Path) -> None:
    """Write the page, and its picture ``calibration.svg`` beside it.

    Args:
        posterior: what was fitted.
        checks: its predictive checks.
        page: FILE.md.
    """
    from remit.reports.calibration_chart import draw

    grouped = _by_study(checks)
    picture = page.with_suffix(".svg")
    draw([row for row in checks if row.study in posterior.manifest["session_studies"]], picture)
    page.write_text(minus("\n".join(_lines(posterior, checks, grouped, picture.name))) + "\n")


def _lines(
    posterior: Posterior, checks: Sequence[RowCheck], grouped: Sequence[tuple[str, list[RowCheck]]], picture: str
) -> list[str]:
    made = posterior.manifest
    found, rows, settings = made["diagnostics"], made["rows"], made["settings"]
    outside = [row for row in checks if not row.inside(LEVELS[-1])]
    return [
        "# Does the calibrated model give back what was published?",
        "",
        "Written by `remit calibrate --page`. The model and its priors: [equations](../equations.md); which rows enter "
        "and why: [calibration](../decisions/0010-calibration.md).",
        "",
        "These checks use the rows that the model was fitted to, so they can show that it fails and cannot show that "
        "it would predict a new trial; that stands on [another page](trials.md).",
        "",
        "## The fit",
        "",
        f"{rows['rows_used']} rows of {rows['studies']} studies, {rows['arms']} arms; {rows['rows_left_out']} rows "
        "about anxiety left out, each for a written reason.",
        "",
        "| | |",
        "|---|---|",
        f"| chains x draws (after {settings['warmup']} of warm-up) | {settings['chains']} x {settings['draws']} |",
        f"| largest R-hat | {found['rhat']:.4f} (`{found['rhat_of']}`) |",
        f"| smallest bulk ESS | {found['ess']:.0f} (`{found['ess_of']}`) |",
        f"| divergent transitions | {found['divergences']} of {found['transitions']} |",
        f"| smallest energy fraction | {found['energy']:.2f} |",
        f"| seed | {settings['seed']} |",
        f"| evidence | `{made['evidence_hash'][:16]}` |",
        "",
        "## What it found",
        "",
        "| | unit | median (90 % interval) |",
        "|---|---|---|",
        *(f"| {what} | {unit} | {value} |" for what, unit, value in _parameters(posterior)),
        "",
        "## Timing borrowed from depression",
        "",
        f"{rows['timing_rows']} rows of {rows['timing_studies']} studies of depression lend the timing of "
        "the drug and nothing of its size. "
        "How far the two may differ is learned: with a spread near zero they share their timing, "
        "with a large one nothing is borrowed.",
        "",
        "| timing in depression, as a multiple of that in anxiety | median (90 % interval) |",
        "|---|---|",
        *(f"| {what} | {value} |" for what, value in _domain(posterior)),
        "",
        "## Daily treatments on one clock",
        "",
        "When each reaches half and nine tenths of its own effect at eight weeks, beyond its control, and how "
        "large that effect is in the typical person. Most were rated at one or two times only: a band from one to "
        "three weeks is what was believed before the data. Psychotherapies of a week and of months are one group "
        "here, so their time says little.",
        "",
        "| treatment | half, days | nine tenths, days | takes away of what the control leaves, % |",
        "|---|---|---|---|",
        *(_onset_line(one) for one in onset_times(posterior)),
        "",
        "## Coverage",
        "",
        "Share of published rows inside the predictive interval of each level. Too few means that the model promises "
        "more than it holds; too many, that its bands are wide.",
        "",
        "| study | rows | " + " | ".join(f"in {_per_cent(level)}" for level in LEVELS) + " |",
        "|---|---|" + "---|" * len(LEVELS),
        "| **all** | "
        + f"{len(checks)} | "
        + " | ".join(f"**{_per_cent(coverage(checks, level))}**" for level in LEVELS)
        + " |",
        *(
            f"| {study} | {len(own)} | "
            + " | ".join(f"{sum(row.inside(level) for row in own)} of {len(own)}" for level in LEVELS)
            + " |"
            for study, own in grouped
        ),
        "",
        "## Ketamine and its controls, row by row",
        "",
        f"![Published rows of the ketamine studies beside their predictive intervals]({picture})",
        "",
        f"## Rows outside their {_per_cent(LEVELS[-1])} interval",
        "",
        "| study | row | published | predicted |",
        "|---|---|---|---|",
        *(
            f"| {row.study} | {row.what} | {row.observed:.3g} | {row.median:.3g} "
            f"({row.intervals[-1][0]:.3g} to {row.intervals[-1][1]:.3g}) |"
            for row in sorted(outside, key=lambda row: -_distance(row))
        ),
        *(["| none | | | |"] if not outside else []),
    ]


def _distance(row: RowCheck) -> float:
    """How many half-widths of its widest interval a row lies from the median."""
    low, high = row.intervals[-1]
    return abs(row.observed - row.median) / max((high - low) / 2.0, math.ulp(1.0))
