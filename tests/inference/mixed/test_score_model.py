"""The response model as a model to fit: the forward function of the answers, and what it takes for granted."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.evidence.instruments import find_scale
from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import prepare
from remit.inference.mixed.individual import predicted
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.score_model import SEARCHED, response_structure
from remit.inference.mixed.words import spoken
from remit.response.grid import course_grid, positions, with_midpoints
from remit.response.relief import Traits, on_scale, session_course
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.dosing import Dose, Regimen, Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused

TABLE = (Path(__file__).parents[2] / "golden" / "scores_of_two.csv").read_text()


def test_a_prediction_is_that_of_the_forward_function():
    table = parse_events(TABLE)
    model, records = prepare(table, load_model("response:GAD-7", Wishes(), table))
    assert model.varying == SEARCHED
    assert [each.name for each in model.parameters if not each.fixed] == list(SEARCHED)
    pop = model.population(jnp.asarray(model.start[model.free]))
    own = jax.tree.map(lambda part: jnp.asarray(part)[0], records)
    found = np.asarray(predicted(model, pop, jnp.zeros(model.size), own))
    value = {each.name: jnp.asarray(each.initial) for each in model.parameters}
    from remit.evidence.assumptions import load_assumptions

    fixed = load_assumptions()
    traits = Traits(
        value["S"], value["KIN"], jnp.log(2.0) / 24.0 / value["HALF"], jnp.asarray(fixed["drive_c50"].value),
        1.0 - jnp.exp(-value["ACUTE"]), jnp.asarray(fixed["acute_c50"].value), value["X"], value["XS"], value["TAU"],
        value["TAUS"],
    )  # fmt: skip
    regimen = Regimen(Drug.KETAMINE, Route.IV, (Dose(0.0, 35.0, 0.667), Dose(72.0, 35.0, 0.667)))
    grid = course_grid(regimen.times_h, [24.0, 168.0], 0.667)
    site = esketamine_equivalent(regimen, 70.0, with_midpoints(grid))[0]
    course = session_course(traits, jnp.asarray(site), jnp.asarray(grid), jnp.asarray(positions(grid, [24.0, 168.0])))
    power = model.structure.predict.args[1]
    expected = 21.0 * float(value["BASE"]) * np.asarray(on_scale(course.left, jnp.asarray(power)))
    np.testing.assert_allclose(found[1:3], expected, rtol=1e-6)
    # before the first dose nothing has changed
    assert found[0] == pytest.approx(21.0 * float(value["BASE"]))
    assert float(value["BASE"]) == pytest.approx(np.mean([15, 12]) / 21)


def test_what_is_asked_to_vary_is_not_left_as_published():
    table = parse_events(TABLE)
    model = load_model("response:GAD-7", Wishes(random=("BASE", "S", "X", "HALF")), table)
    assert not next(each for each in model.parameters if each.name == "HALF").fixed
    only = load_model("response:GAD-7", Wishes(fix=("KIN", "ACUTE", "XS", "TAU", "TAUS"), random=("BASE",)), table)
    assert [each.name for each in only.parameters if not each.fixed] == ["BASE", "S", "X", "HALF"]


def test_a_fit_in_words_says_what_its_parameters_are():
    said = spoken(load_model("response:GAD-7", Wishes(random=("BASE",)), parse_events(TABLE)))
    assert said["estimated"].startswith("BASE, level before the first dose; S, largest fall")
    assert "HALF" not in said["estimated"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("response", "does not say"),
        ("response:GAD-8", "unknown scale"),
        ("response:GAD-7:aspirin", "unknown drug"),
        ("response:GAD-7:ketamine:up", "unknown route"),
    ],
)
def test_an_unknown_name_is_refused(name, said):
    with pytest.raises(InputRefused, match=said):
        response_structure(name)


def test_tables_that_it_cannot_read_are_refused():
    table = parse_events("ID,TIME,AMT,DV,ADDL,II\n1,0,35,.,2,48\n1,24,.,9,.,.\n1,99,.,8,.,.\n")
    with pytest.raises(InputRefused, match="ADDL"):
        prepare(table, load_model("response:GAD-7", Wishes(), table))


def test_the_scale_is_that_of_the_instrument():
    assert response_structure("response:ham-a").name == f"response:{find_scale('HAM-A').name}:ketamine:iv"
