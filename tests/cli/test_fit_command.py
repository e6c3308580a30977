"""remit fit: a fit with its report, and refusals with stable exit codes."""

import json
from pathlib import Path

import polars as pl
import pytest

from remit.cli.__main__ import main
from remit.cli.fit import _kept

GOLDEN = Path(__file__).parents[1] / "golden"


def test_a_fit_is_printed_and_written_whole(tmp_path, capsys):
    out = tmp_path / "fit"
    data = str(GOLDEN / "theophylline.csv")
    assert main(["fit", data, "1cpt-oral", "--out", str(out), "--replicates", "200"]) == 0
    said = capsys.readouterr().out
    assert "132 observations of 12 people: log likelihood -179.70" in said
    assert "Converged" in said
    summary = json.loads((out / "summary.json").read_text())
    typical = {row["name"]: row["value"] for row in summary["estimates"] if row["kind"] == "typical"}
    # the SAEM fit of nlmixr2's documentation: 0.464 (SE 0.195), 1.01 (0.085), 3.46 (0.0447)
    for name, (value, se) in {"KA": (0.464, 0.195), "CL": (1.01, 0.085), "V": (3.46, 0.0447)}.items():
        assert abs(typical[name] - value) < 0.1 * se
    assert 0 < summary["npde"]["sd"] < 2
    assert summary["shrinkage"]["KA"] < 10
    for name in ("report.html", "check.svg", "goodness.svg", "people.svg", "fit.nc", "people.csv"):
        assert (out / name).stat().st_size > 500
    assert not list(out.glob("*.tmp"))
    assert "http" not in (out / "report.html").read_text().replace("http://www.w3.org", "")
    shown = pl.read_csv(out / "observations.csv")
    assert shown.height == 132
    assert shown["IWRES"].abs().max() < 6


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["missing.csv", "1cpt-oral"], "there is no file missing.csv", 2),
        (["DATA", "4cpt"], "there is no model '4cpt'", 2),
        (["DATA", "2cpt-oral", "--initial", "V1"], "no starting value", 2),
        (["DATA", "1cpt-oral", "--method", "nonmem"], "unknown method", 2),
        (["DATA", "1cpt-oral", "--error", "odd"], "residual error 'odd'", 2),
        (["DATA", "1cpt-oral", "--covariate", "CL~AGE-40"], "AGE, which is no column", 2),
        (["DATA", "1cpt-oral", "--omega", "CL+X"], "blocks of Omega", 2),
        (["DATA", "1cpt-oral-rates", "--initial", "KE=0.1", "--occasion", "CL"], "cannot follow", 2),
        (["DATA", "1cpt-oral", "--prior", "CL=1,1"], "Add --method nuts", 2),
        (["DATA", "1cpt-oral", "--method", "nuts", "--prior", "CL=x"], "is no prior", 2),
        (["DATA", "1cpt-oral", "--method", "nuts", "--draws", "5"], "100 to 100,000", 2),
    ],
)
def test_what_cannot_be_fitted_is_refused(arguments, said, code, capsys):
    given = [str(GOLDEN / "theophylline.csv") if each == "DATA" else each for each in arguments]
    assert main(["fit", *given]) == code
    assert said in capsys.readouterr().err


def test_an_interruption_says_what_is_kept(tmp_path):
    assert _kept(None) == "Nothing is kept without --out."
    assert "begins anew" in _kept(tmp_path)
    (tmp_path / "nuts.pickle").write_bytes(b"")
    assert "goes on from there" in _kept(tmp_path)
