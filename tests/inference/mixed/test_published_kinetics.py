"""What a fit varies of a published model, beside the simulation of the same model."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import fit, prepare
from remit.inference.mixed.found import Effort
from remit.inference.mixed.individual import curve_program
from remit.inference.mixed.model_file import Wishes, load_model
from remit.pharmacology.chosen_records import kinetics
from remit.pharmacology.parent_curve import parent_model
from remit.pharmacology.published_models import Subjects
from remit.pharmacology.simulation import simulate
from remit.vocabulary.dosing import Dose, Regimen, Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused

TIMES = [0.25, 0.7, 1.0, 2.0, 6.0, 13.0, 24.0]


@pytest.mark.parametrize(
    ("model", "route"),
    [
        ("abuhelwa_2022", "iv"), ("domino_1982", "iv"), ("otto_2021", "iv"), ("perez_ruixo_2021", "iv"),
        ("perez_ruixo_2021", "in"), ("perez_ruixo_2021", "po"), ("simons_2022", "sl"), ("abuhelwa_2022", "im"),
    ],
)  # fmt: skip
def test_at_published_values_it_is_the_published_curve(model, route):
    kg, way = 82.0, Route(route)
    length = 2.0 / 3.0 if way is Route.IV else 0.0
    given = [(at, f"1,{at},{mg},{length},.,{kg}") for at, mg in ((0, 56.0), (12, 28.0))]
    rows = sorted([*given, *((time, f"1,{time},.,.,1,{kg}") for time in TIMES)])
    table = parse_events("ID,TIME,AMT,DUR,DV,WT\n" + "\n".join(line for _, line in rows))
    fitted, records = prepare(table, load_model(f"ketamine:{model}:{route}", Wishes(), table))
    own = jax.tree.map(lambda part: part[0], records.doses)
    values = {each.name: jnp.asarray(each.initial) for each in fitted.parameters}
    found = jax.jit(fitted.structure.predict)(
        values,
        own,
        jnp.asarray(records.time)[0],
        {key: jnp.asarray(part)[0] for key, part in records.covariates.items()},
    )
    drug = Drug(parent_model(model, way).drug)
    regimen = Regimen(drug, way, (Dose(0.0, 56.0, length), Dose(12.0, 28.0, length)))
    expected = simulate(kinetics(drug, way, model), regimen, TIMES, Subjects(jnp.array([kg]))).values[0, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_what_is_published_begins_the_search_and_the_rest_stays():
    table = parse_events("ID,TIME,AMT,DUR,DV\n1,0,40,0.67,.\n1,1,.,.,200\n")
    model = load_model("ketamine:otto_2021", Wishes(), table)
    assert model.varying == ("V1", "CL")
    assert [each.name for each in model.parameters if each.fixed] == ["Vp1", "Vp2", "Q1", "Q2"]
    free = load_model("ketamine:otto_2021", Wishes(random=["CL", "Q1"]), table)
    assert set(free.varying) == {"CL", "Q1"}
    by_nose = load_model("ketamine:perez_ruixo_2021:in", Wishes(random=["Vc", "kel", "FRn"]), table)
    assert {each.name: each.transform for each in by_nose.parameters}["FRn"] == "logit"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ketamine:kamp_2020", "cannot be fitted"), ("ketamine:otto_2021:in", "nasal"), ("ketamine", "does not name"),
        ("ketamine:otto_2021:by-ear", "route"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(name, words):
    table = parse_events("ID,TIME,AMT,DV\n1,0,40,.\n1,1,.,200\n")
    with pytest.raises(InputRefused, match=words):
        load_model(name, Wishes(), table)


def test_a_weight_that_is_missing_is_refused():
    table = parse_events("ID,TIME,AMT,DV,WT\n1,0,40,.,70\n1,1,.,200,70\n2,0,40,.,.\n2,1,.,150,.\n")
    with pytest.raises(InputRefused, match="WT of person 2"):
        prepare(table, load_model("ketamine:abuhelwa_2022", Wishes(), table))


def clinic(people=24, seed=3):
    """A table of people whose clearance is 0.8 of the published one, three samples each."""
    table = "ID,TIME,AMT,DUR,DV,WT\n"
    chance = np.random.default_rng(seed)
    for person in range(people):
        kg = chance.uniform(50, 100)
        table += f"{person},0,{0.5 * kg},0.667,.,{kg}\n"
        table += "".join(f"{person},{time},.,.,1,{kg}\n" for time in (0.75, 2.0, 5.0))
    return parse_events(table)


def made(table, share=0.8, seed=4):
    """The table with concentrations of simulated people."""
    wishes = Wishes(error=["proportional"], initial={"CL": share * 69.6, "proportional": 0.1})
    model, records = prepare(table, load_model("ketamine:abuhelwa_2022", wishes, table))
    chance = np.random.default_rng(seed)
    b = chance.normal(size=(len(table.people), model.size))
    curve = np.asarray(curve_program(model, True)(model.start[model.free], b, records))
    seen = curve * (1.0 + 0.1 * chance.normal(size=curve.shape))
    events = []
    for own, values in zip(table.events, seen, strict=True):
        drawn = iter(values)
        events.append(tuple(e if e.dv is None else dataclasses.replace(e, dv=float(next(drawn))) for e in own))
    return dataclasses.replace(table, events=tuple(events))


def test_a_clinic_finds_its_own_clearance_and_published_people_pull_it_back():
    table = made(clinic())
    found = {}
    for weight in (0.0, 24.0, 1e6):
        wishes = Wishes(error=["proportional"], published=weight)
        ours = fit(table, load_model("ketamine:abuhelwa_2022", wishes, table), effort=Effort(quick=True))
        found[weight] = {(row.name, row.kind): row for row in ours.rows}
        assert ours.log_likelihood == pytest.approx(float(ours.each.sum()))
    alone, equal, published = (found[weight]["CL", "typical"] for weight in (0.0, 24.0, 1e6))
    assert abs(alone.value - np.log(0.8 * 69.6)) < 3.0 * alone.se
    assert alone.natural < 65.0
    assert published.natural == pytest.approx(69.6, rel=1e-3)
    # as many published people as own ones: about half way, and surer
    half = 0.5 * (alone.value + np.log(69.6))
    assert equal.value == pytest.approx(half, abs=0.03)
    assert equal.se < alone.se


def test_a_weight_needs_published_values_and_a_method_that_takes_it():
    table = clinic(3)
    with pytest.raises(InputRefused, match="no published values"):
        load_model("1cpt-iv", Wishes(published=5), table)
    with pytest.raises(InputRefused, match="no part in saem"):
        fit(table, load_model("ketamine:abuhelwa_2022", Wishes(published=5), table), "saem")


def test_what_a_published_model_does_not_take_is_refused():
    header = "ID,TIME,AMT,DUR,DVID,DV,{}\n1,0,28,0,.,.,1\n1,1,.,.,{},40,1\n1,2,.,.,1,30,1\n"
    for model, column, output, said in (
        ("ketamine:perez_ruixo_2021:in", "ASIAN", "1", "published factor for asian people"),
        ("ketamine:otto_2021", "ASIAN", "2", "predicts one output"),
    ):
        table = parse_events(header.format(column, output))
        with pytest.raises(InputRefused, match=said):
            prepare(table, load_model(model, Wishes(), table))
