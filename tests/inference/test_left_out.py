"""Weights that take the likelihood of studies off again."""

import numpy as np
import pytest

from remit.evidence.instruments import load_scales
from remit.evidence.trials import load_trials
from remit.inference.design import NONE
from remit.inference.fitted import load
from remit.inference.held_out import log_probabilities
from remit.inference.left_out import Reweighted, design_of, owners_of, sites_of, without
from remit.inference.selection import select
from remit.vocabulary.errors import InputRefused


@pytest.fixture(scope="module")
def posterior():
    return load().thinned(40)


@pytest.fixture(scope="module")
def selection():
    return select(load_trials(), load_scales())


def test_the_numbers_that_the_model_samples_give_back_what_ships(posterior, selection):
    import jax.numpy as jnp
    import numpyro

    from remit.inference.calibration import sample_effects

    design = design_of(selection, ["taylor2018"])
    sites = {name: jnp.asarray(value[3]) for name, value in sites_of(posterior, design).items()}
    own = {name: jnp.zeros(len(design.names.study)) for name in ("study_control_raw", "study_drug_raw")}
    with (
        numpyro.handlers.trace() as trace,
        numpyro.handlers.seed(rng_seed=0),
        numpyro.handlers.substitute(data={**sites, **own}),
    ):
        sample_effects(design)
    for effect, names in (("scale", design.names.scale), ("diagnosis_drug", design.names.diagnosis)):
        for place, name in enumerate(names):
            wanted = np.asarray(posterior.member(effect, name))[3]
            assert float(trace[effect]["value"][place]) == pytest.approx(wanted, rel=1e-9)
    drawn = {name for name, site in trace.items() if site["type"] == "sample"}
    assert drawn == {*sites, *own}


def test_a_member_that_others_have_is_nobodys_own(selection):
    design = design_of(selection, ["taylor2018", "glue2017"])
    owners = owners_of(selection, design)
    for place, scale in enumerate(design.names.scale):
        having = {study for study, rows in selection.used.items() if any(row.scale == scale for row in rows)}
        owner = owners["scale_raw"][place]
        if len(having) == 1:
            assert design.names.study[owner] in having
        else:
            assert owner == NONE


def test_only_the_rows_of_the_studies_are_laid_out(selection):
    design = design_of(selection, ["taylor2018"])
    assert design.names.study == ("taylor2018",)
    rows = len(design.means.points) + len(design.counts.points) + len(design.medians.after)
    later = [row for row in selection.used["taylor2018"] if row.time_h]
    assert rows == len(later)


def test_what_weights_cannot_take_back_is_refused(posterior, selection):
    only_timing = next(study for study in selection.timing if study not in selection.used)
    with pytest.raises(InputRefused, match=f"remit calibrate --without {only_timing}"):
        without(posterior, [only_timing])
    unused = next(study for study in load_trials() if study not in {*selection.used, *selection.timing})
    with pytest.raises(InputRefused, match="Leave out others"):
        without(posterior, [unused])


def test_trust_ends_at_the_limit():
    fields = {"studies": ("a",), "timing_kept": (), "weight": np.ones(2) / 2, "effective": 2.0}
    assert Reweighted(k=0.69, **fields).is_trusted
    assert not Reweighted(k=0.7, **fields).is_trusted


def test_the_integral_over_a_studys_own_effects_is_that_of_a_fine_grid(selection):
    """A study whose scale and diagnosis others have has two numbers of its own: a grid over both is the oracle."""
    import jax
    import jax.numpy as jnp
    import numpyro

    from remit.inference.calibration import CENTRED, sample_effects, study_log_densities
    from remit.inference.left_out import even_normals, with_own_effects

    posterior = load().thinned(3)
    design = design_of(selection, ["feder2021"])
    owners = owners_of(selection, design)
    assert all((owner == NONE).all() for name, owner in owners.items() if not name.startswith("study_"))
    sites = sites_of(posterior, design)
    found = log_probabilities(design, with_own_effects(posterior, design, sites), 0, owners, even_normals(owners))
    along = np.linspace(-6.0, 6.0, 97)
    pairs = np.stack([each.ravel() for each in np.meshgrid(along, along, indexing="ij")], axis=1)

    def density(values, own):
        scaled = {
            name: jnp.full(1, own[row]) * values[CENTRED[name][0]] ** CENTRED[name][1]
            for row, name in enumerate(("study_control_raw", "study_drug_raw"))
        }
        with numpyro.handlers.seed(rng_seed=0), numpyro.handlers.substitute(data={**values, **scaled}):
            effects, p = sample_effects(design)
        return study_log_densities(design, effects, p)[0] - 0.5 * (own**2).sum() - jnp.log(2 * jnp.pi)

    for draw in range(posterior.size):
        values = {name: jnp.asarray(value[draw]) for name, value in sites.items()}
        every = jax.jit(jax.vmap(density, in_axes=(None, 0)))(values, jnp.asarray(pairs))
        cell = (along[1] - along[0]) ** 2
        wanted = float(jax.nn.logsumexp(every)) + np.log(cell)
        assert found[draw, 0] == pytest.approx(wanted, abs=0.05)


def test_the_even_numbers_of_one_study_are_independent(selection):
    from remit.inference.left_out import POINTS, even_normals

    design = design_of(selection, ["glue2017"])
    owners = owners_of(selection, design)
    normals = even_normals(owners)
    own = np.concatenate([normals[name][:, owner == 0] for name, owner in owners.items()], axis=1)
    assert own.shape[0] == POINTS
    assert own.shape[1] > 2
    assert np.abs(own.mean(axis=0)).max() < 0.05
    assert np.abs(np.corrcoef(own.T) - np.eye(own.shape[1])).max() < 0.2
