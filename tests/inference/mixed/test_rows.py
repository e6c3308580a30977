"""Slopes and bends of rows, written out, beside derivatives that JAX takes of the density itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import fit, prepare
from remit.inference.mixed.individual import compared, log_variance, row_densities
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.rows import bent
from remit.population.scores import log_chance
from remit.vocabulary.errors import InputRefused

TABLE = "ID,TIME,AMT,DV,CENS\n1,0,100,,\n1,1,,3.5,0\n1,4,,2.5,0\n1,9,,0.4,1\n1,20,,0.4,1\n"
CURVE = jnp.array([3.0, 2.9, 0.6, 0.2])


@pytest.mark.parametrize("interaction", [True, False])
@pytest.mark.parametrize("error", ["additive", "proportional", "combined", "combined1", "power", "log"])
def test_slopes_and_bends_are_the_derivatives_of_the_density(error, interaction):
    table = parse_events(TABLE)
    model, records = prepare(table, load_model("1cpt-oral", Wishes(error=[error]), table))
    own = jax.tree.map(lambda part: jnp.asarray(part)[0], records)
    pop = model.population(jnp.asarray(model.start[model.free]))
    typical = None if interaction else CURVE * 1.3

    def density(curve):
        spread = log_variance(model, pop, curve if interaction else typical, own)
        return row_densities(model, compared(model, curve, own), spread, own)

    found = bent(model, pop, CURVE, typical, own, censored=True)
    ones = jnp.ones_like(CURVE)
    (value, slope), (_, bend) = jax.jvp(lambda at: jax.jvp(density, (at,), (ones,)), (CURVE,), (ones,))
    np.testing.assert_allclose(found.value, value, rtol=1e-12)
    np.testing.assert_allclose(found.slope, slope, rtol=1e-10)
    np.testing.assert_allclose(found.bend, bend, rtol=1e-9)
    assert (np.asarray(found.weight) > 0).all()


@pytest.mark.parametrize(
    ("error", "numbers", "expected"),
    [
        ("combined1", {"additive": 0.5, "linear": 0.1}, lambda c: 0.5 + 0.1 * c),
        ("power", {"proportional": 0.3, "power": 0.7}, lambda c: 0.3 * c**0.7),
        ("combined", {"additive": 0.5, "proportional": 0.1}, lambda c: np.hypot(0.5, 0.1 * c)),
    ],
)
def test_the_sd_follows_the_prediction_as_its_error_says(error, numbers, expected):
    table = parse_events(TABLE)
    model, records = prepare(table, load_model("1cpt-oral", Wishes(error=[error], initial=numbers), table))
    own = jax.tree.map(lambda part: np.asarray(part)[0], records)
    spread = log_variance(model, model.population(model.start[model.free]), np.asarray(CURVE), own)
    np.testing.assert_allclose(np.exp(0.5 * spread), expected(np.asarray(CURVE)))


RATED = "ID,TIME,AMT,DV\n1,-1,.,21\n1,0,35,.\n1,24,.,9\n1,99,.,0\n1,200,.,14\n"


def test_totals_have_the_probability_of_forecasts_and_its_derivatives():
    table = parse_events(RATED)
    wishes = Wishes(error=["bounded"], initial={"bounded": 2.5})
    model, records = prepare(table, load_model("response:GAD-7", wishes, table, "laplace"))
    own = jax.tree.map(lambda part: jnp.asarray(part)[0], records)
    pop = model.population(jnp.asarray(model.start[model.free]))
    curve = jnp.array([19.0, 9.4, 2.0, 8.0])

    def density(at):
        return log_chance(own.observed, at, jnp.asarray(2.5), jnp.asarray(0.0), jnp.asarray(21.0))

    found = bent(model, pop, curve, None, own, censored=False)
    ones = jnp.ones_like(curve)
    (value, slope), (_, bend) = jax.jvp(lambda at: jax.jvp(density, (at,), (ones,)), (curve,), (ones,))
    np.testing.assert_allclose(found.value, value, rtol=1e-12)
    np.testing.assert_allclose(found.slope, slope, rtol=1e-10)
    np.testing.assert_allclose(found.bend, bend, rtol=1e-10)
    # all totals of the scale together are certain
    every = jax.vmap(
        lambda total: bent(model, pop, curve, None, own._replace(observed=total * ones), censored=False).value
    )(jnp.arange(22.0))
    np.testing.assert_allclose(jnp.exp(every).sum(axis=0), 1.0, rtol=1e-12)


def test_methods_that_need_a_normal_density_keep_it_or_refuse():
    table = parse_events(RATED)
    assert load_model("response:GAD-7", Wishes(), table).errors[0].kinds == ("additive",)
    assert load_model("response:GAD-7", Wishes(), table, "saem").errors[0].kinds == ("bounded",)
    model = load_model("response:GAD-7", Wishes(error=["bounded"]), table)
    with pytest.raises(InputRefused, match="rounded and cut off"):
        fit(table, model, "focei")
    plain = parse_events(TABLE)
    with pytest.raises(InputRefused, match="bounded"):
        load_model("1cpt-oral", Wishes(error=["bounded"]), plain)


def test_without_rows_below_a_limit_the_numbers_are_the_same():
    table = parse_events(TABLE.replace(",1\n", ",0\n"))
    model, records = prepare(table, load_model("1cpt-oral", Wishes(error=["combined"]), table))
    own = jax.tree.map(lambda part: jnp.asarray(part)[0], records)
    pop = model.population(jnp.asarray(model.start[model.free]))
    for one, other in zip(
        bent(model, pop, CURVE, None, own, censored=True), bent(model, pop, CURVE, None, own, censored=False),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(one, other, rtol=1e-14)
