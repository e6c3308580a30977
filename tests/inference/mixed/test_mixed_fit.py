"""Fits against published ones, and refusals of fits that are none."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.inference.mixed.climb import Summit
from remit.inference.mixed.event_table import parse_events, read_events
from remit.inference.mixed.fit import fit, prepare
from remit.inference.mixed.found import Effort
from remit.inference.mixed.individual import predicted
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.shortfall import endless, explained, flattest, lifted, tries
from remit.vocabulary.errors import InputRefused, NotConverged

GOLDEN = Path(__file__).parents[2] / "golden"


def golden(name, model, **wishes):
    table = read_events(GOLDEN / f"{name}.csv")
    return table, load_model(model, Wishes(**wishes), table)


def value(found, name, kind="typical"):
    return next(row for row in found.rows if row.name == name and row.kind == kind)


@pytest.fixture(scope="module")
def theophylline():
    return golden(
        "theophylline_per_kg", "1cpt-oral-rates", random=["KA", "CL"], initial={"KE": 0.08, "KA": 1.6, "CL": 0.04}
    )


@pytest.fixture(scope="module")
def focei(theophylline):
    return fit(*theophylline, effort=Effort(quick=True))


def test_focei_agrees_with_nlmixr2(focei):
    assert -focei.log_likelihood == pytest.approx(176.992, abs=1e-3)
    for name, published in {"KE": -2.4656, "KA": 0.4800, "CL": -3.2305}.items():
        row = value(focei, name)
        assert abs(row.value - published) < 0.02 * row.se
    assert value(focei, "KA", "sd").value ** 2 == pytest.approx(0.4304, rel=0.01)
    assert value(focei, "CL", "sd").value ** 2 == pytest.approx(0.0283, rel=0.01)
    assert value(focei, "additive", "error").value == pytest.approx(0.7078, rel=0.001)
    assert focei.left < 1e-3
    assert focei.uncertainty.condition < 10


def test_lme_agrees_with_nlme_to_the_printed_digits(theophylline):
    found = fit(*theophylline, "lme")
    assert all(np.isnan(row.robust) for row in found.rows)  # nobody has a score, so there is no sandwich
    assert round(found.log_likelihood, 3) == -177.022
    printed = {"KE": -2.4547, "KA": 0.4657, "CL": -3.2272}
    for name, published in printed.items():
        assert value(found, name).value == pytest.approx(published, abs=1e-4)
    assert value(found, "KA", "sd").value == pytest.approx(0.644, abs=6e-4)
    assert value(found, "CL", "sd").value == pytest.approx(0.167, abs=6e-4)
    assert value(found, "additive", "error").value == pytest.approx(0.709, abs=6e-4)


def test_lme_follows_a_variance_function_as_nlme_does():
    # R 4.2.2 with nlme 3.1-162: nlme(conc ~ SSfol(Dose, Time, lKe, lKa, lCl), random = pdDiag(lKa + lCl ~ 1),
    # weights = varPower(), subset = Time > 0); at time 0 the prediction is 0, and so is its SD
    text = (GOLDEN / "theophylline_per_kg.csv").read_text()
    wishes = Wishes(initial={"KE": 0.09, "KA": 1.6, "CL": 0.04}, random=("KA", "CL"), error=("power",))
    whole = parse_events(text)
    model = load_model("1cpt-oral-rates", wishes, whole)
    with pytest.raises(InputRefused, match="predicts 0, and so has no spread, for 12 observations"):
        fit(whole, model, "lme")
    head, *rows = text.splitlines()
    place = [name.strip().upper() for name in head.split(",")].index("TIME")
    dose = [name.strip().upper() for name in head.split(",")].index("AMT")
    later = [row for row in rows if float(row.split(",")[place]) > 0.0 or row.split(",")[dose] not in {"", ".", "0"}]
    table = parse_events("\n".join([head, *later]))
    assert table.observations == 120
    found = fit(table, load_model("1cpt-oral-rates", wishes, table), "lme", effort=Effort(quick=True))
    rows = {(row.name, row.kind): row.value for row in found.rows}
    printed = {
        ("KE", "typical"): -2.453594, ("KA", "typical"): 0.431288, ("CL", "typical"): -3.227409,
        ("KA", "sd"): 0.6386975, ("CL", "sd"): 0.170107,
        ("proportional", "error"): 0.5195593, ("power", "error"): 0.2299981,
    }  # fmt: skip
    assert {key: rows[key] for key in printed} == pytest.approx(printed, rel=1e-3)
    assert found.log_likelihood == pytest.approx(-168.295347, abs=0.01)


def test_quadrature_finds_the_exact_maximum(theophylline, focei):
    """25 x 25 nodes of an independent program: -2LL 355.480 at -2.459, 0.481, -3.227, variances 0.4346, 0.0280."""
    found = fit(*theophylline, "agq", effort=Effort(nodes=9, quick=True), start=focei.estimated)
    assert -2 * found.log_likelihood == pytest.approx(355.480, abs=2e-3)
    for name, published in {"KE": -2.459, "KA": 0.481, "CL": -3.227}.items():
        assert value(found, name).value == pytest.approx(published, abs=6e-4)
    assert value(found, "KA", "sd").value ** 2 == pytest.approx(0.4346, rel=2e-3)
    assert value(found, "CL", "sd").value ** 2 == pytest.approx(0.0280, rel=4e-3)


def test_a_covariate_moves_a_parameter_of_the_library_by_its_closed_form():
    text = "ID,TIME,AMT,DV,WT\n1,0,100,.,35\n1,1,.,4,35\n1,5,.,2,35\n1,9,.,1,35\n2,0,100,.,140\n2,2,.,3,140\n"
    table = parse_events(text)
    model, records = prepare(
        table, load_model("1cpt-iv", Wishes(initial={"CL": 2.0, "V": 20.0}, covariates=("CL~WT/70^0.75",)), table)
    )
    pop = model.population(jnp.asarray(model.start[model.free]))
    for person, weight in enumerate((35.0, 140.0)):
        own = jax.tree.map(lambda part, place=person: jnp.asarray(part)[place], records)
        times = np.asarray(own.time)
        expected = 100 / 20 * np.exp(-2.0 * (weight / 70) ** 0.75 / 20 * times)
        found = np.asarray(predicted(model, pop, jnp.zeros(model.size), own))
        counted = np.asarray(own.counted)
        np.testing.assert_allclose(found[counted], expected[counted], rtol=1e-12)


def test_a_change_within_a_person_is_refused_where_the_model_cannot_follow_it():
    table = parse_events("ID,TIME,AMT,DV,WT\n1,0,100,.,70\n1,1,.,4,70\n1,5,.,2,71\n")
    wishes = Wishes(initial={"KE": 0.1, "KA": 1.0, "CL": 2.0}, covariates=("CL~WT/70",))
    with pytest.raises(InputRefused, match="WT changes within person 1 and moves CL"):
        prepare(table, load_model("1cpt-oral-rates", wishes, table))


def test_a_fit_that_is_none_is_refused_with_what_to_try():
    """No spread between people at all: the variance goes to zero."""
    rng = np.random.default_rng(3)
    rows = ["ID,TIME,AMT,DV"]
    for person in range(6):
        rows.append(f"{person},0,100,.")
        rows += [f"{person},{t},.,{5 * np.exp(-0.1 * t) * (1 + 0.001 * rng.normal()):.5f}" for t in (1, 2, 4, 8, 12)]
    table = parse_events("\n".join(rows))
    model = load_model("1cpt-iv", Wishes(initial={"CL": 2.0, "V": 20.0}, random=["CL"], error=("proportional",)), table)
    with pytest.raises(NotConverged, match=r"not converged.*--random") as refusal:
        fit(table, model, effort=Effort(quick=True))
    assert refusal.value.exit_code == 4


def test_what_to_try_is_what_this_fit_has_not_done(theophylline):
    _, model = theophylline
    begin = model.start[model.free].copy()
    assert "--method laplace" in tries(model, "focei", begin)
    assert "--method saem" in tries(model, "laplace", begin)
    told = tries(model, "saem", begin)
    assert "--method agq" in told
    assert f"--random {','.join(model.etas[:-1])}" in told
    assert ("diagonal" in told) == any(row != column for row, column in model.entries)
    # a spread that has grown beyond any meaning is named, and what is left of the others
    free = [name for name, flag in zip(model.names, model.free, strict=True) if flag]
    wide = begin.copy()
    wide[free.index(f"chol {model.etas[0]}")] = np.log(50.0)
    assert f"the SD of {model.etas[0]} between people grows without end (here 50)" in endless(model, wide)
    assert not endless(model, begin)
    assert tries(model, "saem", wide).startswith(f"Leave {model.etas[0]} out of the random effects (--random ")
    assert "nuts" in tries(model, "saem", wide)


def test_what_does_not_fit_together_is_refused(theophylline):
    table, model = theophylline
    with pytest.raises(InputRefused, match="unknown method"):
        fit(table, model, "nonmem")
    with pytest.raises(InputRefused, match="points"):
        fit(table, model, "agq", effort=Effort(nodes=999))
    with pytest.raises(InputRefused, match="no spread"):
        fit(table, load_model("1cpt-oral-rates", Wishes(error=("proportional",)), table))
    with pytest.raises(InputRefused, match="has no parameter KX"):
        load_model("1cpt-oral", Wishes(random=["KX"]), table)
    with pytest.raises(InputRefused, match="no covariate effect"):
        load_model("1cpt-oral", Wishes(covariates=["CL*WT"]), table)


def test_a_flat_likelihood_names_what_the_data_say_least_of():
    table = read_events(GOLDEN / "theophylline.csv")
    model = load_model("1cpt-oral", Wishes(omega=("CL+V",)), table)
    size = int(model.free.sum())
    curved, nothing = np.diag([4.0, 100.0, 1.0, *[1.0] * (size - 3)]), np.zeros(size)
    summit = Summit(
        model.start[model.free], -1.0, np.zeros(12), np.zeros((12, size)), np.zeros((12, 3)), np.zeros(12), nothing,
        curved, np.inf, 1, 1,
    )  # fmt: skip
    assert "least of" not in explained(model, summit)  # every number has a bend of its own
    curved[0, 1] = curved[1, 0] = 19.99
    free = [name for name, flag in zip(model.names, model.free, strict=True) if flag]
    assert flattest(model, summit) == [free[0]]
    chol = free.index("chol V,CL")
    curved[chol, chol + 1] = curved[chol + 1, chol] = -0.9999
    curved[0, 1] = curved[1, 0] = 0.0
    assert sorted(flattest(model, summit)) == ["the SD of V between people", "the correlation of V and CL"]
    assert "the data say least of" in explained(model, summit)


def test_a_spread_that_went_to_zero_is_tried_once_more():
    table = read_events(GOLDEN / "theophylline.csv")
    model = load_model("1cpt-oral", Wishes(omega=("CL+V",), initial={"sd V": 0.4}), table)
    free = [name for name, flag in zip(model.names, model.free, strict=True) if flag]
    at, size = model.start[model.free].copy(), len(free)
    at[free.index("chol V")], at[free.index("chol V,CL")], at[free.index("KA")] = -20.0, 1e-9, 0.7

    def summit(left):
        return Summit(
            at, -1.0, np.zeros(12), np.zeros((12, size)), np.zeros((12, 3)), np.zeros(12), np.zeros(size),
            np.eye(size), left, 1, 1,
        )  # fmt: skip

    above = lifted(model, summit(np.inf))
    assert above[free.index("chol V")] == pytest.approx(np.log(0.4))
    assert above[free.index("chol V,CL")] == 0.0
    assert above[free.index("KA")] == 0.7
    assert lifted(model, summit(1e-6)) is None  # a fit that is done is left alone
