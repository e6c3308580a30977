"""remit exposure and remit validate from a command line to their exit codes."""

import json

import numpy as np
import pytest

from remit.cli.__main__ import main

LITTLE = ["--people", "25"]


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch):
    monkeypatch.setattr("remit.cli.compiled.cache_folder", lambda: None)


def run(capsys, *words):
    code = main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


def test_the_page_gives_every_measure_of_drug_and_metabolite(capsys, tmp_path):
    picture = tmp_path / "a.svg"
    code, out, _ = run(
        capsys, "exposure", "--route", "iv", "--dose", "0.5mg/kg", "--over", "40min", "--weight", "70", *LITTLE,
        "--chart", str(picture),
    )  # fmt: skip
    assert code == 0
    for word in ("Cmax", "Tmax", "AUC", "half-life", "ketamine", "norketamine", "Assumed", "Not medical advice"):
        assert word in out
    assert "norketamine" in picture.read_text()


def test_json_holds_curves_with_bands_around_the_typical_person(capsys):
    code, out, _ = run(capsys, "exposure", "--json", *LITTLE)
    assert code == 0
    found = json.loads(out)
    parent = found["analytes"][0]
    curve = {name: np.array(values) for name, values in parent["curve_ng_per_ml"].items()}
    assert (curve["people_low"] <= curve["people_high"] + 1e-12).all()
    assert parent["cmax_ng_per_ml"]["typical"] == pytest.approx(curve["typical"].max(), rel=1e-6)
    trapezoid = np.trapezoid(curve["typical"], found["time_h"])
    assert 0.97 * parent["auc_ng_h_per_ml"]["typical"] < trapezoid <= parent["auc_ng_h_per_ml"]["typical"] * 1.001


def test_the_same_seed_gives_the_same_people_and_half_the_dose_half_the_level(capsys):
    once, again = (run(capsys, "exposure", "--json", "--seed", "4", *LITTLE)[1] for _ in range(2))
    assert once == again
    half = json.loads(run(capsys, "exposure", "--json", "--seed", "4", "--dose", "0.25mg/kg", *LITTLE)[1])
    single = json.loads(once)
    for each, other in zip(single["analytes"], half["analytes"], strict=True):
        for name in ("typical", "low", "high"):
            assert other["cmax_ng_per_ml"][name] == pytest.approx(0.5 * each["cmax_ng_per_ml"][name], rel=1e-6)


@pytest.mark.parametrize("route", ["im", "sc", "sl", "in", "po"])
def test_an_assumed_absorption_is_said(route, capsys):
    code, out, _ = run(capsys, "exposure", "--route", route, "--dose", "0.5mg/kg", *LITTLE, "--extrapolate")
    assert code == 0
    assert "Absorption assumed" in out


def test_a_published_absorption_is_not_called_assumed(capsys):
    code, out, _ = run(capsys, "exposure", "--drug", "esketamine", "--route", "in", "--dose", "56mg", *LITTLE)
    assert code == 0
    assert "perez_ruixo_2021" in out
    assert "Absorption assumed" not in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--route", "nose"], 2, "Allowed: iv"),
        (["--dose", "0.5"], 2, "mg/kg"),
        (["--dose", "50mg/kg"], 7, "--extrapolate"),
        (["--route", "im", "--over", "40min"], 2, "no infusion time"),
        (["--model", "otto"], 2, "--model"),
        (["--drug", "esketamine", "--dose", "0.2mg/kg", "--model", "clements_1981_250"], 2, "--model"),
        (["--until", "90d"], 2, "--until"),
        (["--age", "-3"], 2, "age"),
        (["--chart", "a.gif"], 2, ".svg"),
        (["--people", "0"], 2, "people"),
    ],
)
def test_refusals_write_nothing(words, code, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, out, err = run(capsys, "exposure", *words)
    assert found == code, err
    assert said in err
    assert not out
    assert not list(tmp_path.iterdir())


def test_validate_compares_rows_and_explains_misses(capsys, tmp_path):
    page = tmp_path / "page.md"
    code, out, _ = run(capsys, "validate", "exposure", "--study", "fanta2015", "--page", str(page))
    assert code == 0
    assert "fold error" in out
    assert "complete model, same sampling site" in out
    text = page.read_text()
    assert "## Every miss (1 of 2)" in text
    assert "Fanta estimated that 8 %" in text
    assert "<svg" in page.with_suffix(".svg").read_text()
    code, out, _ = run(capsys, "validate", "exposure", "--json", "--study", "otto2021_chdr1311")
    found = json.loads(out)
    assert {each["study"] for each in found} == {"otto2021_chdr1311"}
    assert all(each["near"] or each["why"] for each in found)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--study", "oto2021_chdr1311"], 2, "otto2021_chdr1311"),
        (["--page", "/nowhere/x.md"], 6, "there is no folder"),
        (["--page", "x.txt"], 2, "FILE.md"),
    ],
)
def test_validate_refuses(words, code, said, capsys):
    found, _, err = run(capsys, "validate", "exposure", *words)
    assert found == code
    assert said in err
