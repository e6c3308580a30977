"""An interrupted fit goes on from what is kept, and ends with the numbers of one that was not."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.inference.checkpoint import Kept
from remit.inference.mixed.event_table import read_events
from remit.inference.mixed.fit import fit
from remit.inference.mixed.found import Effort
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.under_way import under_way
from remit.inference.sampling import Settings

GOLDEN = Path(__file__).parents[2] / "golden"


class Interrupted(Exception):
    """Stands for Ctrl-C."""


def interrupting(calls):
    """A report that interrupts at its last call; those of the search for the shape are not counted.

    With no call it interrupts in that search, after its third block of steps.
    """
    left = [calls]

    def report(stage, done, *_):
        if stage == "finding the shape":
            if calls == 0 and done == 300:
                raise Interrupted
            return
        left[0] -= 1
        if left[0] == 0:
            raise Interrupted

    return report


def same_after_interruptions(tmp_path, method, at, effort=None):
    table = read_events(GOLDEN / "theophylline_per_kg.csv")
    model = load_model("1cpt-oral-rates", Wishes(initial={"KE": 0.1, "KA": 1.5, "CL": 0.04}, random=["KA"]), table)
    whole = fit(table, model, method, effort=effort)
    for calls in at:
        with pytest.raises(Interrupted):
            fit(table, model, method, effort=effort, folder=tmp_path, report=interrupting(calls))
        assert (tmp_path / f"{method}.{'pickle' if calls else 'shape'}").is_file()
    again = fit(table, model, method, effort=effort, folder=tmp_path)
    np.testing.assert_array_equal(again.estimated, whole.estimated)
    np.testing.assert_array_equal(again.uncertainty.covariance, whole.uncertainty.covariance)
    np.testing.assert_array_equal(again.modes, whole.modes)
    assert [(row.name, row.low, row.high) for row in again.rows] == [
        (row.name, row.low, row.high) for row in whole.rows
    ]
    return again, whole


def test_a_climb_goes_on_from_its_last_step(tmp_path):
    again, whole = same_after_interruptions(tmp_path, "focei", (3, 4))
    assert (again.steps, again.evaluations, again.log_likelihood) == (
        whole.steps,
        whole.evaluations,
        whole.log_likelihood,
    )


@pytest.mark.slow
def test_saem_goes_on_from_its_chains(tmp_path):
    # during the search, during the settling, and while the estimates are held
    again, whole = same_after_interruptions(tmp_path, "saem", (2, 6, 8))
    assert again.log_likelihood == whole.log_likelihood


@pytest.mark.slow
def test_full_bayes_goes_on_from_its_chains(tmp_path):
    effort = Effort(quick=True, sampler=Settings(warmup=200, draws=600, seed=3))
    again, whole = same_after_interruptions(tmp_path, "nuts", (0, 2, 7), effort)
    assert not list(tmp_path.glob("*.shape"))
    np.testing.assert_array_equal(again.draws, whole.draws)


def test_what_belongs_to_another_fit_is_not_gone_on_with(tmp_path):
    table = read_events(GOLDEN / "theophylline_per_kg.csv")

    def name(initial, effort, method="saem"):
        model = load_model("1cpt-oral-rates", Wishes(initial={"KE": 0.1, "KA": initial, "CL": 0.04}), table)
        return under_way(tmp_path, table, model, method, model.start[model.free], effort).fingerprint

    usual = Effort()
    assert name(1.5, usual) == name(1.5, Effort())
    assert name(1.5, usual) != name(1.6, usual)
    assert name(1.5, usual) != name(1.5, Effort(seed=2))
    assert name(1.5, usual) != name(1.5, usual, "nuts")
    assert name(1.5, usual) == name(1.5, Effort(sampler=Settings(warmup=500, draws=4000, seed=1)))
    kept = Kept(tmp_path / "saem.pickle", "one")
    kept.keep((jax.random.key(3), jnp.arange(3.0)))
    key, numbers = kept.load()
    assert jax.random.bits(key) == jax.random.bits(jax.random.key(3))
    np.testing.assert_array_equal(numbers, [0.0, 1.0, 2.0])
    assert Kept(kept.path, "another").load() is None


def test_a_function_of_ones_own_that_changed_is_another_fit(tmp_path):
    table = read_events(GOLDEN / "theophylline_per_kg.csv")
    own, found = tmp_path / "own.py", []
    for slope in ("1.0", "2.0"):
        own.write_text(
            'PARAMETERS = {"A": "log"}\n\n\ndef line(parameters, doses, times, covariates):\n'
            f'    return parameters["A"] * times * {slope}\n'
        )
        model = load_model(f"{own}:line", Wishes(initial={"A": 1.0}), table)
        found.append(under_way(tmp_path, table, model, "focei", model.start[model.free], Effort()).fingerprint)
    assert found[0] != found[1]


def test_pieces_of_the_same_work_are_kept_apart(tmp_path):
    first = Kept(tmp_path / "focei.pickle", "one")
    second = first.beside("again0")
    first.keep((1,))
    second.keep((2,))
    assert (first.load(), second.load()) == ((1,), (2,))
    assert second.path.name == "focei-again0.pickle"
    assert Kept(None, "one").beside("again0").path is None
