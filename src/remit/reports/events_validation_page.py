"""Time to event beside other programs and beside simulated truth: in the terminal and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from remit.inference.events.recovery import BAND_DRAWS, Recovered
from remit.inference.events.reference import Compared
from remit.reports.analysis_page import print_table
from remit.reports.picture import write_whole
from remit.reports.signs import minus

NOTES = (
    "`nephropathy` and `lung_tumours` are the data sets IR_diabetes and miceData of the R package icenReg, "
    "`breast_cosmesis` is bcos of the R package interval; `tests/golden/events.md` names where each was "
    "first published, "
    "`tests/golden/events_published.csv` where each number stands. icenReg's odds are those of no event, "
    "with the other "
    "sign. Its standard errors come from 100 bootstrap samples (0.072 and 0.141), remit's from the profile likelihood "
    "(0.078 and 0.140), so they are not compared.",
    "icenReg prints no log-likelihood of its fits of miceData: its vignette and manual (2.0.16), and other public "
    "text, were searched for one in November 2026. So it was run on both tables, with six digits, and every one "
    "of its models stands above: curves, proportional hazards and odds over free curves, and exponential, "
    "Weibull, gamma, log-normal, log-logistic and generalised gamma times with stretched time, proportional "
    "hazards and proportional odds. Its generalised gamma fits of miceData stop below the maximum and are left "
    "out. Tests also hold a curve of people seen once, and one of people who had to have the event by a time, "
    "against their closed forms.",
    "Results of lifelines that are farther away belong to its log-logistic fits, which stop below the maximum: the "
    "log-likelihood of remit is lower in none but for rounding (a test holds that).",
    "Log-likelihoods measured with icenReg and R's survreg on the 5,000 simulated people of workload W6 "
    "are held in tests: "
    "-11548.17 (curve), -10829.12 (Weibull), -10762.3 (proportional hazards over a free curve).",
)
SIMULATED = (
    "Simulated people, seed {seed}: visits about every 4 until 60, a fifth missed; true times Weibull, log-normal or "
    "log-logistic with location 3 + 0.5 x1 - 0.3 x2 and scale 0.6. Coverage is the share of 95 % "
    "intervals that hold the "
    "truth; by chance alone it lies within {chance:.1f} points of 95 %. Wald intervals unless said otherwise; bands of "
    "curves are from {draws} bootstrap samples. For the log-rank test it is the share of tests that call no difference "
    "where there is none."
)
READ = (
    "Curves without a model are read by a straight line inside their boxes, and their bootstrap is not "
    "consistent (Sen, "
    "Banerjee and Woodroofe 2010): take bands as a guide where coverage above is off."
)
CLOSE = 1e-4
"""Difference below which two programs have the same optimum."""
PUBLISHED = ("table", "what", "published", "remit", "difference", "agrees", "program")
FOUND = ("design", "quantity", "truth", "bias", "RMSE", "coverage of 95 %", "fits")


def published_rows(found: Sequence[Compared]) -> list[list[str]]:
    """Published numbers beside ours."""
    rows = []
    for each in found:
        many = len(each.published) > 1
        what = f"{each.model}, {each.quantity}" + (f", {each.group}" if many else "")
        digits = max(0, min(6, -int(f"{each.tolerance:e}".split("e")[1])))
        one = f"{len(each.published)} masses" if many else f"{each.published[0]:.{digits}f}"
        two = f"{len(each.ours)} masses" if many else f"{each.ours[0]:.{digits}f}"
        rows.append(
            [each.table, what, one, two, f"{each.difference:.1e}", "yes" if each.agrees else "no", each.program]
        )
    return rows


def recovered_rows(found: Sequence[Recovered]) -> list[list[str]]:
    """Designs and what was found of them."""
    return [
        [
            each.design, each.quantity, f"{each.truth:.3f}", f"{each.bias:+.3f}".replace("-", "−"), f"{each.rmse:.3f}",
            f"{100 * each.coverage:.1f} %", f"{each.replicates}" + (f" ({each.failed} failed)" if each.failed else ""),
        ]
        for each in found
    ]  # fmt: skip


def print_validation(compared: Sequence[Compared], recovered: Sequence[Recovered], console: Console) -> None:
    """Both tables in the terminal."""
    print_table(console, said(compared), PUBLISHED, published_rows(compared))
    if recovered:
        print_table(console, "Simulated people", FOUND, recovered_rows(recovered))


def said(compared: Sequence[Compared]) -> str:
    """How many numbers agree, printed ones and those that were computed with another program."""
    printed = [each for each in compared if not each.computed]
    computed = [each for each in compared if each.computed]
    close = sum(each.difference <= CLOSE for each in computed)
    return (
        f"{sum(each.agrees for each in printed)} of {len(printed)} printed results agree to their last digit; "
        f"{close} of {len(computed)} results computed with lifelines or icenReg lie within {CLOSE:g}."
    )


def write_validation(compared: Sequence[Compared], recovered: Sequence[Recovered], seed: int, page: Path) -> None:
    """Write the page, whole or not at all."""

    def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        lines = [f"| {' | '.join(header)} |", "|" + "---|" * len(header), *(f"| {' | '.join(row)} |" for row in rows)]
        return "\n".join(lines)

    parts = [
        "# Is `remit events` right?",
        "Written by `remit validate events --page`.",
        "## Beside other programs",
        said(compared),
        table(PUBLISHED, published_rows(compared)),
        *NOTES,
    ]
    if recovered:
        worst = max(100 * 1.96 * (0.95 * 0.05 / each.replicates) ** 0.5 for each in recovered)
        parts += [
            "## Beside what made the data",
            SIMULATED.format(seed=seed, chance=worst, draws=BAND_DRAWS),
            table(FOUND, recovered_rows(recovered)),
            READ,
        ]
    write_whole((minus("\n\n".join(parts)) + "\n").encode(), page)
