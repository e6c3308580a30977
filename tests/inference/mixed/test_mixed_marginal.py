"""The exact gradient of every method beside finite differences, and the Taylor polynomial beside the prediction."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.inference.mixed.event_table import read_events
from remit.inference.mixed.expansion import expand, prediction
from remit.inference.mixed.fit import prepare
from remit.inference.mixed.individual import joint_density
from remit.inference.mixed.marginal import Method, compiled
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.recovery import simulate

GOLDEN = Path(__file__).parents[2] / "golden"


def theophylline(**wishes):
    table = read_events(GOLDEN / "theophylline.csv")
    return prepare(table, load_model("1cpt-oral", Wishes(**wishes), table))


@pytest.mark.parametrize(
    ("method", "error"),
    [("foce", "combined"), ("focei", "combined"), ("laplace", "additive"), ("agq", "additive"), ("focei", "log")],
)
def test_the_gradient_is_that_of_finite_differences(method, error):
    table = read_events(GOLDEN / "theophylline.csv")
    if error == "log":  # a concentration of zero has no logarithm
        kept = [tuple(each for each in events if each.dv is None or each.dv > 0) for events in table.events]
        table = type(table)(table.name, table.people, tuple(kept), table.covariates)
    wishes = Wishes(error=[error], random=["CL", "V"], omega=["full"], covariates=["CL~WT/70"])
    model, records = prepare(table, load_model("1cpt-oral", wishes, table))
    run = compiled(model, Method(method), 3, quick=True)
    at = model.start[model.free] + 0.05
    nothing = np.zeros((len(table.people), model.size))
    here = run(at, records, nothing)
    assert float(np.max(here.left)) < 1e-6
    for place in range(len(at)):
        ends = []
        for side in (1.0, -1.0):
            moved = at.copy()
            moved[place] += side * 5e-4
            ends.append(np.asarray(run(moved, records, here.modes).each))
        np.testing.assert_allclose(np.asarray(here.scores)[:, place], (ends[0] - ends[1]) / 1e-3, rtol=1e-4, atol=1e-4)


def test_quadrature_holds_where_the_top_of_a_person_is_flat():
    """Of these sixty people with three samples each one has a mode with no curvature of a maximum; summed by hand."""
    table, model = simulate("infusion, 60 people, 3 samples, covariate, by quadrature", 20261128, 57)
    model, records = prepare(table, model)
    at, chosen = model.start[model.free], [28, 1]
    few = jax.tree.map(lambda part: np.asarray(part)[chosen], records)
    found = compiled(model, Method.QUADRATURE, 9, quick=True, censored=False)(at, few, np.zeros((2, model.size)))
    places = np.linspace(-8.0, 8.0, 321)
    every = np.stack(np.meshgrid(places, places, indexing="ij"), axis=-1).reshape(-1, 2)
    pop = model.population(jnp.asarray(at))
    summed = jax.jit(
        lambda own: jax.nn.logsumexp(jax.vmap(lambda b: joint_density(model, pop, b, own))(jnp.asarray(every)))
    )
    by_hand = [
        float(summed(jax.tree.map(lambda part, place=place: jnp.asarray(part)[place], few)))
        + 2.0 * np.log(places[1] - places[0])
        for place in range(2)
    ]
    assert float(found.each[0]) == pytest.approx(by_hand[0], abs=0.3)  # nine nodes over a top that is no parabola
    assert float(found.each[1]) == pytest.approx(by_hand[1], abs=2e-3)
    assert np.isfinite(found.scores).all()


def test_the_polynomial_has_the_derivatives_of_the_prediction():
    model, records = theophylline()
    own = jax.tree.map(lambda part: jnp.asarray(part)[0], records)
    at = jnp.asarray(model.start[:3]) + 0.1

    def exact(place):
        return prediction(model, place, own)

    held = expand(model, at, own, 3)
    for order in range(3):
        ours, theirs = held.near, exact
        for _ in range(order):
            ours, theirs = jax.jacfwd(ours), jax.jacfwd(theirs)
        np.testing.assert_allclose(ours(at), theirs(at), rtol=1e-10, atol=1e-12)
    assert held.twist is not None
    step = np.array([1e-5, 0.0, 0.0])
    slope = (expand(model, at + step, own, 2).bend - expand(model, at - step, own, 2).bend) / 2e-5
    np.testing.assert_allclose(held.twist[0], slope, rtol=1e-5, atol=1e-7)


def test_only_what_moves_is_differentiated():
    model, records = theophylline(random=["CL"], fix=["V"], initial={"V": 30.0})
    assert [model.parameters[place].name for place in model.moving] == ["KA", "CL"]
    own = jax.tree.map(lambda part: jnp.asarray(part)[0], records)
    assert expand(model, jnp.asarray(model.start[:3]), own, 2).bend.shape[:2] == (2, 2)
