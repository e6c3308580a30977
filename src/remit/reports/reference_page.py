"""Published results of other meta-analysis programs beside remit's: in the terminal and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from remit.inference.network.reference import ERRORS, SHARE, Numbers, Reference
from remit.reports.signs import minus

HEADER = ("example", "parameter", "published", "remit", "difference", "agrees")
ADDRESSES = {
    "metafor": "https://wviechtb.github.io/metafor/ and https://rdrr.io/cran/metafor/",
    "MBNMAtime": "https://hugaped.github.io/MBNMAtime/articles/ (articles runmbnmatime-2 and consistencychecking-3)",
}

TABLES = (
    "**The tables.** `bcg` is the trials of BCG vaccine of Colditz et al. (JAMA 1994). `alog_pcfb` (trials of"
    " alogliptin, change of HbA1c, Langford et al. 2016) and `osteopain` (trials of pain relief in "
    "osteoarthritis, by Pfizer) come with MBNMAtime, which is under the GPL, and are not shipped here: "
    '`write.csv(alog_pcfb, "alog_pcfb.csv")` in R and `remit validate meta --data FOLDER` fits it again.'
)
SPLITS = (
    "**Why the split of osteopain differs.** It is another definition. MBNMAtime takes direct evidence from a"
    " model of unrelated effects, and indirect evidence from the network after dropping one of the two arms, "
    "chosen at random, from studies of more arms; all studies of these comparisons have more. remit gives "
    "direct evidence an effect of its own within one fit. With unrelated effects remit has 0.194 (-0.517 to "
    "0.889) for Ro_25 and 0.098 (-0.280 to 0.480) for Na_1000; dropping the second arm, -0.485 (-1.040 to "
    "0.082) and -0.509 (-0.907 to -0.127) indirectly. The published direct intervals are wider than these, "
    "which we cannot explain: they come from a stored run."
)
MISSING = (
    "**What was looked for and not found.** MBNMAtime's articles show the obesity network only as pictures. "
    "The printed table of the quadratic alogliptin example does not fit the signs of its own linear and Emax "
    "results and has heterogeneity on one of two coefficients, which remit meta has on both, so it is not "
    "compared."
)


def _said(value: Numbers | None) -> str:
    if value is None:
        return "not computed"
    middle, low, high = value
    return f"{middle:.4f}" if low is None or high is None else f"{middle:.4f} ({low:.4f} to {high:.4f})"


def _row(each: Reference) -> tuple[str, ...]:
    apart = each.apart
    if apart is None:
        difference = ""
    else:
        difference = f"{100 * apart[0]:.2f} %" + ("" if apart[1] is None else f", {apart[1]:.3f} SE")
    agrees = "" if each.agrees is None else ("yes" if each.agrees else "no")
    ours = _said(each.ours) + ("" if each.now or each.ours is None else " *")
    return each.example, each.parameter, _said(each.published), ours, difference, agrees


def verdict(found: Sequence[Reference]) -> str:
    """How many agree."""
    compared = [each for each in found if each.agrees is not None]
    good = sum(bool(each.agrees) for each in compared)
    return (
        f"{good} of {len(compared)} published numbers agree within {100 * SHARE:g} % of the value or {ERRORS:g} of its "
        "standard error."
    )


def print_references(found: Sequence[Reference], console: Console) -> None:
    """The comparison in the terminal."""
    console.print(verdict(found))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in HEADER:
        table.add_column(name)
    for each in found:
        table.add_row(*_row(each))
    console.print(table)
    console.print("* computed in an earlier run: the table is not in the folder of --data")


def write_references(found: Sequence[Reference], page: Path) -> None:
    """Write the page."""
    lines = [
        "# Does remit meta agree with other programs?",
        "",
        "Written by `remit validate meta --page`. Published example results stand beside those of `remit meta` with "
        "the same model and priors.",
        "",
        verdict(found),
        "",
        "| " + " | ".join(HEADER) + " |",
        "|---" * len(HEADER) + "|",
        *("| " + " | ".join(_row(each)) + " |" for each in found),
        "",
        "Intervals are those of 95 %. \\* computed in an earlier run: the table is not part of remit.",
        "",
        TABLES,
        "",
        SPLITS,
        "",
        MISSING,
        "",
        "Sources: " + "; ".join(f"{name}, {address}" for name, address in ADDRESSES.items()) + ".",
    ]  # fmt: skip
    page.write_text(minus("\n".join(lines)) + "\n")
