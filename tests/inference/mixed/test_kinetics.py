"""Structural models of the library against an ODE solver, dose by dose and at a steady state."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import prepare
from remit.inference.mixed.kinetics import LIBRARY
from remit.inference.mixed.model_file import Wishes, load_model, load_structure
from remit.inference.mixed.written_out import padded
from remit.vocabulary.errors import InputRefused

VALUES = {
    "KA": 1.3, "CL": 2.0, "V": 20.0, "V1": 15.0, "Q": 3.0, "V2": 30.0, "Q3": 1.0, "V3": 60.0, "KE": 0.1, "KTR": 0.9,
    "EMAX": 0.8, "EC50": 1.5, "KOUT": 0.05, "E0": 90.0,
}  # fmt: skip
COMPARTMENTS = {"1": ("V",), "2": ("V1", "V2"), "3": ("V1", "V2", "V3")}


def matrix(kind, oral):
    volumes = [VALUES[name] for name in COMPARTMENTS[kind]]
    size = len(volumes)
    whole = np.zeros((size + oral, size + oral))
    centre = int(oral)
    whole[centre, centre] -= VALUES["CL"] / volumes[0]
    for place, flow in zip(range(1, size), ("Q", "Q3"), strict=False):
        whole[centre, centre] -= VALUES[flow] / volumes[0]
        whole[centre, centre + place] += VALUES[flow] / volumes[place]
        whole[centre + place, centre] += VALUES[flow] / volumes[0]
        whole[centre + place, centre + place] -= VALUES[flow] / volumes[place]
    if oral:
        whole[0, 0], whole[1, 0] = -VALUES["KA"], VALUES["KA"]
    return whole, centre, volumes[0]


def followed(whole, doses, times):
    """Amounts at times, by an ODE solver restarted at every change of input: (start, amount, duration, place)."""
    edges = sorted({0.0, *times, *(d[0] for d in doses), *(d[0] + d[2] for d in doses)})
    state, found = np.zeros(len(whole)), {}
    for begin, end in zip(edges, [*edges[1:], edges[-1] + 1], strict=True):
        for start, amount, length, place in doses:
            if start == begin and length == 0:
                state[place] += amount
        found[begin] = state.copy()
        rate = np.zeros(len(whole))
        for start, amount, length, place in doses:
            if length > 0 and start <= begin < start + length:
                rate[place] += amount / length
        state = solve_ivp(lambda _, x, r=rate: whole @ x + r, (begin, end), state, "LSODA", rtol=1e-11, atol=1e-13).y[
            :, -1
        ]
    return np.array([found[time] for time in times])


def only(doses):
    """The doses of the first person."""
    return type(doses)(*(None if part is None else part[0] for part in doses))


TIMES = [0.5, 1.0, 3.0, 7.0, 12.0, 20.0, 30.0]


@pytest.mark.parametrize("name", ["1cpt-iv", "1cpt-oral", "2cpt-iv", "2cpt-oral", "3cpt-iv", "3cpt-oral"])
def test_concentrations_are_those_of_an_ode_solver(name):
    oral = name.endswith("oral")
    whole, centre, volume = matrix(name[0], oral)
    text = "ID,TIME,AMT,RATE,CMT,DV,EVID\n1,0,100,.,1,.,1\n1,0,30,15,2,.,1\n"
    text += "".join(f"1,{time},.,.,.,1,0\n" for time in TIMES[:4]) + "1,8,50,25,1,.,1\n"
    text += "".join(f"1,{time},.,.,.,1,0\n" for time in TIMES[4:])
    records = padded(parse_events(text), ("1",))
    doses = only(records.doses)
    values = {key: jnp.asarray(VALUES[key]) for key in LIBRARY[name].parameters}
    found = np.asarray(LIBRARY[name].predict(values, doses, jnp.asarray(records.time[0]), {}))
    given = [(0.0, 100.0, 0.0, 0), (0.0, 30.0, 2.0, centre), (8.0, 50.0, 2.0, 0)]
    expected = followed(whole, given, TIMES)[:, centre] / volume
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "rate"), [("1cpt-oral", "."), ("2cpt-oral", "25"), ("2cpt-iv", "."), ("1cpt-iv", "20")]
)
def test_a_steady_state_is_what_many_doses_lead_to(name, rate):
    text = f"ID,TIME,AMT,RATE,SS,II,ADDL,DV,EVID\n1,0,100,{rate},1,12,1,.,1\n"
    text += "".join(f"1,{time},.,.,.,.,.,1,0\n" for time in TIMES)
    long = f"ID,TIME,AMT,RATE,SS,II,ADDL,DV,EVID\n1,-2400,100,{rate},0,12,201,.,1\n"
    long += "".join(f"1,{time},.,.,.,.,.,1,0\n" for time in TIMES)
    values = {key: jnp.asarray(VALUES[key]) for key in LIBRARY[name].parameters}
    found = []
    for each in (text, long):
        records = padded(parse_events(each), ("1",))
        doses = only(records.doses)
        found.append(np.asarray(LIBRARY[name].predict(values, doses, jnp.asarray(records.time[0]), {})))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-7)


def test_lag_and_bioavailability_move_and_scale_the_dose():
    text = "ID,TIME,AMT,DV\n1,0,100,.\n" + "".join(f"1,{time},.,1\n" for time in TIMES)
    records = padded(parse_events(text), ("1",))
    doses = only(records.doses)
    values = {key: jnp.asarray(VALUES[key]) for key in LIBRARY["1cpt-oral"].parameters}
    times = jnp.asarray(records.time[0])
    late = LIBRARY["1cpt-oral"].predict({**values, "TLAG": jnp.asarray(0.7), "F": jnp.asarray(0.5)}, doses, times, {})
    plain = LIBRARY["1cpt-oral"].predict(values, doses, times - 0.7, {})
    np.testing.assert_allclose(np.asarray(late)[1:], 0.5 * np.asarray(plain)[1:], rtol=1e-12)
    assert float(late[0]) == 0.0


def test_a_turnover_driven_through_transit_is_that_of_an_ode_solver():
    times = [0.0, 1.0, 6.0, 24.0, 36.0, 72.0, 144.0]
    text = "ID,TIME,AMT,DV,DVID\n1,0,100,.,.\n" + "".join(f"1,{time},.,1,cp\n" for time in times)
    records = padded(parse_events(text), ("cp", "pca"))
    structure = load_structure("1cpt-transit-turnover")
    values = {key: jnp.asarray(VALUES[key]) for key in structure.parameters}
    found = structure.predict(values, only(records.doses), jnp.asarray(records.time[0]), {})

    def slope(_, state):
        depot, gut, centre, effect = state
        level = centre / VALUES["V"]
        made = 1 - VALUES["EMAX"] * level / (VALUES["EC50"] + level)
        return [
            -VALUES["KTR"] * depot,
            VALUES["KTR"] * depot - VALUES["KA"] * gut,
            VALUES["KA"] * gut - VALUES["CL"] / VALUES["V"] * centre,
            VALUES["KOUT"] * (VALUES["E0"] * made - effect),
        ]

    start = [100.0, 0.0, 0.0, VALUES["E0"]]
    exact = solve_ivp(slope, (0, 144), start, "LSODA", times, rtol=1e-11, atol=1e-12).y
    np.testing.assert_allclose(found[0], exact[2] / VALUES["V"], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found[1], exact[3], rtol=1e-6)


@pytest.mark.parametrize("name", ["1cpt-iv", "2cpt-oral"])
def test_a_length_or_a_rate_that_is_a_parameter_is_that_of_a_table_that_says_it(name):
    values = {key: jnp.asarray({"KA": 1.3, "CL": 2.0}.get(key, 15.0)) for key in LIBRARY[name].parameters}
    rows = "1,2.5,.,.,.,0,1\n1,3,.,.,.,0,1\n1,9,.,.,.,0,1\n"
    said = padded(parse_events(f"ID,TIME,AMT,DUR,CMT,EVID,DV\n1,0,60,1.5,1,1,.\n1,2,40,2,2,1,.\n{rows}"), ("1",))
    asked = padded(parse_events(f"ID,TIME,AMT,RATE,CMT,EVID,DV\n1,0,60,-2,1,1,.\n1,2,40,-1,2,1,.\n{rows}"), ("1",))
    more = {"D1": jnp.asarray(1.5), "R1": jnp.asarray(20.0)}
    first, second = (jax.tree.map(lambda each: jnp.asarray(each)[0], part) for part in (said, asked))
    expected = LIBRARY[name].predict(values, first.doses, first.time, {})
    found = LIBRARY[name].predict(values | more, second.doses, second.time, {})
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("model", "rate", "initial", "said"),
    [
        ("1cpt-iv", "-2", {}, "--initial D1"),
        ("1cpt-iv", "-2", {"D1": 2.0, "R1": 3.0}, "no dose asks for the rate R1"),
        ("1cpt-iv", "10", {"D1": 2.0}, "no dose asks for the duration D1"),
        ("1cpt-transit", "10", {}, "takes doses by mouth at once"),
        ("1cpt-iv+emax", "-2", {"D1": 2.0, "E0": 1.0, "EMAX": 1.0, "EC50": 1.0}, "has none"),
    ],
)
def test_doses_that_a_model_cannot_take_are_refused(model, rate, initial, said):
    second = 2 if "+" in model else 1
    table = parse_events(f"ID,TIME,AMT,RATE,DVID,EVID,DV\n1,0,60,{rate},.,1,.\n1,1,.,.,1,0,3\n1,2,.,.,{second},0,3\n")
    with pytest.raises(InputRefused, match=said):
        prepare(table, load_model(model, Wishes(initial=initial), table))
