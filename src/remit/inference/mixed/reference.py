"""Published fits beside remit's, with the same data, model and, where there is one, approximation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from remit.inference.mixed.event_table import read_events
from remit.inference.mixed.fit import fit
from remit.inference.mixed.found import Effort, Fit
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.saem import Schedule, scattered
from remit.inference.mixed.uncertainty import labels, reported
from remit.vocabulary.errors import InputRefused

SHARE, ERRORS, LIKELIHOOD = 0.01, 0.1, 0.1
"""What counts as agreement: of a value, of its standard error, of the log likelihood.  # choice: those of the issue"""
LIKELIHOOD_NAME = "log likelihood"
SEEDS = range(1, 9)
"""Of searches that show what chance does to a fit by simulation.  # choice: eight; each takes about ten seconds"""


@dataclass(frozen=True)
class Published:
    """A fit that somebody printed.

    Attributes:
        name: of data and model.
        tool: that made it.
        source: where it stands.
        table: file of the data, without its ending.
        model: name of the structural model; a file of one's own stands beside the table.
        wishes: the rest of the model.
        method: of remit that is set beside it.
        numbers: printed value by (name, kind); kinds as in `remit.inference.mixed.uncertainty.Row`.
        log_likelihood: as printed; None where it is of another approximation.
        exact: whether the method is the same, so that every printed digit should agree.
        schedule: of a fit by simulation, as its tool documents it.
    """

    name: str
    tool: str
    source: str
    table: str
    model: str
    wishes: Wishes
    method: str
    numbers: Mapping[tuple[str, str], str]
    log_likelihood: str | None
    exact: bool
    schedule: Schedule | None = None


@dataclass(frozen=True)
class Compared:
    """One printed number beside remit's.

    Attributes:
        fit: name of data and model, tool and method.
        number: what it is.
        printed: as published.
        ours: remit's value.
        se: its standard error; None where there is none.
        exact: the exact maximum by adaptive quadrature, where the printed fit is one by simulation; else None.
        chance: lowest and highest value of remit's own simulation with the other program's schedule, over `SEEDS`.
    """

    fit: str
    number: str
    printed: str
    ours: float
    se: float | None
    exact: float | None = None
    chance: tuple[float, float] | None = None

    @property
    def agrees(self) -> bool:
        """Within the printed digits, 1 % or a tenth of a standard error; 0.1 of a log likelihood."""
        apart = abs(self.ours - float(self.printed))
        digits = len(self.printed.partition(".")[2])
        if self.number == LIKELIHOOD_NAME:
            return apart <= max(LIKELIHOOD, 0.5 * 10.0**-digits)
        near = apart <= max(0.5000001 * 10.0**-digits, SHARE * abs(float(self.printed)))
        return near or (self.se is not None and apart <= ERRORS * self.se)

    @property
    def rounded(self) -> str:
        """Remit's value in the printed digits."""
        return f"{self.ours:.{len(self.printed.partition('.')[2])}f}"


_RATES = {"KE": 0.08, "KA": 1.6, "CL": 0.04}
_TWO = {"A1": 2.8, "K1": 2.2, "A2": 0.6, "K2": 0.3}
_BOOK = "R, package nlme on the data sets of R (Pinheiro and Bates 2000, Mixed-Effects Models in S and S-PLUS)"
_RUN = "R 4.2.2 with nlme 3.1-162, run on this problem; the starting values of its help page"
_BENCH = "run by the authors on this problem"


def _typical(**values: str) -> dict[tuple[str, str], str]:
    return {(name, "typical"): value for name, value in values.items()}


def _spread(**values: str) -> dict[tuple[str, str], str]:
    return {(name, "sd"): value for name, value in values.items()}


def _variation(**values: str) -> dict[tuple[str, str], str]:
    return {(name, "cv"): value for name, value in values.items()}


def _error(value: str) -> dict[tuple[str, str], str]:
    return {("additive", "error"): value}


