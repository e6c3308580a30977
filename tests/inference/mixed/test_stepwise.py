"""Parameters that change within a person: against the closed form where they do not, and an ODE where they do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import fit, prepare
from remit.inference.mixed.found import Effort
from remit.inference.mixed.kinetics import LIBRARY
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.stepwise import stepped, stepwise
from remit.inference.mixed.written_out import padded
from remit.vocabulary.errors import InputRefused

VALUES = {"KA": 1.3, "CL": 2.0, "V": 20.0, "V1": 15.0, "Q": 3.0, "V2": 30.0, "Q3": 1.0, "V3": 60.0}
TABLE = """ID,TIME,AMT,DUR,CMT,ADDL,II,EVID,DV
1,0,100,.,1,2,6,1,.
1,0.5,.,.,.,.,.,0,1
1,2,60,1.5,2,.,.,1,.
1,3,.,.,.,.,.,0,1
1,6,.,.,.,.,.,0,1
1,9,.,.,.,.,.,0,1
1,15,.,.,.,.,.,3,.
1,15,.,.,.,.,.,0,1
1,16,50,.,2,.,.,4,.
1,20,.,.,.,.,.,0,1
"""


def own(part):
    return jax.tree.map(lambda each: jnp.asarray(each)[0], part)


@pytest.mark.parametrize("name", ["1cpt-iv", "1cpt-oral", "2cpt-oral", "3cpt-iv"])
def test_without_change_it_is_the_closed_form(name):
    table = parse_events(TABLE)
    values = {key: jnp.asarray(VALUES[key]) for key in LIBRARY[name].parameters}
    usual = own(padded(table, ("1",)))
    expected = np.asarray(LIBRARY[name].predict(values, usual.doses, usual.time, {}))
    structure = stepwise(LIBRARY[name])
    rows = own(stepped(table, structure))
    found = np.asarray(structure.predict(values, rows.doses, rows.time, rows.setting))
    np.testing.assert_allclose(found[np.asarray(rows.counted)], expected, rtol=1e-10, atol=1e-12)


STEADY = """ID,TIME,AMT,DUR,CMT,ADDL,II,EVID,SS,DV
1,0,100,.,1,1,6,1,1,.
1,0.5,.,.,.,.,.,0,.,1
1,7,.,.,.,.,.,0,.,1
1,12,60,1.5,2,.,8,1,2,.
1,13,.,.,.,.,.,0,.,1
1,17,.,.,.,.,.,0,.,1
1,24,40,.,2,2,12,1,1,.
1,25,.,.,.,.,.,0,.,1
1,40,.,.,.,.,.,0,.,1
"""


@pytest.mark.parametrize("name", ["1cpt-iv", "1cpt-oral", "2cpt-oral"])
def test_a_steady_state_is_that_of_the_closed_form(name):
    table = parse_events(STEADY)
    values = {key: jnp.asarray(VALUES[key]) for key in LIBRARY[name].parameters} | {"F": jnp.asarray(0.7)}
    usual = own(padded(table, ("1",)))
    expected = np.asarray(LIBRARY[name].predict(values, usual.doses, usual.time, {}))
    structure = stepwise(LIBRARY[name])
    rows = own(stepped(table, structure))
    found = np.asarray(structure.predict(values, rows.doses, rows.time, rows.setting))
    np.testing.assert_allclose(found[np.asarray(rows.counted)], expected, rtol=1e-9)


def test_a_weight_that_moves_is_that_of_an_ode():
    """Clearance follows the weight of the later of two rows, as in NONMEM."""
    text = "ID,TIME,AMT,DV,WT\n1,0,100,.,50\n" + "".join(f"1,{t},.,1,{50 + 10 * t}\n" for t in (1, 2, 4, 8))
    table = parse_events(text)
    wishes = Wishes(initial={"KA": 1.3, "CL": 2.0, "V": 20.0}, covariates=("CL~WT/70^0.75",))
    model, records = prepare(table, load_model("1cpt-oral", wishes, table))
    from remit.inference.mixed.individual import predicted

    pop = model.population(jnp.asarray(model.start[model.free]))
    found = np.asarray(predicted(model, pop, jnp.zeros(model.size), own(records)))[np.asarray(records.counted[0])]
    state, before, expected = np.array([100.0, 0.0]), 0.0, []
    for time in (1.0, 2.0, 4.0, 8.0):
        rate = 2.0 * ((50 + 10 * time) / 70) ** 0.75 / 20
        slope = lambda _, x, k=rate: [-1.3 * x[0], 1.3 * x[0] - k * x[1]]  # noqa: E731
        state = solve_ivp(slope, (before, time), state, "LSODA", rtol=1e-11, atol=1e-13).y[:, -1]
        expected.append(state[1] / 20)
        before = time
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_what_it_cannot_follow_is_refused():
    structure = stepwise(LIBRARY["1cpt-oral"])
    for row, said in [("1,0,100,2,1,.,.,1,.,0", "infusion into a depot")]:
        text = f"ID,TIME,AMT,DUR,CMT,ADDL,II,EVID,DV,SS\n{row}\n1,1,.,.,.,.,.,0,1,.\n"
        with pytest.raises(InputRefused, match=said):
            stepped(parse_events(text), structure)


def test_occasions_come_back_from_simulated_people():
    """Clearance differs between people (0.3) and between their four occasions (0.25); the fit finds both."""
    rng, lines = np.random.default_rng(5), ["ID,TIME,AMT,DV,OCC"]
    for person in range(30):
        base = 2.0 * np.exp(0.3 * rng.normal())
        amount, before = 0.0, 0.0
        for occasion in range(4):
            rate = base * np.exp(0.25 * rng.normal()) / 20.0
            start = 24.0 * occasion
            amount *= np.exp(-rate * (start - before))
            lines.append(f"{person},{start},100,.,{occasion}")
            amount += 100.0
            before = start
            for late in (1.0, 6.0, 12.0):
                seen = amount * np.exp(-rate * late) / 20.0 * np.exp(0.05 * rng.normal())
                lines.append(f"{person},{start + late},.,{seen:.6f},{occasion}")
    table = parse_events("\n".join(lines))
    wishes = Wishes(
        initial={"CL": 3.0, "V": 25.0}, random=("CL",), occasion=("CL",), error=("proportional",),
        spread={"CL": 0.3},
    )  # fmt: skip
    found = fit(table, load_model("1cpt-iv", wishes, table), effort=Effort(quick=True))
    rows = {(row.name, row.kind): row for row in found.rows}
    for name, kind, truth in [
        ("CL", "typical", np.log(2.0)), ("V", "typical", np.log(20.0)), ("CL", "sd", 0.3), ("CL", "occasion", 0.25),
        ("proportional", "error", 0.05),
    ]:  # fmt: skip
        row = rows[name, kind]
        assert abs(row.value - truth) < 2.5 * row.se, row
