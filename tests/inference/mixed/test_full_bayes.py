"""Full Bayes: priors that can be read, the forward derivative, and theophylline beside the most likely fit."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit.inference.mixed.event_table import parse_events, read_events
from remit.inference.mixed.fit import fit, prepare
from remit.inference.mixed.found import Effort
from remit.inference.mixed.full_bayes import priors_of, quick, spoken
from remit.inference.mixed.individual import Curves, data_density
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.simulation import simulated
from remit.inference.sampling import Settings
from remit.vocabulary.errors import InputRefused, NotConverged

GOLDEN = Path(__file__).parents[2] / "golden"
TABLE = "ID,TIME,AMT,DV,AGE\n1,0,100,.,30\n1,1,.,4,30\n1,5,.,2,30\n2,0,100,.,50\n2,2,.,3,50\n2,9,.,1,50\n"


def small(**wishes):
    table = parse_events(TABLE)
    return prepare(table, load_model("1cpt-iv", Wishes(initial={"CL": 2.0, "V": 20.0}, **wishes), table))


def test_usual_priors_are_weak_and_said():
    model, records = small(covariates=["CL~AGE-40"], omega=["full"])
    priors = priors_of(model, records)
    assert priors.typical[0] == (pytest.approx(np.log(2.0)), 2.0)
    assert priors.coefficients == ((0.0, pytest.approx(0.1)),)
    assert priors.spread == (1.0, 1.0)
    assert priors.error == (pytest.approx(np.std([4, 2, 3, 1])),)
    said = spoken(model, priors)
    assert said[0] == "log CL: normal, 0.6931 with SD 2"
    assert said[-1] == "correlations: LKJ with 2"
    assert any(words.startswith("SD of V between people: half-normal") for words in said)


def test_given_priors_come_first_and_odd_ones_are_refused():
    model, records = small()
    priors = priors_of(model, records, {"CL": (3.0, 0.2), "sd V": (0.4,), "additive": (2.0,)})
    assert priors.typical[0] == (pytest.approx(np.log(3.0)), 0.2)
    assert priors.spread[1] == 0.4
    assert priors.error == (2.0,)
    for given, said in [
        ({"CX": (1.0, 1.0)}, "no number of this model"),
        ({"CL": (1.0,)}, "two numbers"),
        ({"CL": (-1.0, 1.0)}, "can have"),
        ({"sd CL": (0.0,)}, "above 0"),
    ]:
        with pytest.raises(InputRefused, match=said):
            priors_of(model, records, given)


def test_the_backward_gradient_goes_through_the_forward_derivative():
    model, records = small()
    own = jax.tree.map(lambda part: jnp.asarray(part)[0], records)
    pop = model.population(jnp.asarray(model.start[model.free]))

    def density(b, curves: Curves | None):
        return data_density(model, pop, b, own, True, curves)

    b = jnp.array([0.3, -0.2])
    np.testing.assert_allclose(
        jax.grad(lambda at: density(at, quick(model, own)))(b), jax.jacfwd(lambda at: density(at, None))(b), rtol=1e-12
    )

    # as the sampler asks for it: of all people, one program inside another
    @jax.jit
    def together(at, records):
        each = jax.vmap(lambda mine, rec: data_density(model, pop, mine, rec, True, quick(model, rec)))
        return each(at, records).sum()

    both = jnp.stack([b, -b])
    found = jax.grad(lambda at: together(at, jax.tree.map(jnp.asarray, records)))(both)
    np.testing.assert_allclose(found[0], jax.jacfwd(lambda at: density(at, None))(b), rtol=1e-12)


@pytest.mark.slow
def test_theophylline_agrees_with_the_most_likely_fit():
    table = read_events(GOLDEN / "theophylline.csv")
    model = load_model("1cpt-oral", Wishes(), table)
    effort = Effort(sampler=Settings(warmup=500, draws=2000, seed=3))
    found, likely = fit(table, model, "nuts", effort=effort), fit(table, model)
    assert found.simulation["rhat"] < 1.01
    assert found.simulation["ess"] > 400
    for ours, theirs in zip(found.rows, likely.rows, strict=True):
        if ours.kind in {"typical", "error"}:
            # the posterior of an SD is skewed: its median stands nearer to what is most likely than its mean
            middle = ours.natural if ours.kind == "error" else ours.value
            assert abs(middle - theirs.value) < 0.25 * theirs.se
            assert ours.se == pytest.approx(theirs.se, rel=0.35)
        elif ours.kind == "sd":  # wider and higher: twelve people, and the prior has no end at zero
            assert -0.5 * theirs.se < ours.value - theirs.value < 1.2 * theirs.se
    # in SDs between people, which are wider in the posterior: the furthest person is shrunk less
    spread = np.array([row.value for row in likely.rows if row.kind == "sd"])
    np.testing.assert_allclose(found.etas / spread, likely.etas / spread, atol=0.25)
    drawn = simulated(found, 100, 1)
    assert np.isfinite(drawn).all()


@pytest.mark.slow
def test_too_few_draws_are_no_fit():
    table = read_events(GOLDEN / "theophylline.csv")
    model = load_model("1cpt-oral", Wishes(), table)
    with pytest.raises(NotConverged, match="did not converge"):
        fit(table, model, "nuts", effort=Effort(sampler=Settings(warmup=100, draws=100, seed=3)))
