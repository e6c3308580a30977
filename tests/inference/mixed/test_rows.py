"""Slopes and bends of rows, written out, beside derivatives that JAX takes of the density itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import prepare
from remit.inference.mixed.individual import compared, log_variance, row_densities
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.rows import bent

TABLE = "ID,TIME,AMT,DV,CENS\n1,0,100,,\n1,1,,3.5,0\n1,4,,2.5,0\n1,9,,0.4,1\n1,20,,0.4,1\n"
CURVE = jnp.array([3.0, 2.9, 0.6, 0.2])


@pytest.mark.parametrize("interaction", [True, False])
@pytest.mark.parametrize("error", ["additive", "proportional", "combined", "log"])
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
