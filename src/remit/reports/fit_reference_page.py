"""Published mixed-effects fits beside remit's: in the terminal and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from remit.inference.events.recovery import Recovered
from remit.inference.mixed.reference import ERRORS, LIKELIHOOD, LIKELIHOOD_NAME, PUBLISHED, SEEDS, SHARE, Compared
from remit.reports.analysis_page import print_table
from remit.reports.events_validation_page import FOUND, recovered_rows
from remit.reports.picture import write_whole
from remit.reports.signs import minus

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


def explained(found: Sequence[Compared]) -> list[str]:
    """Whose chance it is where a fit by simulation does not agree with ours."""
    said = []
    for each in found:
        if each.exact is None or each.se is None or each.agrees:
            continue
        printed = float(each.printed)
        theirs, ours = abs(printed - each.exact) / each.se, abs(each.ours - each.exact) / each.se
        whose = "the other program" if ours < theirs else "remit"
        words = (
            f"{each.fit}, {each.number}: the exact maximum is {each.exact:.4g} (adaptive quadrature with 9 nodes). The "
            f"printed {each.printed} lies {theirs:.2f} of a standard error (which is {each.se:.2g}) from it, remit's "
            f"{each.ours:.4g} lies {ours:.2f} from it: the difference is mostly chance of the simulation of {whose}."
        )
        if each.chance is not None:
            low, high = each.chance
            inside = "between them" if low <= printed <= high else "outside of them"
            words += (
                f" Searches as short as the other program documents, by remit's own simulation with {len(SEEDS)} "
                f"seeds, end between {low:.4g} and {high:.4g}: the printed number lies {inside}."
            )
        if theirs > ERRORS:
            words += " The exact maximum itself would miss the rule."
        said.append(words)
    return said


def beside_exact(found: Sequence[Compared]) -> list[str]:
    """How far FOCE-I lies from the exact maximum of the same data and model, a sentence a model."""
    exact = {(each.fit.partition(":")[0], each.number): each for each in found if each.fit.endswith(" beside agq")}
    apart: dict[str, list[str]] = {}
    for each in found:
        name = each.fit.partition(":")[0]
        other = exact.get((name, each.number))
        if not each.fit.endswith(" beside focei") or other is None:
            continue
        by = "" if other.se is None else f", {(each.ours - other.ours) / other.se:+.2f} SE"
        apart.setdefault(name, []).append(minus(f"{each.number} {each.ours:.5g} ({other.ours:.5g}{by})"))
    return [
        f"How far FOCE-I lies from the exact maximum, in parentheses, for {name}: {', '.join(said)}. The log "
        "likelihood of FOCE-I is that of its approximation."
        for name, said in apart.items()
    ]


def print_fits(found: Sequence[Compared], console: Console, recovered: Sequence[Recovered] = ()) -> None:
    """The comparison in the terminal."""
    console.print(verdict(found))
    print_table(console, "", HEADER, [row_of(each) for each in found])
    for said in (*beside_exact(found), *explained(found)):
        console.print(said)
    if recovered:
        print_table(console, "Simulated people", FOUND, recovered_rows(recovered))


def _recovery(recovered: Sequence[Recovered], seed: int) -> list[str]:
    """The part of the page on simulated people."""
    if not recovered:
        return []
    chance = max(100 * 1.96 * (0.95 * 0.05 / each.replicates) ** 0.5 for each in recovered)
    return [
        "",
        "## Beside what made the data",
        "",
        f"Simulated people, seed {seed}, fitted by FOCE-I (one design by adaptive quadrature) from starting values "
        "that are not the truth; population values on the scale of the search (logarithms). Coverage is the share of "
        "95 % intervals that hold the truth; "
        f"by chance alone it lies within {chance:.1f} points of 95 %. SDs between people are estimated by maximum "
        "likelihood, which makes them a little too small, the more so the fewer people. Fits that did not converge "
        "count as none.",
        "",
        "| " + " | ".join(FOUND) + " |",
        "|---" * len(FOUND) + "|",
        *("| " + " | ".join(row) + " |" for row in recovered_rows(recovered)),
    ]


def write_fits(found: Sequence[Compared], page: Path, recovered: Sequence[Recovered] = (), seed: int = 0) -> None:
    """Write the page.

    Args:
        found: published fits beside ours.
        page: where to.
        recovered: simulated people beside what made them.
        seed: of the simulated people.

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
        *(line for said in (*beside_exact(found), *explained(found)) for line in (said, "")),
        "**Data.** Theophylline: 12 people, 132 concentrations (Upton; Boeckmann, Sheiner and Beal 1994, NONMEM Users "
        "Guide V); per kg with the dose per kg, else with the dose. Indomethacin: 6 people, 66 concentrations "
        "(Kwan et al. 1976, J Pharmacokinet Biopharm 4:255). Heights of 14 pines, 84 values (Kung 1986), and "
        "circumferences of 5 orange trees, 35 values (Draper and Smith 1998, exercise 24.N): data sets Loblolly and "
        "Orange of R; their curves are functions of one's own beside the tables. Phenobarbital beside NONMEM, and "
        "quinidine beside nlme, stand in [the manual](../fit.md#other-published-fits): their tables are not shipped.",
        "",
        "Sources: " + "; ".join(sources) + ".",
        *_recovery(recovered, seed),
    ]  # fmt: skip
    write_whole(("\n".join(lines) + "\n").encode(), page)
