"""Published example results of other programs, and the same computed here.

Tables of other programs are not ours to ship. Those found in a folder are fitted again; for the others the numbers of
an earlier run stand in ``reference_results.csv`` and are marked as such.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from remit.inference.network.classic import contrasts_of
from remit.inference.network.network import make_network
from remit.inference.network.pairwise import Pooled, pool
from remit.inference.network.small_study import egger
from remit.inference.network.table import Table, read_table, rows_from

Z = 1.959963984540054
"""Standard errors from a 95 % interval to its end (normal distribution)."""
SHARE, ERRORS = 0.02, 0.05
"""Agreement: within 2 % of the value, or within 0.05 of its standard error."""
Numbers = tuple[float, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Reference:
    """One published number beside ours.

    Attributes:
        example: name of the table, and of the model where it has several.
        parameter: what the number is.
        published: value, and its 95 % interval where there is one.
        ours: the same of remit; None where it was never computed.
        now: whether ours was computed in this run.
        source: where the published number stands.
    """

    example: str
    parameter: str
    published: Numbers
    ours: Numbers | None
    now: bool
    source: str

    @property
    def apart(self) -> tuple[float, float | None] | None:
        """Difference as a share of the value, and in published standard errors where they are known."""
        if self.ours is None:
            return None
        value, low, high = self.published
        difference = abs(self.ours[0] - value)
        error = None if low is None or high is None else (high - low) / (2 * Z)
        return difference / abs(value), None if error is None else difference / error

    @property
    def agrees(self) -> bool | None:
        """Whether the two agree; None where there is nothing to compare."""
        if self.apart is None:
            return None
        share, errors = self.apart
        return share <= SHARE or (errors is not None and errors <= ERRORS)


def references(folder: Path | None = None) -> list[Reference]:
    """Published numbers beside ours.

    Args:
        folder: of tables to fit again: ``bcg.csv`` (columns study, treatment, events, n) and ``alog_pcfb.csv`` (columns
            studyID, treatment, time, y, se, as R writes it); None fits none.
    """
    found: dict[tuple[str, str], Numbers] = {}
    if folder is not None and (folder / "bcg.csv").exists():
        found |= {("bcg", name): value for name, value in _bcg(folder / "bcg.csv").items()}
    if folder is not None and (folder / "alog_pcfb.csv").exists():
        found |= _alogliptin(folder / "alog_pcfb.csv")
    return [
        each if (each.example, each.parameter) not in found
        else replace(each, ours=found[each.example, each.parameter], now=True)
        for each in _kept()
    ]  # fmt: skip


def _kept() -> Iterable[Reference]:
    def number(text: str) -> float | None:
        return float(text) if text else None

    text = (files("remit.inference.network") / "reference_results.csv").read_text()
    for row in csv.DictReader(text.splitlines()):
        ours = number(row["remit"])
        yield Reference(
            row["example"],
            row["parameter"],
            (float(row["published"]), number(row["published_low"]), number(row["published_high"])),
            None if ours is None else (ours, number(row["remit_low"]), number(row["remit_high"])),
            False,
            row["source"],
        )


def _bcg(path: Path) -> dict[str, Numbers]:
    contrasts = contrasts_of(make_network(read_table(path, timeless=True), "control"), "RR")
    y = np.array([each.effects[0] for each in contrasts])
    v = np.array([each.cover[0, 0] for each in contrasts])

    def three(found: Pooled) -> Numbers:
        return found.estimate, found.low, found.high

    reml, fixed, test = pool(y, v, "REML"), pool(y, v, "fixed"), egger(y, np.sqrt(v))
    return {
        "REML estimate": three(reml),
        "REML tau2": (reml.tau2, None, None),
        "REML I2": (reml.i2, None, None),
        "REML H2": (reml.h2, None, None),
        "REML Knapp-Hartung estimate": three(pool(y, v, "REML", knapp_hartung=True)),
        "DL estimate": three(pool(y, v, "DL")),
        "fixed estimate": three(fixed),
        "fixed Q": (fixed.q, None, None),
        **({} if test is None else {"Egger t": (test.t, None, None)}),
    }


def _alogliptin(path: Path) -> dict[tuple[str, str], Numbers]:
    """Linear and Emax curves with common effects, no level and the priors of MBNMAtime's programs."""
    from remit.inference.network.design import Priors
    from remit.inference.network.effects import summarise
    from remit.inference.network.fit import Assumptions, fit_network
    from remit.inference.network.settings import Settings

    priors = Priors(100.0, 100.0, 1000**0.5, 20**0.5, 1.0, {"t50": (0.0, 100.0)}, half_normal=True, centred=False)
    network = make_network(_renamed(path), "placebo")
    found: dict[tuple[str, str], Numbers] = {}
    for curve in ("linear", "emax"):
        assumed = Assumptions(curve=curve, effects="common", misfit=False, level=False, priors=priors)
        fit = fit_network(network, assumed, Settings(draws=5000))
        drawn = {name: fit.coefficients["effects"][:, :, n, 0] for n, (_, name) in enumerate(fit.basics.pairs)}
        for name, draws in {**drawn, **fit.parameters}.items():
            seen = summarise(draws.ravel())
            found[f"alog_pcfb {curve}", name] = (seen.median, seen.low, seen.high)
    return found


def _renamed(path: Path) -> Table:
    names = {"studyID": "study", "treatment": "treatment", "time": "time_w", "y": "y", "se": "se"}
    with path.open(newline="") as file:
        records = [{new: row[old] for old, new in names.items()} for row in csv.DictReader(file)]
    return rows_from(records, list(names.values()), path.name)
