"""The posterior: what is written is what is read, and what saw other evidence is refused."""

import json

import jax
import numpy as np
import pytest

from remit.evidence.assumptions import load_assumptions
from remit.inference import fitted
from remit.inference.before_data import before_data
from remit.inference.check_tables import load_checks, load_held_out, save_checks, save_held_out
from remit.inference.priors import distribution, prior
from remit.inference.row_check import LEVELS, HeldOut, RowCheck, coverage
from remit.vocabulary.errors import EvidenceRefused, InputRefused, StalePosterior
from remit.vocabulary.people import Diagnosis


def test_a_posterior_comes_back_as_it_was(tmp_path):
    made = before_data(20, 1)
    fitted.save(made, tmp_path)
    back = fitted.load(tmp_path)
    assert back.names == made.names
    assert back.draws.keys() == made.draws.keys()
    for name, value in made.draws.items():
        np.testing.assert_array_equal(back.draws[name], value)
    assert not list(tmp_path.glob("*.tmp"))


def test_a_posterior_of_other_evidence_is_refused(tmp_path):
    fitted.save(before_data(5, 1), tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["evidence_hash"] = "0" * 64
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StalePosterior, match="remit calibrate") as refusal:
        fitted.load(tmp_path)
    assert refusal.value.exit_code == 5
    with pytest.raises(StalePosterior, match="no calibrated posterior"):
        fitted.load(tmp_path / "nowhere")


def test_a_member_never_seen_is_drawn_from_the_spread_of_its_group():
    import jax

    made = before_data(4000, 2)
    fresh = np.asarray(made.member("diagnosis_drug", "never_seen", jax.random.key(3)))
    assert fresh.std() == pytest.approx(np.sqrt((made.draws["diagnosis_drug_sd"] ** 2).mean()), rel=0.1)
    with pytest.raises(InputRefused, match="never_seen"):
        made.member("diagnosis_drug", "never_seen")


def test_checks_come_back_and_are_counted(tmp_path):
    rows = [
        RowCheck(
            "a2020", "outcomes/a2020.csv, line 2", "total, HAM-A at 24 h", 12.0, 14.0, ((13, 15), (11, 17), (9, 19))
        ),
        RowCheck(
            "a2020", "outcomes/a2020.csv, line 3", "total, HAM-A at 72 h", 30.0, 14.0, ((13, 15), (11, 17), (9, 19))
        ),
    ]
    save_checks(rows, tmp_path)
    assert load_checks(tmp_path) == rows
    assert [coverage(rows, level) for level in LEVELS] == [0.0, 0.5, 0.5]


def test_held_out_rows_come_back_and_without_them_the_remedy_is_said(tmp_path):
    row = RowCheck("a2020", "outcomes/a2020.csv:2", "total, HAM-A at 24 h", 12.0, 14.0, ((13, 15), (11, 17), (9, 19)))
    rows = [HeldOut(row, "ketamine, intravenous", "SAD", False, 0.25, True, 0.5)]
    save_held_out(rows, tmp_path)
    assert load_held_out(tmp_path) == rows
    assert not list(tmp_path.glob("*.tmp"))
    with pytest.raises(StalePosterior, match="remit calibrate"):
        load_held_out(tmp_path / "nowhere")


def test_priors_are_those_of_the_assumptions():
    for name, assumption in load_assumptions().items():
        if assumption.kind != "prior":
            with pytest.raises(EvidenceRefused, match="not a prior"):
                distribution(assumption)
            continue
        drawn = prior(name)
        if assumption.family == "normal":
            assert float(drawn.mean) == assumption.mean
            assert float(drawn.variance) == pytest.approx(assumption.sd**2)
        else:
            assert float(drawn.mean) == pytest.approx(assumption.scale * np.sqrt(2 / np.pi))


def test_the_shipped_posterior_saw_todays_evidence_and_converged():
    posterior = fitted.load()
    found = posterior.manifest["diagnostics"]
    assert found["rhat"] < 1.01
    assert found["ess"] > 400
    assert posterior.size == 1000
    assert all(np.isfinite(value).all() for value in posterior.draws.values())
    checks = load_checks()
    assert len(checks) > 300
    assert coverage(checks, 0.95) > 0.85
    assert 0.35 < coverage(checks, 0.5) < 0.85


@pytest.mark.parametrize("diagnosis", Diagnosis)
def test_one_program_serves_every_diagnosis(diagnosis):
    posterior, key = fitted.load().thinned(7), jax.random.key(4)
    own = fitted.people_of(posterior, diagnosis, key)
    for name, value in fitted.session_population(posterior, diagnosis, key)._asdict().items():
        np.testing.assert_allclose(getattr(own, name), value, rtol=1e-12, err_msg=name)
    known = diagnosis.value in posterior.names["diagnosis"]
    assert len(fitted.of_one_diagnosis(posterior, diagnosis).names["diagnosis"]) == known