PUBLISHED = (
    Published(
        "theophylline, full Omega", "nlme ML", _BOOK, "theophylline_per_kg", "1cpt-oral-rates",
        Wishes(initial=_RATES, omega=("full",), spread={"KE": 0.15, "KA": 0.6, "CL": 0.25}), "lme",
        _typical(KE="-2.433", KA="0.451", CL="-3.214") | _spread(KE="0.131", KA="0.638", CL="0.251") | _error("0.682"),
        "-173", True,
    ),
    Published(
        "theophylline, KA and CL", "nlme ML", _BOOK, "theophylline_per_kg", "1cpt-oral-rates",
        Wishes(initial=_RATES, random=("KA", "CL")), "lme",
        _typical(KE="-2.455", KA="0.466", CL="-3.227") | _spread(KA="0.644", CL="0.167") | _error("0.709"),
        "-177", True,
    ),
    Published(
        "theophylline, KA and CL", "nlmixr2 focei", _BENCH, "theophylline_per_kg", "1cpt-oral-rates",
        Wishes(initial=_RATES, random=("KA", "CL")), "focei",
        _typical(KE="-2.4656", KA="0.4800", CL="-3.2305") | _spread(KA="0.6560", CL="0.1682") | _error("0.7078"),
        "-176.992", True,
    ),
    Published(
        "theophylline, KA and CL", "25 x 25 quadrature", _BENCH, "theophylline_per_kg", "1cpt-oral-rates",
        Wishes(initial=_RATES, random=("KA", "CL")), "agq",
        _typical(KE="-2.459", KA="0.481", CL="-3.227") | _spread(KA="0.6592", CL="0.1673") | _error("0.7082"),
        "-177.740", True,
    ),
    Published(
        "theophylline, KA, CL and V", "nlmixr2 SAEM", "nlmixr2, documentation of theo_sd", "theophylline", "1cpt-oral",
        Wishes(), "saem",
        _typical(KA="0.464", CL="1.01", V="3.46") | _variation(KA="71.1", CL="27.4", V="13.1") | _error("0.696"),
        None, False, Schedule(search=200, settle=300, chains=3),
    ),
    Published(
        "indomethacin, full Omega of three", "nlme ML", _BOOK, "indomethacin", "biexponential",
        Wishes(initial=_TWO, random=("A1", "K1", "A2"), omega=("full",), spread={"A1": 0.7, "K1": 0.2, "A2": 0.2}),
        "lme",
        _typical(A1="2.815", K1="0.829", A2="0.561", K2="-1.141") | _spread(A1="0.690", K1="0.179", A2="0.154")
        | _error("0.0781"), "58.5", True,
    ),
    Published(
        "heights of pines, asymptote", "nlme ML", _RUN, "loblolly", "asymptotic.py:asymptotic",
        Wishes(initial={"ASYM": 103.0, "R0": -8.5, "LRC": -3.3}, random=("ASYM",)), "lme",
        _typical(ASYM="101.4496", R0="-8.6273", LRC="-3.2338") | _spread(ASYM="3.6506") | _error("0.7189"),
        "-114.743", True,
    ),
    Published(
        "orange trees, logistic", "nlme ML", _RUN, "orange_trees", "logistic.py:logistic",
        Wishes(initial={"ASYM": 170.0, "XMID": 700.0, "SCAL": 350.0}, random=("ASYM",)), "lme",
        _typical(ASYM="191.05", XMID="722.56", SCAL="344.17") | _spread(ASYM="31.483") | _error("7.8463"),
        "-131.585", True,
    ),
)  # fmt: skip
"""Published fits. Variances that their tools print stand here as their roots; nlmixr2 prints coefficients of variation,
sqrt(exp(SD^2) - 1), in percent."""


def compare(folder: Path, report: Callable[[str], None] | None = None) -> list[Compared]:
    """Fit again what was published.

    Args:
        folder: of the tables.
        report: called with the name of each fit.

    Raises:
        InputRefused: a table is not there.
        NotConverged: a fit is none.
    """
    found: list[Compared] = []
    for each in PUBLISHED:
        path = folder / f"{each.table}.csv"
        if not path.is_file():
            raise InputRefused(f"there is no table {path}", where="--data")
        if report is not None:
            report(f"{each.name}, {each.tool}")
        table = read_events(path)
        own = str(folder / each.model) if ".py:" in each.model else each.model
        model, effort = load_model(own, each.wishes, table), Effort(quick=True)
        ours = fit(table, model, each.method, effort=effort)
        # two fits by simulation may differ by what is chance in both: the exact maximum says whose it is
        exact = fit(table, model, "agq", effort=effort) if each.method == "saem" else None
        found += _beside(each, ours, exact, _by_chance(each, ours))
    return found


def _by_chance(each: Published, ours: Fit) -> dict[tuple[str, str], tuple[float, float]]:
    """Lowest and highest value of each number when the search is as long as that of the other program; by seed."""
    if each.schedule is None:
        return {}
    ends = scattered(ours.model, ours.records, ours.model.start[ours.model.free], each.schedule, SEEDS)
    seen = np.array([reported(ours.model, numbers) for numbers in ends])
    found = {}
    for (name, kind), values in zip(labels(ours.model), seen.T, strict=True):
        found[name, kind] = (float(values.min()), float(values.max()))
    return found


def _variation_of(sd: float) -> float:
    """Coefficient of variation [%] of a parameter whose logarithm has that SD."""
    return 100.0 * math.sqrt(math.expm1(sd**2))


def _beside(
    each: Published, ours: Fit, exact: Fit | None, chance: Mapping[tuple[str, str], tuple[float, float]]
) -> list[Compared]:
    title = f"{each.name}: {each.tool} beside {each.method}"
    rows = {(row.name, row.kind): row for row in ours.rows}
    best = {(row.name, row.kind): row.value for row in exact.rows} if exact is not None else {}
    found = []
    for (name, kind), printed in each.numbers.items():
        key = (name, "sd" if kind == "cv" else kind)
        label = {
            "typical": f"{name}, as fitted", "sd": f"SD of {name}", "cv": f"CV of {name} [%]", "error": "residual SD",
        }[kind]  # fmt: skip
        row, as_printed, slope = rows[key], float, 1.0
        if kind == "cv":  # d CV / d SD = SD exp(SD^2) / CV
            as_printed, slope = _variation_of, 1e4 * row.value * math.exp(row.value**2) / _variation_of(row.value)
        found.append(
            Compared(
                title, label, printed, as_printed(row.value), slope * row.se if row.se == row.se else None,
                as_printed(best[key]) if key in best else None,
                (as_printed(chance[key][0]), as_printed(chance[key][1])) if key in chance else None,
            )
        )  # fmt: skip
    if each.log_likelihood is not None:
        found.append(Compared(title, LIKELIHOOD_NAME, each.log_likelihood, ours.log_likelihood, None))
    return found
