"""Effects beside concentrations, each against an ODE solver restarted at every dose."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from remit.inference.mixed.effects import EFFECTS
from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import prepare
from remit.inference.mixed.model_file import Wishes, load_model, load_structure
from remit.inference.mixed.written_out import padded
from remit.vocabulary.errors import InputRefused

VALUES = {"KA": 1.3, "CL": 2.0, "V": 20.0, "E0": 90.0, "EMAX": 0.8, "EC50": 1.5, "KOUT": 0.15, "HILL": 1.7, "KE0": 0.4}
TIMES = [0.0, 0.5, 1.0, 3.0, 7.0, 11.9, 14.0, 20.0, 48.0]
LAG, DOSES = 0.6, ((0.0, 100.0), (12.0, 60.0))


def exact(effect, hill, delayed):
    """Concentration and effect at the times."""
    v = VALUES

    def share(level):
        power = v["HILL"] if hill else 1.0
        return v["EMAX"] * level**power / (v["EC50"] ** power + level**power)

    def slope(_, state):
        depot, centre, site, response = state
        level = max(centre / v["V"], 0.0)
        place, sign = {"inhibited": -1, "stimulated": 1}.get(effect.split("-")[0], 0), effect.split("-")[-1]
        made = 1 + place * share(level) if sign == "production" else 1.0
        lost = 1 + place * share(level) if sign == "loss" else 1.0
        return [
            -v["KA"] * depot,
            v["KA"] * depot - v["CL"] / v["V"] * centre,
            v["KE0"] * (level - site),
            v["KOUT"] * (v["E0"] * made - lost * response),
        ]

    state, found = np.array([0.0, 0.0, 0.0, v["E0"]]), {}
    edges = sorted({*TIMES, *(time + LAG for time, _ in DOSES)})
    for begin, end in zip(edges, [*edges[1:], edges[-1] + 1], strict=True):
        state = state + np.array([sum(a for t, a in DOSES if t + LAG == begin), 0.0, 0.0, 0.0])
        found[begin] = state
        state = solve_ivp(slope, (begin, end), state, "LSODA", rtol=1e-10, atol=1e-12).y[:, -1]
    states = np.array([found[time] for time in TIMES])
    level = states[:, 1] / v["V"]
    direct = share(np.maximum(states[:, 2] if delayed else level, 0.0))
    response = {"emax": v["E0"] + direct, "inhibition": v["E0"] * (1 - direct)}.get(effect, states[:, 3])
    return np.stack([level, response])


def predicted(effect, names):
    text = "ID,TIME,AMT,DV,DVID\n1,0,100,.,.\n" + "".join(f"1,{t},.,1,1\n" for t in TIMES if t < 12)
    text += "1,12,60,.,.\n" + "".join(f"1,{t},.,1,2\n" for t in TIMES if t >= 12)
    structure = load_structure(f"1cpt-oral+{effect}")
    records = padded(parse_events(text), structure.outputs)
    doses = jax.tree.map(lambda part: part[0], records.doses)
    values = {key: jnp.asarray(VALUES[key]) for key in (*structure.parameters, *names)}
    values["TLAG"] = jnp.asarray(LAG)
    return np.asarray(jax.jit(structure.predict)(values, doses, jnp.asarray(records.time[0]), {}))


@pytest.mark.parametrize("effect", EFFECTS)
def test_an_effect_is_that_of_an_ode_solver(effect):
    np.testing.assert_allclose(predicted(effect, ()), exact(effect, hill=False, delayed=False), rtol=2e-6, atol=1e-9)


@pytest.mark.parametrize("effect", ["emax", "stimulated-loss"])
def test_a_steep_effect_is_that_of_an_ode_solver(effect):
    found = predicted(effect, ("HILL",))
    np.testing.assert_allclose(found, exact(effect, hill=True, delayed=False), rtol=5e-6, atol=1e-9)


def test_an_effect_compartment_delays():
    found = predicted("inhibition", ("KE0",))
    np.testing.assert_allclose(found, exact("inhibition", hill=False, delayed=True), rtol=2e-6, atol=1e-9)


TABLE = "ID,TIME,AMT,DV,YTYPE\n1,0,100,.,\n1,1,.,4,1\n1,1,.,80,effect\n1,6,.,3,cp\n1,9,.,50,2\n"


def test_rows_name_their_output_by_name_or_number_in_dvid_ytype_or_cmt():
    for text in (
        TABLE, TABLE.replace("YTYPE", "DVID"),
        TABLE.replace("YTYPE", "CMT").replace("effect", "2").replace("cp", "1").replace("100,.,", "100,.,1"),
    ):  # fmt: skip
        table = parse_events(text)
        model, records = prepare(table, load_model("1cpt-oral+inhibition", Wishes(error=["cp=combined"]), table))
        assert np.asarray(records.output).tolist() == [[0, 1, 0, 1]]
        assert [each.kinds for each in model.errors] == [("additive", "proportional"), ("additive",)]
        begin = {each.name: each.initial for each in model.parameters}
        assert begin["E0"] == 80.0
        assert begin["EC50"] == 3.5


@pytest.mark.parametrize("kinetic", ["1cpt-iv", "2cpt-oral", "3cpt-iv", "1cpt-oral-rates", "1cpt-transit"])
def test_every_kinetic_model_takes_every_effect_and_finds_where_to_begin(kinetic):
    table = parse_events(TABLE)
    for effect in EFFECTS:
        model = load_model(f"{kinetic}+{effect}", Wishes(), table)
        assert all(each.initial > 0 for each in model.parameters)
        assert ("KOUT" in {each.name for each in model.parameters}) == ("-" in effect)


def test_an_output_that_is_none_is_refused_with_its_row():
    table = parse_events(TABLE.replace("50,2", "50,3"))
    with pytest.raises(InputRefused, match="DVID is '3'") as refusal:
        prepare(table, load_model("1cpt-oral+inhibition", Wishes(), table))
    assert "cp, effect" in str(refusal.value)


def test_what_is_no_effect_and_what_it_cannot_follow_is_refused():
    for name in ("1cpt-oral+healing", "biexponential+emax"):
        with pytest.raises(InputRefused, match="there is no model"):
            load_structure(name)
    table = parse_events("ID,TIME,AMT,DV,DVID\n1,0,100,.,.\n1,1,.,4,cp\n1,2,.,3,cp\n")
    with pytest.raises(InputRefused, match="no row is of output effect"):
        prepare(table, load_model("1cpt-oral+inhibition", Wishes(initial={"E0": 1, "EMAX": 0.5, "EC50": 1}), table))
    table = parse_events("ID,TIME,AMT,DV,DVID,SS,II\n1,0,100,.,.,1,12\n1,1,.,4,cp,.,.\n1,2,.,4,effect,.,.\n")
    with pytest.raises(InputRefused, match="steady state"):
        prepare(table, load_model("1cpt-oral+inhibition", Wishes(), table))
