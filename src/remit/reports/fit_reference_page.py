"""Published mixed-effects fits beside remit's: in the terminal and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from remit.inference.mixed.reference import ERRORS, LIKELIHOOD, LIKELIHOOD_NAME, PUBLISHED, SHARE, Compared
from remit.reports.analysis_page import print_table
from remit.reports.picture import write_whole

HEADER = ("fit", "number", "printed", "remit", "in its digits", "difference", "agrees")


def row_of(each: Compared) -> list[str]:
    """One comparison as cells."""
    apart = each.ours - float(each.printed)
    share = 100 * apart / abs(float(each.printed))
    difference = f"{apart:+.4f}" if each.number == LIKELIHOOD_NAME else f"{share:+.2f} %"
    if each.se is not None:
        difference += f", {apart / each.se:+.3f} SE"
    return [
        each.fit, each.number, each.printed, f"{each.ours:.5g}", each.rounded, difference.replace("-", "−"),
        "yes" if each.agrees else "no",
    ]  # fmt: skip


def verdict(found: Sequence[Compared]) -> str:
    """How many agree."""
    good = sum(each.agrees for each in found)
    same = sum(each.rounded == each.printed for each in found)
    return (
        f"{good} of {len(found)} published numbers agree within {100 * SHARE:g} % or {ERRORS:g} of a standard error "
        f"(log likelihoods within {LIKELIHOOD:g}); {same} agree in every printed digit."
    )


def print_fits(found: Sequence[Compared], console: Console) -> None:
    """The comparison in the terminal."""
    console.print(verdict(found))
    print_table(console, "", HEADER, [row_of(each) for each in found])


def write_fits(found: Sequence[Compared], page: Path) -> None:
    """Write the page.

    Raises:
        OutputRefused: it cannot be written.
    """
    sources = dict.fromkeys(f"{each.tool}: {each.source}" for each in PUBLISHED)
    lines = [
        "# Does remit fit agree with other programs?",
        "",
        "Written by `remit validate fit --data tests/golden --page`. The same data and model are fitted again.",
        "",
        verdict(found),
        "",
        "| " + " | ".join(HEADER) + " |",
        "|---" * len(HEADER) + "|",
        *("| " + " | ".join(row_of(each)) + " |" for each in found),
        "",
        "Log likelihoods are of the full normal density. `lme` is the method of nlme (Lindstrom and Bates 1990), "
        "`agq` adaptive quadrature with 9 nodes in each dimension, set beside 25 x 25 nodes of an independent program: "
        "exact maximum likelihood in all digits shown. SAEM maximises the exact likelihood by simulation; its last "
        "digits are chance.",
        "",
        "**Data.** Theophylline: 12 people, 132 concentrations (Upton; Boeckmann, Sheiner and Beal 1994, NONMEM Users "
        "Guide V); per kg with the dose per kg, else with the dose. Indomethacin: 6 people, 66 concentrations "
        "(Kwan et al. 1976, J Pharmacokinet Biopharm 4:255).",
        "",
        "Sources: " + "; ".join(sources) + ".",
    ]  # fmt: skip
    write_whole(("\n".join(lines) + "\n").encode(), page)
