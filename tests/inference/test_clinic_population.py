"""A clinic's own people beside the published: read strictly, mixed with stated weights, weighed by the scores."""

import math

import numpy as np
import pytest

from remit.evidence.instruments import find_scale
from remit.inference.clinic_population import mixed, read_population, weight_after
from remit.inference.fitted import load
from remit.inference.one_person import belief
from remit.inference.person_prior import log_density
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.people import Diagnosis


def test_a_fit_is_read_with_how_unsure_it_is(clinic_fit):
    own = read_population(clinic_fit())
    assert (own.name, own.scale, own.drug, own.route, own.people) == ("clinic", "GAD-7", "ketamine", "iv", 40)
    assert own.estimated == ("BASE", "S", "X", "HALF")
    drawn = own.drawn(4000, 1)
    assert drawn["S"].mean() == pytest.approx(0.4, abs=0.01)
    assert drawn["S"].std() == pytest.approx(0.1, rel=0.05)
    # the spread of X is the length of its row of the Cholesky factor
    assert np.median(drawn["sd X"]) == pytest.approx(math.hypot(0.3, 0.4), rel=0.02)
    np.testing.assert_array_equal(drawn["S"], own.drawn(4000, 1)["S"])


@pytest.mark.parametrize(
    ("change", "said"),
    [({"structure": "1cpt-oral"}, "fit of 1cpt-oral"), ({"sure": False}, "how sure")],
)
def test_what_is_no_clinic_is_refused(clinic_fit, change, said):
    with pytest.raises(InputRefused, match=said):
        read_population(clinic_fit(**change))


def test_a_folder_without_a_fit_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="remit fit"):
        read_population(tmp_path)


def test_the_mixture_has_the_weights_asked_for(clinic_fit):
    own = read_population(clinic_fit())
    scale = find_scale("GAD-7")
    published, there = load(), [scale]
    usual = belief(published, Diagnosis.GAD, there, 7)
    whole = belief(published, Diagnosis.GAD, there, 7, clinic=(own, 1.0))
    half = belief(published, Diagnosis.GAD, there, 7, clinic=(own, 0.5))
    assert (usual.of_clinic, half.of_clinic, whole.of_clinic) == (0, 128, 256)
    place = whole.layout.names.index("sustained")
    assert float(whole.prior.centre[place]) == pytest.approx(0.4, abs=0.03)
    level = whole.layout.names.index("level_0")
    assert float(whole.prior.centre[level]) == pytest.approx(0.6, abs=0.03)
    lost = whole.layout.names.index("k_out")
    assert float(whole.prior.centre[lost]) == pytest.approx(math.log(math.log(2.0) / (24.0 * 7.0)), abs=0.03)
    # what was not estimated is published
    gain = whole.layout.names.index("k_in")
    assert float(whole.prior.centre[gain]) == pytest.approx(float(usual.prior.centre[gain]), abs=1e-9)
    # the density of the mixture is the mean of the densities of its sides
    alone = mixed(usual.prior, usual.prior, 0.0)[0]
    numbers = np.asarray(half.prior.centre)[None] + 0.3 * np.asarray(half.prior.spread)

    def density(prior):
        x = (numbers - np.asarray(prior.centre)) / np.asarray(prior.spread)
        return float(log_density(prior, x)[0]) - float(np.log(np.asarray(prior.spread)).sum())

    assert density(alone) == pytest.approx(density(usual.prior), abs=1e-9)
    every_other = [mixed(usual.prior, whole.prior, weight)[0] for weight in (0.0, 1.0)]
    sides = [density(each) for each in every_other]
    assert min(sides) - 0.3 < density(half.prior) < max(sides) + 0.3


def test_scores_move_the_weight_to_the_side_that_foretold_them(clinic_fit):
    own = read_population(clinic_fit())
    half = belief(load(), Diagnosis.GAD, [find_scale("GAD-7")], 7, clinic=(own, 0.5))
    prior = half.prior
    means = np.asarray(prior.centre + prior.spread * prior.means)
    clinic, published = means[128:], means[:128]
    assert weight_after(prior, 128, clinic) > 0.8
    assert weight_after(prior, 128, published) < 0.2
    assert weight_after(prior, 128, means) == pytest.approx(0.5, abs=0.05)
