"""SAEM against nlmixr2's, its simulated score against the exact one, and the complete-data density against parts."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from remit.inference.mixed.complete import complete_density, free_parts, person_means
from remit.inference.mixed.event_table import parse_events, read_events
from remit.inference.mixed.fit import fit, prepare
from remit.inference.mixed.marginal import Method, compiled
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.saem import settle
from remit.inference.mixed.starting import pooled
from remit.vocabulary.errors import NotConverged

GOLDEN = Path(__file__).parents[2] / "golden"
TABLE = "ID,TIME,AMT,DV,WT\n1,0,100,.,50\n1,1,.,4,50\n1,5,.,2,50\n2,0,100,.,90\n2,2,.,3,90\n2,9,.,1,90\n"


def small(**wishes):
    table = parse_events(TABLE)
    return prepare(table, load_model("1cpt-iv", Wishes(initial={"CL": 2.0, "V": 20.0}, **wishes), table))


def test_every_estimate_has_one_place():
    model, records = small(random=["CL"], covariates=["CL~WT/70"], error=["combined"])
    parts = free_parts(model, records)
    named = [name for name, free in zip(model.names, model.free, strict=True) if free]
    assert [named[place] for place in parts.mean] == ["CL", "CL~WT"]
    assert [named[place] for place in parts.entries] == ["chol CL"]
    assert [named[place] for place in parts.other] == ["V", "additive", "proportional"]
    assert parts.closed == ()
    offset, design = person_means(model, records, parts)
    np.testing.assert_allclose(offset, 0.0)
    np.testing.assert_allclose(design[:, 0], [[1.0, np.log(50 / 70)], [1.0, np.log(90 / 70)]])


def test_the_complete_density_is_that_of_its_parts():
    model, records = small(omega=["full"])
    x = jnp.asarray(model.start[model.free])
    phi = np.array([np.log(2.3), np.log(18.0)])
    own = jax.tree.map(lambda part: jnp.asarray(part)[0], records)
    found = float(complete_density(model, x, jnp.asarray(phi), jnp.zeros((1, 0)), own))
    pop = model.population(np.asarray(x))
    curve = 100 / 18.0 * np.exp(-2.3 / 18.0 * np.array([1.0, 5.0]))
    expected = norm.logpdf([4.0, 2.0], curve, pop.error_sd[0]).sum()
    expected += multivariate_normal.logpdf(phi, np.log([2.0, 20.0]), pop.factor @ pop.factor.T)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.fixture(scope="module")
def theophylline():
    table = read_events(GOLDEN / "theophylline.csv")
    return table, load_model("1cpt-oral", Wishes(), table)


@pytest.fixture(scope="module")
def saem(theophylline):
    return fit(*theophylline, "saem")


def test_saem_agrees_with_nlmixr2(saem):
    """Estimates and SE of nlmixr2's documentation of theo_sd; SDs from its coefficients of variation."""
    rows = {(row.name, row.kind): row for row in saem.rows}
    for name, (value, se) in {"KA": (0.464, 0.195), "CL": (1.01, 0.085), "V": (3.46, 0.0447)}.items():
        row = rows[name, "typical"]
        assert abs(row.value - value) < max(0.01 * value, 0.1 * se)
        assert row.se == pytest.approx(se, rel=0.1)
    for name, value in {"KA": 0.711, "CL": 0.274, "V": 0.131}.items():
        row = rows[name, "sd"]
        sd = np.sqrt(np.log1p(value**2))
        assert abs(row.value - sd) < max(0.01 * sd, 0.15 * row.se)
    assert rows["additive", "error"].value == pytest.approx(0.696, rel=0.01)
    assert saem.left < 0.1
    assert saem.simulation["step_noise_se"] < 0.05


@pytest.mark.slow
def test_the_score_by_simulation_is_the_exact_one(theophylline, saem):
    """At the end of SAEM the exact likelihood, by quadrature, leaves as small a step as SAEM says."""
    model, records = prepare(*theophylline)
    run = compiled(model, Method.QUADRATURE, 5, quick=True)
    found = run(saem.estimated, records, saem.modes)
    assert float(np.asarray(found.each).sum()) == pytest.approx(
        saem.log_likelihood, abs=4 * saem.simulation["log_likelihood_error"] + 0.01
    )
    score = np.asarray(found.scores).sum(axis=0)
    step = saem.uncertainty.covariance @ score
    assert np.sqrt(score @ step) < 0.15


@pytest.mark.slow
def test_the_same_seed_gives_the_same_numbers(theophylline, saem):
    model, records = prepare(*theophylline)
    again = settle(model, records, pooled(model, records, model.start[model.free], quick=False), seed=1)
    np.testing.assert_array_equal(again.estimated, saem.estimated)


@pytest.mark.slow
def test_no_spread_between_people_is_no_fit():
    rng = np.random.default_rng(3)
    rows = ["ID,TIME,AMT,DV"]
    for person in range(6):
        rows.append(f"{person},0,100,.")
        rows += [f"{person},{t},.,{5 * np.exp(-0.1 * t) + 0.05 * rng.normal():.5f}" for t in (1, 2, 4, 8, 12)]
    table = parse_events("\n".join(rows))
    with pytest.raises(NotConverged, match="not converged"):
        fit(table, load_model("1cpt-iv", Wishes(initial={"CL": 2.0, "V": 20.0}, random=["CL"]), table), "saem")
