"""A function of one's own is tried before a fit: what is wrong with it is said, and equal people get numbers."""

import jax
import numpy as np
import pytest

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import fit, prepare
from remit.inference.mixed.model_file import Wishes, load_model
from remit.vocabulary.errors import InputRefused

HEAD = 'import jax.numpy as jnp\nPARAMETERS = {"CL": "log", "V": "log"}\n'
DECAY = """
def f(parameters, doses, times, covariates):
    since = jnp.where(doses.active, times[:, None] - doses.time, 0.0)
    rate = parameters["CL"] / parameters["V"]%s
    return jnp.sum(jnp.where(doses.active, doses.amount * jnp.exp(-rate * since), 0.0), axis=1)
"""
SAME = "ID,TIME,AMT,DV,WT\n1,0,100,.,60\n1,1,.,4,60\n1,5,.,2,60\n2,0,100,.,80\n2,1,.,5,80\n2,5,.,1,80\n"
CHANGING = SAME.replace("2,5,.,1,80", "2,5,.,1,90")


def prepared(tmp_path, source, text=SAME, head=HEAD):
    path = tmp_path / "own.py"
    path.write_text(head + source)
    table = parse_events(text)
    wishes = Wishes(initial={"CL": 2.0, "V": 20.0}, covariates=("CL~WT/70",))
    return prepare(table, load_model(f"{path}:f", wishes, table))


def test_a_covariate_that_does_not_change_gives_a_number(tmp_path):
    model, records = prepared(tmp_path, DECAY % "")
    assert model.structure.constant
    first = jax.tree.map(lambda part: np.asarray(part)[0], records)
    values = model.individual(model.population(model.start[model.free]), np.zeros(model.size), first)
    assert np.ndim(values["CL"]) == 0


def test_a_covariate_that_changes_must_be_read_row_by_row(tmp_path):
    model, _ = prepared(tmp_path, (DECAY % "").replace('parameters["CL"]', 'parameters["CL"].reshape(-1, 1)'), CHANGING)
    assert not model.structure.constant
    with pytest.raises(InputRefused, match=r"reads CL otherwise as shape \(times,\).*CL\[:, None\]"):
        prepared(tmp_path, DECAY % "", CHANGING)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def f(parameters, doses, times, covariates):\n    return times * parameters['KA']\n", "KeyError: 'KA'"),
        ("def f(parameters, doses, times):\n    return times\n", "fails when it is called: TypeError"),
        (
            "def f(parameters, doses, times, covariates):\n    return parameters['CL']\n",
            r"returns shape \(\) for 2 rows",
        ),
        (
            "def f(parameters, doses, times, covariates):\n    return jnp.stack([times, times])\n",
            r"returns shape \(2, 2\) for 2 rows and 1 output\. Allowed: \(1, 2\) or \(2,\)",
        ),
    ],
)
def test_a_function_that_cannot_be_used_is_refused_in_words(tmp_path, source, said):
    with pytest.raises(InputRefused, match=said):
        prepared(tmp_path, source)


def test_a_function_that_gives_no_number_at_the_start_is_said_with_the_row(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(HEAD + DECAY.replace('"]%s', '"] / (parameters["V"] - 20.0)'))
    table = parse_events(SAME)
    model = load_model(f"{path}:f", Wishes(initial={"CL": 2.0, "V": 20.0}), table)
    with pytest.raises(
        InputRefused, match=r"gives no number for 4 observations at the start, the first of person 1 at time 1\. .*zero"
    ):
        fit(table, model)
