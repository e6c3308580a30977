"""Words, numbers and pages of a mixed-effects fit."""

import pytest

from remit.reports.fit_page import answer, criteria_rows, estimate_rows, figures, scales, write_failure
from remit.vocabulary.errors import NotConverged


def row(name, kind, value, natural, se=0.1, **more):
    usual = {"name": name, "kind": kind, "value": value, "natural": natural, "se": se, "robust": se, "low": natural / 2}
    return {**usual, "high": 2 * natural, "rhat": None, "ess": None, "unit": "", "scale": "", "cv": None, **more}


def summary(*rows, **more):
    usual = {"method": "focei", "outputs": ["1"], "units": {}, "shrinkage": {}, "estimates": list(rows)}
    return {**usual, "-2LL": -12.5, "AIC": 1.0, "BIC": 2.0, **more}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (29.0, "29.0"),
        (1.0, "1.00"),
        (-0.28071, "−0.281"),
        (0.000123, "0.000123"),
        (132.4, "132"),
        (12345.6, "12346"),
        (2.5e7, "2.50e+07"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_numbers_have_the_digits_that_count(value, text):
    assert figures(value) == text


def test_the_answer_is_of_the_typical_person():
    found = summary(
        row("CL", "typical", 1.01, 2.75, unit="L/h"), row("V", "typical", 3.0, 20.0), row("KA", "typical", 0, 1, None),
        row("CL", "sd", 0.3, 0.3),
    )  # fmt: skip
    assert answer(found) == "The typical person: CL 2.75 L/h (1.38 to 5.50), V 20.0 (10.0 to 40.0)."
    assert answer(summary(row("CL", "sd", 0.3, 0.3))) == "Nothing of the typical person was estimated."


def test_columns_without_anything_are_left_out_and_each_output_has_its_shrinkage():
    found = summary(
        row("CL", "typical", 1.01, 2.75, scale="log"),
        row("E0", "typical", 2.0, 2.0, None, scale="identity"),
        row("CL", "sd", 0.3, 0.3),
        row("additive cp", "error", 0.1, 0.1),
        row("proportional cp", "error", 0.1, 0.1),
        row("additive effect", "error", 0.1, 0.1),
        outputs=["cp", "effect"],
        shrinkage={"CL": -0.3, "residual cp": 12.0, "residual effect": -4.0},
    )
    header, rows = estimate_rows(found)
    assert header == ["", "estimate (95 % interval)", "as fitted", "SE", "robust SE", "shrinkage"]
    bare = {**found, "method": "lme", "estimates": [{**each, "robust": None} for each in found["estimates"]]}
    assert "robust SE" not in estimate_rows(bare)[0]
    assert {len(row) for row in estimate_rows(bare)[1]} == {5}
    assert [each[-1] for each in rows] == ["", "", "0 %", "12 %", "", "−4 %"]
    assert rows[1][1] == "2.00, not estimated"
    assert scales(found).startswith("As fitted and SE: on the scale of the search, natural logarithm of CL; others as")
    assert "--unit TIME=h" in scales(found)
    given = summary(
        row("CL", "sd", 0.6343, 0.6343, cv=70.3), row("CL", "typical", 1.0, 2.7, unit="L/h"),
        units={"TIME": "h", "1": "mg/L"},
    )  # fmt: skip
    header, rows = estimate_rows(given)
    assert header[2:4] == ["unit", "CV"]
    assert rows[0][2:4] == ["", "70 %"]
    assert "--unit" not in scales(given)
    assert criteria_rows(given)[1] == [["−12.500", "1.000", "2.000"]]


def test_the_power_of_an_error_is_no_sd():
    _, found = estimate_rows(summary(row("proportional 1", "error", 0.2, 0.2), row("power 1", "error", 0.9, 0.9)))
    assert [each[0] for each in found] == ["proportional 1, residual SD", "power 1, exponent of the residual SD"]


def test_a_failed_fit_is_a_page_without_estimates(tmp_path):
    fault = NotConverged("not converged: the step left is 3", remedy="Leave KOUT out", where="own.csv, 1cpt-iv")
    write_failure(fault, {"structure": "1cpt-iv", "random effects": "CL; V"}, "focei", tmp_path)
    page = (tmp_path / "failed.html").read_text()
    for said in ("There is no result", "own.csv, 1cpt-iv: Not converged", "Leave KOUT out.", "method: FOCE-I"):
        assert said in page
    assert not (tmp_path / "report.html").exists()
