"""Uptake of carbon dioxide by plants beside nlme: a function of one's own, covariates on two parameters, a full Omega.

Data set CO2 of R (Potvin, Lechowicz and Tardif 1990): 12 plants, 84 values; ``TYPE`` and ``TREATMENT`` are -1 and 1, as
R codes them by ``contr.helmert``, ``BOTH`` their product. Numbers are those that the scripts and the saved output of
nlme (chapter 8 of Pinheiro and Bates 2000; R 4.6.0) print or begin the next fit with.
"""

from pathlib import Path

import pytest

from remit.inference.mixed.event_table import read_events
from remit.inference.mixed.fit import fit
from remit.inference.mixed.found import Effort
from remit.inference.mixed.model_file import Wishes, load_model

GOLDEN = Path(__file__).parents[1] / "golden"


def fitted(**wishes):
    table = read_events(GOLDEN / "carbon_dioxide.csv")
    start = {"ASYM": 32.0, "LRC": -4.6, "C0": 44.0}
    model = load_model(f"{GOLDEN / 'asymptotic_offset.py'}:asymptotic_offset", Wishes(initial=start, **wishes), table)
    found = fit(table, model, "lme", effort=Effort(quick=True))
    return found, {(row.name, row.kind): row.value for row in found.rows}


def agree(values, printed):
    for key, text in printed.items():
        digits = len(text.partition(".")[2])
        assert values[key] == pytest.approx(float(text), abs=0.51 * 10.0**-digits), key


def test_two_correlated_random_effects():
    found, values = fitted(random=("ASYM", "LRC"), omega=("full",))
    agree(
        values,
        {
            ("ASYM", "typical"): "32.412", ("LRC", "typical"): "-4.560", ("C0", "typical"): "49.344",
            ("ASYM", "sd"): "9.66", ("LRC", "sd"): "0.20", ("ASYM, LRC", "correlation"): "-0.777",
            ("additive", "error"): "1.81",
        },
    )  # fmt: skip
    assert found.criteria["AIC"] == pytest.approx(420, abs=0.5)
    assert found.criteria["BIC"] == pytest.approx(437, abs=0.5)


def test_covariates_on_two_parameters():
    effects = tuple(f"{name}~{covariate}" for name in ("ASYM", "LRC") for covariate in ("TYPE", "TREATMENT", "BOTH"))
    found, values = fitted(random=("ASYM",), covariates=effects)
    agree(
        values,
        {
            ("ASYM", "typical"): "32.371", ("LRC", "typical"): "-4.5267", ("C0", "typical"): "50.126",
            ("ASYM~TYPE", "coefficient"): "-8.0086", ("ASYM~TREATMENT", "coefficient"): "-4.2001",
            ("ASYM~BOTH", "coefficient"): "-2.7253", ("LRC~TYPE", "coefficient"): "0.1311",
            ("LRC~TREATMENT", "coefficient"): "0.0939", ("LRC~BOTH", "coefficient"): "0.1794",
        },
    )  # fmt: skip
    assert found.criteria["AIC"] == pytest.approx(387, abs=0.5)
    assert found.criteria["BIC"] == pytest.approx(414, abs=0.5)
