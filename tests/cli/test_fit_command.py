"""remit fit: a fit with its report, and refusals with stable exit codes."""

import json
from pathlib import Path

import polars as pl
import pytest

from remit.cli.__main__ import main
from remit.cli.analysis_folder import UNDER_WAY
from remit.cli.fit import _kept
from remit.vocabulary.errors import NotConverged

GOLDEN = Path(__file__).parents[1] / "golden"


def test_a_fit_is_printed_and_written_whole(tmp_path, capsys):
    out = tmp_path / "fit"
    data = str(GOLDEN / "theophylline.csv")
    units = ["--unit", "TIME=h", "--unit", "AMT=mg", "--unit", "DV=mg/L"]
    assert main(["fit", data, "1cpt-oral", "--out", str(out), "--replicates", "200", *units]) == 0
    said = capsys.readouterr().out
    assert "132 observations of 12 people: log likelihood −179.70" in said
    assert "2.75 (2.34 to 3.24)    L/h" in said
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
    page = (out / "report.html").read_text()
    for words in ("The typical person: KA 1.59 1/h (1.09 to 2.32)", "time [h]", "observed [mg/L]", "(pcVPC)", "NPDE"):
        assert words in page
    errors = [row["NPDE"] for row in summary["rows"]]
    assert len(errors) == 132
    assert sum(errors) / 132 == pytest.approx(summary["npde"]["mean"])
    # a course goes through the predictions at the times observed, and is finer between them
    first = next(each for each in summary["courses"] if each["ID"] == "1")
    placed = dict(zip(first["time"], first["own"], strict=True))
    for row in summary["rows"][:11]:
        assert placed[row["TIME"]] == pytest.approx(row["IPRED"], rel=1e-4, abs=1e-6)
    assert len(placed) > 40


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
        (["DATA", "1cpt-oral", "--unit", "TIME"], "names no unit", 2),
        (["DATA", "1cpt-oral", "--unit", "TIMES=h"], "Did you mean 'TIME'?", 2),
        (["DATA", "1cpt-oral", "--method", "nuts", "--prior", "CL=x"], "is no prior", 2),
        (["DATA", "1cpt-oral", "--method", "nuts", "--draws", "5"], "100 to 100,000", 2),
    ],
)
def test_what_cannot_be_fitted_is_refused(arguments, said, code, capsys):
    given = [str(GOLDEN / "theophylline.csv") if each == "DATA" else each for each in arguments]
    assert main(["fit", *given]) == code
    assert said in capsys.readouterr().err


def test_a_failed_fit_leaves_why_and_what_an_earlier_one_wrote(tmp_path, capsys, monkeypatch):
    from remit.inference.mixed import fit as fitting

    def failing(*_, **__):
        raise NotConverged("not converged: flat", remedy="Leave V out", where="own.csv, 1cpt-oral")

    monkeypatch.setattr(fitting, "fit", failing)
    asked = ["fit", str(GOLDEN / "theophylline.csv"), "1cpt-oral", "--out", str(tmp_path)]
    assert main(asked) == 4
    said = capsys.readouterr()
    assert "own.csv, 1cpt-oral: not converged: flat. Leave V out." in said.err
    assert "failed.html" in said.err
    assert "earlier" not in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["failed.html"]
    (tmp_path / "summary.json").write_text("{}")
    assert main(asked) == 4
    assert "are of an earlier fit" in capsys.readouterr().err
    assert (tmp_path / "summary.json").exists()


@pytest.mark.parametrize(("method", "kept"), [("nuts", True), ("saem", False)])
def test_too_few_draws_can_be_gone_on_with(tmp_path, monkeypatch, method, kept):
    from remit.inference.mixed import fit as fitting

    def failing(*_, folder, **__):
        (folder / f"{method}.pickle").write_bytes(b"draws")
        raise NotConverged("not converged: 300 effective draws", remedy="Take more draws")

    monkeypatch.setattr(fitting, "fit", failing)
    asked = ["fit", str(GOLDEN / "theophylline.csv"), "1cpt-oral", "--method", method, "--out", str(tmp_path)]
    assert main(asked) == 4
    assert (tmp_path / UNDER_WAY / f"{method}.pickle").exists() == kept


def test_an_interruption_says_what_is_kept(tmp_path):
    assert _kept(None) == "Nothing is kept without --out."
    assert "begins anew" in _kept(tmp_path)
    (tmp_path / "nuts.pickle").write_bytes(b"")
    assert "goes on from there" in _kept(tmp_path)
